/* rule_suspend.c - a lane that cannot be worked on now is put on the list
 * (挂账) until a review date; it comes back by itself. */
#include <string.h>

#include "services/track/move.h"
#include "services/track/story.h"
#include "services/track/suspend.h"
#include "services/track/task.h"

static void say_back(struct decision *d, struct lane *lane, const char *by,
                     struct text note)
{
    struct json *j = lane_say(d, lane, "task.resumed");

    json_string(j, "by", by);
    lane_write_dues(j, lane);
    json_text_if(j, "note", note);
}

void lane_wake(struct decision *d, struct lane *lane,
               const struct lane_pins *pins)
{
    if (!lane->open || lane->hold != LANE_HOLD_SUSPENDED ||
        lane_is_suspended(lane, d->at_us))
        return;
    lane_come_back(lane, d->at_us, pins);
    say_back(d, lane, "time", text_of(""));
    (void)lane_settle(lane, pins);
}

/* ---- suspending ---- */

static bool has_no_hold(const struct decision *d, const struct lane *lane,
                        struct err *err)
{
    if (lane->hold == LANE_HOLD_RETURN)
        return err_reject(err, "already_returned", "hold",
                          "退单待裁定,不能挂账 / a return awaits its ruling: "
                          "it cannot be suspended");
    if (lane_is_suspended(lane, d->at_us))
        return err_reject(err, "already_suspended", "hold",
                          "已挂账,须先恢复 / it is suspended already: resume "
                          "it first");
    return true;
}

static bool review_fits(const struct move *move, int64_t at_us, int32_t review,
                        struct err *err)
{
    int32_t today = date_of(at_us);
    int64_t days =
        reference_weight_or(move->pins.limits, "task.suspend.max_days", 0);

    if (review > today && review - today <= days)
        return true;
    return err_reject(err, "bad_review", "review",
                      "复核日期须在明天起%lld天之内 / the review date lies "
                      "within %lld days from tomorrow",
                      (long long)days, (long long)days);
}

bool task_suspend(struct decision *d, const void *message, struct err *err)
{
    const struct task_suspend *in = message;
    struct move move;
    struct lane *lane;
    struct json *j;

    if (!move_begin(d, &in->lane, OWNER_STREET, LANE_SUSPEND, &move, err) ||
        !has_no_hold(d, move.lane, err) ||
        !review_fits(&move, d->at_us, in->review, err))
        return false;
    if (!reference_reason(d->reference, "task.suspend", in->reason))
        return err_reject(err, "unknown_reason", "reason",
                          "没有挂账理由%s / %s is no reason to suspend",
                          in->reason, in->reason);
    lane = move.lane;
    move_enter(d, &move);
    story_pause(&lane->story, d->arena, d->at_us, text_of(in->reason));
    lane->hold = LANE_HOLD_SUSPENDED;
    lane->review_us = date_start_us(in->review);
    (void)lane_recompute(lane, &move.pins, false);
    j = lane_say(d, lane, "task.suspended");
    json_string(j, "reason", in->reason);
    json_date(j, "review", in->review);
    json_text_if(j, "note", in->note);
    move_end(&move);
    return true;
}

bool task_resume(struct decision *d, const void *message, struct err *err)
{
    const struct task_note *in = message;
    struct move move;

    if (!move_begin(d, &in->lane, OWNER_STREET, LANE_RESUME, &move, err))
        return false;
    if (!lane_is_suspended(move.lane, d->at_us))
        return err_reject(err, "not_suspended", "hold",
                          "未挂账,无须恢复 / it is not suspended");
    move_enter(d, &move);
    lane_come_back(move.lane, d->at_us, &move.pins);
    say_back(d, move.lane, "street", in->note);
    move_end(&move);
    return true;
}
