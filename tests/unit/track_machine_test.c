/* track_machine_test.c - every state of a lane × every command × every role.
 */
#include "services/track/story.h"
#include "tests/unit/track_trial.h"

/* What domain.md §2 allows: one row a state, one column a command. */
static const char *const verbs[] = {
    "task.sign",   "task.contact", "task.arrive", "task.start",
    "task.report", "task.return",  "task.rule",   "task.accept",
    "task.rework", "task.excuse",  "task.suspend", "task.resume",
    "task.extend", "task.grant",   "task.deny",   "task.complete_stage",
    "task.claim",  "task.hand_over", "task.take_back", NULL,
};
enum { SUSPEND = 10, RESUME, EXTEND, GRANT, DENY, COMPLETE, CLAIM, OVER,
       TAKE };
/* The state after: its letter below, = it stays, - refused. */
static const struct {
    enum lane_state from;
    const char *to;
} machine[] = {
    /* clang-format off */
    /*                  sign
     *                  |contact
     *                  ||arrive
     *                  |||start
     *                  ||||report
     *                  |||||return
     *                  ||||||rule
     *                  |||||||accept
     *                  ||||||||rework
     *                  |||||||||excuse
     *                  ||||||||||suspend
     *                  |||||||||||resume
     *                  ||||||||||||extend
     *                  |||||||||||||grant
     *                  ||||||||||||||deny
     *                  |||||||||||||||complete_stage
     *                  ||||||||||||||||claim, hand_over, take_back */
    { LANE_ASSIGNED,   "s----==--x------===" },
    { LANE_SIGNED,     "-cawr==--x=========" },
    { LANE_CONTACTED,  "--awr==--x=========" },
    { LANE_ARRIVED,    "---wr==--x=========" },
    { LANE_WORKING,    "----r==--x=========" },
    { LANE_REPORTED,   "------=ykx---==----" },
    { LANE_REWORK,     "---wr==--x=========" },
    { LANE_ACCEPTED,   "-------------------" },
    { LANE_REASSIGNED, "-------------------" },
    { LANE_CANCELLED,  "-------------------" },
    { LANE_EXCUSED,    "-------------------" },
    /* clang-format on */
};

static enum lane_state state_of(char letter, enum lane_state before)
{
    static const char letters[] = "?scawrky??x"; /* by enum lane_state */

    return letter == '=' ? before
                         : (enum lane_state)(strchr(letters, letter) - letters);
}

/* The office's own words, a street's too where it is the office called. */
static bool is_of_office(size_t verb)
{
    return verb <= 5 || verb == EXTEND || verb >= COMPLETE;
}

/* Who may say it, with the office that it is for. */
static bool role_may(int role, size_t verb)
{
    bool street = role == ROLE_STREET_CLERK || role == ROLE_STREET_LEAD;
    bool office = role == ROLE_OFFICER || role == ROLE_OFFICE_LEAD;
    bool district =
        role == ROLE_DISTRICT_DISPATCH || role == ROLE_DISTRICT_LEAD;

    if (verb == TAKE) /* the desk's */
        return role == ROLE_OFFICE_LEAD || street || role == ROLE_COMMUNITY;
    if (is_of_office(verb))
        return office || street || role == ROLE_COMMUNITY;
    if (verb == 6)
        return district;
    return street || role == ROLE_OFFICE_LEAD ||
           role == ROLE_DISTRICT_DISPATCH ||
           (verb >= SUSPEND && role == ROLE_DISTRICT_LEAD);
}

union body {
    struct task_stage stage;
    struct task_report report;
    struct task_return back;
    struct task_rule rule;
    struct task_accept accept;
    struct task_rework rework;
    struct task_excuse excuse;
    struct task_suspend suspend;
    struct task_extend extend;
    struct task_note note;
    struct task_complete complete;
    struct task_hold hold;
};

static union body later_body_of(size_t verb)
{
    union body b;

    if (verb == SUSPEND)
        b.suspend = suspend_in(LEAD, "2026-03-20");
    else if (verb == EXTEND)
        b.extend = extend_in(LEAD, "2026-03-20");
    else if (verb == COMPLETE)
        b.complete = (struct task_complete){lane_called(LEAD), "fence",
                                            TEXT("")};
    else if (verb > COMPLETE)
        b.hold = (struct task_hold){.lane = lane_called(LEAD), .to = "y"};
    else
        b.note = (struct task_note){lane_called(LEAD), TEXT("同意")};
    return b;
}

static union body body_of(size_t verb)
{
    union body b;

    if (verb <= 3)
        b.stage = stage_in(LEAD);
    else if (verb == 4)
        b.report = report_in(LEAD);
    else if (verb == 5)
        b.back = return_in(LEAD);
    else if (verb == 6)
        b.rule = rule_in(LEAD, LANE_FORCE, "");
    else if (verb == 7)
        b.accept = accept_in(LEAD);
    else if (verb == 8)
        b.rework = (struct task_rework){lane_called(LEAD), TEXT("再办")};
    else if (verb == 9)
        b.excuse =
            (struct task_excuse){lane_called(LEAD), "not_needed", TEXT("")};
    else
        b = later_body_of(verb);
    return b;
}

/* A lane as it may stand in this state before the verb; its required stages
 * are done, and it reports for the first time. */
static void put_state(struct trial *t, enum lane_state state, size_t verb)
{
    struct lane *lane = lane_in(t, LEAD);

    lane->state = state;
    lane->open = state < LANE_ACCEPTED;
    lane->hold = LANE_NO_HOLD;
    if (verb == 6 && lane->open)
        lane->hold = LANE_HOLD_RETURN;
    if (verb == RESUME && lane->open) {
        lane->hold = LANE_HOLD_SUSPENDED;
        lane->review_us = t->message.at_us + DAY_US;
        story_pause(&lane->story, &t->batch.arena, t->message.at_us,
                    TEXT("winter"));
    }
    if ((verb == GRANT || verb == DENY) && lane->open) {
        lane->story.asks = true;
        lane->story.ask = (struct lane_extension){
            .of = LANE_CLOCK_RESOLVE,
            .clock = {t->message.at_us, 0,
                      extend_in(LEAD, "2026-03-20").to_date},
        };
    }
    if (verb == COMPLETE)
        memcpy(lane->stage, "fence", sizeof("fence"));
    if (verb > COMPLETE) { /* p-1 is who speaks */
        memset(lane->holder, 0, sizeof(lane->holder));
        memcpy(lane->holder, "p-1", verb == OVER ? 3 : 0);
        memcpy(lane->holder, "x", verb == TAKE ? 1 : 0);
    }
    lane->clocks[LANE_CLOCK_CONTACT].stop_us = t->message.at_us;
    lane->clocks[LANE_CLOCK_ARRIVE].stop_us = t->message.at_us;
    lane_in(t, ASSIST)->state = LANE_REPORTED;
}

static void check_cell(struct trial *t, size_t row, size_t verb, int role)
{
    char to = machine[row].to[verb];
    bool wanted = to != '-' && role_may(role, verb);
    union body in = body_of(verb);
    struct lane *lane = lane_in(t, LEAD);
    struct lane before;
    char actor[80];

    snprintf(actor, sizeof(actor), "%s/%s/p-1", role_names[role],
             is_of_office(verb) ? LEAD
             : verb == 6 || (verb > 9 && role >= ROLE_DISTRICT_DISPATCH)
                 ? "530103"
                 : STREET);
    put_state(t, machine[row].from, verb);
    before = *lane;
    if (track_say(t, verbs[verb], actor, &in) != wanted)
        fail_msg("%s in %s by %s: wanted %d (%s)", verbs[verb],
                 lane_states[machine[row].from], role_names[role], wanted,
                 t->err.sentence);
    if (!wanted) {
        assert_memory_equal(&before, lane, sizeof(before));
        assert_int_equal(t->err.kind, ERR_REJECT);
        assert_true(t->err.sentence[0] && t->err.field[0]);
        assert_in_range(text_length(text_of(t->err.sentence)), 1, 256);
        return;
    }
    assert_string_equal(lane_states[lane->state],
                        lane_states[state_of(to, before.state)]);
    assert_true(lane->version > before.version);
    assert_int_equal(lane->open, lane->state < LANE_ACCEPTED);
}

static void each_cell_of_the_machine_is_as_the_domain_says(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(machine); row++)
        for (size_t verb = 0; verbs[verb]; verb++)
            for (int role = 0; role < ROLE_WORKER; role++) {
                struct trial *t =
                    track_issued("enforcement", "2026-03-02T08:40+08:00");

                check_cell(t, row, verb, role);
                trial_free(t);
            }
}

static void a_refusal_names_the_state_and_what_is_allowed(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    const struct task_stage in = stage_in(LEAD);

    (void)state;
    assert_false(track_say(t, "task.arrive", OFFICER_OF(LEAD), &in));
    assert_refused(t, "illegal_transition");
    assert_string_equal(
        t->err.sentence,
        "本单待签收,不能到场;现在可:签收、退单(被叫单位);免办(吹哨单位) / a "
        "lane that is assigned cannot take arrive; allowed now: sign, return "
        "(office called); excuse (who whistled)");
    trial_free(t);
}

static void a_required_stage_is_not_skipped(void **state)
{
    static const char *const later[] = {"task.arrive", "task.start",
                                        "task.report"};
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    const struct task_stage in = stage_in(LEAD);

    (void)state;
    lane_in(t, ASSIST)->state = LANE_REPORTED;
    MUST_SAY(t, "task.sign", OFFICER_OF(LEAD), &in);
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        const struct task_report report = report_in(LEAD);

        assert_false(track_say(t, later[i], OFFICER_OF(LEAD),
                               i == 2 ? (const void *)&report : &in));
        assert_refused(t, "stage_missing");
        assert_string_equal(t->err.sentence,
                            "须先联系 / a lane that is signed needs contact "
                            "first; allowed now: contact");
    }
    trial_free(t);
}

static void a_stage_that_the_kind_does_not_require_may_be_skipped(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    const struct kind *kind = reference_kind(track_reference, "enforcement");
    unsigned required = kind->required_stages;
    const struct task_stage in = stage_in(ASSIST);

    (void)state;
    ((struct kind *)kind)->required_stages = 1U << STAGE_SIGN;
    MUST_SAY(t, "task.sign", OFFICER_OF(ASSIST), &in);
    MUST_SAY(t, "task.arrive", OFFICER_OF(ASSIST), &in);
    assert_int_equal(lane_in(t, ASSIST)->state, LANE_ARRIVED);
    track_report(t, ASSIST);
    ((struct kind *)kind)->required_stages = required;
    trial_free(t);
}

static void
only_the_called_office_and_the_street_that_whistled_speak(void **state)
{
    static const struct {
        const char *type, *actor;
        size_t verb;
        enum lane_state from;
    } cases[] = {
        {"task.sign", OFFICER_OF(ASSIST), 0, LANE_ASSIGNED},
        {"task.report", "office_lead/GAFJ/p-1", 4, LANE_ARRIVED},
        {"task.accept", "street_lead/530103004000/p-1", 7, LANE_REPORTED},
        {"task.excuse", "street_clerk/530103004000/p-1", 9, LANE_ASSIGNED},
        {"task.rule", "district_dispatch/530102/p-1", 6, LANE_ASSIGNED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
        union body in = body_of(cases[i].verb);

        put_state(t, cases[i].from, cases[i].verb);
        assert_false(track_say(t, cases[i].type, cases[i].actor, &in));
        assert_refused(t, "other_office");
        assert_string_equal(t->err.field, "actor");
        trial_free(t);
    }
}

static void what_was_not_called_is_refused_by_name(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    struct task_stage in = stage_in("GAFJ");

    (void)state;
    assert_false(track_say(t, "task.sign", OFFICER_OF("GAFJ"), &in));
    assert_refused(t, "no_such_lane");
    in = stage_in(LEAD);
    in.lane.whistle.bytes[15] ^= 1;
    assert_false(track_say(t, "task.sign", OFFICER_OF(LEAD), &in));
    assert_refused(t, "wrong_key");
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_of_the_machine_is_as_the_domain_says),
        cmocka_unit_test(a_refusal_names_the_state_and_what_is_allowed),
        cmocka_unit_test(a_required_stage_is_not_skipped),
        cmocka_unit_test(a_stage_that_the_kind_does_not_require_may_be_skipped),
        cmocka_unit_test(
            only_the_called_office_and_the_street_that_whistled_speak),
        cmocka_unit_test(what_was_not_called_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
