/* kafka_topics.c - makes the topics of a cell and counts their partitions. */
#include <inttypes.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/kafka_conf.h"
#include "common/io/kafka_out.h"

#define CREATE_MS 10000
#define TOPICS_MAX 64
#define LONGEST "9223372036854775807"

struct wish {
    int replicas;
    bool test_clock;
    int64_t retention_ms;
};

/*
 * A test clock's messages are dated by the cell, not by the wall: the broker
 * must neither refuse nor delete them for it. With three replicas a write
 * counts when two have it.
 */
static void set_properties(rd_kafka_NewTopic_t *topic, const struct wish *wish)
{
    char retention[24];
    const char *const all[][2] = {
        { "message.timestamp.type",
          wish->test_clock ? "CreateTime" : "LogAppendTime" },
        { "retention.ms", retention },
        { "min.insync.replicas", wish->replicas > 2 ? "2" : "1" },
        { "message.timestamp.after.max.ms", LONGEST },
    };
    size_t count = sizeof(all) / sizeof(all[0]) - !wish->test_clock;

    snprintf(retention, sizeof(retention), "%" PRId64,
             wish->test_clock ? -1 : wish->retention_ms);
    for (size_t i = 0; i < count; i++)
        rd_kafka_NewTopic_set_config(topic, all[i][0], all[i][1]);
}

static bool made(rd_kafka_t *rk, const rd_kafka_topic_result_t *result,
                 struct err *err)
{
    rd_kafka_resp_err_t error = rd_kafka_topic_result_error(result);
    const char *said = rd_kafka_topic_result_error_string(result);

    if (error == RD_KAFKA_RESP_ERR_NO_ERROR ||
        error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return true;
    if (error == RD_KAFKA_RESP_ERR_INVALID_CONFIG ||
        error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR ||
        error == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
        err_fatal(err, "bad_topic", "%s", said);
    else
        kafka_fail(rk, error, said, err);
    return err_in(err, "making topic %s", rd_kafka_topic_result_name(result));
}

static bool all_made(rd_kafka_t *rk, rd_kafka_event_t *event, struct err *err)
{
    const rd_kafka_topic_result_t **results;
    size_t count;

    if (!event)
        return err_retry(err, "away", "no answer from Kafka");
    if (rd_kafka_event_error(event))
        return kafka_fail(rk, rd_kafka_event_error(event),
                          rd_kafka_event_error_string(event), err);
    results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++)
        if (!made(rk, results[i], err))
            return false;
    return true;
}

/* The controller's answer is on the queue's next event. */
static bool ask(rd_kafka_t *rk, rd_kafka_NewTopic_t **topics, size_t count,
                struct err *err)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_event_t *event;
    bool fine;

    rd_kafka_AdminOptions_set_request_timeout(options, CREATE_MS, NULL, 0);
    rd_kafka_CreateTopics(rk, topics, count, options, queue);
    event = rd_kafka_queue_poll(queue, CREATE_MS + 1000);
    fine = all_made(rk, event, err);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return fine;
}

static bool create(rd_kafka_t *rk, const struct kafka_topic *topics,
                   size_t count, const struct wish *wish, struct err *err)
{
    rd_kafka_NewTopic_t *news[TOPICS_MAX];
    char why[200];
    bool fine;

    if (count > TOPICS_MAX)
        return err_fatal(err, "too_many_topics", "%zu topics", count);
    for (size_t i = 0; i < count; i++) {
        news[i] = rd_kafka_NewTopic_new(topics[i].name, topics[i].partitions,
                                        wish->replicas, why, sizeof(why));
        if (!news[i]) {
            rd_kafka_NewTopic_destroy_array(news, i);
            return err_fatal(err, "bad_topic", "%s: %s", topics[i].name, why);
        }
        set_properties(news[i], wish);
    }
    fine = ask(rk, news, count, err);
    rd_kafka_NewTopic_destroy_array(news, count);
    return fine;
}

/* A new topic is known to all brokers only after a while. */
static bool check_count(rd_kafka_t *rk, const struct kafka_topic *topic,
                        struct err *err)
{
    int64_t until_us = instant_monotonic() + CREATE_MS * INT64_C(1000);
    int32_t partitions;

    while (!kafka_count_partitions(rk, topic->name, &partitions, err)) {
        if (err->kind != ERR_RETRY || instant_monotonic() > until_us)
            return false;
        usleep(20000);
    }
    if (partitions == topic->partitions)
        return true;
    return err_fatal(err, "partition_count",
                     "topic %s has %d partitions, not %d", topic->name,
                     (int)partitions, (int)topic->partitions);
}

static bool create_and_check(rd_kafka_t *rk, const struct kafka_topic *topics,
                             size_t count, const struct wish *wish,
                             struct err *err)
{
    struct err why;

    if (!create(rk, topics, count, wish, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!check_count(rk, &topics[i], &why)) {
            *err = why;
            return false;
        }
    }
    return true;
}

bool kafka_topics_create(const char *brokers, const struct kafka_topic *topics,
                         size_t count, int replicas, bool test_clock,
                         int64_t retention_ms, struct err *err)
{
    const struct kafka_property properties[] = {
        { "bootstrap.servers", brokers, 0 },
        { "client.id", "baodao-topics", 0 },
    };
    const struct wish wish = { replicas, test_clock, retention_ms };
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    bool fine;

    if (!kafka_conf(properties, 2, &conf, err))
        return false;
    if (!kafka_client(RD_KAFKA_PRODUCER, conf, &rk, err))
        return false;
    fine = create_and_check(rk, topics, count, &wish, err);
    rd_kafka_destroy(rk);
    return fine;
}
