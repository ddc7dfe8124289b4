/*
 * clock.h - limits, budgets, dues, lights: rules.md §2, pure.
 *
 * A clock is computed from its whole story: start, stop, pauses, extensions,
 * limit row, calendar. Nothing is kept between calls.
 */
#ifndef BAODAO_CITY_CLOCK_H
#define BAODAO_CITY_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/instant.h"
#include "common/city/calendar.h"

enum clock_unit {
    UNIT_MINUTE, UNIT_URGENT_HOUR, UNIT_URGENT_DAY,
    UNIT_WORKING_HOUR, UNIT_WORKING_DAY, UNIT_CALENDAR_DAY,
};
enum clock_counting { COUNTING_DEFAULT, COUNTING_ROLLING, COUNTING_NEXT_DAY };
enum clock_day_end { DAY_END_CLOSE, DAY_END_MIDNIGHT };
enum clock_light { LIGHT_NONE, LIGHT_GREEN, LIGHT_YELLOW, LIGHT_RED };

extern const char *const clock_unit_names[];
extern const char *const clock_counting_names[]; /* "" is the default */
extern const char *const clock_day_end_names[];
extern const char *const clock_light_names[];

#define LADDER_MAX 8

struct clock_rung {
    char step[16]; /* "urge", "written", "joint", "bulletin" */
    int percent;
};

/* One row of the limits. */
struct clock_limit {
    enum clock_unit unit;
    int64_t limit;
    enum clock_counting counting;
    enum clock_day_end day_end;
    int yellow_percent; /* 80 */
    int rung_count;
    struct clock_rung ladder[LADDER_MAX];
};

struct clock_pause {
    int64_t from_us, to_us; /* to INSTANT_NONE: still open */
};

struct clock_extension {
    int64_t asked_us;
    int64_t add;     /* rolling units; or 0 with to_date */
    int32_t to_date; /* next_day units; INT32_MIN none */
};

struct clock_story {
    int64_t start_us;
    int64_t stop_us; /* INSTANT_NONE: running */
    const struct clock_pause *pauses;
    size_t pause_count;
    const struct clock_extension *extensions;
    size_t extension_count;
};

struct clock_state {
    int64_t count_from_us, budget_us, granted_us;
    int64_t yellow_us, due_us; /* INSTANT_NONE: paused, or no answer */
    struct {
        int64_t at_us;
        int32_t gap; /* first missing date, INT32_MIN none */
    } rungs[LADDER_MAX];
    bool on_time; /* of a stopped clock */
};

/* ERR_REJECT "bad_row" with the field: counting, limit, yellow_percent,
 * ladder. clock_compute checks the same. */
MUST_CHECK bool clock_limit_check(const struct clock_limit *limit,
                                  struct err *err);

/*
 * ERR_REJECT with the codes of rules.md §9; calendar_gap has field "date" and
 * the missing date in its sentence. calendar may be NULL for wall units that
 * need none.
 */
MUST_CHECK bool clock_compute(const struct clock_limit *limit,
                              const struct calendar *calendar,
                              const struct clock_story *story,
                              struct clock_state *ret_state,
                              struct err *err);

/* The light of a running clock at now; LIGHT_NONE when stopped. */
enum clock_light clock_light(const struct clock_state *state,
                             const struct clock_story *story, int64_t now_us);

/* The first instant at which the clock has used so many percent (50: "half
 * the sign limit"); INSTANT_NONE when paused before it or no calendar. */
MUST_CHECK bool clock_at_percent(const struct clock_limit *limit,
                                 const struct calendar *calendar,
                                 const struct clock_story *story, int percent,
                                 int64_t *ret_us, struct err *err);

/* What has elapsed at an instant, for people (rules.md §2.2). */
struct clock_reading {
    int64_t elapsed_us, remaining_us;
    int64_t percent;
};
MUST_CHECK bool clock_read(const struct clock_limit *limit,
                           const struct calendar *calendar,
                           const struct clock_story *story, int64_t now_us,
                           struct clock_reading *ret, struct err *err);

#endif
