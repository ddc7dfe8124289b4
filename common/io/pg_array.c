/* pg_array.c - PostgreSQL's binary form of a one-dimensional array. */
#include "common/io/pg_array.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/pg_epoch.h"

/* dimensions, has_null, element type, count, lower bound: five int32 */
#define HEADER_SIZE 20

void pg_array_reset(struct pg_array *a)
{
    a->count = 0;
    a->has_null = false;
    buf_reset(&a->bytes);
}

void pg_array_cleanup(struct pg_array *a)
{
    buf_release(&a->bytes);
}

/* Room for the header, whose bytes are filled by pg_array_finish. */
static void put_header(struct pg_array *a)
{
    static const char header[HEADER_SIZE];

    if (a->bytes.size == 0)
        buf_put(&a->bytes, header, sizeof(header));
}

/* The length of a value and room for it behind. */
static char *put_room(struct pg_array *a, size_t size)
{
    const uint32_t length = htobe32((uint32_t)size);
    char *p;

    put_header(a);
    p = buf_reserve(&a->bytes, sizeof(length) + size);
    memcpy(p, &length, sizeof(length));
    a->bytes.size += sizeof(length) + size;
    a->count++;
    return p + sizeof(length);
}

static void put_be64(struct pg_array *a, uint64_t n)
{
    n = htobe64(n);
    memcpy(put_room(a, sizeof(n)), &n, sizeof(n));
}

static void put_be32(struct pg_array *a, uint32_t n)
{
    n = htobe32(n);
    memcpy(put_room(a, sizeof(n)), &n, sizeof(n));
}

void pg_put_null(struct pg_array *a)
{
    static const char null[] = { '\xff', '\xff', '\xff', '\xff' };

    a->has_null = true;
    put_header(a);
    buf_put(&a->bytes, null, sizeof(null));
    a->count++;
}

void pg_put_bool(struct pg_array *a, bool value)
{
    assert(a->element == PG_BOOL);
    *put_room(a, 1) = value ? 1 : 0;
}

/* A number that does not fit would be saved as another one: rather die. */
static void must_fit(int64_t value, int64_t least, int64_t most)
{
    if (value < least || value > most)
        abort();
}

void pg_put_int(struct pg_array *a, int64_t value)
{
    uint16_t small = htobe16((uint16_t)value);

    switch (a->element) {
    case PG_INT2:
        must_fit(value, INT16_MIN, INT16_MAX);
        memcpy(put_room(a, sizeof(small)), &small, sizeof(small));
        return;
    case PG_INT4:
        must_fit(value, INT32_MIN, INT32_MAX);
        put_be32(a, (uint32_t)value);
        return;
    default:
        assert(a->element == PG_INT8);
        put_be64(a, (uint64_t)value);
    }
}

static void put_bytes(struct pg_array *a, const void *bytes, size_t size)
{
    char *room;

    must_fit((int64_t)size, 0, INT32_MAX);
    room = put_room(a, size);
    if (size > 0)
        memcpy(room, bytes, size);
}

void pg_put_text(struct pg_array *a, struct text value)
{
    assert(a->element == PG_TEXT);
    put_bytes(a, value.bytes, value.size);
}

void pg_put_string(struct pg_array *a, const char *value)
{
    pg_put_text(a, text_of(value));
}

void pg_put_text_or_null(struct pg_array *a, struct text value)
{
    if (value.size == 0)
        pg_put_null(a);
    else
        pg_put_text(a, value);
}

void pg_put_bytes(struct pg_array *a, const void *bytes, size_t size)
{
    assert(a->element == PG_BYTEA);
    put_bytes(a, bytes, size);
}

void pg_put_uuid(struct pg_array *a, const struct uuid *value)
{
    assert(a->element == PG_UUID);
    put_bytes(a, value->bytes, sizeof(value->bytes));
}

void pg_put_uuid_or_null(struct pg_array *a, const struct uuid *value)
{
    if (uuid_is_nil(value))
        pg_put_null(a);
    else
        pg_put_uuid(a, value);
}

void pg_put_instant(struct pg_array *a, int64_t at_us)
{
    assert(a->element == PG_TIMESTAMPTZ);
    if (at_us == INSTANT_NONE) {
        pg_put_null(a);
        return;
    }
    put_be64(a, (uint64_t)(at_us - PG_EPOCH_US));
}

void pg_put_date(struct pg_array *a, int32_t day)
{
    assert(a->element == PG_DATE);
    if (day == INT32_MIN) {
        pg_put_null(a);
        return;
    }
    put_be32(a, (uint32_t)(day - PG_EPOCH_DAY));
}

static void set_be32(char *into, uint32_t n)
{
    const uint32_t big = htobe32(n);

    memcpy(into, &big, sizeof(big));
}

struct text pg_array_finish(struct pg_array *a)
{
    put_header(a);
    set_be32(a->bytes.bytes, 1);
    set_be32(a->bytes.bytes + 4, a->has_null);
    set_be32(a->bytes.bytes + 8, (uint32_t)a->element);
    set_be32(a->bytes.bytes + 12, (uint32_t)a->count);
    set_be32(a->bytes.bytes + 16, 1);
    return buf_text(&a->bytes);
}

uint32_t pg_array_oid(enum pg_type element)
{
    switch (element) {
    case PG_BOOL:
        return 1000;
    case PG_BYTEA:
        return 1001;
    case PG_INT8:
        return 1016;
    case PG_INT2:
        return 1005;
    case PG_INT4:
        return 1007;
    case PG_TEXT:
        return 1009;
    case PG_DATE:
        return 1182;
    case PG_TIMESTAMPTZ:
        return 1185;
    case PG_UUID:
        return 2951;
    }
    abort();
}
