/* id_new.c - new UUIDv7: apart from id.c, because it asks for chance. */
#include "common/base/id.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/*
 * The last id as two numbers: milliseconds, and the 74 free bits behind them
 * as 12 high and 62 low.
 */
struct last {
    int64_t ms;
    uint16_t high;
    uint64_t low;
};

#define HIGH_MAX 0x0fffu
#define LOW_MAX (UINT64_MAX >> 2)

static void chance(void *bytes, size_t size)
{
    if (getrandom(bytes, size, 0) != (ssize_t)size)
        abort(); /* up to 256 bytes it is all or nothing */
}

/* Forward within the millisecond by a random step, so that the next id cannot
 * be guessed; beyond the last one, to the next millisecond. */
static void step(struct last *last)
{
    uint32_t by;

    chance(&by, sizeof(by));
    last->low += (uint64_t)by + 1;
    if (last->low <= LOW_MAX)
        return;
    last->low &= LOW_MAX;
    if (last->high++ < HIGH_MAX)
        return;
    last->high = 0;
    last->ms++;
}

static void start(struct last *last, int64_t ms)
{
    last->ms = ms;
    chance(&last->high, sizeof(last->high));
    chance(&last->low, sizeof(last->low));
    last->high &= HIGH_MAX >> 1; /* half the room is left for steps */
    last->low &= LOW_MAX;
}

struct uuid uuid_new(int64_t at_us)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct last last;
    struct uuid id;
    struct last mine;

    pthread_mutex_lock(&lock);
    if (at_us / 1000 > last.ms)
        start(&last, at_us / 1000);
    else
        step(&last);
    mine = last;
    pthread_mutex_unlock(&lock);

    id = uuid_first(mine.ms * 1000);
    id.bytes[6] = (uint8_t)(0x70 | mine.high >> 8);
    id.bytes[7] = (uint8_t)mine.high;
    for (int i = 0; i < 8; i++)
        id.bytes[8 + i] = (uint8_t)(mine.low >> (56 - 8 * i));
    id.bytes[8] |= 0x80;
    return id;
}
