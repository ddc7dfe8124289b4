/* cli_operate_test.c - what lag and doctor reckon. */
#include <string.h>

#include "common/base/instant.h"
#include "services/baodao/doctor.h"
#include "tests/unit/must.h"

static struct rate rate_of(int64_t next, int64_t high, int64_t then_next,
                           int64_t then_high)
{
    const struct queue before = {.next = next, .high = high};
    const struct queue after = {.next = then_next, .high = then_high};

    return queue_rate(&before, &after, 10 * SECOND_US);
}

static void rates_are_tenths_a_second_and_say_when_nothing_will_wait(void **s)
{
    struct rate r = rate_of(100, 200, 150, 205);

    (void)s;
    assert_int_equal(r.in, 5);       /* 5 in 10 s */
    assert_int_equal(r.out, 50);     /* 50 in 10 s */
    assert_int_equal(r.drain_s, 13); /* 55 wait, 4.5 a second less */
    assert_int_equal(rate_of(100, 200, 110, 220).drain_s, -1);
    assert_int_equal(rate_of(100, 200, 200, 200).drain_s, 0);
    assert_int_equal(rate_of(-1, 3, -1, 3).drain_s, -1);
}

static void a_queue_says_how_it_stands(void **s)
{
    struct queue q = {.next = -1};

    (void)s;
    assert_string_equal(queue_state(&q), "never folded");
    q.next = 5;
    assert_string_equal(queue_state(&q), "");
    q.draining = true;
    q.drain_to = 6;
    assert_string_equal(queue_state(&q), "draining");
    q.next = 6;
    assert_string_equal(queue_state(&q), "drained");
    q.paused = true;
    assert_string_equal(queue_state(&q), "paused");
}

static void a_disk_is_full_when_under_a_tenth_is_left(void **s)
{
    (void)s;
    assert_false(disk_is_full(1000, 100));
    assert_true(disk_is_full(1000, 99));
    assert_false(disk_is_full(0, 0)); /* no disk of blocks: /proc */
}

static void each_ailment_has_its_words_and_its_place(void **s)
{
    int count = 0;

    (void)s;
    for (const struct ailment *a = ailments; a->name; a++, count++) {
        assert_int_equal(ailment_find(text_of(a->name)), count);
        assert_true(a->chinese[0] && a->english[0] && a->next[0]);
    }
    assert_in_range(count, 1, AILMENTS_MAX);
    assert_int_equal(ailment_find(text_of("boredom")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            rates_are_tenths_a_second_and_say_when_nothing_will_wait),
        cmocka_unit_test(a_queue_says_how_it_stands),
        cmocka_unit_test(a_disk_is_full_when_under_a_tenth_is_left),
        cmocka_unit_test(each_ailment_has_its_words_and_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
