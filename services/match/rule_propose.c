/*
 * rule_propose.c - the best partner for what is left of a need.
 *
 * Whoever is proposed holds its places at once, so two needs never count on
 * the same ones. Only active partners are candidates: what a batch happens to
 * hold besides must not change what is said.
 */
#include "common/base/instant.h"
#include "services/match/match.h"

#define WEIGHT(r, name, at, err)                                               \
    reference_weight((r), "match." name, (at), (err))

static bool rule_of(const struct reference *r, struct rank_rule *ret,
                    struct err *err)
{
    int64_t *w = ret->weights, *near = ret->near, sum = 0;

    if (!WEIGHT(r, "weights.skill", &w[RANK_TERM_SKILL], err) ||
        !WEIGHT(r, "weights.near", &w[RANK_TERM_NEAR], err) ||
        !WEIGHT(r, "weights.capacity", &w[RANK_TERM_CAPACITY], err) ||
        !WEIGHT(r, "weights.commitment", &w[RANK_TERM_COMMITMENT], err) ||
        !WEIGHT(r, "weights.rating", &w[RANK_TERM_RATING], err) ||
        !WEIGHT(r, "near.grid", &near[0], err) ||
        !WEIGHT(r, "near.community", &near[1], err) ||
        !WEIGHT(r, "near.street", &near[2], err) ||
        !WEIGHT(r, "near.district", &near[3], err) ||
        !WEIGHT(r, "rating.prior_sum", &ret->prior_sum, err) ||
        !WEIGHT(r, "rating.prior_count", &ret->prior_count, err) ||
        !WEIGHT(r, "band", &ret->band, err))
        return false;
    for (int i = 0; i < RANK_TERMS; i++)
        sum += w[i];
    if (sum < 1 || ret->prior_count < 1 || ret->band < 1)
        return err_fatal(err, "bad_rule",
                         "match.weights, .rating.prior_count and .band must "
                         "be over 0");
    return true;
}

/* Whether the match holds places of its need. */
static bool holds_places(const struct match *m)
{
    return m->state != MATCH_DECLINED && m->state != MATCH_EXPIRED &&
           m->state != MATCH_FAILED;
}

static int64_t places_left(const struct need *n)
{
    int64_t left = n->quantity;

    for (const struct match *m = n->matches; m; m = m->next)
        if (holds_places(m))
            left -= m->takes;
    return left;
}

/* ---- who comes into question ---- */

static struct text raw_id(const struct partner *p)
{
    return (struct text){(const char *)p->id.bytes, sizeof(p->id.bytes)};
}

/* Who refused this need, let it expire or failed it is not asked again. */
static struct texts declined_by(struct decision *d, const struct need *n)
{
    struct text *ids;
    size_t count = 0;

    for (const struct match *m = n->matches; m; m = m->next)
        count += !holds_places(m);
    ids = arena_array(d->arena, count, sizeof(*ids));
    count = 0;
    for (const struct match *m = n->matches; m; m = m->next)
        if (!holds_places(m))
            ids[count++] = raw_id(m->partner);
    return (struct texts){ids, count};
}

/* Who serves a part of it already is asked for no other: one service a day is
 * posted for one activity. */
static bool has_part(const struct need *n, const struct partner *p)
{
    for (const struct match *m = n->matches; m; m = m->next)
        if (m->partner == p && holds_places(m))
            return true;
    return false;
}

static size_t fill_candidates(struct decision *d, const struct need *n)
{
    struct match_state *state = d->state;
    size_t count = 0;

    if (state->room < state->partners.count) {
        state->room = state->partners.count;
        state->candidates =
            arena_array(d->arena, state->room, sizeof(*state->candidates));
        state->results =
            arena_array(d->arena, state->room, sizeof(*state->results));
    }
    for (size_t i = 0; i < state->partners.count; i++) {
        const struct partner *p = state->partners.items[i].thing;

        if (!p->active || has_part(n, p))
            continue;
        state->candidates[count++] = (struct rank_partner){
            .id = raw_id(p),
            .active = true,
            .skills = p->skills,
            .serves = p->serves,
            .home = p->home,
            .windows = p->windows,
            .capacity_left = p->capacity_left,
            .commitment_left = p->commitment_left,
            .rating_sum = p->rating_sum,
            .rating_count = p->rating_count,
            .last_served_us = p->last_served_us,
        };
    }
    return count;
}

static size_t rank_for(struct decision *d, const struct rank_rule *rule,
                       const struct need *n, int64_t left)
{
    struct match_state *state = d->state;
    size_t count = fill_candidates(d, n);
    struct rank_need need = {
        .region = n->region,
        .skills = n->skills,
        .prefers = n->prefers,
        .from_us = n->from_us,
        .to_us = n->to_us,
        .quantity = left,
        .conflicts = n->conflicts,
        .declined = declined_by(d, n),
    };

    rank_all(rule, &need, state->candidates, count, state->results);
    return count;
}

/* ---- what is said ---- */

static struct text print_terms(struct decision *d, const struct rank_rule *rule,
                               const struct rank_result *best)
{
    AUTO(buf) struct buf out = {0};

    for (int i = 0; i < RANK_TERMS; i++)
        buf_print(&out, "%s{\"name\":\"%s\",\"value\":%lld,\"weight\":%lld}",
                  i ? "," : "[", rank_term_names[i], (long long)best->terms[i],
                  (long long)rule->weights[i]);
    buf_put_byte(&out, ']');
    return arena_text(d->arena, buf_text(&out));
}

static struct match *new_match(struct decision *d, struct need *n,
                               struct partner *p,
                               const struct rank_result *best)
{
    struct match_state *state = d->state;
    struct uuid id = decision_next_id(d);
    struct match *m =
        slots_get(&state->matches, &id, sizeof(id), sizeof(*m), NULL);

    *m = (struct match){
        .id = id,
        .state = MATCH_PROPOSED,
        .need = n,
        .partner = p,
        .takes = best->takes,
        .commits =
            best->takes < p->commitment_left ? best->takes : p->commitment_left,
        .score = best->score,
        .proposed_us = d->at_us,
        .accepted_us = INSTANT_NONE,
        .serving_us = INSTANT_NONE,
        .delivered_us = INSTANT_NONE,
        .minutes = INT_ABSENT,
        .stars = INT_ABSENT,
        .beans = INT_ABSENT,
        .reference_version = reference_version(d->reference),
    };
    match_join(n, m);
    p->capacity_left -= m->takes;
    p->commitment_left -= m->commits;
    p->version++;
    p->changed = true;
    return m;
}

static void propose_to(struct decision *d, struct need *n,
                       const struct rank_rule *rule,
                       const struct rank_result *best)
{
    struct match_state *state = d->state;
    struct partner *p = slots_find(&state->partners, best->partner->id.bytes,
                                   best->partner->id.size);
    struct match *m = new_match(d, n, p, best);
    struct json *j;

    m->terms = print_terms(d, rule, best);
    m->waiting = (struct waiting){
        decision_partition(d),
        match_confirm_due(d->reference, d->reference, m),
        0,
    };
    j = match_say(d, m, "match.proposed");
    json_int(j, "score", m->score);
    json_raw(j, "terms", m->terms);
    json_instant(j, "from", n->from_us);
    json_instant(j, "to", n->to_us);
    json_instant(j, "due", m->waiting.due_us);
}

/* Nobody fits: said once for the need as it is, with what stood against how
 * many. */
static void say_waiting(struct decision *d, struct need *n, int64_t left,
                        size_t count)
{
    const struct match_state *state = d->state;
    int64_t against[RANK_FILTERS] = {0};
    struct json *j;

    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < RANK_FILTERS; f++)
            against[f] += state->results[i].why >> f & 1;
    j = need_say(d, n, "need.waiting");
    json_int(j, "left", left);
    json_int(j, "partners", (int64_t)count);
    json_object(j, "against");
    for (int f = 0; f < RANK_FILTERS; f++)
        if (against[f] > 0)
            json_int(j, rank_filter_names[f], against[f]);
    json_close(j);
}

bool match_propose(struct decision *d, struct need *n, struct err *err)
{
    const struct match_state *state = d->state;
    struct rank_rule rule;
    int64_t left;

    if (n->state != NEED_PUBLISHED || d->at_us >= n->to_us)
        return true;
    if (!rule_of(d->reference, &rule, err))
        return false;
    while ((left = places_left(n)) > 0) {
        size_t count = rank_for(d, &rule, n, left);

        if (count == 0 || state->results[0].why) {
            say_waiting(d, n, left, count);
            break;
        }
        propose_to(d, n, &rule, &state->results[0]);
    }
    return true;
}

int64_t match_confirm_due(const struct reference *pinned,
                          const struct reference *now, const struct match *m)
{
    const struct clock_limit *limit =
        reference_limit(pinned, "match", STAGE_CONFIRM);
    struct clock_story story = {.start_us = m->proposed_us,
                                .stop_us = INSTANT_NONE};
    struct clock_state clock;

    /* Without a limit, or a calendar that reaches so far, the window's end
     * is the only instant that is sure. */
    if (!limit ||
        !clock_compute(limit, reference_calendar(now), &story, &clock, NULL) ||
        clock.due_us == INSTANT_NONE || clock.due_us > m->need->to_us)
        return m->need->to_us;
    return clock.due_us;
}
