/* kafka_flow.c - what a producer has on its way, by topic and partition. */
#include "common/io/kafka_flow.h"

#include <stdlib.h>
#include <string.h>

#define ASK_MS         500
#define BURST_BYTES    (KAFKA_BATCH_BYTES * 7 / 8)
#define BURST_OVER     5  /* so few on their way stop nobody */
#define OVERHEAD_BYTES 16 /* of a message, and of a header, at most */

static int32_t ask_partitions(rd_kafka_t *rk, rd_kafka_topic_t *handle)
{
    const struct rd_kafka_metadata *found;
    int32_t count = 0;

    if (rd_kafka_metadata(rk, 0, handle, &found, ASK_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    if (found->topic_cnt == 1)
        count = found->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(found);
    return count;
}

/* Nothing is on its way: nobody points to the flows. */
static void make_flows(struct kafka_target *t, rd_kafka_t *rk, bool ask)
{
    t->partitions = ask ? ask_partitions(rk, t->handle) : 0;
    free(t->flows);
    t->flows = calloc(t->partitions > 0 ? (size_t)t->partitions : 1,
                      sizeof(*t->flows));
    if (!t->flows)
        abort();
}

static struct kafka_target *add_target(struct kafka_targets *all,
                                       rd_kafka_t *rk, const char *name,
                                       bool ask)
{
    struct kafka_target *t = &all->targets[all->count];

    if (all->count == KAFKA_TARGETS_MAX ||
        !text_copy(text_of(name), t->name, sizeof(t->name)) ||
        !(t->handle = rd_kafka_topic_new(rk, name, NULL)))
        return NULL;
    all->count++;
    make_flows(t, rk, ask);
    return t;
}

/* The library's own search by name costs more. */
struct kafka_target *kafka_target_of(struct kafka_targets *all,
                                     rd_kafka_t *rk, const char *name,
                                     bool ask)
{
    struct kafka_target *t = all->targets, *end = t + all->count;

    while (t < end && strcmp(t->name, name) != 0)
        t++;
    if (t == end)
        return add_target(all, rk, name, ask);
    if (ask && t->partitions == 0 && t->flows->waiting == 0)
        make_flows(t, rk, ask);
    return t;
}

struct kafka_flow *kafka_flow_of(const struct kafka_target *target,
                                 int32_t partition, struct text key)
{
    if (target->partitions <= 1 || partition >= target->partitions)
        return target->flows;
    if (partition < 0)
        partition = kafka_partition_of(key, target->partitions);
    return &target->flows[partition];
}

static size_t weight(const struct kafka_out_message *m)
{
    size_t bytes = OVERHEAD_BYTES + m->key.size + m->value.size;

    for (size_t i = 0; i < m->header_count; i++)
        bytes += OVERHEAD_BYTES + strlen(m->headers[i].name) +
                 m->headers[i].value.size;
    return bytes;
}

bool kafka_flow_is_full(struct kafka_flow *flow)
{
    if (flow->waiting < BURST_OVER)
        flow->burst = 0;
    return flow->burst >= BURST_BYTES;
}

bool kafka_flow_take(struct kafka_flow *flow,
                     const struct kafka_out_message *message)
{
    if (kafka_flow_is_full(flow))
        return false;
    flow->burst += weight(message);
    return true;
}

void kafka_targets_close(struct kafka_targets *all)
{
    for (size_t i = 0; i < all->count; i++) {
        rd_kafka_topic_destroy(all->targets[i].handle);
        free(all->targets[i].flows);
    }
}
