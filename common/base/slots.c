/* slots.c - a hash table with open addressing over items kept in order. */
#include "common/base/slots.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void slots_start(struct slots *s, struct arena *arena)
{
    *s = (struct slots){.arena = arena};
}

/* Multiply and fold, eight bytes at a time; its order is never seen. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint64_t hash_of(const void *key, size_t size)
{
    const unsigned char *p = key;
    uint64_t hash = size;
    uint64_t word;

    for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        hash = mix(hash, word);
    }
    word = 0;
    if (size > 0)
        memcpy(&word, p, size);
    return mix(hash, word);
}

/* Where the key is in the table, or the free place where it belongs. */
static uint32_t *place_of(const struct slots *s, const void *key, size_t size)
{
    size_t mask = s->table_size - 1;
    size_t at = hash_of(key, size) & mask;

    for (; s->table[at] != 0; at = (at + 1) & mask) {
        const struct slot *item = &s->items[s->table[at] - 1];

        if (item->key_size == size && memcmp(item->key, key, size) == 0)
            break;
    }
    return &s->table[at];
}

/* Twice the room; the table is never more than half full. */
static void grow(struct slots *s)
{
    size_t room = s->room > 0 ? 2 * s->room : FIRST_ROOM;
    struct slot *items = arena_array(s->arena, room, sizeof(*items));

    if (room > UINT32_MAX / 2)
        abort();
    if (s->count > 0)
        memcpy(items, s->items, s->count * sizeof(*items));
    s->items = items;
    s->room = room;
    s->table_size = 2 * room;
    s->table = arena_array(s->arena, s->table_size, sizeof(*s->table));
    for (size_t i = 0; i < s->count; i++)
        *place_of(s, items[i].key, items[i].key_size) = (uint32_t)i + 1;
}

void *slots_find(const struct slots *s, const void *key, size_t size)
{
    uint32_t place = s->count > 0 ? *place_of(s, key, size) : 0;

    return place > 0 ? s->items[place - 1].thing : NULL;
}

/* The item of this key; a new one has no thing yet. */
static struct slot *item_of(struct slots *s, const void *key, size_t size,
                            bool *ret_new)
{
    uint32_t *place;

    if (s->count == s->room)
        grow(s);
    place = place_of(s, key, size);
    *ret_new = *place == 0;
    if (*place == 0) {
        s->items[s->count++] = (struct slot){
            .key = arena_copy(s->arena, key, size),
            .key_size = size,
        };
        *place = (uint32_t)s->count;
    }
    return &s->items[*place - 1];
}

void *slots_get(struct slots *s, const void *key, size_t size,
                size_t thing_size, bool *ret_new)
{
    bool is_new;
    struct slot *item = item_of(s, key, size, &is_new);

    if (is_new)
        item->thing = arena_give(s->arena, thing_size);
    if (ret_new)
        *ret_new = is_new;
    return item->thing;
}

void slots_put(struct slots *s, const void *key, size_t size, void *thing)
{
    bool is_new;

    item_of(s, key, size, &is_new)->thing = thing;
}
