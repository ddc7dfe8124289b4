/*
 * mark.c - how far each partition is: told with every COMMIT, and what Kafka
 * has acknowledged while idle.
 */
#include "common/work/proof.h"
#include "common/work/worker.h"

#define MARK_COLUMNS 14

static const struct kafka_record *last_of(const struct batch *b,
                                          const struct partition *p)
{
    size_t i = b->count - 1;

    while (b->messages[i].partition != p)
        i--;
    return &b->messages[i].record;
}

static void put_mark(struct pg_array *c, const struct batch *b,
                     struct partition *p)
{
    const struct mark *now = &p->now;
    struct digest last;

    pg_put_int(&c[0], p->number);
    pg_put_int(&c[1], now->next_offset);
    pg_put_instant(&c[2], now->at_us);
    pg_put_int(&c[3], now->seq);
    pg_put_bytes(&c[4], now->hash.bytes, DIGEST_SIZE);
    pg_put_int(&c[5], p->published);
    pg_put_date(&c[6], now->number_day);
    pg_put_int(&c[7], now->number_last);
    pg_put_int(&c[8], now->messages);
    pg_put_int(&c[9], now->refused);
    pg_put_int(&c[10], now->seen);
    pg_put_int(&c[11], now->dead);
    pg_put_int(&c[12], starts_of(p));
    record_proof(last_of(b, p), b->keys->body, &last);
    pg_put_bytes(&c[13], last.bytes, DIGEST_SIZE);
}

bool mark_send(struct worker *w, struct batch *b, struct err *err)
{
    struct pg_array columns[MARK_COLUMNS] = {
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT8),  PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_INT8), PG_ARRAY(PG_BYTEA), PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_DATE), PG_ARRAY(PG_INT8),  PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_INT8), PG_ARRAY(PG_INT8),  PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_BYTEA),
    };
    struct partition *list[PARTITIONS_MAX];
    size_t count = partitions_of(b, list);
    struct pg_params p = { 0 };
    bool ok;

    for (size_t i = 0; i < count; i++)
        put_mark(columns, b, list[i]);
    pg_param_text(&p, text_of(w->service->topic));
    for (size_t i = 0; i < MARK_COLUMNS; i++)
        pg_param_array(&p, &columns[i]);
    ok = pg_send(w->pg, &work_statements[STMT_MARK], &p, NULL, NULL, err);
    for (size_t i = 0; i < MARK_COLUMNS; i++)
        pg_array_cleanup(&columns[i]);
    return ok;
}

/* While idle: the consumer row learns what Kafka has acknowledged. */
bool mark_published(struct worker *w, struct err *err)
{
    AUTO(pg_array) struct pg_array numbers = PG_ARRAY(PG_INT4);
    AUTO(pg_array) struct pg_array epochs = PG_ARRAY(PG_INT8);
    AUTO(pg_array) struct pg_array published = PG_ARRAY(PG_INT8);
    struct pg_params p = { 0 };

    for (size_t i = 0; i < w->held; i++) {
        struct partition *part = w->partitions[w->numbers[i]];

        if (part->published == part->marked)
            continue;
        pg_put_int(&numbers, part->number);
        pg_put_int(&epochs, part->epoch);
        pg_put_int(&published, part->published);
    }
    if (numbers.count == 0)
        return true;
    pg_param_text(&p, text_of(w->service->topic));
    pg_param_array(&p, &numbers);
    pg_param_array(&p, &epochs);
    pg_param_array(&p, &published);
    if (!pg_call(w->control, &work_statements[STMT_PUBLISHED], &p, NULL, NULL,
                 err))
        return false;
    for (size_t i = 0; i < w->held; i++) {
        struct partition *part = w->partitions[w->numbers[i]];

        part->marked = part->published;
    }
    return true;
}
