/*
 * kafka_out.h - a producer: idempotent, acks=all, partitioner=murmur2.
 *
 * A delivery report is the only proof of a write; each message ends in
 * exactly one call of `delivered`, from kafka_out_poll.
 */
#ifndef BAODAO_IO_KAFKA_OUT_H
#define BAODAO_IO_KAFKA_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"

struct kafka_out_header {
    const char *name;
    struct text value;
};

struct kafka_out_message {
    const char *topic;
    int32_t partition; /* -1: by the key */
    struct text key, value;
    const struct kafka_out_header *headers;
    size_t header_count;
    int64_t at_us; /* CreateTime for test-clock topics; 0: now */
    bool urgent;   /* goes beyond its partition's burst */
    uint64_t cookie; /* comes back with the report; two words */
    uint64_t cookie2;
};

struct kafka_out_report {
    uint64_t cookie, cookie2;
    int32_t partition;
    int64_t offset;
    const struct err *err; /* NULL: Kafka has it; else its kind says more */
};

struct kafka_out_settings {
    const char *brokers;
    int64_t linger_ms;
    /* 0: waits for Kafka as long as it takes, and what stands behind a
     * message that Kafka refuses is not written either: ERR_FATAL. */
    int64_t message_timeout_ms;
    /* Bounds of librdkafka's queue: keys and values; and messages, of which
     * each weighs some 3 KB in there besides, its headers among them. */
    int64_t queue_kbytes, queue_messages;
    /* No more goes to a partition than one batch holds until it is
     * acknowledged: for who has many to send; see kafka_flow.h. */
    bool bursts;
    void (*delivered)(void *context, const struct kafka_out_report *report);
    void *context;
};

struct kafka_out;

MUST_CHECK bool kafka_out_open(const struct kafka_out_settings *settings,
                               struct kafka_out **ret_out, struct err *err);
/* Waits at most timeout_ms for reports, then drops the rest. */
void kafka_out_close(struct kafka_out *out, int timeout_ms);

/*
 * Copies the message into librdkafka's queue. ERR_RETRY "queue_full" or
 * "burst": poll and send again. ERR_REJECT "too_large". ERR_FATAL: see traps.
 */
MUST_CHECK bool kafka_out_send(struct kafka_out *out,
                               const struct kafka_out_message *message,
                               struct err *err);
/*
 * Messages to one topic and partition go one way, by this number below
 * KAFKA_WAYS; two may share one, as all of a topic do to which nothing was
 * sent yet. A way that is full takes none but what is urgent: its burst is
 * out.
 */
#define KAFKA_WAYS 4096
int kafka_out_way(struct kafka_out *out, const char *topic, struct text key);
bool kafka_out_way_is_full(struct kafka_out *out, int way);
/* Serves reports; returns how many came. */
int kafka_out_poll(struct kafka_out *out, int timeout_ms);
/* What was sent goes now, its linger aside; serves reports, for a millisecond
 * at most; returns how many came. */
int kafka_out_hurry(struct kafka_out *out);
/* ERR_FATAL once the producer has had a fatal error. */
MUST_CHECK bool kafka_out_healthy(struct kafka_out *out, struct err *err);
/* True while at least one broker is connected. */
bool kafka_out_connected(struct kafka_out *out);
int kafka_out_waiting(struct kafka_out *out); /* messages without a report */
int kafka_out_fd(struct kafka_out *out); /* readable: call kafka_out_poll */

/* The partition of a key: Kafka's murmur2, as every client of ours. */
int32_t kafka_partition_of(struct text key, int32_t partition_count);

/*
 * Makes topics that are missing (admin API). test_clock: CreateTime, no upper
 * bound of timestamps, no retention; else LogAppendTime and retention_ms.
 * ERR_FATAL when a topic exists with another number of partitions.
 */
struct kafka_topic {
    char name[96];
    int32_t partitions;
};
MUST_CHECK bool kafka_topics_create(const char *brokers,
                                    const struct kafka_topic *topics,
                                    size_t count, int replicas,
                                    bool test_clock, int64_t retention_ms,
                                    struct err *err);

#endif
