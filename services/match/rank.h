/*
 * rank.h - who could serve a need best: filters, terms, score, fairness.
 *
 * Pure arithmetic in integers, rules.md §6. The caller owns everything; ids
 * are compared by bytes, so they may be raw uuids or words.
 *
 *     rank_all(&rule, &need, partners, count, results);
 *     if (count > 0 && results[0].why == 0)  results[0].partner is the best
 */
#ifndef BAODAO_MATCH_RANK_H
#define BAODAO_MATCH_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/city/region.h"

struct texts {
    const struct text *items;
    size_t count;
};

struct regions {
    const char (*items)[REGION_SIZE];
    size_t count;
};

struct window {
    int64_t from_us, to_us; /* [from, to) */
};

struct windows {
    const struct window *items;
    size_t count;
};

/* In the order in which they are reported. */
enum rank_filter {
    RANK_INACTIVE,
    RANK_ENFORCEMENT,
    RANK_SKILL,
    RANK_REGION,
    RANK_WINDOW,
    RANK_CAPACITY,
    RANK_CONFLICT,
    RANK_DECLINED,
    RANK_FILTERS
};
extern const char *const rank_filter_names[]; /* NULL-terminated */

enum rank_term {
    RANK_TERM_SKILL,
    RANK_TERM_NEAR,
    RANK_TERM_CAPACITY,
    RANK_TERM_COMMITMENT,
    RANK_TERM_RATING,
    RANK_TERMS
};
extern const char *const rank_term_names[]; /* NULL-terminated */

#define RANK_NEAR_LEVELS 4 /* grid, community, street, district */

struct rank_rule {
    int64_t weights[RANK_TERMS]; /* not negative, one at least over 0 */
    int64_t near[RANK_NEAR_LEVELS];
    int64_t prior_sum, prior_count; /* a newcomer's stars; count over 0 */
    int64_t band;                   /* over 0 */
};

struct rank_need {
    const char *region;
    struct texts skills;  /* all of them are needed */
    struct texts prefers; /* these count */
    int64_t from_us, to_us;
    int64_t quantity; /* over 0: what is still to be matched */
    bool enforcement;
    struct texts conflicts, declined; /* ids of partners */
};

struct rank_partner {
    struct text id;
    bool active;
    struct texts skills;
    struct regions serves;
    const char *home;
    struct windows windows;
    int64_t capacity_left, commitment_left;
    int64_t rating_sum, rating_count;
    int64_t last_served_us; /* INSTANT_NONE: never */
};

struct rank_result {
    const struct rank_partner *partner;
    unsigned why;              /* bit set of 1 << enum rank_filter; 0: ranked */
    int64_t terms[RANK_TERMS]; /* 0 … 1000; of the ranked only */
    int64_t score, band, takes;
};

/* What stands against the partner, as a bit set; 0 when nothing does. */
unsigned rank_filters(const struct rank_need *need,
                      const struct rank_partner *partner);
/* Fills terms, score, band and takes. */
void rank_score(const struct rank_rule *rule, const struct rank_need *need,
                const struct rank_partner *partner, struct rank_result *ret);
/* Fills count results: the ranked, best first, then the rejected by id. */
void rank_all(const struct rank_rule *rule, const struct rank_need *need,
              const struct rank_partner *partners, size_t count,
              struct rank_result *results);

#endif
