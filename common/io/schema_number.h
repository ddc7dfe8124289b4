/*
 * schema_number.h - numbers of JSON as exact decimals; private to schema*.c.
 *
 *     struct number n = number_of(TEXT("1.50e1"));   15
 */
#ifndef BAODAO_IO_SCHEMA_NUMBER_H
#define BAODAO_IO_SCHEMA_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/text.h"

struct number {
    struct text lexeme; /* borrowed; well-formed JSON */
    bool small;         /* written as an int64: n is it */
    int64_t n;
};

struct number number_of(struct text lexeme);
/* < 0, 0, > 0; by value, without rounding. */
int number_compare(const struct number *a, const struct number *b);
/* No fraction: 1, 1.0, 1e2. */
bool number_is_integer(const struct number *a);
/* False when it is no integer or does not fit. */
MUST_CHECK bool number_int(const struct number *a, int64_t *ret_n);

#endif
