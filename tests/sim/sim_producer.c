/* sim_producer.c - kafka_out.h: what a worker hands over is written later, in
 * order, and reported later still. */
#include <string.h>

#include "common/base/instant.h"
#include "common/io/kafka_out.h"
#include "tests/sim/world.h"

#define QUEUE_MOST 40
#define DEAD_US (3 * SECOND_US) /* a dead worker's messages come no later */

struct kafka_out {
    struct kafka_out_settings settings;
    struct producer *producer;
};

bool kafka_out_open(const struct kafka_out_settings *settings,
                    struct kafka_out **ret_out, struct err *err)
{
    struct kafka_out *out = give(sizeof(*out));

    (void)err;
    engine("kafka_out_open");
    out->settings = *settings;
    out->producer = give(sizeof(*out->producer));
    out->producer->life = world->self;
    out->producer->next = world->producers;
    world->producers = out->producer;
    *ret_out = out;
    return true;
}

static struct topic *topic_of(const char *name)
{
    for (int i = 0; i < TOPICS; i++)
        if (strcmp(world->topics[i].name, name) == 0)
            return &world->topics[i];
    broken("no topic %s", name);
    return NULL;
}

static struct record_in *copy(const struct kafka_out_message *m)
{
    struct record_in *r = give(sizeof(*r));

    r->key = keep(m->key);
    r->value = keep(m->value);
    r->headers = give(m->header_count * sizeof(*r->headers));
    r->header_count = m->header_count;
    for (size_t i = 0; i < m->header_count; i++) {
        r->headers[i].name = keep(text_of(m->headers[i].name));
        r->headers[i].value = keep(m->headers[i].value);
        if (text_is(r->headers[i].name, "ce_id"))
            r->id = r->headers[i].value;
        if (text_is(r->headers[i].name, "ce_type"))
            r->type = r->headers[i].value;
    }
    return r;
}

bool kafka_out_send(struct kafka_out *out,
                    const struct kafka_out_message *message, struct err *err)
{
    struct producer *p = out->producer;
    struct topic *t = topic_of(message->topic);
    struct outgoing *o;

    engine("kafka_out_send");
    if (p->fatal)
        return err_fatal(err, "_FATAL", "the producer has failed");
    if (p->waiting >= QUEUE_MOST || nth(NTH_KAFKA))
        return err_retry(err, "queue_full", "the queue is full");
    if (!t)
        return err_fatal(err, "sim", "no such topic");
    o = give(sizeof(*o));
    o->record = copy(message);
    o->topic = t;
    o->partition = kafka_partition_of(message->key, t->partitions);
    o->write_at_us = world->now_us + chance(3000);
    o->dies_at_us = world->now_us + DEAD_US;
    o->report_at_us = o->write_at_us + (chance(8) ? chance(2000)
                                                  : chance(900000));
    o->cookie = message->cookie;
    o->cookie2 = message->cookie2;
    if (p->last)
        p->last->next = o;
    else
        p->first = o;
    p->last = o;
    p->waiting++;
    return true;
}

int kafka_out_way(struct kafka_out *out, const char *topic, struct text key)
{
    struct topic *t = topic_of(topic);

    (void)out;
    return t ? (int)(t - world->topics) * PARTS_MAX +
                   kafka_partition_of(key, t->partitions)
             : 0;
}

bool kafka_out_way_is_full(struct kafka_out *out, int way)
{
    (void)out;
    (void)way;
    return chance(8) == 0;
}

/* Reports come in order of sending, as with an idempotent producer. */
static int report(struct kafka_out *out)
{
    struct producer *p = out->producer;
    struct err why = { 0 };
    int count = 0;

    err_fatal(&why, "_MSG_TIMED_OUT", "Kafka did not take it");
    while (p->first && p->first->written &&
           p->first->report_at_us <= world->now_us) {
        struct outgoing *o = p->first;

        p->first = o->next;
        if (!p->first)
            p->last = NULL;
        p->waiting--;
        count++;
        out->settings.delivered(out->settings.context,
                                &(struct kafka_out_report){
                                    .cookie = o->cookie,
                                    .cookie2 = o->cookie2,
                                    .partition = o->partition,
                                    .err = o->failed ? &why : NULL,
                                });
    }
    return count;
}

int kafka_out_poll(struct kafka_out *out, int timeout_ms)
{
    int count;

    engine("kafka_out_poll");
    count = report(out);
    if (count > 0 || timeout_ms == 0)
        return count;
    pass(timeout_ms * 1000);
    return report(out);
}

int kafka_out_hurry(struct kafka_out *out)
{
    return kafka_out_poll(out, 1);
}

void kafka_out_close(struct kafka_out *out, int timeout_ms)
{
    int64_t until_us = world->now_us + timeout_ms * 1000;

    while (out->producer->waiting > 0 && world->now_us < until_us)
        kafka_out_poll(out, 20);
    out->producer->orphan = true;
}

bool kafka_out_healthy(struct kafka_out *out, struct err *err)
{
    (void)out;
    (void)err;
    return true;
}

bool kafka_out_connected(struct kafka_out *out)
{
    (void)out;
    return true;
}

int kafka_out_waiting(struct kafka_out *out)
{
    return out->producer->waiting;
}
