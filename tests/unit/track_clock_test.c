/* track_clock_test.c - the clocks of a lane with the real limits and calendar.
 */
#include "tests/unit/track_trial.h"

#include "common/city/reference_table.h"

/* Stands for the loaded versions: 2 is what edit made of the repository's. */
static struct reference *later;

const struct reference *reference_pinned(int64_t version)
{
    if (version == 1)
        return track_reference;
    return version == 2 ? later : NULL;
}

static int64_t at(const char *text)
{
    int64_t at_us;

    assert_true(instant_parse(text_of(text), &at_us));
    return at_us;
}

static void assert_at(int64_t at_us, const char *wanted)
{
    char text[INSTANT_TEXT_SIZE] = "none";

    if (at_us != INSTANT_NONE)
        instant_print_shanghai(at_us, text);
    assert_string_equal(text, wanted);
}

static bool look(struct trial *t, const char *office, const char *when)
{
    struct lane_name name = lane_called(office);
    struct clock_passed in = {
        .subject = lane_subject(&t->batch.arena, &name),
        .due = lane_in(t, office)->next_due_us,
        .look = lane_in(t, office)->look,
    };

    trial_at(t, when);
    return track_say(t, "clock.passed", "worker/track/", &in);
}

static void every_clock_of_a_new_lane_runs_from_the_whistle(void **state)
{
    static const struct {
        const char *kind, *start;
        const char *sign, *contact, *arrive, *resolve, *next;
    } cases[] = {
        {"enforcement", "2026-03-02T08:40+08:00", "2026-03-02T10:00:00+08:00",
         "2026-03-03T08:40:00+08:00", "2026-03-05T17:30:00+08:00",
         "2026-03-16T17:30:00+08:00", "2026-03-02T09:30:00+08:00"},
        {"priority", "2026-03-02T11:30+08:00", "2026-03-02T14:00:00+08:00",
         "2026-03-03T11:30:00+08:00", "2026-03-09T17:30:00+08:00",
         "2026-03-23T17:30:00+08:00", "2026-03-02T12:00:00+08:00"},
        {"emergency", "2026-03-07T23:00+08:00", "2026-03-07T23:10:00+08:00",
         "2026-03-07T23:15:00+08:00", "2026-03-07T23:30:00+08:00",
         "2026-03-08T23:00:00+08:00", "2026-03-07T23:05:00+08:00"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = track_issued(cases[i].kind, cases[i].start);
        const struct lane *lane = lane_in(t, ASSIST);

        assert_at(lane->clocks[LANE_CLOCK_SIGN].due_us, cases[i].sign);
        assert_at(lane->clocks[LANE_CLOCK_CONTACT].due_us, cases[i].contact);
        assert_at(lane->clocks[LANE_CLOCK_ARRIVE].due_us, cases[i].arrive);
        assert_at(lane->clocks[LANE_CLOCK_RESOLVE].due_us, cases[i].resolve);
        assert_at(lane->next_due_us, cases[i].next);
        assert_false(lane_clock_runs(lane, LANE_CLOCK_ACCEPT));
        assert_int_equal(lane->gap, INT32_MIN);
        trial_free(t);
    }
}

static void each_mark_is_said_once_when_its_time_has_come(void **state)
{
    static const struct {
        const char *when, *said[3], *next;
    } steps[] = {
        {"2026-03-02T09:29:59+08:00", {NULL}, "2026-03-02T09:30:00+08:00"},
        {"2026-03-02T09:30+08:00",
         {"whistle.lane"},
         "2026-03-02T09:48:00+08:00"},
        {"2026-03-02T09:48+08:00",
         {"task.yellow"},
         "2026-03-02T10:00:00+08:00"},
        {"2026-03-02T10:00+08:00",
         {"task.overdue", "task.supervised"},
         "2026-03-02T11:00:00+08:00"},
        {"2026-03-02T11:00:01+08:00",
         {"task.supervised"},
         "2026-03-03T03:52:00+08:00"},
        {"2026-03-02T11:30+08:00", {NULL}, "2026-03-03T03:52:00+08:00"},
    };
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    const struct lane *lane = lane_in(t, LEAD);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        size_t count = 0;

        assert_true(look(t, LEAD, steps[i].when));
        for (; count < 3 && steps[i].said[count]; count++)
            assert_said(t, count, steps[i].said[count],
                        count == 0 && i > 1 ? "\"stage\":\"sign\"" : NULL);
        assert_int_equal(t->count, count);
        assert_at(lane->next_due_us, steps[i].next);
        assert_int_equal(lane->look, i + 1);
        assert_int_equal(lane->state, LANE_ASSIGNED);
    }
    trial_free(t);
}

static void a_look_far_too_late_says_all_that_has_passed(void **state)
{
    struct trial *t = track_issued("emergency", "2026-03-02T08:40+08:00");

    (void)state;
    assert_true(look(t, LEAD, "2026-03-02T09:02+08:00"));
    assert_said(t, 0, "whistle.lane",
                "\"fact\":\"unsigned_half\","
                "\"officer\":\"o-CGJ-1\"");
    assert_said(t, 1, "task.yellow", "\"stage\":\"sign\"");
    assert_said(t, 2, "task.overdue", "\"stage\":\"sign\"");
    assert_said(t, 3, "task.supervised", "\"step\":\"urge\"");
    assert_said(t, 4, "task.supervised", "\"step\":\"written\"");
    assert_said(t, 5, "task.yellow", "\"stage\":\"contact\"");
    assert_said(t, 6, "task.overdue", "\"stage\":\"contact\"");
    assert_said(t, 7, "task.supervised", "\"step\":\"urge\"");
    assert_int_equal(t->count, 8);
    trial_free(t);
}

/* 24 urgent hours: one step for each further limit used up. */
static void each_step_of_the_ladder_hands_out_a_document_once(void **state)
{
    static const char *const steps[] = {
        "\"step\":\"urge\"", "\"step\":\"written\"",
        "\"step\":\"joint\"", "\"step\":\"bulletin\""};
    struct trial *t = track_issued("emergency", "2026-03-02T08:40+08:00");
    const struct lane_batch *b = t->batch.state;

    (void)state;
    track_arrive(t, LEAD);
    for (int day = 0; day < 4; day++) {
        char when[40];

        snprintf(when, sizeof(when), "2026-03-%02dT08:40+08:00", 3 + day);
        assert_true(look(t, LEAD, when));
        assert_said(t, t->count - 1, "task.supervised", steps[day]);
        assert_non_null(
            strstr(t->said[t->count - 1].data.bytes, "\"stage\":\"resolve\""));
        assert_string_equal(b->documents->stage, "resolve");
        assert_true(text_starts(b->documents->number, "督202603"));
        assert_true(look(t, LEAD, when));
        assert_int_equal(t->count, 0);
    }
    trial_free(t);
}

static void what_is_done_at_its_due_is_on_time(void **state)
{
    static const struct {
        const char *when;
        bool late;
        size_t said;
    } cases[] = {
        {"2026-03-02T09:29+08:00", false, 2}, /* signed, whistle.lane */
        {"2026-03-02T10:00+08:00", false, 3}, /* and yellow before */
        {"2026-03-02T10:00:00.000001+08:00", true, 5}, /* overdue, urge */
    };
    const struct task_stage in = stage_in(LEAD);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");

        trial_at(t, cases[i].when);
        MUST_SAY(t, "task.sign", OFFICER_OF(LEAD), &in);
        assert_int_equal(t->count, cases[i].said);
        assert_said(t, t->count - 2, "task.signed",
                    cases[i].late ? "\"on_time\":false" : "\"on_time\":true");
        assert_said(t, t->count - 1, "whistle.lane", "\"fact\":\"signed\"");
        assert_int_equal(lane_in(t, LEAD)->late, cases[i].late);
        assert_at(lane_in(t, LEAD)->next_due_us, "2026-03-03T03:52:00+08:00");
        trial_free(t);
    }
}

static void an_ended_lane_answers_no_clock(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    struct task_cancel in = {.round = 1, .why = TEXT("已整改")};

    (void)state;
    in.whistle = lane_called("").whistle;
    MUST_SAY(t, "task.cancel", WORKER, &in);
    assert_at(lane_in(t, LEAD)->next_due_us, "none");
    assert_true(look(t, LEAD, "2026-04-02T10:00+08:00"));
    assert_int_equal(t->count, 0);
    trial_free(t);
}

static void a_date_without_calendar_is_noted_and_never_guessed(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-12-28T08:40+08:00");
    const struct lane *lane = lane_in(t, LEAD);
    char gap[DATE_TEXT_SIZE];

    (void)state;
    date_print(lane->gap, gap);
    assert_string_equal(gap, "2027-01-01");
    assert_at(lane->clocks[LANE_CLOCK_ARRIVE].due_us,
              "2026-12-31T17:30:00+08:00");
    assert_at(lane->clocks[LANE_CLOCK_RESOLVE].due_us, "none");
    assert_true(lane_clock_runs(lane, LANE_CLOCK_RESOLVE));
    assert_at(lane->next_due_us, "2026-12-28T09:30:00+08:00");
    trial_free(t);
}

/* Replaces the first `from` in the named file. */
static void replace(const char *name, struct buf *body, const char *file,
                    const char *from, const char *to)
{
    AUTO(buf) struct buf new = {0};
    char *found;

    if (strcmp(name, file) != 0)
        return;
    found = strstr(buf_string(body), from);
    assert_non_null(found);
    buf_put(&new, body->bytes, (size_t)(found - body->bytes));
    buf_print(&new, "%s%s", to, found + strlen(from));
    buf_reset(body);
    buf_put(body, new.bytes, new.size);
}

static void sign_takes_two_hours(const char *name, struct buf *body)
{
    replace(name, body, "limits.csv", "enforcement,sign,working_hour,1,",
            "enforcement,sign,working_hour,2,");
}

static void a_changed_row_moves_the_due(void **state)
{
    struct reference *kept = track_reference;
    struct trial *t;

    (void)state;
    track_reference = trial_reference(sign_takes_two_hours);
    t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    assert_at(lane_in(t, LEAD)->clocks[LANE_CLOCK_SIGN].due_us,
              "2026-03-02T11:00:00+08:00");
    trial_free(t);
    reference_free(track_reference);
    track_reference = kept;
}

static void weeks_reach_to_2027(const char *name, struct buf *body)
{
    replace(name, body, "calendar_weeks.csv", "2026-12-31", "2027-12-31");
    if (strcmp(name, "holidays.csv") == 0)
        buf_print(body, "2027-01-01,holiday,元旦,\n");
    sign_takes_two_hours(name, body);
}

static void a_changed_calendar_moves_running_dues_but_no_limit(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-12-28T08:40+08:00");
    const struct reference_changed in = {.version = 2};
    const struct lane *lane = lane_in(t, LEAD);

    (void)state;
    assert_false(track_say(t, "reference.changed", WORKER, &in));
    assert_int_equal(t->err.kind, ERR_RETRY);
    later = trial_reference(weeks_reach_to_2027);
    later->version = 2;
    MUST_SAY(t, "reference.changed", WORKER, &in);
    assert_said(t, 0, "task.rescheduled", "\"office\":\"CGJ\"");
    assert_said(t, 1, "task.rescheduled", "\"office\":\"ZRZY\"");
    assert_int_equal(t->count, 2);
    assert_true(lane->clocks[LANE_CLOCK_RESOLVE].due_us != INSTANT_NONE);
    assert_int_equal(lane->gap, INT32_MIN);
    assert_at(lane->clocks[LANE_CLOCK_SIGN].due_us,
              "2026-12-28T10:00:00+08:00");
    MUST_SAY(t, "reference.changed", WORKER, &in);
    assert_int_equal(t->count, 0);
    trial_free(t);
    reference_free(later);
    later = NULL;
}

static void a_version_that_is_not_loaded_is_waited_for(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    struct task_assign in = {.round = 2, .reference_version = 7};

    (void)state;
    in.whistle = lane_called("").whistle;
    assert_false(track_say(t, "task.assign", WORKER, &in));
    assert_int_equal(t->err.kind, ERR_RETRY);
    assert_string_equal(t->err.code, "no_reference");
    trial_free(t);
}

static void rework_and_acceptance_have_clocks_of_their_own(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    const struct task_rework in = {lane_called(ASSIST), TEXT("清运")};
    const struct lane *lane = lane_in(t, ASSIST);

    (void)state;
    trial_at(t, "2026-03-02T09:10+08:00");
    track_arrive(t, ASSIST);
    trial_at(t, "2026-03-03T10:00+08:00");
    track_report(t, ASSIST);
    assert_int_equal(lane->clocks[LANE_CLOCK_RESOLVE].stop_us,
                     at("2026-03-03T10:00+08:00"));
    assert_at(lane->clocks[LANE_CLOCK_ACCEPT].due_us,
              "2026-03-05T17:30:00+08:00");
    trial_at(t, "2026-03-04T10:00+08:00");
    MUST_SAY(t, "task.rework", CLERK, &in);
    assert_at(lane->clocks[LANE_CLOCK_REWORK].due_us,
              "2026-03-18T17:30:00+08:00");
    assert_false(lane_clock_runs(lane, LANE_CLOCK_ACCEPT));
    trial_at(t, "2026-03-19T09:00+08:00");
    track_report(t, ASSIST);
    assert_said(t, t->count - 2, "task.reported", "\"report\":2");
    assert_true(lane->late);
    assert_int_equal(lane->clocks[LANE_CLOCK_RESOLVE].stop_us,
                     at("2026-03-03T10:00+08:00"));
    assert_true(lane_clock_runs(lane, LANE_CLOCK_ACCEPT));
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_clock_of_a_new_lane_runs_from_the_whistle),
        cmocka_unit_test(each_mark_is_said_once_when_its_time_has_come),
        cmocka_unit_test(a_look_far_too_late_says_all_that_has_passed),
        cmocka_unit_test(each_step_of_the_ladder_hands_out_a_document_once),
        cmocka_unit_test(what_is_done_at_its_due_is_on_time),
        cmocka_unit_test(an_ended_lane_answers_no_clock),
        cmocka_unit_test(a_date_without_calendar_is_noted_and_never_guessed),
        cmocka_unit_test(a_changed_row_moves_the_due),
        cmocka_unit_test(a_changed_calendar_moves_running_dues_but_no_limit),
        cmocka_unit_test(a_version_that_is_not_loaded_is_waited_for),
        cmocka_unit_test(rework_and_acceptance_have_clocks_of_their_own),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
