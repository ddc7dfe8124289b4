/*
 * column.h - members of a struct as columns of a table: one table of them
 * serves reading rows and building the arrays of an unnest.
 */
#ifndef BAODAO_INTAKE_COLUMN_H
#define BAODAO_INTAKE_COLUMN_H

#include <stddef.h>

#include "common/base/arena.h"
#include "common/io/pg.h"

enum column_kind {
    COLUMN_NONE,
    COLUMN_UUID,    /* struct uuid; nil is NULL */
    COLUMN_TEXT,    /* struct text; empty is NULL */
    COLUMN_BYTES,   /* struct text as bytea; empty is NULL */
    COLUMN_WORD,    /* int, an index into names; -1 is NULL */
    COLUMN_INT4,    /* int32_t */
    COLUMN_INT8,    /* int64_t; INT_ABSENT is NULL */
    COLUMN_BOOL,    /* bool */
    COLUMN_INSTANT, /* int64_t _us; INSTANT_NONE is NULL */
};

/* Their order is the order of columns in SQL; ends with COLUMN_NONE. */
struct column {
    enum column_kind kind;
    size_t at;
    const char *const *names;
};

#define COLUMNS_MAX PG_PARAMS_MAX

/* A row's first count columns into thing (0: all of them); texts go into the
 * arena. */
void columns_take(const struct column *columns, int count,
                  const struct pg_rows *rows, int row, struct arena *arena,
                  void *thing);

/* Arrays for count columns; row by row, then as parameters. */
struct columns_out {
    const struct column *columns;
    int count;
    struct pg_array arrays[COLUMNS_MAX]; /* owned */
};
/* count 0: all of them. */
void columns_begin(struct columns_out *o, const struct column *columns,
                   int count);
void columns_put(struct columns_out *o, const void *thing);
void columns_param(struct columns_out *o, struct pg_params *params);
void columns_out_cleanup(struct columns_out *o);

#endif
