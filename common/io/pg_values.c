/* pg_values.c - parameters and columns in PostgreSQL's binary form. */
#include "common/io/pg.h"

#include <endian.h>
#include <libpq-fe.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/io/pg_epoch.h"

/* A NULL pointer would be SQL's NULL; empty is not null. */
static void put(struct pg_params *p, const void *bytes, size_t size)
{
    if (p->count == PG_PARAMS_MAX || size > INT_MAX)
        abort();
    p->values[p->count] = bytes ? bytes : "";
    p->sizes[p->count] = (int)size;
    p->count++;
}

static void put_small(struct pg_params *p, const void *bytes, size_t size)
{
    if (p->count == PG_PARAMS_MAX)
        abort();
    memcpy(p->small[p->count], bytes, size);
    put(p, p->small[p->count], size);
}

void pg_param_null(struct pg_params *p)
{
    put(p, NULL, 0);
    p->values[p->count - 1] = NULL;
}

void pg_param_text(struct pg_params *p, struct text value)
{
    put(p, value.bytes, value.size);
}

void pg_param_bytes(struct pg_params *p, const void *bytes, size_t size)
{
    put(p, bytes, size);
}

void pg_param_uuid(struct pg_params *p, const struct uuid *value)
{
    put(p, value->bytes, sizeof(value->bytes));
}

void pg_param_bool(struct pg_params *p, bool value)
{
    put_small(p, &(char){ value ? 1 : 0 }, 1);
}

void pg_param_int4(struct pg_params *p, int32_t value)
{
    put_small(p, &(uint32_t){ htobe32((uint32_t)value) }, 4);
}

void pg_param_int8(struct pg_params *p, int64_t value)
{
    put_small(p, &(uint64_t){ htobe64((uint64_t)value) }, 8);
}

void pg_param_instant(struct pg_params *p, int64_t at_us)
{
    if (at_us == INSTANT_NONE)
        pg_param_null(p);
    else
        pg_param_int8(p, at_us - PG_EPOCH_US);
}

void pg_param_array(struct pg_params *p, struct pg_array *array)
{
    pg_param_text(p, pg_array_finish(array));
}

bool pg_null(const struct pg_rows *r, int row, int column)
{
    return PQgetisnull(r->result, row, column) == 1;
}

/* A number of 1, 2, 4 or 8 bytes; 0 when it is null. */
static int64_t number(const struct pg_rows *r, int row, int column)
{
    const char *bytes = PQgetvalue(r->result, row, column);
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    if (pg_null(r, row, column))
        return 0;
    switch (PQgetlength(r->result, row, column)) {
    case 1:
        return bytes[0];
    case 2:
        memcpy(&two, bytes, sizeof(two));
        return (int16_t)be16toh(two);
    case 4:
        memcpy(&four, bytes, sizeof(four));
        return (int32_t)be32toh(four);
    case 8:
        memcpy(&eight, bytes, sizeof(eight));
        return (int64_t)be64toh(eight);
    default:
        abort(); /* the SQL gives another type than the C expects */
    }
}

bool pg_bool(const struct pg_rows *r, int row, int column)
{
    return number(r, row, column) != 0;
}

int64_t pg_int(const struct pg_rows *r, int row, int column)
{
    return number(r, row, column);
}

struct text pg_text(const struct pg_rows *r, int row, int column)
{
    return (struct text){ PQgetvalue(r->result, row, column),
                          (size_t)PQgetlength(r->result, row, column) };
}

struct uuid pg_uuid(const struct pg_rows *r, int row, int column)
{
    struct text bytes = pg_text(r, row, column);
    struct uuid id = { 0 };

    if (bytes.size == 0)
        return id;
    if (bytes.size != sizeof(id.bytes))
        abort();
    memcpy(id.bytes, bytes.bytes, sizeof(id.bytes));
    return id;
}

int64_t pg_instant(const struct pg_rows *r, int row, int column)
{
    if (pg_null(r, row, column))
        return INSTANT_NONE;
    return number(r, row, column) + PG_EPOCH_US;
}

int32_t pg_date(const struct pg_rows *r, int row, int column)
{
    if (pg_null(r, row, column))
        return INT32_MIN;
    return (int32_t)number(r, row, column) + PG_EPOCH_DAY;
}

void pg_code(const struct pg_rows *r, int row, int column, char *into,
             size_t size)
{
    struct text t = pg_text(r, row, column);

    if (t.size >= size) {
        t.size = size - 1;
        while (t.size > 0 && ((unsigned char)t.bytes[t.size] & 0xc0) == 0x80)
            t.size--;
    }
    memcpy(into, t.bytes, t.size);
    into[t.size] = '\0';
}
