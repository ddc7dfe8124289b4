/* dispatch_rule_draft_test.c - drafting, submitting, and the second pair of
 * eyes. */
#include "tests/unit/dispatch_trial.h"

static void a_draft_gets_a_number_that_can_be_read_out(void **state)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    say_draft(t, &in, CLERK);
    assert_int_equal(t->count, 1);
    assert_said(t, 0, "whistle.drafted", "\"number\":\"哨20260302-03-0001\"");
    assert_said(t, 0, "whistle.drafted", "\"state\":\"draft\"");
    assert_int_equal(t->said[0].version, 1);
    assert_true(text_is(t->said[0].subject, WHISTLE));
    assert_true(text_is(t->said[0].scope, COMMUNITY "," STREET));
    trial_free(t);
}

static void submit_waits_for_approval_where_the_kind_needs_it(void **state)
{
    static const struct {
        const char *kind, *said, *state;
        size_t count;
    } rows[] = {
        {"enforcement", "whistle.submitted", "awaiting_approval", 1},
        {"priority", "whistle.submitted", "awaiting_approval", 1},
        {"emergency", "whistle.issued", "issued", 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct draft_in in = a_draft();
        struct trial *t = begin();

        assert_true(text_copy(text_of(rows[i].kind), in.kind, sizeof(in.kind)));
        say_draft(t, &in, CLERK);
        assert_true(say_plain(t, "whistle.submit", CLERK, whistle_submit));
        assert_said(t, 0, rows[i].said, rows[i].state);
        assert_int_equal(t->count, rows[i].count);
        trial_free(t);
    }
}

static void a_draft_may_go_on_at_once(void **state)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    in.submit = true;
    say_draft(t, &in, INTAKE);
    assert_said(t, 0, "whistle.drafted", NULL);
    assert_said(t, 1, "whistle.submitted", NULL);
    assert_int_equal(t->said[1].version, 2);
    assert_int_equal(the_whistle(t)->state, WHISTLE_AWAITING);
    trial_free(t);
}

/* ---- drafts that are refused ---- */

struct wrong {
    const char *code, *field;
    const char *actor;
    size_t at; /* where in the draft `value` stands */
    size_t size;
    const char *value;
};

#define IN(m) offsetof(struct draft_in, m), sizeof(((struct draft_in *)0)->m)

static void a_wrong_draft_is_refused_by_its_field(void **state)
{
    static const struct wrong rows[] = {
        {"unknown_kind", "kind", CLERK, IN(kind), "joke"},
        {"unknown_matter", "matter", CLERK, IN(matter), "X9999"},
        {"unknown_region", "region", CLERK, IN(region), "530199001001"},
        {"unknown_office", "street", CLERK, IN(street), "530199001000"},
        {"unknown_office", "lead", CLERK, IN(lead), "NOBODY"},
        {"region_outside", "region", CLERK, IN(region), "530103001001"},
        {"not_allowed", "actor", "resident//r-1", IN(lead), ""},
        {"not_allowed", "actor", "community/" COMMUNITY "/c", IN(lead), ""},
        {"not_yours", "actor", OTHER_LEAD, IN(lead), ""},
        {"not_yours", "actor", "office_lead/CGJ/o", IN(lead), ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct draft_in in = a_draft();
        struct trial *t = begin();

        assert_true(text_copy(text_of(rows[i].value), (char *)&in + rows[i].at,
                              rows[i].size));
        assert_false(
            say(t, "whistle.draft", rows[i].actor, whistle_draft, &in));
        assert_refused(t, rows[i].code);
        assert_string_equal(t->err.field, rows[i].field);
        assert_null(the_whistle(t));
        trial_free(t);
    }
}

static void a_wrong_proposal_is_refused(void **state)
{
    static struct wire_office twice[] = {{"CGJ"}, {"CGJ"}};
    static struct wire_office as_lead[] = {{"GDJ"}};
    static struct wire_office unknown[] = {{"CGJ"}, {"NOBODY"}};
    static const struct {
        const char *code, *field;
        struct list assists;
    } rows[] = {
        {"office_twice", "assists", {twice, 2}},
        {"office_twice", "assists", {as_lead, 1}},
        {"unknown_office", "assists[1]", {unknown, 2}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct draft_in in = a_draft();
        struct trial *t = begin();

        assert_true(text_copy(TEXT("GDJ"), in.lead, sizeof(in.lead)));
        in.assists = rows[i].assists;
        assert_false(say(t, "whistle.draft", CLERK, whistle_draft, &in));
        assert_refused(t, rows[i].code);
        assert_string_equal(t->err.field, rows[i].field);
        trial_free(t);
    }
}

static void a_whistle_from_an_issue_needs_the_issues_home(void **state)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    in.issue = id_of(ISSUE);
    assert_false(say(t, "whistle.draft", INTAKE, whistle_draft, &in));
    assert_refused(t, "required");
    assert_string_equal(t->err.field, "home");
    trial_free(t);
}

static void a_whistle_lies_under_its_own_key(void **state)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    trial_is(t, WHISTLE, ISSUE);
    assert_false(say(t, "whistle.draft", CLERK, whistle_draft, &in));
    assert_refused(t, "wrong_key");
    trial_is(t, WHISTLE, WHISTLE);
    say_draft(t, &in, CLERK);
    assert_false(say(t, "whistle.draft", CLERK, whistle_draft, &in));
    assert_refused(t, "exists");
    trial_is(t, ISSUE, ISSUE);
    assert_false(say_plain(t, "whistle.submit", CLERK, whistle_submit));
    assert_refused(t, "wrong_key");
    trial_free(t);
}

static void nobody_submits_for_another_street(void **state)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    say_draft(t, &in, CLERK);
    assert_false(say_plain(t, "whistle.submit", OTHER_LEAD, whistle_submit));
    assert_refused(t, "not_yours");
    assert_false(
        say_plain(t, "whistle.submit", "officer/" STREET "/o", whistle_submit));
    assert_refused(t, "not_allowed");
    assert_int_equal(the_whistle(t)->state, WHISTLE_DRAFT);
    trial_free(t);
}

/* ---- the second pair of eyes ---- */

static struct trial *begin_awaiting(const char *drafter, const char *submitter,
                                    const char *by)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    in.by = text_of(by);
    say_draft(t, &in, drafter);
    assert_true(say_plain(t, "whistle.submit", submitter, whistle_submit));
    return t;
}

static void the_approver_is_never_the_issuer(void **state)
{
    static const struct {
        const char *drafter, *submitter, *by, *approver, *code;
    } rows[] = {
        {CLERK, CLERK, "", LEAD, NULL},
        {CLERK, CLERK, "", DISTRICT, NULL},
        {LEAD, CLERK, "", LEAD, "same_person"},
        {CLERK, LEAD, "", LEAD, "same_person"},
        /* in another role, but the same person */
        {"street_clerk/" STREET "/l-1", CLERK, "", LEAD, "same_person"},
        {INTAKE, INTAKE, "", LEAD, NULL},
        {INTAKE, INTAKE, LEAD, LEAD, "same_person"},
        /* only a worker speaks for somebody else */
        {LEAD, CLERK, CLERK, LEAD, "same_person"},
        {CLERK, CLERK, "", "street_lead/" STREET "/", "no_person"},
        {CLERK, CLERK, "", "street_clerk/" STREET "/k-2", "not_allowed"},
        {CLERK, CLERK, "", OTHER_LEAD, "not_yours"},
        {CLERK, CLERK, "", "office_lead/CGJ/o-1", "not_yours"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial *t =
            begin_awaiting(rows[i].drafter, rows[i].submitter, rows[i].by);
        bool done =
            say_plain(t, "whistle.approve", rows[i].approver, whistle_approve);

        if (done != !rows[i].code)
            fail_msg("row %zu: %s", i, t->err.code);
        if (rows[i].code)
            assert_refused(t, rows[i].code);
        else
            assert_said(t, 0, "whistle.issued", "\"round\":1");
        assert_int_equal(the_whistle(t)->state,
                         done ? WHISTLE_ISSUED : WHISTLE_AWAITING);
        trial_free(t);
    }
}

static struct reject_in a_rejection(const char *reason)
{
    struct reject_in in = {.whistle = id_of(WHISTLE)};

    assert_true(text_copy(text_of(reason), in.reason, sizeof(in.reason)));
    return in;
}

static void a_rejection_has_a_coded_reason_and_ends_the_route(void **state)
{
    struct draft_in in = a_draft();
    struct reject_in wrong = a_rejection("no_mood");
    struct reject_in right = a_rejection("facts_missing");
    struct trial *t = begin();

    (void)state;
    in.issue = id_of(ISSUE);
    in.submit = true;
    assert_true(text_copy(TEXT(COMMUNITY), in.home, sizeof(in.home)));
    say_draft(t, &in, INTAKE);
    assert_false(say(t, "whistle.reject", LEAD, whistle_reject, &wrong));
    assert_refused(t, "unknown_reason");
    assert_true(say(t, "whistle.reject", LEAD, whistle_reject, &right));
    assert_said(t, 0, "whistle.rejected", "\"reason\":\"facts_missing\"");
    assert_said(t, 1, "issue.route_done", "\"outcome\":\"rejected\"");
    assert_said(t, 1, "issue.route_done", "\"route_id\":\"" WHISTLE "\"");
    assert_true(text_is(t->said[1].topic, "issue.commands"));
    assert_true(text_is(t->said[1].key, COMMUNITY));
    trial_free(t);
}

static void a_whistle_goes_back_to_its_draft_and_out_again(void **state)
{
    struct redraft_in in = {id_of(WHISTLE), TEXT("请补充照片")};
    struct trial *t = begin_awaiting(CLERK, CLERK, "");

    (void)state;
    assert_false(say(t, "whistle.redraft", OTHER_LEAD, whistle_redraft, &in));
    assert_refused(t, "not_yours");
    assert_true(say(t, "whistle.redraft", LEAD, whistle_redraft, &in));
    assert_said(t, 0, "whistle.redrafted", "请补充照片");
    assert_int_equal(the_whistle(t)->state, WHISTLE_DRAFT);
    assert_true(say_plain(t, "whistle.submit", CLERK, whistle_submit));
    trial_free(t);
}

/* ---- states ---- */

/* Puts a whistle into a state as its row could be. */
static struct trial *begin_in(int s)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    say_draft(t, &in, CLERK);
    the_whistle(t)->state = s;
    return t;
}

static void a_transition_that_is_not_listed_is_refused(void **state)
{
    static const struct {
        const char *type;
        decide_function *decide;
        unsigned from; /* the states that allow it, 1 << state */
    } rows[] = {
        {"whistle.submit", whistle_submit, 1u << WHISTLE_DRAFT},
        {"whistle.approve", whistle_approve, 1u << WHISTLE_AWAITING},
        {"whistle.redraft", whistle_redraft, 1u << WHISTLE_AWAITING},
        {"whistle.cancel", whistle_cancel,
         1u << WHISTLE_DRAFT | 1u << WHISTLE_AWAITING | 1u << WHISTLE_ISSUED},
        {"whistle.confer", whistle_confer, 1u << WHISTLE_ISSUED},
        {"whistle.conclude", whistle_conclude, 1u << WHISTLE_CONFERENCE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int s = WHISTLE_DRAFT; s <= WHISTLE_CANCELLED; s++) {
            struct trial *t = begin_in(s);
            int64_t version = the_whistle(t)->version;
            struct plain in = {.whistle = id_of(WHISTLE)};
            bool done = trial_say(t, rows[i].type, LEAD, rows[i].decide, &in);

            if (done != ((rows[i].from >> s & 1) == 1))
                fail_msg("%s in %s: %s", rows[i].type, whistle_states[s],
                         t->err.sentence);
            if (!done) {
                assert_refused(t, "illegal_transition");
                assert_int_equal(the_whistle(t)->state, s);
                assert_int_equal(the_whistle(t)->version, version);
            }
            trial_free(t);
        }
}

static void a_whistle_that_is_not_there_is_refused(void **state)
{
    static const struct {
        const char *type;
        decide_function *decide;
    } rows[] = {
        {"whistle.submit", whistle_submit},
        {"whistle.approve", whistle_approve},
        {"whistle.reject", whistle_reject},
        {"whistle.redraft", whistle_redraft},
        {"whistle.cancel", whistle_cancel},
        {"whistle.confer", whistle_confer},
        {"whistle.conclude", whistle_conclude},
        {"whistle.again", whistle_again},
        {"whistle.add_lane", whistle_add_lane},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial *t = begin();

        assert_false(say_plain(t, rows[i].type, LEAD, rows[i].decide));
        assert_refused(t, "not_found");
        trial_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draft_gets_a_number_that_can_be_read_out),
        cmocka_unit_test(submit_waits_for_approval_where_the_kind_needs_it),
        cmocka_unit_test(a_draft_may_go_on_at_once),
        cmocka_unit_test(a_wrong_draft_is_refused_by_its_field),
        cmocka_unit_test(a_wrong_proposal_is_refused),
        cmocka_unit_test(a_whistle_from_an_issue_needs_the_issues_home),
        cmocka_unit_test(a_whistle_lies_under_its_own_key),
        cmocka_unit_test(nobody_submits_for_another_street),
        cmocka_unit_test(the_approver_is_never_the_issuer),
        cmocka_unit_test(a_rejection_has_a_coded_reason_and_ends_the_route),
        cmocka_unit_test(a_whistle_goes_back_to_its_draft_and_out_again),
        cmocka_unit_test(a_transition_that_is_not_listed_is_refused),
        cmocka_unit_test(a_whistle_that_is_not_there_is_refused),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
