/* city_clock_test.h - a year of Panlong's hours, and instants as people write
 * them: at("2026-03-06 16:40"). */
#ifndef BAODAO_TESTS_CITY_CLOCK_TEST_H
#define BAODAO_TESTS_CITY_CLOCK_TEST_H

#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/city/clock.h"
#include "tests/unit/must.h"

static inline int64_t at(const char *written)
{
    char text[64];
    int64_t at_us = 0;

    if (!written)
        return INSTANT_NONE;
    snprintf(text, sizeof(text), "%.10sT%s+08:00", written, written + 11);
    if (!instant_parse(text_of(text), &at_us))
        fail_msg("%s is no instant", written);
    return at_us;
}

static inline int32_t on(const char *written)
{
    int32_t date = 0;

    if (!date_parse(text_of(written), &date))
        fail_msg("%s is no date", written);
    return date;
}

/* "2026-03-06 16:40:00", or "never". */
static inline const char *shown(int64_t at_us)
{
    static char texts[4][INSTANT_TEXT_SIZE];
    static unsigned turn;
    char *text = texts[turn++ % 4];

    if (at_us == INSTANT_NONE)
        return "never";
    instant_print_shanghai(at_us, text);
    return text;
}

static inline void assert_at(int64_t at_us, const char *written,
                             const char *what)
{
    if (at_us != at(written))
        fail_msg("%s: %s, not %s", what, shown(at_us),
                 written ? written : "never");
}

#define MINUTES UNIT_MINUTE
#define UHOURS UNIT_URGENT_HOUR
#define UDAYS UNIT_URGENT_DAY
#define WHOURS UNIT_WORKING_HOUR
#define WDAYS UNIT_WORKING_DAY
#define CDAYS UNIT_CALENDAR_DAY
#define ROLLING COUNTING_ROLLING
#define NEXT COUNTING_NEXT_DAY
#define MIDNIGHT DAY_END_MIDNIGHT

static const struct day_hours plain_day = {
    2, {{9 * 60, 12 * 60}, {13 * 60 + 30, 17 * 60 + 30}}};

/* 2026: Spring Festival off, two Saturdays worked; the 1st of May off. */
static struct calendar_week year_2026[] = {{0, 0, {{0}}}};
static struct calendar_day days_2026[14];

static inline void panlong_start(struct calendar *c, struct arena *arena)
{
    size_t n = 0;

    year_2026[0].from = on("2026-01-01");
    year_2026[0].to = on("2026-12-31");
    for (int day = 0; day < 5; day++)
        year_2026[0].days[day] = plain_day;
    days_2026[n++] =
        (struct calendar_day){.date = on("2026-02-28"), .workday = true};
    days_2026[n++] =
        (struct calendar_day){.date = on("2026-02-14"), .workday = true};
    for (int i = 0; i < 9; i++)
        days_2026[n++] = (struct calendar_day){.date = on("2026-02-15") + i};
    days_2026[n++] = (struct calendar_day){.date = on("2026-05-01")};
    *c = (struct calendar){.name = "test",
                           .day_minutes = 420,
                           .weeks = year_2026,
                           .week_count = 1,
                           .days = days_2026,
                           .day_count = n};
    MUST(calendar_compile(c, arena, err));
}

static struct arena test_arena;
static struct calendar panlong;

static inline int clock_setup(void **state)
{
    (void)state;
    panlong_start(&panlong, &test_arena);
    return 0;
}

static inline int clock_teardown(void **state)
{
    (void)state;
    arena_release(&test_arena);
    return 0;
}

static inline struct clock_limit limit_of(enum clock_unit unit, int64_t n)
{
    return (struct clock_limit){
        .unit = unit,
        .limit = n,
        .yellow_percent = 80,
        .rung_count = 4,
        .ladder = {{"urge", 100},
                   {"written", 200},
                   {"joint", 300},
                   {"bulletin", 400}},
    };
}

/* A story in words; pauses and extensions up to three. */
struct told {
    enum clock_unit unit;
    int64_t limit;
    enum clock_counting counting;
    enum clock_day_end day_end;
    const char *start, *stop;
    const char *pauses[3][2]; /* to "open": still open */
    struct {
        const char *asked;
        int64_t add;
        const char *to_date;
    } extensions[3];
};

struct story {
    struct clock_limit limit;
    struct clock_story story;
    struct clock_pause pauses[3];
    struct clock_extension extensions[3];
};

static inline void tell(struct story *s, const struct told *t)
{
    *s = (struct story){.limit = limit_of(t->unit, t->limit)};
    s->limit.counting = t->counting;
    s->limit.day_end = t->day_end;
    s->story = (struct clock_story){
        .start_us = at(t->start),
        .stop_us = at(t->stop),
        .pauses = s->pauses,
        .extensions = s->extensions,
    };
    for (size_t i = 0; i < 3 && t->pauses[i][0]; i++) {
        bool open = strcmp(t->pauses[i][1], "open") == 0;

        s->pauses[s->story.pause_count++] = (struct clock_pause){
            at(t->pauses[i][0]), open ? INSTANT_NONE : at(t->pauses[i][1])};
    }
    for (size_t i = 0; i < 3 && t->extensions[i].asked; i++)
        s->extensions[s->story.extension_count++] = (struct clock_extension){
            at(t->extensions[i].asked), t->extensions[i].add,
            t->extensions[i].to_date ? on(t->extensions[i].to_date)
                                     : INT32_MIN};
}

static inline struct clock_state computed(const struct told *t)
{
    struct story s;
    struct clock_state state;

    tell(&s, t);
    MUST(clock_compute(&s.limit, &panlong, &s.story, &state, err));
    return state;
}

#endif
