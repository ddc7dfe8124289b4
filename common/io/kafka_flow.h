/*
 * kafka_flow.h - what a producer has on its way, by topic and partition.
 *
 * While a message that is older than its linger waits in a partition that has
 * five others on their way, librdkafka 2.0.2 polls without a pause (it takes
 * messages for requests there); seen, two thirds of a worker's processor time.
 * So messages go to a partition in bursts that fit into one batch, and the
 * next burst when this one is acknowledged.
 */
#ifndef BAODAO_IO_KAFKA_FLOW_H
#define BAODAO_IO_KAFKA_FLOW_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/io/kafka_out.h"

/* A broker never cuts a batch: the larger, the more a reader must hold
 * (kafka_in.c); the smaller, the more often a partition waits for its answer. */
#define KAFKA_BATCH_BYTES 262144

struct kafka_flow {
    int waiting;  /* sent, not yet reported */
    size_t burst; /* bytes sent since the last burst was over */
};

struct kafka_target {
    char name[96];
    rd_kafka_topic_t *handle; /* owned */
    struct kafka_flow *flows; /* owned; one at least */
    int32_t partitions;       /* 0: not known, one flow for all */
};

#define KAFKA_TARGETS_MAX 16

struct kafka_targets {
    struct kafka_target targets[KAFKA_TARGETS_MAX];
    size_t count;
};

/* ask: how many partitions a topic has that is new to us, for half a second at
 * most. NULL: too many are kept already, or its name is none for a topic. */
struct kafka_target *kafka_target_of(struct kafka_targets *all,
                                     rd_kafka_t *rk, const char *name,
                                     bool ask);
struct kafka_flow *kafka_flow_of(const struct kafka_target *target,
                                 int32_t partition, struct text key);
/* The burst of this one is out. */
bool kafka_flow_is_full(struct kafka_flow *flow);

/* Whether the message can go with this burst; if so it is counted in. */
bool kafka_flow_take(struct kafka_flow *flow,
                     const struct kafka_out_message *message);
void kafka_targets_close(struct kafka_targets *all);

#endif
