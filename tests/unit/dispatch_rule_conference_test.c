/* dispatch_rule_conference_test.c - a case cancelled, or talked over. */
#include "tests/unit/dispatch_trial.h"

/* ---- cancelled ---- */

static void cancelling_ends_lanes_and_route(void **state)
{
    struct cancel_in in = {id_of(WHISTLE), TEXT("已自行搬离")};
    struct trial *t = begin_issued(true);

    (void)state;
    assert_false(say(t, "whistle.cancel", OTHER_LEAD, whistle_cancel, &in));
    assert_refused(t, "not_yours");
    assert_true(say(t, "whistle.cancel", CLERK, whistle_cancel, &in));
    assert_said(t, 0, "whistle.cancelled", "已自行搬离");
    assert_said(t, 1, "task.cancel", "\"round\":1");
    assert_said(t, 2, "issue.route_done", "\"outcome\":\"cancelled\"");
    /* the ends of its lanes come after */
    assert_true(say_lane(t, 1, "GDJ", FACT_CANCELLED));
    assert_true(say_lane(t, 1, "CGJ", FACT_CANCELLED));
    assert_int_equal(t->count, 0);
    assert_int_equal(the_whistle(t)->state, WHISTLE_CANCELLED);
    trial_free(t);
}

static void a_draft_is_cancelled_without_a_word_to_track(void **state)
{
    struct cancel_in in = {id_of(WHISTLE), TEXT("误写")};
    struct draft_in draft = a_draft();
    struct trial *t = begin();

    (void)state;
    say_draft(t, &draft, CLERK);
    assert_true(say(t, "whistle.cancel", CLERK, whistle_cancel, &in));
    assert_int_equal(t->count, 1);
    trial_free(t);
}

/* ---- conferences ---- */

static struct trial *begin_conference(void)
{
    struct trial *t = begin_issued(true);
    struct wire_office offices[] = {{"CGJ"}, {"GAFJ"}};
    struct confer_in in = {
        .whistle = id_of(WHISTLE), .offices = {offices, 2}, .at = INSTANT_NONE};

    assert_true(say(t, "whistle.confer", LEAD, whistle_confer, &in));
    assert_said(t, 0, "whistle.conferred", "\"offices\":[\"CGJ\",\"GAFJ\"]");
    return t;
}

static void a_conference_resumes_closes_or_cancels(void **state)
{
    static const struct {
        enum outcome outcome;
        enum whistle_state state;
        const char *done;
    } rows[] = {
        {OUTCOME_RESUME, WHISTLE_ISSUED, NULL},
        {OUTCOME_CLOSED, WHISTLE_CLOSED, "\"outcome\":\"closed\""},
        {OUTCOME_CANCELLED, WHISTLE_CANCELLED, "\"outcome\":\"cancelled\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial *t = begin_conference();

        assert_true(say_conclude(t, rows[i].outcome));
        assert_int_equal(the_whistle(t)->state, rows[i].state);
        assert_said(t, 0, "whistle.concluded", "三日内清理");
        if (rows[i].done) {
            assert_said(t, 1, "task.cancel", NULL);
            assert_said(t, 2, "issue.route_done", rows[i].done);
        } else {
            assert_int_equal(t->count, 1);
        }
        trial_free(t);
    }
}

static void lanes_that_end_during_a_conference_close_it_on_resuming(void **s)
{
    struct trial *t = begin_conference();

    (void)s;
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, 1, "CGJ", FACT_ACCEPTED));
    assert_int_equal(the_whistle(t)->state, WHISTLE_CONFERENCE);
    assert_true(say_conclude(t, OUTCOME_RESUME));
    assert_said(t, 0, "whistle.concluded", "\"state\":\"issued\"");
    assert_said(t, 1, "whistle.closed", NULL);
    assert_said(t, 2, "issue.route_done", "\"outcome\":\"closed\"");
    trial_free(t);
}

static void unknown_offices_cannot_confer(void **state)
{
    struct trial *t = begin_issued(false);
    struct wire_office offices[] = {{"CGJ"}, {"NOBODY"}};
    struct confer_in in = {.whistle = id_of(WHISTLE), .offices = {offices, 2}};

    (void)state;
    assert_false(say(t, "whistle.confer", LEAD, whistle_confer, &in));
    assert_refused(t, "unknown_office");
    assert_string_equal(t->err.field, "offices[1]");
    assert_false(say(t, "whistle.confer", OTHER_LEAD, whistle_confer, &in));
    assert_refused(t, "not_yours");
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancelling_ends_lanes_and_route),
        cmocka_unit_test(a_draft_is_cancelled_without_a_word_to_track),
        cmocka_unit_test(a_conference_resumes_closes_or_cancels),
        cmocka_unit_test(
            lanes_that_end_during_a_conference_close_it_on_resuming),
        cmocka_unit_test(unknown_offices_cannot_confer),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
