/*
 * allocation.c - the memory of a worker, by -Wl,--wrap: the n-th piece may not
 * be there. The product's word for it is abort().
 */
#include <stddef.h>

#include "tests/sim/world.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* Only what a worker asks for. */
static bool fails(void)
{
    return world && world->self >= 0 && nth(NTH_ALLOCATION);
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}
