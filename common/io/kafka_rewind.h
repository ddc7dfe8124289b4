/*
 * kafka_rewind.h - moves what a group of readers has committed in Kafka, so
 * that it reads a topic again, or leaves some out.
 *
 *     kafka_rewind_to(text, &r) && kafka_rewind_plan(admin, &r, err) &&
 *     kafka_rewind_move(admin, &r, err)
 */
#ifndef BAODAO_IO_KAFKA_REWIND_H
#define BAODAO_IO_KAFKA_REWIND_H

#include "common/base/text.h"
#include "common/io/kafka_admin.h"

#define REWIND_PARTITIONS 64

struct kafka_rewind {
    char group[128], topic[96]; /* the caller's; with the cell's prefix */
    int64_t offset;             /* where to; -1: at_us */
    int64_t at_us;
    /* made by the plan */
    size_t count;
    int64_t committed[REWIND_PARTITIONS]; /* -1: nothing */
    int64_t target[REWIND_PARTITIONS];
};

/* An offset, or an instant like 2026-03-02T08:30+08:00; false: neither. */
MUST_CHECK bool kafka_rewind_to(struct text to, struct kafka_rewind *r);
/*
 * Where the group stands and would stand; nothing is moved. Blocks. ERR_REJECT
 * "no_topic"; "has_members": it lives, and would overwrite what is moved.
 */
MUST_CHECK bool kafka_rewind_plan(struct kafka_admin *a,
                                  struct kafka_rewind *r, struct err *err);
MUST_CHECK bool kafka_rewind_move(struct kafka_admin *a,
                                  const struct kafka_rewind *r,
                                  struct err *err);

#endif
