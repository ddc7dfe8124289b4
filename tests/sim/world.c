/* world.c - chance, memory, story, time and turns of a simulated run; and the
 * small neighbours: clocks, signals, log, side port. */
#include "tests/sim/world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/side.h"
#include "common/io/supervise.h"

#define SLICE_US (20 * 1000)

struct world *world;

/* ---- chance, memory, story ---- */

uint32_t chance(uint32_t below)
{
    uint64_t x = (world->chance += UINT64_C(0x9e3779b97f4a7c15));

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ x >> 31) >> 32) % below;
}

bool calm(void)
{
    return world->now_us >= world->calm_at_us;
}

bool befalls(int per_100000)
{
    return per_100000 > 0 && !calm() &&
           chance(100000) < (uint32_t)per_100000;
}

bool nth(enum family family)
{
    return world->family == family && ++world->nth_count == world->nth;
}

void *give(size_t size)
{
    size_t at = (world->used + 15) & ~(size_t)15;

    if (size > WORLD_BYTES - at)
        abort();
    world->used = at + size;
    memset(world->bytes + at, 0, size);
    return world->bytes + at;
}

struct text keep(struct text t)
{
    char *bytes = give(t.size + 1);

    if (t.size > 0)
        memcpy(bytes, t.bytes, t.size);
    return (struct text){ bytes, t.size };
}

struct text keep_print(const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    return keep(text_of(line));
}

static void tell_v(const char *format, va_list args)
{
    size_t room = STORY_BYTES - world->story_size;
    char *at = world->story + world->story_size;
    int size;

    if (room < 1024)
        return;
    size = snprintf(at, room, "%10.6f %c ", (double)world->now_us / 1e6,
                    world->self < 0 ? '-' : 'A' + world->self);
    size += vsnprintf(at + size, 900, format, args);
    at[size > 919 ? size = 919 : size] = '\n';
    world->story_size += (size_t)size + 1;
    at[size + 1] = '\0';
}

void tell(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell_v(format, args);
    va_end(args);
}

void broken(const char *format, ...)
{
    va_list args;

    if (world->failed[0])
        return;
    va_start(args, format);
    vsnprintf(world->failed, sizeof(world->failed), format, args);
    va_end(args);
    tell("BROKEN: %s", world->failed);
}

/* ---- time and turns ---- */

void happen(void)
{
    kafka_moves();
    pg_moves();
    people_move();
}

/* The director hands the turn on; it comes back when it is this worker's. */
static void yield(int64_t wake_at_us)
{
    struct worker_slot *me = &world->slot[world->self];

    me->wake_at_us = wake_at_us;
    sem_post(&world->director);
    while (sem_wait(&me->turn) != 0 && errno == EINTR)
        ;
    if (world->failed[0])
        _exit(99);
}

static bool other_by(int64_t at_us)
{
    for (int i = 0; i < world->workers; i++) {
        const struct worker_slot *s = &world->slot[i];

        if (i != world->self && !s->quiet &&
            (s->pid ? s->wake_at_us : s->start_at_us) <= at_us)
            return true;
    }
    return false;
}

static void count_step(void)
{
    if (world->failed[0])
        _exit(99);
    if (++world->steps > world->steps_most) {
        broken("no quiet after %lld calls", (long long)world->steps_most);
        _exit(99);
    }
}

void pass(int64_t us)
{
    int64_t until_us = world->now_us + us;

    count_step();
    /* Once calm, the director looks whether all is quiet. */
    if (calm() || other_by(until_us)) {
        world->slot[world->self].asleep = true;
        yield(until_us);
        world->slot[world->self].asleep = false;
        return;
    }
    while (world->now_us < until_us) {
        int64_t left_us = until_us - world->now_us;

        world->now_us += left_us < SLICE_US ? left_us : SLICE_US;
        happen();
    }
}

static void freeze(struct worker_slot *me, const char *call)
{
    int64_t for_us = (int64_t)(1 + chance(14000)) * 1000;

    tell("frozen at %s for %.3f s", call, (double)for_us / 1e6);
    world->counted[COUNTED_FREEZES]++;
    world->members[world->self].silent_since_us = world->now_us;
    me->frozen_until_us = world->now_us + for_us;
    yield(me->frozen_until_us);
    world->members[world->self].silent_since_us = NEVER;
    tell("goes on");
}

/* Kafka hears nothing of it for a while, and it nothing of Kafka; with
 * PostgreSQL it goes on. */
static void isolate(struct member *m)
{
    if (m->cut_until_us != 0 && world->now_us >= m->cut_until_us) {
        m->cut_until_us = 0;
        m->silent_since_us = NEVER;
    }
    if (m->cut_until_us != 0 || !befalls(world->odds.isolate))
        return;
    m->silent_since_us = world->now_us;
    m->cut_until_us = world->now_us + (int64_t)chance(4000) * 1000;
    tell("is cut off from Kafka till %.3f", (double)m->cut_until_us / 1e6);
}

void engine(const char *call)
{
    struct worker_slot *me = &world->slot[world->self];

    count_step();
    world->now_us += 1 + chance(200);
    happen();
    if (befalls(world->odds.crash) || nth(NTH_DEATH)) {
        tell("dies at %s", call);
        world->counted[COUNTED_CRASHES]++;
        _exit(137);
    }
    if (befalls(world->odds.freeze))
        freeze(me, call);
    isolate(&world->members[world->self]);
    if (!me->stopping && befalls(world->odds.stop)) {
        tell("SIGTERM at %s", call);
        me->stopping = true;
    }
    if (world->workers > 1 && chance(16) == 0)
        yield(world->now_us);
}

/* ---- the clocks ---- */

#define BORN_US INT64_C(1772411400000000) /* 2026-03-02T08:30+08:00 */

int64_t instant_now(void)
{
    return BORN_US + world->now_us;
}

int64_t instant_monotonic(void)
{
    return world->now_us;
}

/* ---- signals and side port ---- */

void supervise_start(void)
{
}

bool supervise_stopping(void)
{
    return world->slot[world->self].stopping;
}

int supervise_fd(void)
{
    return -1;
}

void supervise_notify(const char *state)
{
    (void)state;
}

bool side_open(const char *address, struct side **ret_side, struct err *err)
{
    (void)address;
    (void)err;
    *ret_side = NULL;
    return true;
}

void side_close(struct side *s)
{
    (void)s;
}

void side_alive(struct side *s)
{
    (void)s;
}

void side_ready(struct side *s, const char *why_not)
{
    (void)s;
    (void)why_not;
}

/* ---- the log is part of the story ---- */

void log_start(const char *service, const char *instance, enum log_level least)
{
    (void)service;
    (void)instance;
    (void)least;
}

static void put_fields(char *into, size_t room, va_list args)
{
    size_t size = 0;
    const char *name;

    into[0] = '\0';
    while ((name = va_arg(args, const char *))) {
        size_t left = room - size;
        int more = 0;

        switch (va_arg(args, int)) {
        case LOG_KIND_INT:
            more = snprintf(into + size, left, " %s=%lld", name,
                            (long long)va_arg(args, int64_t));
            break;
        case LOG_KIND_STRING:
            more = snprintf(into + size, left, " %s=%s", name,
                            va_arg(args, const char *));
            break;
        default:
            va_arg(args, struct text);
        }
        size += (size_t)more;
        if (size >= room)
            return;
    }
}

void log_fact(enum log_level level, const char *fact, ...)
{
    char fields[400];
    va_list args;

    (void)level;
    va_start(args, fact);
    put_fields(fields, sizeof(fields), args);
    va_end(args);
    tell("log %s%s", fact, fields);
}

void log_error(enum log_level level, const char *fact, const struct err *err,
               ...)
{
    char fields[300];
    va_list args;

    (void)level;
    va_start(args, err);
    put_fields(fields, sizeof(fields), args);
    va_end(args);
    tell("log %s %s %s: %s%s", fact, err_kind_name(err->kind), err->code,
         err->sentence, fields);
}
