/* intake_rule_triage_test.c - raising, accepting, declining, asking, merging,
 * and the vault. */
#include "common/base/seal.h"
#include "tests/unit/intake_issue.h"

static void a_raised_issue_has_a_number_and_two_hours_for_triage(void **state)
{
    const struct issue *i;

    (void)state;
    assert_true(raise_it());
    i = issue_of(ISSUE_ID);
    assert_non_null(i);
    assert_int_equal(t->count, 1);
    assert_said(t, 0, "issue.raised", "\"state\":\"received\"");
    assert_said(t, 0, "issue.raised", "\"number\":\"诉20260302-03-0001\"");
    assert_said(t, 0, "issue.raised", "\"name_masked\":\"李*\"");
    assert_true(text_is(t->said[0].scope, HOME));
    assert_int_equal(t->said[0].version, 1);
    assert_true(text_is(i->street, STREET));
    assert_true(text_is(i->person, "r-17"));
    assert_instant(i->next_due_us, "2026-03-02T10:30:00+08:00");
}

static void a_confidential_issue_says_nothing_of_its_requester(void **state)
{
    struct issue_raise in = words();

    (void)state;
    in.confidential = true;
    assert_true(say("issue.raise", RESIDENT, issue_raise, &in));
    assert_null(strstr(t->said[0].data.bytes, "masked"));
    assert_null(strstr(t->said[0].data.bytes, "李"));
}

static void what_the_reference_data_do_not_know_is_refused(void **state)
{
    static const struct {
        const char *home, *region, *matter, *class, *code, *field;
    } rows[] = {
        {"530103003999", "", "", "", "unknown_region", "home"},
        {HOME, "530103999000", "", "", "unknown_region", "region"},
        {HOME, "", "E9999", "", "unknown_matter", "matter"},
        {HOME, "", "", "urgent", "unknown_class", "class"},
    };

    (void)state;
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        struct issue_raise in = words();

        trial_is(t, ISSUE_ID, rows[n].home);
        snprintf(in.home, sizeof(in.home), "%s", rows[n].home);
        snprintf(in.region, sizeof(in.region), "%s", rows[n].region);
        snprintf(in.matter, sizeof(in.matter), "%s", rows[n].matter);
        snprintf(in.class, sizeof(in.class), "%s", rows[n].class);
        assert_false(say("issue.raise", RESIDENT, issue_raise, &in));
        assert_refused(t, rows[n].code);
        assert_string_equal(t->err.field, rows[n].field);
        assert_null(issue_of(ISSUE_ID));
    }
}

static void an_issue_is_raised_under_the_key_of_its_home(void **state)
{
    (void)state;
    trial_is(t, ISSUE_ID, STREET);
    assert_false(raise_it());
    assert_refused(t, "wrong_key");
}

static void
accepting_starts_the_feedback_clock_and_notes_the_place(void **state)
{
    const struct record *noted;

    (void)state;
    assert_true(raise_it());
    assert_true(accept_it(COMMUNITY));
    assert_said(t, 0, "issue.accepted", "\"class\":\"ordinary\"");
    assert_instant(issue_of(ISSUE_ID)->next_due_us,
                   "2026-03-09T17:30:00+08:00");
    noted = trial_find(t, "issue.noted");
    assert_non_null(noted);
    assert_true(text_is(noted->topic, "issue.commands"));
    assert_true(text_is(noted->key, STREET));
    assert_non_null(strstr(noted->data.bytes, "\"matter\":\"E0102\""));
}

static void only_those_who_hold_the_place_speak_about_it(void **state)
{
    static const struct {
        const char *actor;
        bool may;
    } rows[] = {
        {"community/" HOME "/c", true},
        {"street_clerk/" STREET "/k", true},
        {"district_dispatch/530103/d", true},
        {"community/530103003002/c", false},
        {"street_clerk/" ELSEWHERE "/k", false},
        {"resident//r-18", false},
        {"resident//", false},
        {"officer/CGJ/o", false},
        {"nobody//r-18", false},
    };

    (void)state;
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        evening(NULL);
        morning(NULL);
        assert_true(raise_it());
        assert_int_equal(accept_it(rows[n].actor), rows[n].may);
        if (!rows[n].may)
            assert_refused(t, "not_yours");
    }
}

static void an_issue_is_declined_only_with_a_reason_from_the_list(void **state)
{
    struct issue_decline in = {.issue = id_of(ISSUE_ID), .reason = "tired"};

    (void)state;
    assert_true(raise_it());
    assert_false(say("issue.decline", CLERK, issue_decline, &in));
    assert_refused(t, "unknown_reason");
    assert_int_equal(issue_of(ISSUE_ID)->state, ISSUE_RECEIVED);
    snprintf(in.reason, sizeof(in.reason), "litigation");
    assert_true(say("issue.decline", CLERK, issue_decline, &in));
    assert_said(t, 0, "issue.declined", "\"reason\":\"litigation\"");
    assert_false(issue_of(ISSUE_ID)->open);
    assert_false(accept_it(CLERK));
    assert_refused(t, "illegal_transition");
}

static bool ask_it(void)
{
    struct issue_ask in = {.issue = id_of(ISSUE_ID),
                           .question = TEXT("哪一栋?")};

    return say("issue.ask", COMMUNITY, issue_ask, &in);
}

static bool supply_it(void)
{
    struct issue_supply in = {.issue = id_of(ISSUE_ID),
                              .answer = TEXT("3 栋。")};

    return say("issue.supply", RESIDENT, issue_supply, &in);
}

static void waiting_for_the_requester_gives_triage_its_time_back(void **state)
{
    (void)state;
    assert_true(raise_it());
    trial_at(t, "2026-03-02T09:00+08:00");
    assert_true(ask_it());
    assert_said(t, 0, "issue.asked", "\"state\":\"needs_info\"");
    assert_instant(issue_of(ISSUE_ID)->next_due_us,
                   "2026-03-09T17:30:00+08:00");
    trial_at(t, "2026-03-02T14:00+08:00");
    assert_true(supply_it());
    assert_instant(issue_of(ISSUE_ID)->next_due_us,
                   "2026-03-02T15:30:00+08:00");
    assert_true(ask_it());
    trial_at(t, "2026-03-02T15:00+08:00");
    assert_true(supply_it());
    assert_instant(issue_of(ISSUE_ID)->next_due_us,
                   "2026-03-02T16:30:00+08:00");
}

static void who_does_not_answer_in_time_has_a_closed_issue(void **state)
{
    (void)state;
    assert_true(raise_it());
    assert_true(ask_it());
    trial_at(t, "2026-03-09T17:30+08:00");
    assert_true(clock_passes(issue_of(ISSUE_ID)->look));
    assert_said(t, 0, "issue.closed", "\"why\":\"no_info\"");
    assert_false(supply_it());
    assert_refused(t, "illegal_transition");
}

static bool merge_into(const char *id)
{
    struct issue_merge in = {.issue = id_of(ISSUE_ID), .into = id_of(id)};

    return say("issue.merge", COMMUNITY, issue_merge, &in);
}

static void an_issue_is_merged_into_another_that_is_open(void **state)
{
    (void)state;
    trial_is(t, OTHER_ID, HOME);
    assert_true(raise_it());
    trial_is(t, ISSUE_ID, HOME);
    assert_true(raise_it());
    assert_false(merge_into(STRANGE_ID));
    assert_refused(t, "unknown_issue");
    assert_string_equal(t->err.field, "into");
    assert_false(merge_into(ISSUE_ID));
    assert_refused(t, "same_issue");
    issue_of(OTHER_ID)->open = false;
    assert_false(merge_into(OTHER_ID));
    assert_refused(t, "into_ended");
    issue_of(OTHER_ID)->open = true;
    assert_true(merge_into(OTHER_ID));
    assert_said(t, 0, "issue.merged", "\"into\":\"" OTHER_ID "\"");
    assert_false(issue_of(ISSUE_ID)->open);
}

static void another_partition_cannot_change_an_issue(void **state)
{
    (void)state;
    assert_true(raise_it());
    t->partition.number = 4;
    assert_false(accept_it(COMMUNITY));
    assert_refused(t, "wrong_key");
}

static void ten_accepted_issues_of_a_day_raise_one_supervision(void **state)
{
    struct issue_noted in = {.issue = id_of(ISSUE_ID),
                             .matter = TEXT("E0102"),
                             .region = TEXT(STREET)};

    (void)state;
    trial_is(t, ISSUE_ID, STREET);
    trial_at(t, "2026-03-01T09:00+08:00"); /* a day before: leaves the window */
    assert_true(say("issue.noted", WORKER, issue_noted, &in));
    trial_at(t, "2026-03-02T09:00+08:00");
    for (int n = 1; n < 10; n++) {
        assert_true(say("issue.noted", WORKER, issue_noted, &in));
        assert_int_equal(t->count, 0);
    }
    assert_true(say("issue.noted", WORKER, issue_noted, &in));
    assert_said(t, 0, "issue.hot_spot", "\"count\":10");
    assert_true(say("issue.noted", WORKER, issue_noted, &in));
    assert_int_equal(t->count, 0);
}

static void a_sealed_requester_lies_in_the_vault_and_nowhere_else(void **state)
{
    static const uint8_t key[KEY_SIZE] = {7};
    /* a Curve25519 pair whose secret is RFC 7748's "Alice" */
    static const uint8_t secret[KEY_SIZE] = {
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
        0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
        0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
    static const uint8_t public[KEY_SIZE] = {
        0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
        0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
        0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
    static const char plain[] =
        "{\"name\":\"李小明\",\"phone\":\"13800000017\","
        "\"key\":\"BwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";
    AUTO(buf) struct buf box = {0};
    AUTO(buf) struct buf name = {0};
    struct issue_raise in = words();
    const struct issues *issues = t->batch.state;
    const struct vault_person *p;
    char row[UUID_TEXT_SIZE];

    (void)state;
    MUST(vault_use(public, secret, err));
    seal_box(public, TEXT(plain), &box);
    in.sealed = buf_text(&box);
    assert_true(say("issue.raise", RESIDENT, issue_raise, &in));
    assert_int_equal(issues->persons.count, 1);
    p = issues->persons.items[0].thing;
    assert_true(uuid_equal(&p->person, &issue_of(ISSUE_ID)->requester));
    assert_null(strstr(t->said[0].data.bytes, "小明"));
    uuid_print(&p->person, row);
    MUST(seal_value_open(key, text_of(row), TEXT("name"), 1, p->name, &name,
                         err));
    assert_true(text_is(buf_text(&name), "李小明"));

    in.sealed = TEXT("bm90IGEgYm94");
    trial_is(t, OTHER_ID, HOME);
    assert_false(say("issue.raise", RESIDENT, issue_raise, &in));
    assert_refused(t, "sealed_wrongly");
    assert_string_equal(t->err.field, "sealed");
    assert_int_equal(issues->persons.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        A_MORNING(a_raised_issue_has_a_number_and_two_hours_for_triage),
        A_MORNING(a_confidential_issue_says_nothing_of_its_requester),
        A_MORNING(what_the_reference_data_do_not_know_is_refused),
        A_MORNING(an_issue_is_raised_under_the_key_of_its_home),
        A_MORNING(accepting_starts_the_feedback_clock_and_notes_the_place),
        A_MORNING(only_those_who_hold_the_place_speak_about_it),
        A_MORNING(an_issue_is_declined_only_with_a_reason_from_the_list),
        A_MORNING(waiting_for_the_requester_gives_triage_its_time_back),
        A_MORNING(who_does_not_answer_in_time_has_a_closed_issue),
        A_MORNING(an_issue_is_merged_into_another_that_is_open),
        A_MORNING(another_partition_cannot_change_an_issue),
        A_MORNING(ten_accepted_issues_of_a_day_raise_one_supervision),
        A_MORNING(a_sealed_requester_lies_in_the_vault_and_nowhere_else),
    };

    return cmocka_run_group_tests(tests, desk_opens, desk_closes);
}
