/*
 * session.h - who asks: bearer tokens, kept as keyed hashes in gateway.token,
 * remembered here for half a minute.
 */
#ifndef BAODAO_GATEWAY_SESSION_H
#define BAODAO_GATEWAY_SESSION_H

#include "common/io/pg.h"

struct request;
struct sessions;

extern const struct pg_stmt session_stmts[];

struct sessions *sessions_open(void);
void sessions_close(struct sessions *s);

/*
 * Fills r->session and goes on with then(r); or answers 401 (no token, or one
 * that is not known or has expired) or 503.
 */
void session_start(struct request *r, void (*then)(struct request *r));
/* Sees everything: district_*, operator, auditor, reviewer. */
bool session_sees_all(const struct request *r);

#endif
