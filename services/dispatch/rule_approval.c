/* rule_approval.c - the second pair of eyes: approve, reject, send back; and
 * taking a whistle back. */
#include "services/dispatch/whistle.h"

/* The person in "role/office/person". */
static struct text person_in(struct text actor)
{
    struct text rest, person;

    (void)text_cut(actor, '/', &rest);
    (void)text_cut(rest, '/', &person);
    return person;
}

static bool same_person(struct text a, struct text b)
{
    return a.size > 0 && text_equal(a, b);
}

/* Whoever drafted or submitted it is not the one who looks at it again. */
static bool other_eyes(const struct decision *d, const struct whistle *w,
                       struct err *err)
{
    struct text person = d->message->actor.person;

    if (person.size == 0)
        return err_reject(err, "no_person", "actor",
                          "须由本人审批 / a person must decide this");
    if (!same_person(person, person_in(w->drafted_by)) &&
        !same_person(person, person_in(w->submitted_by)))
        return true;
    return err_reject(err, "same_person", "actor",
                      "吹哨人不能审批自己的哨 / who issues a whistle may not "
                      "decide on it");
}

static bool may_decide(const struct decision *d, const struct whistle *w,
                       struct err *err)
{
    const struct actor *actor = &d->message->actor;
    const struct kind *kind = reference_kind(d->reference, w->kind.bytes);
    int role = role_of(actor->role);

    if (!kind)
        return err_reject(err, "unknown_kind", "kind",
                          "没有哨种%s / there is no kind %s", w->kind.bytes,
                          w->kind.bytes);
    if (role < 0 || !(kind->approve_roles & 1u << role))
        return err_reject(err, "not_allowed", "actor",
                          "%.*s不能审批%s / a %.*s may not decide on this "
                          "kind",
                          TEXT_PRINT(actor->role), kind->name,
                          TEXT_PRINT(actor->role));
    return whistle_speaks_for(actor, w->street, err) && other_eyes(d, w, err);
}

/* What approve and reject have in common. */
static bool look_again(struct decision *d, const struct uuid *id, int verb,
                       struct whistle **ret_whistle, int *ret_next,
                       struct err *err)
{
    return whistle_find(d, id, ret_whistle, err) &&
           whistle_step(*ret_whistle, verb, ret_next, err) &&
           may_decide(d, *ret_whistle, err);
}

bool whistle_approve(struct decision *d, const void *message, struct err *err)
{
    const struct approve_in *in = message;
    struct whistle *w;
    struct roll roll;
    int next;

    if (!look_again(d, &in->whistle, ON_APPROVE, &w, &next, err) ||
        !round_roll(d, w, &roll, err))
        return false;
    w->state = next;
    w->approved_by = d->message->actor_wire;
    round_issue(d, w, &roll);
    return true;
}

bool whistle_reject(struct decision *d, const void *message, struct err *err)
{
    const struct reject_in *in = message;
    struct whistle *w;
    int next;

    if (!look_again(d, &in->whistle, ON_REJECT, &w, &next, err))
        return false;
    if (!reference_reason(d->reference, "whistle.reject", in->reason))
        return err_reject(err, "unknown_reason", "reason",
                          "没有不批准的理由%s / there is no reason %s",
                          in->reason, in->reason);
    w->state = next;
    w->reason = text_of(in->reason);
    w->ended_at_us = d->at_us;
    json_text(whistle_say(d, w, "whistle.rejected"), "reason", w->reason);
    round_done(d, w, "rejected");
    return true;
}

/* Also the issuer may take it back to write it better. */
bool whistle_redraft(struct decision *d, const void *message, struct err *err)
{
    const struct redraft_in *in = message;
    struct whistle *w;
    int next;

    if (!whistle_find(d, &in->whistle, &w, err) ||
        !whistle_step(w, ON_REDRAFT, &next, err) ||
        !whistle_speaks_for(&d->message->actor, w->street, err))
        return false;
    w->state = next;
    json_text(whistle_say(d, w, "whistle.redrafted"), "note", in->note);
    return true;
}

bool whistle_cancel(struct decision *d, const void *message, struct err *err)
{
    const struct cancel_in *in = message;
    struct whistle *w;
    int next;

    if (!whistle_find(d, &in->whistle, &w, err) ||
        !whistle_speaks_for(&d->message->actor, w->street, err) ||
        !whistle_step(w, ON_CANCEL, &next, err))
        return false;
    w->state = next;
    w->reason = arena_text(d->arena, in->why);
    w->ended_at_us = d->at_us;
    json_text(whistle_say(d, w, "whistle.cancelled"), "why", w->reason);
    round_cancel(d, w, w->reason);
    round_done(d, w, "cancelled");
    return true;
}
