/* gateway_admit_test.c - who is let in, and when the others come again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "services/gateway/admit.h"
#include "services/gateway/routes.h"

static const struct admit_limits limits = {
    .commands = 10, .command_ms = 500, .reads = 4, .read_ms = 200,
    .waits = 3, .streams = 2, .stream_kbytes = 1, .memory_kbytes = 64,
};

static const struct {
    const char *what;
    enum admit_class class;
    struct admit_load load;
    enum admit_reason answer;
} cases[] = {
    /* clang-format off */
    { "nothing in hand", ADMIT_COMMAND, { .waits = 0 }, ADMIT_YES },
    { "the last place", ADMIT_COMMAND,
      { .in_hand = { [ADMIT_COMMAND] = 9 } }, ADMIT_YES },
    { "no place", ADMIT_COMMAND,
      { .in_hand = { [ADMIT_COMMAND] = 10 } }, ADMIT_COMMANDS },
    { "Kafka is quick enough", ADMIT_COMMAND,
      { .command_us = 500000 }, ADMIT_YES },
    { "Kafka is slow", ADMIT_COMMAND,
      { .command_us = 500001 }, ADMIT_COMMAND_WAIT },
    { "reads do not take commands' places", ADMIT_COMMAND,
      { .in_hand = { [ADMIT_READ] = 4 }, .read_us = SECOND_US }, ADMIT_YES },
    { "nor commands those of reads", ADMIT_READ,
      { .in_hand = { [ADMIT_COMMAND] = 10 }, .command_us = SECOND_US },
      ADMIT_YES },
    { "no place for a read", ADMIT_READ,
      { .in_hand = { [ADMIT_READ] = 4 } }, ADMIT_READS },
    { "PostgreSQL is slow", ADMIT_READ, { .read_us = 200001 },
      ADMIT_READ_WAIT },
    { "a stream", ADMIT_STREAM, { .in_hand = { [ADMIT_STREAM] = 1 } },
      ADMIT_YES },
    { "one stream too many", ADMIT_STREAM,
      { .in_hand = { [ADMIT_STREAM] = 2 } }, ADMIT_STREAMS },
    { "who mends it is let in", ADMIT_OPERATE,
      { .in_hand = { 10, 4, 2 }, .command_us = HOUR_US, .read_us = HOUR_US },
      ADMIT_YES },
    { "but not without end", ADMIT_OPERATE,
      { .in_hand = { [ADMIT_OPERATE] = 32 } }, ADMIT_READS },
    { "memory is for all", ADMIT_FILE, { .memory_bytes = 64 * 1024 + 1 },
      ADMIT_MEMORY },
    { "a file asks for nothing else", ADMIT_FILE,
      { .in_hand = { 10, 4, 2, 1000 }, .memory_bytes = 64 * 1024 },
      ADMIT_YES },
    /* clang-format on */
};

static void a_bound_that_is_reached_refuses_its_own_kind_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (admit_judge(cases[i].class, &limits, &cases[i].load) !=
            cases[i].answer)
            fail_msg("%s", cases[i].what);
}

static void the_longer_it_lasts_the_later_they_come_again(void **state)
{
    (void)state;
    assert_int_equal(admit_retry_s(0, 0), 1);
    assert_int_equal(admit_retry_s(10 * SECOND_US, 0), 6);
    assert_int_equal(admit_retry_s(HOUR_US, 0), 30);
    for (int64_t s = 1; s < 100; s++)
        assert_true(admit_retry_s(s * SECOND_US, 0) >=
                    admit_retry_s((s - 1) * SECOND_US, 0));
}

static void they_do_not_all_come_at_once(void **state)
{
    int at[61] = { 0 };

    (void)state;
    for (uint64_t n = 0; n < 310; n++) {
        int64_t retry_s = admit_retry_s(HOUR_US, n);

        assert_in_range(retry_s, 30, 60);
        at[retry_s]++;
    }
    for (int s = 30; s <= 60; s++)
        assert_int_equal(at[s], 10);
}

static void what_is_said_and_what_is_asked_are_counted_apart(void **state)
{
    (void)state;
    for (const struct http_route *r = http_routes; r->method; r++) {
        if (r->type)
            assert_int_equal(r->class, ADMIT_COMMAND);
        else
            assert_int_not_equal(r->class, ADMIT_COMMAND);
        if (r->view)
            assert_int_equal(r->class, ADMIT_READ);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_that_is_reached_refuses_its_own_kind_alone),
        cmocka_unit_test(the_longer_it_lasts_the_later_they_come_again),
        cmocka_unit_test(they_do_not_all_come_at_once),
        cmocka_unit_test(what_is_said_and_what_is_asked_are_counted_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
