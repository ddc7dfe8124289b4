/* kafka_out_test.c - each message ends in one report, whatever Kafka does. */
#include "tests/unit/kafka_mock.h"

static void keys_go_where_every_client_of_kafka_sends_them(void **state)
{
    /* From the tests of Kafka's own client (Utils.murmur2). */
    static const struct {
        const char *key;
        int32_t murmur2;
    } rows[] = {
        { "21", -973932308 },
        { "foobar", -790332482 },
        { "a-little-bit-long-string", -985981536 },
        { "a-little-bit-longer-string", -1486304829 },
        { "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971 },
        { "abc", 479470107 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(kafka_partition_of(text_of(rows[i].key), 6),
                         (rows[i].murmur2 & 0x7fffffff) % 6);
}

static void a_message_comes_back_whole(void **state)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct kafka_out_header headers[] = { { "ce_id", TEXT("42") },
                                          { "ce_reply", { 0 } } };
    struct kafka_out_message m = {
        .topic = TOPIC,
        .partition = -1,
        .key = TEXT("foobar"),
        .value = TEXT("{\"哨\":1}"),
        .headers = headers,
        .header_count = 2,
        .at_us = INT64_C(1772411400123000),
        .cookie = 7,
        .cookie2 = UINT64_MAX,
    };
    int32_t partition = kafka_partition_of(m.key, PARTITIONS);
    struct kafka_record r;
    struct kafka_in *in;
    struct text name, value;

    (void)state;
    MUST(kafka_out_send(out, &m, err));
    await_reports(out);
    assert_null(reports.last.err);
    assert_int_equal(reports.last.cookie, 7);
    assert_true(reports.last.cookie2 == UINT64_MAX);
    assert_int_equal(reports.last.partition, partition);
    kafka_out_close(out, 0);

    in = open_reader(partition, reports.last.offset);
    MUST(poll_one(in, &r, err));
    assert_string_equal(r.topic, TOPIC);
    assert_int_equal(r.partition, partition);
    assert_true(text_equal(r.key, m.key));
    assert_true(text_equal(r.value, m.value));
    assert_true(r.at_us == m.at_us);
    assert_false(r.append_time);
    assert_true(kafka_header(&r, 0, &name, &value));
    assert_true(text_is(name, "ce_id") && text_is(value, "42"));
    assert_true(kafka_header(&r, 1, &name, &value));
    assert_true(text_is(name, "ce_reply") && value.size == 0);
    assert_false(kafka_header(&r, 2, &name, &value));
    kafka_record_free(&r);
    kafka_in_close(in, 5000);
}

static void every_message_is_reported_once_with_its_cookies(void **state)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    uint64_t sum = 0;

    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        struct kafka_out_message m = { .topic = TOPIC,
                                       .partition = 1,
                                       .value = TEXT("x"),
                                       .cookie = i,
                                       .cookie2 = i % 7 };

        sum += i * 1000 + i % 7;
        MUST(kafka_out_send(out, &m, err));
        if (i % 100 == 0)
            (void)kafka_out_poll(out, 0);
    }
    await_reports(out);
    assert_int_equal(reports.count, 5000);
    assert_true(reports.cookies == sum);
    kafka_out_close(out, 0);
}

static void a_message_too_large_is_rejected(void **state)
{
    static char large[2000000];
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct kafka_out_message m = { .topic = TOPIC,
                                   .value = { large, sizeof(large) } };
    struct err why = { 0 };

    (void)state;
    assert_false(kafka_out_send(out, &m, &why));
    assert_int_equal(why.kind, ERR_REJECT);
    assert_string_equal(why.code, "too_large");
    assert_int_equal(kafka_out_waiting(out), 0);
    kafka_out_close(out, 0);
}

/* Else a row of the log could come into Kafka before an older one. */
static void nothing_overtakes_what_kafka_refused(void **state)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out_with(&reports, 0, false);
    struct kafka_out_message m = { .topic = TOPIC, .value = TEXT("x") };
    struct err why = { 0 };

    (void)state;
    rd_kafka_mock_push_request_errors(cluster, 0, 1,
                                      RD_KAFKA_RESP_ERR_INVALID_RECORD);
    MUST(kafka_out_send(out, &m, err));
    await_reports(out);
    assert_int_equal(reports.failed, 1);
    assert_false(kafka_out_send(out, &m, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    kafka_out_close(out, 0);
}

/* Sends until the queue is full; returns how many it took. */
static int fill(struct text value)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct kafka_out_message m = { .topic = TOPIC, .value = value };
    struct err why = { 0 };
    int sent = 0;

    while (kafka_out_send(out, &m, &why))
        sent++;
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "queue_full");
    await_reports(out);
    assert_int_equal(reports.count, sent);
    MUST(kafka_out_send(out, &m, err));
    await_reports(out);
    assert_int_equal(reports.failed, 0);
    kafka_out_close(out, 0);
    return sent;
}

static void a_full_queue_is_back_pressure(void **state)
{
    static char kilobytes[8192];

    (void)state;
    /* Bounded in bytes, and in messages however small they are. */
    assert_in_range(fill((struct text){ kilobytes, sizeof(kilobytes) }), 100,
                    1000);
    assert_in_range(fill(TEXT("x")), QUEUE_MESSAGES, 2 * QUEUE_MESSAGES);
}

static bool becomes(struct kafka_out *out, bool connected)
{
    for (int i = 0; i < 100; i++) {
        if (kafka_out_connected(out) == connected)
            return true;
        (void)kafka_out_poll(out, 100);
    }
    return false;
}

static void brokers_that_go_and_come_are_noticed(void **state)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct kafka_out_message m = { .topic = TOPIC, .value = TEXT("x") };

    (void)state;
    assert_true(becomes(out, true));
    rd_kafka_mock_broker_set_down(cluster, 1);
    assert_true(becomes(out, false));
    MUST(kafka_out_send(out, &m, err));
    await_reports(out);
    assert_int_equal(reports.failed, 1);
    assert_int_equal(reports.why.kind, ERR_RETRY);
    MUST(kafka_out_healthy(out, err));
    rd_kafka_mock_broker_set_up(cluster, 1);
    assert_true(becomes(out, true));
    MUST(kafka_out_send(out, &m, err));
    await_reports(out);
    assert_int_equal(reports.failed, 1);
    kafka_out_close(out, 0);
}

/* Reports come by polling alone: until then all is on its way. */
static void a_partition_gets_a_burst_at_a_time(void **state)
{
    static char kilobyte[1024];
    struct reports reports = { 0 };
    struct kafka_out *out = open_out_with(&reports, 2000, true);
    struct kafka_out_message m = { .topic = TOPIC,
                                   .partition = 0,
                                   .value = { kilobyte, sizeof(kilobyte) } };
    struct kafka_out_message other = m, urgent = m;
    struct err why = { 0 };
    int count = 0;

    (void)state;
    other.partition = 1;
    urgent.urgent = true;
    while (count < 1000 && kafka_out_send(out, &m, &why))
        count++;
    assert_in_range(count, 200, 800); /* of one kilobyte */
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "burst");
    MUST(kafka_out_send(out, &other, err));
    MUST(kafka_out_send(out, &urgent, err));
    await_reports(out);
    assert_int_equal(reports.count, count + 2);
    MUST(kafka_out_send(out, &m, err));
    await_reports(out);
    kafka_out_close(out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_go_where_every_client_of_kafka_sends_them),
        cmocka_unit_test(a_message_comes_back_whole),
        cmocka_unit_test(every_message_is_reported_once_with_its_cookies),
        cmocka_unit_test(a_message_too_large_is_rejected),
        cmocka_unit_test(nothing_overtakes_what_kafka_refused),
        cmocka_unit_test(a_full_queue_is_back_pressure),
        cmocka_unit_test(a_partition_gets_a_burst_at_a_time),
        cmocka_unit_test(brokers_that_go_and_come_are_noticed),
    };

    return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
