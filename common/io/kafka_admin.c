/* kafka_admin.c - an operator's questions to Kafka: topics. */
#include "common/io/kafka_admin.h"

#include <stdlib.h>
#include <string.h>

#include "common/io/kafka_ask.h"

bool kafka_admin_open(const char *brokers, struct kafka_admin **ret_admin,
                      struct err *err)
{
    const struct kafka_property properties[] = {
        { "bootstrap.servers", brokers, 0 },
        { "client.id", "baodao-admin", 0 },
    };
    struct kafka_admin *a;
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;

    if (!kafka_conf(properties, COUNT_OF(properties), &conf, err) ||
        !kafka_client(RD_KAFKA_PRODUCER, conf, &rk, err))
        return false;
    a = calloc(1, sizeof(*a));
    if (!a)
        abort();
    a->rk = rk;
    a->queue = rd_kafka_queue_new(rk);
    *ret_admin = a;
    return true;
}

void kafka_admin_close(struct kafka_admin *a)
{
    if (!a)
        return;
    rd_kafka_queue_destroy(a->queue);
    rd_kafka_destroy(a->rk);
    free(a);
}

rd_kafka_event_t *kafka_ask_event(struct kafka_admin *a, struct err *err)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(a->queue, KAFKA_ASK_MS);

    if (!event) {
        err_retry(err, "away", "no answer from Kafka");
        return NULL;
    }
    if (!rd_kafka_event_error(event))
        return event;
    kafka_fail(a->rk, rd_kafka_event_error(event),
               rd_kafka_event_error_string(event), err);
    rd_kafka_event_destroy(event);
    return NULL;
}

/* ---- partitions ---- */

static void take_topic(struct kafka_topic_state *t,
                       const rd_kafka_metadata_topic_t *found)
{
    t->partitions = found->err ? 0 : found->partition_cnt;
    t->offline = t->behind = 0;
    for (int i = 0; i < found->partition_cnt; i++) {
        const rd_kafka_metadata_partition_t *p = &found->partitions[i];

        t->offline += p->leader < 0;
        t->behind += p->isr_cnt < p->replica_cnt;
    }
}

bool kafka_admin_topics(struct kafka_admin *a,
                        struct kafka_topic_state *topics, size_t count,
                        int timeout_ms, int *ret_brokers, struct err *err)
{
    const rd_kafka_metadata_t *all;
    rd_kafka_resp_err_t error =
        rd_kafka_metadata(a->rk, 1, NULL, &all, timeout_ms);

    if (error)
        return kafka_fail(a->rk, error, NULL, err);
    *ret_brokers = all->broker_cnt;
    for (size_t i = 0; i < count; i++) {
        topics[i].partitions = topics[i].offline = topics[i].behind = 0;
        for (int t = 0; t < all->topic_cnt; t++)
            if (strcmp(all->topics[t].topic, topics[i].name) == 0)
                take_topic(&topics[i], &all->topics[t]);
    }
    rd_kafka_metadata_destroy(all);
    return true;
}

/* ---- settings ---- */

static void take_settings(struct kafka_topic_state *t,
                          const rd_kafka_ConfigResource_t *found)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries =
        rd_kafka_ConfigResource_configs(found, &count);

    for (size_t i = 0; i < count; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]);
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);

        if (!value)
            continue;
        if (strcmp(name, "message.timestamp.type") == 0)
            snprintf(t->timestamps, sizeof(t->timestamps), "%s", value);
        if (strcmp(name, "retention.ms") == 0)
            t->retention_ms = strtoll(value, NULL, 10);
    }
}

static bool take_configs(struct kafka_admin *a, rd_kafka_event_t *event,
                         struct kafka_topic_state *topics, size_t count,
                         struct err *err)
{
    size_t found;
    const rd_kafka_ConfigResource_t **all =
        rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &found);

    for (size_t i = 0; i < found; i++) {
        rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(all[i]);

        if (error)
            return kafka_fail(a->rk, error,
                              rd_kafka_ConfigResource_error_string(all[i]),
                              err);
        for (size_t t = 0; t < count; t++)
            if (strcmp(topics[t].name,
                       rd_kafka_ConfigResource_name(all[i])) == 0)
                take_settings(&topics[t], all[i]);
    }
    return true;
}

bool kafka_admin_configs(struct kafka_admin *a,
                         struct kafka_topic_state *topics, size_t count,
                         struct err *err)
{
    rd_kafka_ConfigResource_t **asked = calloc(count + 1, sizeof(*asked));
    rd_kafka_event_t *event;
    size_t there = 0;
    bool fine;

    if (!asked)
        abort();
    for (size_t i = 0; i < count; i++)
        if (topics[i].partitions > 0)
            asked[there++] = rd_kafka_ConfigResource_new(
                RD_KAFKA_RESOURCE_TOPIC, topics[i].name);
    if (there > 0)
        rd_kafka_DescribeConfigs(a->rk, asked, there, NULL, a->queue);
    rd_kafka_ConfigResource_destroy_array(asked, there);
    free(asked);
    if (there == 0)
        return true;
    event = kafka_ask_event(a, err);
    if (!event)
        return false;
    fine = take_configs(a, event, topics, count, err);
    rd_kafka_event_destroy(event);
    return fine;
}
