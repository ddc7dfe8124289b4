/* dispatch_rule_again_test.c - one press, one more office, the district asked,
 * the first receiver. P0105 is GDJ's with CGJ in the duty list. */
#include "tests/unit/dispatch_trial.h"

#define FIRST "office_lead/GDJ/g-9"
#define SECOND "office_lead/CGJ/c-9"

static bool press(struct trial *t, const char *actor)
{
    return say_plain(t, "whistle.again", actor, whistle_again);
}

static void close_round(struct trial *t, int64_t round)
{
    assert_true(say_lane(t, round, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, round, "CGJ", FACT_ACCEPTED));
}

static void one_press_blows_again_and_keeps_what_was(void **state)
{
    struct trial *t = begin_issued(false);

    (void)state;
    for (int64_t round = 1; round < 8; round++) {
        close_round(t, round);
        assert_true(press(t, CLERK));
        assert_said(t, 0, "whistle.issued", "\"lead\":\"GDJ\"");
        assert_said(t, 1, "task.assign", "夜间占道烧烤");
        assert_int_equal(the_whistle(t)->past->round, round);
        assert_true(the_whistle(t)->past->ended_at_us != INSTANT_NONE);
    }
    assert_int_equal(the_whistle(t)->round, 8);
    trial_free(t);
}

static void a_press_may_say_what_is_new_and_whom_to_call(void **state)
{
    static struct wire_office assist[] = {{"SWJ"}};
    struct again_in in = {.whistle = id_of(WHISTLE),
                          .facts = TEXT("又堆上了"),
                          .lead = "ZJJ",
                          .assists = {assist, 1}};
    struct trial *t = begin_issued(false);

    (void)state;
    close_round(t, 1);
    assert_true(say(t, "whistle.again", CLERK, whistle_again, &in));
    assert_said(t, 0, "whistle.issued",
                "\"lead\":\"ZJJ\",\"assists\":[\"SWJ\"]");
    assert_said(t, 1, "task.assign", "\"facts\":\"又堆上了\"");
    trial_free(t);
}

static void the_case_of_an_issue_follows_its_issue(void **state)
{
    struct trial *t = begin_issued(true);

    (void)state;
    close_round(t, 1);
    assert_false(press(t, CLERK));
    assert_refused(t, "has_issue");
    assert_int_equal(the_whistle(t)->state, WHISTLE_CLOSED);
    assert_null(the_whistle(t)->past);
    trial_free(t);
}

static bool add(struct trial *t, const char *actor, const char *office)
{
    struct add_lane_in in = {id_of(WHISTLE), INT_ABSENT, "", "", INSTANT_NONE};
    const void *kept;

    assert_true(text_copy(text_of(office), in.office, sizeof(in.office)));
    kept = arena_copy(&t->batch.arena, &in, sizeof(in));
    return say(t, "whistle.add_lane", actor, whistle_add_lane, kept);
}

static void who_whistles_or_was_called_first_adds_an_office(void **state)
{
    static const struct {
        const char *actor, *office, *code;
    } cases[] = {
        {CLERK, "SWJ", NULL},
        {DISTRICT, "GAFJ", NULL},
        {FIRST, "BBT", NULL}, /* 首接负责 */
        {SECOND, "ZJJ", "not_yours"},
        {OTHER_LEAD, "ZJJ", "not_yours"},
        {CLERK, "SWJ", "in_round"},
        {CLERK, "NOBODY", "unknown_office"},
        {CLERK, "530103", "wrong_direction"},
    };
    struct trial *t = begin_issued(false);

    (void)state;
    trial_at(t, "2026-03-03T10:00+08:00");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool done = add(t, cases[i].actor, cases[i].office);

        if (done != !cases[i].code)
            fail_msg("case %zu: %s", i, t->err.sentence);
        if (cases[i].code) {
            assert_refused(t, cases[i].code);
            continue;
        }
        assert_said(t, 0, "whistle.lane_added", "\"role\":\"added\"");
        /* its clocks start now, not when the others' did */
        assert_said(t, 1, "task.assign", "\"start\":\"2026-03-03T02:00:00Z\"");
    }
    assert_int_equal(whistle_open_calls(the_whistle(t), 1), 5);
    trial_free(t);
}

static void a_person_cannot_replace_a_lane(void **state)
{
    struct add_lane_in in = {id_of(WHISTLE), 1, "ZJJ", "GDJ", 5};
    struct trial *t = begin_issued(false);

    (void)state;
    assert_false(say(t, "whistle.add_lane", LEAD, whistle_add_lane, &in));
    assert_refused(t, "not_allowed");
    in.start = INSTANT_NONE;
    assert_false(say(t, "whistle.add_lane", TRACK, whistle_add_lane, &in));
    assert_refused(t, "required");
    trial_free(t);
}

static bool confer(struct trial *t, const char *actor)
{
    static struct wire_office both[] = {{"CGJ"}, {"GAFJ"}};
    struct confer_in in = {
        .whistle = id_of(WHISTLE), .offices = {both, 2}, .at = INSTANT_NONE};

    return say(t, "whistle.confer", actor, whistle_confer, &in);
}

static void the_first_receiver_calls_a_conference_but_ends_no_case(void **s)
{
    struct trial *t = begin_issued(false);
    struct conclude_in end = {.whistle = id_of(WHISTLE),
                              .minutes = TEXT("各办各的"),
                              .outcome = OUTCOME_CLOSED};

    (void)s;
    assert_false(confer(t, SECOND));
    assert_refused(t, "not_yours");
    assert_true(confer(t, FIRST));
    assert_true(text_is(the_whistle(t)->conferred, "CGJ,GAFJ"));
    assert_true(text_is(t->said[0].scope,
                        COMMUNITY "," STREET ",CGJ,GDJ,CGJ,GAFJ"));
    assert_false(say(t, "whistle.conclude", FIRST, whistle_conclude, &end));
    assert_refused(t, "not_yours");
    end.outcome = OUTCOME_RESUME;
    assert_true(say(t, "whistle.conclude", FIRST, whistle_conclude, &end));
    assert_int_equal(the_whistle(t)->state, WHISTLE_ISSUED);
    trial_free(t);
}

static void the_district_is_asked_once_and_nothing_else_changes(void **state)
{
    struct escalate_in in = {id_of(WHISTLE), TEXT("意见不一")};
    struct trial *t = begin_issued(false);

    (void)state;
    assert_true(say(t, "whistle.escalate", CLERK, whistle_escalate, &in));
    assert_int_equal(t->count, 1);
    assert_said(t, 0, "whistle.escalated", "\"state\":\"issued\"");
    assert_false(say(t, "whistle.escalate", CLERK, whistle_escalate, &in));
    assert_refused(t, "escalated");
    trial_free(t);
}

static void a_draft_that_came_back_goes_out_better(void **state)
{
    struct redraft_in back = {id_of(WHISTLE), TEXT("请写清楚")};
    struct submit_in better = {
        .whistle = id_of(WHISTLE), .facts = TEXT("三处占道"), .lead = "SWJ"};
    struct submit_in wrong = {.whistle = id_of(WHISTLE), .lead = "NOBODY"};
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    in.submit = true;
    say_draft(t, &in, CLERK);
    assert_true(say(t, "whistle.redraft", LEAD, whistle_redraft, &back));
    assert_false(say(t, "whistle.submit", CLERK, whistle_submit, &wrong));
    assert_refused(t, "unknown_office");
    assert_true(say(t, "whistle.submit", CLERK, whistle_submit, &better));
    assert_true(say_plain(t, "whistle.approve", LEAD, whistle_approve));
    assert_said(t, 0, "whistle.issued", "\"lead\":\"SWJ\",\"assists\":[]");
    assert_said(t, 1, "task.assign", "\"facts\":\"三处占道\"");
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_press_blows_again_and_keeps_what_was),
        cmocka_unit_test(a_press_may_say_what_is_new_and_whom_to_call),
        cmocka_unit_test(the_case_of_an_issue_follows_its_issue),
        cmocka_unit_test(who_whistles_or_was_called_first_adds_an_office),
        cmocka_unit_test(a_person_cannot_replace_a_lane),
        cmocka_unit_test(
            the_first_receiver_calls_a_conference_but_ends_no_case),
        cmocka_unit_test(
            the_district_is_asked_once_and_nothing_else_changes),
        cmocka_unit_test(a_draft_that_came_back_goes_out_better),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
