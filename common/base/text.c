/* text.c - slices of UTF-8: compare, cut, copy, check. */
#include "common/base/text.h"

#include <string.h>

/* memcmp may not be given NULL, and the empty text may hold one. */
static int compare_bytes(const char *a, const char *b, size_t size)
{
    return size == 0 ? 0 : memcmp(a, b, size);
}

int text_compare(struct text a, struct text b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = compare_bytes(a.bytes, b.bytes, common);

    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool text_starts(struct text a, const char *prefix)
{
    size_t size = strlen(prefix);

    return a.size >= size && compare_bytes(a.bytes, prefix, size) == 0;
}

struct text text_cut(struct text a, char at, struct text *rest)
{
    const char *found = a.size > 0 ? memchr(a.bytes, at, a.size) : NULL;
    size_t before = found ? (size_t)(found - a.bytes) : a.size;

    if (found)
        *rest = (struct text){found + 1, a.size - before - 1};
    else
        *rest = (struct text){NULL, 0};
    return (struct text){a.bytes, before};
}

struct text text_join(char *into, size_t size, const struct text *parts,
                      size_t count)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        size_t room = size - 1 - used;
        size_t part = parts[i].size < room ? parts[i].size : room;

        if (part > 0)
            memcpy(into + used, parts[i].bytes, part);
        used += part;
    }
    into[used] = '\0';
    return (struct text){into, used};
}

bool text_copy(struct text a, char *into, size_t size)
{
    if (a.size >= size) {
        if (size > 0)
            into[0] = '\0';
        return false;
    }
    if (a.size > 0)
        memcpy(into, a.bytes, a.size);
    into[a.size] = '\0';
    return true;
}

struct text int_print(int64_t n, char room[INT_TEXT_SIZE])
{
    char *end = room + INT_TEXT_SIZE, *p = end;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

    do {
        *--p = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0)
        *--p = '-';
    return (struct text){p, (size_t)(end - p)};
}

bool text_int(struct text a, int64_t *ret_value)
{
    bool minus = a.size > 0 && a.bytes[0] == '-';
    uint64_t most = minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t n = 0;

    if (a.size == (size_t)minus)
        return false;
    for (size_t i = minus; i < a.size; i++) {
        unsigned digit = (unsigned char)a.bytes[i] - (unsigned)'0';

        if (digit > 9 || n > (most - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *ret_value = minus ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

/* Eight bytes of plain ASCII without NUL, the usual case, at one look. */
static bool eight_plain(const unsigned char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return ((word | (word - ones)) & highs) == 0;
}

/* A code point of three bytes, as Chinese ones are; those whose second byte
 * is bounded more narrowly are left to point_size. */
static bool three_usual(const unsigned char *p)
{
    return p[0] >= 0xe1 && p[0] <= 0xec && (p[1] & 0xc0) == 0x80 &&
           (p[2] & 0xc0) == 0x80;
}

/* Bytes of the code point at p (table 3-7 of Unicode), 0 = ill-formed. */
static size_t point_size(const unsigned char *p, size_t left)
{
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t size;

    if (p[0] < 0x80)
        return p[0] != 0;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    size = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (left < size)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0; /* overlong */
    else if (p[0] == 0xed)
        high = 0x9f; /* surrogates */
    else if (p[0] == 0xf0)
        low = 0x90; /* overlong */
    else if (p[0] == 0xf4)
        high = 0x8f; /* beyond U+10FFFF */
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

bool text_valid(struct text a)
{
    const unsigned char *p = (const unsigned char *)a.bytes;
    size_t i = 0;

    while (i < a.size) {
        size_t size;

        if (a.size - i >= 3 && three_usual(p + i)) {
            i += 3;
            continue;
        }
        if (a.size - i >= 8 && eight_plain(p + i)) {
            i += 8;
            continue;
        }
        size = point_size(p + i, a.size - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

size_t text_length(struct text a)
{
    size_t length = 0;

    for (size_t i = 0; i < a.size; i++)
        length += ((unsigned char)a.bytes[i] & 0xc0) != 0x80;
    return length;
}
