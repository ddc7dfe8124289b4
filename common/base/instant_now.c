/* instant_now.c - the clocks, apart from instant.c: rules may not link them. */
#include "common/base/instant.h"

#include <time.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t instant_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t instant_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
