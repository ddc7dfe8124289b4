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

/* What a partition's consumer row says: kept = committed, flown = on its way
 * to be, now = decided. */
struct mark {
    int64_t next_offset;
    int64_t at_us;
    int64_t seq;
    struct digest hash;
    int32_t number_day;
    int64_t number_last;
    int64_t messages, refused, seen, dead;
};

/* Messages that no fold decides: rows of log.skip. */
struct skip {
    int64_t first, last; /* offsets */
    bool gap;            /* passed over; else each is a dead letter: */
    struct err why;
};

struct partition {
    int32_t number;
    int64_t epoch;
    struct mark kept, flown, now;
    int64_t gathered_offset; /* next one to come out of Kafka */
    int64_t gathered_at_us;
    int64_t caught_up_us; /* the cell's time when nothing waited last */
    /* Nothing from this offset on is gathered; INT64_MAX: it goes on. wanted:
     * the operator's pause as last heard; see pause.c. */
    int64_t stop_at, wanted_stop;
    bool overran;  /* what lies behind stop_at was let go, or not fetched */
    bool standing; /* paused in Kafka's client */
    /* The last message folded, as the consumer row knows it; -1: it does not.
     * unproven: it is to be read again, and be the same; see proof.h. */
    int64_t last_offset;
    struct digest last;
    bool unproven;
    struct skip *skips; /* from next_offset on; owned */
    size_t skip_count;
    int raised;            /* `starts` by us, and nothing folded since */
    int64_t suspect_until; /* offsets before it are folded one by one */
    /* publishing: rows of the log that Kafka has, without a gap */
    int64_t published;       /* seq */
    int64_t marked;          /* what the consumer row says of it */
    int64_t told_offset;     /* committed to Kafka, for lag tools */
    uint8_t *acked;          /* ring of bits behind published; owned */
    size_t acked_room;
};

/* Keys of the cell that the fold uses. */
struct work_keys {
    uint8_t chain[KEY_SIZE];
    uint8_t body[KEY_SIZE];
};

/* Records for one topic and partition, in order of saying. */
struct way {
    int number; /* kafka_out_way */
    struct record *first, *last; /* that are not said yet */
};

struct batch {
    const struct service *service;
    const struct work_keys *keys;
    struct arena arena; /* all that the batch makes; reset with it */
    struct message *messages;
    size_t count, room;
    size_t size_bytes; /* of the values */
    struct record *records; /* in order of saying */
    size_t record_count, record_room;
    bool is_loaded;       /* the answers of service->load are here */
    size_t decided_count; /* of the messages */
    bool load_sent, rows_sent, log_sent; /* to PostgreSQL */
    bool may_be_said;    /* service->after_commit is through */
    struct way *ways;    /* of the records, once they are to be said */
    size_t way_count;
    size_t said_count;   /* of them, handed over to Kafka's client */
    struct slots seen; /* row 0 -> its first message's number + 1 */
    void *state;       /* service->state_size bytes */

    struct json writer;  /* of the record that is being said */
    struct buf writing;  /* its data */
    bool is_writing;
};

/* The i-th message that load and save should look at; NULL when it was seen,
 * is dead, or could not be decoded. */
static inline struct message *batch_message(struct batch *b, size_t i)
{
    struct message *m = &b->messages[i];

    return m->verdict == VERDICT_DECIDE || m->verdict == VERDICT_DONE ? m
                                                                      : NULL;
}

/* The first message of the batch with this row 0, or NULL. */
struct message *batch_first(const struct batch *b, const struct uuid *row0);

/* ---- for the loop and for tests of rules ---- */

void batch_start(struct batch *b, const struct service *service,
                 const struct work_keys *keys);
/* Empties it; records of messages still in it are freed. */
void batch_reset(struct batch *b);
void batch_release(struct batch *b);

/* Adds a message and takes its record; the envelope is not read yet. */
struct message *batch_add(struct batch *b, const struct kafka_record *record,
                          struct partition *partition);

/* Envelope, route, rights, schema: fills m->in or m->verdict and m->err. */
void batch_decode(struct batch *b, struct message *m,
                  const struct schema *const *schemas,
                  int32_t partition_count);

/* Decides the next messages in order, at most so many; false: ERR_RETRY or
 * ERR_FATAL. */
MUST_CHECK bool batch_decide(struct batch *b, size_t most, struct err *err);

#endif
