/*
 * clock_ticks.h - how a limit ticks: for the files of the clock alone.
 */
#ifndef BAODAO_CITY_CLOCK_TICKS_H
#define BAODAO_CITY_CLOCK_TICKS_H

#include "common/city/clock.h"

enum clock_ticking {
    TICKS_WALL,          /* never asks the calendar */
    TICKS_WALL_BY_DATES, /* ends by the calendar: calendar_day */
    TICKS_WORKING,
};

enum clock_ticking clock_ticking(const struct clock_limit *limit);
bool clock_next_day(const struct clock_limit *limit);
/* Of one rolling unit. */
int64_t clock_unit_us(const struct clock_limit *limit,
                      const struct calendar *calendar);
/* So many units do not overflow. */
bool clock_amount_fits(const struct clock_limit *limit, int64_t amount);

/* Later than any instant, and far enough from the end to be added to. */
#define CLOCK_NEVER (INT64_MAX / 2)

struct ticker {
    const struct clock_story *story;
    const struct calendar *calendar; /* NULL: wall time */
    int64_t count_from_us;
    int64_t edge_us;  /* from here ticking time is unknown, or CLOCK_NEVER */
    int64_t known_us; /* only what was known at this instant: a pause begun
                       * before it and not ended is open; CLOCK_NEVER all */
};

enum reach {
    REACH_AT,     /* at *ret_us */
    REACH_PAUSED, /* an open pause comes first */
    REACH_EDGE,   /* the calendar ends first */
};

int64_t ticks_between(const struct ticker *t, int64_t from_us, int64_t to_us);
/* The first instant at which so much, > 0, was used. */
enum reach ticker_reach(const struct ticker *t, int64_t used_us,
                        int64_t *ret_us);
/* What was used up to an instant, which is not beyond the edge. */
int64_t ticker_used(const struct ticker *t, int64_t at_us);

#endif
