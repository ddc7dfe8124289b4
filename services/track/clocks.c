/* clocks.c - dues from the pinned limits and the newest calendar. */
#include "services/track/clocks.h"

#include <string.h>

#include "services/track/say.h"
#include "services/track/story.h"

static const enum stage stages[LANE_CLOCKS] = {
    [LANE_CLOCK_SIGN] = STAGE_SIGN,     [LANE_CLOCK_CONTACT] = STAGE_CONTACT,
    [LANE_CLOCK_ARRIVE] = STAGE_ARRIVE, [LANE_CLOCK_RESOLVE] = STAGE_RESOLVE,
    [LANE_CLOCK_REWORK] = STAGE_REWORK, [LANE_CLOCK_ACCEPT] = STAGE_ACCEPT,
    [LANE_CLOCK_RULE] = STAGE_RULE,
};

const char *lane_clock_stage(enum lane_clock_name which)
{
    return which == LANE_CLOCK_STAGE ? "stage" : stage_names[stages[which]];
}

const char *lane_clock_word(const struct lane *lane,
                            enum lane_clock_name which)
{
    return which == LANE_CLOCK_STAGE ? lane->stage : lane_clock_stage(which);
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

static const struct clock_limit *limit_of_matter(const struct lane *lane,
                                                 const struct lane_pins *pins)
{
    const struct matter_stage *s = reference_matter_stage(
        pins->limits, lane->matter, text_of(lane->stage));

    return s ? &s->limit : NULL;
}

/* Rework takes the resolve limit again where it has no row of its own. */
const struct clock_limit *lane_clock_limit(const struct lane *lane,
                                           enum lane_clock_name which,
                                           const struct lane_pins *pins)
{
    const struct clock_limit *limit =
        which == LANE_CLOCK_STAGE
            ? limit_of_matter(lane, pins)
            : reference_limit(pins->limits, lane->kind, stages[which]);

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

struct clock_story
lane_clock_story(const struct lane *lane, enum lane_clock_name which,
                 struct clock_extension room[LANE_EXTENSIONS_MAX])
{
    const struct lane_clock *c = &lane->clocks[which];

    return (struct clock_story){
        .start_us = c->start_us,
        .stop_us = c->stop_us,
        .pauses = lane->story.pauses,
        .pause_count = lane->story.pause_count,
        .extensions = room,
        .extension_count =
            story_extensions(&lane->story, which, c->start_us, room),
    };
}

/* Paused, or without an answer of the calendar, both stay empty. */
static void compute(struct lane *lane, enum lane_clock_name which,
                    const struct lane_pins *pins)
{
    const struct clock_limit *limit = lane_clock_limit(lane, which, pins);
    struct clock_extension room[LANE_EXTENSIONS_MAX];
    const struct clock_story story = lane_clock_story(lane, which, room);
    struct lane_clock *c = &lane->clocks[which];
    struct clock_state state;

    c->yellow_us = c->due_us = INSTANT_NONE;
    if (!limit || !clock_compute(limit, pins->calendar, &story, &state, NULL))
        return;
    c->yellow_us = state.yellow_us;
    c->due_us = state.due_us;
}

void lane_clock_start(struct lane *lane, enum lane_clock_name which,
                      int64_t at_us, const struct lane_pins *pins)
{
    const struct clock_limit *limit = lane_clock_limit(lane, which, pins);
    struct lane_clock *c = &lane->clocks[which];

    *c = (struct lane_clock){
        .start_us = limit ? at_us : INSTANT_NONE,
        .yellow_us = INSTANT_NONE,
        .due_us = INSTANT_NONE,
        .stop_us = INSTANT_NONE,
    };
    if (limit)
        compute(lane, which, pins);
}

static bool is_late(const struct lane *lane, enum lane_clock_name which)
{
    const struct lane_clock *c = &lane->clocks[which];

    return (which <= LANE_CLOCK_REWORK || which == LANE_CLOCK_STAGE) &&
           c->stop_us != INSTANT_NONE &&
           c->due_us != INSTANT_NONE && c->stop_us > c->due_us;
}

/* The stop ends an open pause, so what had no due may have one now. */
void lane_clock_stop(struct lane *lane, enum lane_clock_name which,
                     int64_t at_us, const struct lane_pins *pins)
{
    struct lane_clock *c = &lane->clocks[which];

    c->stop_us = at_us;
    if (c->start_us != INSTANT_NONE && c->due_us == INSTANT_NONE)
        compute(lane, which, pins);
    lane->late = lane->late || is_late(lane, which);
    if (which == LANE_CLOCK_STAGE)
        lane->stage_late = lane->stage_late || is_late(lane, which);
}

void lane_stage_start(struct lane *lane, const struct matter_stage *after,
                      int64_t at_us, const struct lane_pins *pins)
{
    const struct matter_stage *s =
        after ? after->next
              : reference_matter_stages(pins->limits, lane->matter);

    memset(lane->stage, 0, sizeof(lane->stage));
    if (s)
        memcpy(lane->stage, s->stage, sizeof(s->stage));
    lane_clock_start(lane, LANE_CLOCK_STAGE, at_us, pins);
}

enum lane_clock_name lane_report_clock(const struct lane *lane)
{
    return lane->reworks > 0 ? LANE_CLOCK_REWORK : LANE_CLOCK_RESOLVE;
}

/* ---- suspension and extension ---- */

bool lane_is_suspended(const struct lane *lane, int64_t at_us)
{
    return lane->hold == LANE_HOLD_SUSPENDED && at_us < lane->review_us;
}

bool lane_recompute(struct lane *lane, const struct lane_pins *pins,
                    bool report_too)
{
    enum lane_clock_name report = lane_report_clock(lane);
    bool moved = false, any = lane->stage_late;

    for (int i = 0; i < LANE_CLOCKS; i++) {
        int64_t due_us = lane->clocks[i].due_us;

        if (lane_clock_runs(lane, i) ||
            (report_too && i == (int)report &&
             lane->clocks[i].start_us != INSTANT_NONE))
            compute(lane, i, pins);
        moved = moved || lane->clocks[i].due_us != due_us;
        any = any || is_late(lane, i);
    }
    /* The clock of an earlier rework is gone: what it said, stands. */
    if (report_too && lane->reworks <= 1)
        lane->late = any;
    lane->changed = true;
    return moved;
}

void lane_come_back(struct lane *lane, int64_t at_us,
                    const struct lane_pins *pins)
{
    if (lane->hold != LANE_HOLD_SUSPENDED)
        return;
    story_end_pause(&lane->story,
                    at_us < lane->review_us ? at_us : lane->review_us);
    lane->hold = LANE_NO_HOLD;
    lane->review_us = INSTANT_NONE;
    (void)lane_recompute(lane, pins, false);
}

/* One that is back by its review date, though nobody has said so yet, is
 * looked at as it will be. */
bool lane_can_extend(struct lane *lane,
                     const struct lane_extension *extension,
                     const struct lane_pins *pins, struct err *err)
{
    const struct clock_limit *limit =
        lane_clock_limit(lane, extension->of, pins);
    struct clock_extension room[LANE_EXTENSIONS_MAX];
    struct clock_story story = lane_clock_story(lane, extension->of, room);
    int64_t asked_us = extension->clock.asked_us;
    bool awake = lane->hold == LANE_HOLD_SUSPENDED &&
                 !lane_is_suspended(lane, asked_us);
    struct clock_state state;
    bool can;

    if (!limit || story.extension_count >= LANE_EXTENSIONS_MAX)
        return err_reject(err, "extensions_used_up", "to_date",
                          "不能再延期 / it cannot be extended further");
    room[story.extension_count++] = extension->clock;
    if (awake)
        story_end_pause(&lane->story, lane->review_us);
    can = clock_compute(limit, pins->calendar, &story, &state, err);
    if (awake)
        lane->story.pauses[lane->story.pause_count - 1].to_us = INSTANT_NONE;
    return can;
}

void lane_write_dues(struct json *j, const struct lane *lane)
{
    json_object(j, "due");
    for (int i = 0; i < LANE_CLOCKS; i++)
        if (lane_clock_runs(lane, i))
            json_instant(j, lane_clock_word(lane, i), lane->clocks[i].due_us);
    json_close(j);
}
