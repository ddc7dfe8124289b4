/*
 * sheet.h - what save.c writes, column by column: for save.c alone.
 *
 *     AUTO(sheet) struct sheet s = {0};
 *     begin_row(&s); put_name(&s, &lane->name); …
 *     return send(pg, statement, &s, NULL, NULL, err);
 */
#ifndef BAODAO_TRACK_SHEET_H
#define BAODAO_TRACK_SHEET_H

#include "common/base/attr.h"
#include "common/io/pg.h"
#include "common/io/pg_array.h"
#include "services/track/lane.h"

/* Rows of a statement, column by column; a row starts with at = 0. */
struct sheet {
    struct pg_array columns[PG_PARAMS_MAX];
    int at, count;
    int64_t rows;
};

static inline void sheet_cleanup(struct sheet *s)
{
    for (int i = 0; i < s->count; i++)
        pg_array_cleanup(&s->columns[i]);
}

static inline void begin_row(struct sheet *s)
{
    s->at = 0;
    s->rows++;
}

static inline struct pg_array *column(struct sheet *s, enum pg_type type)
{
    struct pg_array *a = &s->columns[s->at++];

    a->element = type;
    if (s->count < s->at)
        s->count = s->at;
    return a;
}

static inline void put_int(struct sheet *s, int64_t n)
{
    pg_put_int(column(s, PG_INT4), n);
}

static inline void put_big(struct sheet *s, int64_t n)
{
    pg_put_int(column(s, PG_INT8), n);
}

static inline void put_bool(struct sheet *s, bool b)
{
    pg_put_bool(column(s, PG_BOOL), b);
}

static inline void put_instant(struct sheet *s, int64_t at_us)
{
    pg_put_instant(column(s, PG_TIMESTAMPTZ), at_us);
}

/* Empty is NULL. */
static inline void put_text(struct sheet *s, struct text t)
{
    pg_put_text_or_null(column(s, PG_TEXT), t);
}

static inline void put_code(struct sheet *s, const char *code)
{
    put_text(s, text_of(code));
}

static inline void put_words(struct sheet *s, struct text t)
{
    pg_put_text(column(s, PG_TEXT), t);
}

static inline void put_name(struct sheet *s, const struct lane_name *name)
{
    pg_put_uuid(column(s, PG_UUID), &name->whistle);
    put_int(s, name->round);
    put_code(s, name->office);
}

/* Nothing when it has no row. */
MUST_CHECK static inline bool send(struct pg *pg, const struct pg_stmt *statement,
                 struct sheet *s, pg_take *take, void *context, struct err *err)
{
    struct pg_params params = {0};

    if (s->rows == 0)
        return true;
    for (int i = 0; i < s->count; i++)
        pg_param_array(&params, &s->columns[i]);
    return pg_send(pg, statement, &params, take, context, err);
}

#endif
