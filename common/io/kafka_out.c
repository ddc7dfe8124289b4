/* kafka_out.c - a producer whose delivery reports are all accounted for. */
#include "common/io/kafka_out.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/kafka_conf.h"
#include "common/io/kafka_flow.h"

/* How soon kafka_out_connected hears of a change. */
#define STATE_EVERY_MS 500

/* More partitions of a topic share their ways. */
#define PARTITIONS_APART 256

/* The two words of a message on its way; librdkafka carries one pointer. */
struct cookie {
    uint64_t first, second;
    struct kafka_flow *flow; /* NULL: not counted */
    struct cookie *next_free;
};

#define COOKIES_IN_CHUNK 1000
struct chunk {
    struct chunk *next;
    struct cookie cookies[COOKIES_IN_CHUNK];
};

struct kafka_out {
    struct kafka_out_settings settings;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    int fd; /* -1 until somebody asks for it */
    bool connected, closing;
    int waiting;  /* sent, not yet reported */
    int reported; /* by the poll that is under way */
    struct cookie *free;
    struct chunk *chunks; /* owned */
    struct kafka_targets targets;
};

/* ---- cookies ---- */

static void add_chunk(struct kafka_out *out)
{
    struct chunk *c = calloc(1, sizeof(*c));

    if (!c)
        abort();
    c->next = out->chunks;
    out->chunks = c;
    for (size_t i = 0; i < COOKIES_IN_CHUNK; i++) {
        c->cookies[i].next_free = out->free;
        out->free = &c->cookies[i];
    }
}

static struct cookie *take_cookie(struct kafka_out *out)
{
    struct cookie *c;

    if (!out->free)
        add_chunk(out);
    c = out->free;
    out->free = c->next_free;
    return c;
}

static void give_cookie(struct kafka_out *out, struct cookie *c)
{
    c->next_free = out->free;
    out->free = c;
}

/* ---- what librdkafka tells, always from within a poll ---- */

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m,
                        void *opaque)
{
    struct kafka_out *out = opaque;
    struct cookie *c = m->_private;
    struct err err;
    struct kafka_out_report report = {
        .cookie = c->first,
        .cookie2 = c->second,
        .partition = m->partition,
        .offset = m->offset,
    };

    if (c->flow)
        c->flow->waiting--;
    give_cookie(out, c);
    out->waiting--;
    out->reported++;
    if (m->err) {
        kafka_fail(rk, m->err, NULL, &err);
        report.err = &err;
    }
    if (!out->closing)
        out->settings.delivered(out->settings.context, &report);
}

static void on_error(rd_kafka_t *rk, int error, const char *reason,
                     void *opaque)
{
    struct kafka_out *out = opaque;

    (void)rk;
    (void)reason;
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        out->connected = false;
}

/*
 * The state of connections is nowhere but in the statistics; librdkafka keeps
 * at least one connection up by itself. The JSON is not ours to parse: one
 * word of it tells.
 */
static int on_statistics(rd_kafka_t *rk, char *json, size_t size, void *opaque)
{
    static const char up[] = "\"state\":\"UP\"";
    struct kafka_out *out = opaque;

    (void)rk;
    out->connected = memmem(json, size, up, sizeof(up) - 1) != NULL;
    return 0;
}

/* ---- opening and closing ---- */

static bool make_conf(const struct kafka_out_settings *s,
                      rd_kafka_conf_t **ret_conf, struct err *err)
{
    const struct kafka_property all[] = {
        /* clang-format off */
        { "bootstrap.servers", s->brokers, 0 },
        { "client.id", "baodao", 0 },
        { "enable.idempotence", "true", 0 },
        { "acks", "all", 0 },
        { "partitioner", "murmur2", 0 },
        { "linger.ms", NULL, s->linger_ms },
        { "message.timeout.ms", NULL, s->message_timeout_ms },
        { "enable.gapless.guarantee",
          s->message_timeout_ms == 0 ? "true" : "false", 0 },
        { "queue.buffering.max.kbytes", NULL, s->queue_kbytes },
        { "queue.buffering.max.messages", NULL, s->queue_messages },
        { "compression.codec", "lz4", 0 },
        { "batch.size", NULL, KAFKA_BATCH_BYTES },
        { "socket.nagle.disable", "true", 0 },
        { "reconnect.backoff.max.ms", "1000", 0 },
        { "statistics.interval.ms", NULL, STATE_EVERY_MS },
        /* clang-format on */
    };

    return kafka_conf(all, sizeof(all) / sizeof(all[0]), ret_conf, err);
}

static bool start(struct kafka_out *out, struct err *err)
{
    rd_kafka_conf_t *conf;

    if (!make_conf(&out->settings, &conf, err))
        return false;
    rd_kafka_conf_set_opaque(conf, out);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_stats_cb(conf, on_statistics);
    if (!kafka_client(RD_KAFKA_PRODUCER, conf, &out->rk, err))
        return false;
    out->queue = rd_kafka_queue_get_main(out->rk);
    return true;
}

bool kafka_out_open(const struct kafka_out_settings *settings,
                    struct kafka_out **ret_out, struct err *err)
{
    struct kafka_out *out = calloc(1, sizeof(*out));

    if (!out)
        abort();
    out->settings = *settings;
    out->fd = -1;
    if (!start(out, err)) {
        kafka_out_close(out, 0);
        return err_in(err, "opening the producer");
    }
    *ret_out = out;
    return true;
}

static void wait_for_reports(struct kafka_out *out, int timeout_ms)
{
    int64_t until_us = instant_monotonic() + timeout_ms * INT64_C(1000);

    /* Flushing ends the linger. */
    while (out->waiting > 0 && instant_monotonic() < until_us)
        rd_kafka_flush(out->rk, 10);
    out->closing = true;
    rd_kafka_purge(out->rk, RD_KAFKA_PURGE_F_QUEUE |
                                RD_KAFKA_PURGE_F_INFLIGHT |
                                RD_KAFKA_PURGE_F_NON_BLOCKING);
}

void kafka_out_close(struct kafka_out *out, int timeout_ms)
{
    if (!out)
        return;
    if (out->rk) {
        wait_for_reports(out, timeout_ms);
        kafka_targets_close(&out->targets);
        rd_kafka_queue_destroy(out->queue);
        rd_kafka_destroy(out->rk);
    }
    if (out->fd >= 0)
        close(out->fd);
    while (out->chunks) {
        struct chunk *c = out->chunks;

        out->chunks = c->next;
        free(c);
    }
    free(out);
}

/* ---- sending ---- */

static void put_topic(const struct kafka_target *target, const char *name,
                      rd_kafka_vu_t *into)
{
    if (target) {
        into->vtype = RD_KAFKA_VTYPE_RKT;
        into->u.rkt = target->handle;
    } else {
        into->vtype = RD_KAFKA_VTYPE_TOPIC;
        into->u.cstr = name;
    }
}

/* Room for all of them at once. */
static rd_kafka_headers_t *headers_of(const struct kafka_out_message *m)
{
    rd_kafka_headers_t *all = rd_kafka_headers_new(m->header_count);

    for (size_t i = 0; i < m->header_count; i++)
        rd_kafka_header_add(all, m->headers[i].name, -1,
                            m->headers[i].value.bytes,
                            (ssize_t)m->headers[i].value.size);
    return all;
}

static size_t describe(const struct kafka_target *target,
                       const struct kafka_out_message *m, struct cookie *c,
                       rd_kafka_headers_t *headers, rd_kafka_vu_t *into)
{
    size_t n = 0;

    put_topic(target, m->topic, &into[n++]);
    into[n].vtype = RD_KAFKA_VTYPE_PARTITION;
    into[n++].u.i32 = m->partition;
    into[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    into[n++].u.i = RD_KAFKA_MSG_F_COPY;
    into[n].vtype = RD_KAFKA_VTYPE_KEY;
    into[n].u.mem.ptr = (void *)m->key.bytes;
    into[n++].u.mem.size = m->key.size;
    into[n].vtype = RD_KAFKA_VTYPE_VALUE;
    into[n].u.mem.ptr = (void *)m->value.bytes;
    into[n++].u.mem.size = m->value.size;
    into[n].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    into[n++].u.i64 = m->at_us / 1000;
    into[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
    into[n++].u.ptr = c;
    into[n].vtype = RD_KAFKA_VTYPE_HEADERS;
    into[n++].u.headers = headers;
    return n;
}

bool kafka_out_send(struct kafka_out *out,
                    const struct kafka_out_message *message, struct err *err)
{
    const struct kafka_target *target = kafka_target_of(
        &out->targets, out->rk, message->topic, out->settings.bursts);
    struct kafka_flow *flow =
        target ? kafka_flow_of(target, message->partition, message->key)
               : NULL;
    rd_kafka_headers_t *headers;
    rd_kafka_vu_t words[8];
    rd_kafka_error_t *failed;
    struct cookie *c;

    if (flow && out->settings.bursts && !kafka_flow_take(flow, message) &&
        !message->urgent)
        return err_retry(err, "burst", "a burst is on its way");
    headers = headers_of(message);
    c = take_cookie(out);
    *c = (struct cookie){ message->cookie, message->cookie2, flow, NULL };
    failed = rd_kafka_produceva(out->rk, words,
                                describe(target, message, c, headers, words));
    if (!failed) {
        out->waiting++;
        if (flow)
            flow->waiting++;
        return true;
    }
    rd_kafka_headers_destroy(headers);
    give_cookie(out, c);
    /* After a fatal error the library repeats that error's own code here. */
    if (kafka_out_healthy(out, err))
        kafka_fail(out->rk, rd_kafka_error_code(failed),
                   rd_kafka_error_string(failed), err);
    rd_kafka_error_destroy(failed);
    return err_in(err, "sending to %s", message->topic);
}

static_assert(KAFKA_TARGETS_MAX * PARTITIONS_APART == KAFKA_WAYS,
              "a number for each way");

int kafka_out_way(struct kafka_out *out, const char *topic, struct text key)
{
    const struct kafka_target *t =
        kafka_target_of(&out->targets, out->rk, topic, false);

    if (!t)
        return 0;
    return (int)((t - out->targets.targets) * PARTITIONS_APART +
                 (kafka_flow_of(t, -1, key) - t->flows) % PARTITIONS_APART);
}

bool kafka_out_way_is_full(struct kafka_out *out, int way)
{
    const struct kafka_target *t =
        &out->targets.targets[way / PARTITIONS_APART];
    int partition = way % PARTITIONS_APART;

    return out->settings.bursts && partition < t->partitions &&
           kafka_flow_is_full(&t->flows[partition]);
}

int kafka_out_poll(struct kafka_out *out, int timeout_ms)
{
    out->reported = 0;
    kafka_fd_drain(out->fd); /* first: what comes later sets it again */
    rd_kafka_poll(out->rk, timeout_ms);
    return out->reported;
}

/* librdkafka counts 2 ms, less what has passed, as one. */
int kafka_out_hurry(struct kafka_out *out)
{
    out->reported = 0;
    rd_kafka_flush(out->rk, 2);
    return out->reported;
}

bool kafka_out_healthy(struct kafka_out *out, struct err *err)
{
    if (rd_kafka_fatal_error(out->rk, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    return kafka_fail(out->rk, RD_KAFKA_RESP_ERR__FATAL, NULL, err);
}

bool kafka_out_connected(struct kafka_out *out)
{
    return out->connected;
}

int kafka_out_waiting(struct kafka_out *out)
{
    return out->waiting;
}

int kafka_out_fd(struct kafka_out *out)
{
    if (out->fd < 0)
        out->fd = kafka_fd_open(out->queue);
    return out->fd;
}

int32_t kafka_partition_of(struct text key, int32_t partition_count)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key.bytes, key.size,
                                            partition_count, NULL, NULL);
}
