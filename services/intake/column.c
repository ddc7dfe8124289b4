/* column.c - moves values between rows, structs and arrays. */
#include "services/intake/column.h"

#include "common/base/fsm.h"
#include "common/base/instant.h"
#include "common/io/schema.h"

static const enum pg_type types[] = {
    [COLUMN_UUID] = PG_UUID,   [COLUMN_TEXT] = PG_TEXT,
    [COLUMN_BYTES] = PG_BYTEA, [COLUMN_WORD] = PG_TEXT,
    [COLUMN_INT4] = PG_INT4,   [COLUMN_INT8] = PG_INT8,
    [COLUMN_BOOL] = PG_BOOL,   [COLUMN_INSTANT] = PG_TIMESTAMPTZ,
};

static void take_one(const struct column *c, const struct pg_rows *rows,
                     int row, int column, struct arena *arena, void *into)
{
    bool null = pg_null(rows, row, column);

    switch (c->kind) {
    case COLUMN_UUID:
        *(struct uuid *)into =
            null ? (struct uuid){{0}} : pg_uuid(rows, row, column);
        break;
    case COLUMN_TEXT:
    case COLUMN_BYTES:
        *(struct text *)into =
            arena_text(arena, null ? text_of("") : pg_text(rows, row, column));
        break;
    case COLUMN_WORD:
        *(int *)into =
            null ? -1 : name_index(c->names, pg_text(rows, row, column));
        break;
    case COLUMN_INT4:
        *(int32_t *)into = (int32_t)pg_int(rows, row, column);
        break;
    case COLUMN_INT8:
        *(int64_t *)into = null ? INT_ABSENT : pg_int(rows, row, column);
        break;
    case COLUMN_BOOL:
        *(bool *)into = pg_bool(rows, row, column);
        break;
    case COLUMN_INSTANT:
        *(int64_t *)into = null ? INSTANT_NONE : pg_instant(rows, row, column);
        break;
    case COLUMN_NONE:
        break;
    }
}

void columns_take(const struct column *columns, int count,
                  const struct pg_rows *rows, int row, struct arena *arena,
                  void *thing)
{
    for (int i = 0; columns[i].kind != COLUMN_NONE && (count == 0 || i < count);
         i++)
        take_one(&columns[i], rows, row, i, arena,
                 (char *)thing + columns[i].at);
}

static void put_bytes_or_null(struct pg_array *a, const struct text *t)
{
    if (t->size == 0)
        pg_put_null(a);
    else
        pg_put_bytes(a, t->bytes, t->size);
}

static void put_one(struct pg_array *a, const struct column *c,
                    const void *from)
{
    switch (c->kind) {
    case COLUMN_UUID:
        pg_put_uuid_or_null(a, from);
        break;
    case COLUMN_TEXT:
        pg_put_text_or_null(a, *(const struct text *)from);
        break;
    case COLUMN_BYTES:
        put_bytes_or_null(a, from);
        break;
    case COLUMN_WORD:
        if (*(const int *)from < 0)
            pg_put_null(a);
        else
            pg_put_string(a, c->names[*(const int *)from]);
        break;
    case COLUMN_INT4:
        pg_put_int(a, *(const int32_t *)from);
        break;
    case COLUMN_INT8:
        if (*(const int64_t *)from == INT_ABSENT)
            pg_put_null(a);
        else
            pg_put_int(a, *(const int64_t *)from);
        break;
    case COLUMN_BOOL:
        pg_put_bool(a, *(const bool *)from);
        break;
    case COLUMN_INSTANT:
        pg_put_instant(a, *(const int64_t *)from);
        break;
    case COLUMN_NONE:
        break;
    }
}

void columns_begin(struct columns_out *o, const struct column *columns,
                   int count)
{
    *o = (struct columns_out){.columns = columns};
    while (columns[o->count].kind != COLUMN_NONE &&
           (count == 0 || o->count < count)) {
        o->arrays[o->count].element = types[columns[o->count].kind];
        o->count++;
    }
}

void columns_put(struct columns_out *o, const void *thing)
{
    for (int i = 0; i < o->count; i++)
        put_one(&o->arrays[i], &o->columns[i],
                (const char *)thing + o->columns[i].at);
}

void columns_param(struct columns_out *o, struct pg_params *params)
{
    for (int i = 0; i < o->count; i++)
        pg_param_array(params, &o->arrays[i]);
}

void columns_out_cleanup(struct columns_out *o)
{
    for (int i = 0; i < o->count; i++)
        pg_array_cleanup(&o->arrays[i]);
}
