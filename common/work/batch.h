/*
 * batch.h - the messages of one transaction and what was decided about them.
 */
#ifndef BAODAO_WORK_BATCH_H
#define BAODAO_WORK_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/slots.h"
#include "common/work/message.h"
#include "common/work/record.h"
#include "common/work/service.h"

struct said; /* a record while its data is being written */

struct batch {
    const struct service *service;
    struct arena arena; /* all that the batch makes; reset with it */
    struct message *messages;
    size_t count, room;
    size_t size_bytes; /* of the values */
    struct record *records; /* in order of saying; growable */
    size_t record_count, record_room;
    void *state; /* service->state_size bytes */
};

/* The i-th message that load and save should look at; NULL when it was seen,
 * is dead, or could not be decoded. */
static inline struct message *batch_message(struct batch *b, size_t i)
{
    struct message *m = &b->messages[i];

    return m->verdict == VERDICT_DECIDE || m->verdict == VERDICT_DONE ? m
                                                                      : NULL;
}

#endif
