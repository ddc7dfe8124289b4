/*
 * city_clock_walk.h - a second, slow and simple reckoning of clocks: every
 * minute is looked at, one after the other.
 *
 * All instants of a story are whole minutes, so a minute ticks as a whole.
 */
#ifndef BAODAO_TESTS_CITY_CLOCK_WALK_H
#define BAODAO_TESTS_CITY_CLOCK_WALK_H

#include "tests/unit/city_clock_test.h"

#define DAYS 70
#define DAY_MINUTES 1440
#define GAP (INSTANT_NONE + 1) /* the calendar ends first */
#define ALL INT64_MAX          /* all is known */

/* The calendar once more, minute by minute. */
static bool covered[DAYS];
static int closes[DAYS]; /* 0: no working day */
static bool works[DAYS * DAY_MINUTES];
static int32_t first;

static struct arena arena;
static struct calendar calendar;

static inline void work(int day, const struct day_hours *hours)
{
    memset(works + day * DAY_MINUTES, 0, DAY_MINUTES);
    closes[day] = 0;
    for (int i = 0; i < hours->count; i++) {
        for (int m = hours->segments[i].from; m < hours->segments[i].to; m++)
            works[day * DAY_MINUTES + m] = true;
        closes[day] = hours->segments[i].to;
    }
}

/* Winter and summer hours, half Saturdays, a night shift's end at 24:00, a
 * hole of three days; holidays and make-up days among them. */
static inline void make_calendar(void)
{
    static struct calendar_week weeks[3];
    static struct calendar_day days[12];
    static const struct day_hours half = {1, {{540, 720}}};
    static const struct day_hours late = {
        3, {{480, 720}, {720, 800}, {1200, 1440}}};
    static const int spans[3][2] = {{0, 24}, {25, 54}, {58, 69}};

    first = on("2026-01-05"); /* a Monday */
    for (int w = 0; w < 3; w++) {
        weeks[w].from = first + spans[w][0];
        weeks[w].to = first + spans[w][1];
        for (int i = 0; i < 5; i++)
            weeks[w].days[i] = w == 1 ? late : plain_day;
        weeks[w].days[5] = half;
        for (int d = spans[w][0]; d <= spans[w][1]; d++) {
            covered[d] = true;
            work(d, &weeks[w].days[d % 7]);
        }
    }
    for (int i = 0; i < 12; i++) {
        int d = i * 5 + i % 3;
        int w = d < 25 ? 0 : d < 55 ? 1 : 2;

        days[11 - i] = (struct calendar_day){.date = first + d,
                                             .workday = i % 3 == 0,
                                             .own_hours = i % 6 == 0,
                                             .hours = half};
        if (covered[d])
            work(d, i % 3 != 0   ? &(struct day_hours){0}
                    : i % 6 == 0 ? &half
                                 : &weeks[w].days[1]);
    }
    calendar = (struct calendar){.day_minutes = 420,
                                 .makeup_as = 1,
                                 .weeks = weeks,
                                 .week_count = 3,
                                 .days = days,
                                 .day_count = 12};
    MUST(calendar_compile(&calendar, &arena, err));
}

/* ---- the slow reckoning ---- */

struct walk {
    struct clock_limit limit;
    struct clock_story story;
    struct clock_pause pauses[3];
    struct clock_extension extensions[2];
    bool working; /* ticks in working time */
    bool dates;   /* asks the calendar */
    int64_t count_from_us, budget_us, granted_us;
    const char *code; /* of the error, or NULL */
};

static inline int day_of(int64_t at_us)
{
    return date_of(at_us) - first;
}

static inline bool is_covered(int day)
{
    return day >= 0 && day < DAYS && covered[day];
}

/* The last instant of all pauses over this one: ALL when one is open, 0 when
 * there is none. */
static inline int64_t paused_until(const struct walk *w, int64_t at_us,
                                   int64_t known_us)
{
    int64_t until_us = 0;

    for (size_t i = 0; i < w->story.pause_count; i++) {
        const struct clock_pause *p = &w->pauses[i];
        int64_t to_us = p->to_us == INSTANT_NONE ? ALL : p->to_us;

        if (p->from_us >= known_us)
            continue;
        if (to_us > known_us)
            to_us = ALL;
        else if (w->story.stop_us != INSTANT_NONE && to_us > w->story.stop_us)
            to_us = w->story.stop_us;
        if (p->from_us != p->to_us && p->from_us <= at_us && at_us < to_us &&
            to_us > until_us)
            until_us = to_us;
    }
    return until_us;
}

static inline bool ticks(const struct walk *w, int64_t at_us)
{
    return !w->working || works[(at_us - date_start_us(first)) / MINUTE_US];
}

static inline int64_t reach(const struct walk *w, int64_t target_us,
                            int64_t known_us)
{
    bool crossed = false;
    int64_t used_us = 0;

    for (int64_t at_us = w->count_from_us;; at_us += MINUTE_US) {
        int64_t until_us = paused_until(w, at_us, known_us);

        if (until_us == ALL)
            return INSTANT_NONE;
        crossed = crossed || !is_covered(day_of(at_us));
        if (until_us > 0)
            continue;
        if (crossed && w->working)
            return GAP;
        if (!ticks(w, at_us))
            continue;
        if (used_us + MINUTE_US >= target_us)
            return at_us + target_us - used_us;
        used_us += MINUTE_US;
    }
}

static inline int64_t percent(const struct walk *w, int p, int64_t known_us)
{
    return reach(w, (w->budget_us * p + 99) / 100 + w->granted_us, known_us);
}

/* The end of the first working day at or after one, all days from the start's
 * on covered; GAP if they are not. */
static inline int64_t end_from(const struct walk *w, int day, int n)
{
    int d = day_of(w->story.start_us);

    for (; is_covered(d); d++)
        if (d >= day && closes[d] > 0 && --n <= 0)
            return date_start_us(first + d) +
                   (w->limit.unit == UNIT_CALENDAR_DAY &&
                            w->limit.day_end == DAY_END_MIDNIGHT
                        ? DAY_MINUTES
                        : closes[d]) *
                       MINUTE_US;
    return GAP;
}

static inline int64_t ticks_from(const struct walk *w, int64_t at_us,
                                 int64_t to_us)
{
    int64_t sum_us = 0;

    for (; at_us < to_us; at_us += MINUTE_US)
        sum_us += ticks(w, at_us) ? MINUTE_US : 0;
    return sum_us;
}

static inline bool by_dates(const struct walk *w)
{
    return w->limit.unit >= UNIT_WORKING_DAY &&
           w->limit.counting != COUNTING_ROLLING;
}

static inline int64_t unit_us(const struct walk *w)
{
    static const int minutes[] = {1, 60, 1440, 60, 420};

    return minutes[w->limit.unit] * MINUTE_US;
}

static inline bool refuse(struct walk *w, const char *code)
{
    w->code = code;
    return false;
}

static inline bool budget(struct walk *w)
{
    int day = day_of(w->story.start_us);
    int n = (int)w->limit.limit;
    int64_t end_us;

    w->count_from_us = w->story.start_us;
    if (w->dates && !is_covered(day))
        return refuse(w, "calendar_gap");
    if (!by_dates(w)) {
        w->budget_us = n * unit_us(w);
        return true;
    }
    if (n > 0)
        w->count_from_us = date_start_us(first + day + 1);
    if (n == 0) {
        end_us = end_from(w, day, 1);
        if (end_us != GAP && end_us <= w->story.start_us)
            end_us = end_from(w, day + 1, 1);
    } else if (w->working) {
        end_us = end_from(w, day + 1, n);
    } else {
        end_us = end_from(w, day + n, 1);
    }
    if (end_us == GAP)
        return refuse(w, "calendar_gap");
    w->budget_us = ticks_from(w, w->count_from_us, end_us);
    return true;
}

static inline bool extend(struct walk *w, const struct clock_extension *e)
{
    int64_t due_us = percent(w, 100, e->asked_us);
    int64_t end_us;

    if (due_us == GAP)
        return refuse(w, "calendar_gap");
    if (due_us != INSTANT_NONE && e->asked_us >= due_us)
        return refuse(w, "extension_late");
    if (!by_dates(w)) {
        w->granted_us += e->add * unit_us(w);
        return true;
    }
    if (due_us == INSTANT_NONE)
        return refuse(w, "extension_paused");
    end_us = end_from(w, e->to_date - first, 1);
    if (end_us == GAP)
        return refuse(w, "calendar_gap");
    if (end_us <= due_us)
        return refuse(w, "extension_not_later");
    w->granted_us += ticks_from(w, due_us, end_us);
    return true;
}

static inline bool extensions(struct walk *w)
{
    size_t n = w->story.extension_count;
    bool swapped =
        n == 2 && w->extensions[1].asked_us < w->extensions[0].asked_us;

    for (size_t i = 0; i < n; i++)
        if (!extend(w, &w->extensions[swapped ? n - 1 - i : i]))
            return false;
    return true;
}

static inline bool due(struct walk *w, int64_t *ret_us)
{
    *ret_us = percent(w, 100, ALL);
    if (*ret_us == GAP)
        return refuse(w, "calendar_gap");
    if (*ret_us == INSTANT_NONE || !w->dates)
        return true;
    for (int d = day_of(w->story.start_us); d <= day_of(*ret_us - 1); d++)
        if (!is_covered(d))
            return refuse(w, "calendar_gap");
    return true;
}

#endif
