/* rule_again.c - an open or closed case goes on: blown again, one more office
 * called, the district asked. */
#include "services/dispatch/whistle.h"

/* ---- the next round ---- */

/* An issue's case follows its issue: reopened, it is blown by intake. */
static bool may_blow(const struct decision *d, const struct whistle *w,
                     const struct again_in *in, struct err *err)
{
    if (role_of(d->message->actor.role) == ROLE_WORKER)
        return uuid_equal(&in->issue, &w->issue) ||
               err_reject(err, "other_issue", "issue",
                          "这个哨不是为该诉求吹的 / this whistle was not blown "
                          "for that issue");
    if (!uuid_is_nil(&w->issue))
        return err_reject(err, "has_issue", "whistle",
                          "此哨来自诉求,请重办该诉求,哨会自己再吹 / this "
                          "whistle is of an issue: reopen the issue, and it "
                          "blows again by itself");
    return whistle_may_issue(d, w->kind.bytes, w->street, err);
}

/* What is kept of the round that was. */
static void keep_past(struct decision *d, struct whistle *w)
{
    struct past_round *past = arena_give(d->arena, sizeof(*past));

    *past = (struct past_round){w->round, w->round_facts, w->issued_at_us,
                                w->ended_at_us, w->past};
    w->past = past;
}

/* Nothing said is said again: the facts, and who is called, are as they
 * were. */
bool whistle_again(struct decision *d, const void *message, struct err *err)
{
    const struct again_in *in = message;
    struct whistle *w, next;
    struct roll roll;

    if (!whistle_find(d, &in->whistle, &w, err))
        return false;
    next = *w;
    if (!whistle_step(w, ON_AGAIN, &next.state, err) ||
        !may_blow(d, w, in, err) ||
        !whistle_proposal_sound(d, in->lead, &in->assists, err))
        return false;
    next.round_facts = arena_text(d->arena, in->facts);
    if (in->lead[0] || in->assists.count > 0) {
        next.lead = text_of(in->lead);
        next.assists = whistle_join(d->arena, &in->assists);
    }
    if (!round_roll(d, &next, &roll, err))
        return false;
    keep_past(d, w);
    next.past = w->past;
    *w = next;
    round_issue(d, w, &roll);
    return true;
}

/* ---- one more office ---- */

/* A ruling says which round and whose lane it replaces; a person adds to the
 * round that is open (加派). */
static bool may_ask(const struct decision *d, const struct whistle *w,
                    const struct add_lane_in *in, struct err *err)
{
    bool ruled = role_of(d->message->actor.role) == ROLE_WORKER;
    bool whole = in->round != INT_ABSENT && in->replaces[0] &&
                 in->start != INSTANT_NONE;
    bool none = in->round == INT_ABSENT && !in->replaces[0] &&
                in->start == INSTANT_NONE;

    if (ruled ? !whole : !none)
        return err_reject(err, ruled ? "required" : "not_allowed", "replaces",
                          "只有裁定才改派 / round, replaces and start are for "
                          "a ruling, all three of them");
    return ruled || whistle_coordinates(&d->message->actor, w, err);
}

static bool may_add(const struct decision *d, const struct whistle *w,
                    const struct add_lane_in *in, struct err *err)
{
    int same;

    if (!may_ask(d, w, in, err) ||
        !whistle_step(w, ON_ADD_LANE, &same, err))
        return false;
    if (in->round != INT_ABSENT && in->round != w->round)
        return err_reject(err, "old_round", "round",
                          "当前是第%lld轮 / the open round is %lld",
                          (long long)w->round, (long long)w->round);
    if (in->replaces[0] && !whistle_call(w, w->round, text_of(in->replaces)))
        return err_reject(err, "unknown_lane", "replaces",
                          "%s不在本轮 / %s is not in this round", in->replaces,
                          in->replaces);
    if (!whistle_office_known(d, in->office, "office", err))
        return false;
    if (whistle_call(w, w->round, text_of(in->office)))
        return err_reject(err, "in_round", "office",
                          "%s已在本轮 / %s is in this round already",
                          in->office, in->office);
    return round_may_call(d, w, in->office, err);
}

/* Who replaces the lead leads: a round always has one. */
static enum call_role role_for(const struct whistle *w,
                               const struct add_lane_in *in)
{
    const struct call *old = whistle_call(w, w->round, text_of(in->replaces));

    return old && old->role == CALL_LEAD ? CALL_LEAD : CALL_ADDED;
}

bool whistle_add_lane(struct decision *d, const void *message, struct err *err)
{
    const struct add_lane_in *in = message;
    struct whistle *w;
    struct call *c;
    struct json *j;

    if (!whistle_find(d, &in->whistle, &w, err) || !may_add(d, w, in, err))
        return false;
    c = whistle_add_call(d->arena, w, w->round, text_of(in->office),
                         role_for(w, in));
    c->replaces = text_of(in->replaces);
    c->fresh = true;
    j = whistle_say(d, w, "whistle.lane_added");
    json_text(j, "office", c->office);
    json_text_if(j, "replaces", c->replaces);
    json_string(j, "role", call_roles[c->role]);
    round_add(d, w, c, in->start == INSTANT_NONE ? d->at_us : in->start);
    return true;
}

/* ---- the district is asked ---- */

/* Not a state: all goes on, and the district looks. */
bool whistle_escalate(struct decision *d, const void *message, struct err *err)
{
    const struct escalate_in *in = message;
    struct whistle *w;
    int same;

    if (!whistle_find(d, &in->whistle, &w, err) ||
        !whistle_coordinates(&d->message->actor, w, err) ||
        !whistle_step(w, ON_ESCALATE, &same, err))
        return false;
    if (w->escalated_at_us != INSTANT_NONE)
        return err_reject(err, "escalated", "whistle",
                          "已提级到区 / the district has been asked already");
    w->escalation = arena_text(d->arena, in->why);
    w->escalated_at_us = d->at_us;
    json_text(whistle_say(d, w, "whistle.escalated"), "why", w->escalation);
    return true;
}
