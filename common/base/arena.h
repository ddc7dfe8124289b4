/*
 * arena.h - memory of a batch: given piece by piece, taken back at once.
 *
 * Blocks are kept and used again by the next batch, so a worker under steady
 * load allocates little. A piece larger than a block is freed at the reset:
 * it would fit seldom where the next batch wants one, and each batch would
 * add another. Out of memory aborts: there is no batch to save.
 */
#ifndef BAODAO_BASE_ARENA_H
#define BAODAO_BASE_ARENA_H

#include <stddef.h>

#include "common/base/attr.h"
#include "common/base/text.h"

struct arena_block;

struct arena {
    struct arena_block *first;   /* owned */
    struct arena_block *current; /* the block that is being filled */
    struct arena_block *large;   /* owned: a piece each */
    size_t used_bytes;           /* since the last reset */
};

/* { 0 } is an empty arena. */
void arena_reset(struct arena *a);   /* all pieces are gone, blocks are kept */
void arena_release(struct arena *a); /* blocks are freed too */
void arena_cleanup(struct arena *a); /* for AUTO(arena) */

/* Zeroed, aligned for anything; size 0 gives a valid pointer. */
void *arena_give(struct arena *a, size_t size);
/* arena_give for count things of a size; overflow aborts. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A copy of the bytes; arena_text adds a zero behind, so that .bytes is also a
 * C string. */
void *arena_copy(struct arena *a, const void *bytes, size_t size);
struct text arena_text(struct arena *a, struct text t);
/* One after another, with a zero behind as arena_text. */
struct text arena_join(struct arena *a, const struct text *parts,
                       size_t count);
/* printf into the arena. */
struct text arena_print(struct arena *a, const char *format, ...) PRINTF(2, 3);

#endif
