/* clock.c - from a story to dues and lights: budget, then extensions, then
 * every mark by one formula (rules.md §2.2). */
#include "common/city/clock_ticks.h"

#define NO_DATE INT32_MIN

/* A story read so far that any percent of it can be asked. */
struct reading {
    const struct clock_limit *limit;
    const struct calendar *calendar; /* NULL: the unit never asks it */
    struct ticker ticker;
    int32_t gap; /* first date from the start on without a calendar */
    int64_t budget_us, granted_us;
};

static bool refuse_gap(int32_t date, struct err *err)
{
    char text[DATE_TEXT_SIZE];

    date_print(date, text);
    return err_reject(err, "calendar_gap", "date",
                      "日历缺 %s / the calendar has no %s", text, text);
}

/* ceil(budget × percent / 100) without overflow. */
static int64_t part_of(int64_t budget_us, int64_t percent)
{
    return budget_us / 100 * percent + (budget_us % 100 * percent + 99) / 100;
}

static enum reach reach_percent(const struct reading *r, int64_t percent,
                                int64_t *ret_us)
{
    return ticker_reach(&r->ticker,
                        part_of(r->budget_us, percent) + r->granted_us, ret_us);
}

/* The instant at which a last day ends. */
static int64_t day_end_us(const struct reading *r, int32_t date)
{
    if (r->limit->unit == UNIT_CALENDAR_DAY &&
        r->limit->day_end == DAY_END_MIDNIGHT)
        return date_start_us(date + 1);
    return date_start_us(date) + calendar_close(r->calendar, date) * MINUTE_US;
}

/* The n-th working day from a date on, all dates before it covered. */
static bool last_day(const struct reading *r, int32_t date, int64_t n,
                     int32_t *ret_date, struct err *err)
{
    if (!calendar_workday(r->calendar, date, n, ret_date) ||
        *ret_date >= r->gap)
        return refuse_gap(r->gap, err);
    return true;
}

/* 当日: the start's date while it can still be met, else the next one. */
static bool same_day(const struct reading *r, int64_t start_us,
                     int32_t *ret_date, struct err *err)
{
    int32_t date = date_of(start_us);

    if (calendar_close(r->calendar, date) > 0 &&
        start_us < day_end_us(r, date)) {
        *ret_date = date;
        return true;
    }
    return last_day(r, date + 1, 1, ret_date, err);
}

static bool count_by_dates(struct reading *r, int64_t start_us, struct err *err)
{
    int64_t n = r->limit->limit;
    int32_t date = date_of(start_us);
    int32_t last = 0;
    bool found;

    if (n == 0)
        found = same_day(r, start_us, &last, err);
    else if (r->limit->unit == UNIT_CALENDAR_DAY)
        found = last_day(r, date + (int32_t)n, 1, &last, err);
    else
        found = last_day(r, date + 1, n, &last, err);
    if (!found)
        return false;
    if (n > 0)
        r->ticker.count_from_us = date_start_us(date + 1);
    r->budget_us =
        ticks_between(&r->ticker, r->ticker.count_from_us, day_end_us(r, last));
    return true;
}

static bool count_budget(struct reading *r, int64_t start_us, struct err *err)
{
    r->ticker.count_from_us = start_us;
    if (clock_next_day(r->limit))
        return count_by_dates(r, start_us, err);
    r->budget_us = r->limit->limit * clock_unit_us(r->limit, r->calendar);
    return true;
}

static bool open_calendar(struct reading *r, const struct calendar *calendar,
                          int64_t start_us, struct err *err)
{
    enum clock_ticking ticking = clock_ticking(r->limit);

    r->gap = NO_DATE;
    r->ticker.edge_us = CLOCK_NEVER;
    if (ticking == TICKS_WALL)
        return true;
    if (!calendar)
        return err_reject(err, "no_calendar", "calendar",
                          "%s 需要日历 / "
                          "needs a calendar",
                          clock_unit_names[r->limit->unit]);
    r->calendar = calendar;
    r->gap = calendar_gap(calendar, date_of(start_us));
    if (ticking == TICKS_WORKING) {
        r->ticker.calendar = calendar;
        r->ticker.edge_us = date_start_us(r->gap);
    }
    if (r->gap == date_of(start_us))
        return refuse_gap(r->gap, err);
    return true;
}

static bool check_pauses(const struct clock_story *story, struct err *err)
{
    for (size_t i = 0; i < story->pause_count; i++) {
        const struct clock_pause *p = &story->pauses[i];

        if (p->from_us == INSTANT_NONE ||
            (p->to_us != INSTANT_NONE && p->to_us < p->from_us))
            return err_reject(err, "bad_pause", "pauses",
                              "暂停的结束早于开始 / a pause ends before it "
                              "begins");
    }
    return true;
}

static bool extension_fits(const struct reading *r,
                           const struct clock_extension *e)
{
    if (e->asked_us < r->ticker.story->start_us)
        return false;
    if (clock_next_day(r->limit))
        return e->add == 0 && e->to_date != NO_DATE;
    return e->add > 0 && e->to_date == NO_DATE &&
           clock_amount_fits(r->limit, e->add);
}

/* The time that a new last day grants, counted from the due as it stands. */
static bool grant_to_date(struct reading *r, const struct clock_extension *e,
                          enum reach due, int64_t due_us, struct err *err)
{
    int32_t date;
    int64_t end_us;

    if (due == REACH_PAUSED)
        return err_reject(err, "extension_paused", "to_date",
                          "暂停中不能延期,请先恢复 / paused: resume first");
    if (!last_day(r, e->to_date, 1, &date, err))
        return false;
    end_us = day_end_us(r, date);
    if (end_us <= due_us)
        return err_reject(err, "extension_not_later", "to_date",
                          "新期限不晚于现期限 / the new date is not later "
                          "than the due");
    r->granted_us += ticks_between(&r->ticker, due_us, end_us);
    return true;
}

static bool grant(struct reading *r, const struct clock_extension *e,
                  struct err *err)
{
    enum reach due;
    int64_t due_us = 0;

    if (!extension_fits(r, e) || r->granted_us > CLOCK_NEVER / 8)
        return err_reject(err, "bad_extension", "extensions",
                          "延期的写法与时限单位不符 / not of this unit");
    r->ticker.known_us = e->asked_us;
    due = reach_percent(r, 100, &due_us);
    r->ticker.known_us = CLOCK_NEVER;
    if (due == REACH_EDGE)
        return refuse_gap(r->gap, err);
    if (due == REACH_AT && e->asked_us >= due_us)
        return err_reject(err, "extension_late", "asked_us",
                          "到期后不能申请延期 / asked after the due");
    if (clock_next_day(r->limit))
        return grant_to_date(r, e, due, due_us, err);
    r->granted_us += e->add * clock_unit_us(r->limit, r->calendar);
    return true;
}

/* The extension asked next after (asked, index); NULL when that was all. */
static const struct clock_extension *
next_extension(const struct clock_story *story,
               const struct clock_extension *after)
{
    const struct clock_extension *found = NULL;

    for (size_t i = 0; i < story->extension_count; i++) {
        const struct clock_extension *e = &story->extensions[i];

        if (after && (e->asked_us < after->asked_us ||
                      (e->asked_us == after->asked_us && e <= after)))
            continue;
        if (!found || e->asked_us < found->asked_us)
            found = e;
    }
    return found;
}

static bool read_story(struct reading *r, const struct clock_limit *limit,
                       const struct calendar *calendar,
                       const struct clock_story *story, struct err *err)
{
    const struct clock_extension *e = NULL;

    *r = (struct reading){
        .limit = limit,
        .ticker = {.story = story, .known_us = CLOCK_NEVER},
    };
    if (!clock_limit_check(limit, err))
        return false;
    if (story->stop_us != INSTANT_NONE && story->stop_us < story->start_us)
        return err_reject(err, "stop_before_start", "stop_us",
                          "停止早于开始 / stopped before it started");
    if (!open_calendar(r, calendar, story->start_us, err) ||
        !count_budget(r, story->start_us, err) || !check_pauses(story, err))
        return false;
    while ((e = next_extension(story, e)) != NULL)
        if (!grant(r, e, err))
            return false;
    return true;
}

/* INSTANT_NONE when paused or beyond the calendar. */
static int64_t mark_us(const struct reading *r, int64_t percent)
{
    int64_t at_us = INSTANT_NONE;

    return reach_percent(r, percent, &at_us) == REACH_AT ? at_us : INSTANT_NONE;
}

/* A due lies in the date that ends with it. */
static bool due_covered(const struct reading *r, enum reach due, int64_t due_us)
{
    if (due == REACH_AT && r->calendar)
        return date_of(due_us - 1) < r->gap;
    return due != REACH_EDGE;
}

static void fill_rungs(const struct reading *r, struct clock_state *state)
{
    for (int i = 0; i < r->limit->rung_count; i++) {
        int64_t at_us = INSTANT_NONE;
        enum reach reach =
            reach_percent(r, r->limit->ladder[i].percent, &at_us);

        state->rungs[i].at_us = at_us;
        state->rungs[i].gap = reach == REACH_EDGE ? r->gap : NO_DATE;
    }
}

bool clock_compute(const struct clock_limit *limit,
                   const struct calendar *calendar,
                   const struct clock_story *story,
                   struct clock_state *ret_state, struct err *err)
{
    struct reading r;
    int64_t due_us = INSTANT_NONE;
    enum reach due;

    if (!read_story(&r, limit, calendar, story, err))
        return false;
    due = reach_percent(&r, 100, &due_us);
    if (!due_covered(&r, due, due_us))
        return refuse_gap(r.gap, err);
    *ret_state = (struct clock_state){
        .count_from_us = r.ticker.count_from_us,
        .budget_us = r.budget_us,
        .granted_us = r.granted_us,
        .yellow_us = mark_us(&r, limit->yellow_percent),
        .due_us = due_us,
        .on_time = story->stop_us != INSTANT_NONE && story->stop_us <= due_us,
    };
    fill_rungs(&r, ret_state);
    return true;
}

enum clock_light clock_light(const struct clock_state *state,
                             const struct clock_story *story, int64_t now_us)
{
    if (story->stop_us != INSTANT_NONE)
        return LIGHT_NONE;
    if (state->due_us != INSTANT_NONE && now_us >= state->due_us)
        return LIGHT_RED;
    if (state->yellow_us != INSTANT_NONE && now_us >= state->yellow_us)
        return LIGHT_YELLOW;
    return LIGHT_GREEN;
}

bool clock_at_percent(const struct clock_limit *limit,
                      const struct calendar *calendar,
                      const struct clock_story *story, int percent,
                      int64_t *ret_us, struct err *err)
{
    struct reading r;

    if (!read_story(&r, limit, calendar, story, err))
        return false;
    *ret_us = mark_us(&r, percent);
    return true;
}

bool clock_read(const struct clock_limit *limit,
                const struct calendar *calendar,
                const struct clock_story *story, int64_t now_us,
                struct clock_reading *ret, struct err *err)
{
    struct reading r;
    int64_t at_us = now_us;
    int64_t left_us;

    if (!read_story(&r, limit, calendar, story, err))
        return false;
    if (story->stop_us != INSTANT_NONE && story->stop_us < now_us)
        at_us = story->stop_us;
    if (at_us > r.ticker.edge_us)
        return refuse_gap(r.gap, err);
    left_us = r.budget_us + r.granted_us - ticker_used(&r.ticker, at_us);
    *ret = (struct clock_reading){
        .elapsed_us = left_us < r.budget_us ? r.budget_us - left_us : 0,
        .remaining_us = left_us,
    };
    ret->percent = 100 * ret->elapsed_us / r.budget_us;
    return true;
}
