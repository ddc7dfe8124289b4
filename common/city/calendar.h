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
    /* compiled by calendar_compile: per date of [first, last] */
    int32_t first, last;
    const struct day_hours **hours; /* NULL: the date has no answer */
    int32_t *worked; /* working minutes before the date, from first */
};

/* Checks (ERR_REJECT "bad_calendar" with field) and builds the tables in the
 * arena, which also owns weeks and days. */
MUST_CHECK bool calendar_compile(struct calendar *c, struct arena *arena,
                                 struct err *err);

#endif
