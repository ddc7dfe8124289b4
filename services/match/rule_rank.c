/* rule_rank.c - rules.md §6 to the letter: who could serve a need best. */
#include <stdlib.h>
#include <string.h>

#include "services/match/rank.h"

const char *const rank_filter_names[] = {
    "inactive", "enforcement", "skill",    "region", "window",
    "capacity", "conflict",    "declined", NULL,
};
const char *const rank_term_names[] = {
    "skill", "near", "capacity", "commitment", "rating", NULL,
};

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool holds(struct texts list, struct text word)
{
    for (size_t i = 0; i < list.count; i++)
        if (text_equal(list.items[i], word))
            return true;
    return false;
}

/* How many of the wanted are held. */
static int64_t held(struct texts list, struct texts wanted)
{
    int64_t n = 0;

    for (size_t i = 0; i < wanted.count; i++)
        n += holds(list, wanted.items[i]);
    return n;
}

static bool serves(struct regions list, const char *region)
{
    for (size_t i = 0; i < list.count; i++)
        if (region_holds(list.items[i], region))
            return true;
    return false;
}

static bool is_free(struct windows list, const struct rank_need *need)
{
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].from_us <= need->from_us &&
            need->to_us <= list.items[i].to_us)
            return true;
    return false;
}

unsigned rank_filters(const struct rank_need *need,
                      const struct rank_partner *p)
{
    const bool against[RANK_FILTERS] = {
        [RANK_INACTIVE] = !p->active,
        [RANK_ENFORCEMENT] = need->enforcement,
        [RANK_SKILL] =
            held(p->skills, need->skills) < (int64_t)need->skills.count,
        [RANK_REGION] = !serves(p->serves, need->region),
        [RANK_WINDOW] = !is_free(p->windows, need),
        [RANK_CAPACITY] = p->capacity_left < 1,
        [RANK_CONFLICT] = holds(need->conflicts, p->id),
        [RANK_DECLINED] = holds(need->declined, p->id),
    };
    unsigned why = 0;

    for (int i = 0; i < RANK_FILTERS; i++)
        why |= (unsigned)against[i] << i;
    return why;
}

/* By the smallest region that holds both. */
static int64_t nearness(const struct rank_rule *rule, const char *one,
                        const char *other)
{
    static const enum region_level levels[RANK_NEAR_LEVELS] = {
        REGION_GRID,
        REGION_COMMUNITY,
        REGION_STREET,
        REGION_DISTRICT,
    };
    char a[REGION_SIZE], b[REGION_SIZE];

    for (int i = 0; i < RANK_NEAR_LEVELS; i++)
        if (region_up(one, levels[i], a) && region_up(other, levels[i], b) &&
            strcmp(a, b) == 0)
            return rule->near[i];
    return 0;
}

void rank_score(const struct rank_rule *rule, const struct rank_need *need,
                const struct rank_partner *p, struct rank_result *ret)
{
    int64_t wanted = (int64_t)need->prefers.count;
    int64_t sum = 0, weights = 0;
    int64_t *t = ret->terms;

    t[RANK_TERM_SKILL] =
        wanted ? 1000 * held(p->skills, need->prefers) / wanted : 1000;
    t[RANK_TERM_NEAR] = nearness(rule, need->region, p->home);
    t[RANK_TERM_CAPACITY] =
        1000 * lesser(p->capacity_left, need->quantity) / need->quantity;
    t[RANK_TERM_COMMITMENT] =
        1000 * lesser(p->commitment_left, need->quantity) / need->quantity;
    t[RANK_TERM_RATING] = 1000 * (p->rating_sum + rule->prior_sum) /
                          (5 * (p->rating_count + rule->prior_count));
    for (int i = 0; i < RANK_TERMS; i++) {
        sum += rule->weights[i] * t[i];
        weights += rule->weights[i];
    }
    ret->score = sum / weights;
    ret->band = ret->score / rule->band;
    ret->takes = lesser(p->capacity_left, need->quantity);
}

/* Never served is first; INSTANT_NONE is the least of all instants. */
static int by_rank(const void *one, const void *other)
{
    const struct rank_result *a = one, *b = other;

    if (!a->why != !b->why)
        return a->why ? 1 : -1;
    if (!a->why) {
        if (a->band != b->band)
            return a->band > b->band ? -1 : 1;
        if (a->partner->last_served_us != b->partner->last_served_us)
            return a->partner->last_served_us < b->partner->last_served_us ? -1
                                                                           : 1;
        if (a->score != b->score)
            return a->score > b->score ? -1 : 1;
    }
    return text_compare(a->partner->id, b->partner->id);
}

void rank_all(const struct rank_rule *rule, const struct rank_need *need,
              const struct rank_partner *partners, size_t count,
              struct rank_result *results)
{
    for (size_t i = 0; i < count; i++) {
        results[i] = (struct rank_result){
            .partner = &partners[i],
            .why = rank_filters(need, &partners[i]),
        };
        if (!results[i].why)
            rank_score(rule, need, &partners[i], &results[i]);
    }
    if (count > 0) /* qsort takes no NULL */
        qsort(results, count, sizeof(*results), by_rank);
}
