/* rule_report.c - the office reports; the street accepts or sends back. */
#include <string.h>

#include "services/track/move.h"
#include "services/track/task.h"

/* ---- the report ---- */

/* The lead speaks last: every other office of the round has reported, is
 * excused, or has left otherwise. */
static bool others_are_done(const struct decision *d, const struct move *move,
                            struct err *err)
{
    const struct lane *lane = move->lane;

    if (lane->role != LANE_LEAD)
        return true;
    for (const struct lane *o = move->of->first; o; o = o->next)
        if (o != lane && o->name.round == lane->name.round && lane_owes(o))
            return err_reject(err, "assists_open", "office",
                              "牵头单位须待%s回告或免办 / the lead reports "
                              "last: %s is %s; the street may excuse it",
                              lane_office_name(d, o->name.office),
                              o->name.office, lane_states[o->state]);
    return true;
}

static bool is_not_leaving(const struct decision *d, const struct lane *lane,
                           struct err *err)
{
    if (lane->ruling != LANE_TO_OTHER)
        return true;
    return err_reject(err, "being_reassigned", "hold",
                      "已裁定改派%s,不再回告 / it was ruled that this goes to "
                      "%s: no report is due",
                      lane_office_name(d, lane->ruling_to), lane->ruling_to);
}

static void keep_report(struct decision *d, const struct lane *lane,
                        const struct task_report *in)
{
    struct lane_batch *b = d->state;
    struct lane_report *r = arena_give(d->arena, sizeof(*r));

    *r = (struct lane_report){
        .next = b->reports,
        .lane = lane,
        .n = lane->reworks + 1,
        .at_us = d->at_us,
        .received_at_us = in->received_at,
        .internal = in->internal,
        .answer = in->answer,
        .contacted = in->contacted,
        .measure = in->measure,
        .limit_note = in->limit_note,
        .attachments = in->attachments,
        .officer = d->message->actor.person,
    };
    b->reports = r;
}

/* The event shows the public answer; the internal note stays in its table. */
static void say_report(struct decision *d, struct lane *lane,
                       const struct task_report *in)
{
    int64_t due_us = lane->clocks[lane_report_clock(lane)].due_us;
    struct json *j = lane_say(d, lane, "task.reported");

    json_int(j, "report", lane->reworks + 1);
    json_text(j, "answer", in->answer);
    if (in->attachments.size > 0)
        json_raw(j, "attachments", in->attachments);
    if (due_us != INSTANT_NONE) {
        json_instant(j, "due", due_us);
        json_bool(j, "on_time", d->at_us <= due_us);
    }
}

bool task_report(struct decision *d, const void *message, struct err *err)
{
    const struct task_report *in = message;
    struct move move;
    struct lane *lane;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_REPORT, &move, err) ||
        !move_passed(&move, LANE_CLOCK_RESOLVE, err) ||
        !move_completed(&move, err) ||
        !is_not_leaving(d, move.lane, err) || !others_are_done(d, &move, err))
        return false;
    lane = move.lane;
    move_enter(d, &move);
    lane_come_back(lane, d->at_us, &move.pins);
    lane_clock_stop(lane, lane_report_clock(lane), d->at_us, &move.pins);
    lane_clock_start(lane, LANE_CLOCK_ACCEPT, d->at_us, &move.pins);
    keep_report(d, lane, in);
    say_report(d, lane, in);
    lane_tell(d, lane, "reported");
    move_end(&move);
    return true;
}

/* ---- the street's judgement ---- */

static int64_t or_zero(int64_t n)
{
    return n == INT_ABSENT ? 0 : n;
}

static void keep_score(struct decision *d, const struct lane *lane,
                       const struct task_accept *in)
{
    struct lane_batch *b = d->state;
    struct lane_score *s = arena_give(d->arena, sizeof(*s));

    *s = (struct lane_score){
        .next = b->scores,
        .lane = lane,
        .at_us = d->at_us,
        .report_in = in->score_report_in,
        .handling = in->score_handling,
        .result = in->score_result,
        .bonus = or_zero(in->bonus),
        .deduction = or_zero(in->deduction),
        .note = in->note,
        .officer = d->message->actor.person,
    };
    b->scores = s;
}

bool task_accept(struct decision *d, const void *message, struct err *err)
{
    const struct task_accept *in = message;
    struct move move;
    struct json *j;

    if (!move_begin(d, &in->lane, OWNER_STREET, LANE_ACCEPT, &move, err))
        return false;
    move_enter(d, &move);
    lane_clock_stop(move.lane, LANE_CLOCK_ACCEPT, d->at_us, &move.pins);
    move_close(d, move.lane);
    keep_score(d, move.lane, in);
    j = lane_say(d, move.lane, "task.accepted");
    json_int(j, "score_report_in", in->score_report_in);
    json_int(j, "score_handling", in->score_handling);
    json_int(j, "score_result", in->score_result);
    json_int(j, "bonus", or_zero(in->bonus));
    json_int(j, "deduction", or_zero(in->deduction));
    json_bool(j, "late", move.lane->late);
    json_text_if(j, "note", in->note);
    lane_tell(d, move.lane, "accepted");
    move_end(&move);
    return true;
}

bool task_rework(struct decision *d, const void *message, struct err *err)
{
    const struct task_rework *in = message;
    struct move move;
    struct lane *lane;
    struct json *j;

    if (!move_begin(d, &in->lane, OWNER_STREET, LANE_SEND_BACK, &move, err))
        return false;
    lane = move.lane;
    move_enter(d, &move);
    lane_clock_stop(lane, LANE_CLOCK_ACCEPT, d->at_us, &move.pins);
    lane_clock_start(lane, LANE_CLOCK_REWORK, d->at_us, &move.pins);
    lane->reworks++;
    j = lane_say(d, lane, "task.reworked");
    json_int(j, "reworks", lane->reworks);
    json_text(j, "why", in->why);
    json_instant(j, "due", lane->clocks[LANE_CLOCK_REWORK].due_us);
    move_end(&move);
    return true;
}

bool task_excuse(struct decision *d, const void *message, struct err *err)
{
    const struct task_excuse *in = message;
    struct move move;
    struct json *j;

    if (!move_begin(d, &in->lane, OWNER_STREET, LANE_EXCUSE, &move, err))
        return false;
    if (!reference_reason(d->reference, "task.excuse", in->reason))
        return err_reject(err, "unknown_reason", "reason",
                          "没有免办理由%s / %s is no reason to excuse",
                          in->reason, in->reason);
    move_enter(d, &move);
    move_close(d, move.lane);
    memcpy(move.lane->excuse, in->reason, sizeof(move.lane->excuse));
    j = lane_say(d, move.lane, "task.excused");
    json_string(j, "reason", in->reason);
    json_text_if(j, "note", in->note);
    lane_tell(d, move.lane, "excused");
    move_end(&move);
    return true;
}
