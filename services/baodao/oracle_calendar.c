/* oracle_calendar.c - calendars as lines tell them. */
#include <string.h>

#include "common/base/fsm.h"
#include "common/base/instant.h"
#include "services/baodao/oracle.h"

static const char *const weekdays[] = {
    "monday", "tuesday",  "wednesday", "thursday",
    "friday", "saturday", "sunday",    NULL,
};
static const char *const kinds[] = {"holiday", "workday", NULL};

/* "09:00" to "24:00" in minutes of the day. */
static bool minute_of(const json_t *value, int16_t *ret)
{
    const char *s = json_string_value(value);
    int hour, minute;

    if (!s || strlen(s) != 5 || s[2] != ':')
        return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (s[i] < '0' || s[i] > '9'))
            return false;
    hour = (s[0] - '0') * 10 + s[1] - '0';
    minute = (s[3] - '0') * 10 + s[4] - '0';
    *ret = (int16_t)(hour * 60 + minute);
    return minute < 60 && *ret <= 1440;
}

static bool read_hours(const json_t *told, struct day_hours *ret)
{
    size_t count = json_array_size(told);

    if (!json_is_array(told) || count > SEGMENTS_MAX)
        return false;
    ret->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(told, i);

        if (json_array_size(pair) != 2 ||
            !minute_of(json_array_get(pair, 0), &ret->segments[i].from) ||
            !minute_of(json_array_get(pair, 1), &ret->segments[i].to))
            return false;
    }
    return true;
}

static bool read_week(json_t *told, struct calendar_week *ret)
{
    const json_t *days = oracle_member(told, "days");

    if (!oracle_date(told, "from", &ret->from) ||
        !oracle_date(told, "to", &ret->to) || json_array_size(days) != 7)
        return false;
    for (size_t day = 0; day < 7; day++)
        if (!read_hours(json_array_get(days, day), &ret->days[day]))
            return false;
    return true;
}

static bool read_day(json_t *told, struct calendar_day *ret)
{
    const json_t *hours = oracle_member(told, "segments");
    int kind = -1;

    if (!oracle_date(told, "date", &ret->date) ||
        !oracle_word(told, "kind", kinds, &kind) || kind < 0)
        return false;
    ret->workday = kind == 1;
    ret->own_hours = ret->workday && hours;
    return !ret->own_hours || read_hours(hours, &ret->hours);
}

/* 0 or "monday" … */
static bool read_makeup(json_t *told, int *ret)
{
    int64_t number = 0;

    if (json_is_string(oracle_member(told, "makeup_as")))
        return oracle_word(told, "makeup_as", weekdays, ret);
    if (!oracle_int(told, "makeup_as", &number) || number < 0 || number > 6)
        return false;
    *ret = (int)number;
    return true;
}

static bool read_calendar(struct arena *arena, json_t *told,
                          struct calendar *c)
{
    json_t *weeks = oracle_member(told, "weeks");
    json_t *days = oracle_member(told, "days");
    int64_t day_minutes = 0;

    c->week_count = json_array_size(weeks);
    c->day_count = json_array_size(days);
    c->weeks = arena_array(arena, c->week_count, sizeof(*c->weeks));
    c->days = arena_array(arena, c->day_count, sizeof(*c->days));
    if (!oracle_int(told, "day_minutes", &day_minutes) || day_minutes < 1 ||
        day_minutes > 1440 || !read_makeup(told, &c->makeup_as) ||
        (days && !json_is_array(days)))
        return false;
    c->day_minutes = (int)day_minutes;
    for (size_t i = 0; i < c->week_count; i++)
        if (!read_week(json_array_get(weeks, i), &c->weeks[i]))
            return false;
    for (size_t i = 0; i < c->day_count; i++)
        if (!read_day(json_array_get(days, i), &c->days[i]))
            return false;
    return calendar_compile(c, arena, NULL);
}

static struct text name_of(const json_t *name)
{
    return (struct text){json_string_value(name), json_string_length(name)};
}

json_t *oracle_keep_calendar(struct oracle *o, json_t *told)
{
    json_t *name = oracle_member(told, "name");
    struct oracle_calendar *c = arena_give(&o->arena, sizeof(*c));

    if (!json_is_string(name) || !read_calendar(&o->arena, told, &c->calendar))
        return json_pack("{s:s, s:O?}", "error", "bad_calendar", "calendar",
                         name);
    c->name = arena_text(&o->arena, name_of(name));
    c->next = o->calendars;
    o->calendars = c;
    return NULL;
}

const struct calendar *oracle_calendar(const struct oracle *o, json_t *name)
{
    const struct oracle_calendar *c = o->calendars;

    if (!json_is_string(name))
        return NULL;
    while (c && !text_equal(c->name, name_of(name)))
        c = c->next;
    return c ? &c->calendar : NULL;
}
