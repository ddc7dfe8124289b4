/* base_instant_test.c - RFC 3339 and civil dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/instant.h"

static void an_instant_is_read_as_rfc_3339_says(void **state)
{
    static const struct {
        const char *text;
        int64_t at_us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000001Z", 1},
        {"1970-01-01T00:00:00.0000019Z", 1},
        {"1970-01-01T00:00:00.999999999Z", 999999},
        {"1970-01-01T00:00:01.5Z", 1500000},
        {"1970-01-01T00:00Z", 0},
        {"1970-01-01T08:00+08:00", 0},
        {"1970-01-01T08:00:00+08:00", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T00:00:00-08:30", 30600000000},
        {"2026-03-02T08:30+08:00", 1772411400000000},
        {"2024-02-29T23:59:59Z", 1709251199000000},
        {"2000-02-29T00:00:00Z", 951782400000000},
        {"9999-12-31T23:59:59.999999Z", 253402300799999999},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t at_us = -1;

        if (!instant_parse(text_of(cases[i].text), &at_us) ||
            at_us != cases[i].at_us)
            fail_msg("%s: %lld", cases[i].text, (long long)at_us);
    }
}

static void what_is_not_an_instant_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-03-02",
        "2026-03-02T08:30",
        "2026-03-02T08:30:00",
        "2026-03-02 08:30:00Z",
        "2026-03-02T08:30:00 Z",
        "2026-03-02T08:30:00Z ",
        " 2026-03-02T08:30:00Z",
        "2026-3-02T08:30:00Z",
        "2026-03-02T8:30:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T08:60:00Z",
        "2026-06-30T23:59:60Z",
        "2026-02-29T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-03-02T08:30:00.Z",
        "2026-03-02T08:30:00,5Z",
        "2026-03-02T08:30.5Z",
        "2026-03-02T08:30:00.1234567890Z",
        "2026-03-02T08:30:00+24:00",
        "2026-03-02T08:30:00+08:60",
        "2026-03-02T08:30:00+0800",
        "2026-03-02T08:30:00+08",
        "2026-03-02T08:30:00+8:00",
        "2026-03-02T08:30:00z08:00",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-026-03-02T08:30:00Z",
        "2026-03-02T-8:30:00Z",
        "２026-03-02T08:30:00Z",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t at_us = 77;

        if (instant_parse(text_of(cases[i]), &at_us))
            fail_msg("taken: \"%s\"", cases[i]);
        assert_int_equal(at_us, 77);
    }
}

static void an_instant_is_printed_for_programs_and_for_people(void **state)
{
    static const struct {
        int64_t at_us;
        const char *utc, *shanghai;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01T08:00:00+08:00"},
        {1772411400000000, "2026-03-02T00:30:00Z", "2026-03-02T08:30:00+08:00"},
        {1772467200000000, "2026-03-02T16:00:00Z", "2026-03-03T00:00:00+08:00"},
        {1772411400000001, "2026-03-02T00:30:00.000001Z",
         "2026-03-02T08:30:00.000001+08:00"},
        {1772411400120000, "2026-03-02T00:30:00.12Z",
         "2026-03-02T08:30:00.12+08:00"},
        {-1, "1969-12-31T23:59:59.999999Z", "1970-01-01T07:59:59.999999+08:00"},
        {253402300799999999, "9999-12-31T23:59:59.999999Z",
         "10000-01-01T07:59:59.999999+08:00"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[INSTANT_TEXT_SIZE];

        instant_print(cases[i].at_us, text);
        assert_string_equal(text, cases[i].utc);
        instant_print_shanghai(cases[i].at_us, text);
        assert_string_equal(text, cases[i].shanghai);
    }
}

static void the_ends_of_the_range_stay_within_their_arrays(void **state)
{
    static const int64_t ends[] = {INSTANT_NONE, INT64_MIN + 1, INT64_MAX};
    char text[INSTANT_TEXT_SIZE], date[DATE_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        instant_print(ends[i], text);
        assert_true(strlen(text) < INSTANT_TEXT_SIZE);
        instant_print_shanghai(ends[i], text);
        assert_true(strlen(text) < INSTANT_TEXT_SIZE);
    }
    date_print(INT32_MIN, date);
    assert_string_equal(date, "-5877641-06-23");
    date_print(INT32_MAX, date);
    assert_string_equal(date, "5881580-07-11");
}

static void what_is_printed_is_read_as_the_same_instant(void **state)
{
    unsigned short seed[3] = {4, 5, 6};

    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t bits = (int64_t)nrand48(seed) << 31 | nrand48(seed);
        int64_t at_us = bits % INT64_C(253402272000000000);
        char text[INSTANT_TEXT_SIZE];
        int64_t back = -1;

        instant_print(at_us, text);
        assert_true(instant_parse(text_of(text), &back));
        assert_true(back == at_us);
        instant_print_shanghai(at_us, text);
        assert_true(instant_parse(text_of(text), &back));
        assert_true(back == at_us);
    }
}

/* Any byte of a good text changed to any other: no crash, and what is still
 * taken prints to something that is taken. */
static void a_changed_byte_is_refused_or_means_an_instant(void **state)
{
    static const char good[] = "2026-03-02T08:30:00.123456+08:00";

    (void)state;
    for (size_t at = 0; at < sizeof(good) - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[sizeof(good)], again[INSTANT_TEXT_SIZE];
            int64_t at_us, back;

            memcpy(text, good, sizeof(good));
            text[at] = (char)byte;
            if (!instant_parse((struct text){text, sizeof(good) - 1}, &at_us))
                continue;
            instant_print(at_us, again);
            assert_true(instant_parse(text_of(again), &back));
            assert_true(back == at_us);
        }
    }
}

/* The slow walk knows only the lengths of months and the leap rule. */
static void dates_agree_with_a_walk_through_four_hundred_years(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    int32_t number = date_from_civil(1900, 1, 1);
    int weekday = 0; /* 1900-01-01 was a Monday */

    (void)state;
    assert_int_equal(number, -25567);
    for (int year = 1900; year < 2301; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap);

            for (int day = 1; day <= length; day++) {
                int y, m, d;

                date_civil(number, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
                assert_true(date_from_civil(year, month, day) == number);
                assert_true(date_weekday(number) == weekday);
                number++;
                weekday = (weekday + 1) % 7;
            }
        }
    }
}

static void a_day_of_shanghai_begins_at_its_midnight(void **state)
{
    int32_t day = date_from_civil(2026, 3, 2);
    int64_t start_us = date_start_us(day);

    (void)state;
    assert_int_equal(start_us, 1772380800000000);
    assert_int_equal(date_of(start_us), day);
    assert_int_equal(date_of(start_us - 1), day - 1);
    assert_int_equal(date_of(start_us + DAY_US - 1), day);
    assert_int_equal(date_of(start_us + DAY_US), day + 1);
    assert_int_equal(date_weekday(day), 0);
    assert_int_equal(date_of(-8 * HOUR_US), 0);
    assert_int_equal(date_of(-8 * HOUR_US - 1), -1);
    assert_int_equal(date_start_us(-1), -32 * HOUR_US);
    assert_int_equal(date_weekday(INT32_MIN), 1); /* 2^31 is 2 modulo 7 */
}

static void a_date_is_read_and_printed(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"1970-01-01", true},  {"2024-02-29", true},
        {"1949-10-01", true},  {"9999-12-31", true},
        {"0001-01-01", true},  {"2023-02-29", false},
        {"2026-02-30", false}, {"0000-01-01", false},
        {"2026-3-2", false},   {"2026-03-02 ", false},
        {"2026/03/02", false}, {"20260302", false},
        {"", false},           {"2026-03-32", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[DATE_TEXT_SIZE];
        int32_t day = 77;

        if (date_parse(text_of(cases[i].text), &day) != cases[i].good)
            fail_msg("%s", cases[i].text);
        if (!cases[i].good) {
            assert_int_equal(day, 77);
            continue;
        }
        date_print(day, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void the_clocks_go_forward(void **state)
{
    int64_t before_us = instant_monotonic();
    int64_t now_us = instant_now();

    (void)state;
    assert_true(instant_monotonic() >= before_us);
    assert_true(now_us > INT64_C(1700000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instant_is_read_as_rfc_3339_says),
        cmocka_unit_test(what_is_not_an_instant_is_refused),
        cmocka_unit_test(an_instant_is_printed_for_programs_and_for_people),
        cmocka_unit_test(the_ends_of_the_range_stay_within_their_arrays),
        cmocka_unit_test(what_is_printed_is_read_as_the_same_instant),
        cmocka_unit_test(a_changed_byte_is_refused_or_means_an_instant),
        cmocka_unit_test(dates_agree_with_a_walk_through_four_hundred_years),
        cmocka_unit_test(a_day_of_shanghai_begins_at_its_midnight),
        cmocka_unit_test(a_date_is_read_and_printed),
        cmocka_unit_test(the_clocks_go_forward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
