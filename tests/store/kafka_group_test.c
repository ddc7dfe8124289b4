/* kafka_group_test.c - members share, fence and leave; how fast it goes. */
#include <unistd.h>

#include "tests/store/kafka_store.h"

static void two_members_share_and_the_one_left_takes_all(void **state)
{
    struct kafka_topic topic = make_topic("share", false);
    struct member one = { 0 }, two = { 0 };
    struct kafka_in *a = open_member(&topic, NULL, 6000, &one), *b;

    (void)state;
    poll_until_held(a, NULL, &one, PARTITIONS);
    b = open_member(&topic, NULL, 6000, &two);
    poll_until_held(a, b, &two, PARTITIONS / 2);
    poll_until_held(a, b, &one, PARTITIONS / 2);
    kafka_in_close(b, 5000);
    poll_until_held(a, NULL, &one, PARTITIONS);
    assert_int_equal(one.lost + two.lost, 0);
    kafka_in_close(a, 5000);
}

static void what_was_paused_is_read_when_it_comes_back(void **state)
{
    struct kafka_topic topic = make_topic("paused", false);
    struct kafka_partition all[PARTITIONS] = { 0 };
    struct member one = { 0 }, two = { 0 };
    struct kafka_in *a = open_member(&topic, NULL, 6000, &one), *b;
    struct kafka_record r;

    (void)state;
    poll_until_held(a, NULL, &one, PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
        memcpy(all[i].topic, topic.name, sizeof(topic.name));
        all[i].partition = i;
    }
    MUST(kafka_in_pause(a, all, PARTITIONS, true, err));
    b = open_member(&topic, NULL, 6000, &two);
    poll_until_held(a, b, &one, PARTITIONS / 2);
    kafka_in_close(b, 5000);
    poll_until_held(a, NULL, &one, PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++)
        send_one(&topic, i, 0);
    for (int i = 0; i < PARTITIONS; i++) {
        MUST(poll_one(a, &r, err));
        kafka_record_free(&r);
    }
    kafka_in_close(a, 5000);
}

static void a_second_of_the_same_name_fences_the_first(void **state)
{
    struct kafka_topic topic = make_topic("fence", false);
    struct member one = { 0 }, two = { 0 };
    struct kafka_in *a = open_member(&topic, "track-1", 6000, &one), *b;
    struct err why = { 0 };
    struct kafka_record r;

    (void)state;
    poll_until_held(a, NULL, &one, PARTITIONS);
    b = open_member(&topic, "track-1", 6000, &two);
    poll_until_held(b, NULL, &two, PARTITIONS);
    assert_false(poll_one(a, &r, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "fenced_instance");
    kafka_in_close(a, 5000);
    kafka_in_close(b, 5000);
}

static void a_session_that_the_broker_refuses_is_not_silent(void **state)
{
    struct kafka_topic topic = make_topic("short", false);
    struct member m = { 0 };
    struct kafka_in *in = open_member(&topic, NULL, 300, &m);
    struct err why = { 0 };
    struct kafka_record r;

    (void)state;
    assert_false(poll_one(in, &r, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    print_message("%s\n", why.sentence);
    assert_non_null(strstr(why.sentence, "session"));
    kafka_in_close(in, 5000);
}

static void closing_with_kafka_away_keeps_its_deadline(void **state)
{
    struct kafka_in_settings s = { .brokers = "127.0.0.1:1",
                                   .group = "g",
                                   .session_ms = 6000,
                                   .topic = "t",
                                   .assigned = on_assigned };
    struct kafka_in *in = NULL;
    struct kafka_record r;
    struct err why = { 0 };
    int64_t start_us;

    (void)state;
    MUST(kafka_in_open(&s, &in, err));
    assert_false(poll_one(in, &r, &why));
    assert_string_equal(why.code, "away");
    start_us = instant_monotonic();
    kafka_in_close(in, 1000);
    assert_true(instant_monotonic() - start_us < 2 * SECOND_US);
}

/* ---- numbers: printed, not promised ---- */

static void a_message_arrives_soon(void **state)
{
    struct kafka_topic topic = make_topic("soon", false);
    struct member m = { 0 };
    struct kafka_in *in = open_member(&topic, NULL, 6000, &m);
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    int64_t total_us = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct kafka_out_message message = { .topic = topic.name,
                                             .partition = i % PARTITIONS,
                                             .value = TEXT("x") };
        int64_t start_us = instant_monotonic();
        struct kafka_record r;

        MUST(kafka_out_send(out, &message, err));
        MUST(poll_one(in, &r, err));
        kafka_record_free(&r);
        (void)kafka_out_poll(out, 0);
        if (i > 0) /* the first joins the group */
            total_us += instant_monotonic() - start_us;
        usleep(30000);
    }
    print_message("sent to received: %d us\n", (int)(total_us / 19));
    kafka_out_close(out, 1000);
    kafka_in_close(in, 5000);
}

/* Of no length but its own when it is compressed. */
static void fill(char *value, size_t size)
{
    static uint32_t n = 1;

    for (size_t i = 0; i < size; i++) {
        n = n * 1664525 + 1013904223;
        value[i] = (char)(n >> 24);
    }
}

static void send_many(const struct kafka_topic *topic, int count)
{
    char value[500];
    struct kafka_out_header headers[8];
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct err why;

    for (size_t i = 0; i < COUNT_OF(headers); i++)
        headers[i] = (struct kafka_out_header){
            "ce_something", TEXT("018f0000-0000-7000-8000-000000000000")
        };
    for (int i = 0; i < count; i++) {
        struct kafka_out_message m = { .topic = topic->name,
                                       .partition = i % PARTITIONS,
                                       .value = { value, sizeof(value) },
                                       .headers = headers,
                                       .header_count = COUNT_OF(headers) };

        fill(value, sizeof(value));
        while (!kafka_out_send(out, &m, &why)) {
            assert_string_equal(why.code, "queue_full");
            (void)kafka_out_poll(out, 10);
        }
        if (i % 500 == 0)
            (void)kafka_out_poll(out, 0);
    }
    while (kafka_out_waiting(out) > 0)
        (void)kafka_out_poll(out, 100);
    assert_int_equal(reports.count, count);
    assert_int_equal(reports.why.kind, ERR_NONE);
    kafka_out_close(out, 1000);
}

/* A reader that is behind, and slower than Kafka: when half is read, half of
 * each partition should be, and half of that is. */
static void no_partition_waits_until_another_is_read(void **state)
{
    static const int each = 4000;
    struct kafka_topic topic = make_topic("fair", false);
    struct member m = { 0 };
    struct kafka_in *in;
    int read[PARTITIONS] = { 0 };

    (void)state;
    send_many(&topic, each * PARTITIONS);
    in = open_member(&topic, NULL, 6000, &m);
    for (int i = 0; i < each * PARTITIONS / 2; i++) {
        struct kafka_record r;

        MUST(poll_one(in, &r, err));
        read[r.partition]++;
        kafka_record_free(&r);
        if (i % 100 == 0)
            usleep(30000);
    }
    for (int i = 0; i < PARTITIONS; i++) {
        print_message("partition %d: %d\n", i, read[i]);
        assert_in_range(read[i], each / 4, each);
    }
    kafka_in_close(in, 5000);
}

static void many_messages_go_through(void **state)
{
    static const int count = 50000;
    struct kafka_topic topic = make_topic("many", false);
    int64_t start_us = instant_monotonic(), sent_us, got_us;
    struct member m = { 0 };
    struct kafka_in *in;

    (void)state;
    send_many(&topic, count);
    sent_us = instant_monotonic();
    in = open_member(&topic, NULL, 6000, &m);
    poll_until_held(in, NULL, &m, PARTITIONS);
    got_us = instant_monotonic();
    for (int i = 1; i < count; i++) { /* one came with the assignment */
        struct kafka_record r;

        MUST(poll_one(in, &r, err));
        kafka_record_free(&r);
    }
    print_message("sent %d/s, received %d/s\n",
                  (int)(count * SECOND_US / (sent_us - start_us)),
                  (int)(count * SECOND_US / (instant_monotonic() - got_us)));
    kafka_in_close(in, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_members_share_and_the_one_left_takes_all),
        cmocka_unit_test(what_was_paused_is_read_when_it_comes_back),
        cmocka_unit_test(a_second_of_the_same_name_fences_the_first),
        cmocka_unit_test(a_session_that_the_broker_refuses_is_not_silent),
        cmocka_unit_test(closing_with_kafka_away_keeps_its_deadline),
        cmocka_unit_test(a_message_arrives_soon),
        cmocka_unit_test(no_partition_waits_until_another_is_read),
        cmocka_unit_test(many_messages_go_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
