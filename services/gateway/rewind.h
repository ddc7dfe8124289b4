/*
 * rewind.h - readers are moved over HTTP: a dry run, unless it is said that
 * they shall move. What asks Kafka waits for it in a thread of its own.
 */
#ifndef BAODAO_GATEWAY_REWIND_H
#define BAODAO_GATEWAY_REWIND_H

#include "common/io/pg.h"

struct gateway;
struct request;

extern const struct pg_stmt rewind_stmts[];

/* For the routes. */
void rewind_start(struct request *r);
/* Goes on with those that Kafka has answered; once a turn. */
void rewind_turn(struct gateway *g);
/* At the end; what Kafka still owes ends with the process. */
void rewind_close(struct gateway *g);

#endif
