/* rule_clock.c - time passed: look at a lane's marks; calendars changed. */
#include "services/track/move.h"
#include "services/track/return.h"
#include "services/track/suspend.h"
#include "services/track/task.h"

/*
 * Only says "look": what has passed is judged by the message's own time. look
 * goes up each time, so that the next one has another id, even when this came
 * before its due.
 */
bool task_clock_passed(struct decision *d, const void *message, struct err *err)
{
    const struct clock_passed *in = message;
    struct lane_name name;
    struct move move;

    if (!lane_parse(in->subject, &name))
        return err_reject(err, "bad_subject", "subject",
                          "不是任务的编号 / not the subject of a lane");
    if (!move_take(d, &name, OWNER_DISTRICT, &move, err))
        return false;
    if (!move.lane->open)
        return true;
    move.lane->look++;
    lane_wake(d, move.lane, &move.pins);
    lane_say_marks(d, move.lane, &move.pins, d->at_us, false);
    if (lane_is_overdue(move.lane, LANE_CLOCK_RULE, d->at_us))
        lane_lapse(d, move.lane, move.of, &move.pins);
    move_end(&move);
    return true;
}

static bool reschedule(struct decision *d, struct lane *lane, int64_t version,
                       struct err *err)
{
    struct lane_pins pins;
    struct json *j;

    if (!lane_pin(d, lane->reference_version,
                  version > lane->calendar_version ? version
                                                   : lane->calendar_version,
                  &pins, err))
        return false;
    if (!lane_settle(lane, &pins))
        return true;
    j = lane_say(d, lane, "task.rescheduled");
    lane_write_dues(j, lane);
    return true;
}

/* Every open lane of the partition was loaded. */
bool task_reference_changed(struct decision *d, const void *message,
                            struct err *err)
{
    const struct reference_changed *in = message;
    const struct lane_batch *b = d->state;
    int32_t partition = decision_partition(d);

    for (size_t i = 0; i < b->cases.count; i++) {
        const struct lane_case *c = b->cases.items[i].thing;

        for (struct lane *lane = c->first; lane; lane = lane->next)
            if (lane->open && lane->partition == partition &&
                !reschedule(d, lane, in->version, err))
                return false;
    }
    return true;
}
