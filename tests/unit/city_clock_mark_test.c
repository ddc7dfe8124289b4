/* city_clock_mark_test.c - yellow, ladder, lights, readings: rules.md §2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/city_clock_test.h"

static void yellow_and_the_ladder_follow_one_formula(void **state)
{
    struct clock_state s;

    (void)state;
    s = computed(&(struct told){WHOURS, 1, .start = "2026-03-06 16:40"});
    assert_at(s.yellow_us, "2026-03-06 17:28", "80 % of an hour");
    assert_at(s.rungs[0].at_us, "2026-03-09 09:10", "urge");
    assert_at(s.rungs[1].at_us, "2026-03-09 10:10", "written");
    assert_at(s.rungs[3].at_us, "2026-03-09 13:40", "bulletin");
    s = computed(&(struct told){WDAYS, 1, .start = "2026-03-06 09:00"});
    assert_int_equal(s.count_from_us, at("2026-03-07 00:00"));
    assert_int_equal(s.budget_us, 420 * MINUTE_US);
    assert_at(s.yellow_us, "2026-03-09 16:06", "80 % of 420 minutes");
    assert_at(s.rungs[1].at_us, "2026-03-10 17:30", "written");
    s = computed(&(struct told){CDAYS, 7, .start = "2026-03-06 16:40"});
    assert_int_equal(s.budget_us, 6 * DAY_US + 17 * HOUR_US + 30 * MINUTE_US);
}

static void
a_rung_beyond_the_calendar_names_the_gap_and_stops_nothing(void **state)
{
    struct clock_state s =
        computed(&(struct told){WDAYS, 3, .start = "2026-12-24 10:00"});

    (void)state;
    assert_at(s.due_us, "2026-12-29 17:30", "due");
    assert_int_equal(s.rungs[0].gap, INT32_MIN);
    assert_int_equal(s.rungs[1].at_us, INSTANT_NONE);
    assert_int_equal(s.rungs[1].gap, on("2027-01-01"));
    s = computed(&(struct told){CDAYS, 5, .start = "2026-12-26 10:00"});
    assert_int_equal(s.rungs[3].gap, INT32_MIN);
}

static void a_pause_hides_the_calendars_end_only_if_it_begins_before(void **st)
{
    struct told told = {WHOURS, 2, .start = "2026-12-31 17:00",
                        .pauses = {{"2026-12-31 17:29", "open"}}};
    struct clock_state clock = computed(&told);
    struct story s;
    struct err why;

    (void)st;
    assert_at(clock.due_us, NULL, "due");
    tell(&s, &told);
    s.pauses[0].from_us = at("2027-01-01 00:01");
    assert_false(clock_compute(&s.limit, &panlong, &s.story, &clock, &why));
    assert_string_equal(why.code, "calendar_gap");
}

static void the_rounding_up_of_a_percent_matters_only_for_limit_0(void **st)
{
    struct clock_state s = computed(
        &(struct told){WDAYS, 0, .start = "2026-03-05 17:29:59.999999"});

    (void)st;
    assert_int_equal(s.budget_us, 1);
    assert_int_equal(s.yellow_us, s.due_us);
}

static void on_time_includes_the_last_instant(void **state)
{
    static const struct {
        const char *stop;
        bool on_time;
    } cases[] = {
        {"2026-03-06 10:00", true},
        {"2026-03-06 10:30", true},
        {"2026-03-06 10:30:00.000001", false},
        {NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct told told = {MINUTES, 30, .start = "2026-03-06 10:00",
                            .stop = cases[i].stop};

        assert_int_equal(computed(&told).on_time, cases[i].on_time);
    }
}

static void a_light_changes_at_the_very_instant(void **state)
{
    static const struct {
        const char *now;
        enum clock_light light;
    } cases[] = {
        {"2026-03-06 09:00", LIGHT_GREEN},
        {"2026-03-06 10:07:59.999999", LIGHT_GREEN},
        {"2026-03-06 10:08", LIGHT_YELLOW},
        {"2026-03-06 10:09:59.999999", LIGHT_YELLOW},
        {"2026-03-06 10:10", LIGHT_RED},
        {"2027-03-06 10:10", LIGHT_RED},
    };
    struct told told = {MINUTES, 10, .start = "2026-03-06 10:00"};
    struct clock_state clock = computed(&told);
    struct story s;

    (void)state;
    tell(&s, &told);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(clock_light(&clock, &s.story, at(cases[i].now)),
                         cases[i].light);
    s.story.stop_us = at("2026-03-06 10:05");
    assert_int_equal(clock_light(&clock, &s.story, at("2026-03-06 11:00")),
                     LIGHT_NONE);
}

static void light_and_percent_stand_still_in_an_open_pause(void **state)
{
    struct told told = {MINUTES, 10, .start = "2026-03-06 10:00",
                        .pauses = {{"2026-03-06 10:09", "open"}}};
    struct clock_state clock = computed(&told);
    struct clock_reading reading;
    struct story s;

    (void)state;
    tell(&s, &told);
    assert_at(clock.yellow_us, "2026-03-06 10:08", "yellow before the pause");
    assert_at(clock.due_us, NULL, "due in the pause");
    assert_at(clock.rungs[0].at_us, NULL, "rung in the pause");
    assert_int_equal(clock.rungs[0].gap, INT32_MIN);
    assert_int_equal(clock_light(&clock, &s.story, at("2026-03-09 10:00")),
                     LIGHT_YELLOW);
    MUST(clock_read(&s.limit, NULL, &s.story, at("2026-03-09 10:00"), &reading,
                    err));
    assert_int_equal(reading.percent, 90);
    assert_int_equal(reading.remaining_us, MINUTE_US);
}

static void an_extension_takes_off_what_has_elapsed(void **state)
{
    struct told told = {UHOURS, 10, .start = "2026-03-06 00:00",
                        .extensions = {{"2026-03-06 09:00", 5, NULL}}};
    struct clock_state clock = computed(&told);
    struct clock_reading reading;
    struct story s;

    (void)state;
    tell(&s, &told);
    assert_int_equal(clock.budget_us, 10 * HOUR_US);
    assert_int_equal(clock.granted_us, 5 * HOUR_US);
    /* a fifth of the original limit before the due, rungs a limit apart */
    assert_at(clock.yellow_us, "2026-03-06 13:00", "yellow");
    assert_at(clock.rungs[1].at_us, "2026-03-07 01:00", "written");
    MUST(clock_read(&s.limit, NULL, &s.story, at("2026-03-06 04:00"), &reading,
                    err));
    assert_int_equal(reading.elapsed_us, 0);
    assert_int_equal(reading.percent, 0);
    assert_int_equal(reading.remaining_us, 11 * HOUR_US);
    MUST(clock_read(&s.limit, NULL, &s.story, at("2026-03-06 17:00"), &reading,
                    err));
    assert_int_equal(reading.percent, 120);
    assert_int_equal(reading.remaining_us, -2 * HOUR_US);
}

static void a_reading_stops_with_the_clock_and_with_the_calendar(void **state)
{
    struct told told = {WHOURS, 10, .start = "2026-12-31 10:00",
                        .stop = "2026-12-31 11:00"};
    struct clock_reading reading;
    struct story s;
    struct err why;

    (void)state;
    tell(&s, &told);
    s.limit.limit = 1;
    MUST(clock_read(&s.limit, &panlong, &s.story, at("2027-05-01 10:00"),
                    &reading, err));
    assert_int_equal(reading.percent, 100);
    s.story.stop_us = INSTANT_NONE;
    assert_false(clock_read(&s.limit, &panlong, &s.story,
                            at("2027-05-01 10:00"), &reading, &why));
    assert_string_equal(why.code, "calendar_gap");
    MUST(clock_read(&s.limit, &panlong, &s.story, at("2026-12-30 10:00"),
                    &reading, err));
    assert_int_equal(reading.percent, 0);
}

static void half_the_sign_limit_is_a_mark_like_any_other(void **state)
{
    struct told told = {WHOURS, 1, .start = "2026-03-06 17:10"};
    struct story s;
    int64_t half_us;

    (void)state;
    tell(&s, &told);
    MUST(clock_at_percent(&s.limit, &panlong, &s.story, 50, &half_us, err));
    assert_at(half_us, "2026-03-09 09:10", "half");
    s.pauses[0] = (struct clock_pause){at("2026-03-06 17:20"), INSTANT_NONE};
    s.story.pause_count = 1;
    MUST(clock_at_percent(&s.limit, &panlong, &s.story, 50, &half_us, err));
    assert_at(half_us, NULL, "half, paused before it");
}

static void a_longer_holiday_moves_a_running_due(void **state)
{
    struct calendar longer = panlong;
    struct calendar_day days[COUNT_OF(days_2026)];
    struct told told = {WDAYS, 1, .start = "2026-02-17 12:00"};
    struct clock_state clock;
    struct story s;

    (void)state;
    memcpy(days, panlong.days, panlong.day_count * sizeof(*days));
    days[longer.day_count++] = (struct calendar_day){.date = on("2026-02-24")};
    longer.days = days;
    MUST(calendar_compile(&longer, &test_arena, err));
    tell(&s, &told);
    MUST(clock_compute(&s.limit, &longer, &s.story, &clock, err));
    assert_at(clock.due_us, "2026-02-25 17:30", "after the longer holiday");
}

/* The second begins within the first, which outlasts the calendar. */
static void pauses_that_follow_one_another_are_one_even_at_the_end(void **state)
{
    static const struct told told = {
        WHOURS, 24, .start = "2026-12-30 09:00",
        .pauses = {{"2026-12-30 10:00", "2027-01-02 10:00"},
                   {"2027-01-01 10:00", "open"}}};

    (void)state;
    assert_at(computed(&told).due_us, NULL, "the due");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            pauses_that_follow_one_another_are_one_even_at_the_end),
        cmocka_unit_test(yellow_and_the_ladder_follow_one_formula),
        cmocka_unit_test(
            a_rung_beyond_the_calendar_names_the_gap_and_stops_nothing),
        cmocka_unit_test(the_rounding_up_of_a_percent_matters_only_for_limit_0),
        cmocka_unit_test(
            a_pause_hides_the_calendars_end_only_if_it_begins_before),
        cmocka_unit_test(on_time_includes_the_last_instant),
        cmocka_unit_test(a_light_changes_at_the_very_instant),
        cmocka_unit_test(light_and_percent_stand_still_in_an_open_pause),
        cmocka_unit_test(an_extension_takes_off_what_has_elapsed),
        cmocka_unit_test(a_reading_stops_with_the_clock_and_with_the_calendar),
        cmocka_unit_test(half_the_sign_limit_is_a_mark_like_any_other),
        cmocka_unit_test(a_longer_holiday_moves_a_running_due),
    };

    return cmocka_run_group_tests(tests, clock_setup, clock_teardown);
}
