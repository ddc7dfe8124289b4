/*
 * allot.h - who takes the next lane (rules.md §7), as a pure function: what
 * services/dispatch/reserve.lua does on Redis, and tests hold against it.
 *
 *     struct allot_officer *o = allot_choose(all, count, NULL, 0,
 *                                           ALLOT_NO_CEILING);
 *     if (o)
 *         allot_take(o, at_us, n);
 */
#ifndef BAODAO_CITY_ALLOT_H
#define BAODAO_CITY_ALLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

#define ALLOT_NEVER INT64_MIN
#define ALLOT_NO_CEILING INT64_MIN

struct allot_officer {
    struct text officer;
    int64_t open, capacity;
    int64_t last_us; /* ALLOT_NEVER: none yet */
    int64_t turn;    /* order of allotment at one instant */
    bool on_duty;
};

/* a is asked before b: least open per capacity as an exact fraction, then
 * least recently allotted, then id by bytes. */
bool allot_before(const struct allot_officer *a,
                  const struct allot_officer *b);
/*
 * On duty, capacity > 0, not one of `but`, under the ceiling (percent of
 * capacity). NULL: nobody, the lane waits at its office's desk.
 */
struct allot_officer *allot_choose(struct allot_officer *all, size_t count,
                                   const struct text *but, size_t but_count,
                                   int64_t ceiling_percent);
/* One more open lane, at this instant; turn grows within the batch. */
void allot_take(struct allot_officer *o, int64_t at_us, int64_t turn);

#endif
