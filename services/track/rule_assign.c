/* rule_assign.c - dispatch opens lanes, hands them over, cancels them. */
#include <string.h>

#include "services/track/move.h"
#include "services/track/task.h"

/* ---- opening ---- */

/* The officer of an office in "CGJ=officer;GAFJ=officer2"; empty: none. */
static struct text holder_of(struct text holders, const char *office)
{
    while (holders.size > 0) {
        struct text item = text_cut(holders, ';', &holders);
        struct text officer;

        if (text_is(text_cut(item, '=', &officer), office))
            return officer;
    }
    return text_of("");
}

static void fill(struct lane *lane, const struct task_assign *in,
                 const struct task_call *call)
{
    memcpy(lane->number, in->number, sizeof(lane->number));
    memcpy(lane->kind, in->kind, sizeof(lane->kind));
    memcpy(lane->matter, in->matter, sizeof(lane->matter));
    memcpy(lane->region, in->region, sizeof(lane->region));
    memcpy(lane->street, in->street, sizeof(lane->street));
    lane->issue = in->issue;
    lane->role = call->role;
    lane->start_us = in->start;
    lane->reference_version = in->reference_version;
    lane->state = LANE_ASSIGNED;
}

/* All start when the whistle was issued; a stage that the kind does not
 * require has no clock. */
static void start_usual(struct lane *lane, const struct kind *kind,
                        const struct lane_pins *pins)
{
    lane_clock_start(lane, LANE_CLOCK_SIGN, lane->start_us, pins);
    if (kind->required_stages & (1U << STAGE_CONTACT))
        lane_clock_start(lane, LANE_CLOCK_CONTACT, lane->start_us, pins);
    if (kind->required_stages & (1U << STAGE_ARRIVE))
        lane_clock_start(lane, LANE_CLOCK_ARRIVE, lane->start_us, pins);
    lane_clock_start(lane, LANE_CLOCK_RESOLVE, lane->start_us, pins);
}

/* Lanes of one call are of one kind and start together, so the usual clocks
 * are computed for the first. The matter's own stages are the lead's: one
 * office fences, repairs and reinstates, others help. */
static void start_clocks(struct lane *lane, const struct lane *twin,
                         const struct lane_pins *pins)
{
    lane->calendar_version = pins->calendar_version;
    if (twin && twin->open)
        memcpy(lane->clocks, twin->clocks,
               LANE_CLOCK_REWORK * sizeof(lane->clocks[0]));
    else
        start_usual(lane, reference_kind(pins->limits, lane->kind), pins);
    if (lane->role == LANE_LEAD)
        lane_stage_start(lane, NULL, lane->start_us, pins);
    (void)lane_settle(lane, pins);
}

static void say_assigned(struct decision *d, struct lane *lane,
                         const char *replaces)
{
    struct json *j = lane_say(d, lane, "task.assigned");

    json_string(j, "kind", lane->kind);
    json_string(j, "matter", lane->matter);
    json_string(j, "region", lane->region);
    json_string(j, "street", lane->street);
    json_string_if(j, "replaces", replaces);
    json_instant(j, "start", lane->start_us);
    lane_write_dues(j, lane);
    if (lane->gap != INT32_MIN)
        json_date(j, "gap", lane->gap);
}

/* The one that takes what nobody holds cannot pass it on. */
static bool is_catch_all(const struct lane_pins *pins, const char *office)
{
    const struct office *o = reference_catch_all(pins->limits);

    return o && strcmp(o->code, office) == 0;
}

static struct lane *open_lane(struct decision *d, struct lane_case *c,
                              const struct task_assign *in,
                              const struct task_call *call,
                              const struct lane_pins *pins,
                              const struct lane *twin)
{
    struct lane_name name = {.whistle = in->whistle, .round = in->round};
    struct lane *lane;

    memcpy(name.office, call->office, sizeof(name.office));
    lane = lane_add(c, d->arena, &name);
    fill(lane, in, call);
    lane->partition = decision_partition(d);
    lane->forced = call->replaces[0] && is_catch_all(pins, call->office);
    if (!text_copy(holder_of(d->message->holders, call->office), lane->holder,
                   sizeof(lane->holder)))
        lane->holder[0] = '\0';
    start_clocks(lane, twin, pins);
    say_assigned(d, lane, call->replaces);
    return lane;
}

/* The old lane kept state and hold until the new one was folded. */
static void end_replaced(struct decision *d, struct lane *old, const char *by)
{
    int to;

    if (!old || !fsm_step(&lane_fsm, old->state, LANE_REASSIGN, &to, NULL))
        return;
    old->state = to;
    move_close(d, old);
    old->next_due_us = INSTANT_NONE;
    json_string(lane_say(d, old, "task.reassigned"), "to", by);
    lane_tell(d, old, "reassigned");
}

bool task_assign(struct decision *d, const void *message, struct err *err)
{
    const struct task_assign *in = message;
    const struct task_call *calls = in->lanes.items;
    const struct lane *twin = NULL;
    struct lane_pins pins;
    struct lane_case *c;

    if (!move_case(d, &in->whistle, &c, err) ||
        !lane_pin(d, in->reference_version, 0, &pins, err))
        return false;
    if (!reference_kind(pins.limits, in->kind))
        return err_reject(err, "unknown_kind", "kind",
                          "没有哨的类型%s / there is no kind %s", in->kind,
                          in->kind);
    for (size_t i = 0; i < in->lanes.count; i++) {
        if (lane_find(c, in->round, calls[i].office))
            continue;
        twin = open_lane(d, c, in, &calls[i], &pins, twin);
        if (calls[i].replaces[0])
            end_replaced(d, lane_find(c, in->round, calls[i].replaces),
                         calls[i].office);
    }
    return true;
}

/* ---- handing over ---- */

/* The first holder stays: an allotment that comes late changes nothing. */
bool task_hand(struct decision *d, const void *message, struct err *err)
{
    const struct task_hand *in = message;
    char from[LANE_PERSON_SIZE];
    struct move move;
    struct lane *lane;
    struct json *j;

    if (!move_take(d, &in->lane, OWNER_OFFICE, &move, err))
        return false;
    lane = move.lane;
    if (lane->state != LANE_ASSIGNED ||
        strcmp(lane->holder, in->officer) == 0 ||
        (lane->holder[0] && in->why == HAND_ALLOTTED))
        return true;
    memcpy(from, lane->holder, sizeof(from));
    memcpy(lane->holder, in->officer, sizeof(lane->holder));
    j = lane_say(d, lane, "task.handed");
    json_string_if(j, "from", from);
    json_string(j, "why", task_hand_whys[in->why]);
    return true;
}

/* ---- cancelling ---- */

static void cancel(struct decision *d, struct lane *lane, struct text why)
{
    lane->state = LANE_CANCELLED;
    move_close(d, lane);
    lane->next_due_us = INSTANT_NONE;
    json_text(lane_say(d, lane, "task.cancelled"), "why", why);
}

/* A lane that ended before answers how it ended, again. */
bool task_cancel(struct decision *d, const void *message, struct err *err)
{
    const struct task_cancel *in = message;
    struct lane_case *c;

    if (!move_case(d, &in->whistle, &c, err))
        return false;
    for (struct lane *lane = c->first; lane; lane = lane->next) {
        if (lane->name.round != in->round)
            continue;
        if (fsm_allows(&lane_fsm, lane->state, LANE_CANCEL))
            cancel(d, lane, in->why);
        lane_tell(d, lane, lane_states[lane->state]);
    }
    return true;
}
