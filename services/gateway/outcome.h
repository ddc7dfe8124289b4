/*
 * outcome.h - what became of a command: heard as an event, or found in the
 * log.
 */
#ifndef BAODAO_GATEWAY_OUTCOME_H
#define BAODAO_GATEWAY_OUTCOME_H

#include "common/io/pg.h"
#include "services/gateway/hear.h"

struct gateway;
struct request;
struct outcomes;

extern const struct pg_stmt outcome_stmts[];

struct outcomes *outcomes_open(void);
void outcomes_close(struct outcomes *o);

/* From now on the outcome of r->command is listened for: before it is sent,
 * or the answer might be quicker. */
void outcome_expect(struct request *r);
void outcome_forget(struct request *r);
/*
 * Kafka holds it: answers with the outcome, or, when none came within
 * r->command.wait_us, by late(r). A command of the same id but another body
 * is answered 409 id_reused.
 */
void outcome_wait(struct request *r, void (*late)(struct request *r));
void outcome_heard(struct gateway *g, const struct heard *event);
/* Looks in the log for whom nothing was heard; called once a turn. */
void outcome_turn(struct gateway *g);

/* GET /v1/commands/{command}: for the routes. */
void outcome_start(struct request *r);

#endif
