/*
 * json_bytes.h - the bytes that mean something within a JSON string, eight at
 * one look; private to json.c and schema_text.c.
 */
#ifndef BAODAO_IO_JSON_BYTES_H
#define BAODAO_IO_JSON_BYTES_H

#include <stdint.h>

/*
 * High bits mark a quote, a backslash, a control character. A borrow may mark
 * one byte too many, above a true one; so a zero is sure, and more than zero
 * means: look singly.
 */
static inline uint64_t json_special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    uint64_t quote = word ^ (ones * '"');
    uint64_t slash = word ^ (ones * '\\');

    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
            ((word - ones * 0x20) & ~word)) &
           highs;
}

#endif
