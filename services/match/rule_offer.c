/* rule_offer.c - a partner offers something; the list of resources. */
#include "common/base/instant.h"
#include "services/match/match.h"

static bool check(const struct decision *d, const struct partner *p,
                  const struct offer_publish *in, struct err *err)
{
    if (!p)
        return err_reject(err, "unknown_partner", "partner",
                          "没有这个合伙人 / there is no such partner");
    if (!partner_is_self(d, &p->id, err) ||
        !match_region(d, in->region, "region", err))
        return false;
    if (!p->active)
        return err_reject(err, "inactive", "partner",
                          "合伙人已停用 / the partner is not active");
    if (in->from >= in->to || in->to <= d->at_us)
        return err_reject(err, "bad_window", "to",
                          "时段有误或已过 / the window is empty or over");
    return true;
}

bool offer_published(struct decision *d, const void *message, struct err *err)
{
    const struct offer_publish *in = message;
    const struct message *m = d->message;
    struct match_state *state = d->state;
    struct offer *o;

    if (!check(d,
               slots_find(&state->partners, &in->partner, sizeof(in->partner)),
               in, err))
        return false;
    o = slots_get(&state->offers, &m->id, sizeof(m->id), sizeof(*o), NULL);
    o->id = m->id;
    o->key = m->record.key;
    o->partner = in->partner;
    o->title = in->title;
    o->skills = (struct texts){in->skills.items, in->skills.count};
    o->quantity = in->quantity;
    o->from_us = in->from;
    o->to_us = in->to;
    snprintf(o->region, sizeof(o->region), "%.15s", in->region);
    o->waiting = (struct waiting){decision_partition(d), in->to, 0};
    offer_say(d, o, "offer.published");
    return true;
}
