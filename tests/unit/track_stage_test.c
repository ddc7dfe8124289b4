/* track_stage_test.c - stages of a matter (fence, repair, reinstate): one
 * after the other, each with its own clock, on the lead's lane alone. */
#include "tests/unit/track_trial.h"

#define PIPE "E0402" /* a water main: 3 h, 8 h, 5 working days */
#define START "2026-03-02T08:40+08:00"

static const char *shown(int64_t at_us)
{
    static char text[INSTANT_TEXT_SIZE];

    if (at_us == INSTANT_NONE)
        return "none";
    instant_print_shanghai(at_us, text);
    text[16] = '\0';
    return text;
}

static struct trial *burst(const char *kind)
{
    struct trial *t;

    track_matter = PIPE;
    t = track_issued(kind, START);
    track_matter = "E0101";
    return t;
}

/* Signed, contacted and arrived; the assist has reported. */
static struct trial *working(void)
{
    struct trial *t = burst("emergency");

    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    track_arrive(t, LEAD);
    return t;
}

static bool complete(struct trial *t, const char *when, const char *stage)
{
    struct task_complete in = {lane_called(LEAD), "", TEXT("")};

    assert_true(text_copy(text_of(stage), in.stage, sizeof(in.stage)));
    trial_at(t, when);
    return track_say(t, "task.complete_stage", OFFICER_OF(LEAD), &in);
}

static const struct lane_clock *running(struct trial *t)
{
    return &lane_in(t, LEAD)->clocks[LANE_CLOCK_STAGE];
}

static bool look(struct trial *t, const char *when)
{
    struct lane_name name = lane_called(LEAD);
    const struct clock_passed in = {
        .subject = lane_subject(&t->batch.arena, &name),
    };

    trial_at(t, when);
    return track_say(t, "clock.passed", "worker/track/", &in);
}

static void each_stage_starts_when_the_one_before_stops(void **state)
{
    static const struct {
        const char *when, *done, *said, *next, *due;
        bool late;
    } steps[] = {
        {"2026-03-02T11:40+08:00", "fence",
         "\"due\":\"2026-03-02T03:40:00Z\",\"on_time\":true,"
         "\"next\":\"repair\",\"next_due\":\"2026-03-02T11:40:00Z\"",
         "repair", "2026-03-02T19:40", false},
        {"2026-03-02T19:40:00.000001+08:00", "repair",
         "\"on_time\":false,\"next\":\"reinstate\"", "reinstate",
         "2026-03-09T17:30", true},
        {"2026-03-09T17:30+08:00", "reinstate", "\"on_time\":true}", "",
         "none", true},
    };
    struct trial *t = working();
    const struct lane_batch *b = t->batch.state;

    (void)state;
    assert_string_equal(lane_in(t, LEAD)->stage, "fence");
    assert_string_equal(shown(running(t)->due_us), "2026-03-02T11:40");
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        int64_t began_us = running(t)->start_us;

        if (!complete(t, steps[i].when, steps[i].done))
            fail_msg("%s: %s", steps[i].done, t->err.sentence);
        assert_said(t, t->count - 1, "task.stage_completed", steps[i].said);
        assert_string_equal(lane_in(t, LEAD)->stage, steps[i].next);
        assert_string_equal(shown(running(t)->due_us), steps[i].due);
        assert_int_equal(lane_in(t, LEAD)->late, steps[i].late);
        assert_int_equal(lane_in(t, LEAD)->state, LANE_ARRIVED);
        assert_string_equal(b->stages->stage, steps[i].done);
        assert_int_equal(b->stages->start_us, began_us);
        assert_int_equal(b->stages->stop_us, t->message.at_us);
    }
    assert_false(complete(t, "2026-03-09T17:31+08:00", "reinstate"));
    assert_refused(t, "no_stage");
    trial_free(t);
}

static void only_the_lead_of_such_a_matter_has_them(void **state)
{
    struct trial *t = burst("emergency");

    (void)state;
    assert_string_equal(lane_in(t, ASSIST)->stage, "");
    assert_false(lane_clock_runs(lane_in(t, ASSIST), LANE_CLOCK_STAGE));
    trial_free(t);
    t = track_issued("emergency", START); /* its rows are printed only */
    assert_string_equal(lane_in(t, LEAD)->stage, "");
    assert_false(lane_clock_runs(lane_in(t, LEAD), LANE_CLOCK_STAGE));
    trial_free(t);
}

static void what_is_out_of_turn_is_refused_and_changes_nothing(void **state)
{
    static const struct {
        const char *actor, *stage, *code, *field;
    } cases[] = {
        {OFFICER_OF(LEAD), "repair", "other_stage", "stage"},
        {OFFICER_OF(LEAD), "lunch", "other_stage", "stage"},
        {OFFICER_OF(ASSIST), "fence", "other_office", "actor"},
    };
    struct trial *t = working();
    const struct task_report report = report_in(LEAD);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct task_complete in = {lane_called(LEAD), "", TEXT("")};
        struct lane before = *lane_in(t, LEAD);

        assert_true(text_copy(text_of(cases[i].stage), in.stage,
                              sizeof(in.stage)));
        assert_false(
            track_say(t, "task.complete_stage", cases[i].actor, &in));
        assert_refused(t, cases[i].code);
        assert_string_equal(t->err.field, cases[i].field);
        assert_memory_equal(&before, lane_in(t, LEAD), sizeof(before));
    }
    assert_false(track_say(t, "task.report", OFFICER_OF(LEAD), &report));
    assert_refused(t, "stage_missing");
    assert_string_equal(t->err.sentence,
                        "须先完成围护 / the stage fence of this matter is not "
                        "done: complete_stage");
    trial_free(t);
}

static void a_stage_turns_yellow_red_and_climbs_the_ladder_by_its_name(void **s)
{
    struct trial *t = working();

    (void)s;
    assert_true(complete(t, "2026-03-02T09:00+08:00", "fence"));
    /* repair: 8 h from 09:00; before it only contact and arrive were due */
    assert_true(look(t, "2026-03-02T15:23+08:00"));
    assert_int_equal(t->count, 0);
    assert_true(look(t, "2026-03-02T15:24+08:00"));
    assert_said(t, 0, "task.yellow", "\"stage\":\"repair\"");
    assert_true(look(t, "2026-03-02T17:00+08:00"));
    assert_said(t, 0, "task.overdue", "\"stage\":\"repair\"");
    assert_said(t, 1, "task.supervised", "CGJ");
    assert_non_null(strstr(t->said[1].data.bytes, "修复时限"));
    assert_int_equal(t->count, 2);
    trial_free(t);
}

static void a_suspension_stops_the_stage_and_gives_it_back(void **state)
{
    struct trial *t = working();
    const struct task_suspend in = suspend_in(LEAD, "2026-03-05");
    const struct task_note back = {lane_called(LEAD), TEXT("")};

    (void)state;
    trial_at(t, "2026-03-02T09:40+08:00");
    MUST_SAY(t, "task.suspend", CLERK, &in);
    assert_string_equal(shown(running(t)->due_us), "none");
    assert_true(complete(t, "2026-03-02T12:40+08:00", "fence"));
    assert_said(t, t->count - 1, "task.stage_completed",
                "\"on_time\":true,\"next\":\"repair\",\"next_due\":null");
    trial_at(t, "2026-03-03T08:00+08:00");
    MUST_SAY(t, "task.resume", CLERK, &back);
    assert_string_equal(shown(running(t)->due_us), "2026-03-03T16:00");
    trial_free(t);
}

/* A grant computes the report's lateness anew; a stage's own stays. */
static void a_late_stage_stays_late_whatever_is_granted(void **state)
{
    struct trial *t = working();
    struct task_extend ask = extend_in(LEAD, "2026-03-02");
    const struct task_note yes = {lane_called(LEAD), TEXT("")};

    (void)state;
    ask.to_date = INT32_MIN;
    ask.add = 24;
    assert_true(complete(t, "2026-03-02T11:41+08:00", "fence"));
    assert_true(lane_in(t, LEAD)->late);
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &ask);
    MUST_SAY(t, "task.grant", CLERK, &yes);
    assert_said(t, t->count - 1, "task.extended", "\"late\":true");
    trial_free(t);
}

static void who_replaces_the_lead_begins_with_the_first_at_the_ruling(void **s)
{
    struct trial *t = working();
    struct task_call call = {.office = "SWJ", .role = LANE_LEAD,
                             .replaces = LEAD};
    const struct task_return back = return_in(LEAD);
    const struct task_rule rule = rule_in(LEAD, LANE_TO_OTHER, "SWJ");

    (void)s;
    assert_true(complete(t, "2026-03-02T10:00+08:00", "fence"));
    MUST_SAY(t, "task.return", OFFICER_OF(LEAD), &back);
    trial_at(t, "2026-03-02T14:00+08:00");
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    track_matter = PIPE;
    assert_true(track_assign(t, "emergency", t->message.at_us, &call, 1));
    track_matter = "E0101";
    assert_string_equal(lane_in(t, "SWJ")->stage, "fence");
    assert_string_equal(
        shown(lane_in(t, "SWJ")->clocks[LANE_CLOCK_STAGE].due_us),
        "2026-03-02T17:00");
    assert_false(lane_clock_runs(lane_in(t, LEAD), LANE_CLOCK_STAGE));
    trial_free(t);
}

static void rework_repeats_no_stage(void **state)
{
    struct trial *t = working();
    const struct task_rework again = {lane_called(LEAD), TEXT("再办")};

    (void)state;
    assert_true(complete(t, "2026-03-02T10:00+08:00", "fence"));
    assert_true(complete(t, "2026-03-02T11:00+08:00", "repair"));
    assert_true(complete(t, "2026-03-02T12:00+08:00", "reinstate"));
    track_report(t, LEAD);
    MUST_SAY(t, "task.rework", CLERK, &again);
    assert_string_equal(lane_in(t, LEAD)->stage, "");
    track_report(t, LEAD);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_starts_when_the_one_before_stops),
        cmocka_unit_test(only_the_lead_of_such_a_matter_has_them),
        cmocka_unit_test(what_is_out_of_turn_is_refused_and_changes_nothing),
        cmocka_unit_test(
            a_stage_turns_yellow_red_and_climbs_the_ladder_by_its_name),
        cmocka_unit_test(a_suspension_stops_the_stage_and_gives_it_back),
        cmocka_unit_test(a_late_stage_stays_late_whatever_is_granted),
        cmocka_unit_test(who_replaces_the_lead_begins_with_the_first_at_the_ruling),
        cmocka_unit_test(rework_repeats_no_stage),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
