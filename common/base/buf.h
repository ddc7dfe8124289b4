/*
 * buf.h - bytes that grow at their end.
 *
 * { 0 } is an empty buffer. The buffer owns its bytes. Out of memory aborts.
 */
#ifndef BAODAO_BASE_BUF_H
#define BAODAO_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/attr.h"
#include "common/base/text.h"

struct buf {
    char *bytes;
    size_t size;
    size_t room; /* allocated */
};

void buf_reset(struct buf *b); /* size 0, room kept */
void buf_release(struct buf *b);
void buf_cleanup(struct buf *b); /* for AUTO(buf) */

void buf_grow(struct buf *b, size_t more); /* for buf_reserve */

/* Makes room for `more` bytes behind the end and returns where they go; the
 * caller writes them and adds to size. */
static inline char *buf_reserve(struct buf *b, size_t more)
{
    if (more > b->room - b->size || !b->bytes)
        buf_grow(b, more);
    return b->bytes + b->size;
}

static inline void buf_put(struct buf *b, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    memcpy(buf_reserve(b, size), bytes, size);
    b->size += size;
}

static inline void buf_put_byte(struct buf *b, char byte)
{
    *buf_reserve(b, 1) = byte;
    b->size++;
}

void buf_put_text(struct buf *b, struct text t);
void buf_put_be16(struct buf *b, uint16_t n); /* network order */
void buf_put_be32(struct buf *b, uint32_t n);
void buf_put_be64(struct buf *b, uint64_t n);
void buf_print(struct buf *b, const char *format, ...) PRINTF(2, 3);
/* Puts a zero behind the end (not counted) and returns the C string. */
const char *buf_string(struct buf *b);
struct text buf_text(const struct buf *b); /* lives until the next change */

#endif
