/*
 * kafka_mock.h - librdkafka's mock cluster with one topic, a producer and a
 * reader at it. The cluster serves produce, fetch, offsets, a group of one.
 */
#ifndef BAODAO_TESTS_KAFKA_MOCK_H
#define BAODAO_TESTS_KAFKA_MOCK_H

#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "common/base/instant.h"
#include "common/io/kafka_in.h"
#include "common/io/kafka_out.h"
#include "tests/unit/must.h"

#define TOPIC "whistle.commands"
#define PARTITIONS 4

/* The mock cluster lives in a client of its own. */
static rd_kafka_t *host;
static rd_kafka_mock_cluster_t *cluster;
static const char *brokers;

static inline void drop_log(const rd_kafka_t *rk, int level,
                            const char *facility, const char *said)
{
    (void)rk;
    (void)level;
    (void)facility;
    (void)said;
}

static inline int start_cluster(void **state)
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

static inline int stop_cluster(void **state)
{
    (void)state;
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return 0;
}

/* ---- sending ---- */

#define QUEUE_MESSAGES 10000 /* of what open_out opens */

struct reports {
    int count, failed;
    uint64_t cookies;
    struct kafka_out_report last;
    struct err why;
};

static inline void on_delivered(void *context,
                                const struct kafka_out_report *r)
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

static inline struct kafka_out *open_out_with(struct reports *reports,
                                              int64_t message_timeout_ms,
                                              bool bursts)
{
    struct kafka_out_settings s = {
        .brokers = brokers,
        .linger_ms = 1,
        .message_timeout_ms = message_timeout_ms,
        .queue_kbytes = 1024,
        .queue_messages = QUEUE_MESSAGES,
        .bursts = bursts,
        .delivered = on_delivered,
        .context = reports,
    };
    struct kafka_out *out = NULL;

    MUST(kafka_out_open(&s, &out, err));
    return out;
}

static inline struct kafka_out *open_out(struct reports *reports)
{
    return open_out_with(reports, 2000, false);
}

static inline void await_reports(struct kafka_out *out)
{
    for (int i = 0; i < 100 && kafka_out_waiting(out) > 0; i++)
        (void)kafka_out_poll(out, 100);
    assert_int_equal(kafka_out_waiting(out), 0);
}

/* Sends text values "0", "1", … to a partition; returns the first offset. */
static inline int64_t send_some(int32_t partition, int count)
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

static inline struct kafka_in *open_reader(int32_t partition, int64_t offset)
{
    struct kafka_in_settings s = { .brokers = brokers, .session_ms = 6000 };
    struct kafka_partition from = { TOPIC, partition, offset };
    struct kafka_in *in = NULL;

    MUST(kafka_in_open(&s, &in, err));
    MUST(kafka_in_assign(in, &from, 1, err));
    return in;
}

static inline bool poll_one(struct kafka_in *in, struct kafka_record *r,
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

static inline void expect(struct kafka_in *in, int64_t offset,
                          const char *value)
{
    struct kafka_record r;

    MUST(poll_one(in, &r, err));
    assert_int_equal(r.offset, offset);
    assert_true(text_is(r.value, value));
    kafka_record_free(&r);
}

#endif
