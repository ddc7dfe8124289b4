/* buf.c - bytes that grow at their end. */
#include "common/base/buf.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_ROOM 256

void buf_reset(struct buf *b)
{
    b->size = 0;
}

void buf_release(struct buf *b)
{
    free(b->bytes);
    *b = (struct buf){0};
}

void buf_cleanup(struct buf *b)
{
    buf_release(b);
}

void buf_grow(struct buf *b, size_t more)
{
    size_t room = b->room > 0 ? b->room : FIRST_ROOM;

    if (more > SIZE_MAX / 4 - b->size)
        abort();
    while (room < b->size + more)
        room *= 2;
    b->bytes = realloc(b->bytes, room);
    if (!b->bytes)
        abort();
    b->room = room;
}

void buf_put_text(struct buf *b, struct text t)
{
    buf_put(b, t.bytes, t.size);
}

void buf_put_be16(struct buf *b, uint16_t n)
{
    uint16_t big = htobe16(n);

    buf_put(b, &big, sizeof(big));
}

void buf_put_be32(struct buf *b, uint32_t n)
{
    uint32_t big = htobe32(n);

    buf_put(b, &big, sizeof(big));
}

void buf_put_be64(struct buf *b, uint64_t n)
{
    uint64_t big = htobe64(n);

    buf_put(b, &big, sizeof(big));
}

void buf_print(struct buf *b, const char *format, ...)
{
    va_list args;
    int size;

    buf_reserve(b, 1);
    va_start(args, format);
    size = vsnprintf(b->bytes + b->size, b->room - b->size, format, args);
    va_end(args);
    if (size < 0)
        abort();
    if ((size_t)size >= b->room - b->size) {
        buf_reserve(b, (size_t)size + 1);
        va_start(args, format);
        vsnprintf(b->bytes + b->size, (size_t)size + 1, format, args);
        va_end(args);
    }
    b->size += (size_t)size;
}

const char *buf_string(struct buf *b)
{
    *buf_reserve(b, 1) = '\0';
    return b->bytes;
}

struct text buf_text(const struct buf *b)
{
    return (struct text){b->bytes, b->size};
}
