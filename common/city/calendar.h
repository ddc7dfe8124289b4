/*
 * calendar.h - working time: which minutes of which dates tick (rules.md §1).
 *
 * Pure data and arithmetic; loaded from reference rows or oracle lines.
 */
#ifndef BAODAO_CITY_CALENDAR_H
#define BAODAO_CITY_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"

#define SEGMENTS_MAX 6 /* of one date */

struct segment {
    int16_t from, to; /* minutes of the day, [from, to), to <= 1440 */
};

struct day_hours {
    int count;
    struct segment segments[SEGMENTS_MAX];
};

struct calendar_week {
    int32_t from, to; /* dates, [from, to] */
    struct day_hours days[7]; /* Monday … Sunday */
};

struct calendar_day {
    int32_t date;
    bool workday;   /* make-up day; else a holiday */
    bool own_hours; /* workday with segments of its own */
    struct day_hours hours;
};

struct calendar {
    char name[32];
    int day_minutes; /* of one rolling working_day: Panlong 420 */
    int makeup_as;   /* weekday whose hours a make-up day takes, 0 Monday */
    struct calendar_week *weeks; /* sorted, not overlapping */
    size_t week_count;
    struct calendar_day *days; /* sorted by date */
    size_t day_count;
    /* compiled by calendar_compile: per date of [first, last], and one more */
    int32_t first, last;
    const struct day_hours **hours; /* NULL: the date has no answer */
    int64_t *worked;  /* working minutes before the date, from first */
    int32_t *workdays; /* working days before the date, from first */
    int32_t *gaps;    /* the first date at or after it without an answer */
};

/*
 * Sorts, checks (ERR_REJECT "bad_calendar" with field) and builds the tables
 * in the arena, which also owns weeks and days.
 */
MUST_CHECK bool calendar_compile(struct calendar *c, struct arena *arena,
                                 struct err *err);

/* Segments are within a day, sorted, and do not overlap. */
bool calendar_hours_fit(const struct day_hours *hours);

/* ---- of a compiled calendar ---- */

/* The minute at which the date closes; 0 when it is not a working day. */
int calendar_close(const struct calendar *c, int32_t date);
/* The first date at or after this one of which the calendar says nothing. */
int32_t calendar_gap(const struct calendar *c, int32_t date);
/* The n-th working day at or after the date, n >= 1, passing over gaps; false
 * when the calendar ends before. */
MUST_CHECK bool calendar_workday(const struct calendar *c, int32_t date,
                                 int64_t n, int32_t *ret_date);
/* Working time from the calendar's beginning to an instant. */
int64_t calendar_worked_us(const struct calendar *c, int64_t at_us);
/* The first instant by which so much was worked; worked_us > 0, and not more
 * than the whole calendar has. */
int64_t calendar_reach(const struct calendar *c, int64_t worked_us);

#endif
