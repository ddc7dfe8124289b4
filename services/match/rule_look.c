/*
 * rule_look.c - what has passed while nobody spoke: an unanswered proposal, a
 * need's or an offer's end. clock.passed only says "look"; the row decides.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "services/match/match.h"

/* True when the instant that the row waits for is here. Told too early, the
 * row asks to be told again. */
static bool is_due(const struct decision *d, struct waiting *w, bool *changed)
{
    if (w->due_us == INSTANT_NONE)
        return false;
    if (d->at_us >= w->due_us)
        return true;
    w->look++;
    *changed = true;
    return false;
}

static bool look_at_match(struct decision *d, struct match *m, struct err *err)
{
    bool early = false;

    if (is_due(d, &m->waiting, &early)) {
        match_end(d, m, MATCH_EXPIRED, text_of("no_answer"), text_of(""));
        return match_propose(d, m->need, err);
    }
    if (early) {
        m->version++;
        m->changed = true;
    }
    return true;
}

/*
 * The window is over. Who has not answered or not begun is let go; what is
 * being served is seen through, and the need asks for no more than that.
 */
static void end_window(struct decision *d, struct need *n)
{
    int64_t kept = 0;

    for (struct match *m = n->matches; m; m = m->next) {
        if (m->state == MATCH_PROPOSED)
            match_end(d, m, MATCH_EXPIRED, text_of("window_over"), text_of(""));
        else if (m->state == MATCH_ACCEPTED)
            match_end(d, m, MATCH_FAILED, text_of("window_over"), text_of(""));
        else if (m->state >= MATCH_SERVING && m->state != MATCH_FAILED)
            kept += m->takes;
    }
    if (kept == 0) {
        need_end(d, n, NEED_EXPIRED, text_of(""));
        return;
    }
    n->quantity = kept;
    n->version++;
    n->changed = true;
    wait_until(&n->waiting, INSTANT_NONE);
    need_settle(d, n);
}

static void look_at_need(struct decision *d, struct need *n)
{
    bool early = false;

    if (is_due(d, &n->waiting, &early))
        end_window(d, n);
    else if (early) {
        n->version++;
        n->changed = true;
    }
}

static void look_at_offer(struct decision *d, struct offer *o)
{
    bool early = false;

    if (is_due(d, &o->waiting, &early)) {
        o->expired = true;
        wait_until(&o->waiting, INSTANT_NONE);
        offer_say(d, o, "offer.expired");
    } else if (early) {
        o->version++;
        o->changed = true;
    }
}

bool match_looked(struct decision *d, const void *message, struct err *err)
{
    const struct clock_passed *in = message;
    struct match_state *state = d->state;
    struct match *m;
    struct need *n;
    struct offer *o;
    struct uuid id;

    if (!uuid_parse(in->subject, &id))
        return err_reject(err, "unknown_subject", "subject",
                          "无此对象 / nothing of match has this id");
    m = slots_find(&state->matches, &id, sizeof(id));
    n = slots_find(&state->needs, &id, sizeof(id));
    o = slots_find(&state->offers, &id, sizeof(id));
    if (m)
        return look_at_match(d, m, err);
    if (n)
        look_at_need(d, n);
    else if (o)
        look_at_offer(d, o);
    return true;
}

/* ---- a calendar has changed ---- */

static int by_id(const void *one, const void *other)
{
    const struct match *const *a = one, *const *b = other;

    return memcmp(&(*a)->id, &(*b)->id, sizeof((*a)->id));
}

/* By id: the order must not depend on what the batch held before. */
static struct match **sorted_matches(struct decision *d, size_t *ret_count)
{
    struct match_state *state = d->state;
    struct match **list =
        arena_array(d->arena, state->matches.count, sizeof(struct match *));

    *ret_count = state->matches.count;
    for (size_t i = 0; i < *ret_count; i++)
        list[i] = state->matches.items[i].thing;
    qsort(list, *ret_count, sizeof(struct match *), by_id);
    return list;
}

static void recompute(struct decision *d, struct match *m)
{
    const struct reference *pinned = reference_pinned(m->reference_version);
    int64_t due_us =
        match_confirm_due(pinned ? pinned : d->reference, d->reference, m);

    if (due_us == m->waiting.due_us)
        return;
    wait_until(&m->waiting, due_us);
    json_instant(match_say(d, m, "match.rescheduled"), "due", due_us);
}

bool match_recomputed(struct decision *d, const void *message, struct err *err)
{
    size_t count;
    struct match **list = sorted_matches(d, &count);

    (void)message;
    (void)err;
    for (size_t i = 0; i < count; i++)
        if (list[i]->state == MATCH_PROPOSED)
            recompute(d, list[i]);
    return true;
}
