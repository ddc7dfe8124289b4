/*
 * slots.h - key -> aggregate of this batch: a hash table that lives in an
 * arena and is forgotten with it.
 *
 * Keys are bytes (a struct uuid, a fixed struct without padding, a code).
 * Order of iteration is order of insertion, so that what is saved does not
 * depend on a hash.
 *
 *     struct lane *lane = slots_find(&lanes, &key, sizeof(key));
 */
#ifndef BAODAO_BASE_SLOTS_H
#define BAODAO_BASE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"

struct slots {
    struct arena *arena; /* borrowed */
    struct slot {
        const void *key;
        size_t key_size;
        void *thing;
    } *items; /* in order of insertion */
    size_t count, room;
    uint32_t *table; /* index + 1 into items, 0 free */
    size_t table_size;
};

/* Must be called again after the arena's reset. */
void slots_start(struct slots *s, struct arena *arena);
/* NULL when there is none. */
void *slots_find(const struct slots *s, const void *key, size_t size);
/*
 * The thing at the key; when there is none, a zeroed one of thing_size is made
 * in the arena with a copy of the key, and *ret_new (may be NULL) is true.
 */
void *slots_get(struct slots *s, const void *key, size_t size,
                size_t thing_size, bool *ret_new);
/* Puts a thing that the caller made; replaces an older one at the key. */
void slots_put(struct slots *s, const void *key, size_t size, void *thing);

#endif
