/*
 * publish.c - what was committed goes to Kafka, from memory; and how far
 * Kafka has acknowledged it, without a gap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/supervise.h"
#include "common/work/worker.h"

#define FULL_WAIT_MS 20
#define SMALL 50 /* messages: what is wanted for them is there at once */

/* ---- acknowledgements: a ring of flags behind `published` ---- */

static void ring_grow(struct partition *p, int64_t need)
{
    size_t room = p->acked_room ? p->acked_room : 1024;
    uint8_t *bigger;

    while ((int64_t)room <= need)
        room *= 2;
    if (room == p->acked_room)
        return;
    bigger = calloc(room, 1);
    if (!bigger)
        abort();
    for (size_t i = 0; i < p->acked_room; i++) {
        int64_t seq = p->published + 1 + (int64_t)i;

        bigger[(size_t)seq & (room - 1)] =
            p->acked[(size_t)seq & (p->acked_room - 1)];
    }
    free(p->acked);
    p->acked = bigger;
    p->acked_room = room;
}

void partition_ack(struct partition *p, int64_t seq)
{
    if (seq <= p->published)
        return;
    ring_grow(p, seq - p->published);
    p->acked[(size_t)seq & (p->acked_room - 1)] = 1;
    while (p->acked[(size_t)(p->published + 1) & (p->acked_room - 1)]) {
        p->acked[(size_t)(p->published + 1) & (p->acked_room - 1)] = 0;
        p->published++;
    }
}

void partition_acked_until(struct partition *p, int64_t seq)
{
    if (p->acked)
        memset(p->acked, 0, p->acked_room);
    p->published = seq;
    p->marked = seq;
}

void partition_free(struct partition *p)
{
    free(p->acked);
    free(p->skips);
    free(p);
}

/* The cookie names partition and epoch: a report for a partition that was
 * lost in between is nobody's. A cookie of 0 is no row of the log. */
static uint64_t cookie_of(const struct partition *p)
{
    return (uint64_t)p->epoch << 16 | (uint64_t)(p->number + 1);
}

void delivered(void *context, const struct kafka_out_report *report)
{
    struct worker *w = context;
    int32_t number = (int32_t)(report->cookie & 0xffff) - 1;
    struct partition *p =
        number >= 0 && number < PARTITIONS_MAX ? w->partitions[number] : NULL;

    w->unpublished--;
    probe_back(w, report->cookie, (int64_t)report->cookie2);
    if (report->err) {
        if (w->failed.kind == ERR_NONE && report->cookie != 0)
            w->failed = *report->err;
        return;
    }
    metric_add(&metrics.published, 1);
    if (p && cookie_of(p) == report->cookie)
        partition_ack(p, (int64_t)report->cookie2);
}

/* ---- sending ---- */

#define HEADERS_MAX 16

struct headers {
    struct kafka_out_header list[HEADERS_MAX];
    size_t count;
};

static void header(struct headers *h, const char *name, struct text value)
{
    if (value.size > 0)
        h->list[h->count++] = (struct kafka_out_header){ name, value };
}

bool publish_wait(struct worker *w, struct err *err)
{
    /* Back-pressure: the group must still hear from us. */
    if (kafka_out_hurry(w->out) == 0)
        kafka_out_poll(w->out, FULL_WAIT_MS);
    side_alive(w->side);
    if (w->failed.kind != ERR_NONE || supervise_stopping())
        return err_fatal(err, "unpublished",
                         "Kafka takes nothing; what is committed is published "
                         "at the next start");
    return true;
}

static bool send(struct worker *w, const struct kafka_out_message *message,
                 struct err *err)
{
    if (!kafka_out_send(w->out, message, err))
        return false;
    w->unpublished++;
    return true;
}

/* With the cell's prefix. */
static void topic_name(const struct worker *w, struct text topic,
                       char into[TOPIC_SIZE])
{
    text_join(into, TOPIC_SIZE,
              (const struct text[]){ text_of(w->set.cell), TEXT("."), topic },
              3);
}

bool publish_record(struct worker *w, const struct record *r,
                    const struct partition *p, struct err *err)
{
    char id[UUID_TEXT_SIZE], cause[UUID_TEXT_SIZE], topic[TOPIC_SIZE];
    char digest[DIGEST_HEX_SIZE], time[INSTANT_TEXT_SIZE], source[48];
    char version[INT_TEXT_SIZE];
    const struct text cell = text_of(w->set.cell);
    struct headers h = { .count = 0 };

    uuid_print(&r->id, id);
    uuid_print(&r->cause, cause);
    digest_print(&r->digest, digest);
    instant_print(r->at_us, time);
    topic_name(w, r->topic, topic);
    header(&h, "ce_specversion", TEXT("1.0"));
    header(&h, "ce_id", text_of(id));
    header(&h, "ce_type", r->type);
    header(&h, "ce_source",
           text_join(source, sizeof(source),
                     (const struct text[]){ TEXT("/"), cell, TEXT("/"),
                                            text_of(r->service) },
                     4));
    header(&h, "ce_subject", r->subject);
    header(&h, "ce_time", text_of(time));
    header(&h, "ce_cause", text_of(cause));
    header(&h, "ce_actor", r->actor);
    header(&h, "ce_scope", r->scope);
    header(&h, "ce_reply", r->reply);
    header(&h, "ce_digest", text_of(digest));
    header(&h, "ce_holders", r->holders);
    header(&h, "traceparent", r->trace);
    header(&h, "content-type", TEXT("application/json"));
    if (r->version > 0)
        header(&h, "ce_sequence", int_print(r->version, version));
    probe_send(w, cookie_of(p), r->seq);
    return send(
        w,
        &(struct kafka_out_message){
            .topic = topic,
            .partition = -1,
            .key = r->key,
            .value = r->data,
            .headers = h.list,
            .header_count = h.count,
            .at_us = w->test_clock ? r->at_us : 0,
            .cookie = cookie_of(p),
            .cookie2 = (uint64_t)r->seq,
        },
        err);
}

/* ---- a batch's records, by their ways ---- */

/*
 * A partition takes so much at a time (kafka_flow.h): so each gets its records
 * in a row, and none waits for another.
 */
static void find_ways(struct worker *w, struct batch *b)
{
    static struct way *way_of[KAFKA_WAYS];
    char topic[TOPIC_SIZE];

    b->ways = arena_array(&b->arena, b->record_count, sizeof(*b->ways));
    for (size_t i = 0; i < b->record_count; i++) {
        struct record *r = &b->records[i];
        int number = 0;
        struct way **way;

        if (r->topic.size > 0) {
            topic_name(w, r->topic, topic);
            number = kafka_out_way(w->out, topic, r->key);
        }
        way = &way_of[number];
        if (!*way) {
            *way = &b->ways[b->way_count++];
            **way = (struct way){ number, r, r };
        } else {
            (*way)->last->next = r;
            (*way)->last = r;
        }
    }
    for (size_t i = 0; i < b->way_count; i++)
        way_of[b->ways[i].number] = NULL;
}

/* False: it has to wait, or (ERR_FATAL) is not to be said at all. */
static bool publish_one(struct worker *w, const struct record *r,
                        struct err *err)
{
    struct partition *p = w->partitions[r->partition];

    if (p && (r->topic.size == 0 || w->replay))
        partition_ack(p, r->seq);
    else if (p && !publish_record(w, r, p, err))
        return false;
    return true;
}

bool publish(struct worker *w, struct batch *b, size_t most, struct err *err)
{
    if (!b->ways)
        find_ways(w, b);
    for (size_t i = 0; i < b->way_count; i++) {
        struct way *way = &b->ways[i];

        while (way->first && most > 0 &&
               !kafka_out_way_is_full(w->out, way->number)) {
            if (!publish_one(w, way->first, err))
                return err->kind == ERR_RETRY;
            way->first = way->first->next;
            b->said_count++;
            most--;
        }
    }
    return true;
}

/* ---- what was committed is said ---- */

static bool may_be_said(struct worker *w, struct batch *b, bool wait)
{
    if (!b->may_be_said)
        b->may_be_said = !w->service->after_commit || w->replay ||
                         w->service->after_commit(b, wait);
    return b->may_be_said;
}

static bool say_some(struct worker *w, size_t most, bool *ret_moved,
                     struct err *err)
{
    struct batch *b = w->saying;
    size_t before = b->said_count;

    if (!may_be_said(w, b, most == SIZE_MAX || b->count <= SMALL))
        return true;
    if (w->unsaid)
        (void)may_be_said(w, w->unsaid, false);
    if (!publish(w, b, most, err))
        return false;
    *ret_moved = b->said_count > before;
    if (b->said_count == b->record_count) {
        w->saying = w->unsaid;
        w->unsaid = NULL;
        free_batch(w, b);
    }
    return true;
}

bool say(struct worker *w, size_t most, bool *ret_moved,
                struct err *err)
{
    int64_t began_us = instant_monotonic();
    bool ok;

    *ret_moved = false;
    ok = !w->saying || say_some(w, most, ret_moved, err);
    metric_add(&metrics.us_publish, instant_monotonic() - began_us);
    return ok;
}

bool say_all(struct worker *w, struct batch *const *of, struct err *err)
{
    while (*of) {
        bool moved;

        if (!say(w, SIZE_MAX, &moved, err) ||
            (w->saying && !moved && !publish_wait(w, err)))
            return false;
    }
    return true;
}

bool worker_send(const char *topic, struct text key, const char *type,
                 const struct uuid *id, struct text subject, struct text data,
                 struct err *err)
{
    struct worker *w = the_worker;
    char id_text[UUID_TEXT_SIZE], name[TOPIC_SIZE], actor[40];
    char time[INSTANT_TEXT_SIZE];
    int64_t now_us = worker_now();
    struct headers h = { .count = 0 };

    uuid_print(id, id_text);
    instant_print(now_us, time);
    snprintf(name, sizeof(name), "%s.%s", w->set.cell, topic);
    snprintf(actor, sizeof(actor), "worker/%s/", w->service->name);
    header(&h, "ce_specversion", TEXT("1.0"));
    header(&h, "ce_id", text_of(id_text));
    header(&h, "ce_type", text_of(type));
    header(&h, "ce_source", text_of(actor));
    header(&h, "ce_subject", subject);
    header(&h, "ce_time", text_of(time));
    header(&h, "ce_actor", text_of(actor));
    header(&h, "content-type", TEXT("application/json"));
    return send(w,
                &(struct kafka_out_message){
                    .topic = name,
                    .partition = -1,
                    .key = key,
                    .value = data,
                    .headers = h.list,
                    .header_count = h.count,
                    .at_us = w->test_clock ? now_us : 0,
                    .urgent = true,
                },
                err);
}
