/*
 * kafka_admin.h - what an operator asks of Kafka: who leads which partition,
 * how topics are set, and where a group of readers stands.
 *
 * Everything blocks, at most ten seconds a question.
 */
#ifndef BAODAO_IO_KAFKA_ADMIN_H
#define BAODAO_IO_KAFKA_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

struct kafka_admin;

/* Does not wait for a broker. */
MUST_CHECK bool kafka_admin_open(const char *brokers,
                                 struct kafka_admin **ret_admin,
                                 struct err *err);
void kafka_admin_close(struct kafka_admin *a);

/* ---- topics ---- */

struct kafka_topic_state {
    char name[96];      /* the caller's */
    int32_t partitions; /* 0: there is no such topic */
    int32_t offline;    /* partitions without a leader */
    int32_t behind;     /* partitions with fewer in sync than replicas */
    char timestamps[24]; /* "LogAppendTime"; "" until it was asked for */
    int64_t retention_ms; /* -1: for ever */
};

/* Asks for the partitions; *ret_brokers is how many are up. ERR_RETRY "away"
 * when no broker answers within timeout_ms. */
MUST_CHECK bool kafka_admin_topics(struct kafka_admin *a,
                                   struct kafka_topic_state *topics,
                                   size_t count, int timeout_ms,
                                   int *ret_brokers, struct err *err);
/* Asks for timestamps and retention of the topics that there are. */
MUST_CHECK bool kafka_admin_configs(struct kafka_admin *a,
                                    struct kafka_topic_state *topics,
                                    size_t count, struct err *err);

/* ---- groups of readers ---- */

/* How many members the group has at present; 0 too when there is no group. */
MUST_CHECK bool kafka_admin_members(struct kafka_admin *a, const char *group,
                                    size_t *ret_count, struct err *err);
/* What the group has committed for partitions 0…count-1; -1: nothing. */
MUST_CHECK bool kafka_admin_committed(struct kafka_admin *a, const char *group,
                                      const char *topic, int64_t *offsets,
                                      size_t count, struct err *err);
/* The first offset of each partition at or after an instant; the end where
 * none is. */
MUST_CHECK bool kafka_admin_at(struct kafka_admin *a, const char *topic,
                               int64_t at_us, int64_t *offsets, size_t count,
                               struct err *err);
/* The first and the end offset of a partition. */
MUST_CHECK bool kafka_admin_marks(struct kafka_admin *a, const char *topic,
                                  int32_t partition, int64_t *ret_low,
                                  int64_t *ret_high, struct err *err);
/* Commits in the group's name; -1: that partition stays. Kafka refuses while
 * the group has members. */
MUST_CHECK bool kafka_admin_commit(struct kafka_admin *a, const char *group,
                                   const char *topic, const int64_t *offsets,
                                   size_t count, struct err *err);

#endif
