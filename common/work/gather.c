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

static void backlog_push(struct backlog *l, struct kafka_record *record)
{
    if (l->count == l->room)
        backlog_grow(l);
    *backlog_at(l, l->count++) = *record;
    memset(record, 0, sizeof(*record));
}

bool poll_only(struct worker *w, int timeout_ms, struct err *err)
{
    struct kafka_record record = { 0 };

    if (!kafka_in_poll(w->in, timeout_ms, &record, err))
        return false;
    if (record.handle)
        backlog_push(&w->backlog, &record);
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
        if (!p || record.offset < p->now.next_offset - p->unproven) {
            kafka_record_free(&record);
            continue;
        }
        backlog_push(l, &record);
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
    for (size_t i = b->count; i-- > 0;)
        backlog_push_front(&w->backlog, &b->messages[i].record);
    b->count = 0;
    batch_reset(b);
}

void free_batch(struct worker *w, struct batch *b)
{
    batch_reset(b);
    if (!w->decided)
        w->decided = b;
    else if (!w->ahead)
        w->ahead = b;
    else
        w->spare = b;
}

/* publish_rest() says it. */
static void leave_unsaid(struct worker *w, struct batch **said)
{
    if (*said)
        free_batch(w, *said);
    *said = NULL;
}

void put_back(struct worker *w)
{
    give_back(w, w->ahead);
    give_back(w, w->loaded);
    give_back(w, w->decided);
    leave_unsaid(w, &w->saying);
    leave_unsaid(w, &w->unsaid);
    for (size_t i = 0; i < w->held; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        p->now = p->kept;
        p->gathered_offset = p->kept.next_offset;
        p->gathered_at_us = p->kept.at_us;
    }
}

/* ---- gathering ---- */

/* Behind a stop: it is fetched again when its partition goes on. */
static bool overruns(const struct worker *w, const struct kafka_record *record)
{
    struct partition *p = w->partitions[record->partition];

    if (!p || record->offset < p->stop_at)
        return false;
    p->overran = true;
    return true;
}

/* Is it ours, and neither taken yet nor passed over? */
static bool is_next(const struct worker *w, const struct kafka_record *record)
{
    const struct partition *p = w->partitions[record->partition];
    const struct skip *skip = p ? skip_at(p, record->offset) : NULL;

    return p && record->offset >= p->gathered_offset && !(skip && skip->gap);
}

/* The next message of a partition of ours that has not been taken yet. */
static bool next_record(struct worker *w, int timeout_ms,
                        struct kafka_record *ret_record, struct err *err)
{
    for (;;) {
        if (!backlog_pop(&w->backlog, ret_record) &&
            !kafka_in_poll(w->in, timeout_ms, ret_record, err))
            return false;
        if (!ret_record->handle)
            return true;
        if (!overruns(w, ret_record)) {
            if (!proves(w, ret_record, err)) {
                kafka_record_free(ret_record);
                return false;
            }
            if (is_next(w, ret_record))
                return true;
        }
        kafka_record_free(ret_record);
        timeout_ms = 0;
    }
}

/* Adds the message; one that is left out is not even looked at. */
static void take(struct worker *w, struct batch *b,
                 const struct kafka_record *record)
{
    struct partition *p = w->partitions[record->partition];
    const struct skip *skip = skip_at(p, record->offset);
    int64_t began_us = instant_monotonic();
    struct message *m = batch_add(b, record, p);

    if (skip) {
        m->verdict = VERDICT_DEAD;
        m->err = arena_copy(&b->arena, &skip->why, sizeof(skip->why));
        m->skipped = true;
    } else {
        batch_decode(b, m, (const struct schema *const *)w->schemas,
                     w->partition_count);
    }
    metric_add(&metrics.us_decode, instant_monotonic() - began_us);
}

bool is_full(const struct worker *w, const struct batch *b)
{
    return b->count >= (w->suspect ? 1 : w->limit) ||
           b->size_bytes >= (size_t)w->set.batch_kbytes * 1024;
}

bool gather(struct worker *w, struct batch *b, size_t most, int timeout_ms,
            struct err *err)
{
    if (w->suspect && (decided_any(w) || w->loaded->count > 0))
        return true; /* it dies of the one in hand, or not at all */
    for (; most > 0 && !is_full(w, b); most--) {
        struct kafka_record record = { 0 };

        if (!next_record(w, b->count == 0 ? timeout_ms : 0, &record, err))
            return false;
        if (!record.handle) {
            nothing_came(w);
            return true;
        }
        w->empty_since_us = 0;
        take(w, b, &record);
    }
    return true;
}

size_t batch_waiting(const struct worker *w)
{
    return (w->decided ? w->decided->count : 0) +
           (w->loaded ? w->loaded->count : 0) +
           (w->ahead ? w->ahead->count : 0);
}
