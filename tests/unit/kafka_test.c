/*
 * kafka_test.c - producer and consumer against librdkafka's mock cluster: it
 * serves produce, fetch, offsets and a group of one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>

#include "common/base/instant.h"
#include "common/io/kafka_in.h"
#include "common/io/kafka_out.h"

#define TOPIC "whistle.commands"
#define PARTITIONS 4

/* The mock cluster lives in a client of its own. */
static rd_kafka_t *host;
static rd_kafka_mock_cluster_t *cluster;
static const char *brokers;

static void drop_log(const rd_kafka_t *rk, int level, const char *facility,
                     const char *said)
{
    (void)rk;
    (void)level;
    (void)facility;
    (void)said;
}

static int start_cluster(void **state)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    (void)state;
    rd_kafka_conf_set_log_cb(conf, drop_log);
    host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    cluster = rd_kafka_mock_cluster_new(host, 1);
    rd_kafka_mock_topic_create(cluster, TOPIC, PARTITIONS, 1);
    brokers = rd_kafka_mock_cluster_bootstraps(cluster);
    return 0;
}

static int stop_cluster(void **state)
{
    (void)state;
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return 0;
}

#define MUST(call)                                                            \
    do {                                                                      \
        struct err why_ = { 0 };                                              \
        struct err *err = &why_;                                              \
        if (!(call))                                                          \
            fail_msg("%s: %s %s", #call, why_.code, why_.sentence);           \
    } while (0)

/* ---- sending ---- */

struct reports {
    int count, failed;
    uint64_t cookies;
    struct kafka_out_report last;
    struct err why;
};

static void on_delivered(void *context, const struct kafka_out_report *r)
{
    struct reports *all = context;

    all->count++;
    all->cookies += r->cookie * 1000 + r->cookie2;
    all->last = *r;
    if (r->err) {
        all->failed++;
        all->why = *r->err;
    }
}

static struct kafka_out *open_out(struct reports *reports)
{
    struct kafka_out_settings s = {
        .brokers = brokers,
        .linger_ms = 1,
        .message_timeout_ms = 2000,
        .queue_kbytes = 1024,
        .delivered = on_delivered,
        .context = reports,
    };
    struct kafka_out *out = NULL;

    MUST(kafka_out_open(&s, &out, err));
    return out;
}

static void await_reports(struct kafka_out *out)
{
    for (int i = 0; i < 100 && kafka_out_waiting(out) > 0; i++)
        (void)kafka_out_poll(out, 100);
    assert_int_equal(kafka_out_waiting(out), 0);
}

/* Sends text values "0", "1", … to a partition; returns the first offset. */
static int64_t send_some(int32_t partition, int count)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);

    for (int i = 0; i < count; i++) {
        char value[12];
        struct kafka_out_message m = { .topic = TOPIC,
                                       .partition = partition };

        snprintf(value, sizeof(value), "%d", i);
        m.value = text_of(value);
        MUST(kafka_out_send(out, &m, err));
    }
    await_reports(out);
    assert_int_equal(reports.count, count);
    assert_int_equal(reports.failed, 0);
    kafka_out_close(out, 0);
    return reports.last.offset - count + 1;
}

/* ---- receiving ---- */

static struct kafka_in *open_reader(int32_t partition, int64_t offset)
{
    struct kafka_in_settings s = { .brokers = brokers, .session_ms = 6000 };
    struct kafka_partition from = { TOPIC, partition, offset };
    struct kafka_in *in = NULL;

    MUST(kafka_in_open(&s, &in, err));
    MUST(kafka_in_assign(in, &from, 1, err));
    return in;
}

static bool poll_one(struct kafka_in *in, struct kafka_record *r,
                     struct err *err)
{
    for (int i = 0; i < 100; i++) {
        if (!kafka_in_poll(in, 100, r, err))
            return false;
        if (r->handle)
            return true;
    }
    fail_msg("no message in 10 s");
    return false;
}

static void expect(struct kafka_in *in, int64_t offset, const char *value)
{
    struct kafka_record r;

    MUST(poll_one(in, &r, err));
    assert_int_equal(r.offset, offset);
    assert_true(text_is(r.value, value));
    kafka_record_free(&r);
}

/* ---- tests ---- */

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

static void a_reader_begins_at_its_offset_and_seeks_back(void **state)
{
    int64_t first = send_some(0, 20);
    struct kafka_in *in = open_reader(0, first + 10);
    struct kafka_partition back = { TOPIC, 0, first + 3 };

    (void)state;
    expect(in, first + 10, "10");
    expect(in, first + 11, "11");
    MUST(kafka_in_seek(in, &back, err));
    expect(in, first + 3, "3");
    expect(in, first + 4, "4");
    kafka_in_close(in, 5000);
}

static void a_paused_partition_is_silent_and_loses_nothing(void **state)
{
    int64_t first = send_some(0, 20);
    struct kafka_in *in = open_reader(0, first);
    struct kafka_partition p = { TOPIC, 0, 0 };
    struct kafka_record r;

    (void)state;
    expect(in, first, "0");
    MUST(kafka_in_pause(in, &p, 1, true, err));
    for (int i = 0; i < 3; i++) {
        MUST(kafka_in_poll(in, 100, &r, err));
        assert_null(r.handle);
    }
    MUST(kafka_in_pause(in, &p, 1, false, err));
    expect(in, first + 1, "1");
    expect(in, first + 2, "2");
    kafka_in_close(in, 5000);
}

static void an_offset_that_is_not_there_is_fatal(void **state)
{
    int64_t first = send_some(0, 1);
    struct kafka_in *in = open_reader(0, first + 1000);
    struct kafka_record r;
    struct err why = { 0 };

    (void)state;
    assert_false(poll_one(in, &r, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "offset_out_of_range");
    assert_non_null(strstr(why.sentence, TOPIC "[0]"));
    kafka_in_close(in, 5000);
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

static void a_full_queue_is_back_pressure(void **state)
{
    static char kilobyte[1024];
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct kafka_out_message m = { .topic = TOPIC,
                                   .value = { kilobyte, sizeof(kilobyte) } };
    struct err why = { 0 };
    int sent = 0;

    (void)state;
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

static void a_reader_says_that_the_brokers_are_away(void **state)
{
    int64_t first = send_some(0, 2);
    struct kafka_in *in = open_reader(0, first);
    struct kafka_record r;
    struct err why = { 0 };

    (void)state;
    expect(in, first, "0");
    expect(in, first + 1, "1");
    rd_kafka_mock_broker_set_down(cluster, 1);
    assert_false(poll_one(in, &r, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "away");
    rd_kafka_mock_broker_set_up(cluster, 1);
    assert_int_equal(send_some(0, 1), first + 2);
    while (!poll_one(in, &r, &why))
        assert_int_equal(why.kind, ERR_RETRY);
    assert_int_equal(r.offset, first + 2);
    kafka_record_free(&r);
    kafka_in_close(in, 5000);
}

static void descriptors_tell_when_to_poll(void **state)
{
    int64_t first = send_some(2, 1);
    struct kafka_in *in = open_reader(2, first);
    struct pollfd fd = { .fd = kafka_in_fd(in), .events = POLLIN };
    struct kafka_record r;

    (void)state;
    do {
        assert_int_equal(poll(&fd, 1, 10000), 1);
        MUST(kafka_in_poll(in, 0, &r, err));
    } while (!r.handle);
    kafka_record_free(&r);
    do {
        MUST(kafka_in_poll(in, 0, &r, err));
        assert_null(r.handle);
    } while (poll(&fd, 1, 100) > 0);
    assert_int_equal(send_some(2, 3), first + 1);
    for (int got = 0; got < 3; kafka_record_free(&r)) {
        assert_int_equal(poll(&fd, 1, 10000), 1);
        MUST(kafka_in_poll(in, 0, &r, err));
        if (r.handle)
            assert_int_equal(r.offset, first + 1 + got++);
    }
    kafka_in_close(in, 5000);
}

static void marks_and_counts_are_asked_for(void **state)
{
    int64_t first = send_some(3, 5), low = -1, high = -1;
    struct kafka_in *in = open_reader(3, first);
    int32_t count = -1;

    (void)state;
    assert_int_equal(kafka_in_high(in, TOPIC, 3), -1);
    MUST(kafka_in_marks(in, TOPIC, 3, &low, &high, err));
    assert_int_equal(low, 0);
    assert_int_equal(high, first + 5);
    expect(in, first, "0");
    assert_int_equal(kafka_in_high(in, TOPIC, 3), first + 5);
    MUST(kafka_in_partition_count(in, TOPIC, &count, err));
    assert_int_equal(count, PARTITIONS);
    kafka_in_close(in, 5000);
}

/* ---- a group of one ---- */

struct member {
    int64_t from[PARTITIONS];
    int assigned, revoked;
    bool refuse;
};

static bool on_assigned(void *context, struct kafka_partition *list,
                        size_t count, struct err *err)
{
    struct member *m = context;

    if (m->refuse)
        return err_retry(err, "postgres_away", "cannot read offsets");
    m->assigned += (int)count;
    for (size_t i = 0; i < count; i++)
        list[i].offset = m->from[list[i].partition];
    return true;
}

static void on_revoked(void *context, const struct kafka_partition *list,
                       size_t count, bool lost)
{
    struct member *m = context;

    (void)list;
    assert_false(lost);
    m->revoked += (int)count;
}

static struct kafka_in *open_member(const char *group, struct member *m)
{
    struct kafka_in_settings s = {
        .brokers = brokers,
        .group = group,
        .session_ms = 6000,
        .topic = TOPIC,
        .assigned = on_assigned,
        .revoked = on_revoked,
        .context = m,
    };
    struct kafka_in *in = NULL;

    MUST(kafka_in_open(&s, &in, err));
    return in;
}

static void a_member_begins_where_it_was_told(void **state)
{
    struct member m = { 0 };
    struct kafka_in *in;

    (void)state;
    for (int32_t p = 0; p < PARTITIONS; p++)
        m.from[p] = send_some(p, 1) + 1;
    assert_int_equal(send_some(2, 4), m.from[2]);
    m.from[2] += 2;
    in = open_member("dispatch", &m);
    expect(in, m.from[2], "2");
    expect(in, m.from[2] + 1, "3");
    assert_int_equal(m.assigned, PARTITIONS);
    kafka_in_close(in, 5000);
    assert_int_equal(m.revoked, PARTITIONS);
}

static void
a_refused_assignment_fails_the_poll_and_can_be_made_up(void **state)
{
    struct member m = { .refuse = true };
    struct kafka_in *in = open_member("track", &m);
    struct kafka_partition p = { TOPIC, 1, send_some(1, 1) };
    struct kafka_record r;
    struct err why = { 0 };

    (void)state;
    assert_false(poll_one(in, &r, &why));
    assert_string_equal(why.code, "postgres_away");
    MUST(kafka_in_assign(in, &p, 1, err));
    expect(in, p.offset, "0");
    kafka_in_close(in, 5000);
    assert_int_equal(m.assigned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_go_where_every_client_of_kafka_sends_them),
        cmocka_unit_test(a_message_comes_back_whole),
        cmocka_unit_test(every_message_is_reported_once_with_its_cookies),
        cmocka_unit_test(a_reader_begins_at_its_offset_and_seeks_back),
        cmocka_unit_test(a_paused_partition_is_silent_and_loses_nothing),
        cmocka_unit_test(an_offset_that_is_not_there_is_fatal),
        cmocka_unit_test(a_message_too_large_is_rejected),
        cmocka_unit_test(a_full_queue_is_back_pressure),
        cmocka_unit_test(brokers_that_go_and_come_are_noticed),
        cmocka_unit_test(a_reader_says_that_the_brokers_are_away),
        cmocka_unit_test(descriptors_tell_when_to_poll),
        cmocka_unit_test(marks_and_counts_are_asked_for),
        cmocka_unit_test(a_member_begins_where_it_was_told),
        cmocka_unit_test(
            a_refused_assignment_fails_the_poll_and_can_be_made_up),
    };

    return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
