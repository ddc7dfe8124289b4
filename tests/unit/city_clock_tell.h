/* city_clock_tell.h - random stories of clocks, for both reckonings. */
#ifndef BAODAO_TESTS_CITY_CLOCK_TELL_H
#define BAODAO_TESTS_CITY_CLOCK_TELL_H

#include <stdlib.h>

#include "tests/unit/city_clock_walk.h"

/* How many: 10,000, or as STORIES says (`make chaos`). */
static inline int story_count(void)
{
    const char *told = getenv("STORIES");

    return told ? (int)strtol(told, NULL, 10) : 10000;
}

static uint64_t seed = 20260306;

static inline int64_t below(int64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)n);
}

static inline void imagine_pauses(struct walk *w, int64_t span)
{
    w->story.pauses = w->pauses;
    w->story.pause_count = below(2) ? (size_t)below(4) : 0;
    for (size_t i = 0; i < w->story.pause_count; i++) {
        int64_t from_us =
            w->story.start_us + (below(span) - span / 8) * MINUTE_US;

        w->pauses[i].from_us = from_us;
        w->pauses[i].to_us =
            below(12) ? from_us + below(span / 2) * MINUTE_US : INSTANT_NONE;
    }
}

static inline void imagine_extensions(struct walk *w, int64_t span)
{
    w->story.extensions = w->extensions;
    w->story.extension_count = below(3) ? 0 : (size_t)below(3);
    for (size_t i = 0; i < w->story.extension_count; i++) {
        struct clock_extension *e = &w->extensions[i];

        *e = (struct clock_extension){
            .asked_us = w->story.start_us + below(span) * MINUTE_US,
            .to_date = INT32_MIN,
        };
        if (by_dates(w))
            e->to_date = date_of(w->story.start_us) + (int32_t)below(14);
        else
            e->add = 1 + below(4);
    }
}

static inline void imagine(struct walk *w)
{
    static const int most[] = {900, 60, 3, 24, 5, 7}; /* of each unit */
    enum clock_unit unit = (enum clock_unit)below(6);
    static const int span[] = {600, 2400, 4000, 6000, 7000, 9000};

    *w = (struct walk){
        .limit = {.unit = unit,
                  .limit = 1 + below(most[unit]),
                  .day_end = below(2) ? DAY_END_CLOSE : DAY_END_MIDNIGHT,
                  .yellow_percent = below(2) ? 80 : 1 + (int)below(99),
                  .rung_count = 2,
                  .ladder = {{"urge", 100}, {"written", 200}}},
        .working = unit == UNIT_WORKING_HOUR || unit == UNIT_WORKING_DAY,
        .dates = unit >= UNIT_WORKING_HOUR,
    };
    if (unit == UNIT_WORKING_DAY && below(3) == 0)
        w->limit.counting = COUNTING_ROLLING;
    if (by_dates(w) && below(5) == 0)
        w->limit.limit = 0;
    w->story.start_us =
        date_start_us(first) + below(60 * DAY_MINUTES) * MINUTE_US;
    w->story.stop_us = below(3)
                           ? INSTANT_NONE
                           : w->story.start_us + below(span[unit]) * MINUTE_US;
    imagine_pauses(w, span[unit]);
    imagine_extensions(w, span[unit]);
}

#endif
