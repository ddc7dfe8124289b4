/* gather.c - single polls into batches; what a batch gives back. */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/work/worker.h"

/* ---- backlog ---- */

static struct kafka_record *backlog_at(struct backlog *l, size_t i)
{
    return &l->items[(l->head + i) & (l->room - 1)];
}

static void backlog_grow(struct backlog *l)
{
    size_t room = l->room ? 2 * l->room : 1024;
    struct kafka_record *bigger = calloc(room, sizeof(*bigger));

    if (!bigger)
        abort();
    for (size_t i = 0; i < l->count; i++)
        bigger[i] = *backlog_at(l, i);
    free(l->items);
    l->items = bigger;
    l->head = 0;
    l->room = room;
}

static void backlog_push_front(struct backlog *l, struct kafka_record *record)
{
    if (l->count == l->room)
        backlog_grow(l);
    l->head = (l->head - 1) & (l->room - 1);
    l->items[l->head] = *record;
    l->count++;
    memset(record, 0, sizeof(*record));
}

static bool backlog_pop(struct backlog *l, struct kafka_record *ret_record)
{
    if (l->count == 0)
        return false;
    *ret_record = l->items[l->head];
    l->head = (l->head + 1) & (l->room - 1);
    l->count--;
    return true;
}

bool poll_only(struct worker *w, int timeout_ms, struct err *err)
{
    struct backlog *l = &w->backlog;
    struct kafka_record record = { 0 };

    if (!kafka_in_poll(w->in, timeout_ms, &record, err))
        return false;
    if (!record.handle)
        return true;
    if (l->count == l->room)
        backlog_grow(l);
    *backlog_at(l, l->count++) = record;
    return true;
}

void backlog_clear(struct worker *w)
{
    struct kafka_record record;

    while (backlog_pop(&w->backlog, &record))
        kafka_record_free(&record);
}

void backlog_prune(struct worker *w)
{
    struct backlog *l = &w->backlog;
    size_t count = l->count;

    for (size_t i = 0; i < count; i++) {
        struct kafka_record record;
        const struct partition *p;

        backlog_pop(l, &record);
        p = w->partitions[record.partition];
        if (!p || record.offset < p->now.next_offset) {
            kafka_record_free(&record);
            continue;
        }
        *backlog_at(l, l->count++) = record;
    }
}

void backlog_cut(struct worker *w, int32_t number, int64_t offset)
{
    struct backlog *l = &w->backlog;
    size_t count = l->count;

    for (size_t i = 0; i < count; i++) {
        struct kafka_record record;

        backlog_pop(l, &record);
        if (record.partition == number && record.offset >= offset)
            kafka_record_free(&record);
        else
            *backlog_at(l, l->count++) = record;
    }
}

/* ---- giving back ---- */

static void give_back(struct worker *w, struct batch *b)
{
    if (!b)
        return;
    for (size_t i = b == w->saying ? 0 : b->count; i-- > 0;)
        backlog_push_front(&w->backlog, &b->messages[i].record);
    if (b != w->saying)
        b->count = 0;
    batch_reset(b);
}

void put_back(struct worker *w)
{
    give_back(w, w->ahead);
    give_back(w, w->loaded);
    give_back(w, w->decided);
    w->saying = NULL; /* publish_rest() says it */
    for (size_t i = 0; i < w->held; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        p->now = p->kept;
        p->gathered_offset = p->kept.next_offset;
        p->gathered_at_us = p->kept.at_us;
    }
}

/* ---- gathering ---- */

/* The next message of a partition of ours that has not been taken yet. */
static bool next_record(struct worker *w, int timeout_ms,
                        struct kafka_record *ret_record, struct err *err)
{
    struct partition *p;

    for (;;) {
        if (!backlog_pop(&w->backlog, ret_record) &&
            !kafka_in_poll(w->in, timeout_ms, ret_record, err))
            return false;
        if (!ret_record->handle)
            return true;
        p = w->partitions[ret_record->partition];
        if (p && ret_record->offset >= p->gathered_offset) {
            if (ret_record->offset < p->stop_at)
                return true;
            p->overran = true;
        }
        kafka_record_free(ret_record);
        timeout_ms = 0;
    }
}

static void condemn(struct message *m)
{
    const struct partition *p = m->partition;

    if (p->condemned.kind == ERR_NONE ||
        p->condemned_offset != m->record.offset)
        return;
    m->verdict = VERDICT_DEAD;
    m->err = p->condemned;
}

bool gather(struct worker *w, struct batch *b, int timeout_ms,
            struct err *err)
{
    int64_t began_us;

    while (b->count < w->limit &&
           b->size_bytes < (size_t)w->set.batch_kbytes * 1024) {
        struct kafka_record record = { 0 };
        struct message *m;

        if (!next_record(w, b->count == 0 ? timeout_ms : 0, &record, err))
            return false;
        if (!record.handle)
            return true;
        began_us = instant_monotonic();
        m = batch_add(b, &record, w->partitions[record.partition]);
        batch_decode(b, m, (const struct schema *const *)w->schemas,
                     w->partition_count);
        condemn(m);
        metric_add(&metrics.us_decode, instant_monotonic() - began_us);
    }
    return true;
}

size_t batch_waiting(const struct worker *w)
{
    return (w->decided ? w->decided->count : 0) +
           (w->loaded ? w->loaded->count : 0) +
           (w->ahead ? w->ahead->count : 0);
}
