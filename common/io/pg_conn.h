/* pg_conn.h - what pg.c and pg_flight.c share: the connection's inside. */
#ifndef BAODAO_IO_PG_CONN_H
#define BAODAO_IO_PG_CONN_H

#include <libpq-fe.h>
#include <stddef.h>

#include "common/io/pg.h"

/* An answer that is awaited; statement NULL: the Sync that ends a flight. */
struct pg_awaited {
    const struct pg_stmt *statement;
    pg_take *take;
    void *context;
};

struct pg {
    PGconn *conn;
    bool broken;
    bool unflushed;   /* libpq still holds bytes for the server */
    bool open;        /* statements were sent and no Sync behind them */
    bool answered;    /* the first awaited has its result, its end not */
    struct err first; /* of the flight; later ones only follow from it */
    /* A ring: the oldest at head, room a power of two. */
    struct pg_awaited *awaited;
    size_t head, count, room;
};

/* Fills err by the SQLSTATE; returns false. result may be NULL. */
bool pg_fail(struct pg *pg, const PGresult *result, struct err *err);
/* Gives a good result to take (may be NULL), a bad one to pg_fail. */
MUST_CHECK bool pg_give(struct pg *pg, const PGresult *result, pg_take *take,
                        void *context, struct err *err);
/* Adds a Parse to the flight. */
MUST_CHECK bool pg_prepare(struct pg *pg, const struct pg_stmt *statement,
                           struct err *err);

/* All parameters and results are binary. */
#define PG_BINARY 1
extern const int pg_formats[PG_PARAMS_MAX];

#endif
