/* city_clock_due_test.c - each sentence of rules.md §2 about dues as a case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/city_clock_test.h"

struct due_case {
    struct told told;
    const char *due;
};

static void check_dues(const struct due_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct clock_state s = computed(&cases[i].told);
        char what[64];

        snprintf(what, sizeof(what), "case %zu from %s", i,
                 cases[i].told.start);
        assert_at(s.due_us, cases[i].due, what);
    }
}
#define CHECK(cases) check_dues(cases, COUNT_OF(cases))
/* clang-format off */
static void wall_units_tick_through_nights_and_holidays(void **state)
{
    static const struct due_case cases[] = {
        { { MINUTES, 10, .start = "2026-03-06 16:40" }, "2026-03-06 16:50" },
        { { MINUTES, 30, .start = "2026-03-06 23:45" }, "2026-03-07 00:15" },
        { { UHOURS, 24, .start = "2026-03-06 16:40" }, "2026-03-07 16:40" },
        { { UHOURS, 2, .start = "2026-02-17 01:00" }, "2026-02-17 03:00" },
        { { UDAYS, 2, .start = "2026-03-06 16:40" }, "2026-03-08 16:40" },
        { { UHOURS, 24, .start = "2031-03-06 16:40" }, "2031-03-07 16:40" },
    };

    (void)state;
    CHECK(cases);
}

static void working_hours_tick_only_while_people_work(void **state)
{
    static const struct due_case cases[] = {
        { { WHOURS, 1, .start = "2026-03-06 16:40" }, "2026-03-09 09:10" },
        { { WHOURS, 1, .start = "2026-03-06 11:30" }, "2026-03-06 14:00" },
        /* a limit that ends with a segment ends there, not at the next one */
        { { WHOURS, 1, .start = "2026-03-06 16:30" }, "2026-03-06 17:30" },
        { { WHOURS, 1, .start = "2026-03-06 11:00" }, "2026-03-06 12:00" },
        /* in no segment it does not tick until the next one opens */
        { { WHOURS, 1, .start = "2026-03-06 12:10" }, "2026-03-06 14:30" },
        { { WHOURS, 1, .start = "2026-03-06 20:00" }, "2026-03-09 10:00" },
        { { WHOURS, 1, .start = "2026-03-06 06:00" }, "2026-03-06 10:00" },
        { { WHOURS, 7, .start = "2026-03-06 09:00" }, "2026-03-06 17:30" },
        /* a make-up Saturday works, a holiday does not */
        { { WHOURS, 1, .start = "2026-02-27 16:40" }, "2026-02-28 09:10" },
        { { WHOURS, 8, .start = "2026-02-14 09:00" }, "2026-02-24 10:00" },
        { { WHOURS, 1, .start = "2026-03-06 16:30:00.000001" },
          "2026-03-09 09:00:00.000001" },
    };

    (void)state;
    CHECK(cases);
}

static void working_days_count_from_the_next_day_to_the_close(void **state)
{
    static const struct due_case cases[] = {
        { { WDAYS, 1, .start = "2026-03-06 16:40" }, "2026-03-09 17:30" },
        { { WDAYS, 1, .start = "2026-03-06 09:00" }, "2026-03-09 17:30" },
        /* no "deemed received tomorrow" */
        { { WDAYS, 1, .start = "2026-03-05 05:00" }, "2026-03-06 17:30" },
        { { WDAYS, 1, .start = "2026-03-05 23:59:59" }, "2026-03-06 17:30" },
        { { WDAYS, 1, .start = "2026-03-06 00:00" }, "2026-03-09 17:30" },
        { { WDAYS, 1, .start = "2026-02-17 12:00" }, "2026-02-24 17:30" },
        { { WDAYS, 3, .start = "2026-02-12 12:00" }, "2026-02-24 17:30" },
        { { WDAYS, 5, .start = "2026-02-24 10:00" }, "2026-03-02 17:30" },
        { { WDAYS, 10, .start = "2026-03-02 08:30" }, "2026-03-16 17:30" },
        { { WDAYS, 1, NEXT, .start = "2026-04-30 10:00" },
          "2026-05-04 17:30" },
    };

    (void)state;
    CHECK(cases);
}

static void rolling_working_days_are_hours_of_the_calendar(void **state)
{
    static const struct due_case cases[] = {
        { { WDAYS, 1, ROLLING, .start = "2026-03-06 16:40" },
          "2026-03-09 16:40" },
        { { WDAYS, 2, ROLLING, .start = "2026-03-06 09:00" },
          "2026-03-09 17:30" },
        { { WDAYS, 1, ROLLING, .start = "2026-03-07 03:00" },
          "2026-03-09 17:30" },
    };

    (void)state;
    CHECK(cases);
}

static void calendar_days_roll_to_the_next_working_day(void **state)
{
    static const struct due_case cases[] = {
        { { CDAYS, 7, .start = "2026-03-06 16:40" }, "2026-03-13 17:30" },
        { { CDAYS, 1, .start = "2026-03-06 16:40" }, "2026-03-09 17:30" },
        { { CDAYS, 2, .start = "2026-03-06 16:40" }, "2026-03-09 17:30" },
        { { CDAYS, 7, .start = "2026-02-10 09:00" }, "2026-02-24 17:30" },
        { { CDAYS, 1, .start = "2026-02-13 09:00" }, "2026-02-14 17:30" },
        { { CDAYS, 15, .start = "2026-03-02 00:00" }, "2026-03-17 17:30" },
        { { CDAYS, 7, .day_end = MIDNIGHT, .start = "2026-03-06 16:40" },
          "2026-03-14 00:00" },
        { { CDAYS, 1, .day_end = MIDNIGHT, .start = "2026-03-06 16:40" },
          "2026-03-10 00:00" },
    };

    (void)state;
    CHECK(cases);
}

static void limit_0_is_the_same_day_while_that_can_be_met(void **state)
{
    static const struct due_case cases[] = {
        { { WDAYS, 0, .start = "2026-03-05 09:30" }, "2026-03-05 17:30" },
        { { WDAYS, 0, .start = "2026-03-05 05:00" }, "2026-03-05 17:30" },
        { { WDAYS, 0, .start = "2026-03-05 17:29:59.999999" },
          "2026-03-05 17:30" },
        { { WDAYS, 0, .start = "2026-03-05 17:30" }, "2026-03-06 17:30" },
        { { WDAYS, 0, .start = "2026-03-06 18:00" }, "2026-03-09 17:30" },
        { { WDAYS, 0, .start = "2026-03-07 09:30" }, "2026-03-09 17:30" },
        { { CDAYS, 0, .start = "2026-03-05 17:30" }, "2026-03-06 17:30" },
        { { CDAYS, 0, .day_end = MIDNIGHT, .start = "2026-03-05 17:30" },
          "2026-03-06 00:00" },
        { { CDAYS, 0, .day_end = MIDNIGHT, .start = "2026-03-07 17:30" },
          "2026-03-10 00:00" },
    };

    (void)state;
    CHECK(cases);
}

static const struct due_case pauses[] = {
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 10:10", "2026-03-06 10:40" } } },
      "2026-03-06 11:00" },
    /* over a night it gives a working clock nothing */
    { { WHOURS, 2, .start = "2026-03-05 16:30",
        .pauses = { { "2026-03-05 17:30", "2026-03-06 09:00" } } },
      "2026-03-06 10:00" },
    { { WHOURS, 2, .start = "2026-03-05 16:30",
        .pauses = { { "2026-03-05 17:00", "2026-03-06 09:30" } } },
      "2026-03-06 11:00" },
    /* over the uncounted first day it gives nothing */
    { { WDAYS, 1, .start = "2026-03-05 09:00",
        .pauses = { { "2026-03-05 10:00", "2026-03-06 00:00" } } },
      "2026-03-06 17:30" },
    /* the due falls in mid-day, and is not rounded up to a close */
    { { WDAYS, 1, .start = "2026-03-05 09:00",
        .pauses = { { "2026-03-06 10:00", "2026-03-06 11:00" } } },
      "2026-03-09 10:00" },
    /* a calendar_day due on a Saturday is not rolled again */
    { { CDAYS, 7, .start = "2026-03-06 16:40",
        .pauses = { { "2026-03-09 12:00", "2026-03-10 12:00" } } },
      "2026-03-14 17:30" },
    /* the union counts, in any order */
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 10:15", "2026-03-06 10:35" },
                    { "2026-03-06 10:30", "2026-03-06 10:40" },
                    { "2026-03-06 10:10", "2026-03-06 10:20" } } },
      "2026-03-06 11:00" },
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 10:20", "2026-03-06 10:30" },
                    { "2026-03-06 10:10", "2026-03-06 10:20" } } },
      "2026-03-06 10:50" },
    /* what is before the start, empty, or behind the due counts nothing */
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 09:00", "2026-03-06 09:30" },
                    { "2026-03-06 10:10", "2026-03-06 10:10" },
                    { "2026-03-06 10:30", "2026-03-06 11:30" } } },
      "2026-03-06 10:30" },
    /* an open pause: no due; reached at its beginning: it stays */
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 10:29", "open" } } }, NULL },
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 10:30", "open" } } },
      "2026-03-06 10:30" },
    /* the stop ends an open pause */
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .stop = "2026-03-06 10:20",
        .pauses = { { "2026-03-06 10:10", "open" } } },
      "2026-03-06 10:40" },
    { { MINUTES, 30, .start = "2026-03-06 10:00",
        .stop = "2026-03-06 10:20",
        .pauses = { { "2026-03-06 10:25", "2026-03-06 11:00" } } },
      "2026-03-06 10:30" },
};

static void a_pause_gives_back_the_ticking_time_it_covered(void **state)
{
    (void)state;
    CHECK(pauses);
}

static void an_extension_adds_to_the_due(void **state)
{
    static const struct due_case cases[] = {
        { { UHOURS, 2, .start = "2026-03-06 10:00",
            .extensions = { { "2026-03-06 11:00", 1, NULL } } },
          "2026-03-06 13:00" },
        { { UHOURS, 2, .start = "2026-03-06 10:00",
            .extensions = { { "2026-03-06 11:59:59.999999", 1, NULL } } },
          "2026-03-06 13:00" },
        /* the second is asked before the extended due; order of the list is
         * not that of asking */
        { { UHOURS, 2, .start = "2026-03-06 10:00",
            .extensions = { { "2026-03-06 12:30", 1, NULL },
                            { "2026-03-06 11:00", 1, NULL } } },
          "2026-03-06 14:00" },
        { { WDAYS, 1, ROLLING, .start = "2026-03-06 16:40",
            .extensions = { { "2026-03-06 17:00", 1, NULL } } },
          "2026-03-10 16:40" },
        { { WDAYS, 3, .start = "2026-03-02 10:00",
            .extensions = { { "2026-03-03 09:00", 0, "2026-03-09" } } },
          "2026-03-09 17:30" },
        /* a Saturday: the next working day */
        { { WDAYS, 3, .start = "2026-03-02 10:00",
            .extensions = { { "2026-03-03 09:00", 0, "2026-03-07" } } },
          "2026-03-09 17:30" },
        { { CDAYS, 7, .start = "2026-03-02 10:00",
            .extensions = { { "2026-03-03 09:00", 0, "2026-03-14" } } },
          "2026-03-16 17:30" },
        { { CDAYS, 7, .day_end = MIDNIGHT, .start = "2026-03-02 10:00",
            .extensions = { { "2026-03-03 09:00", 0, "2026-03-10" } } },
          "2026-03-11 00:00" },
        /* asked while paused: hours are added, the pause counts as open */
        { { UHOURS, 2, .start = "2026-03-06 10:00",
            .pauses = { { "2026-03-06 11:00", "2026-03-06 15:00" } },
            .extensions = { { "2026-03-06 14:00", 1, NULL } } },
          "2026-03-06 17:00" },
        /* a pause that begins at the asking has not begun before it */
        { { CDAYS, 2, .start = "2026-03-02 10:00",
            .pauses = { { "2026-03-03 10:00", "2026-03-03 10:01" } },
            .extensions = { { "2026-03-03 10:00", 0, "2026-03-05" } } },
          "2026-03-05 17:31" },
        /* asked before a pause: the pause then moves the new due too */
        { { WDAYS, 1, .start = "2026-03-02 10:00",
            .pauses = { { "2026-03-03 10:00", "2026-03-03 11:00" } },
            .extensions = { { "2026-03-02 12:00", 0, "2026-03-04" } } },
          "2026-03-05 10:00" },
    };

    (void)state;
    CHECK(cases);
}

static const struct {
    struct told told;
    const char *code, *field;
} mistakes[] = {
    { { MINUTES, 10, NEXT, .start = "2026-03-06 10:00" },
      "bad_row", "counting" },
    { { CDAYS, 10, ROLLING, .start = "2026-03-06 10:00" },
      "bad_row", "counting" },
    { { MINUTES, 0, .start = "2026-03-06 10:00" }, "bad_row", "limit" },
    { { WDAYS, 0, ROLLING, .start = "2026-03-06 10:00" },
      "bad_row", "limit" },
    { { WDAYS, -1, .start = "2026-03-06 10:00" }, "bad_row", "limit" },
    { { UDAYS, INT64_MAX, .start = "2026-03-06 10:00" },
      "bad_row", "limit" },
    { { MINUTES, 10, .start = "2026-03-06 10:00",
        .stop = "2026-03-06 09:59" }, "stop_before_start", "stop_us" },
    { { MINUTES, 10, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 10:05", "2026-03-06 10:04" } } },
      "bad_pause", "pauses" },
    { { WHOURS, 1, .start = "2027-01-04 10:00" },
      "calendar_gap", "date" },
    { { WDAYS, 1, .start = "2025-12-31 10:00" }, "calendar_gap", "date" },
    { { WDAYS, 1, .start = "2026-12-31 10:00" }, "calendar_gap", "date" },
    { { CDAYS, 1, .start = "2026-12-31 10:00" }, "calendar_gap", "date" },
    { { WHOURS, 2, .start = "2026-12-31 16:30" },
      "calendar_gap", "date" },
    /* late by the due as it then stood, though a later pause moved it */
    { { UHOURS, 2, .start = "2026-03-06 10:00",
        .extensions = { { "2026-03-06 12:00", 1, NULL } } },
      "extension_late", "asked_us" },
    { { UHOURS, 2, .start = "2026-03-06 10:00",
        .pauses = { { "2026-03-06 12:00", "open" } },
        .extensions = { { "2026-03-06 13:00", 1, NULL } } },
      "extension_late", "asked_us" },
    { { WDAYS, 3, .start = "2026-03-02 10:00",
        .extensions = { { "2026-03-03 09:00", 0, "2026-03-05" } } },
      "extension_not_later", "to_date" },
    { { WDAYS, 3, .start = "2026-03-02 10:00",
        .pauses = { { "2026-03-03 09:00", "2026-03-03 12:00" } },
        .extensions = { { "2026-03-03 10:00", 0, "2026-03-09" } } },
      "extension_paused", "to_date" },
    { { WDAYS, 3, .start = "2026-12-21 10:00",
        .extensions = { { "2026-12-22 10:00", 0, "2027-01-05" } } },
      "calendar_gap", "date" },
    { { WDAYS, 3, .start = "2026-03-02 10:00",
        .extensions = { { "2026-03-03 10:00", 1, NULL } } },
      "bad_extension", "extensions" },
    { { UHOURS, 3, .start = "2026-03-02 10:00",
        .extensions = { { "2026-03-02 11:00", 0, "2026-03-09" } } },
      "bad_extension", "extensions" },
    { { UHOURS, 3, .start = "2026-03-02 10:00",
        .extensions = { { "2026-03-02 11:00", -1, NULL } } },
      "bad_extension", "extensions" },
};

static void what_cannot_be_computed_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct clock_state clock;
        struct story s;
        struct err why = { 0 };

        tell(&s, &mistakes[i].told);
        if (clock_compute(&s.limit, &panlong, &s.story, &clock, &why) ||
            why.kind != ERR_REJECT || strcmp(why.code, mistakes[i].code) != 0 ||
            strcmp(why.field, mistakes[i].field) != 0)
            fail_msg("case %zu: %s %s, not %s", i, why.code, why.field,
                     mistakes[i].code);
    }
}
/* clang-format on */

static void the_missing_date_is_named(void **state)
{
    struct told told = {WDAYS, 9, .start = "2026-12-21 10:00"};
    struct story s;
    struct clock_state clock;
    struct err why;

    (void)state;
    tell(&s, &told);
    assert_false(clock_compute(&s.limit, &panlong, &s.story, &clock, &why));
    assert_non_null(strstr(why.sentence, "2027-01-01"));
}

static void a_calendar_is_needed_but_for_wall_units(void **state)
{
    struct told told = {MINUTES, 10, .start = "2026-03-06 10:00"};
    struct story s;
    struct clock_state clock;
    struct err why;

    (void)state;
    tell(&s, &told);
    MUST(clock_compute(&s.limit, NULL, &s.story, &clock, err));
    s.limit.unit = WHOURS;
    assert_false(clock_compute(&s.limit, NULL, &s.story, &clock, &why));
    assert_string_equal(why.code, "no_calendar");
}

static void a_bad_ladder_or_yellow_is_refused(void **state)
{
    struct clock_limit l = limit_of(MINUTES, 10);
    struct err why;

    (void)state;
    l.yellow_percent = 0;
    assert_false(clock_limit_check(&l, &why));
    assert_string_equal(why.field, "yellow_percent");
    l = limit_of(MINUTES, 10);
    l.ladder[2].percent = 200;
    assert_false(clock_limit_check(&l, &why));
    assert_string_equal(why.field, "ladder");
    l = limit_of(MINUTES, 10);
    l.rung_count = LADDER_MAX + 1;
    assert_false(clock_limit_check(&l, &why));
    l = limit_of(MINUTES, 10);
    l.rung_count = 0;
    assert_true(clock_limit_check(&l, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_units_tick_through_nights_and_holidays),
        cmocka_unit_test(working_hours_tick_only_while_people_work),
        cmocka_unit_test(working_days_count_from_the_next_day_to_the_close),
        cmocka_unit_test(rolling_working_days_are_hours_of_the_calendar),
        cmocka_unit_test(calendar_days_roll_to_the_next_working_day),
        cmocka_unit_test(limit_0_is_the_same_day_while_that_can_be_met),
        cmocka_unit_test(a_pause_gives_back_the_ticking_time_it_covered),
        cmocka_unit_test(an_extension_adds_to_the_due),
        cmocka_unit_test(what_cannot_be_computed_says_why),
        cmocka_unit_test(the_missing_date_is_named),
        cmocka_unit_test(a_calendar_is_needed_but_for_wall_units),
        cmocka_unit_test(a_bad_ladder_or_yellow_is_refused),
    };

    return cmocka_run_group_tests(tests, clock_setup, clock_teardown);
}
