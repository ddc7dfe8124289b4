/* dispatch_cells_test.c - every (state, command, role) of a whistle: the cell
 * is allowed or refused, and what is refused changes nothing. */
#include "tests/unit/dispatch_trial.h"

#define EYES "street_lead office_lead district_dispatch district_lead"
#define ISSUERS "street_clerk street_lead office_lead district_dispatch"
#define STREETS "street_clerk " EYES

/* clang-format off */
static const struct {
    const char *type;
    decide_function *decide;
    const char *states, *roles;
} rows[] = {
    { "whistle.submit",   whistle_submit,   "draft", ISSUERS },
    { "whistle.approve",  whistle_approve,  "awaiting_approval", EYES },
    { "whistle.reject",   whistle_reject,   "awaiting_approval", EYES },
    { "whistle.redraft",  whistle_redraft,  "awaiting_approval", STREETS },
    { "whistle.cancel",   whistle_cancel,   "draft awaiting_approval issued",
                                            STREETS },
    { "whistle.confer",   whistle_confer,   "issued", STREETS },
    { "whistle.conclude", whistle_conclude, "conference", STREETS },
    { "whistle.again",    whistle_again,    "closed", ISSUERS " worker" },
    { "whistle.add_lane", whistle_add_lane, "issued conference",
                                            STREETS " worker" },
    { "whistle.escalate", whistle_escalate, "issued conference", STREETS },
    { "whistle.lane",     whistle_lane,     "issued conference closed rejected "
                                            "cancelled", "worker" },
};
/* clang-format on */

static bool holds(const char *words, const char *word)
{
    struct text rest = text_of(words);

    while (rest.size > 0)
        if (text_is(text_cut(rest, ' ', &rest), word))
            return true;
    return false;
}

/* A whistle as its row could be: before its first round, or in it. */
static struct trial *begin_in(int state)
{
    struct draft_in in = a_draft();
    struct trial *t;

    if (state > WHISTLE_AWAITING) {
        t = begin_issued(false);
    } else {
        t = begin();
        say_draft(t, &in, CLERK);
    }
    the_whistle(t)->state = state;
    return t;
}

/* A sound body of each command, for the role that says it. */
static const void *body_of(struct trial *t, const char *type, int role)
{
    static struct wire_office one[] = {{"CGJ"}};
    struct arena *a = &t->batch.arena;
    struct uuid id = id_of(WHISTLE);
    struct list list = {one, 1};

    if (strcmp(type, "whistle.reject") == 0) {
        struct reject_in in = {id, "facts_missing"};
        return arena_copy(a, &in, sizeof(in));
    }
    if (strcmp(type, "whistle.confer") == 0) {
        struct confer_in in = {id, list, TEXT(""), INSTANT_NONE};
        return arena_copy(a, &in, sizeof(in));
    }
    if (strcmp(type, "whistle.conclude") == 0) {
        struct conclude_in in = {id, TEXT("议定"), list, OUTCOME_CLOSED};
        return arena_copy(a, &in, sizeof(in));
    }
    if (strcmp(type, "whistle.add_lane") == 0) {
        struct add_lane_in in = {id, INT_ABSENT, "ZJJ", "", INSTANT_NONE};

        if (role == ROLE_WORKER)
            in = (struct add_lane_in){id, 1, "ZJJ", "CGJ", t->message.at_us};
        return arena_copy(a, &in, sizeof(in));
    }
    if (strcmp(type, "whistle.lane") == 0) {
        struct lane_in in = {id, 1, "CGJ", FACT_SIGNED, "o-1"};
        return arena_copy(a, &in, sizeof(in));
    }
    if (holds("whistle.cancel whistle.escalate whistle.redraft", type)) {
        struct cancel_in in = {id, TEXT("如此")}; /* they are alike */
        return arena_copy(a, &in, sizeof(in));
    }
    return arena_copy(a, &(struct plain){.whistle = id}, sizeof(struct plain));
}

/* Everybody sits in the office whose whistle it is. */
static bool try_cell(struct trial *t, size_t row, int role)
{
    struct text actor = arena_print(
        &t->batch.arena, "%s/%s/p-%d", role_names[role],
        role == ROLE_DISTRICT_DISPATCH || role == ROLE_DISTRICT_LEAD ? "530103"
                                                                     : STREET,
        role);
    struct actor who = {text_of(role_names[role]), TEXT(STREET), TEXT("p")};
    const void *in = body_of(t, rows[row].type, role);

    return actor_may(text_of(rows[row].type), &who, &t->err) &&
           say(t, rows[row].type, actor.bytes, rows[row].decide, in);
}

static void every_cell_is_allowed_or_changes_nothing(void **state)
{
    size_t allowed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int s = WHISTLE_DRAFT; s <= WHISTLE_CANCELLED; s++)
            for (int role = 0; role < ROLE_COUNT; role++) {
                struct trial *t = begin_in(s);
                int64_t version = the_whistle(t)->version;
                bool may = holds(rows[i].states, whistle_states[s]) &&
                           holds(rows[i].roles, role_names[role]);

                if (try_cell(t, i, role) != may)
                    fail_msg("%s in %s by %s: %s %s", rows[i].type,
                             whistle_states[s], role_names[role], t->err.code,
                             t->err.sentence);
                if (!may && (the_whistle(t)->state != s ||
                             the_whistle(t)->version != version))
                    fail_msg("%s in %s by %s changed it", rows[i].type,
                             whistle_states[s], role_names[role]);
                allowed += may;
                trial_free(t);
            }
    assert_int_equal(allowed, 74);
}

/* ---- directions ---- */

static void a_whistle_goes_where_its_kind_may_go(void **state)
{
    static const struct {
        const char *actor, *from, *lead, *code;
    } cases[] = {
        {CLERK, STREET, "CGJ", NULL},
        {CLERK, STREET, "BBT", NULL}, /* a standing team */
        {CLERK, STREET, COMMUNITY, NULL},
        {CLERK, STREET, "530103001000", NULL},
        {CLERK, STREET, "530103", "wrong_direction"},
        {CLERK, STREET, STREET, "calls_itself"},
        {"office_lead/CGJ/o-1", "CGJ", "GAFJ", NULL},
        {"office_lead/CGJ/o-1", "CGJ", STREET, NULL},
        {"office_lead/CGJ/o-1", "CGJ", "CGJ", "calls_itself"},
        {"office_lead/CGJ/o-1", "GAFJ", "CGJ", "not_yours"},
        {"office_lead/BBT/o-1", "BBT", "CGJ", "wrong_direction"},
        {"district_dispatch/530103/d", "530103", STREET, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct draft_in in = a_draft();
        struct trial *t = begin();
        bool done;

        assert_true(text_copy(TEXT("emergency"), in.kind, sizeof(in.kind)));
        assert_true(
            text_copy(text_of(cases[i].from), in.street, sizeof(in.street)));
        assert_true(
            text_copy(text_of(cases[i].lead), in.lead, sizeof(in.lead)));
        in.submit = true;
        done = say(t, "whistle.draft", cases[i].actor, whistle_draft, &in);
        if (done != !cases[i].code)
            fail_msg("case %zu: %s", i, t->err.sentence);
        if (cases[i].code)
            assert_refused(t, cases[i].code);
        else
            assert_said(t, 2, "task.assign", cases[i].lead);
        trial_free(t);
    }
}

/* E01 is CGJ's own: its whistle goes to whom the duty list has beside it. */
static void a_departments_own_matter_is_never_called_back_to_it(void **state)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    assert_true(text_copy(TEXT("emergency"), in.kind, sizeof(in.kind)));
    assert_true(text_copy(TEXT("E0101"), in.matter, sizeof(in.matter)));
    assert_true(text_copy(TEXT("CGJ"), in.street, sizeof(in.street)));
    in.submit = true;
    assert_true(
        say(t, "whistle.draft", "office_lead/CGJ/o", whistle_draft, &in));
    assert_said(t, 1, "whistle.issued",
                "\"lead\":\"ZRZY\",\"assists\":[\"ZJJ\",\"GAFJ\"]");
    trial_free(t);
}

/* ---- as many as the schemas carry ---- */

static void as_many_offices_as_the_schemas_carry_are_called(void **state)
{
    static struct wire_office all[] = {
        {"GAFJ"}, {"JJDD"}, {"SCJG"}, {"ZJJ"}, {"STHJ"},
        {"SWJ"},  {"YJJ"},  {"JTYS"}, {"MZJ"}, {"WJJ"},
        {"XFJY"}, {"ZRZY"}, {"WLJ"},  {"JTJ"}, {"XFB"},
    };
    struct draft_in in = a_draft();
    struct trial *t = begin();

    (void)state;
    assert_int_equal(COUNT_OF(all) + 1, ROUND_OFFICES_MAX);
    assert_true(text_copy(TEXT("emergency"), in.kind, sizeof(in.kind)));
    assert_true(text_copy(TEXT("CGJ"), in.lead, sizeof(in.lead)));
    in.assists = (struct list){all, COUNT_OF(all)};
    in.submit = true;
    say_draft(t, &in, CLERK); /* fits the schema of task.assign */
    assert_int_equal(whistle_open_calls(the_whistle(t), 1), ROUND_OFFICES_MAX);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_allowed_or_changes_nothing),
        cmocka_unit_test(a_whistle_goes_where_its_kind_may_go),
        cmocka_unit_test(
            a_departments_own_matter_is_never_called_back_to_it),
        cmocka_unit_test(as_many_offices_as_the_schemas_carry_are_called),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
