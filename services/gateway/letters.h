/* letters.h - one dead letter: shown, or said again as it is. */
#ifndef BAODAO_GATEWAY_LETTERS_H
#define BAODAO_GATEWAY_LETTERS_H

#include "common/io/pg.h"

struct request;

extern const struct pg_stmt letters_stmts[];

/* For the routes. */
void letters_start(struct request *r);
void letters_replay(struct request *r);

#endif
