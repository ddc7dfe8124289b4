/* dead.c - dead letters: what no fold could take, with its bytes. */
#include "common/work/worker.h"

static void put_headers(const struct message *m, struct buf *into)
{
    struct text name, value;

    buf_reset(into);
    for (size_t i = 0; kafka_header(&m->record, i, &name, &value); i++) {
        buf_put_text(into, name);
        buf_put_byte(into, 0);
        buf_put_be32(into, (uint32_t)value.size);
        buf_put_text(into, value);
    }
}

#define DEAD_COLUMNS 10

static void put_dead(struct pg_array *c, const struct message *m)
{
    AUTO(buf) struct buf headers = { 0 };

    put_headers(m, &headers);
    pg_put_int(&c[0], m->partition->number);
    pg_put_int(&c[1], m->record.offset);
    pg_put_instant(&c[2], m->at_us);
    pg_put_string(&c[3], m->err->code);
    pg_put_string(&c[4], m->err->field);
    pg_put_string(&c[5], m->err->sentence);
    pg_put_bytes(&c[6], m->record.key.bytes, m->record.key.size);
    pg_put_bytes(&c[7], m->record.value.bytes, m->record.value.size);
    pg_put_bytes(&c[8], headers.bytes, headers.size);
    pg_put_bool(&c[9], m->skipped);
}

bool dead_send(struct worker *w, struct batch *b, struct err *err)
{
    struct pg_array columns[DEAD_COLUMNS] = {
        PG_ARRAY(PG_INT4),  PG_ARRAY(PG_INT8), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_TEXT),  PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_BYTEA), PG_ARRAY(PG_BYTEA), PG_ARRAY(PG_BYTEA),
        PG_ARRAY(PG_BOOL),
    };
    struct pg_params p = { 0 };
    bool ok = true;

    for (size_t i = 0; i < b->count; i++) {
        if (b->messages[i].verdict == VERDICT_DEAD)
            put_dead(columns, &b->messages[i]);
    }
    if (columns[0].count > 0) {
        pg_param_text(&p, text_of(w->service->name));
        pg_param_text(&p, text_of(w->service->topic));
        for (size_t i = 0; i < DEAD_COLUMNS; i++)
            pg_param_array(&p, &columns[i]);
        ok = pg_send(w->pg, &work_statements[STMT_DEAD], &p, NULL, NULL, err);
    }
    for (size_t i = 0; i < DEAD_COLUMNS; i++)
        pg_array_cleanup(&columns[i]);
    return ok;
}
