/*
 * pauses.h - types of commands that are not taken at present, by an
 * operator's word: rows of gateway.pause.
 */
#ifndef BAODAO_GATEWAY_PAUSES_H
#define BAODAO_GATEWAY_PAUSES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/io/pg.h"

#define PAUSES_MAX 64
#define PAUSES_SQL                                                            \
    "SELECT type, who, to_char(since AT TIME ZONE interval '08:00',"          \
    " 'YYYY-MM-DD HH24:MI'), why FROM gateway.pause ORDER BY type LIMIT 64"

struct pauses {
    struct paused_type {
        char type[64], who[256], since[32], why[801];
    } items[PAUSES_MAX];
    size_t count;
};

struct request;

/* The rows of PAUSES_SQL. */
void pauses_take(struct pauses *p, const struct pg_rows *rows);
/* Answers 503 and returns true when the request's type is paused. */
bool pauses_refuse(struct request *r);

#endif
