/*
 * pool.h - a few connections to PostgreSQL that never block the loop.
 *
 * An ask is one statement in a transaction of its own, as the actor whom
 * row-level security shall know. Its owner keeps it, and the bytes of its
 * parameters, until done was called: exactly once, from pool_turn or
 * pool_close.
 */
#ifndef BAODAO_GATEWAY_POOL_H
#define BAODAO_GATEWAY_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/io/pg.h"

struct pool_ask {
    struct text actor; /* app.actor; empty: none, for the gateway's tables */
    const struct pg_stmt *statement;
    struct pg_params params;
    pg_take *take;
    /* err is NULL when take has returned true. */
    void (*done)(void *context, const struct err *err);
    void *context; /* of take and done */
    struct pool_ask *next;
    int64_t asked_us; /* monotonic */
};

struct pool;

/* Registers its metrics; once, at start. */
void pool_metrics(void);
/* Connections come up in the background; epoll hears of them. */
struct pool *pool_open(const char *conninfo, int epoll,
                       const struct pg_stmt *const *statements);
/* Fails what is still asked. */
void pool_close(struct pool *p);
void pool_ask(struct pool *p, struct pool_ask *ask);
/* Moves everything that can be moved; called once a turn. */
void pool_turn(struct pool *p);
/* Milliseconds in which pool_turn wants to be called; -1: when an fd says. */
int pool_timeout_ms(const struct pool *p);
/* How long the oldest has waited for a connection; p may be NULL. */
int64_t pool_wait_us(const struct pool *p);
/* At least one connection is up; else the reason of the last failure. */
bool pool_ready(struct pool *p, struct err *err);

#endif
