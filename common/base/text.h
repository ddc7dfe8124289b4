/*
 * text.h - a slice of UTF-8 that somebody else owns.
 *
 * Not terminated by zero. Whoever made it says how long the bytes live; in a
 * batch that is the batch's arena.
 */
#ifndef BAODAO_BASE_TEXT_H
#define BAODAO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/attr.h"

struct text {
    const char *bytes;
    size_t size; /* bytes */
};

/* For printf("%.*s", TEXT_PRINT(t)). */
#define TEXT_PRINT(t) (int)(t).size, (t).bytes
/* A literal. */
#define TEXT(literal) ((struct text){ literal, sizeof(literal) - 1 })

/* NULL gives the empty text. */
static inline struct text text_of(const char *string)
{
    return (struct text){ string, string ? strlen(string) : 0 };
}
static inline bool text_equal(struct text a, struct text b)
{
    /* memcmp may not be given NULL, and the empty text may hold one. */
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}
static inline bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_of(string));
}
int text_compare(struct text a, struct text b); /* by bytes */
bool text_starts(struct text a, const char *prefix);

/* Splits at the first `at`: returns what is before, *rest gets what follows
 * (empty when there is none). */
struct text text_cut(struct text a, char at, struct text *rest);

/* One after another, with a zero behind; what finds no room is cut off. */
struct text text_join(char *into, size_t size, const struct text *parts,
                      size_t count);
/* Copies into a fixed array with its zero; false (and "") when too long. */
MUST_CHECK bool text_copy(struct text a, char *into, size_t size);

#define INT_TEXT_SIZE 24
/* The number in base 10, at the end of `room`. */
struct text int_print(int64_t n, char room[INT_TEXT_SIZE]);
/* A whole base-10 number with optional minus, nothing around it. */
MUST_CHECK bool text_int(struct text a, int64_t *ret_value);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong), without NUL. */
bool text_valid(struct text a);
/* Length in code points; a must be valid. */
size_t text_length(struct text a);

#endif
