/* queues.h - GET /v1/queues: how far each worker is behind. */
#ifndef BAODAO_GATEWAY_QUEUES_H
#define BAODAO_GATEWAY_QUEUES_H

#include "common/io/pg.h"

struct request;

extern const struct pg_stmt queues_stmts[];

/* For the routes. */
void queues_start(struct request *r);

#endif
