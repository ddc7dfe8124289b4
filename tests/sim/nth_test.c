/*
 * nth_test.c - call n of a family fails, for every n that there is: nothing is
 * lost, nothing done twice, and the loop comes to quiet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

#define SEED 7
#define CALLS_LEAST 20 /* fewer: the family is not called at all */

static void each_call_may_fail(enum family family)
{
    int64_t n = 0;
    const char *why = NULL;

    do {
        why = sim_run_nth(SEED, family, ++n);
    } while (!why && world->nth_count >= n);
    if (why) {
        fputs(world->story, stdout);
        fail_msg("call %lld: %s", (long long)n, why);
    }
    print_message("%lld calls\n", (long long)n - 1);
    assert_true(n > CALLS_LEAST);
}

static void a_death_at_any_call_loses_nothing(void **state)
{
    (void)state;
    each_call_may_fail(NTH_DEATH);
}

static void a_connection_lost_at_any_call_of_libpq_loses_nothing(void **state)
{
    (void)state;
    each_call_may_fail(NTH_LIBPQ);
}

static void any_call_of_kafka_may_fail(void **state)
{
    (void)state;
    each_call_may_fail(NTH_KAFKA);
}

static void without_memory_a_worker_aborts_and_loses_nothing(void **state)
{
    (void)state;
    each_call_may_fail(NTH_ALLOCATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_death_at_any_call_loses_nothing),
        cmocka_unit_test(a_connection_lost_at_any_call_of_libpq_loses_nothing),
        cmocka_unit_test(any_call_of_kafka_may_fail),
        cmocka_unit_test(without_memory_a_worker_aborts_and_loses_nothing),
    };
    int failed;

    sim_start();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    sim_stop();
    return failed;
}
