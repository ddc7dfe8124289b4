/* match_rank_test.c - rules.md §6 by hand-computed numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/attr.h"
#include "common/base/instant.h"
#include "services/match/rank.h"

#define HERE "530103003001"      /* Xiaolong Road community */
#define NEXT_DOOR "530103003002" /* the same street */
#define ELSEWHERE "530103008001" /* another street */
#define NEVER INSTANT_NONE

static const struct rank_rule rule = {
    .weights = {20, 30, 10, 20, 20},
    .near = {1000, 900, 600, 300},
    .prior_sum = 20,
    .prior_count = 5,
    .band = 50,
};

/* "a,b" as texts; "" is none. */
static struct texts words(const char *joined, struct text items[8])
{
    struct text rest = text_of(joined);
    size_t count = 0;

    while (rest.size > 0)
        items[count++] = text_cut(rest, ',', &rest);
    return (struct texts){items, count};
}

struct who {
    const char *id;
    bool idle; /* not active */
    const char *skills, *serves, *home;
    int64_t from, to; /* its only window */
    int64_t capacity, commitment, stars, ratings, last;
};

struct desk {
    struct text skills[8];
    char serves[1][REGION_SIZE];
    struct window window;
};

static struct rank_partner partner(const struct who *w, struct desk *desk)
{
    memcpy(desk->serves[0], w->serves, strlen(w->serves) + 1);
    desk->window = (struct window){w->from, w->to};
    return (struct rank_partner){
        .id = text_of(w->id),
        .active = !w->idle,
        .skills = words(w->skills, desk->skills),
        .serves = {(const char(*)[REGION_SIZE])desk->serves, 1},
        .home = w->home,
        .windows = {&desk->window, 1},
        .capacity_left = w->capacity,
        .commitment_left = w->commitment,
        .rating_sum = w->stars,
        .rating_count = w->ratings,
        .last_served_us = w->last,
    };
}

static void print_why(unsigned why, char *into, size_t size)
{
    into[0] = '\0';
    for (int i = 0; i < RANK_FILTERS; i++)
        if (why >> i & 1)
            snprintf(into + strlen(into), size - strlen(into), "%s%s",
                     into[0] ? "," : "", rank_filter_names[i]);
}

static void each_filter_is_reported_and_in_order(void **state)
{
    static const struct {
        struct who who;
        bool enforcement;
        const char *conflicts, *declined;
        const char *why;
    } cases[] = {
        /* clang-format off */
        { { "p", false, "a,b,c", "530103", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "" },
        { { "p", true,  "a,b",   "530103", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "inactive" },
        { { "p", false, "a,b",   "530103", HERE, 0, 100, 1, 0, 0, 0, NEVER }, true,  "", "", "enforcement" },
        { { "p", false, "a",     "530103", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "skill" },
        { { "p", false, "a,b",   NEXT_DOOR, HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "region" },
        { { "p", false, "a,b",   "530103003000", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "" },
        { { "p", false, "a,b",   HERE, HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "" },
        { { "p", false, "a,b",   HERE "001", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "", "region" },
        { { "p", false, "a,b",   "530103", HERE, 0, 19, 1, 0, 0, 0, NEVER }, false, "", "", "window" },
        { { "p", false, "a,b",   "530103", HERE, 11, 99, 1, 0, 0, 0, NEVER }, false, "", "", "window" },
        { { "p", false, "a,b",   "530103", HERE, 10, 20, 1, 0, 0, 0, NEVER }, false, "", "", "" },
        { { "p", false, "a,b",   "530103", HERE, 0, 100, 0, 0, 0, 0, NEVER }, false, "", "", "capacity" },
        { { "p", false, "a,b",   "530103", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "q,p", "", "conflict" },
        { { "p", false, "a,b",   "530103", HERE, 0, 100, 1, 0, 0, 0, NEVER }, false, "", "o,p", "declined" },
        { { "p", true,  "",      ELSEWHERE, HERE, 30, 40, 0, 0, 0, 0, NEVER }, true, "p", "p",
          "inactive,enforcement,skill,region,window,capacity,conflict,declined" },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text skills[8], conflicts[8], declined[8];
        struct desk desk;
        struct rank_partner p = partner(&cases[i].who, &desk);
        struct rank_need need = {
            .region = HERE,
            .skills = words("a,b", skills),
            .from_us = 10,
            .to_us = 20,
            .quantity = 1,
            .enforcement = cases[i].enforcement,
            .conflicts = words(cases[i].conflicts, conflicts),
            .declined = words(cases[i].declined, declined),
        };
        char why[160];

        print_why(rank_filters(&need, &p), why, sizeof(why));
        if (strcmp(why, cases[i].why) != 0)
            fail_msg("case %zu: %s, not %s", i, why, cases[i].why);
    }
}

static const struct {
    struct who who;
    const char *prefers, *region;
    int64_t quantity;
    int64_t terms[RANK_TERMS], score, takes;
} scores[] = {
    /* clang-format off */
    /* (20*1000 + 30*900 + 10*1000 + 20*0 + 20*800) / 100 = 730 */
    { { "p", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, NEVER },
      "", HERE, 1, { 1000, 900, 1000, 0, 800 }, 730, 1 },
    /* one of three preferred: 333; street 600; 2 of 3: 666; 1 of 3: 333;
     * (7 + 20) / (5 * (2 + 5)) = 771;
     * (6660 + 18000 + 6660 + 6660 + 15420) / 100 = 534 */
    { { "p", false, "x", "530103", NEXT_DOOR, 0, 9, 2, 1, 7, 2, NEVER },
      "x,y,z", HERE, 3, { 333, 600, 666, 333, 771 }, 534, 2 },
    /* district 300; more left than wanted counts as all of it;
     * (10 + 20) / (5 * 15) = 400 */
    { { "p", false, "x,y", "530103", ELSEWHERE, 0, 9, 9, 5, 10, 10, NEVER },
      "x,y", HERE, 2, { 1000, 300, 1000, 1000, 400 }, 670, 2 },
    /* one grid holds both */
    { { "p", false, "", "530103", HERE "007", 0, 9, 1, 1, 0, 0, NEVER },
      "", HERE "007", 1, { 1000, 1000, 1000, 1000, 800 }, 960, 1 },
    /* two grids of one community */
    { { "p", false, "", "530103", HERE "007", 0, 9, 1, 1, 0, 0, NEVER },
      "", HERE "008", 1, { 1000, 900, 1000, 1000, 800 }, 930, 1 },
    /* a street's own need: no community holds both */
    { { "p", false, "", "530103", HERE, 0, 9, 1, 1, 0, 0, NEVER },
      "", "530103003000", 1, { 1000, 600, 1000, 1000, 800 }, 840, 1 },
    /* another district */
    { { "p", false, "", "530102", "530102001001", 0, 9, 1, 1, 0, 0, NEVER },
      "", HERE, 1, { 1000, 0, 1000, 1000, 800 }, 660, 1 },
    /* all fives: (500 + 20) / 525 = 990 */
    { { "p", false, "", "530103", HERE, 0, 9, 1, 1, 500, 100, NEVER },
      "q", HERE, 7, { 0, 900, 142, 142, 990 }, 510, 1 },
    /* clang-format on */
};

static void terms_are_floored_and_weighed_to_the_score(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scores); i++) {
        struct text prefers[8];
        struct desk desk;
        struct rank_partner p = partner(&scores[i].who, &desk);
        struct rank_need need = {
            .region = scores[i].region,
            .prefers = words(scores[i].prefers, prefers),
            .quantity = scores[i].quantity,
        };
        struct rank_result got = {0};

        rank_score(&rule, &need, &p, &got);
        for (int t = 0; t < RANK_TERMS; t++)
            if (got.terms[t] != scores[i].terms[t])
                fail_msg("case %zu: %s is %lld, not %lld", i,
                         rank_term_names[t], (long long)got.terms[t],
                         (long long)scores[i].terms[t]);
        assert_int_equal(got.score, scores[i].score);
        assert_int_equal(got.takes, scores[i].takes);
    }
}

/* Home in the same community, a place free, nothing promised: 730 with four
 * stars on average; a promise of the whole need adds 200. */
static void of_equals_the_least_recently_served_comes_first(void **state)
{
    static const struct {
        const char *name;
        struct who who[3];
        const char *order;
    } cases[] = {
        /* clang-format off */
        { "another band beats fairness",
          { { "a", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, NEVER },
            { "b", false, "", "530103", HERE, 0, 9, 1, 1, 0, 0, 500 } }, "ba" },
        { "never served is first",
          { { "a", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, 1 },
            { "b", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, NEVER } }, "ba" },
        { "then the one served longer ago, even with the lower score",
          { { "a", false, "", "530103", HERE, 0, 9, 1, 0, 9, 2, 700 },
            { "b", false, "", "530103", HERE, 0, 9, 1, 0, 7, 2, 600 } }, "ba" },
        { "then the higher score in the band",
          { { "a", false, "", "530103", HERE, 0, 9, 1, 0, 7, 2, 600 },
            { "b", false, "", "530103", HERE, 0, 9, 1, 0, 9, 2, 600 } }, "ba" },
        { "then the id by bytes",
          { { "b", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, NEVER },
            { "aa", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, NEVER },
            { "Z", false, "", "530103", HERE, 0, 9, 1, 0, 0, 0, NEVER } }, "Zaab" },
        { "the rejected stand behind, by id",
          { { "c", true,  "", "530103", HERE, 0, 9, 1, 1, 0, 0, NEVER },
            { "b", false, "", "530103", HERE, 0, 9, 0, 1, 0, 0, NEVER },
            { "d", false, "", "530103", ELSEWHERE, 0, 9, 1, 0, 1, 1, 9 } }, "dbc" },
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rank_need need = {
            .region = HERE, .from_us = 1, .to_us = 9, .quantity = 1};
        struct rank_partner list[3];
        struct rank_result results[3];
        struct desk desks[3];
        char order[16] = "";
        size_t count = 0;

        for (; count < 3 && cases[i].who[count].id; count++)
            list[count] = partner(&cases[i].who[count], &desks[count]);
        rank_all(&rule, &need, list, count, results);
        for (size_t k = 0; k < count; k++)
            snprintf(order + strlen(order), sizeof(order) - strlen(order),
                     "%.*s", TEXT_PRINT(results[k].partner->id));
        if (strcmp(order, cases[i].order) != 0)
            fail_msg("%s: %s, not %s", cases[i].name, order, cases[i].order);
    }
}

/* 749 and 750 lie on both sides of a band's edge. */
static void a_band_begins_at_its_multiple(void **state)
{
    static const int64_t stars[][2] = {{749, 14}, {750, 15}};
    struct rank_need need = {.region = HERE, .quantity = 1};
    struct rank_rule plain = rule;

    (void)state;
    plain.prior_sum = 0;
    plain.weights[RANK_TERM_SKILL] = plain.weights[RANK_TERM_NEAR] = 0;
    plain.weights[RANK_TERM_CAPACITY] = 0;
    plain.weights[RANK_TERM_COMMITMENT] = 0;
    plain.prior_count = 200;
    for (size_t i = 0; i < COUNT_OF(stars); i++) {
        struct who who = {"p", false, "", "530103",    HERE, 0,
                          9,   1,     0,  stars[i][0], 0,    NEVER};
        struct desk desk;
        struct rank_partner p = partner(&who, &desk);
        struct rank_result got = {0};

        rank_score(&plain, &need, &p, &got);
        assert_int_equal(got.score, stars[i][0]);
        assert_int_equal(got.band, stars[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_filter_is_reported_and_in_order),
        cmocka_unit_test(terms_are_floored_and_weighed_to_the_score),
        cmocka_unit_test(of_equals_the_least_recently_served_comes_first),
        cmocka_unit_test(a_band_begins_at_its_multiple),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
