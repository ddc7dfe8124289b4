/* rule_hold.c - officers among themselves: claiming a lane, handing it to a
 * colleague, taking it back. The holder of record is the lane's row. */
#include <string.h>

#include "common/city/actor.h"
#include "services/track/move.h"
#include "services/track/task.h"

/* Who sits at the office's desk: everybody of it but its officers. */
static bool is_desk(const struct actor *actor)
{
    return role_of(actor->role) != ROLE_OFFICER;
}

/* A lane of the actor's office, and the actor's own name. */
static bool take_lane(const struct decision *d, const struct lane_name *name,
                      struct lane **ret_lane, struct err *err)
{
    const struct actor *actor = &d->message->actor;
    struct move move;

    if (!move_take(d, name, OWNER_OFFICE, &move, err))
        return false;
    if (actor->person.size == 0 || actor->person.size >= LANE_PERSON_SIZE)
        return err_reject(err, "no_person", "actor",
                          "须由本人提出 / a person must say this");
    *ret_lane = move.lane;
    return true;
}

static bool may_change(const struct lane *lane, enum lane_verb on,
                       struct err *err)
{
    int same;

    return machine_step(&lane_machine, lane->state, on, ALL_VERBS, &same, err);
}

static void give(struct decision *d, struct lane *lane, struct text to,
                 enum task_hand_why why, struct text note)
{
    char from[LANE_PERSON_SIZE];
    struct json *j;

    memcpy(from, lane->holder, sizeof(from));
    memset(lane->holder, 0, sizeof(lane->holder));
    memcpy(lane->holder, to.bytes, to.size);
    j = lane_say(d, lane, "task.handed");
    json_string_if(j, "from", from);
    json_string(j, "why", task_hand_whys[why]);
    json_text_if(j, "note", note);
}

/* Two who press at once: the log's order decides, the second is told whose it
 * is. */
bool task_claim(struct decision *d, const void *message, struct err *err)
{
    const struct task_hold *in = message;
    struct text me = d->message->actor.person;
    struct lane *lane;

    if (!take_lane(d, &in->lane, &lane, err))
        return false;
    if (lane_owes(lane) && lane->holder[0] && !text_is(me, lane->holder))
        return err_reject(err, "held", "office",
                          "已由%s领办 / %s has it already", lane->holder,
                          lane->holder);
    if (!may_change(lane, LANE_CLAIM, err))
        return false;
    if (lane->holder[0])
        return true;
    give(d, lane, me, HAND_CLAIMED, in->note);
    lane_tell(d, lane, "claimed");
    return true;
}

bool task_hand_over(struct decision *d, const void *message, struct err *err)
{
    const struct task_hold *in = message;
    const struct actor *actor = &d->message->actor;
    struct lane *lane;

    if (!take_lane(d, &in->lane, &lane, err) ||
        !may_change(lane, LANE_HAND_OVER, err))
        return false;
    if (!is_desk(actor) && !text_is(actor->person, lane->holder))
        return err_reject(err, "not_holder", "actor",
                          "只有承办人或本单位负责人可以转交 / only who holds it "
                          "(%s) or the office's lead may hand it over",
                          lane->holder[0] ? lane->holder : "nobody");
    if (strcmp(in->to, lane->holder) != 0)
        give(d, lane, text_of(in->to), HAND_OVER, in->note);
    return true;
}

/* Into the hand of the desk, which may hand it to another. */
bool task_take_back(struct decision *d, const void *message, struct err *err)
{
    const struct task_hold *in = message;
    const struct actor *actor = &d->message->actor;
    struct lane *lane;

    if (!take_lane(d, &in->lane, &lane, err) ||
        !may_change(lane, LANE_TAKE_BACK, err))
        return false;
    if (!is_desk(actor))
        return err_reject(err, "not_allowed", "actor",
                          "由本单位负责人收回 / the office's lead takes a lane "
                          "back");
    if (!text_is(actor->person, lane->holder))
        give(d, lane, actor->person, HAND_BACK, in->note);
    return true;
}
