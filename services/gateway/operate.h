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
struct group;
struct request;

/* What may be said with a deed, besides why. */
enum deed_kind {
    DEED_PLAIN,  /* nothing */
    DEED_STEER,  /* the partition that is meant */
    DEED_GROUP,  /* code and field of dead letters, and how many a second */
    DEED_EDIT,   /* what the letter shall say */
    DEED_REWIND, /* a topic, where to, and that it shall move */
    DEED_KINDS
};

/* Of a route. */
struct deed {
    const char *verb; /* as log.act has it */
    bool wants_why;
    enum deed_kind kind;
};

struct said { /* r->deed */
    struct uuid act;
    struct text why;
    int64_t partition; /* INT_ABSENT: all */
    uint64_t round;    /* of a drain: when the ends were read after it */
    struct text code, field; /* field empty: whatever it is */
    int64_t rate;
    struct text value; /* JSON */
    struct text topic, to;
    bool move;
    struct group *group; /* letters that are said again (groups.c) */
};

extern const struct deed deed_pause, deed_resume, deed_drain, deed_pause_type,
    deed_resume_type, deed_drop, deed_replay, deed_edit, deed_drop_group,
    deed_replay_group, deed_rewind;
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
/* The parameters with which a deed's statement begins: act, at and verb, and
 * what the path names. What the statement gives is the answer. */
struct pg_params *operate_begin(struct request *r,
                                const struct pg_stmt *statement,
                                const char *verb);
/* The group of letters that is meant, and why. */
void operate_put_group(struct request *r);

/* For the routes. */
void operate_steer(struct request *r);
void operate_drain(struct request *r);
void operate_type(struct request *r);
void operate_drop(struct request *r);
void operate_drop_group(struct request *r);

#endif
