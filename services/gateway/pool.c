/*
 * pool.c - connections that are opened by a thread, used by the loop.
 *
 * libpq's way to connect blocks on names and slow hosts; a short-lived thread
 * a connection waits instead of the loop.
 */
#include "services/gateway/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/base/metric.h"

#define SLOTS 4
#define RETRY_US SECOND_US
#define QUEUE_US (5 * SECOND_US)
#define FLIGHT_US (12 * SECOND_US) /* over the role's statement_timeout */
#define FLYING_MS 20

enum slot_state {
    SLOT_DOWN,
    SLOT_OPENING, /* a thread is at it */
    SLOT_OPENED,  /* the thread is done: pg is there, or err */
    SLOT_IDLE,
    SLOT_FLYING,
};

struct slot {
    struct pool *pool;
    _Atomic enum slot_state state;
    pthread_t thread;
    struct pg *pg;
    struct err err;
    struct pool_ask *ask;
    int64_t again_us; /* monotonic: not opened before */
    int64_t took_off_us;
};

struct pool {
    const char *conninfo;
    int epoll;
    const struct pg_stmt *const *statements;
    struct slot slots[SLOTS];
    struct pool_ask *first, **last;
    struct err err; /* of the last failure to connect */
};

static struct metric wait_seconds = METRIC_TIMES(
    "baodao_pool_wait_seconds", "waiting for a connection to PostgreSQL");

static const struct pg_stmt act_stmts[] = {
    { "act", "SELECT set_config('app.actor', $1, true)" },
    { 0 },
};

void pool_metrics(void)
{
    metric_register(&wait_seconds);
}

/* ---- opening ---- */

#define LISTS_MAX 16

static void *open_slot(void *context)
{
    struct slot *s = context;
    const struct pg_stmt *lists[LISTS_MAX] = { act_stmts };

    for (int i = 0; i + 2 < LISTS_MAX && s->pool->statements[i]; i++)
        lists[i + 1] = s->pool->statements[i];
    s->pg = NULL;
    if (!pg_open(s->pool->conninfo, "gateway", lists, &s->pg, &s->err))
        s->pg = NULL;
    atomic_store(&s->state, SLOT_OPENED);
    return NULL;
}

static void begin_opening(struct slot *s)
{
    if (instant_monotonic() < s->again_us)
        return;
    s->again_us = instant_monotonic() + RETRY_US;
    atomic_store(&s->state, SLOT_OPENING);
    if (pthread_create(&s->thread, NULL, open_slot, s) != 0)
        atomic_store(&s->state, SLOT_DOWN);
}

static void end_opening(struct slot *s)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = s };

    pthread_join(s->thread, NULL);
    if (!s->pg) {
        s->pool->err = s->err;
        atomic_store(&s->state, SLOT_DOWN);
        return;
    }
    if (epoll_ctl(s->pool->epoll, EPOLL_CTL_ADD, pg_fd(s->pg), &e) != 0)
        abort(); /* only for want of memory */
    atomic_store(&s->state, SLOT_IDLE);
}

static void drop(struct slot *s)
{
    epoll_ctl(s->pool->epoll, EPOLL_CTL_DEL, pg_fd(s->pg), NULL);
    pg_close(s->pg);
    s->pg = NULL;
    s->again_us = 0;
    atomic_store(&s->state, SLOT_DOWN);
}

struct pool *pool_open(const char *conninfo, int epoll,
                       const struct pg_stmt *const *statements)
{
    struct pool *p = calloc(1, sizeof(*p));

    if (!p)
        abort();
    p->conninfo = conninfo;
    p->epoll = epoll;
    p->statements = statements;
    p->last = &p->first;
    err_retry(&p->err, "away", "not connected yet");
    for (size_t i = 0; i < SLOTS; i++)
        p->slots[i].pool = p;
    return p;
}

/* ---- asking ---- */

void pool_ask(struct pool *p, struct pool_ask *ask)
{
    ask->next = NULL;
    ask->asked_us = instant_monotonic();
    *p->last = ask;
    p->last = &ask->next;
}

static struct pool_ask *next_ask(struct pool *p)
{
    struct pool_ask *ask = p->first;

    if (!ask)
        return NULL;
    p->first = ask->next;
    if (!p->first)
        p->last = &p->first;
    return ask;
}

/* One flight without BEGIN is one transaction: the actor lasts as long. */
static bool launch(struct slot *s, struct err *err)
{
    struct pool_ask *ask = s->ask;
    struct pg_params who = { 0 };

    pg_param_text(&who, ask->actor);
    if (ask->actor.size > 0 &&
        !pg_send(s->pg, &act_stmts[0], &who, NULL, NULL, err))
        return false;
    return pg_send(s->pg, ask->statement, &ask->params, ask->take,
                   ask->context, err) &&
           pg_launch(s->pg, err);
}

static void finish(struct slot *s, bool lost, const struct err *err)
{
    struct pool_ask *ask = s->ask;

    s->ask = NULL;
    atomic_store(&s->state, SLOT_IDLE);
    if (lost || pg_is_broken(s->pg))
        drop(s);
    ask->done(ask->context, err);
}

static void advance(struct slot *s)
{
    struct err err = { 0 };

    switch (pg_advance(s->pg, &err)) {
    case PG_LANDED:
        finish(s, false, NULL);
        break;
    case PG_FAILED:
        finish(s, false, &err);
        break;
    case PG_FLYING:
        if (instant_monotonic() - s->took_off_us < FLIGHT_US)
            break;
        err_retry(&err, "late", "the database does not answer");
        finish(s, true, &err);
        break;
    }
}

static void take_off(struct slot *s)
{
    struct err err = { 0 };

    s->ask = next_ask(s->pool);
    if (!s->ask) {
        /* An idle connection tells only that it is lost. */
        if (pg_advance(s->pg, &err) == PG_FAILED || pg_is_broken(s->pg))
            drop(s);
        return;
    }
    atomic_store(&s->state, SLOT_FLYING);
    s->took_off_us = instant_monotonic();
    metric_observe(&wait_seconds, s->took_off_us - s->ask->asked_us);
    if (launch(s, &err))
        advance(s);
    else
        finish(s, true, &err);
}

static void move(struct slot *s)
{
    switch (atomic_load(&s->state)) {
    case SLOT_DOWN:
        begin_opening(s);
        break;
    case SLOT_OPENING:
        break;
    case SLOT_OPENED:
        end_opening(s);
        break;
    case SLOT_IDLE:
        take_off(s);
        break;
    case SLOT_FLYING:
        advance(s);
        break;
    }
}

static void fail_late(struct pool *p)
{
    int64_t now_us = instant_monotonic();

    while (p->first && now_us - p->first->asked_us > QUEUE_US) {
        struct pool_ask *ask = next_ask(p);
        struct err err;

        err_retry(&err, "away", "%s", p->err.sentence);
        ask->done(ask->context, &err);
    }
}

void pool_turn(struct pool *p)
{
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &p->slots[i];
        enum slot_state before;

        do { /* what has landed may take off again */
            before = atomic_load(&s->state);
            move(s);
        } while (before != atomic_load(&s->state) &&
                 atomic_load(&s->state) != SLOT_DOWN);
    }
    fail_late(p);
}

int64_t pool_wait_us(const struct pool *p)
{
    return p && p->first ? instant_monotonic() - p->first->asked_us : 0;
}

int pool_timeout_ms(const struct pool *p)
{
    for (size_t i = 0; i < SLOTS; i++) {
        switch (atomic_load(&p->slots[i].state)) {
        case SLOT_OPENING:
        case SLOT_OPENED:
        case SLOT_FLYING:
            return FLYING_MS;
        case SLOT_IDLE:
            if (p->first)
                return 0;
            break;
        case SLOT_DOWN:
            break;
        }
    }
    return -1;
}

bool pool_ready(struct pool *p, struct err *err)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (atomic_load(&p->slots[i].state) >= SLOT_IDLE)
            return true;
    *err = p->err;
    return false;
}

void pool_close(struct pool *p)
{
    struct pool_ask *ask;
    struct err err;

    if (!p)
        return;
    err_retry(&err, "stopping", "the gateway is stopping");
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &p->slots[i];
        enum slot_state state = atomic_load(&s->state);

        if (state == SLOT_OPENING || state == SLOT_OPENED)
            pthread_join(s->thread, NULL);
        pg_close(s->pg);
        if (s->ask)
            s->ask->done(s->ask->context, &err);
    }
    while ((ask = next_ask(p)))
        ask->done(ask->context, &err);
    free(p);
}
