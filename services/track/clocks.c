/* clocks.c - dues from the pinned limits and the newest calendar. */
#include "services/track/clocks.h"

#include "services/track/say.h"

#define MARKS_MAX (LADDER_MAX + 3)

enum mark_kind { MARK_HALF, MARK_YELLOW, MARK_RED, MARK_RUNG };

struct mark {
    enum mark_kind kind;
    int percent;
    const char *step;
};

static const enum stage stages[LANE_CLOCKS] = {
    [LANE_CLOCK_SIGN] = STAGE_SIGN,     [LANE_CLOCK_CONTACT] = STAGE_CONTACT,
    [LANE_CLOCK_ARRIVE] = STAGE_ARRIVE, [LANE_CLOCK_RESOLVE] = STAGE_RESOLVE,
    [LANE_CLOCK_REWORK] = STAGE_REWORK, [LANE_CLOCK_ACCEPT] = STAGE_ACCEPT,
    [LANE_CLOCK_RULE] = STAGE_RULE,
};

const char *lane_clock_stage(enum lane_clock_name which)
{
    return stage_names[stages[which]];
}

static const struct reference *version_of(const struct decision *d,
                                          int64_t version)
{
    const struct reference *now = d->reference;

    if (now && reference_version(now) == version)
        return now;
    return reference_pinned(version);
}

bool lane_pin(const struct decision *d, int64_t pinned, int64_t at_least,
              struct lane_pins *ret_pins, struct err *err)
{
    const struct reference *limits = version_of(d, pinned);
    const struct reference *newest = d->reference;
    int64_t percent;

    if (newest && reference_version(newest) < at_least)
        newest = version_of(d, at_least);
    if (!limits || !newest)
        return err_retry(err, "no_reference",
                         "reference version %lld is not loaded here",
                         (long long)(limits ? at_least : pinned));
    if (!reference_weight(limits, "task.half_sign_percent", &percent, err))
        return false;
    *ret_pins = (struct lane_pins){
        .limits = limits,
        .calendar = reference_calendar(newest),
        .calendar_version = reference_version(newest),
        .half_percent = (int)percent,
    };
    return true;
}

/* Rework takes the resolve limit again where it has no row of its own. */
static const struct clock_limit *limit_of(const struct lane *lane,
                                          enum lane_clock_name which,
                                          const struct lane_pins *pins)
{
    const struct clock_limit *limit =
        reference_limit(pins->limits, lane->kind, stages[which]);

    if (!limit && which == LANE_CLOCK_REWORK)
        limit = reference_limit(pins->limits, lane->kind, STAGE_RESOLVE);
    return limit;
}

bool lane_clock_runs(const struct lane *lane, enum lane_clock_name which)
{
    const struct lane_clock *c = &lane->clocks[which];

    return lane->open && c->start_us != INSTANT_NONE &&
           c->stop_us == INSTANT_NONE;
}

bool lane_is_overdue(const struct lane *lane, enum lane_clock_name which,
                     int64_t at_us)
{
    int64_t due_us = lane->clocks[which].due_us;

    return lane_clock_runs(lane, which) && due_us != INSTANT_NONE &&
           due_us <= at_us;
}

/* Without an answer of the calendar both stay empty. */
static void compute(struct lane_clock *c, const struct clock_limit *limit,
                    const struct lane_pins *pins)
{
    const struct clock_story story = {
        .start_us = c->start_us,
        .stop_us = INSTANT_NONE,
    };
    struct clock_state state;

    c->yellow_us = c->due_us = INSTANT_NONE;
    if (!clock_compute(limit, pins->calendar, &story, &state, NULL))
        return;
    c->yellow_us = state.yellow_us;
    c->due_us = state.due_us;
}

void lane_clock_start(struct lane *lane, enum lane_clock_name which,
                      int64_t at_us, const struct lane_pins *pins)
{
    const struct clock_limit *limit = limit_of(lane, which, pins);
    struct lane_clock *c = &lane->clocks[which];

    *c = (struct lane_clock){
        .start_us = limit ? at_us : INSTANT_NONE,
        .yellow_us = INSTANT_NONE,
        .due_us = INSTANT_NONE,
        .stop_us = INSTANT_NONE,
    };
    if (limit)
        compute(c, limit, pins);
}

void lane_clock_stop(struct lane *lane, enum lane_clock_name which,
                     int64_t at_us)
{
    struct lane_clock *c = &lane->clocks[which];
    bool of_the_office = which <= LANE_CLOCK_REWORK;

    if (of_the_office && c->due_us != INSTANT_NONE && at_us > c->due_us)
        lane->late = true;
    c->stop_us = at_us;
}

/* ---- marks ---- */

static void add_mark(struct mark *marks, int *count, struct mark new)
{
    int i = (*count)++;

    for (; i > 0 && marks[i - 1].percent > new.percent; i--)
        marks[i] = marks[i - 1];
    marks[i] = new;
}

/* All marks of a clock by percent; what stands at one percent, as added. */
static int list_marks(const struct clock_limit *limit,
                      enum lane_clock_name which, int half_percent,
                      struct mark marks[MARKS_MAX])
{
    int count = 0;

    if (which == LANE_CLOCK_SIGN)
        add_mark(marks, &count, (struct mark){MARK_HALF, half_percent, NULL});
    add_mark(marks, &count,
             (struct mark){MARK_YELLOW, limit->yellow_percent, NULL});
    add_mark(marks, &count, (struct mark){MARK_RED, 100, NULL});
    for (int i = 0; i < limit->rung_count; i++)
        add_mark(marks, &count,
                 (struct mark){MARK_RUNG, limit->ladder[i].percent,
                               limit->ladder[i].step});
    return count;
}

static int64_t mark_us(const struct lane_clock *c, const struct mark *mark,
                       const struct clock_limit *limit,
                       const struct lane_pins *pins)
{
    const struct clock_story story = {
        .start_us = c->start_us,
        .stop_us = INSTANT_NONE,
    };
    int64_t at_us;

    if (c->due_us == INSTANT_NONE || mark->percent == 100)
        return c->due_us;
    if (mark->kind == MARK_YELLOW)
        return c->yellow_us;
    if (!clock_at_percent(limit, pins->calendar, &story, mark->percent, &at_us,
                          NULL))
        return INSTANT_NONE;
    return at_us;
}

/* The next mark to be said; false: none, or nobody knows when. */
static bool next_mark(const struct lane *lane, enum lane_clock_name which,
                      const struct lane_pins *pins, struct mark *ret_mark,
                      int64_t *ret_us)
{
    const struct lane_clock *c = &lane->clocks[which];
    const struct clock_limit *limit = limit_of(lane, which, pins);
    struct mark marks[MARKS_MAX];
    int64_t at_us;

    if (!limit ||
        c->passed >= list_marks(limit, which, pins->half_percent, marks))
        return false;
    at_us = mark_us(c, &marks[c->passed], limit, pins);
    if (at_us == INSTANT_NONE)
        return false;
    *ret_mark = marks[c->passed];
    *ret_us = at_us;
    return true;
}

static void say_mark(struct decision *d, struct lane *lane,
                     enum lane_clock_name which, const struct mark *mark)
{
    static const char *const types[] = {
        [MARK_YELLOW] = "task.yellow",
        [MARK_RED] = "task.overdue",
        [MARK_RUNG] = "task.supervised",
    };
    struct json *j = lane_say(d, lane, types[mark->kind]);

    json_string(j, "stage", lane_clock_stage(which));
    if (mark->kind == MARK_RUNG)
        json_string(j, "step", mark->step);
    json_instant(j, "due", lane->clocks[which].due_us);
}

void lane_say_marks(struct decision *d, struct lane *lane,
                    const struct lane_pins *pins, int64_t until_us,
                    bool signing)
{
    struct mark mark;
    int64_t at_us;

    if (lane->next_due_us == INSTANT_NONE || lane->next_due_us > until_us)
        return;
    for (int i = 0; i < LANE_CLOCKS; i++) {
        while (lane_clock_runs(lane, i) &&
               next_mark(lane, i, pins, &mark, &at_us) && at_us <= until_us) {
            lane->clocks[i].passed++;
            lane->changed = true;
            if (mark.kind != MARK_HALF)
                say_mark(d, lane, i, &mark);
            else if (!signing)
                lane_tell(d, lane, "unsigned_half");
        }
    }
}

/* ---- after a change ---- */

static bool recompute(struct lane *lane, const struct lane_pins *pins)
{
    bool moved = false;

    for (int i = 0; i < LANE_CLOCKS; i++) {
        const struct clock_limit *limit = limit_of(lane, i, pins);
        int64_t due_us = lane->clocks[i].due_us;

        if (!limit || !lane_clock_runs(lane, i))
            continue;
        compute(&lane->clocks[i], limit, pins);
        moved = moved || lane->clocks[i].due_us != due_us;
    }
    lane->calendar_version = pins->calendar_version;
    return moved;
}

static void note_gap(struct lane *lane, const struct lane_clock *c,
                     const struct calendar *calendar)
{
    int32_t date = calendar_gap(calendar, date_of(c->start_us));

    if (lane->gap == INT32_MIN || date < lane->gap)
        lane->gap = date;
}

bool lane_settle(struct lane *lane, const struct lane_pins *pins)
{
    bool moved = lane->calendar_version != pins->calendar_version &&
                 recompute(lane, pins);
    struct mark mark;
    int64_t at_us;

    lane->changed = true;
    lane->gap = INT32_MIN;
    lane->next_due_us = INSTANT_NONE;
    for (int i = 0; i < LANE_CLOCKS; i++) {
        if (!lane_clock_runs(lane, i))
            continue;
        if (lane->clocks[i].due_us == INSTANT_NONE)
            note_gap(lane, &lane->clocks[i], pins->calendar);
        if (next_mark(lane, i, pins, &mark, &at_us) &&
            (lane->next_due_us == INSTANT_NONE || at_us < lane->next_due_us))
            lane->next_due_us = at_us;
    }
    return moved;
}
