/*
 * allot.h - officers for lanes, from Redis, after the commit: fairness, never
 * truth. The holder of record is track's row.
 *
 * Redis away, or its sets gone: lanes go out without a holder, and idle work
 * hands them to officers by task.hand when the sets are there again.
 */
#ifndef BAODAO_DISPATCH_ALLOT_H
#define BAODAO_DISPATCH_ALLOT_H

#include "common/base/setting.h"
#include "common/io/pg_array.h"
#include "common/work/batch.h"
#include "services/dispatch/reserve.h"

#define SHIFTS_MAX 64

struct allot_settings {
    const char *redis; /* socket; empty: nobody is allotted */
};
extern struct allot_settings allot_settings;
extern const struct setting allot_setting_table[];

/* For struct service. */
bool allot_start(struct err *err);
/* Frees the officers whose lanes ended, reserves officers for the lanes of
 * the batch, and writes holders of its task.assign records. False: Redis has
 * not answered yet; ask again, with wait for as long as its deadline. */
bool allot_batch(struct batch *batch, bool wait);
/* Makes the sets when they are gone, sets counts right, hands out what lies
 * without a holder. */
void allot_idle(void);

/* reserve_begin() with the cell's time and its ceiling. */
void allot_begin(struct reserve *r, bool building);
/* The shifts that are on now, for OFFICER_AVAILABLE. */
void allot_put_shifts(struct pg_array *shifts);

#endif
