/*
 * kafka_store.h - the real Kafka that kafka_*_test.c are held against:
 * TEST_KAFKA is its address. It shows what the mock cluster cannot: topics,
 * groups, fencing.
 */
#ifndef BAODAO_TESTS_KAFKA_STORE_H
#define BAODAO_TESTS_KAFKA_STORE_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/kafka_in.h"
#include "common/io/kafka_out.h"
#include "tests/unit/must.h"

#define PARTITIONS KAFKA_PARTITIONS_MOST

static inline const char *brokers(void)
{
    const char *b = getenv("TEST_KAFKA");

    if (!b)
        fail_msg("TEST_KAFKA is not set");
    return b;
}

/* A name of this run: the broker may be an old one. */
static inline struct kafka_topic name_topic(const char *word)
{
    struct kafka_topic t = { .partitions = PARTITIONS };

    snprintf(t.name, sizeof(t.name), "%s.%" PRId64, word, instant_now());
    return t;
}

static inline struct kafka_topic make_topic(const char *word, bool test_clock)
{
    struct kafka_topic t = name_topic(word);

    MUST(kafka_topics_create(brokers(), &t, 1, 1, test_clock,
                             INT64_C(86400000), err));
    return t;
}

/* ---- sending ---- */

struct reports {
    int count;
    struct kafka_out_report last;
    struct err why;
};

static inline void on_delivered(void *context,
                                const struct kafka_out_report *r)
{
    struct reports *all = context;

    all->count++;
    all->last = *r;
    if (r->err)
        all->why = *r->err;
}

static inline struct kafka_out *open_out(struct reports *reports)
{
    struct kafka_out_settings s = {
        .brokers = brokers(),
        .linger_ms = 0,
        .message_timeout_ms = 10000,
        .queue_kbytes = 16384,
        .queue_messages = 100000,
        .delivered = on_delivered,
        .context = reports,
    };
    struct kafka_out *out = NULL;

    MUST(kafka_out_open(&s, &out, err));
    return out;
}

static inline struct reports send_one(const struct kafka_topic *topic,
                                      int32_t partition, int64_t at_us)
{
    struct reports reports = { 0 };
    struct kafka_out *out = open_out(&reports);
    struct kafka_out_message m = { .topic = topic->name,
                                   .partition = partition,
                                   .value = TEXT("x"),
                                   .at_us = at_us };

    MUST(kafka_out_send(out, &m, err));
    while (kafka_out_waiting(out) > 0)
        (void)kafka_out_poll(out, 100);
    kafka_out_close(out, 0);
    return reports;
}

/* ---- receiving ---- */

struct member {
    int held;
    int lost;
    int64_t from;
};

static inline bool on_assigned(void *context, struct kafka_partition *list,
                               size_t count, struct err *err)
{
    struct member *m = context;

    (void)err;
    m->held = (int)count;
    for (size_t i = 0; i < count; i++)
        list[i].offset = m->from;
    return true;
}

static inline void on_revoked(void *context,
                              const struct kafka_partition *list, size_t count,
                              bool lost)
{
    struct member *m = context;

    (void)list;
    m->held -= (int)count;
    m->lost += lost;
}

static inline struct kafka_in *open_member(const struct kafka_topic *topic,
                                           const char *instance,
                                           int64_t session_ms,
                                           struct member *m)
{
    struct kafka_in_settings s = {
        .brokers = brokers(),
        .group = topic->name,
        .instance = instance,
        .session_ms = session_ms,
        .topic = topic->name,
        .assigned = on_assigned,
        .revoked = on_revoked,
        .context = m,
    };
    struct kafka_in *in = NULL;

    MUST(kafka_in_open(&s, &in, err));
    return in;
}

static inline bool poll_one(struct kafka_in *in, struct kafka_record *r,
                            struct err *err)
{
    for (int i = 0; i < 150; i++) {
        if (!kafka_in_poll(in, 100, r, err))
            return false;
        if (r->handle)
            return true;
    }
    return err_retry(err, "nothing", "no message in 15 s");
}

static inline void poll_until_held(struct kafka_in *a, struct kafka_in *b,
                                   struct member *m, int held)
{
    struct kafka_record r;

    for (int i = 0; i < 300 && m->held != held; i++) {
        MUST(kafka_in_poll(a, 50, &r, err));
        kafka_record_free(&r);
        if (b)
            MUST(kafka_in_poll(b, 50, &r, err));
        kafka_record_free(&r);
    }
    assert_int_equal(m->held, held);
}

#endif
