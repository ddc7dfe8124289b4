/* city_calendar_test.c - working time by date: rules.md §1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/city_clock_test.h"

static const struct day_hours half = {1, {{540, 720}}};

/* March of 2026 with half Saturdays, April in summer hours. */
static struct calendar_week seasons[2];
static struct calendar_day days[3];
static struct calendar two;

static int start_seasons(void **state)
{
    static const struct day_hours summer = {1, {{480, 1440}}};

    clock_setup(state);
    seasons[1].from = on("2026-03-01");
    seasons[1].to = on("2026-03-31");
    seasons[0].from = on("2026-04-01");
    seasons[0].to = on("2026-04-30");
    for (int day = 0; day < 5; day++) {
        seasons[1].days[day] = plain_day;
        seasons[0].days[day] = summer;
    }
    seasons[1].days[5] = half;
    days[2] = (struct calendar_day){.date = on("2026-03-14"), .workday = true};
    days[1] = (struct calendar_day){.date = on("2026-03-28"),
                                    .workday = true,
                                    .own_hours = true,
                                    .hours = summer};
    days[0] = (struct calendar_day){.date = on("2026-05-02"), .workday = true};
    two = (struct calendar){.day_minutes = 420,
                            .weeks = seasons,
                            .week_count = 2,
                            .days = days,
                            .day_count = 3};
    MUST(calendar_compile(&two, &test_arena, err));
    return 0;
}

static void the_hours_of_a_date_are_those_of_its_season_and_weekday(void **s)
{
    static const struct {
        const char *date;
        int close, minutes;
    } cases[] = {
        {"2026-03-06", 1050, 420}, /* Friday */
        {"2026-03-07", 720, 180},  /* half Saturday */
        {"2026-03-08", 0, 0},
        {"2026-03-14", 1050, 420}, /* make-up: a full day */
        {"2026-03-28", 1440, 960}, /* make-up with own hours, to 24:00 */
        {"2026-04-01", 1440, 960}, /* summer */
        {"2026-04-04", 0, 0},
    };

    (void)s;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int32_t date = on(cases[i].date);
        int64_t worked_us = calendar_worked_us(&two, date_start_us(date + 1)) -
                            calendar_worked_us(&two, date_start_us(date));

        if (calendar_close(&two, date) != cases[i].close ||
            worked_us != cases[i].minutes * MINUTE_US)
            fail_msg("%s: closes at %d, works %lld", cases[i].date,
                     calendar_close(&two, date),
                     (long long)(worked_us / MINUTE_US));
    }
}

static void makeup_as_names_another_weekday(void **state)
{
    struct calendar c = panlong;
    struct calendar_week week = year_2026[0];

    (void)state;
    week.days[4] = half;
    c.weeks = &week;
    c.makeup_as = 4;
    MUST(calendar_compile(&c, &test_arena, err));
    assert_int_equal(calendar_close(&c, on("2026-02-28")), 720);
    assert_int_equal(calendar_close(&panlong, on("2026-02-28")), 1050);
}

static void a_date_beyond_every_week_has_no_answer(void **state)
{
    (void)state;
    assert_int_equal(calendar_gap(&two, on("2026-02-28")), on("2026-02-28"));
    assert_int_equal(calendar_gap(&two, on("2026-03-01")), on("2026-05-01"));
    /* a make-up day out there does not make one */
    assert_int_equal(calendar_gap(&two, on("2026-05-02")), on("2026-05-02"));
    assert_int_equal(calendar_close(&two, on("2026-05-02")), 0);
}

static void a_hole_between_seasons_is_found(void **state)
{
    struct calendar c = two;
    struct calendar_week weeks[2] = {seasons[0], seasons[1]};

    (void)state;
    weeks[0].to = on("2026-03-20");
    c.weeks = weeks;
    MUST(calendar_compile(&c, &test_arena, err));
    assert_int_equal(calendar_gap(&c, on("2026-03-05")), on("2026-03-21"));
    assert_int_equal(calendar_gap(&c, on("2026-03-25")), on("2026-03-25"));
    assert_int_equal(calendar_gap(&c, on("2026-04-02")), on("2026-05-01"));
}

static void the_nth_working_day_is_counted_from_the_date_itself(void **state)
{
    static const struct {
        const char *from;
        int n;
        const char *date; /* NULL: the calendar ends before */
    } cases[] = {
        {"2026-03-06", 1, "2026-03-06"}, {"2026-03-06", 2, "2026-03-09"},
        {"2026-03-07", 1, "2026-03-09"}, {"2026-02-15", 1, "2026-02-24"},
        {"2026-02-13", 2, "2026-02-14"}, {"2025-06-01", 1, "2026-01-01"},
        {"2026-12-31", 1, "2026-12-31"}, {"2026-12-31", 2, NULL},
        {"2027-01-01", 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int32_t date = 0;
        bool found =
            calendar_workday(&panlong, on(cases[i].from), cases[i].n, &date);

        assert_int_equal(found, cases[i].date != NULL);
        if (found)
            assert_int_equal(date, on(cases[i].date));
    }
}

static void what_was_worked_is_reached_at_its_first_instant(void **state)
{
    (void)state;
    for (int m = 1; m < 10 * 420; m += 7) {
        int64_t from_us = calendar_worked_us(&panlong, at("2026-02-12 00:00"));
        int64_t at_us = calendar_reach(&panlong, from_us + m * MINUTE_US);

        assert_int_equal(calendar_worked_us(&panlong, at_us) - from_us,
                         m * MINUTE_US);
        assert_int_equal(calendar_worked_us(&panlong, at_us - 1) - from_us,
                         m * MINUTE_US - 1);
    }
}

static void spoil(struct calendar *c, struct calendar_week *w,
                  struct calendar_day *d, int how)
{
    c->weeks = w;
    c->days = d;
    switch (how) {
    case 0:
        c->day_minutes = 0;
        break;
    case 1:
        c->day_minutes = 1441;
        break;
    case 2:
        c->makeup_as = 7;
        break;
    case 3:
        c->week_count = 0;
        break;
    case 4:
        w[0].to = w[0].from - 1;
        break;
    case 5:
        w[0].to = w[1].from;
        break;
    case 6:
        w[0].days[2] = (struct day_hours){1, {{600, 600}}};
        break;
    case 7:
        w[0].days[2] = (struct day_hours){1, {{600, 1441}}};
        break;
    case 8:
        w[0].days[2] = (struct day_hours){2, {{600, 700}, {699, 800}}};
        break;
    case 9:
        d[1].date = d[0].date;
        break;
    case 10:
        d[0].hours = (struct day_hours){1, {{-1, 800}}};
        break;
    }
}

static void a_bad_calendar_says_which_part(void **state)
{
    static const char *const fields[] = {
        "day_minutes", "day_minutes", "makeup_as", "weeks", "weeks", "weeks",
        "weeks",       "weeks",       "weeks",     "days",  "days",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct calendar c = two;
        struct calendar_week weeks[2] = {two.weeks[0], two.weeks[1]};
        struct calendar_day ds[3] = {days[1], days[0], days[2]};
        struct err why = {0};

        for (int d = 0; d < 3; d++)
            ds[d].own_hours = true;
        spoil(&c, weeks, ds, (int)i);
        if (calendar_compile(&c, &test_arena, &why) ||
            strcmp(why.code, "bad_calendar") != 0 ||
            strcmp(why.field, fields[i]) != 0)
            fail_msg("case %zu: %s %s", i, why.code, why.field);
    }
}

static void segments_may_touch_and_end_at_midnight(void **state)
{
    static const struct day_hours touching = {2, {{0, 720}, {720, 1440}}};

    (void)state;
    assert_true(calendar_hours_fit(&touching));
    assert_true(calendar_hours_fit(&(struct day_hours){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_hours_of_a_date_are_those_of_its_season_and_weekday),
        cmocka_unit_test(makeup_as_names_another_weekday),
        cmocka_unit_test(a_date_beyond_every_week_has_no_answer),
        cmocka_unit_test(a_hole_between_seasons_is_found),
        cmocka_unit_test(the_nth_working_day_is_counted_from_the_date_itself),
        cmocka_unit_test(what_was_worked_is_reached_at_its_first_instant),
        cmocka_unit_test(a_bad_calendar_says_which_part),
        cmocka_unit_test(segments_may_touch_and_end_at_midnight),
    };

    return cmocka_run_group_tests(tests, start_seasons, clock_teardown);
}
