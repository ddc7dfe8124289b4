/* queues.h - GET /v1/queues: how far each worker is behind. */
#ifndef BAODAO_GATEWAY_QUEUES_H
#define BAODAO_GATEWAY_QUEUES_H

#include "common/io/pg.h"

struct request;

extern const struct pg_stmt queues_stmts[];

/* Three more parameters of r->ask, arrays of one length: topics of commands,
 * partitions, and Kafka's ends, NULL where one is not known yet. */
void queues_put_marks(struct request *r);
/* For the routes. */
void queues_start(struct request *r);

#endif
