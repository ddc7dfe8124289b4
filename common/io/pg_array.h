/*
 * pg_array.h - columns for `unnest`: binary one-dimensional arrays that are
 * built value by value.
 *
 *     AUTO(pg_array) struct pg_array ids = PG_ARRAY(PG_UUID);
 *     for (...) pg_put_uuid(&ids, &lane->whistle);
 *     pg_param_array(&params, &ids);
 */
#ifndef BAODAO_IO_PG_ARRAY_H
#define BAODAO_IO_PG_ARRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/text.h"

/* Element types by their Oid in pg_type.dat. */
enum pg_type {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_DATE = 1082,
    PG_TIMESTAMPTZ = 1184,
    PG_UUID = 2950,
};

struct pg_array {
    enum pg_type element;
    int32_t count;
    bool has_null;
    struct buf bytes; /* 20 bytes of header, then the values */
};

#define PG_ARRAY(type) { .element = (type) }

void pg_array_reset(struct pg_array *a); /* empty again, room kept */
void pg_array_cleanup(struct pg_array *a);

void pg_put_null(struct pg_array *a);
void pg_put_bool(struct pg_array *a, bool value);
void pg_put_int(struct pg_array *a, int64_t value); /* PG_INT2, 4 or 8 */
void pg_put_text(struct pg_array *a, struct text value);
void pg_put_string(struct pg_array *a, const char *value);
/* Empty gives NULL. */
void pg_put_text_or_null(struct pg_array *a, struct text value);
void pg_put_bytes(struct pg_array *a, const void *bytes, size_t size);
void pg_put_uuid(struct pg_array *a, const struct uuid *value);
/* Nil gives NULL. */
void pg_put_uuid_or_null(struct pg_array *a, const struct uuid *value);
/* INSTANT_NONE gives NULL. */
void pg_put_instant(struct pg_array *a, int64_t at_us);
/* INT32_MIN gives NULL. */
void pg_put_date(struct pg_array *a, int32_t day);

/* Writes the header; the bytes then are the parameter. */
struct text pg_array_finish(struct pg_array *a);

/* The array type's Oid of an element type (1000 for bool, 2951 for uuid …). */
uint32_t pg_array_oid(enum pg_type element);

#endif
