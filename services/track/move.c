/* move.c - finding, rights and the step, the same for every command. */
#include "services/track/move.h"

#include <string.h>

#include "common/city/actor.h"
#include "services/track/story.h"
#include "services/track/suspend.h"

const char *lane_office_name(const struct decision *d, const char *code)
{
    const struct office *office = reference_office(d->reference, code);

    if (!office)
        return code;
    return office->short_name[0] ? office->short_name : office->name;
}

bool move_case(const struct decision *d, const struct uuid *whistle,
               struct lane_case **ret_case, struct err *err)
{
    struct lane_batch *b = d->state;
    struct lane_case *c = slots_find(&b->cases, whistle, sizeof(*whistle));

    if (!c)
        return err_reject(err, "wrong_key", "whistle",
                          "消息的键不是这个哨 / the message's key is not this "
                          "whistle");
    *ret_case = c;
    return true;
}

static bool is_of_district(const struct actor *actor, const char *region)
{
    char code[LANE_OFFICE_SIZE];

    return text_starts(actor->role, "district_") &&
           text_copy(actor->office, code, sizeof(code)) &&
           region_holds(code, region);
}

static bool may(const struct decision *d, const struct lane *lane,
                enum lane_owner owner, struct err *err)
{
    const struct actor *actor = &d->message->actor;
    const char *whose =
        owner == OWNER_OFFICE ? lane->name.office : lane->street;

    if (text_is(actor->role, role_names[ROLE_WORKER]) ||
        is_of_district(actor, lane->region))
        return true;
    if (owner == OWNER_DISTRICT)
        return err_reject(err, "other_office", "actor",
                          "须由%s所在区裁定 / only the district of %s rules",
                          lane->region, lane->region);
    if (text_is(actor->office, whose))
        return true;
    return err_reject(err, "other_office", "actor",
                      "此事归%s,不归%.*s / this is for %s, not for %.*s",
                      lane_office_name(d, whose), TEXT_PRINT(actor->office),
                      whose, TEXT_PRINT(actor->office));
}

bool move_take(const struct decision *d, const struct lane_name *name,
               enum lane_owner owner, struct move *ret_move, struct err *err)
{
    struct move move = {0};

    if (!move_case(d, &name->whistle, &move.of, err))
        return false;
    move.lane = lane_find(move.of, name->round, name->office);
    if (!move.lane)
        return err_reject(err, "no_such_lane", "office",
                          "第%lld轮没有呼叫%s / round %lld did not call %s",
                          (long long)name->round, name->office,
                          (long long)name->round, name->office);
    if (!may(d, move.lane, owner, err) ||
        !lane_pin(d, move.lane->reference_version, move.lane->calendar_version,
                  &move.pins, err))
        return false;
    move.to = move.lane->state;
    *ret_move = move;
    return true;
}

bool move_step(const struct lane *lane, enum lane_verb on, int *ret_to,
               struct err *err)
{
    return machine_step(&lane_machine, lane->state, on, lane_may(lane), ret_to,
                        err);
}

bool move_begin(const struct decision *d, const struct lane_name *name,
                enum lane_owner owner, enum lane_verb on, struct move *ret_move,
                struct err *err)
{
    struct move move;

    if (!move_take(d, name, owner, &move, err) ||
        !move_step(move.lane, on, &move.to, err))
        return false;
    *ret_move = move;
    return true;
}

/* A mark at this very instant is not passed: what is done at the due is on
 * time. */
void move_enter(struct decision *d, const struct move *move)
{
    bool signing = move->to == LANE_SIGNED;

    lane_wake(d, move->lane, &move->pins);
    lane_say_marks(d, move->lane, &move->pins, d->at_us - 1, signing);
    move->lane->state = move->to;
    move->lane->changed = true;
}

void move_close(struct decision *d, struct lane *lane)
{
    if (lane->hold == LANE_HOLD_SUSPENDED)
        story_end_pause(&lane->story, d->at_us < lane->review_us
                                          ? d->at_us
                                          : lane->review_us);
    lane->open = false;
    lane->hold = LANE_NO_HOLD;
    lane->review_us = INSTANT_NONE;
    lane->story.asks = false;
    lane->ended_us = d->at_us;
}

void move_end(const struct move *move)
{
    (void)lane_settle(move->lane, &move->pins);
}
