/* hear.c - reads the events; nothing here is remembered over a restart. */
#include "services/gateway/hear.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "services/gateway/gateway.h"
#include "services/gateway/outcome.h"
#include "services/gateway/sse.h"
#include "services/gateway/watch.h"

/* Events in a turn: a stream is written a block (sse.c) in each, and who reads
 * as fast as we write is not to be taken for slow. */
#define AT_ONCE 16

static void begin(struct gateway *g)
{
    struct kafka_partition list[WATCH_EVENTS * WATCH_PARTITIONS];
    size_t count = 0;
    struct err err = { 0 };

    if (!watch_knows(g->watch) || instant_monotonic() < g->hear_again_us)
        return;
    g->hear_again_us = instant_monotonic() + SECOND_US;
    for (int topic = 0; topic < WATCH_EVENTS; topic++) {
        int partitions = watch_partitions(g->watch, watch_events[topic]);

        for (int i = 0; i < partitions; i++) {
            struct kafka_partition *p = &list[count++];

            snprintf(p->topic, sizeof(p->topic), "%s.%s", g->name,
                     watch_events[topic]);
            p->partition = i;
            p->offset = RD_KAFKA_OFFSET_END;
        }
    }
    g->hears = kafka_in_assign(g->in, list, count, &err);
    if (!g->hears)
        log_error(LOG_WARN, "not_hearing", &err, LOG_END);
}

/* False when it is no event of ours. */
static bool open_event(const struct kafka_record *record, struct heard *ret)
{
    struct text name, value;

    *ret = (struct heard){ .data = record->value };
    for (size_t i = 0; kafka_header(record, i, &name, &value); i++) {
        if (!text_valid(value))
            return false;
        if (text_is(name, "ce_id") && !uuid_parse(value, &ret->id))
            return false;
        if (text_is(name, "ce_cause") && !uuid_parse(value, &ret->cause))
            return false;
        if (text_is(name, "ce_sequence") && !text_int(value, &ret->version))
            return false;
        if (text_is(name, "ce_type"))
            ret->type = value;
        if (text_is(name, "ce_subject"))
            ret->subject = value;
        if (text_is(name, "ce_scope"))
            ret->scope = value;
    }
    return ret->type.size > 0 && !uuid_is_nil(&ret->id);
}

void hear_turn(struct gateway *g)
{
    struct kafka_record record;
    struct heard event;
    struct err err = { 0 };

    if (!g->hears)
        begin(g);
    for (int i = 0; i < AT_ONCE; i++) {
        if (!kafka_in_poll(g->in, 0, &record, &err)) {
            /* Whatever it is: from the end again. Who waits looks in the
             * log, who listens reads the resource. */
            if (err.kind == ERR_FATAL)
                g->hears = false;
            log_error(LOG_WARN, "not_hearing", &err, LOG_END);
            return;
        }
        if (!record.handle)
            return;
        if (open_event(&record, &event)) {
            outcome_heard(g, &event);
            sse_publish(g, &event);
        }
        kafka_record_free(&record);
    }
}
