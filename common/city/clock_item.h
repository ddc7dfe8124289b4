/*
 * clock_item.h - pauses and extensions of a clock as words of a column:
 *     pause/2026-02-10T01:00:00Z/2026-02-24T01:00:00Z/winter
 *     extend/resolve/2026-03-02T00:30:00Z/2026-03-20/parts      (or /24/)
 */
#ifndef BAODAO_CITY_CLOCK_ITEM_H
#define BAODAO_CITY_CLOCK_ITEM_H

#include "common/base/text.h"
#include "common/city/clock.h"

struct clock_item {
    struct text word;   /* "pause"; "extend", "ask" … */
    struct text stage;  /* empty of a pause */
    struct clock_pause pause;
    struct clock_extension extension;
    struct text reason;
};

/* Takes the first item off told, which is not empty; false: not readable. */
MUST_CHECK bool clock_item_next(struct text *told, struct clock_item *ret);

#endif
