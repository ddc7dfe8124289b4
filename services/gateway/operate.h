/*
 * operate.h - what an operator does over HTTP: one statement a deed, which
 * leaves its row in log.act.
 */
#ifndef BAODAO_GATEWAY_OPERATE_H
#define BAODAO_GATEWAY_OPERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/io/pg.h"

struct gateway;
struct request;

/* Of a route. */
struct deed {
    const char *verb; /* as log.act has it */
    bool wants_why;
    bool of_partitions; /* one may be named */
};

extern const struct deed deed_pause, deed_resume, deed_drain, deed_pause_type,
    deed_resume_type, deed_drop, deed_replay;
extern const struct pg_stmt operate_stmts[];

/* Compiles the schema of what is said with a deed. */
MUST_CHECK bool operate_open(struct err *err);
void operate_close(void);
/* Goes on with the drains whose ends were read; called once a turn. */
void operate_turn(struct gateway *g);

/* Reads what is said with r's deed; or answers and returns false. */
bool operate_hear(struct request *r);
/* Takes the letter of the path away and answers with the act; what was heard
 * is kept in r. */
void operate_settle(struct request *r);

/* For the routes. */
void operate_steer(struct request *r);
void operate_drain(struct request *r);
void operate_type(struct request *r);
void operate_drop(struct request *r);

#endif
