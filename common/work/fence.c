/*
 * fence.c - the statements around a batch: the fence that no stale owner
 * passes, the probe of what the log has seen, and the rows of the log.
 */
#include <string.h>

#include "common/base/instant.h"
#include "common/work/worker.h"

/* clang-format off */
const struct pg_stmt work_statements[] = {
    [STMT_BEGIN] = { "work_begin", "BEGIN" },
    [STMT_COMMIT] = { "work_commit", "COMMIT" },
    [STMT_FENCE] = { "work_fence",
      "SELECT partition, stop_at, reference_version, test_clock"
      " FROM log.fence($1::text, $2::int[], $3::bigint[], $4::bigint[])" },
    [STMT_SEEN] = { "work_seen",
      "SELECT id, cause_digest FROM log.entry WHERE id = ANY ($1::uuid[])" },
    [STMT_LOG] = { "work_log",
      "INSERT INTO log.entry (id, service, source_topic, partition, seq,"
      " cause, cause_digest, topic, key, type, subject, version, actor,"
      " scope, reply, at, data, digest, hash)"
      " SELECT unnest($3::uuid[]), $1::text, $2::text, unnest($4::int[]),"
      " unnest($5::bigint[]), unnest($6::uuid[]), unnest($7::bytea[]),"
      " unnest($8::text[]), unnest($9::text[]), unnest($10::text[]),"
      " unnest($11::text[]), unnest($12::bigint[]), unnest($13::text[]),"
      " unnest($14::text[]), unnest($15::text[]), unnest($16::timestamptz[]),"
      " unnest($17::text[]), unnest($18::bytea[]), unnest($19::bytea[])" },
    [STMT_DEAD] = { "work_dead",
      "WITH d AS (SELECT * FROM unnest($3::int[], $4::bigint[],"
      " $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::bytea[],"
      " $10::bytea[], $11::bytea[], $12::bool[]) AS d(p, o, at, code, field,"
      " sentence, key, value, headers, skipped)), s AS ("
      "INSERT INTO log.skip (service, topic, partition, first, last, gap,"
      " code, field, sentence, by_whom, at)"
      " SELECT $1::text, $2::text, p, o, o, false, code, field, sentence,"
      " $1::text, at FROM d WHERE skipped ON CONFLICT DO NOTHING)"
      " INSERT INTO log.dead_letter (service, topic, partition, \"offset\","
      " at, code, field, sentence, key, value, headers)"
      " SELECT $1::text, $2::text, p, o, at, code, field, sentence, key,"
      " value, headers FROM d ON CONFLICT DO NOTHING" },
    [STMT_MARK] = { "work_mark",
      "UPDATE log.consumer c SET next_offset = w.next_offset, at = w.at,"
      " seq = w.seq, hash = w.hash, published = w.published,"
      " number_day = w.number_day, number_last = w.number_last,"
      " messages = w.messages, refused = w.refused, seen = w.seen,"
      " dead = w.dead, starts = w.starts, last_offset = w.next_offset - 1,"
      " last_digest = w.last_digest"
      " FROM unnest($2::int[], $3::bigint[], $4::timestamptz[],"
      " $5::bigint[], $6::bytea[], $7::bigint[], $8::date[], $9::bigint[],"
      " $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],"
      " $14::int[], $15::bytea[]) AS w(partition, next_offset, at, seq,"
      " hash, published, number_day, number_last, messages, refused, seen,"
      " dead, starts, last_digest)"
      " WHERE c.topic = $1::text AND c.partition = w.partition" },
    [STMT_PUBLISHED] = { "work_published",
      "UPDATE log.consumer c SET published = w.published"
      " FROM unnest($2::int[], $3::bigint[], $4::bigint[])"
      " AS w(partition, epoch, published) WHERE c.topic = $1::text"
      " AND c.partition = w.partition AND c.epoch = w.epoch" },
    { 0 },
};
/* clang-format on */

/* ---- fence and probe ---- */

static bool take_fence(const struct pg_rows *rows, void *context,
                       struct err *err UNUSED)
{
    struct worker *w = context;

    for (int i = 0; i < rows->count; i++) {
        struct partition *p = w->partitions[pg_int(rows, i, 0)];

        if (p)
            pause_hear(p, pg_null(rows, i, 1), pg_int(rows, i, 1));
        w->reference_seen = pg_int(rows, i, 2);
        if (!pg_null(rows, i, 3))
            w->clock_us = pg_instant(rows, i, 3);
    }
    return true;
}

/* The last answer of what is loaded. */
static bool take_seen(const struct pg_rows *rows, void *context,
                      struct err *err UNUSED)
{
    struct batch *b = context;

    b->is_loaded = true;
    for (int i = 0; i < rows->count; i++) {
        struct uuid id = pg_uuid(rows, i, 0);
        struct text digest = pg_text(rows, i, 1);
        struct message *m = batch_first(b, &id);

        if (!m || digest.size != DIGEST_SIZE)
            continue;
        m->known = true;
        memcpy(m->known_digest.bytes, digest.bytes, DIGEST_SIZE);
    }
    return true;
}

/* The partitions that have a message in the batch, each once. */
size_t partitions_of(const struct batch *b,
                            struct partition *into[PARTITIONS_MAX])
{
    size_t count = 0;
    bool has[PARTITIONS_MAX] = { false };

    for (size_t i = 0; i < b->count; i++) {
        struct partition *p = b->messages[i].partition;

        if (!has[p->number])
            into[count++] = p;
        has[p->number] = true;
    }
    return count;
}

static bool send_fence(struct worker *w, struct batch *b, struct err *err)
{
    AUTO(pg_array) struct pg_array numbers = PG_ARRAY(PG_INT4);
    AUTO(pg_array) struct pg_array epochs = PG_ARRAY(PG_INT8);
    AUTO(pg_array) struct pg_array offsets = PG_ARRAY(PG_INT8);
    struct partition *list[PARTITIONS_MAX];
    size_t count = partitions_of(b, list);
    struct pg_params p = { 0 };

    for (size_t i = 0; i < count; i++) {
        pg_put_int(&numbers, list[i]->number);
        pg_put_int(&epochs, list[i]->epoch);
        pg_put_int(&offsets, list[i]->now.next_offset);
    }
    pg_param_text(&p, text_of(w->service->topic));
    pg_param_array(&p, &numbers);
    pg_param_array(&p, &epochs);
    pg_param_array(&p, &offsets);
    return pg_send(w->pg, &work_statements[STMT_BEGIN], NULL, NULL, NULL,
                   err) &&
           pg_send(w->pg, &work_statements[STMT_FENCE], &p, take_fence, w,
                   err);
}

static bool send_seen(struct worker *w, struct batch *b, struct err *err)
{
    AUTO(pg_array) struct pg_array ids = PG_ARRAY(PG_UUID);
    struct pg_params p = { 0 };

    for (size_t i = 0; i < b->count; i++) {
        if (b->messages[i].verdict == VERDICT_DECIDE)
            pg_put_uuid(&ids, &b->messages[i].row0);
    }
    pg_param_array(&p, &ids);
    return pg_send(w->pg, &work_statements[STMT_SEEN], &p, take_seen, b, err);
}

static bool send_load(struct worker *w, struct batch *b, struct err *err)
{
    int64_t began_us = instant_monotonic();
    bool ok;

    if (b->load_sent)
        return true;
    b->load_sent = true;
    ok = w->service->load(b, w->pg, err) && send_seen(w, b, err);
    metric_add(&metrics.us_load, instant_monotonic() - began_us);
    return ok;
}

/* ---- the log ---- */

#define LOG_COLUMNS 17

static void put_record(struct pg_array *c, const struct record *r)
{
    pg_put_uuid(&c[0], &r->id);
    pg_put_int(&c[1], r->partition);
    pg_put_int(&c[2], r->seq);
    pg_put_uuid(&c[3], &r->cause);
    pg_put_bytes(&c[4], r->cause_digest.bytes, DIGEST_SIZE);
    pg_put_text_or_null(&c[5], r->topic);
    pg_put_text_or_null(&c[6], r->key);
    pg_put_text_or_null(&c[7], r->type);
    pg_put_text_or_null(&c[8], r->subject);
    pg_put_int(&c[9], r->version);
    pg_put_text_or_null(&c[10], r->actor);
    pg_put_text_or_null(&c[11], r->scope);
    pg_put_text_or_null(&c[12], r->reply);
    pg_put_instant(&c[13], r->at_us);
    pg_put_text_or_null(&c[14], r->data);
    pg_put_bytes(&c[15], r->digest.bytes, DIGEST_SIZE);
    pg_put_bytes(&c[16], r->hash.bytes, DIGEST_SIZE);
}

static bool send_log(struct worker *w, struct batch *b, struct err *err)
{
    /* Kept between batches, so that steady load allocates nothing. */
    static struct pg_array columns[LOG_COLUMNS] = {
        PG_ARRAY(PG_UUID),  PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_UUID),  PG_ARRAY(PG_BYTEA), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT),  PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_INT8),  PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT),  PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_BYTEA), PG_ARRAY(PG_BYTEA),
    };
    struct pg_params p = { 0 };

    if (b->record_count == 0)
        return true;
    for (size_t i = 0; i < LOG_COLUMNS; i++)
        pg_array_reset(&columns[i]);
    for (size_t i = 0; i < b->record_count; i++)
        put_record(columns, &b->records[i]);
    pg_param_text(&p, text_of(w->service->name));
    pg_param_text(&p, text_of(w->service->topic));
    for (size_t i = 0; i < LOG_COLUMNS; i++)
        pg_param_array(&p, &columns[i]);
    return pg_send(w->pg, &work_statements[STMT_LOG], &p, NULL, NULL, err);
}

/* ---- one flight ---- */

/* What a batch that is being saved is about to have put into the log is known
 * to the next one. */
static void know_from(const struct batch *saved, struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct message *m = &b->messages[i];
        const struct message *first =
            m->verdict == VERDICT_DECIDE ? batch_first(saved, &m->row0) : NULL;

        if (!first || first->verdict != VERDICT_DONE)
            continue;
        m = batch_first(b, &m->row0);
        m->known = true;
        m->known_digest = first->digest;
    }
}

static bool send_rows(struct worker *w, struct batch *b, struct err *err)
{
    int64_t began_us = instant_monotonic();
    bool ok = b->rows_sent || w->service->save(b, w->pg, err);

    b->rows_sent = true;
    metric_add(&metrics.us_save, instant_monotonic() - began_us);
    return ok;
}

static bool send_history(struct worker *w, struct batch *b, struct err *err)
{
    int64_t began_us = instant_monotonic();
    bool ok =
        b->log_sent || (send_log(w, b, err) && dead_send(w, b, err));

    b->log_sent = true;
    metric_add(&metrics.us_save, instant_monotonic() - began_us);
    return ok;
}

static bool send_commit(struct worker *w, struct batch *b, struct err *err)
{
    return send_history(w, b, err) && mark_send(w, b, err) &&
           pg_send(w->pg, &work_statements[STMT_COMMIT], NULL, NULL, NULL,
                   err);
}

/*
 * The next batch reads its rows as soon as those before it are written, and
 * is answered at once: so it is decided while PostgreSQL writes the log and
 * waits for the disk. The fence behind the COMMIT shows that nobody else has
 * written these rows in between.
 */
bool flight_send_ahead(struct worker *w, struct batch *save,
                       struct batch *load, struct err *err)
{
    if (!send_rows(w, save, err))
        return false;
    if (!load)
        return true;
    if (!load->load_sent)
        know_from(save, load);
    return send_load(w, load, err) && pg_hasten(w->pg, err) &&
           send_history(w, save, err);
}

/* What was sent ahead is not sent again. */
bool flight_send(struct worker *w, struct batch *save, struct batch *load,
                 struct err *err)
{
    if (save && (!flight_send_ahead(w, save, load, err) ||
                 !send_commit(w, save, err)))
        return false;
    if (load && (!send_fence(w, load, err) || !send_load(w, load, err)))
        return false;
    return pg_launch(w->pg, err);
}
