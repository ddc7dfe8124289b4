/* reference_days.c - rows of calendar.csv, calendar_weeks.csv, holidays.csv,
 * shifts.csv. */
#include "common/city/reference_table.h"

#include <string.h>

static const char *const weekdays[] = {"monday",   "tuesday", "wednesday",
                                       "thursday", "friday",  "saturday",
                                       "sunday",   NULL};

/* "09:00" as minutes; 24:00 is one. */
static bool parse_minutes(struct text t, int16_t *ret)
{
    struct text minutes;
    struct text hours = text_cut(t, ':', &minutes);
    int64_t h, m;

    if (hours.size != 2 || minutes.size != 2 || !text_int(hours, &h) ||
        !text_int(minutes, &m) || h < 0 || m < 0 || m > 59 || h * 60 + m > 1440)
        return false;
    *ret = (int16_t)(h * 60 + m);
    return true;
}

/* "09:00-12:00 13:30-17:30" */
static bool parse_hours(const char *cell, struct day_hours *ret)
{
    struct text rest = text_of(cell);

    for (ret->count = 0; rest.size > 0; ret->count++) {
        struct text to;
        struct text from = text_cut(text_cut(rest, ' ', &rest), '-', &to);
        struct segment *s;

        if (ret->count == SEGMENTS_MAX)
            return false;
        s = &ret->segments[ret->count];
        if (!parse_minutes(from, &s->from) || !parse_minutes(to, &s->to))
            return false;
    }
    return calendar_hours_fit(ret);
}

static bool take_hours(const struct csv *csv, const char *column,
                       const char *cell, struct day_hours *ret, struct err *err)
{
    if (!parse_hours(cell, ret))
        return csv_reject(csv, column, err,
                          "\"%s\" is not like 09:00-12:00 13:30-17:30", cell);
    return true;
}

/* ---- calendar.csv: the one row ---- */

struct calendar_row {
    char name[32];
    int64_t day_minutes;
    int makeup_as;
};

static const struct csv_column calendar_columns[] = {
    /* clang-format off */
    { "name",        CSV_TEXT, true, CSV_AT(struct calendar_row, name), NULL },
    { "day_minutes", CSV_INT,  true, CSV_AT(struct calendar_row, day_minutes),
      NULL },
    { "makeup_as",   CSV_WORD, true, CSV_AT(struct calendar_row, makeup_as),
      weekdays },
    /* clang-format on */
};

static bool take_calendar(struct reference *r, const struct csv *csv,
                          const void *row, struct err *err)
{
    const struct calendar_row *in = row;

    if (r->calendar.name[0] != '\0')
        return csv_reject(csv, "name", err, "a second calendar");
    if (in->day_minutes < 1 || in->day_minutes > 1440)
        return csv_reject(csv, "day_minutes", err, "%lld is not of a day",
                          (long long)in->day_minutes);
    memcpy(r->calendar.name, in->name, sizeof(in->name));
    r->calendar.day_minutes = (int)in->day_minutes;
    r->calendar.makeup_as = in->makeup_as;
    return true;
}

const struct reference_table calendar_table = {
    "calendar.csv",
    calendar_columns,
    COUNT_OF(calendar_columns),
    sizeof(struct calendar_row),
    take_calendar,
    NULL,
};

/* ---- calendar_weeks.csv: hours of a season ---- */

struct week_row {
    int32_t from, to;
    char days[7][96];
};

#define DAY(name, i)                                                           \
    {                                                                          \
        name, CSV_TEXT, false, CSV_AT(struct week_row, days[i]), NULL          \
    }

static const struct csv_column week_columns[] = {
    {"from", CSV_DATE, true, CSV_AT(struct week_row, from), NULL},
    {"to", CSV_DATE, true, CSV_AT(struct week_row, to), NULL},
    DAY("monday", 0),
    DAY("tuesday", 1),
    DAY("wednesday", 2),
    DAY("thursday", 3),
    DAY("friday", 4),
    DAY("saturday", 5),
    DAY("sunday", 6),
};

static bool check_overlap(const struct reference *r, const struct csv *csv,
                          const struct week_row *in, struct err *err)
{
    if (in->to < in->from)
        return csv_reject(csv, "to", err, "ends before it begins");
    for (size_t i = 0; i < r->weeks.count; i++) {
        const struct calendar_week *w = r->weeks.items[i].thing;

        if (in->from <= w->to && w->from <= in->to)
            return csv_reject(csv, "from", err, "overlaps another row");
    }
    return true;
}

static bool take_week(struct reference *r, const struct csv *csv,
                      const void *row, struct err *err)
{
    const struct week_row *in = row;
    struct calendar_week *week;

    if (!check_overlap(r, csv, in, err))
        return false;
    week =
        slots_get(&r->weeks, &in->from, sizeof(in->from), sizeof(*week), NULL);
    week->from = in->from;
    week->to = in->to;
    for (int day = 0; day < 7; day++)
        if (!take_hours(csv, weekdays[day], in->days[day], &week->days[day],
                        err))
            return false;
    return true;
}

static bool has_holidays(const struct reference *r, int wanted)
{
    for (size_t i = 0; i < r->days.count; i++) {
        const struct calendar_day *d = r->days.items[i].thing;
        int year, month, day;

        date_civil(d->date, &year, &month, &day);
        if (year == wanted && !d->workday)
            return true;
    }
    return false;
}

/* A year without a notice of holidays has no calendar: never a guess. */
static bool check_week(struct reference *r, const struct csv *csv,
                       const void *row, struct err *err)
{
    const struct week_row *in = row;
    int first, last, month, day;

    date_civil(in->from, &first, &month, &day);
    date_civil(in->to, &last, &month, &day);
    for (int year = first; year <= last; year++)
        if (!has_holidays(r, year))
            return csv_reject(csv, "to", err,
                              "holidays.csv has no holiday of %d", year);
    return true;
}

const struct reference_table calendar_weeks_table = {
    "calendar_weeks.csv",    week_columns, COUNT_OF(week_columns),
    sizeof(struct week_row), take_week,    check_week,
};

/* ---- holidays.csv: days that differ ---- */

static const char *const day_kinds[] = {"holiday", "workday", NULL};

struct day_row {
    int32_t date;
    int kind;
    char hours[96];
};

static const struct csv_column day_columns[] = {
    {"date", CSV_DATE, true, CSV_AT(struct day_row, date), NULL},
    {"kind", CSV_WORD, true, CSV_AT(struct day_row, kind), day_kinds},
    {"hours", CSV_TEXT, false, CSV_AT(struct day_row, hours), NULL},
};

static bool take_day(struct reference *r, const struct csv *csv,
                     const void *row, struct err *err)
{
    const struct day_row *in = row;
    struct calendar_day *day;
    bool is_new;

    day =
        slots_get(&r->days, &in->date, sizeof(in->date), sizeof(*day), &is_new);
    if (!is_new)
        return csv_reject(csv, "date", err, "is there twice");
    day->date = in->date;
    day->workday = in->kind == 1;
    day->own_hours = in->hours[0] != '\0';
    if (day->own_hours && !day->workday)
        return csv_reject(csv, "hours", err, "a holiday has no hours");
    return take_hours(csv, "hours", in->hours, &day->hours, err);
}

const struct reference_table holidays_table = {
    "holidays.csv",         day_columns, COUNT_OF(day_columns),
    sizeof(struct day_row), take_day,    NULL,
};

/* ---- shifts.csv ---- */

static const char *const shift_days[] = {
    [SHIFT_ALL] = "all", [SHIFT_WORKING] = "working", [SHIFT_REST] = "rest",
    NULL,
};

struct shift_row {
    char code[CODE_SIZE];
    char name[64];
    int days;
    char hours[100];
};

static const struct csv_column shift_columns[] = {
    CSV_CELL(CSV_TEXT, shift_row, code, true),
    CSV_CELL(CSV_TEXT, shift_row, name, true),
    {"days", CSV_WORD, true, CSV_AT(struct shift_row, days), shift_days},
    CSV_CELL(CSV_TEXT, shift_row, hours, true),
};

static bool take_shift(struct reference *r, const struct csv *csv,
                       const void *row, struct err *err)
{
    const struct shift_row *in = row;
    struct shift shift = {.days = in->days};

    memcpy(shift.code, in->code, sizeof(in->code));
    memcpy(shift.name, in->name, sizeof(in->name));
    return take_hours(csv, "hours", in->hours, &shift.hours, err) &&
           reference_add(csv, "code", &r->shifts, in->code, &shift,
                         sizeof(shift), err);
}

const struct reference_table shifts_table = {
    "shifts.csv",
    shift_columns,
    COUNT_OF(shift_columns),
    sizeof(struct shift_row),
    take_shift,
    NULL,
};
