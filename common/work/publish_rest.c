/*
 * publish_rest.c - what was committed and not acknowledged is read from the
 * log, published again and awaited: at take-over and after a lost connection.
 */
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/supervise.h"
#include "common/work/worker.h"

#define CHUNK "2000" /* rows republished at a time */
#define PATIENCE_US (20 * SECOND_US)

/* clang-format off */
static const char sql_unpublished[] =
    "SELECT id, seq, cause, topic, key, type, subject, version, actor,"
    " scope, reply, at, data, digest FROM log.entry"
    " WHERE source_topic = $1::text AND partition = $2::int"
    " AND seq > $3::bigint ORDER BY seq LIMIT " CHUNK;
static const char sql_published[] =
    "UPDATE log.consumer SET published = $3::bigint"
    " WHERE topic = $1::text AND partition = $2::int AND epoch = $4::bigint";
/* clang-format on */

void row_params(struct worker *w, struct pg_params *p, int32_t number)
{
    *p = (struct pg_params){ 0 };
    pg_param_text(p, text_of(w->service->topic));
    pg_param_int4(p, number);
}

static bool publish_patiently(struct worker *w, const struct record *r,
                              const struct partition *p, struct err *err)
{
    while (!publish_record(w, r, p, err)) {
        if (err->kind != ERR_RETRY || !publish_wait(w, err))
            return false;
    }
    return true;
}

struct republish {
    struct worker *worker;
    struct partition *partition;
    int64_t last; /* seq */
    int rows;
};

static void read_entry(const struct pg_rows *rows, int i,
                       const struct service *service, struct record *r)
{
    struct text digest = pg_text(rows, i, 13);

    *r = (struct record){
        .id = pg_uuid(rows, i, 0),
        .service = service->name,
        .seq = pg_int(rows, i, 1),
        .cause = pg_uuid(rows, i, 2),
        .topic = pg_text(rows, i, 3),
        .key = pg_text(rows, i, 4),
        .type = pg_text(rows, i, 5),
        .subject = pg_text(rows, i, 6),
        .version = pg_int(rows, i, 7),
        .actor = pg_text(rows, i, 8),
        .scope = pg_text(rows, i, 9),
        .reply = pg_text(rows, i, 10),
        .at_us = pg_instant(rows, i, 11),
        .data = pg_text(rows, i, 12),
    };
    if (digest.size == DIGEST_SIZE)
        memcpy(r->digest.bytes, digest.bytes, DIGEST_SIZE);
}

static bool take_entries(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    struct republish *again = context;
    struct partition *p = again->partition;

    again->rows = rows->count;
    for (int i = 0; i < rows->count; i++) {
        struct record r;

        read_entry(rows, i, again->worker->service, &r);
        r.partition = p->number;
        again->last = r.seq;
        if (r.topic.size == 0 || again->worker->replay)
            partition_ack(p, r.seq);
        else if (!publish_patiently(again->worker, &r, p, err))
            return false;
    }
    return true;
}

static bool await_published(struct worker *w, const struct partition *p,
                            int64_t seq, struct err *err)
{
    int64_t until_us = instant_monotonic() + PATIENCE_US;

    while (p->published < seq) {
        kafka_out_poll(w->out, 20);
        if (w->failed.kind != ERR_NONE) {
            *err = w->failed;
            return false;
        }
        if (instant_monotonic() > until_us || supervise_stopping())
            return err_retry(err, "unpublished",
                             "Kafka has not taken what was committed");
    }
    return true;
}

bool publish_rest(struct worker *w, struct partition *p,
                         struct err *err)
{
    struct republish again = { w, p, p->published, 0 };
    int64_t from = p->published;
    struct pg_params params;

    do {
        row_params(w, &params, p->number);
        pg_param_int8(&params, again.last);
        if (!pg_query(w->control, sql_unpublished, &params, take_entries,
                      &again, err) ||
            !await_published(w, p, again.last, err))
            return false;
    } while (again.rows > 0);
    if (p->published == from)
        return true;
    log_fact(LOG_INFO, "published_rest", "partition", LOG_INT(p->number),
             "rows", LOG_INT(p->published - from), LOG_END);
    row_params(w, &params, p->number);
    pg_param_int8(&params, p->published);
    pg_param_int8(&params, p->epoch);
    p->marked = p->published;
    return pg_query(w->control, sql_published, &params, NULL, NULL, err);
}
