/*
 * groups.h - dead letters of one reason, said again at a limited rate.
 *
 * The request lasts as long as it takes, but no longer than GROUP_RUN_S and
 * for no more than GROUP_MOST letters or GROUP_BYTES; its answer says how many
 * are left, for which it is asked again. So nothing goes on that nobody waits
 * for, and nothing is lost with a gateway: a letter lies there until Kafka has
 * it.
 */
#ifndef BAODAO_GATEWAY_GROUPS_H
#define BAODAO_GATEWAY_GROUPS_H

#include "common/io/pg.h"

#define GROUP_MOST 500
#define GROUP_BYTES (4 << 20) /* all are held until it is answered */
#define GROUP_RUN_S 10
#define GROUP_RATE 50 /* letters a second unless it is said */

struct gateway;
struct request;

extern const struct pg_stmt groups_stmts[];

/* For the routes. */
void groups_replay(struct request *r);
/* Goes on with those whose next letter's turn has come; once a turn. */
void groups_turn(struct gateway *g);

#endif
