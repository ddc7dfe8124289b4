/* track_return_test.c - returns, rulings, and what dispatch answers. */
#include "tests/unit/track_trial.h"

#define START "2026-03-02T08:40+08:00"

/* ---- returns and rulings ---- */

static struct trial *returned(const char *office)
{
    struct trial *t = track_issued("enforcement", START);
    const struct task_return in = return_in(office);

    MUST_SAY(t, "task.return", officer_of(t, office), &in);
    return t;
}

static void a_return_holds_counts_and_stops_nothing(void **state)
{
    struct trial *t = returned(ASSIST);
    const struct task_return in = return_in(ASSIST);
    const struct lane *lane = lane_in(t, ASSIST);

    (void)state;
    assert_said(t, 0, "task.returned", "\"hold\":\"return\"");
    assert_int_equal(t->count, 1);
    assert_int_equal(lane->returns, 1);
    assert_int_equal(lane->state, LANE_ASSIGNED);
    assert_true(lane_clock_runs(lane, LANE_CLOCK_SIGN));
    assert_true(lane_clock_runs(lane, LANE_CLOCK_RULE));
    assert_false(track_say(t, "task.return", OFFICER_OF(ASSIST), &in));
    assert_refused(t, "already_returned");
    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    assert_int_equal(lane->hold, LANE_HOLD_RETURN);
    trial_free(t);
}

static void what_is_forced_is_never_returnable(void **state)
{
    struct trial *t = returned(ASSIST);
    const struct task_rule rule = rule_in(ASSIST, LANE_FORCE, "");
    const struct task_return again = return_in(ASSIST);

    (void)state;
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    assert_said(t, 0, "task.ruled", "\"ruling\":\"force\",\"by\":\"district\"");
    assert_int_equal(t->count, 1);
    assert_int_equal(lane_in(t, ASSIST)->hold, LANE_NO_HOLD);
    assert_false(lane_clock_runs(lane_in(t, ASSIST), LANE_CLOCK_RULE));
    assert_false(track_say(t, "task.return", OFFICER_OF(ASSIST), &again));
    assert_refused(t, "not_returnable");
    assert_false(track_say(t, "task.rule", DISTRICT, &rule));
    assert_refused(t, "nothing_to_rule");
    trial_free(t);
}

static void a_ruling_to_reassign_asks_dispatch_and_keeps_the_lane(void **state)
{
    struct trial *t = returned(ASSIST);
    const struct task_rule rule = rule_in(ASSIST, LANE_TO_OTHER, "GAFJ");
    const struct task_report report = report_in(ASSIST);
    const struct record *asked;

    (void)state;
    trial_at(t, "2026-03-02T10:30+08:00");
    track_arrive(t, ASSIST);
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    assert_non_null(trial_find(t, "task.ruled"));
    assert_said(t, t->count - 1, "whistle.add_lane",
                "\"office\":\"GAFJ\",\"replaces\":\"ZRZY\","
                "\"start\":\"2026-03-02T02:30:00Z\"");
    asked = &t->batch.records[t->count - 1];
    assert_true(text_is(asked->reply,
                        "task.commands|" WHISTLE
                        "|task.reassign_failed|" WHISTLE "/1/" ASSIST));
    assert_int_equal(lane_in(t, ASSIST)->state, LANE_ARRIVED);
    assert_int_equal(lane_in(t, ASSIST)->hold, LANE_HOLD_RETURN);
    assert_false(track_say(t, "task.report", OFFICER_OF(ASSIST), &report));
    assert_refused(t, "being_reassigned");
    assert_false(track_say(t, "task.rule", DISTRICT, &rule));
    assert_refused(t, "nothing_to_rule");
    trial_free(t);
}

static void the_old_lane_ends_when_the_new_one_is_folded(void **state)
{
    struct trial *t = returned(ASSIST);
    const struct task_rule rule = rule_in(ASSIST, LANE_TO_OTHER, "GAFJ");
    struct task_call call = {
        .office = "GAFJ", .role = LANE_ADDED, .replaces = ASSIST};
    const struct lane *lane;

    (void)state;
    trial_at(t, "2026-03-02T10:30+08:00");
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    assert_true(track_assign(t, "enforcement", t->message.at_us, &call, 1));
    assert_said(t, 0, "task.assigned", "\"replaces\":\"ZRZY\"");
    assert_said(t, 1, "task.reassigned", "\"state\":\"reassigned\"");
    assert_said(t, 2, "whistle.lane",
                "\"office\":\"ZRZY\","
                "\"fact\":\"reassigned\"");
    assert_int_equal(t->count, 3);
    lane = lane_in(t, "GAFJ");
    assert_int_equal(lane->start_us, t->message.at_us);
    assert_false(lane->forced);
    assert_false(lane_in(t, ASSIST)->open);
    assert_true(track_assign(t, "enforcement", t->message.at_us, &call, 1));
    assert_int_equal(t->count, 0);
    trial_free(t);
}

static void a_reported_lane_is_not_reassigned(void **state)
{
    struct trial *t = returned(ASSIST);
    const struct task_rule away = rule_in(ASSIST, LANE_TO_OTHER, "GAFJ");
    const struct task_rule keep = rule_in(ASSIST, LANE_FORCE, "");

    (void)state;
    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    assert_false(track_say(t, "task.rule", DISTRICT, &away));
    assert_refused(t, "illegal_transition");
    assert_non_null(strstr(t->err.sentence, "本单已回告,不能改派"));
    MUST_SAY(t, "task.rule", DISTRICT, &keep);
    assert_int_equal(lane_in(t, ASSIST)->state, LANE_REPORTED);
    trial_free(t);
}

static void a_ruling_names_an_office_that_can_take_it(void **state)
{
    static const struct {
        const char *to, *code;
    } cases[] = {
        {"", "required"},
        {"NOBODY", "unknown_office"},
        {LEAD, "office_in_round"},
        {ASSIST, "office_in_round"},
        {"GAFJ", "office_in_round"}, /* on its way for the other */
    };
    struct trial *t = returned(ASSIST);
    const struct task_return back = return_in(LEAD);
    const struct task_rule other = rule_in(LEAD, LANE_TO_OTHER, "GAFJ");

    (void)state;
    MUST_SAY(t, "task.return", OFFICER_OF(LEAD), &back);
    MUST_SAY(t, "task.rule", DISTRICT, &other);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct task_rule in = rule_in(ASSIST, LANE_TO_OTHER, cases[i].to);

        assert_false(track_say(t, "task.rule", DISTRICT, &in));
        assert_refused(t, cases[i].code);
        assert_string_equal(t->err.field, "to");
        assert_int_equal(lane_in(t, ASSIST)->ruling, LANE_UNRULED);
    }
    trial_free(t);
}

static void when_dispatch_cannot_the_return_is_unruled_again(void **state)
{
    struct trial *t = returned(ASSIST);
    const struct task_rule rule = rule_in(ASSIST, LANE_TO_OTHER, "GAFJ");
    const struct task_reassign_failed failed = {
        .subject = TEXT(WHISTLE "/1/" ASSIST),
        .code = TEXT("not_open"),
        .sentence = TEXT("这个哨已在会商"),
    };
    const struct lane *lane = lane_in(t, ASSIST);
    int64_t due_us = lane->clocks[LANE_CLOCK_RULE].due_us;

    (void)state;
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    MUST_SAY(t, "task.reassign_failed", WORKER, &failed);
    assert_said(t, 0, "task.unruled", "\"code\":\"not_open\"");
    assert_int_equal(t->count, 1);
    assert_int_equal(lane->hold, LANE_HOLD_RETURN);
    assert_true(lane_clock_runs(lane, LANE_CLOCK_RULE));
    assert_int_equal(lane->clocks[LANE_CLOCK_RULE].due_us, due_us);
    MUST_SAY(t, "task.reassign_failed", WORKER, &failed);
    assert_int_equal(t->count, 0);
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    assert_int_equal(lane->ruling, LANE_TO_OTHER);
    trial_free(t);
}

static void pass_ruling_due(struct trial *t, const char *office)
{
    struct lane_name name = lane_called(office);
    const struct clock_passed in = {
        .subject = lane_subject(&t->batch.arena, &name),
    };

    trial_at(t, "2026-03-03T17:30+08:00");
    MUST_SAY(t, "clock.passed", "worker/track/", &in);
}

static void a_return_not_ruled_in_time_forces_the_catch_all_office(void **state)
{
    /* CGJ is the catch-all office: here it is in the round already. */
    struct trial *t = returned(ASSIST);

    (void)state;
    pass_ruling_due(t, ASSIST);
    assert_non_null(trial_find(t, "task.ruled"));
    assert_null(trial_find(t, "whistle.add_lane"));
    assert_true(lane_in(t, ASSIST)->forced);
    assert_int_equal(lane_in(t, ASSIST)->hold, LANE_NO_HOLD);
    trial_free(t);
}

static void an_unruled_return_goes_to_the_catch_all_office(void **state)
{
    struct trial *t = returned(ASSIST);
    struct task_call call = {
        .office = LEAD, .role = LANE_ADDED, .replaces = ASSIST};
    const struct task_reassign_failed failed = {
        .subject = TEXT(WHISTLE "/1/" ASSIST),
        .code = TEXT("not_open"),
        .sentence = TEXT("不行"),
    };

    (void)state;
    /* as if the lead were of round 2: the catch-all is not called yet */
    lane_in(t, LEAD)->name.round = 2;
    pass_ruling_due(t, ASSIST);
    assert_said(t, t->count - 2, "task.ruled",
                "\"to\":\"CGJ\","
                "\"by\":\"time\"");
    assert_said(t, t->count - 1, "whistle.add_lane", "\"office\":\"CGJ\"");
    MUST_SAY(t, "task.reassign_failed", WORKER, &failed);
    assert_said(t, 1, "task.ruled", "\"ruling\":\"force\"");
    assert_true(lane_in(t, ASSIST)->forced);
    assert_true(track_assign(t, "enforcement", t->message.at_us, &call, 1));
    assert_true(lane_in(t, LEAD)->forced);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_return_holds_counts_and_stops_nothing),
        cmocka_unit_test(what_is_forced_is_never_returnable),
        cmocka_unit_test(
            a_ruling_to_reassign_asks_dispatch_and_keeps_the_lane),
        cmocka_unit_test(the_old_lane_ends_when_the_new_one_is_folded),
        cmocka_unit_test(a_reported_lane_is_not_reassigned),
        cmocka_unit_test(a_ruling_names_an_office_that_can_take_it),
        cmocka_unit_test(when_dispatch_cannot_the_return_is_unruled_again),
        cmocka_unit_test(
            a_return_not_ruled_in_time_forces_the_catch_all_office),
        cmocka_unit_test(an_unruled_return_goes_to_the_catch_all_office),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
