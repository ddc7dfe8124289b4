/*
 * street_sim_test.c - a seeded simulation of streets: whistles live through
 * random words, times, losses of order and delays between dispatch and track,
 * both by the rules as they are. After each message the invariants of
 * street_rules.h are looked at; a failure is shrunk to a short story that can
 * be read.
 *
 *     STEPS=1000000 SEED=7 build/release/unit/street_sim_test
 */
#include "tests/unit/street_rules.h"
#include "tests/unit/street_words.h"

#define STORY_STEPS 60

/* One step, all of it chosen before it is taken: it can be left out. */
struct step {
    int word;   /* index in words */
    int office; /* whose lane */
    int64_t after_us;
    uint32_t dice; /* what else there is to choose */
    bool waits;    /* what was said is not carried over yet */
};

/* Which whistle it is about. */
struct scene {
    const char *kind, *matter;
};

typedef bool forbidden(struct street *s); /* NULL, or one more invariant */

static uint64_t seed;
static int64_t taken[COUNT_OF(words)]; /* steps that were not refused */

static uint32_t roll(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

/* ---- a story ---- */

static void take(struct street *s, const struct step *step, forbidden *forbids)
{
    street_at(s, s->track->message.at_us + step->after_us);
    taken[step->word] +=
        words[step->word].word(s, offices[step->office], step->dice);
    if (!step->waits)
        street_carry(s);
    if (!s->broken && forbids && forbids(s))
        s->broken = "what the test forbids";
}

/* No state without a way out: the street excuses what is open, ends the
 * conference, and the whistle is over. */
static void end_all(struct street *s)
{
    const struct whistle *w = street_whistle(s);

    street_carry(s);
    for (struct lane *l = street_lanes(s)->first; l && !s->broken; l = l->next)
        if (l->open && (!excuse(s, l->name.office, 0) || l->open))
            s->broken = "an open lane that nobody can end";
    street_carry(s);
    if (!s->broken && w->state == WHISTLE_CONFERENCE && !conclude(s, "", 14))
        s->broken = "a conference that nobody can conclude";
    street_carry(s);
    if (!s->broken && w->state != WHISTLE_CLOSED &&
        w->state != WHISTLE_CANCELLED)
        s->broken = "a whistle that nothing ends";
}

static const char *tell(const struct scene *at, const struct step *steps,
                        size_t count, forbidden *forbids)
{
    struct street s;
    const char *broken;

    street_open(&s, at->kind, at->matter);
    s.before = street_remember;
    s.look = street_look;
    street_at(&s, s.track->message.at_us + MINUTE_US);
    for (size_t i = 0; i < count && !s.broken; i++)
        take(&s, &steps[i], forbids);
    if (!s.broken)
        end_all(&s);
    broken = s.broken;
    street_close(&s);
    return broken;
}

static struct scene imagine(struct step steps[STORY_STEPS])
{
    static const struct scene scenes[] = {
        {"enforcement", "E0101"}, {"priority", "E0101"},
        {"emergency", "E0101"},   {"enforcement", "E0402"},
        {"emergency", "E0402"},
    };
    static const int64_t spans[] = {
        0, 0, MINUTE_US, 5 * MINUTE_US, HOUR_US, 7 * HOUR_US, DAY_US,
        4 * DAY_US};

    for (size_t i = 0; i < STORY_STEPS; i++)
        steps[i] = (struct step){
            .word = (int)roll(COUNT_OF(words)),
            .office = (int)(roll(10) < 8 ? roll(2) : roll(OFFICES)),
            .after_us = spans[roll(COUNT_OF(spans))] * (1 + roll(2)),
            .dice = roll(1U << 30),
            .waits = roll(3) == 0,
        };
    return scenes[roll(COUNT_OF(scenes))];
}

/* Leaves out whatever the failure does not need; the count that is left. */
static size_t shrink(const struct scene *at, struct step *steps,
                     size_t count, forbidden *forbids)
{
    for (size_t size = count / 2; size > 0; size /= 2) {
        size_t first = 0;

        while (first + size <= count) {
            struct step fewer[STORY_STEPS];

            memcpy(fewer, steps, first * sizeof(*steps));
            memcpy(fewer + first, steps + first + size,
                   (count - first - size) * sizeof(*steps));
            if (!tell(at, fewer, count - size, forbids)) {
                first++;
                continue;
            }
            count -= size;
            memcpy(steps, fewer, count * sizeof(*steps));
        }
    }
    return count;
}

static void print_story(const struct scene *at, const struct step *steps,
                        size_t count, const char *broken)
{
    print_error("%s whistle about %s from %s: %s\n", at->kind, at->matter,
                STREET_START, broken);
    for (size_t i = 0; i < count; i++)
        print_error("  +%lld min  %s  %s  (%u)%s\n",
                    (long long)(steps[i].after_us / MINUTE_US),
                    offices[steps[i].office], words[steps[i].word].name,
                    steps[i].dice, steps[i].waits ? "  not carried yet" : "");
}

/* ---- the tests ---- */

static int64_t number(const char *name, int64_t otherwise)
{
    const char *told = getenv(name);

    return told ? strtoll(told, NULL, 10) : otherwise;
}

static void a_street_keeps_its_promises_whatever_is_said(void **state)
{
    int64_t steps = number("STEPS", 60000);

    (void)state;
    seed = (uint64_t)number("SEED", 20260306);
    for (int64_t n = 0; n < steps; n += STORY_STEPS) {
        struct step story[STORY_STEPS];
        const struct scene at = imagine(story);
        const char *broken = tell(&at, story, STORY_STEPS, NULL);
        size_t left;

        if (!broken)
            continue;
        left = shrink(&at, story, STORY_STEPS, NULL);
        print_story(&at, story, left, tell(&at, story, left, NULL));
        fail_msg("step %lld: %s", (long long)n, broken);
    }
    /* the stories are worth telling: each word was taken now and then */
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (taken[i] < steps / 10000 + 1)
            fail_msg("%s was taken %lld times", words[i].name,
                     (long long)taken[i]);
}

static bool is_late_and_suspended(struct street *s)
{
    for (const struct lane *l = street_lanes(s)->first; l; l = l->next)
        if (l->late && l->hold == LANE_HOLD_SUSPENDED)
            return true;
    return false;
}

/* The shrinker itself: a late office whose lane is suspended needs a late
 * signature and the suspension, and nothing else. */
static void a_failure_is_shrunk_to_a_short_story(void **state)
{
    struct step story[STORY_STEPS];
    size_t left = STORY_STEPS;
    struct scene at;

    (void)state;
    seed = 7;
    do
        at = imagine(story);
    while (!tell(&at, story, STORY_STEPS, is_late_and_suspended));
    left = shrink(&at, story, STORY_STEPS, is_late_and_suspended);
    assert_non_null(tell(&at, story, left, is_late_and_suspended));
    assert_in_range(left, 2, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_street_keeps_its_promises_whatever_is_said),
        cmocka_unit_test(a_failure_is_shrunk_to_a_short_story),
    };

    return cmocka_run_group_tests(tests, track_setup, street_teardown);
}
