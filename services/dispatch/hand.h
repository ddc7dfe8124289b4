/*
 * hand.h - lanes that wait without an officer: none was there, the one there
 * did not sign in half the time, or is off duty. Read from track's rows and
 * the roster, so that nothing need be remembered.
 */
#ifndef BAODAO_DISPATCH_HAND_H
#define BAODAO_DISPATCH_HAND_H

#include "common/io/pg.h"
#include "services/dispatch/reserve.h"

/* SQL: the officer in alias o can be sent at $1, in one of these shifts. */
#define OFFICER_AVAILABLE(o, shifts)                                           \
    o ".on_duty AND " o ".capacity > 0 AND (" o ".leave_from IS NULL OR "      \
      "$1::timestamptz < " o ".leave_from OR $1::timestamptz >= " o            \
      ".leave_to) AND (" o ".shift IS NULL OR " o ".shift = ANY (" shifts      \
      "::text[]))"

void hand_start(void); /* registers what it counts */

/*
 * Reserves officers for the waiting lanes of these partitions and sends the
 * task.hand of each; ret_found counts the lanes that wait, also those that
 * were sent a moment ago. ERR_RETRY: Redis, PostgreSQL or Kafka is away.
 */
MUST_CHECK bool hand_look(struct reserve *reserve, struct pg *pg,
                          const int32_t *partitions, size_t count,
                          size_t *ret_found, struct err *err);

#endif
