/* ledger_post_test.c - beans are posted, reversed, die; accounts agree. */
#include "services/ledger/ledger.h"
#include "tests/unit/fits.h"

#define KEY "530103"
#define ENTRY "0199a0c1-7000-7000-8000-0000000000e1"
#define MATCH "0199a0c1-7000-7000-8000-0000000000c1"

static struct reference *reference;

static const struct service ledger = {
    .name = "ledger",
    .topic = "ledger.commands",
    .events = "ledger.events",
    .thing = "ledger",
    .state_size = sizeof(struct ledger_state),
    .begin = ledger_begin,
};

static int64_t at(const char *text)
{
    int64_t us;

    assert_true(instant_parse(text_of(text), &us));
    return us;
}

static struct trial *begin(void)
{
    struct trial *t = trial_new(&ledger, reference);

    trial_at(t, "2026-03-05T10:00+08:00");
    trial_is(t, ENTRY, KEY);
    return t;
}

static struct ledger_post post_of(const char *member, const char *activity,
                                  int64_t minutes)
{
    return (struct ledger_post){
        .member = text_of(member),
        .rule = "service_hour",
        .activity = text_of(activity),
        .minutes = minutes,
        .served = at("2026-03-04T11:20+08:00"),
        .reviewer = TEXT("c-1"),
    };
}

static void next_message(struct trial *t)
{
    t->message.id.bytes[15]++;
}

static bool post(struct trial *t, const struct ledger_post *in)
{
    next_message(t);
    return trial_says(t, "ledger.post", "worker/match/", ledger_posted, in);
}

static bool reverse(struct trial *t, struct uuid entry)
{
    struct ledger_reverse in = {entry, TEXT("重复记录")};

    next_message(t);
    return trial_says(t, "ledger.reverse", "reviewer//v-1", ledger_reversed, &in);
}

static bool look(struct trial *t, struct uuid entry)
{
    char id[UUID_TEXT_SIZE];
    struct clock_passed in = {.subject = {id, 36}};

    uuid_print(&entry, id);
    next_message(t);
    return trial_says(t, "clock.passed", "worker/ledger/", ledger_looked, &in);
}

static int64_t balance(struct trial *t, const char *account)
{
    return ledger_account(t->batch.state, text_of(account))->balance;
}

/* Every operation, each account, and each account from its transfers. */
static void assert_balanced(const struct ledger_state *s)
{
    int64_t sum = 0, lots = 0, members = 0;

    for (size_t i = 0; i < s->accounts.count; i++) {
        const struct account *a = s->accounts.items[i].thing;
        int64_t moved = 0;

        for (const struct transfer *x = s->transfers; x; x = x->next)
            moved +=
                (x->to == a ? x->amount : 0) - (x->from == a ? x->amount : 0);
        assert_int_equal(moved, a->balance);
        sum += a->balance;
        if (text_starts(a->name, ACCOUNT_MEMBER)) {
            assert_true(a->balance >= 0);
            members += a->balance;
        }
    }
    assert_int_equal(sum, 0);
    for (size_t i = 0; i < s->entries.count; i++)
        lots += ((const struct entry *)s->entries.items[i].thing)->available;
    assert_int_equal(lots, members);
}

static void a_service_is_posted_once_and_answered(void **state)
{
    struct trial *t = begin();
    struct ledger_post in = post_of("p-1", "n-1", 95);

    (void)state;
    t->message.reply = (struct reply){
        .topic = TEXT("match.commands"),
        .key = TEXT(KEY),
        .type = TEXT("match.post_done"),
        .subject = TEXT(MATCH),
    };
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"beans\":15");
    assert_said(t, 0, "ledger.posted", "\"balance\":15");
    assert_said(t, 0, "ledger.posted", "\"expires\":\"2027-12-31T16:00:00Z\"");
    assert_said(t, 1, "match.post_done", "\"subject\":\"" MATCH "\"");
    assert_said(t, 1, "match.post_done", "\"beans\":15");
    assert_true(text_is(t->said[1].topic, "match.commands"));
    assert_int_equal(balance(t, "mint"), -15);
    assert_int_equal(balance(t, "member/p-1"), 15);
    assert_false(post(t, &in));
    assert_refused(t, "duplicate");
    assert_int_equal(balance(t, "member/p-1"), 15);
    trial_free(t);
}

static void an_activity_of_several_days_is_cut_over_all_of_them(void **state)
{
    struct trial *t = begin();
    struct ledger_post in = post_of("p-1", "n-1", 90);

    (void)state;
    assert_true(post(t, &in));
    in.served += DAY_US / 2 + 3 * HOUR_US; /* the next day */
    t->message.at_us += 2 * DAY_US;
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"minutes\":30,\"beans\":5");
    assert_said(t, 0, "ledger.posted", "\"cut\":[\"activity\"]");
    in.served += DAY_US;
    assert_false(post(t, &in));
    assert_refused(t, "cap");
    in.activity = TEXT("n-2");
    assert_true(post(t, &in));
    assert_int_equal(balance(t, "member/p-1"), 15 + 5 + 15);
    trial_free(t);
}

static void caps(const char *name, struct buf *body)
{
    if (strcmp(name, "weights.csv") == 0)
        buf_print(body, "ledger.day_cap,12,\nledger.month_cap,20,\n");
}

static void caps_hold_over_all_rules_by_the_day_served(void **state)
{
    struct reference *capped = trial_reference(caps);
    struct trial *t = trial_new(&ledger, capped);
    struct ledger_post in = post_of("p-1", "n-1", 60);

    (void)state;
    trial_at(t, "2026-04-05T10:00+08:00");
    trial_is(t, ENTRY, KEY);
    assert_true(post(t, &in));
    in.activity = TEXT("n-2");
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"beans\":2,\"cut\":[\"day\"]");
    in.activity = TEXT("n-3");
    assert_false(post(t, &in));
    assert_refused(t, "cap");
    in.served = at("2026-03-31T23:00+08:00");
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"beans\":8,\"cut\":[\"month\"]");
    in.served = at("2026-04-01T00:00+08:00");
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"beans\":10,\"cut\":[]");
    in.member = TEXT("p-2");
    in.served = at("2026-03-31T23:00+08:00");
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"beans\":10");
    trial_free(t);
    reference_free(capped);
}

static void a_reversed_earn_counts_no_more(void **state)
{
    struct trial *t = begin();
    struct ledger_post in = post_of("p-1", "n-1", 120);
    struct uuid entry;

    (void)state;
    assert_false(reverse(t, t->message.id));
    assert_refused(t, "no_such_earn");
    assert_true(post(t, &in));
    entry = t->message.id;
    assert_true(reverse(t, entry));
    assert_said(t, 0, "ledger.reversed", "\"beans\":20");
    assert_said(t, 0, "ledger.reversed", "\"balance\":0");
    assert_int_equal(balance(t, "mint"), 0);
    assert_false(reverse(t, entry));
    assert_refused(t, "already_reversed");
    assert_true(post(t, &in));
    assert_said(t, 0, "ledger.posted", "\"beans\":20");
    trial_free(t);
}

static void nobody_reverses_their_own_beans(void **state)
{
    struct trial *t = begin();
    struct ledger_post in = post_of("v-1", "n-1", 60);

    (void)state;
    assert_true(post(t, &in));
    assert_false(reverse(t, t->message.id));
    assert_refused(t, "reviewer_is_beneficiary");
    trial_free(t);
}

static void beans_die_at_their_instant_and_not_before(void **state)
{
    struct trial *t = begin();
    struct ledger_post in = post_of("p-1", "n-1", 60);
    struct uuid entry;

    (void)state;
    assert_true(post(t, &in));
    entry = t->message.id;
    trial_at(t, "2027-12-31T23:59:59.999999+08:00");
    assert_true(look(t, entry));
    assert_int_equal(t->count, 0);
    trial_at(t, "2028-01-01T00:00+08:00");
    assert_true(look(t, entry));
    assert_said(t, 0, "ledger.expired", "\"beans\":10");
    assert_int_equal(balance(t, "expired"), 10);
    assert_true(look(t, entry));
    assert_int_equal(t->count, 0);
    trial_free(t);
}

static void what_died_unswept_is_not_taken_back(void **state)
{
    struct trial *t = begin();
    struct ledger_post in = post_of("p-1", "n-1", 60);
    struct uuid entry;

    (void)state;
    assert_true(post(t, &in));
    entry = t->message.id;
    trial_at(t, "2028-01-01T00:00+08:00");
    assert_true(reverse(t, entry));
    assert_said(t, 0, "ledger.reversed", "\"beans\":0");
    assert_int_equal(balance(t, "expired"), 10);
    assert_int_equal(balance(t, "mint"), -10);
    assert_balanced(t->batch.state);
    trial_free(t);
}

static uint64_t seed = 20261123;

static unsigned chance(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

/* Of four members, of whom c-1 is the reviewer; some dates are dead. */
static struct ledger_post any_post(struct trial *t)
{
    static const char *const members[] = {"p-1", "p-2", "p-3", "c-1"};
    struct ledger_post in = post_of(
        members[chance(COUNT_OF(members))],
        arena_print(&t->batch.arena, "n-%u", chance(1500)).bytes, chance(200));

    in.served = t->message.at_us - chance(900) * DAY_US + HOUR_US;
    return in;
}

static void ten_thousand_random_operations_sum_to_zero(void **state)
{
    struct trial *t = begin();
    struct ledger_state *s = t->batch.state;
    size_t posted = 0, reversed = 0, died = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        unsigned what = chance(10);
        struct uuid id = {.bytes = {1}};

        if (s->entries.count > 0)
            id = ((struct entry *)s->entries
                      .items[chance((unsigned)s->entries.count)]
                      .thing)
                     ->id;
        t->message.at_us += chance(12) * HOUR_US;
        memcpy(t->message.id.bytes, &i, sizeof(i));
        if (what < 6) {
            struct ledger_post in = any_post(t);

            posted += post(t, &in);
        } else if (what < 8) {
            reversed += reverse(t, id);
        } else if (look(t, id)) {
            died += t->count;
        }
        if (i % 500 == 0)
            assert_balanced(s);
    }
    assert_balanced(s);
    assert_true(posted > 1000 && reversed > 100 && died > 20);
    trial_free(t);
}

static int load_reference(void **state)
{
    (void)state;
    reference = trial_reference(NULL);
    return reference ? 0 : -1;
}

static int free_reference(void **state)
{
    (void)state;
    reference_free(reference);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_posted_once_and_answered),
        cmocka_unit_test(an_activity_of_several_days_is_cut_over_all_of_them),
        cmocka_unit_test(caps_hold_over_all_rules_by_the_day_served),
        cmocka_unit_test(a_reversed_earn_counts_no_more),
        cmocka_unit_test(nobody_reverses_their_own_beans),
        cmocka_unit_test(beans_die_at_their_instant_and_not_before),
        cmocka_unit_test(what_died_unswept_is_not_taken_back),
        cmocka_unit_test(ten_thousand_random_operations_sum_to_zero),
    };

    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
