/* sim_cell.h - binary parameters and cells, as PostgreSQL writes them. */
#ifndef BAODAO_TESTS_SIM_CELL_H
#define BAODAO_TESTS_SIM_CELL_H

#include <endian.h>
#include <string.h>

#include "tests/sim/db.h"

static inline int64_t number(const struct param *p)
{
    uint64_t n = 0;

    for (int i = 0; i < p->size; i++)
        n = n << 8 | (uint8_t)p->bytes[i];
    return p->size == 4 ? (int32_t)n : (int64_t)n;
}

static inline struct text text(const struct param *p)
{
    return (struct text){ p->bytes, p->size > 0 ? (size_t)p->size : 0 };
}

static inline int array_count(const struct param *p)
{
    struct param count = { p->bytes + 12, 4 };

    return p->bytes ? (int)number(&count) : 0;
}

static inline struct param array_item(const struct param *p, int i)
{
    const char *at = p->bytes + 20;

    for (;; i--) {
        struct param size = { at, 4 };
        int bytes = (int)number(&size);

        if (i == 0)
            return (struct param){ bytes < 0 ? NULL : at + 4, bytes };
        at += 4 + (bytes > 0 ? bytes : 0);
    }
}

static inline int64_t item(const struct param *p, int i)
{
    struct param one = array_item(p, i);

    return number(&one);
}

static inline struct param cell_int(int64_t n, int size)
{
    char *bytes = give((size_t)size);
    uint64_t big = htobe64((uint64_t)n);

    memcpy(bytes, (char *)&big + 8 - size, (size_t)size);
    return (struct param){ bytes, size };
}

static inline struct param cell_text(struct text t)
{
    return (struct param){ t.bytes, t.bytes ? (int)t.size : -1 };
}

static inline enum answer_kind rows(struct answer *a, int most, int columns)
{
    a->kind = ANSWER_ROWS;
    a->columns = columns;
    a->rows = 0;
    a->cells = give((size_t)(most * columns) * sizeof(*a->cells));
    return a->kind;
}

static inline struct param *row(struct answer *a)
{
    return &a->cells[a->rows++ * a->columns];
}

#endif
