/* oracle_clock.c - the clock of rules.md §1-2 as lines. */
#include <string.h>

#include "common/base/instant.h"
#include "common/city/clock.h"
#include "services/baodao/oracle.h"

#define MANY_US INT64_C(100000000000000000) /* the year 5138 */

/* A case as read; the arrays are in the line's arena. */
struct told {
    struct clock_limit limit;
    struct clock_story story;
    bool bad_date; /* some extension's */
};

/* ---- the row, member by member, in the order in which they are tested ---- */

static bool read_unit(json_t *line, struct clock_limit *limit)
{
    int unit = -1;

    if (!oracle_word(line, "unit", clock_unit_names, &unit) || unit < 0)
        return false;
    limit->unit = (enum clock_unit)unit;
    return true;
}

static bool read_counting(json_t *line, struct clock_limit *limit)
{
    int counting = COUNTING_DEFAULT;

    if (!oracle_word(line, "counting", clock_counting_names, &counting))
        return false;
    limit->counting = (enum clock_counting)counting;
    limit->limit = 1;
    return true;
}

static bool read_day_end(json_t *line, struct clock_limit *limit)
{
    int day_end = DAY_END_CLOSE;

    if (!oracle_word(line, "day_end", clock_day_end_names, &day_end))
        return false;
    limit->day_end = (enum clock_day_end)day_end;
    return true;
}

static bool read_limit(json_t *line, struct clock_limit *limit)
{
    limit->limit = -1;
    return oracle_int(line, "limit", &limit->limit);
}

static bool read_yellow(json_t *line, struct clock_limit *limit)
{
    int64_t percent = 80;

    if (!oracle_int(line, "yellow_percent", &percent) || percent < 0 ||
        percent > 1000)
        return false;
    limit->yellow_percent = (int)percent;
    return true;
}

static void default_ladder(struct clock_limit *limit)
{
    static const struct clock_rung rungs[] = {
        {"urge", 100}, {"written", 200}, {"joint", 300}, {"bulletin", 400}};

    memcpy(limit->ladder, rungs, sizeof(rungs));
    limit->rung_count = COUNT_OF(rungs);
}

/* The words of the steps are echoed from the line. */
static bool read_ladder(json_t *line, struct clock_limit *limit)
{
    json_t *ladder = oracle_member(line, "ladder");
    size_t count = json_array_size(ladder);

    if (!ladder) {
        default_ladder(limit);
        return true;
    }
    if (!json_is_array(ladder) || count > LADDER_MAX)
        return false;
    limit->rung_count = (int)count;
    for (size_t i = 0; i < count; i++) {
        json_t *rung = json_array_get(ladder, i);
        int64_t percent = 0;

        if (!json_is_string(oracle_member(rung, "step")) ||
            !oracle_int(rung, "percent", &percent) || percent < 0 ||
            percent > INT32_MAX)
            return false;
        limit->ladder[i].percent = (int)percent;
    }
    return true;
}

static const struct {
    const char *field;
    bool (*read)(json_t *line, struct clock_limit *limit);
} parts[] = {
    {"unit", read_unit},   {"counting", read_counting},
    {"day_end", read_day_end}, {"limit", read_limit},
    {"yellow_percent", read_yellow}, {"ladder", read_ladder},
};

/* What has not been read yet stands as something that fits, so the first part
 * that does not is the one that is named. */
static bool read_row(json_t *line, struct clock_limit *limit, struct err *err)
{
    *limit = (struct clock_limit){.limit = 1, .yellow_percent = 80};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!parts[i].read(line, limit))
            return err_reject(err, "bad_row", parts[i].field, "not readable");
        if (i > 0 && !clock_limit_check(limit, err))
            return false;
    }
    return true;
}

/* ---- the story ---- */

static bool read_instant(json_t *object, const char *name, int64_t *ret)
{
    return oracle_int(object, name, ret) &&
           (*ret == INSTANT_NONE || (*ret > -MANY_US && *ret < MANY_US));
}

/* What cannot be read is a pause that no clock takes. */
static void read_pauses(struct oracle *o, json_t *line,
                        struct clock_story *story)
{
    json_t *told = oracle_member(line, "pauses");
    size_t count = json_array_size(told);
    struct clock_pause *pauses =
        arena_array(&o->line, count, sizeof(*pauses));

    for (size_t i = 0; i < count; i++) {
        json_t *one = json_array_get(told, i);

        pauses[i] = (struct clock_pause){INSTANT_NONE, INSTANT_NONE};
        if (!read_instant(one, "from_us", &pauses[i].from_us) ||
            !read_instant(one, "to_us", &pauses[i].to_us))
            pauses[i].from_us = INSTANT_NONE;
    }
    story->pauses = pauses;
    story->pause_count = count;
}

/* The same: one that no clock takes, but the date's fault is remembered. */
static void read_extensions(struct oracle *o, json_t *line, struct told *told)
{
    json_t *list = oracle_member(line, "extensions");
    size_t count = json_array_size(list);
    struct clock_extension *all = arena_array(&o->line, count, sizeof(*all));

    for (size_t i = 0; i < count; i++) {
        json_t *one = json_array_get(list, i);
        struct clock_extension e = {INSTANT_NONE, 0, INT32_MIN};
        bool dated = oracle_member(one, "to_date");

        if (!read_instant(one, "asked_us", &e.asked_us) ||
            !oracle_int(one, "add", &e.add))
            e = (struct clock_extension){INSTANT_NONE, 0, INT32_MIN};
        if (dated && !oracle_date(one, "to_date", &e.to_date)) {
            e.to_date = INT32_MIN;
            told->bad_date = true;
        }
        all[i] = e;
    }
    told->story.extensions = all;
    told->story.extension_count = count;
}

static bool read_case(struct oracle *o, json_t *line, struct told *told,
                      struct err *err)
{
    struct clock_story *story = &told->story;

    *told = (struct told){.story = {.start_us = INSTANT_NONE,
                                    .stop_us = INSTANT_NONE}};
    if (!read_row(line, &told->limit, err))
        return false;
    if (!read_instant(line, "start_us", &story->start_us) ||
        story->start_us == INSTANT_NONE)
        return err_reject(err, "bad_row", "start_us", "not readable");
    if (!read_instant(line, "stop_us", &story->stop_us))
        return err_reject(err, "bad_row", "stop_us", "not readable");
    read_pauses(o, line, story);
    read_extensions(o, line, told);
    return true;
}

/* ---- the answer ---- */

static json_t *instant_or_null(int64_t at_us)
{
    return at_us == INSTANT_NONE ? json_null() : json_integer(at_us);
}

static json_t *ladder_of(json_t *line, const struct clock_limit *limit,
                         const struct clock_state *state)
{
    json_t *said = oracle_member(line, "ladder"), *ladder = json_array();
    char date[DATE_TEXT_SIZE];

    for (int i = 0; i < limit->rung_count; i++) {
        json_t *rung = json_object();
        json_t *step = oracle_member(json_array_get(said, (size_t)i), "step");

        if (step)
            json_object_set(rung, "step", step);
        else
            json_object_set_new(rung, "step",
                                json_string(limit->ladder[i].step));
        json_object_set_new(rung, "at_us",
                            instant_or_null(state->rungs[i].at_us));
        if (state->rungs[i].gap != INT32_MIN) {
            date_print(state->rungs[i].gap, date);
            json_object_set_new(rung, "gap", json_string(date));
        }
        json_array_append_new(ladder, rung);
    }
    return ladder;
}

static void put_reading(json_t *answer, const struct told *told,
                        const struct calendar *calendar,
                        const struct clock_state *state, int64_t now_us)
{
    enum clock_light light = clock_light(state, &told->story, now_us);
    struct clock_reading r;
    bool read =
        clock_read(&told->limit, calendar, &told->story, now_us, &r, NULL);

    json_object_set_new(answer, "elapsed_us",
                        read ? json_integer(r.elapsed_us) : json_null());
    json_object_set_new(answer, "remaining_us",
                        read ? json_integer(r.remaining_us) : json_null());
    json_object_set_new(answer, "percent",
                        read ? json_integer(r.percent) : json_null());
    json_object_set_new(answer, "light",
                        light == LIGHT_NONE
                            ? json_null()
                            : json_string(clock_light_names[light]));
}

static json_t *answer_of(json_t *line, const struct told *told,
                         const struct calendar *calendar,
                         const struct clock_state *state)
{
    int64_t now_us = INSTANT_NONE;
    json_t *answer = json_pack(
        "{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "count_from_us",
        (json_int_t)state->count_from_us, "budget_us",
        (json_int_t)state->budget_us, "granted_us",
        (json_int_t)state->granted_us, "yellow_us",
        instant_or_null(state->yellow_us), "due_us",
        instant_or_null(state->due_us), "ladder",
        ladder_of(line, &told->limit, state), "on_time",
        told->story.stop_us == INSTANT_NONE ? json_null()
                                            : json_boolean(state->on_time));

    if (read_instant(line, "now_us", &now_us) && now_us != INSTANT_NONE)
        put_reading(answer, told, calendar, state, now_us);
    return answer;
}

json_t *oracle_clock(struct oracle *o, json_t *line)
{
    json_t *calendar_told = oracle_member(line, "calendar");
    const struct calendar *calendar;
    struct clock_state state;
    struct told told;
    struct err err = {0};

    if (json_is_object(calendar_told))
        return oracle_keep_calendar(o, calendar_told);
    calendar = oracle_calendar(o, calendar_told);
    if (!read_case(o, line, &told, &err))
        return oracle_refuse(&err);
    if (clock_compute(&told.limit, calendar, &told.story, &state, &err))
        return answer_of(line, &told, calendar, &state);
    if (told.bad_date && strcmp(err.code, "bad_extension") == 0)
        return json_pack("{s:s}", "error", "bad_date");
    return oracle_refuse(&err);
}
