/* kafka_topics_test.c - topics are made once, as wished, or refused. */
#include "tests/store/kafka_store.h"

static void a_topic_stamps_the_time_of_appending(void **state)
{
    struct kafka_topic topic = make_topic("append", false);
    struct member m = { 0 };
    struct kafka_in *in = open_member(&topic, NULL, 6000, &m);
    int64_t before_us = instant_now();
    struct kafka_record r;

    (void)state;
    assert_null(send_one(&topic, 0, before_us - DAY_US).last.err);
    MUST(poll_one(in, &r, err));
    assert_true(r.append_time);
    assert_true(r.at_us > before_us - SECOND_US);
    kafka_record_free(&r);
    kafka_in_close(in, 5000);
}

static void a_test_clocks_topic_takes_any_time(void **state)
{
    struct kafka_topic topic = make_topic("clock", true);
    struct member m = { 0 };
    struct kafka_in *in = open_member(&topic, NULL, 6000, &m);
    int64_t times[] = { instant_now() + 700 * DAY_US,
                        instant_now() - 300 * DAY_US };
    struct kafka_record r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        int64_t at_us = times[i] / 1000 * 1000;

        assert_null(send_one(&topic, 0, at_us).last.err);
        MUST(poll_one(in, &r, err));
        assert_false(r.append_time);
        assert_true(r.at_us == at_us);
        kafka_record_free(&r);
    }
    kafka_in_close(in, 5000);
}

static void topics_that_exist_are_left_but_must_be_the_same(void **state)
{
    struct kafka_topic topic = make_topic("twice", false);
    struct kafka_topic both[] = { topic, name_topic("third") };
    struct err why = { 0 };

    (void)state;
    MUST(kafka_topics_create(brokers(), both, 2, 1, false, 1000, err));
    both[0].partitions = PARTITIONS + 1;
    assert_false(
        kafka_topics_create(brokers(), both, 2, 1, false, 1000, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "partition_count");
}

static void
kafka_away_is_retried_and_more_replicas_than_brokers_not(void **state)
{
    struct kafka_topic topic = name_topic("none");
    struct err why = { 0 };

    (void)state;
    assert_false(
        kafka_topics_create(brokers(), &topic, 1, 3, false, 1000, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_false(
        kafka_topics_create("127.0.0.1:1", &topic, 1, 1, false, 1000, &why));
    assert_int_equal(why.kind, ERR_RETRY);
}

static void a_partition_that_is_not_there_is_fatal(void **state)
{
    struct kafka_topic topic = make_topic("few", false);
    struct reports r = send_one(&topic, PARTITIONS, 0);

    (void)state;
    assert_int_equal(r.count, 1);
    assert_int_equal(r.why.kind, ERR_FATAL);
    assert_string_equal(r.why.code, "no_partition");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_stamps_the_time_of_appending),
        cmocka_unit_test(a_test_clocks_topic_takes_any_time),
        cmocka_unit_test(topics_that_exist_are_left_but_must_be_the_same),
        cmocka_unit_test(
            kafka_away_is_retried_and_more_replicas_than_brokers_not),
        cmocka_unit_test(a_partition_that_is_not_there_is_fatal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
