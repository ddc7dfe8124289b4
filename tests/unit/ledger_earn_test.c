/* ledger_earn_test.c - minutes into beans by hand-computed numbers. */
#include <string.h>

#include "common/base/instant.h"
#include "services/ledger/earn.h"
#include "tests/unit/must.h"

static const struct earn_rule hourly = {
    .code = "service_hour",
    .beans_per_hour = 10,
    .max_minutes = 120,
    .expiry = EXPIRES_YEAR_END,
    .expires_n = 1,
};
static const struct earn_rule fixed = {
    .code = "good_deed",
    .beans = 5,
    .max_times = 2,
    .expiry = EXPIRES_MONTHS,
    .expires_n = 3,
};

static int64_t at(const char *text)
{
    int64_t us;

    assert_true(instant_parse(text_of(text), &us));
    return us;
}

static struct earn_claim claim_of(int64_t minutes)
{
    return (struct earn_claim){
        .member = TEXT("m"),
        .reviewer = TEXT("r"),
        .minutes = minutes,
        .served_us = at("2026-03-04T11:20+08:00"),
        .at_us = at("2026-03-04T15:00+08:00"),
    };
}

static void minutes_make_beans_up_to_each_cap(void **state)
{
    static const struct {
        const struct earn_rule *rule;
        int64_t minutes;
        struct earn_caps caps;
        struct earn_tally tally;
        int64_t counted, beans;
        unsigned cut;
    } cases[] = {
        /* clang-format off */
        { &hourly,  60, { 0, 0 },   { 0, 0, 0, 0, false },     60, 10, 0 },
        { &hourly,   6, { 0, 0 },   { 0, 0, 0, 0, false },      6,  1, 0 },
        { &hourly,  11, { 0, 0 },   { 0, 0, 0, 0, false },     11,  1, 0 },
        { &hourly,  95, { 0, 0 },   { 0, 0, 0, 0, false },     95, 15, 0 },
        { &hourly, 120, { 0, 0 },   { 0, 0, 0, 0, false },    120, 20, 0 },
        { &hourly, 121, { 0, 0 },   { 0, 0, 0, 0, false },    120, 20, EARN_CUT_ACTIVITY },
        { &hourly,  90, { 0, 0 },   { 70, 1, 11, 11, false },  50,  8, EARN_CUT_ACTIVITY },
        { &hourly,  90, { 15, 0 },  { 0, 0, 8, 8, false },     90,  7, EARN_CUT_DAY },
        { &hourly,  90, { 0, 100 }, { 0, 0, 0, 91, false },    90,  9, EARN_CUT_MONTH },
        { &hourly, 200, { 15, 100 }, { 0, 0, 0, 90, false },  120, 10,
          EARN_CUT_ACTIVITY | EARN_CUT_DAY | EARN_CUT_MONTH },
        { &fixed,    1, { 0, 0 },   { 0, 1, 0, 0, false },      1,  5, 0 },
        { &fixed,    1, { 3, 0 },   { 0, 0, 0, 0, false },      1,  3, EARN_CUT_DAY },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct earn_claim claim = claim_of(cases[i].minutes);
        struct earning got;

        MUST(ledger_earn(cases[i].rule, &cases[i].caps, &claim, &cases[i].tally,
                         &got, err));
        if (got.minutes != cases[i].counted || got.beans != cases[i].beans ||
            got.cut != cases[i].cut)
            fail_msg("case %zu: %lld minutes, %lld beans, cut %u", i,
                     (long long)got.minutes, (long long)got.beans, got.cut);
    }
}

static void the_first_reason_against_an_earn_is_given(void **state)
{
    static const struct {
        const struct earn_rule *rule;
        const char *reviewer, *served, *posted;
        int64_t minutes;
        struct earn_caps caps;
        struct earn_tally tally;
        const char *code;
    } cases[] = {
        /* clang-format off */
        { NULL,    "m", "2026-03-05T00:00Z", "2026-03-04T00:00Z", 0, { 0, 0 }, { 0, 0, 0, 0, true }, "no_rule" },
        { &hourly, "m", "2026-03-05T00:00Z", "2026-03-04T00:00Z", 0, { 0, 0 }, { 0, 0, 0, 0, true }, "not_yet_served" },
        { &hourly, "m", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 0, { 0, 0 }, { 0, 0, 0, 0, true }, "reviewer_is_beneficiary" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 0, { 0, 0 }, { 0, 0, 0, 0, true }, "duplicate" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 0, { 0, 0 }, { 120, 0, 0, 0, false }, "bad_minutes" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 5, { 0, 0 }, { 120, 0, 0, 0, false }, "too_short" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 6, { 0, 0 }, { 120, 0, 0, 0, false }, "cap" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 60, { 0, 0 }, { 115, 0, 0, 0, false }, "cap" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 60, { 9, 0 }, { 0, 0, 9, 9, false }, "cap" },
        { &hourly, "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 60, { 0, 9 }, { 0, 0, 0, 10, false }, "cap" },
        { &fixed,  "r", "2026-03-04T00:00Z", "2026-03-04T00:00Z", 60, { 0, 0 }, { 0, 2, 0, 0, false }, "cap" },
        { &hourly, "r", "2024-12-31T23:59:59+08:00", "2026-01-01T00:00+08:00", 60, { 0, 0 }, { 0, 0, 0, 0, false }, "already_expired" },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct earn_claim claim = {
            .member = TEXT("m"),
            .reviewer = text_of(cases[i].reviewer),
            .minutes = cases[i].minutes,
            .served_us = at(cases[i].served),
            .at_us = at(cases[i].posted),
        };
        struct earning got;
        struct err err = {0};

        assert_false(ledger_earn(cases[i].rule, &cases[i].caps, &claim,
                                 &cases[i].tally, &got, &err));
        assert_int_equal(err.kind, ERR_REJECT);
        if (strcmp(err.code, cases[i].code) != 0)
            fail_msg("case %zu: %s, not %s", i, err.code, cases[i].code);
    }
}

static void beans_live_to_the_end_of_their_last_day(void **state)
{
    static const struct {
        int expiry;
        int64_t n;
        const char *served, *expires;
    } cases[] = {
        /* clang-format off */
        { EXPIRES_YEAR_END, 1, "2026-03-04T11:20+08:00", "2028-01-01T00:00+08:00" },
        { EXPIRES_YEAR_END, 1, "2026-12-31T23:59+08:00", "2028-01-01T00:00+08:00" },
        { EXPIRES_YEAR_END, 1, "2026-12-31T23:59Z",      "2029-01-01T00:00+08:00" },
        { EXPIRES_YEAR_END, 0, "2026-03-04T11:20+08:00", "2027-01-01T00:00+08:00" },
        { EXPIRES_MONTHS, 1,   "2026-01-31T12:00+08:00", "2026-03-01T00:00+08:00" },
        { EXPIRES_MONTHS, 1,   "2028-01-31T12:00+08:00", "2028-03-01T00:00+08:00" },
        { EXPIRES_MONTHS, 3,   "2026-11-30T12:00+08:00", "2027-03-01T00:00+08:00" },
        { EXPIRES_MONTHS, 12,  "2026-12-15T12:00+08:00", "2027-12-16T00:00+08:00" },
        /* clang-format on */
    };
    static const struct earn_rule never = {.expiry = EXPIRES_NEVER};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct earn_rule rule = {.expiry = cases[i].expiry,
                                 .expires_n = cases[i].n};
        char got[INSTANT_TEXT_SIZE], wanted[INSTANT_TEXT_SIZE];

        instant_print(ledger_expiry(&rule, at(cases[i].served)), got);
        instant_print(at(cases[i].expires), wanted);
        assert_string_equal(got, wanted);
    }
    assert_true(ledger_expiry(&never, 0) == INSTANT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minutes_make_beans_up_to_each_cap),
        cmocka_unit_test(the_first_reason_against_an_earn_is_given),
        cmocka_unit_test(beans_live_to_the_end_of_their_last_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
