/*
 * right.h - sets the duty sets right from PostgreSQL: who can be sent now, and
 * how many lanes each has.
 */
#ifndef BAODAO_DISPATCH_RIGHT_H
#define BAODAO_DISPATCH_RIGHT_H

#include "common/io/pg.h"
#include "services/dispatch/reserve.h"

void right_start(void); /* registers what it counts */

/*
 * Stamps are read before the rows: an office that was reserved from in the
 * meantime keeps its counts. building: the sets are gone and made anew.
 * ERR_RETRY: Redis or PostgreSQL is away.
 */
MUST_CHECK bool right_set(struct reserve *reserve, struct pg *pg,
                          bool building, struct err *err);

#endif
