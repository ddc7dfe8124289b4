/* batch.c - gathers messages and decodes them. */
#include "common/work/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/kafka_out.h"

/* A command may be this much older than its broker's time, and a person's id
 * this much younger. */
#define OLDEST_US (90 * DAY_US)
#define YOUNGEST_US DAY_US

void batch_start(struct batch *b, const struct service *service,
                 const struct work_keys *keys)
{
    b->service = service;
    b->keys = keys;
    batch_reset(b);
}

void batch_reset(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        kafka_record_free(&b->messages[i].record);
    b->count = 0;
    b->size_bytes = 0;
    arena_reset(&b->arena);
    b->records = NULL;
    b->record_count = 0;
    b->record_room = 0;
    b->is_loaded = false;
    b->decided_count = 0;
    b->load_sent = b->rows_sent = b->log_sent = false;
    b->may_be_said = false;
    b->ways = NULL;
    b->way_count = 0;
    b->said_count = 0;
    b->is_writing = false;
    slots_start(&b->seen, &b->arena);
    b->state = arena_give(&b->arena, b->service->state_size);
    if (b->service->begin)
        b->service->begin(b);
}

void batch_release(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        kafka_record_free(&b->messages[i].record);
    arena_release(&b->arena);
    buf_release(&b->writing);
    free(b->messages);
    *b = (struct batch){ 0 };
}

struct message *batch_add(struct batch *b, const struct kafka_record *record,
                          struct partition *partition)
{
    struct message *m, *bigger;

    if (b->count == b->room) {
        b->room = b->room ? 2 * b->room : 1024;
        bigger = realloc(b->messages, b->room * sizeof(*bigger));
        if (!bigger)
            abort();
        b->messages = bigger;
    }
    m = &b->messages[b->count++];
    memset(m, 0, sizeof(*m));
    m->record = *record;
    m->partition = partition;
    if (record->at_us > partition->gathered_at_us)
        partition->gathered_at_us = record->at_us;
    partition->gathered_offset = record->offset + 1;
    m->at_us = partition->gathered_at_us;
    b->size_bytes += record->value.size;
    return m;
}

static const struct route *find_route(const struct service *service,
                                      struct text type, size_t *ret_index)
{
    for (size_t i = 0; service->routes[i].type; i++) {
        if (text_is(type, service->routes[i].type)) {
            *ret_index = i;
            return &service->routes[i];
        }
    }
    return NULL;
}

static bool check_key(const struct message *m, int32_t partition_count,
                      struct err *err)
{
    char own[16];

    if (m->route->every_partition) {
        snprintf(own, sizeof(own), "#%d", (int)m->partition->number);
        if (text_is(m->record.key, own))
            return true;
    } else if (kafka_partition_of(m->record.key, partition_count) ==
               m->partition->number) {
        return true;
    }
    return err_reject(err, "misrouted", "key",
                      "键不属于本分区 / the key belongs to another partition");
}

/* Such a command is refused, not dead: its sender is told. */
static bool check_age(const struct message *m, struct err *err)
{
    int64_t made_us = uuid_time_us(&m->id);

    if (made_us < m->at_us - OLDEST_US)
        return err_reject(err, "too_old", "id",
                          "命令编号早于 90 天前,请重新提交 / the id is over "
                          "90 days old: say it again with a new one");
    if (uuid_version(&m->id) == 7 && made_us > m->at_us + YOUNGEST_US)
        return err_reject(err, "id_in_future", "id",
                          "命令编号的时间在未来,请校对时钟 / the id's time "
                          "lies in the future: set the clock right");
    return true;
}

static bool decode(struct batch *b, struct message *m,
                   const struct schema *const *schemas,
                   int32_t partition_count, struct err *err)
{
    size_t i;

    if (!message_open(m, err))
        return false;
    m->route = find_route(b->service, m->type, &i);
    if (!m->route)
        return err_reject(err, "unknown_type", "ce_type",
                          "不认识的命令类型 %.*s / unknown type",
                          TEXT_PRINT(m->type));
    if (!check_key(m, partition_count, err))
        return false;
    m->in = arena_give(&b->arena, m->route->size);
    return schema_fill(schemas[i], m->record.value, false, &b->arena, m->in,
                       err);
}

struct message *batch_first(const struct batch *b, const struct uuid *row0)
{
    uintptr_t number = (uintptr_t)slots_find(&b->seen, row0, sizeof(*row0));

    return number > 0 ? &b->messages[number - 1] : NULL;
}

void batch_decode(struct batch *b, struct message *m,
                  const struct schema *const *schemas,
                  int32_t partition_count)
{
    struct err err = { 0 };

    m->verdict = VERDICT_DECIDE;
    if (!decode(b, m, schemas, partition_count, &err)) {
        m->verdict = VERDICT_DEAD;
        m->err = arena_copy(&b->arena, &err, sizeof(err));
        return;
    }
    m->row0 = uuid_derive(b->service->topic, &m->id, 0);
    if (!check_age(m, &err))
        m->err = arena_copy(&b->arena, &err, sizeof(err));
    if (!batch_first(b, &m->row0))
        slots_put(&b->seen, &m->row0, sizeof(m->row0),
                  (void *)(uintptr_t)(m - b->messages + 1));
}
