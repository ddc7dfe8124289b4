/*
 * produce.h - from a POST to a command that Kafka holds.
 *
 * rights -> body and path become one object -> schema -> id and key -> Kafka
 * -> 202, or the outcome (outcome.h).
 */
#ifndef BAODAO_GATEWAY_PRODUCE_H
#define BAODAO_GATEWAY_PRODUCE_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/io/kafka_out.h"
#include "common/io/pg.h"

struct gateway;
struct request;

extern const struct pg_stmt produce_stmts[];

/* Compiles the schema of every command in the routes. */
MUST_CHECK bool produce_open(const struct gateway *g, struct err *err);
void produce_close(void);
/* For the routes. */
void produce_start(struct request *r);
/* For kafka_out_settings.delivered. */
void produce_delivered(void *context, const struct kafka_out_report *report);

#endif
