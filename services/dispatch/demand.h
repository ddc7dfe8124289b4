/*
 * demand.h - the officers that a batch wants, put together by office and
 * pools, so that Redis is asked once for each.
 */
#ifndef BAODAO_DISPATCH_DEMAND_H
#define BAODAO_DISPATCH_DEMAND_H

#include "common/work/batch.h"
#include "services/dispatch/reserve.h"
#include "services/dispatch/whistle.h"

/* Registers what is counted: lanes with an officer, and without. */
void demands_start(void);
/* Adds the batch's takes to the call that is being put together. */
void demands_put(struct batch *batch, struct reserve *r);
/* Writes ce_holders of its task.assign records by the answers. */
void demands_meet(struct batch *batch, const struct redis_reply *answers);
/* There was no answer. */
void demands_unmet(const struct dispatch_state *s);

#endif
