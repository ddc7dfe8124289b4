/*
 * clock_ticks.c - ticking time, less the union of pauses.
 *
 * A lane has a handful of pauses, in any order: so the next one is searched
 * for each time, which needs no memory and no sorting.
 */
#include "common/city/clock_ticks.h"

struct stretch {
    int64_t from_us, to_us; /* to CLOCK_NEVER: open */
};

int64_t ticks_between(const struct ticker *t, int64_t from_us, int64_t to_us)
{
    if (to_us <= from_us)
        return 0;
    if (!t->calendar)
        return to_us - from_us;
    return calendar_worked_us(t->calendar, to_us) -
           calendar_worked_us(t->calendar, from_us);
}

/* The first instant at which so much, > 0, has ticked after from. */
static int64_t after_ticks(const struct ticker *t, int64_t from_us,
                           int64_t ticks_us)
{
    if (!t->calendar)
        return from_us + ticks_us;
    return calendar_reach(t->calendar,
                          calendar_worked_us(t->calendar, from_us) + ticks_us);
}

/* The i-th pause as far as it counts from an instant on; false if it is not */
static bool pause_after(const struct ticker *t, size_t i, int64_t at_us,
                        struct stretch *ret)
{
    const struct clock_pause *p = &t->story->pauses[i];
    int64_t stop_us = t->story->stop_us;
    int64_t from_us = p->from_us > at_us ? p->from_us : at_us;
    int64_t to_us = p->to_us == INSTANT_NONE ? CLOCK_NEVER : p->to_us;

    if (p->from_us >= t->known_us || p->to_us == p->from_us)
        return false;
    if (to_us > t->known_us)
        to_us = CLOCK_NEVER;
    else if (stop_us != INSTANT_NONE && to_us > stop_us)
        to_us = stop_us;
    if (to_us <= from_us)
        return false;
    *ret = (struct stretch){from_us, to_us};
    return true;
}

/* The next stretch of the union at or after an instant; what overlaps it
 * follows as a stretch that begins where this one ends. */
static bool next_stretch(const struct ticker *t, int64_t at_us,
                         struct stretch *ret)
{
    struct stretch found = {CLOCK_NEVER, CLOCK_NEVER};
    struct stretch one;

    for (size_t i = 0; i < t->story->pause_count; i++)
        if (pause_after(t, i, at_us, &one) && one.from_us < found.from_us)
            found = one;
    *ret = found;
    return found.from_us != CLOCK_NEVER;
}

/* Within [from, to) so much more is wanted. */
static bool reach_within(const struct ticker *t, int64_t from_us, int64_t to_us,
                         int64_t *wanted_us, int64_t *ret_us)
{
    int64_t known_us = to_us < t->edge_us ? to_us : t->edge_us;
    int64_t ticks_us = ticks_between(t, from_us, known_us);

    if (ticks_us < *wanted_us) {
        *wanted_us -= ticks_us;
        return false;
    }
    *ret_us = after_ticks(t, from_us, *wanted_us);
    return true;
}

enum reach ticker_reach(const struct ticker *t, int64_t used_us,
                        int64_t *ret_us)
{
    int64_t at_us = t->count_from_us;
    struct stretch pause;

    while (next_stretch(t, at_us, &pause)) {
        if (reach_within(t, at_us, pause.from_us, &used_us, ret_us))
            return REACH_AT;
        /* One that begins where the last one ended goes on with it, though
         * the calendar has ended meanwhile. */
        if (pause.from_us > at_us && pause.from_us > t->edge_us)
            return REACH_EDGE;
        if (pause.to_us == CLOCK_NEVER)
            return REACH_PAUSED;
        at_us = pause.to_us;
    }
    return reach_within(t, at_us, CLOCK_NEVER, &used_us, ret_us) ? REACH_AT
                                                                 : REACH_EDGE;
}

int64_t ticker_used(const struct ticker *t, int64_t at_us)
{
    int64_t from_us = t->count_from_us;
    int64_t used_us = 0;
    struct stretch pause;

    while (from_us < at_us && next_stretch(t, from_us, &pause)) {
        if (pause.from_us >= at_us)
            break;
        used_us += ticks_between(t, from_us, pause.from_us);
        from_us = pause.to_us;
    }
    return used_us + ticks_between(t, from_us, at_us);
}
