/*
 * table.h - a table for a terminal: columns as wide as their widest cell, a
 * Chinese character counting two.
 *
 *     AUTO(table) struct table t = TABLE("topic", "#lag");
 *     table_text(&t, topic);
 *     table_int(&t, lag);
 *     table_print(&t, stdout);
 */
#ifndef BAODAO_CLI_TABLE_H
#define BAODAO_CLI_TABLE_H

#include <stdint.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/text.h"

#define TABLE_COLUMNS 24

/* A head that begins with "#" is of numbers: flush right. */
struct table {
    const char *heads[TABLE_COLUMNS]; /* ends with NULL */
    struct arena arena;
    struct text *cells; /* row by row, in the arena */
    size_t count, room;
};

#define TABLE(...)                                                             \
    {                                                                          \
        .heads = { __VA_ARGS__, NULL }                                         \
    }

/* The next cell, row by row. */
void table_text(struct table *t, struct text cell);
void table_string(struct table *t, const char *cell);
void table_int(struct table *t, int64_t cell);
void table_print(const struct table *t, FILE *to);
void table_cleanup(struct table *t);

/* Columns that a text takes on the screen. */
size_t table_width(struct text t);

#endif
