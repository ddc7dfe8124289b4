/* rule_extend.c - the office asks for more time before its due; the street
 * grants or denies, from the second on the district does. */
#include <string.h>

#include "services/track/move.h"
#include "services/track/story.h"
#include "services/track/task.h"

static void write_extension(struct json *j, const struct lane_extension *e)
{
    json_string(j, "stage", lane_clock_stage(e->of));
    if (e->clock.to_date != INT32_MIN)
        json_date(j, "to_date", e->clock.to_date);
    else
        json_int(j, "add", e->clock.add);
}

/* Granted ones of the clock that the next one would be of. */
static int64_t granted(const struct lane *lane, enum lane_clock_name of)
{
    struct clock_extension room[LANE_EXTENSIONS_MAX];

    return (int64_t)story_extensions(&lane->story, of,
                                     lane->clocks[of].start_us, room);
}

/* ---- asking ---- */

static bool may_ask(const struct move *move, struct err *err)
{
    const struct lane *lane = move->lane;
    enum lane_clock_name of = lane_report_clock(lane);
    int64_t most =
        reference_weight_or(move->pins.limits, "task.extend.max", 0);

    if (lane->story.asks)
        return err_reject(err, "extension_pending", "extension",
                          "已申请延期,待批准 / an extension is asked already "
                          "and awaits its answer");
    if (granted(lane, of) >= most)
        return err_reject(err, "extensions_used_up", "extension",
                          "已延期%lld次,不能再延期 / it was extended %lld "
                          "times: not again",
                          (long long)most, (long long)most);
    return true;
}

static struct lane_extension extension_of(const struct decision *d,
                                          const struct lane *lane,
                                          const struct task_extend *in)
{
    return (struct lane_extension){
        .of = lane_report_clock(lane),
        .clock = {.asked_us = d->at_us,
                  .add = in->add == INT_ABSENT ? 0 : in->add,
                  .to_date = in->to_date},
        .reason = arena_text(d->arena, text_of(in->reason)),
    };
}

bool task_extend(struct decision *d, const void *message, struct err *err)
{
    const struct task_extend *in = message;
    struct lane_extension extension;
    struct move move;
    struct lane *lane;
    struct json *j;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_EXTEND, &move, err) ||
        !may_ask(&move, err))
        return false;
    if (!reference_reason(d->reference, "task.extend", in->reason))
        return err_reject(err, "unknown_reason", "reason",
                          "没有延期理由%s / %s is no reason to extend",
                          in->reason, in->reason);
    lane = move.lane;
    extension = extension_of(d, lane, in);
    if (!lane_can_extend(lane, &extension, &move.pins, err))
        return false;
    move_enter(d, &move);
    lane->story.ask = extension;
    lane->story.asks = true;
    j = lane_say(d, lane, "task.extension_asked");
    write_extension(j, &extension);
    json_string(j, "reason", in->reason);
    json_instant(j, "due", lane->clocks[extension.of].due_us);
    json_text_if(j, "note", in->note);
    move_end(&move);
    return true;
}

/* ---- answering ---- */

static bool is_asked(const struct lane *lane, struct err *err)
{
    return lane->story.asks ||
           err_reject(err, "nothing_asked", "extension",
                      "没有待批的延期申请 / no extension is asked");
}

/* So many may the street grant; more only the district. */
static bool may_answer(const struct decision *d, const struct move *move,
                       struct err *err)
{
    int64_t of_the_street =
        reference_weight_or(move->pins.limits, "task.extend.street", 0);

    if (granted(move->lane, move->lane->story.ask.of) < of_the_street ||
        text_starts(d->message->actor.role, "district_"))
        return true;
    return err_reject(err, "district_only", "actor",
                      "再次延期须由区批准 / a further extension is for the "
                      "district to grant or deny");
}

static bool take_ask(struct decision *d, const struct task_note *in,
                     enum lane_verb on, struct move *ret_move, struct err *err)
{
    return move_begin(d, &in->lane, OWNER_STREET, on, ret_move, err) &&
           is_asked(ret_move->lane, err) && may_answer(d, ret_move, err);
}

/* Counts from the beginning, even when the due has passed meanwhile. */
bool task_grant(struct decision *d, const void *message, struct err *err)
{
    const struct task_note *in = message;
    struct move move;
    struct lane *lane;
    struct json *j;

    if (!take_ask(d, in, LANE_GRANT, &move, err) ||
        !lane_can_extend(move.lane, &move.lane->story.ask, &move.pins, err))
        return false;
    lane = move.lane;
    move_enter(d, &move);
    story_grant(&lane->story, d->arena);
    (void)lane_recompute(lane, &move.pins, true);
    j = lane_say(d, lane, "task.extended");
    write_extension(j, &lane->story.ask);
    json_instant(j, "due", lane->clocks[lane->story.ask.of].due_us);
    json_bool(j, "late", lane->late);
    json_text_if(j, "note", in->note);
    move_end(&move);
    return true;
}

bool task_deny(struct decision *d, const void *message, struct err *err)
{
    const struct task_note *in = message;
    struct move move;
    struct json *j;

    if (!take_ask(d, in, LANE_DENY, &move, err))
        return false;
    move_enter(d, &move);
    move.lane->story.asks = false;
    j = lane_say(d, move.lane, "task.extension_denied");
    write_extension(j, &move.lane->story.ask);
    json_text(j, "note", in->note);
    move_end(&move);
    return true;
}
