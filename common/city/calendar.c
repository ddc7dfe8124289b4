/* calendar.c - working time as sums over dates: a look-up is two divisions
 * and a search, however far away. */
#include "common/city/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"

#define DAY_MINUTES 1440

static const struct day_hours closed;

bool calendar_hours_fit(const struct day_hours *hours)
{
    int before = 0;

    if (hours->count < 0 || hours->count > SEGMENTS_MAX)
        return false;
    for (int i = 0; i < hours->count; i++) {
        const struct segment *s = &hours->segments[i];

        if (s->from < before || s->to <= s->from || s->to > DAY_MINUTES)
            return false;
        before = s->to;
    }
    return true;
}

static int compare_weeks(const void *a, const void *b)
{
    const struct calendar_week *x = a;
    const struct calendar_week *y = b;

    return (x->from > y->from) - (x->from < y->from);
}

static int compare_days(const void *a, const void *b)
{
    const struct calendar_day *x = a;
    const struct calendar_day *y = b;

    return (x->date > y->date) - (x->date < y->date);
}

static bool refuse(struct err *err, const char *field, int32_t date,
                   const char *why)
{
    char text[DATE_TEXT_SIZE];

    date_print(date, text);
    return err_reject(err, "bad_calendar", field, "%s: %s", text, why);
}

static bool check_weeks(const struct calendar *c, struct err *err)
{
    if (c->week_count == 0)
        return err_reject(err, "bad_calendar", "weeks", "there is no week");
    for (size_t i = 0; i < c->week_count; i++) {
        const struct calendar_week *w = &c->weeks[i];

        if (w->to < w->from)
            return refuse(err, "weeks", w->from, "ends before it begins");
        if (i > 0 && w->from <= w[-1].to)
            return refuse(err, "weeks", w->from, "overlaps the one before");
        for (int day = 0; day < 7; day++)
            if (!calendar_hours_fit(&w->days[day]))
                return refuse(err, "weeks", w->from, "segments do not fit");
    }
    return true;
}

static bool check_days(const struct calendar *c, struct err *err)
{
    for (size_t i = 0; i < c->day_count; i++) {
        const struct calendar_day *d = &c->days[i];

        if (i > 0 && d->date == d[-1].date)
            return refuse(err, "days", d->date, "is there twice");
        if (d->own_hours && !calendar_hours_fit(&d->hours))
            return refuse(err, "days", d->date, "segments do not fit");
    }
    return true;
}

static bool check(const struct calendar *c, struct err *err)
{
    if (c->day_minutes < 1 || c->day_minutes > DAY_MINUTES)
        return err_reject(err, "bad_calendar", "day_minutes",
                          "%d is not of a day", c->day_minutes);
    if (c->makeup_as < 0 || c->makeup_as > 6)
        return err_reject(err, "bad_calendar", "makeup_as", "%d is no weekday",
                          c->makeup_as);
    return check_weeks(c, err) && check_days(c, err);
}

static void fill_weeks(struct calendar *c)
{
    for (size_t i = 0; i < c->week_count; i++) {
        const struct calendar_week *w = &c->weeks[i];

        for (int32_t date = w->from; date <= w->to; date++)
            c->hours[date - c->first] = &w->days[date_weekday(date)];
    }
}

/* A date beyond the weeks stays without an answer, whatever days say of it. */
static void fill_days(struct calendar *c)
{
    const struct calendar_week *w = c->weeks;

    for (size_t i = 0; i < c->day_count; i++) {
        const struct calendar_day *d = &c->days[i];

        while (w < c->weeks + c->week_count && w->to < d->date)
            w++;
        if (w == c->weeks + c->week_count || d->date < w->from)
            continue;
        c->hours[d->date - c->first] = !d->workday    ? &closed
                                       : d->own_hours ? &d->hours
                                                      : &w->days[c->makeup_as];
    }
}

static int minutes_of(const struct day_hours *hours)
{
    int sum = 0;

    for (int i = 0; i < hours->count; i++)
        sum += hours->segments[i].to - hours->segments[i].from;
    return sum;
}

static void add_up(struct calendar *c, size_t count)
{
    c->gaps[count] = c->last + 1;
    for (size_t i = count; i-- > 0;)
        c->gaps[i] = c->hours[i] ? c->gaps[i + 1] : c->first + (int32_t)i;
    for (size_t i = 0; i < count; i++) {
        const struct day_hours *h = c->hours[i] ? c->hours[i] : &closed;

        c->worked[i + 1] = c->worked[i] + minutes_of(h);
        c->workdays[i + 1] = c->workdays[i] + (h->count > 0);
    }
}

bool calendar_compile(struct calendar *c, struct arena *arena, struct err *err)
{
    size_t count;

    if (c->week_count > 0)
        qsort(c->weeks, c->week_count, sizeof(*c->weeks), compare_weeks);
    if (c->day_count > 0)
        qsort(c->days, c->day_count, sizeof(*c->days), compare_days);
    if (!check(c, err))
        return false;
    c->first = c->weeks[0].from;
    c->last = c->weeks[c->week_count - 1].to;
    count = (size_t)((int64_t)c->last - c->first + 1);
    c->hours = arena_array(arena, count, sizeof(const struct day_hours *));
    c->worked = arena_array(arena, count + 1, sizeof(*c->worked));
    c->workdays = arena_array(arena, count + 1, sizeof(*c->workdays));
    c->gaps = arena_array(arena, count + 1, sizeof(*c->gaps));
    fill_weeks(c);
    fill_days(c);
    add_up(c, count);
    return true;
}

static bool in_range(const struct calendar *c, int32_t date)
{
    return date >= c->first && date <= c->last;
}

int calendar_close(const struct calendar *c, int32_t date)
{
    const struct day_hours *h =
        in_range(c, date) ? c->hours[date - c->first] : NULL;

    return h && h->count > 0 ? h->segments[h->count - 1].to : 0;
}

int32_t calendar_gap(const struct calendar *c, int32_t date)
{
    return in_range(c, date) ? c->gaps[date - c->first] : date;
}

bool calendar_workday(const struct calendar *c, int32_t date, int64_t n,
                      int32_t *ret_date)
{
    int32_t low = date < c->first ? c->first : date;
    int32_t high = c->last;
    int64_t wanted;

    if (low > c->last)
        return false;
    wanted = c->workdays[low - c->first] + n;
    if (c->workdays[c->last + 1 - c->first] < wanted)
        return false;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;

        if (c->workdays[middle + 1 - c->first] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_date = low;
    return true;
}

int64_t calendar_worked_us(const struct calendar *c, int64_t at_us)
{
    int32_t date = date_of(at_us);
    int64_t into_us = at_us - date_start_us(date);
    const struct day_hours *h;
    int64_t sum_us;

    if (date < c->first)
        return 0;
    if (date > c->last)
        return c->worked[c->last + 1 - c->first] * MINUTE_US;
    sum_us = c->worked[date - c->first] * MINUTE_US;
    h = c->hours[date - c->first];
    for (int i = 0; h && i < h->count; i++) {
        int64_t from_us = h->segments[i].from * MINUTE_US;
        int64_t to_us = h->segments[i].to * MINUTE_US;

        if (into_us <= from_us)
            break;
        sum_us += (into_us < to_us ? into_us : to_us) - from_us;
    }
    return sum_us;
}

int64_t calendar_reach(const struct calendar *c, int64_t worked_us)
{
    size_t low = 0;
    size_t high = (size_t)(c->last - c->first);
    const struct day_hours *h;
    int64_t left_us;
    int i = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->worked[middle + 1] * MINUTE_US < worked_us)
            low = middle + 1;
        else
            high = middle;
    }
    h = c->hours[low]; /* a date that works, since its sum rises */
    left_us = worked_us - c->worked[low] * MINUTE_US;
    for (; i < h->count - 1; i++) {
        int64_t size_us = (h->segments[i].to - h->segments[i].from) * MINUTE_US;

        if (left_us <= size_us)
            break;
        left_us -= size_us;
    }
    return date_start_us(c->first + (int32_t)low) +
           h->segments[i].from * MINUTE_US + left_us;
}
