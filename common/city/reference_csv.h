/*
 * reference_csv.h - a CSV file row by row into structs, by a table of columns.
 *
 * RFC 4180: quotes, doubled quotes, CRLF or LF; UTF-8. The header line names
 * the columns in any order; those not in the table are passed over, those of
 * the table must be there, but for one that came later than files in use.
 * Errors are ERR_REJECT "bad_csv" with the field "limits.csv:12:unit".
 */
#ifndef BAODAO_CITY_REFERENCE_CSV_H
#define BAODAO_CITY_REFERENCE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/text.h"

#define CSV_COLUMNS_MAX 32

enum csv_type {
    CSV_TEXT, /* char[size] */
    CSV_INT,  /* int64_t, not negative */
    CSV_LATER_INT, /* the same, 0 where an older file has no such column */
    CSV_DATE, /* int32_t */
    CSV_WORD, /* int: the index in words */
    CSV_YES,  /* bool: yes or no */
};

/* What an empty cell gives when it is not needed: "", 0, INT32_MIN, 0. */
struct csv_column {
    const char *name;
    enum csv_type type;
    bool needed;
    size_t offset, size;
    const char *const *words;
};

/* The rows of a table: a column that is named as its member, and others. */
#define CSV_AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define CSV_CELL(type, row, name, needed)                                      \
    {                                                                          \
#name, type, needed, CSV_AT(struct row, name), NULL                    \
    }

struct csv {
    const char *file;
    const struct csv_column *columns;
    size_t count;
    struct text rest;
    int line;                                        /* of the row just read */
    int next_line;                                   /* where rest begins */
    size_t width;                                    /* cells of the header */
    const struct csv_column *order[CSV_COLUMNS_MAX]; /* NULL: passed over */
    struct buf cell;
};

/* Reads the header. body must outlive csv. csv_close also after an error. */
MUST_CHECK bool csv_open(struct csv *csv, const char *file, struct text body,
                         const struct csv_column *columns, size_t count,
                         struct err *err);
void csv_close(struct csv *csv);
/* Fills the zeroed row; *ret_more is false, row untouched, at the end. */
MUST_CHECK bool csv_next(struct csv *csv, void *row, bool *ret_more,
                         struct err *err);
/* Refuses the row just read; returns false. */
bool csv_reject(const struct csv *csv, const char *column, struct err *err,
                const char *format, ...) PRINTF(4, 5);

#endif
