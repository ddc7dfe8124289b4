/* clock_limit.c - names of units, and the check of a limit's row. */
#include "common/city/clock_ticks.h"

#define BUDGET_MAX_US INT64_C(10000000000000000) /* 317 years */
#define PERCENT_MAX 10000 /* so that no product overflows */

const char *const clock_unit_names[] = {
    "minute",      "urgent_hour",  "urgent_day", "working_hour",
    "working_day", "calendar_day", NULL,
};
const char *const clock_counting_names[] = {"", "rolling", "next_day", NULL};
const char *const clock_day_end_names[] = {"close", "midnight", NULL};
const char *const clock_light_names[] = {"none", "green", "yellow", "red",
                                         NULL};

static const struct {
    int64_t us;    /* of one; a day counted by dates as its whole */
    bool rolling;  /* may count as rolling */
    bool next_day; /* may count from the next day */
} units[] = {
    [UNIT_MINUTE] = {MINUTE_US, true, false},
    [UNIT_URGENT_HOUR] = {HOUR_US, true, false},
    [UNIT_URGENT_DAY] = {DAY_US, true, false},
    [UNIT_WORKING_HOUR] = {HOUR_US, true, false},
    [UNIT_WORKING_DAY] = {DAY_US, true, true},
    [UNIT_CALENDAR_DAY] = {DAY_US, false, true},
};

bool clock_next_day(const struct clock_limit *limit)
{
    return limit->counting == COUNTING_DEFAULT
               ? units[limit->unit].next_day
               : limit->counting == COUNTING_NEXT_DAY;
}

enum clock_ticking clock_ticking(const struct clock_limit *limit)
{
    if (limit->unit < UNIT_WORKING_HOUR)
        return TICKS_WALL;
    return limit->unit == UNIT_CALENDAR_DAY ? TICKS_WALL_BY_DATES
                                            : TICKS_WORKING;
}

int64_t clock_unit_us(const struct clock_limit *limit,
                      const struct calendar *calendar)
{
    return limit->unit == UNIT_WORKING_DAY ? calendar->day_minutes * MINUTE_US
                                           : units[limit->unit].us;
}

bool clock_amount_fits(const struct clock_limit *limit, int64_t amount)
{
    return amount >= 0 && amount <= BUDGET_MAX_US / units[limit->unit].us;
}

static bool check_ladder(const struct clock_limit *limit, struct err *err)
{
    int before = 0;

    if (limit->rung_count < 0 || limit->rung_count > LADDER_MAX)
        return err_reject(err, "bad_row", "ladder", "over %d steps",
                          LADDER_MAX);
    for (int i = 0; i < limit->rung_count; i++) {
        const struct clock_rung *rung = &limit->ladder[i];

        if (rung->percent <= before || rung->percent > PERCENT_MAX)
            return err_reject(err, "bad_row", "ladder",
                              "%s at %d %%: percents rise, to %d at most",
                              rung->step, rung->percent, PERCENT_MAX);
        before = rung->percent;
    }
    return true;
}

bool clock_limit_check(const struct clock_limit *limit, struct err *err)
{
    const char *unit = clock_unit_names[limit->unit];

    if (clock_next_day(limit) ? !units[limit->unit].next_day
                              : !units[limit->unit].rolling)
        return err_reject(err, "bad_row", "counting", "%s is not counted so",
                          unit);
    if (limit->limit < !clock_next_day(limit) ||
        !clock_amount_fits(limit, limit->limit))
        return err_reject(err, "bad_row", "limit", "%lld %s is no limit",
                          (long long)limit->limit, unit);
    if (limit->yellow_percent < 1 || limit->yellow_percent > 100)
        return err_reject(err, "bad_row", "yellow_percent",
                          "%d is not of 1 to 100", limit->yellow_percent);
    return check_ladder(limit, err);
}
