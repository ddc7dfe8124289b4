/*
 * sim_test.c - the loop over engines that fail by seed.
 *
 *     SIM_RUNS=20000 build/san/sim/sim_test     more fresh seeds than usual
 *     SEED=4711 build/san/sim/sim_test          this one, with its story
 *
 * A seed that fails becomes a row of `once`, with what went wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

#define FRESH_S 20
#define FRESH_MOST 4000
#define TAIL_BYTES 12000

/* Seeds that failed, and why they did. */
static const struct {
    uint64_t seed;
    const char *what;
} once[] = {
    { 1002624, "what was lost and assigned again was given up, unread" },
    { 17, "a message was condemned for take-overs that only waited" },
    { 503137, "a message was condemned for the fencing of two who lived" },
    { 502591, "a worker fenced while PostgreSQL was away lived on, idle" },
    { 1795700131579, "take-overs that waited for Kafka were counted as starts" },
};

static int64_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);

    return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

static void print_story(void)
{
    size_t skip = world->story_size > TAIL_BYTES && !getenv("SEED")
                      ? world->story_size - TAIL_BYTES
                      : 0;

    fputs(world->story + skip, stdout);
    fflush(stdout);
}

static void must_hold(uint64_t seed, const char *what)
{
    const char *why = sim_run(seed, LIE_NONE);

    if (!why)
        return;
    print_story();
    fail_msg("seed %llu (%s): %s", (unsigned long long)seed, what, why);
}

static void what_went_wrong_once_does_not_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(once); i++)
        must_hold(once[i].seed, once[i].what);
}

static void a_seed_tells_the_same_story(void **state)
{
    char *story;

    (void)state;
    for (uint64_t seed = 100; seed < 110; seed++) {
        sim_run(seed, LIE_NONE);
        story = strdup(world->story);
        sim_run(seed, LIE_NONE);
        assert_string_equal(world->story, story);
        free(story);
    }
}

static void nothing_is_lost_or_done_twice(void **state)
{
    uint64_t most = number("SIM_RUNS", 0), runs = 0;
    uint64_t base = number("BASE", (uint64_t)time(NULL) * 1000);
    int64_t until_s = seconds() + FRESH_S;
    int64_t all[COUNTED_COUNT] = { 0 };

    (void)state;
    print_message("base seed %llu\n", (unsigned long long)base);
    while (most ? runs < most : runs < FRESH_MOST && seconds() < until_s) {
        must_hold(base + runs++, "a fresh one: keep it in `once`");
        for (size_t i = 0; i < COUNT_OF(all); i++)
            all[i] += world->counted[i];
    }
    print_message("%llu runs: %lld crashes, %lld freezes, %lld lost "
                  "connections, %lld fences\n", (unsigned long long)runs,
                  (long long)all[COUNTED_CRASHES],
                  (long long)all[COUNTED_FREEZES],
                  (long long)all[COUNTED_CUTS],
                  (long long)all[COUNTED_FENCES]);
}

/* The invariants see it when an engine breaks its word. */
static void every_lie_is_found(void **state)
{
    static const char *const names[LIE_COUNT] = {
        [LIE_FENCE_PASSES] = "the fence passes whoever asks",
        [LIE_SEEN_NOTHING] = "the log has seen nothing",
        [LIE_COMMIT_LOST] = "COMMIT keeps nothing",
        [LIE_REPORT_FALSE] = "a report of what was never written",
        [LIE_TOPIC_ANEW] = "the topic was deleted and made anew",
        [LIE_UNDO_NOT] = "what is rolled back stays",
    };

    (void)state;
    for (int lie = LIE_NONE + 1; lie < LIE_COUNT; lie++) {
        uint64_t seed = 1;

        while (seed < 500 && !sim_run(seed, (enum lie)lie))
            seed++;
        if (seed == 500)
            fail_msg("not found in 500 runs: %s", names[lie]);
        print_message("%s: found by seed %d: %s\n", names[lie], (int)seed,
                      world->failed);
    }
}

static void this_seed(void **state)
{
    uint64_t seed = number("SEED", 1);

    (void)state;
    must_hold(seed, "asked for");
    print_story();
}

int main(void)
{
    const struct CMUnitTest one[] = { cmocka_unit_test(this_seed) };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_wrong_once_does_not_again),
        cmocka_unit_test(a_seed_tells_the_same_story),
        cmocka_unit_test(nothing_is_lost_or_done_twice),
        cmocka_unit_test(every_lie_is_found),
    };
    int failed;

    sim_start();
    if (getenv("SIM_ONLY"))
        cmocka_set_test_filter(getenv("SIM_ONLY"));
    failed = getenv("SEED") ? cmocka_run_group_tests(one, NULL, NULL)
                            : cmocka_run_group_tests(tests, NULL, NULL);
    sim_stop();
    return failed;
}
