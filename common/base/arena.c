/* arena.c - a chain of blocks that are filled one after another, and one of
 * pieces too large for them. */
#include "common/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 * 1024)

struct arena_block {
    struct arena_block *next; /* owned */
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

/*
 * In a build with AddressSanitizer what is not given is poisoned, so that a
 * pointer kept over a reset, or a write behind a piece, is found at once.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POISONED 1
#endif
#ifdef POISONED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(bytes, size) ((void)(bytes), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(bytes, size) ((void)(bytes), (void)(size))
#endif

static void free_chain(struct arena_block *first)
{
    while (first) {
        struct arena_block *b = first;

        first = b->next;
        ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
        free(b);
    }
}

void arena_reset(struct arena *a)
{
    free_chain(a->large);
    a->large = NULL;
    for (struct arena_block *b = a->first; b; b = b->next) {
        b->used = 0;
        ASAN_POISON_MEMORY_REGION(b->bytes, b->size);
    }
    a->current = a->first;
    a->used_bytes = 0;
}

void arena_release(struct arena *a)
{
    free_chain(a->large);
    free_chain(a->first);
    *a = (struct arena){0};
}

void arena_cleanup(struct arena *a)
{
    arena_release(a);
}

/* At the front of a chain. */
static struct arena_block *new_block(struct arena_block **link, size_t size)
{
    struct arena_block *b = malloc(sizeof(*b) + size);

    if (!b)
        abort();
    *b = (struct arena_block){.next = *link, .size = size};
    ASAN_POISON_MEMORY_REGION(b->bytes, b->size);
    *link = b;
    return b;
}

/* The next one kept, or a new one at the end. */
static struct arena_block *next_block(struct arena *a)
{
    struct arena_block **link = a->current ? &a->current->next : &a->first;

    return *link ? *link : new_block(link, BLOCK_SIZE);
}

/* Not zeroed. A size so large that rounding wraps becomes 0: abort. */
static void *give(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t wanted = (size + (size == 0) + align - 1) & ~(align - 1);
    struct arena_block *b = a->current;
    void *piece;

    if (wanted == 0 || wanted > SIZE_MAX / 2)
        abort();
    if (wanted > BLOCK_SIZE)
        b = new_block(&a->large, wanted);
    else if (!b || b->size - b->used < wanted)
        b = a->current = next_block(a);
    piece = b->bytes + b->used;
    b->used += wanted;
    a->used_bytes += wanted;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

void *arena_give(struct arena *a, size_t size)
{
    return memset(give(a, size), 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        abort();
    return arena_give(a, count * size);
}

void *arena_copy(struct arena *a, const void *bytes, size_t size)
{
    void *copy = give(a, size);

    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

struct text arena_text(struct arena *a, struct text t)
{
    char *copy = give(a, t.size + 1);

    if (t.size > 0)
        memcpy(copy, t.bytes, t.size);
    copy[t.size] = '\0';
    return (struct text){copy, t.size};
}

struct text arena_join(struct arena *a, const struct text *parts,
                       size_t count)
{
    size_t size = 1;

    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    return text_join(give(a, size), size, parts, count);
}

/* Most are short: printed once, not measured before. */
struct text arena_print(struct arena *a, const char *format, ...)
{
    char brief[256];
    va_list args;
    char *bytes;
    int size;

    va_start(args, format);
    size = vsnprintf(brief, sizeof(brief), format, args);
    va_end(args);
    if (size < 0)
        abort();
    if ((size_t)size < sizeof(brief))
        return arena_text(a, (struct text){brief, (size_t)size});
    bytes = give(a, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(bytes, (size_t)size + 1, format, args);
    va_end(args);
    return (struct text){bytes, (size_t)size};
}
