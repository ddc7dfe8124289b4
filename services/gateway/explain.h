/* explain.h - GET …/clock: a lane's clocks, explained. */
#ifndef BAODAO_GATEWAY_EXPLAIN_H
#define BAODAO_GATEWAY_EXPLAIN_H

#include "common/io/pg.h"

struct request;

extern const struct pg_stmt explain_stmts[];

/* For the routes. */
void explain_start(struct request *r);

#endif
