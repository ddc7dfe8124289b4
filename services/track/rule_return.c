/* rule_return.c - the office returns a lane; the district rules, once. */
#include <string.h>

#include "services/track/move.h"
#include "services/track/return.h"
#include "services/track/task.h"

/* ---- asking ---- */

static bool may_return(const struct decision *d, const struct lane *lane,
                       const char *reason, struct err *err)
{
    if (lane->forced)
        return err_reject(err, "not_returnable", "state",
                          "已裁定必须办理,不可退单 / it was ruled that this "
                          "office handles it: it cannot be returned");
    if (lane->hold == LANE_HOLD_RETURN)
        return err_reject(err, "already_returned", "hold",
                          "退单待裁定 / a return is already asked and awaits "
                          "the district's ruling");
    if (lane_is_suspended(lane, d->at_us))
        return err_reject(err, "suspended", "hold",
                          "已挂账,须先恢复 / it is suspended: resume it first");
    if (!reference_reason(d->reference, "task.return", reason))
        return err_reject(err, "unknown_reason", "reason",
                          "没有退单理由%s / %s is no reason to return", reason,
                          reason);
    return true;
}

/* No clock stops: the office can handle it meanwhile. */
bool task_return(struct decision *d, const void *message, struct err *err)
{
    const struct task_return *in = message;
    struct move move;
    struct lane *lane;
    struct json *j;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_RETURN, &move, err) ||
        !may_return(d, move.lane, in->reason, err))
        return false;
    lane = move.lane;
    move_enter(d, &move);
    lane->hold = LANE_HOLD_RETURN;
    lane->ruling = LANE_UNRULED;
    lane->returns++;
    memcpy(lane->return_reason, in->reason, sizeof(lane->return_reason));
    lane->evidence = in->evidence;
    lane_clock_start(lane, LANE_CLOCK_RULE, d->at_us, &move.pins);
    j = lane_say(d, lane, "task.returned");
    json_string(j, "reason", in->reason);
    json_text(j, "evidence", in->evidence);
    json_int(j, "returns", lane->returns);
    json_instant(j, "due", lane->clocks[LANE_CLOCK_RULE].due_us);
    move_end(&move);
    return true;
}

/* ---- ruling ---- */

static void force(struct decision *d, struct lane *lane,
                  const struct lane_pins *pins, const char *by,
                  struct text note)
{
    struct json *j;

    lane->hold = LANE_NO_HOLD;
    lane->ruling = LANE_FORCE;
    lane->ruling_to[0] = '\0';
    lane->forced = true;
    lane_clock_stop(lane, LANE_CLOCK_RULE, d->at_us, pins);
    j = lane_say(d, lane, "task.ruled");
    json_string(j, "ruling", lane_rulings[LANE_FORCE]);
    json_string(j, "by", by);
    json_text_if(j, "note", note);
}

/* State and hold stay until the new lane is folded. */
static void send_on(struct decision *d, struct lane *lane,
                    const struct lane_pins *pins, const char *to,
                    const char *by, struct text note)
{
    struct json *j;

    lane->ruling = LANE_TO_OTHER;
    if (!text_copy(text_of(to), lane->ruling_to, sizeof(lane->ruling_to)))
        return;
    lane_clock_stop(lane, LANE_CLOCK_RULE, d->at_us, pins);
    j = lane_say(d, lane, "task.ruled");
    json_string(j, "ruling", lane_rulings[LANE_TO_OTHER]);
    json_string(j, "to", to);
    json_string(j, "by", by);
    json_text_if(j, "note", note);
    lane_ask_other(d, lane);
}

/* In the round already, or on its way into it. */
static bool is_called(const struct lane_case *c, int64_t round,
                      const char *office)
{
    for (const struct lane *o = c->first; o; o = o->next)
        if (o->name.round == round && (strcmp(o->name.office, office) == 0 ||
                                       (o->open && o->ruling == LANE_TO_OTHER &&
                                        strcmp(o->ruling_to, office) == 0)))
            return true;
    return false;
}

static bool may_send_on(const struct decision *d, const struct move *move,
                        const char *to, struct err *err)
{
    int ignored;

    if (!to[0])
        return err_reject(err, "required", "to",
                          "改派须指明单位 / a ruling reassign needs an office");
    if (!reference_office(d->reference, to))
        return err_reject(err, "unknown_office", "to",
                          "没有单位%s / there is no office %s", to, to);
    if (is_called(move->of, move->lane->name.round, to))
        return err_reject(err, "office_in_round", "to",
                          "%s已在本轮 / %s is in this round already; name "
                          "another, or rule force",
                          lane_office_name(d, to), to);
    return move_step(move->lane, LANE_REASSIGN, &ignored, err);
}

static bool is_unruled(const struct lane *lane, struct err *err)
{
    if (lane->hold == LANE_HOLD_RETURN && lane->ruling == LANE_UNRULED)
        return true;
    return err_reject(err, "nothing_to_rule", "hold",
                      "没有待裁定的退单 / a lane that is %s has no return that "
                      "awaits a ruling",
                      lane_states[lane->state]);
}

bool task_rule(struct decision *d, const void *message, struct err *err)
{
    const struct task_rule *in = message;
    struct move move;

    if (!move_take(d, &in->lane, OWNER_DISTRICT, &move, err) ||
        !is_unruled(move.lane, err))
        return false;
    if (in->ruling == LANE_TO_OTHER && !may_send_on(d, &move, in->to, err))
        return false;
    move_enter(d, &move);
    if (in->ruling == LANE_FORCE)
        force(d, move.lane, &move.pins, "district", in->note);
    else
        send_on(d, move.lane, &move.pins, in->to, "district", in->note);
    move_end(&move);
    return true;
}

/* ---- not ruled in time ---- */

void lane_lapse(struct decision *d, struct lane *lane,
                const struct lane_case *c, const struct lane_pins *pins)
{
    const struct office *o = reference_catch_all(d->reference);

    if (lane->hold != LANE_HOLD_RETURN || lane->ruling != LANE_UNRULED)
        return;
    if (!o || is_called(c, lane->name.round, o->code) ||
        !fsm_allows(&lane_fsm, lane->state, LANE_REASSIGN))
        force(d, lane, pins, "time", text_of(""));
    else
        send_on(d, lane, pins, o->code, "time", text_of(""));
}

/* ---- dispatch could not ---- */

static bool is_last_resort(const struct decision *d, const char *office)
{
    const struct office *o = reference_catch_all(d->reference);

    return o && strcmp(o->code, office) == 0;
}

/*
 * The return is unruled again and its clock runs on from where it began. When
 * that has run out and the catch-all office could not take the lane, nobody is
 * left: the office keeps it.
 */
bool task_reassign_failed(struct decision *d, const void *message,
                          struct err *err)
{
    const struct task_reassign_failed *in = message;
    struct lane_name name;
    struct move move;
    struct json *j;
    bool last;

    if (!lane_parse(in->subject, &name))
        return err_reject(err, "bad_subject", "subject",
                          "不是任务的编号 / not the subject of a lane");
    if (!move_take(d, &name, OWNER_DISTRICT, &move, err))
        return false;
    if (!move.lane->open || move.lane->ruling != LANE_TO_OTHER)
        return true;
    last = is_last_resort(d, move.lane->ruling_to);
    move.lane->ruling = LANE_UNRULED;
    move.lane->ruling_to[0] = '\0';
    move.lane->clocks[LANE_CLOCK_RULE].stop_us = INSTANT_NONE;
    j = lane_say(d, move.lane, "task.unruled");
    json_text(j, "code", in->code);
    json_text(j, "sentence", in->sentence);
    if (last && lane_is_overdue(move.lane, LANE_CLOCK_RULE, d->at_us))
        force(d, move.lane, &move.pins, "time", text_of(""));
    move_end(&move);
    return true;
}
