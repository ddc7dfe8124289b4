/*
 * kafka_in.h - a consumer whose offsets are ours, not Kafka's.
 *
 * enable.auto.commit and auto.offset.store are off, auto.offset.reset=error,
 * assignment "range" with static membership. See traps for the reasons behind
 * each property.
 */
#ifndef BAODAO_IO_KAFKA_IN_H
#define BAODAO_IO_KAFKA_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"

/* Of a command topic. A reader that is behind reads so many alike: the queue in
 * kafka_in.c is as large as that asks for. */
#define KAFKA_PARTITIONS_MOST 6

struct kafka_partition {
    char topic[96];
    int32_t partition;
    int64_t offset; /* where to begin; for commit: the next one */
};

/* A message; its bytes live until kafka_record_free. */
struct kafka_record {
    void *handle; /* rd_kafka_message_t */
    const char *topic;
    int32_t partition;
    int64_t offset;
    int64_t at_us; /* the broker's or producer's timestamp */
    bool append_time; /* the timestamp is LogAppendTime */
    struct text key, value; /* bytes; a null value is empty */
};

struct kafka_in_settings {
    const char *brokers;
    const char *group;    /* NULL: no group; partitions by kafka_in_assign */
    const char *instance; /* group.instance.id; NULL: dynamic member */
    int64_t session_ms;
    const char *topic; /* subscribed when there is a group */
    /*
     * Called from kafka_in_poll. assigned fills .offset of each partition and
     * returns; false with an err leaves nothing assigned and fails the poll.
     * revoked is told what is taken away before it is; lost: another member
     * may already own it.
     */
    bool (*assigned)(void *context, struct kafka_partition *list,
                     size_t count, struct err *err);
    void (*revoked)(void *context, const struct kafka_partition *list,
                    size_t count, bool lost);
    void *context;
};

struct kafka_in;

MUST_CHECK bool kafka_in_open(const struct kafka_in_settings *settings,
                              struct kafka_in **ret_in, struct err *err);
/* Leaves the group; waits at most timeout_ms, then abandons the handle. */
void kafka_in_close(struct kafka_in *in, int timeout_ms);

/*
 * One message, or none within timeout_ms (record->handle is NULL then).
 * ERR_RETRY: brokers away (the consumer goes on trying by itself).
 * ERR_FATAL: "fenced_instance", "offset_out_of_range" (with topic, partition,
 * offset in the sentence), or what librdkafka calls fatal.
 */
MUST_CHECK bool kafka_in_poll(struct kafka_in *in, int timeout_ms,
                              struct kafka_record *record, struct err *err);
void kafka_record_free(struct kafka_record *record);

/* The i-th header; false behind the last. A null value is empty. */
bool kafka_header(const struct kafka_record *record, size_t i,
                  struct text *ret_name, struct text *ret_value);

/* Without a group: reads exactly these, from their offsets. */
MUST_CHECK bool kafka_in_assign(struct kafka_in *in,
                                const struct kafka_partition *list,
                                size_t count, struct err *err);
/* Drops what is queued and reads from .offset. Not from a callback. */
MUST_CHECK bool kafka_in_seek(struct kafka_in *in,
                              const struct kafka_partition *p,
                              struct err *err);
/* What is revoked is no longer paused when it comes back. */
MUST_CHECK bool kafka_in_pause(struct kafka_in *in,
                               const struct kafka_partition *list,
                               size_t count, bool paused, struct err *err);
/* For lag tools only; asynchronous, errors are ignored. */
void kafka_in_commit(struct kafka_in *in, const struct kafka_partition *list,
                     size_t count);
/* Asks the broker; ERR_RETRY when away. */
MUST_CHECK bool kafka_in_marks(struct kafka_in *in, const char *topic,
                               int32_t partition, int64_t *ret_low,
                               int64_t *ret_high, struct err *err);
/* The high mark as last heard with a fetch, without asking; -1 unknown. */
int64_t kafka_in_high(struct kafka_in *in, const char *topic,
                      int32_t partition);
MUST_CHECK bool kafka_in_partition_count(struct kafka_in *in,
                                         const char *topic,
                                         int32_t *ret_count,
                                         struct err *err);
/* Becomes readable when there may be something to poll (for an epoll loop). */
int kafka_in_fd(struct kafka_in *in);

#endif
