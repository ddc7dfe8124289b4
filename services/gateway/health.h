/* health.h - GET /v1/doctor: why is nothing moving? */
#ifndef BAODAO_GATEWAY_HEALTH_H
#define BAODAO_GATEWAY_HEALTH_H

#include "common/io/pg.h"

struct request;

extern const struct pg_stmt health_stmts[];

/* For the routes. */
void health_start(struct request *r);

#endif
