/* rule_stage.c - sign, contact, arrive, start, and the stages of a matter: the
 * office moves on. */
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

/* A report before the matter's last stage is done would leave its clock
 * behind. */
bool move_completed(const struct move *move, struct err *err)
{
    const struct lane *lane = move->lane;
    const struct matter_stage *s = reference_matter_stage(
        move->pins.limits, lane->matter, text_of(lane->stage));

    return !s || err_reject(err, "stage_missing", "stage",
                            "须先完成%s / the stage %s of this matter is not "
                            "done: complete_stage",
                            s->name, s->stage);
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

/* ---- stages of the matter ---- */

static bool is_current(const struct lane *lane, struct text stage,
                       struct err *err)
{
    if (!lane->stage[0])
        return err_reject(err, "no_stage", "stage",
                          "本单没有未完成的阶段 / no stage of its matter runs "
                          "on this lane");
    return text_is(stage, lane->stage) ||
           err_reject(err, "other_stage", "stage",
                      "现在的阶段是%s / the stage that runs is %s", lane->stage,
                      lane->stage);
}

static const struct lane_stage *keep_stage(struct decision *d,
                                           const struct lane *lane)
{
    const struct lane_clock *c = &lane->clocks[LANE_CLOCK_STAGE];
    struct lane_batch *b = d->state;
    struct lane_stage *done = arena_give(d->arena, sizeof(*done));

    *done = (struct lane_stage){
        .next = b->stages,
        .lane = lane,
        .start_us = c->start_us,
        .due_us = c->due_us,
        .stop_us = c->stop_us,
    };
    memcpy(done->stage, lane->stage, sizeof(done->stage));
    b->stages = done;
    return done;
}

static void say_completed(struct decision *d, struct lane *lane,
                          const struct lane_stage *done, struct text note)
{
    struct json *j = lane_say(d, lane, "task.stage_completed");

    json_string(j, "stage", done->stage);
    if (done->due_us != INSTANT_NONE) {
        json_instant(j, "due", done->due_us);
        json_bool(j, "on_time", done->stop_us <= done->due_us);
    }
    if (lane->stage[0]) {
        json_string(j, "next", lane->stage);
        json_instant(j, "next_due", lane->clocks[LANE_CLOCK_STAGE].due_us);
    }
    json_text_if(j, "note", note);
}

/* Each starts when the one before stops. */
bool task_complete_stage(struct decision *d, const void *message,
                         struct err *err)
{
    const struct task_complete *in = message;
    const struct lane_stage *done;
    const struct matter_stage *stage;
    struct move move;
    struct lane *lane;

    if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_COMPLETE, &move, err) ||
        !is_current(move.lane, text_of(in->stage), err))
        return false;
    lane = move.lane;
    move_enter(d, &move);
    lane_clock_stop(lane, LANE_CLOCK_STAGE, d->at_us, &move.pins);
    done = keep_stage(d, lane);
    stage = reference_matter_stage(move.pins.limits, lane->matter,
                                   text_of(lane->stage));
    lane_stage_start(lane, stage, d->at_us, &move.pins);
    say_completed(d, lane, done, in->note);
    move_end(&move);
    return true;
}
