/* marks.c - what a running clock passes (half, yellow, red, the ladder), each
 * said once, and when the next of them comes. */
#include "services/track/clocks.h"

#include "services/track/document.h"
#include "services/track/say.h"

#define MARKS_MAX (LADDER_MAX + 3)

enum mark_kind { MARK_HALF, MARK_YELLOW, MARK_RED, MARK_RUNG };

struct mark {
    enum mark_kind kind;
    int percent;
    const char *step;
};

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

/* INSTANT_NONE: nobody knows, as while the clock is paused before it. */
static int64_t mark_us(const struct lane *lane, enum lane_clock_name which,
                       const struct mark *mark,
                       const struct clock_limit *limit,
                       const struct lane_pins *pins)
{
    const struct lane_clock *c = &lane->clocks[which];
    struct clock_extension room[LANE_EXTENSIONS_MAX];
    struct clock_story story;
    int64_t at_us;

    if (c->due_us == INSTANT_NONE || mark->percent == 100)
        return c->due_us;
    if (mark->kind == MARK_YELLOW)
        return c->yellow_us;
    story = lane_clock_story(lane, which, room);
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
    const struct clock_limit *limit = lane_clock_limit(lane, which, pins);
    struct mark marks[MARKS_MAX];
    int64_t at_us;

    if (!limit ||
        c->passed >= list_marks(limit, which, pins->half_percent, marks))
        return false;
    at_us = mark_us(lane, which, &marks[c->passed], limit, pins);
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
    const struct lane_document *doc =
        mark->kind == MARK_RUNG
            ? document_write(d, lane, which, mark->step, mark->percent)
            : NULL;
    struct json *j = lane_say(d, lane, types[mark->kind]);

    json_string(j, "stage", lane_clock_word(lane, which));
    if (doc) {
        json_string(j, "step", doc->step);
        json_text(j, "document", doc->number);
        json_text(j, "text", doc->text);
    }
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

/* A clock without a due is paused, or its calendar ends first. */
static void note_gap(struct lane *lane, enum lane_clock_name which,
                     const struct lane_pins *pins)
{
    const struct clock_limit *limit = lane_clock_limit(lane, which, pins);
    struct clock_extension room[LANE_EXTENSIONS_MAX];
    const struct clock_story story = lane_clock_story(lane, which, room);
    struct clock_state state;
    int32_t date;

    if (!limit || clock_compute(limit, pins->calendar, &story, &state, NULL))
        return;
    date = calendar_gap(pins->calendar, date_of(story.start_us));
    if (lane->gap == INT32_MIN || date < lane->gap)
        lane->gap = date;
}

static void wait_until(struct lane *lane, int64_t at_us)
{
    if (lane->next_due_us == INSTANT_NONE || at_us < lane->next_due_us)
        lane->next_due_us = at_us;
}

bool lane_settle(struct lane *lane, const struct lane_pins *pins)
{
    bool moved = lane->calendar_version != pins->calendar_version &&
                 lane_recompute(lane, pins, false);
    struct mark mark;
    int64_t at_us;

    lane->changed = true;
    lane->calendar_version = pins->calendar_version;
    lane->gap = INT32_MIN;
    lane->next_due_us = INSTANT_NONE;
    if (lane->hold == LANE_HOLD_SUSPENDED)
        wait_until(lane, lane->review_us);
    for (int i = 0; i < LANE_CLOCKS; i++) {
        if (!lane_clock_runs(lane, i))
            continue;
        if (lane->clocks[i].due_us == INSTANT_NONE)
            note_gap(lane, i, pins);
        if (next_mark(lane, i, pins, &mark, &at_us))
            wait_until(lane, at_us);
    }
    return moved;
}
