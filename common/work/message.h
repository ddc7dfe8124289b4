/*
 * message.h - one command as a worker sees it: envelope, time, decoded body.
 *
 * Everything points into the Kafka record or the batch's arena and lives as
 * long as the batch.
 */
#ifndef BAODAO_WORK_MESSAGE_H
#define BAODAO_WORK_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/io/kafka_in.h"

struct route;
struct partition;

/* Who speaks; on the wire "role/office/person", office and person may be
 * empty ("resident//r-17", "worker/intake/"). */
struct actor {
    struct text role;
    struct text office; /* an office code or a region code */
    struct text person;
};

/* Splits the wire form; ERR_REJECT "bad_actor" when it has no role. */
MUST_CHECK bool actor_parse(struct text wire, struct actor *ret_actor,
                            struct err *err);

/*
 * Where a refusal must come back as a command:
 * "issue.commands|530103003001|issue.route_failed|<subject>".
 */
struct reply {
    struct text topic, key, type, subject; /* topic empty: none */
};

MUST_CHECK bool reply_parse(struct text wire, struct reply *ret_reply,
                            struct err *err);
/* The wire form, in the arena. */
struct text reply_print(struct arena *arena, const struct reply *reply);

enum verdict {
    VERDICT_DECIDE, /* decoded; decide will be called */
    VERDICT_DONE,   /* decided; its records are in the batch */
    VERDICT_SEEN,   /* the log has it already: nothing happens */
    VERDICT_DEAD,   /* goes to dead letters with its bytes; why is in err */
};

struct message {
    struct kafka_record record; /* owned by the batch */
    struct partition *partition;
    int64_t at_us; /* the broker's time, monotonic in its partition */

    struct uuid id;          /* ce_id */
    struct text type;        /* ce_type */
    struct text subject;     /* ce_subject, may be empty */
    struct text actor_wire;  /* ce_actor */
    struct actor actor;
    struct text scope;       /* ce_scope */
    struct text reply_wire;  /* ce_reply */
    struct reply reply;
    struct text trace;       /* traceparent */
    struct text holders;     /* ce_holders (task.assign) */
    struct digest digest;    /* ce_digest, or ours of the value without one */

    const struct route *route;
    void *in; /* the decoded struct of route->size bytes */

    enum verdict verdict;
    const struct err *err; /* of the batch's arena; NULL: nothing is wrong */
    bool skipped; /* log.skip has it, or shall: dead, and never decoded */
    struct uuid row0; /* derive(topic, id, 0) */
    bool known;       /* the log has row0, of a command with this digest */
    struct digest known_digest;
    size_t first_record, record_count; /* in the batch's records */
};

/*
 * Reads the envelope of m->record into m. ERR_REJECT names the header that is
 * missing or wrong (field "ce_id", …).
 */
MUST_CHECK bool message_open(struct message *m, struct err *err);

#endif
