/* rule_stage.c - sign, contact, arrive, start: the office moves on. */
#include <string.h>

#include "services/track/move.h"
#include "services/track/task.h"

/* Who signs, holds; a lead who signs for the office leaves the holder. */
static void take_hold(const struct decision *d, struct lane *lane)
{
    const struct actor *actor = &d->message->actor;
    char person[LANE_PERSON_SIZE];

    if (actor->person.size == 0 ||
        (lane->holder[0] && !text_is(actor->role, "officer")) ||
        !text_copy(actor->person, person, sizeof(person)))
        return;
    memcpy(lane->holder, person, sizeof(lane->holder));
}

static bool is_required(const struct move *move, enum stage stage)
{
    const struct kind *kind =
        reference_kind(move->pins.limits, move->lane->kind);

    return kind && kind->required_stages & (1U << stage);
}

bool move_passed(const struct move *move, enum lane_clock_name before,
                 struct err *err)
{
    static const struct {
        enum lane_clock_name clock;
        enum stage stage;
        const char *word;
    } stages[] = {
        {LANE_CLOCK_CONTACT, STAGE_CONTACT, "联系"},
        {LANE_CLOCK_ARRIVE, STAGE_ARRIVE, "到场"},
    };

    for (size_t i = 0; i < COUNT_OF(stages) && stages[i].clock < before; i++) {
        const char *name = lane_verbs[LANE_CONTACT + i];

        if (move->lane->clocks[stages[i].clock].stop_us != INSTANT_NONE ||
            !is_required(move, stages[i].stage))
            continue;
        return err_reject(err, "stage_missing", "state",
                          "须先%s / a lane that is %s needs %s first; "
                          "allowed now: %s",
                          stages[i].word, lane_states[move->lane->state], name,
                          name);
    }
    return true;
}

static void say_stage(struct decision *d, struct lane *lane,
                      const struct task_stage *in, const char *type,
                      enum lane_clock_name which)
{
    struct json *j = lane_say(d, lane, type);
    int64_t due_us = lane->clocks[which].due_us;

    if (due_us != INSTANT_NONE) {
        json_instant(j, "due", due_us);
        json_bool(j, "on_time", d->at_us <= due_us);
    }
    if (which == LANE_CLOCK_ARRIVE && in->lng != INT_ABSENT)
        json_int(j, "lng", in->lng);
    if (which == LANE_CLOCK_ARRIVE && in->lat != INT_ABSENT)
        json_int(j, "lat", in->lat);
    json_text_if(j, "note", in->note);
}

bool task_sign(struct decision *d, const void *message, struct err *err)
{
    const struct task_stage *in = message;
    struct move move;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_SIGN, &move, err))
        return false;
    move_enter(d, &move);
    take_hold(d, move.lane);
    lane_clock_stop(move.lane, LANE_CLOCK_SIGN, d->at_us, &move.pins);
    say_stage(d, move.lane, in, "task.signed", LANE_CLOCK_SIGN);
    lane_tell(d, move.lane, "signed");
    move_end(&move);
    return true;
}

bool task_contact(struct decision *d, const void *message, struct err *err)
{
    const struct task_stage *in = message;
    struct move move;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_CONTACT, &move, err))
        return false;
    move_enter(d, &move);
    lane_clock_stop(move.lane, LANE_CLOCK_CONTACT, d->at_us, &move.pins);
    say_stage(d, move.lane, in, "task.contacted", LANE_CLOCK_CONTACT);
    move_end(&move);
    return true;
}

bool task_arrive(struct decision *d, const void *message, struct err *err)
{
    const struct task_stage *in = message;
    struct move move;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_ARRIVE, &move, err) ||
        !move_passed(&move, LANE_CLOCK_ARRIVE, err))
        return false;
    move_enter(d, &move);
    lane_clock_stop(move.lane, LANE_CLOCK_ARRIVE, d->at_us, &move.pins);
    say_stage(d, move.lane, in, "task.arrived", LANE_CLOCK_ARRIVE);
    move_end(&move);
    return true;
}

bool task_start(struct decision *d, const void *message, struct err *err)
{
    const struct task_stage *in = message;
    struct move move;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_START, &move, err) ||
        !move_passed(&move, LANE_CLOCK_RESOLVE, err))
        return false;
    move_enter(d, &move);
    (void)lane_say(d, move.lane, "task.started");
    move_end(&move);
    return true;
}
