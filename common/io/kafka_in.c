/* kafka_in.c - a consumer whose offsets are ours. */
#include "common/io/kafka_in.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/kafka_conf.h"
#include "common/io/kafka_consumer.h"
#include "common/io/kafka_flow.h"

#define LEAST_POLL_INTERVAL_MS 60000
#define LOW_MESSAGES           500

/*
 * librdkafka 2.0.2 begins with its first partition whenever its queue has room
 * again, and each fetch brings one batch: the last partitions are not read at
 * all while the first have any, unless all find room. So the queue takes a
 * batch of each, beside what is left when the fetcher is woken. (It looks by
 * itself each second; who has read less by then, in full batches, still waits.)
 */
#define QUEUE_KBYTES 2560
static_assert(KAFKA_PARTITIONS_MOST * KAFKA_BATCH_BYTES < QUEUE_KBYTES * 1024,
              "a partition would wait until another is read");

static struct kafka_partition *
partitions_of(const rd_kafka_topic_partition_list_t *list)
{
    size_t count = (size_t)list->cnt;
    struct kafka_partition *ours = calloc(count + 1, sizeof(*ours));

    if (!ours)
        abort();
    for (size_t i = 0; i < count; i++) {
        snprintf(ours[i].topic, sizeof(ours[i].topic), "%s",
                 list->elems[i].topic);
        ours[i].partition = list->elems[i].partition;
        ours[i].offset = list->elems[i].offset;
    }
    return ours;
}

/* ---- what librdkafka tells, always from within kafka_in_poll ---- */

static void assign(struct kafka_in *in, rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t error = rd_kafka_assign(in->rk, list);

    in->holds = list && list->cnt > 0 && error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka_fail(in->rk, error, NULL, &in->heard);
}

static void take_over(struct kafka_in *in,
                      rd_kafka_topic_partition_list_t *list)
{
    struct kafka_partition *ours = partitions_of(list);

    if (in->settings.assigned(in->settings.context, ours, (size_t)list->cnt,
                              &in->heard)) {
        for (int i = 0; i < list->cnt; i++)
            list->elems[i].offset = ours[i].offset;
        assign(in, list);
    } else {
        assign(in, NULL);
    }
    free(ours);
}

static void hand_back(struct kafka_in *in,
                      rd_kafka_topic_partition_list_t *list)
{
    struct kafka_partition *ours = partitions_of(list);

    if (in->holds && in->settings.revoked)
        in->settings.revoked(in->settings.context, ours, (size_t)list->cnt,
                             rd_kafka_assignment_lost(in->rk));
    /* librdkafka would keep a pause for when the partition comes back. */
    rd_kafka_resume_partitions(in->rk, list);
    assign(in, NULL);
    free(ours);
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t error,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct kafka_in *in = opaque;

    (void)rk;
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        take_over(in, list);
    else
        hand_back(in, list);
    rd_kafka_yield(in->rk); /* the poll returns to say how it went */
}

/* One broker of several that is away is the library's business. */
static void on_error(rd_kafka_t *rk, int error, const char *reason,
                     void *opaque)
{
    struct kafka_in *in = opaque;

    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
        error == RD_KAFKA_RESP_ERR__FATAL ||
        error == RD_KAFKA_RESP_ERR__AUTHENTICATION)
        kafka_fail(rk, error, reason, &in->heard);
}

/* ---- opening and closing ---- */

static bool make_conf(const struct kafka_in_settings *s,
                      rd_kafka_conf_t **ret_conf, struct err *err)
{
    int64_t interval_ms = s->session_ms > LEAST_POLL_INTERVAL_MS
                              ? s->session_ms
                              : LEAST_POLL_INTERVAL_MS;
    const struct kafka_property all[] = {
        /* clang-format off */
        { "bootstrap.servers", s->brokers, 0 },
        { "client.id", s->instance ? s->instance : "baodao", 0 },
        /* Assigning by hand asks for a name too; no group comes to be. */
        { "group.id", s->group ? s->group : "baodao.reader", 0 },
        { "enable.auto.commit", "false", 0 },
        { "enable.auto.offset.store", "false", 0 },
        { "auto.offset.reset", "error", 0 },
        { "partition.assignment.strategy", "range", 0 },
        { "session.timeout.ms", NULL, s->session_ms },
        { "heartbeat.interval.ms", NULL, s->session_ms / 3 },
        { "max.poll.interval.ms", NULL, interval_ms },
        { "socket.nagle.disable", "true", 0 },
        /* A message of 500 bytes weighs three times that in here, and the
         * queue counts neither headers nor a fetch that is on its way. */
        { "queued.max.messages.kbytes", NULL, QUEUE_KBYTES },
        { "max.partition.fetch.bytes", "32768", 0 },
        { "fetch.min.bytes", "1", 0 },
        { "fetch.wait.max.ms", "100", 0 },
        { "enable.partition.eof", "false", 0 },
        { "check.crcs", "true", 0 },
        { "allow.auto.create.topics", "false", 0 },
        { "reconnect.backoff.max.ms", "1000", 0 },
        { "group.instance.id", s->instance, 0 },
        /* clang-format on */
    };
    size_t count = sizeof(all) / sizeof(all[0]);

    return kafka_conf(all, s->group && s->instance ? count : count - 1,
                      ret_conf, err);
}

static bool join(struct kafka_in *in, struct err *err)
{
    struct kafka_partition topic = { .partition = RD_KAFKA_PARTITION_UA };
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t error;

    snprintf(topic.topic, sizeof(topic.topic), "%s", in->settings.topic);
    list = kafka_list(&topic, 1);
    error = rd_kafka_subscribe(in->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ||
           kafka_fail(in->rk, error, NULL, err);
}

static bool start(struct kafka_in *in, struct err *err)
{
    rd_kafka_conf_t *conf;

    if (!make_conf(&in->settings, &conf, err))
        return false;
    rd_kafka_conf_set_opaque(conf, in);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    if (!kafka_client(RD_KAFKA_CONSUMER, conf, &in->rk, err))
        return false;
    rd_kafka_poll_set_consumer(in->rk);
    in->queue = rd_kafka_queue_get_consumer(in->rk);
    return !in->settings.group || join(in, err);
}

bool kafka_in_open(const struct kafka_in_settings *settings,
                   struct kafka_in **ret_in, struct err *err)
{
    struct kafka_in *in = calloc(1, sizeof(*in));

    if (!in)
        abort();
    in->settings = *settings;
    in->fd = -1;
    if (!start(in, err)) {
        kafka_in_close(in, 1000);
        return err_in(err, "opening the consumer");
    }
    *ret_in = in;
    return true;
}

/* Serves the closing; false when the time is over first. */
static bool leave(struct kafka_in *in, int timeout_ms)
{
    int64_t until_us = instant_monotonic() + timeout_ms * INT64_C(1000);
    rd_kafka_queue_t *last = rd_kafka_queue_new(in->rk);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(in->rk, last);

    while (!error && !rd_kafka_consumer_closed(in->rk) &&
           instant_monotonic() < until_us) {
        rd_kafka_message_t *m = rd_kafka_consume_queue(last, 50);

        if (m)
            rd_kafka_message_destroy(m);
    }
    rd_kafka_error_destroy(error);
    rd_kafka_queue_destroy(last);
    return rd_kafka_consumer_closed(in->rk);
}

static void *destroy(void *rk)
{
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return NULL;
}

/* It never comes back when a topic that was assigned has been deleted; then
 * its threads go with the process. */
static bool destroyed(rd_kafka_t *rk, int timeout_ms)
{
    struct timespec until;
    pthread_t thread;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000 + 1;
    if (pthread_create(&thread, NULL, destroy, rk) != 0)
        return false;
    if (pthread_timedjoin_np(thread, NULL, &until) == 0)
        return true;
    pthread_detach(thread);
    return false;
}

void kafka_in_close(struct kafka_in *in, int timeout_ms)
{
    if (!in)
        return;
    /* Its threads would use what we free: better lost than crashed. */
    if (in->rk && !leave(in, timeout_ms))
        return;
    if (in->queue)
        rd_kafka_queue_destroy(in->queue);
    if (in->rk && !destroyed(in->rk, timeout_ms))
        return;
    if (in->fd >= 0)
        close(in->fd);
    free(in);
}

/* ---- reading ---- */

static void fill(struct kafka_record *record, rd_kafka_message_t *m)
{
    rd_kafka_timestamp_type_t type;
    int64_t at_ms = rd_kafka_message_timestamp(m, &type);

    *record = (struct kafka_record){
        .handle = m,
        .topic = rd_kafka_topic_name(m->rkt),
        .partition = m->partition,
        .offset = m->offset,
        .at_us = at_ms * 1000,
        .append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
        .key = { m->key, m->key_len },
        .value = { m->payload, m->len },
    };
}

static bool fail_by_message(struct kafka_in *in, rd_kafka_message_t *m,
                            struct err *err)
{
    kafka_fail(in->rk, m->err, rd_kafka_message_errstr(m), err);
    if (m->rkt)
        err_in(err, "%s[%d] at %lld", rd_kafka_topic_name(m->rkt),
               (int)m->partition, (long long)m->offset);
    rd_kafka_message_destroy(m);
    return false;
}

/*
 * librdkafka stops fetching when the queue is full, and does not see for up to
 * a second that it is no longer (fetch.queue.backoff.ms came only later). Any
 * request wakes its thread; nobody waits for the answer of this one.
 */
static void keep_fetching(struct kafka_in *in)
{
    const struct rd_kafka_metadata *metadata;

    if (++in->unprompted < LOW_MESSAGES ||
        rd_kafka_queue_length(in->queue) > LOW_MESSAGES)
        return;
    in->unprompted = 0;
    if (rd_kafka_metadata(in->rk, 0, NULL, &metadata, 0) ==
        RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(metadata);
}

/*
 * The descriptor tells only of a queue that was empty. So it is drained when
 * nothing came, and set again when something came in just then.
 */
static rd_kafka_message_t *next(struct kafka_in *in, int timeout_ms)
{
    rd_kafka_message_t *m = rd_kafka_consumer_poll(in->rk, timeout_ms);

    if (m || in->fd < 0)
        return m;
    kafka_fd_drain(in->fd);
    m = rd_kafka_consumer_poll(in->rk, 0);
    if (m)
        kafka_fd_signal(in->fd);
    return m;
}

static bool tell(struct kafka_in *in, struct err *err)
{
    if (err)
        *err = in->heard;
    in->heard = (struct err){ 0 };
    return false;
}

/* A consumer that has failed for good says so once, and is silent then. */
static void hear_again(struct kafka_in *in)
{
    if (rd_kafka_fatal_error(in->rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka_fail(in->rk, RD_KAFKA_RESP_ERR__FATAL, NULL, &in->heard);
}

bool kafka_in_poll(struct kafka_in *in, int timeout_ms,
                   struct kafka_record *record, struct err *err)
{
    rd_kafka_message_t *m = NULL;

    if (in->heard.kind == ERR_NONE)
        m = next(in, timeout_ms);
    if (m && m->err)
        return fail_by_message(in, m, err);
    if (!m)
        hear_again(in);
    if (!m && in->heard.kind != ERR_NONE)
        return tell(in, err);
    *record = (struct kafka_record){ 0 };
    if (m) {
        fill(record, m);
        keep_fetching(in);
    }
    return true;
}

void kafka_record_free(struct kafka_record *record)
{
    if (record->handle)
        rd_kafka_message_destroy(record->handle);
    *record = (struct kafka_record){ 0 };
}

bool kafka_header(const struct kafka_record *record, size_t i,
                  struct text *ret_name, struct text *ret_value)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t size;

    if (rd_kafka_message_headers(record->handle, &headers) ||
        rd_kafka_header_get_all(headers, i, &name, &value, &size))
        return false;
    *ret_name = text_of(name);
    *ret_value = (struct text){ value, size };
    return true;
}
