/* intake_rule_route_test.c - routes, what they send, how they end; callback,
 * reopening, urging; clocks that pass. */
#include "tests/unit/intake_issue.h"

/* The issue, accepted, then on a route; -1: only accepted. */
static void on_route(int route)
{
    assert_true(raise_it());
    assert_true(accept_it(COMMUNITY));
    if (route >= 0)
        assert_true(route_it(route));
}

static void each_route_leads_to_its_state_and_sends_its_command(void **state)
{
    static const struct {
        int route, state;
        const char *type, *topic;
    } rows[] = {
        {ROUTE_ANSWERED, ISSUE_ANSWERED, NULL, NULL},
        {ROUTE_WHISTLED, ISSUE_WHISTLED, "whistle.draft", "whistle.commands"},
        {ROUTE_MATCHING, ISSUE_MATCHING, "need.publish", "match.commands"},
        {ROUTE_SELF_GOVERNED, ISSUE_SELF_GOVERNED, NULL, NULL},
    };

    (void)state;
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        const struct record *sent;

        evening(NULL);
        morning(NULL);
        on_route(rows[n].route);
        assert_int_equal(issue_of(ISSUE_ID)->state, rows[n].state);
        assert_non_null(trial_find(t, "issue.routed"));
        assert_int_equal(t->count, rows[n].type ? 2 : 1);
        if (!rows[n].type)
            continue;
        sent = trial_find(t, rows[n].type);
        assert_non_null(sent);
        assert_true(text_is(sent->topic, rows[n].topic));
        assert_true(text_is(trial_reply(sent).topic, "issue.commands"));
        assert_true(text_is(trial_reply(sent).key, HOME));
        assert_true(text_is(trial_reply(sent).type, "issue.route_failed"));
        assert_true(text_is(trial_reply(sent).subject, ISSUE_ID));
        assert_true(uuid_equal(&sent->id, &issue_of(ISSUE_ID)->route_id));
    }
}

static void a_draft_says_all_that_the_street_knows_but_the_name(void **state)
{
    static const char *const parts[] = {
        "\"kind\":\"enforcement\"",
        "\"matter\":\"E0102\"",
        "\"region\":\"" HOME "\"",
        "\"facts\":\"夜间占道烧烤。\"",
        "\"lng\":102745000",
        "\"assists\":[\"GAJ\"]",
        "\"contact\":\"李* 138****0017\"",
        "\"street\":\"" STREET "\"",
        "\"home\":\"" HOME "\"",
        "\"by\":\"" CLERK "\"",
        "\"submit\":true",
    };
    const struct record *draft;

    (void)state;
    on_route(ROUTE_WHISTLED);
    draft = trial_find(t, "whistle.draft");
    for (size_t n = 0; n < COUNT_OF(parts); n++)
        if (!strstr(draft->data.bytes, parts[n]))
            fail_msg("no %s in %s", parts[n], draft->data.bytes);
    assert_null(strstr(draft->data.bytes, "\"lat\""));
}

static void a_route_without_its_particulars_is_refused(void **state)
{
    static const struct {
        int route;
        const char *kind, *title, *code, *field;
    } rows[] = {
        {ROUTE_WHISTLED, "", "", "required", "whistle"},
        {ROUTE_WHISTLED, "loud", "", "unknown_kind", "whistle.kind"},
        {ROUTE_MATCHING, "", "", "required", "need"},
        {ROUTE_MATCHING, "", "修灯", "bad_window", "need.to"},
    };

    (void)state;
    on_route(-1);
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        struct issue_route in = {
            .issue = id_of(ISSUE_ID),
            .route = rows[n].route,
            .need = {.title = text_of(rows[n].title), .from = 5, .to = 5},
        };

        snprintf(in.whistle.kind, sizeof(in.whistle.kind), "%s", rows[n].kind);
        assert_false(say("issue.route", CLERK, issue_route, &in));
        assert_refused(t, rows[n].code);
        assert_string_equal(t->err.field, rows[n].field);
        assert_int_equal(issue_of(ISSUE_ID)->state, ISSUE_ACCEPTED);
    }
}

static bool route_fails(void)
{
    struct issue_route_failed in = {.subject = TEXT(ISSUE_ID),
                                    .command = TEXT("whistle.draft"),
                                    .code = TEXT("no_duty"),
                                    .sentence = TEXT("没有部门负责")};

    return say("issue.route_failed", WORKER, issue_route_failed, &in);
}

static void a_refused_whistle_gives_the_issue_back_with_the_reason(void **state)
{
    (void)state;
    on_route(ROUTE_WHISTLED);
    assert_true(route_fails());
    assert_said(t, 0, "issue.unrouted", "\"state\":\"accepted\"");
    assert_said(t, 0, "issue.unrouted", "\"code\":\"no_duty\"");
    assert_true(text_is(issue_of(ISSUE_ID)->note, "没有部门负责"));
    assert_true(route_fails()); /* once more: it is on no route */
    assert_int_equal(t->count, 0);
    assert_true(route_it(ROUTE_WHISTLED));
    assert_non_null(trial_find(t, "whistle.draft"));
}

static void
a_closed_case_handles_the_issue_any_other_gives_it_back(void **state)
{
    static const struct {
        int outcome, state;
    } rows[] = {
        {OUTCOME_CLOSED, ISSUE_HANDLED},     {OUTCOME_REJECTED, ISSUE_ACCEPTED},
        {OUTCOME_CANCELLED, ISSUE_ACCEPTED}, {OUTCOME_EXPIRED, ISSUE_ACCEPTED},
        {OUTCOME_WITHDRAWN, ISSUE_ACCEPTED},
    };

    (void)state;
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        evening(NULL);
        morning(NULL);
        on_route(ROUTE_WHISTLED);
        assert_true(route_ends(rows[n].outcome));
        assert_int_equal(issue_of(ISSUE_ID)->state, rows[n].state);
    }
}

static void the_end_of_a_case_that_is_not_its_own_changes_nothing(void **state)
{
    struct issue_route_done in = {.issue = id_of(ISSUE_ID),
                                  .route_id = id_of(STRANGE_ID),
                                  .outcome = OUTCOME_CLOSED};

    (void)state;
    on_route(ROUTE_WHISTLED);
    assert_true(say("issue.route_done", WORKER, issue_route_done, &in));
    assert_int_equal(t->count, 0);
    assert_int_equal(issue_of(ISSUE_ID)->state, ISSUE_WHISTLED);
}

static void the_desk_handles_what_was_not_given_away(void **state)
{
    static const struct {
        int route;
        bool may;
    } rows[] = {
        {-1, false},
        {ROUTE_ANSWERED, true},
        {ROUTE_WHISTLED, false},
        {ROUTE_MATCHING, false},
        {ROUTE_SELF_GOVERNED, true},
    };

    (void)state;
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        evening(NULL);
        morning(NULL);
        on_route(rows[n].route);
        assert_int_equal(handle_it(), rows[n].may);
        if (rows[n].may)
            assert_said(t, 0, "issue.handled", "\"answer\":\"已修复。\"");
        else
            assert_refused(t, "illegal_transition");
    }
}

static void a_handled_issue_is_called_by_the_next_working_day(void **state)
{
    (void)state;
    on_route(ROUTE_ANSWERED);
    trial_at(t, "2026-03-06T16:00+08:00"); /* a Friday */
    assert_true(handle_it());
    assert_instant(issue_of(ISSUE_ID)->next_due_us,
                   "2026-03-09T17:30:00+08:00");
}

static void what_the_requester_says_closes_or_reopens(void **state)
{
    static const struct {
        int contacted, solved, satisfied, state;
    } rows[] = {
        {ANSWER_YES, ANSWER_YES, ANSWER_YES, ISSUE_CLOSED},
        {ANSWER_YES, ANSWER_HALF, ANSWER_NO, ISSUE_CLOSED},
        {ANSWER_NO, ANSWER_NO, ANSWER_NO, ISSUE_REOPENED},
        {-1, ANSWER_NO, -1, ISSUE_REOPENED},
        {ANSWER_YES, -1, -1, ISSUE_CLOSED},
        {-1, -1, -1, ISSUE_CALLBACK},
    };

    (void)state;
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        evening(NULL);
        morning(NULL);
        on_route(ROUTE_ANSWERED);
        assert_true(handle_it());
        assert_true(
            call_back(rows[n].contacted, rows[n].solved, rows[n].satisfied));
        assert_said(t, 0, "issue.called", "\"call\":1");
        assert_int_equal(issue_of(ISSUE_ID)->state, rows[n].state);
    }
}

static void a_second_call_in_vain_closes_and_both_calls_are_kept(void **state)
{
    const struct issues *issues = t->batch.state;

    (void)state;
    on_route(ROUTE_ANSWERED);
    assert_true(handle_it());
    assert_true(call_back(-1, -1, -1));
    assert_true(call_back(-1, -1, -1));
    assert_said(t, 1, "issue.closed", "\"why\":\"no_answer\"");
    assert_int_equal(issues->calls.count, 2);
}

static void a_whistled_issue_that_is_not_solved_whistles_again(void **state)
{
    struct uuid whistle;
    const struct record *again;
    char text[UUID_TEXT_SIZE];

    (void)state;
    on_route(ROUTE_WHISTLED);
    whistle = issue_of(ISSUE_ID)->whistle;
    uuid_print(&whistle, text);
    assert_true(route_ends(OUTCOME_CLOSED));
    assert_true(call_back(ANSWER_YES, ANSWER_YES, ANSWER_YES));
    assert_true(reopen_it(RESIDENT));
    assert_said(t, 0, "issue.reopened", "\"reopens\":1");
    again = trial_find(t, "whistle.again");
    assert_non_null(again);
    assert_true(text_is(again->key, text));
    assert_non_null(strstr(again->data.bytes, "\"facts\":\"又出现了。\""));
    assert_int_equal(issue_of(ISSUE_ID)->state, ISSUE_WHISTLED);
    assert_true(uuid_equal(&issue_of(ISSUE_ID)->route_id, &whistle));
    assert_true(route_ends(OUTCOME_CLOSED));
    assert_int_equal(issue_of(ISSUE_ID)->state, ISSUE_HANDLED);
}

static void only_its_own_resident_reopens_a_closed_issue(void **state)
{
    (void)state;
    on_route(ROUTE_ANSWERED);
    assert_true(handle_it());
    assert_false(reopen_it(RESIDENT));
    assert_refused(t, "illegal_transition");
    assert_true(call_back(ANSWER_YES, ANSWER_YES, ANSWER_YES));
    assert_false(reopen_it("resident//r-18"));
    assert_refused(t, "not_yours");
    assert_true(reopen_it(RESIDENT));
    assert_true(issue_of(ISSUE_ID)->open);
    assert_true(route_it(ROUTE_SELF_GOVERNED));
}

static void urging_counts_and_opens_nothing_new(void **state)
{
    struct issue_urge in = {.issue = id_of(ISSUE_ID)};

    (void)state;
    on_route(ROUTE_MATCHING);
    assert_true(say("issue.urge", RESIDENT, issue_urge, &in));
    assert_true(say("issue.urge", RESIDENT, issue_urge, &in));
    assert_said(t, 0, "issue.urged", "\"urges\":2");
    assert_said(t, 0, "issue.urged", "\"state\":\"matching\"");
}

static void what_was_given_away_cannot_be_voided(void **state)
{
    struct issue_void in = {.issue = id_of(ISSUE_ID), .why = TEXT("误报")};

    (void)state;
    on_route(ROUTE_WHISTLED);
    assert_false(say("issue.void", CLERK, issue_void, &in));
    assert_refused(t, "illegal_transition");
    assert_true(route_ends(OUTCOME_CANCELLED));
    assert_true(say("issue.void", CLERK, issue_void, &in));
    assert_said(t, 0, "issue.voided", "\"state\":\"voided\"");
}

static void a_clock_is_said_to_be_overdue_once_and_not_too_early(void **state)
{
    int64_t look;

    (void)state;
    assert_true(raise_it());
    look = issue_of(ISSUE_ID)->look;
    trial_at(t, "2026-03-02T10:29+08:00");
    assert_true(clock_passes(look));
    assert_int_equal(t->count, 0);
    assert_int_equal(issue_of(ISSUE_ID)->look, look + 1);
    trial_at(t, "2026-03-02T10:30+08:00");
    assert_true(clock_passes(look)); /* an old look */
    assert_int_equal(t->count, 0);
    assert_true(clock_passes(look + 1));
    assert_said(t, 0, "issue.overdue", "\"stage\":\"triage\"");
    assert_true(clock_passes(look + 1));
    assert_int_equal(t->count, 0);
    assert_true(accept_it(COMMUNITY));
    assert_false(issue_of(ISSUE_ID)->overdue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        A_MORNING(each_route_leads_to_its_state_and_sends_its_command),
        A_MORNING(a_draft_says_all_that_the_street_knows_but_the_name),
        A_MORNING(a_route_without_its_particulars_is_refused),
        A_MORNING(a_refused_whistle_gives_the_issue_back_with_the_reason),
        A_MORNING(a_closed_case_handles_the_issue_any_other_gives_it_back),
        A_MORNING(the_end_of_a_case_that_is_not_its_own_changes_nothing),
        A_MORNING(the_desk_handles_what_was_not_given_away),
        A_MORNING(a_handled_issue_is_called_by_the_next_working_day),
        A_MORNING(what_the_requester_says_closes_or_reopens),
        A_MORNING(a_second_call_in_vain_closes_and_both_calls_are_kept),
        A_MORNING(a_whistled_issue_that_is_not_solved_whistles_again),
        A_MORNING(only_its_own_resident_reopens_a_closed_issue),
        A_MORNING(urging_counts_and_opens_nothing_new),
        A_MORNING(what_was_given_away_cannot_be_voided),
        A_MORNING(a_clock_is_said_to_be_overdue_once_and_not_too_early),
    };

    return cmocka_run_group_tests(tests, desk_opens, desk_closes);
}
