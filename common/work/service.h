/*
 * service.h - what a worker program fills in; worker_main() does the rest.
 *
 *     int main(int argc, char **argv)
 *     {
 *         return worker_main(&dispatch, argc, argv);
 *     }
 *
 * One turn over a batch (worker.c):
 *     decode   bytes -> route->fields -> struct          (here, by tables)
 *     load     service->load sends its queries           (one flight)
 *     decide   route->decide for each message, in order  (pure)
 *     save     service->save sends its statements        (one flight)
 *     after    service->after_commit, then publishing
 */
#ifndef BAODAO_WORK_SERVICE_H
#define BAODAO_WORK_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/err.h"
#include "common/base/setting.h"
#include "common/io/json.h"
#include "common/io/pg.h"
#include "common/io/schema.h"
#include "common/work/message.h"
#include "common/work/record.h"

struct batch;
struct decision;

/*
 * Judges one message: reads and changes aggregates of the batch, says events
 * and commands through decision_event() and decision_command(). Pure: no
 * clock, no I/O, no chance; memory from d->arena. in is the struct that the
 * route's fields filled.
 *
 * ERR_REJECT: refused; what was said in this call is taken back and a
 * `<thing>.refused` event (or the reply) is said instead. The function must
 * not have changed an aggregate before it refuses. ERR_FATAL: stops the
 * worker. A message that calls for nothing simply says nothing.
 */
typedef bool decide_function(struct decision *d, const void *in,
                             struct err *err);

struct route {
    const char *type; /* "whistle.issue" */
    const struct field *fields;
    size_t size; /* of the struct that fields fill */
    decide_function *decide;
    bool every_partition; /* key is "#N": sent to partition N of all */
};

/* Reference data reach the loop through these (city/reference.h fills them) */
struct reference_hooks {
    /* Loads versions up to this one; blocking, on the control connection.
     * ERR_RETRY: not there yet. */
    bool (*refresh)(struct pg *pg, int64_t version, struct err *err);
    /* The newest loaded version whose valid_from <= at. */
    const void *(*at)(int64_t at_us);
    int64_t (*loaded)(void); /* newest version loaded, 0 none */
};

struct service {
    const char *name;   /* "dispatch": also its SQL schema and log.service */
    const char *topic;  /* "whistle.commands" */
    const char *events; /* "whistle.events" */
    const char *thing;  /* for `<thing>.refused`: "whistle" */
    const struct route *routes; /* ends with a NULL type */

    size_t state_size; /* of the batch's own state, zeroed in its arena:
                        * slots of aggregates and the like */
    /* Prepares the state (slots_start). */
    void (*begin)(struct batch *batch);
    /* Sends the queries for what the batch names; their takes fill the
     * state. Message structs are decoded. */
    bool (*load)(struct batch *batch, struct pg *pg, struct err *err);
    /* Sends the statements that write what decide changed. */
    bool (*save)(struct batch *batch, struct pg *pg, struct err *err);
    const struct pg_stmt *const *statements; /* NULL-terminated */

    /* NULL or: role and office may say this type? ERR_REJECT if not. */
    bool (*allow)(const struct message *m, struct err *err);
    /* NULL or: after the commit, before publishing (allotment). False: it
     * waits for somebody; it is called again, with wait when nothing is left
     * to do meanwhile. */
    bool (*after_commit)(struct batch *batch, bool wait);
    /* NULL or: about once a second between batches (set counts right). */
    void (*idle)(void);

    /*
     * NULL or the query of what is due, a list of one that {0} ends:
     *   $1 int4[] my partitions, $2 timestamptz now, $3 int4 at most
     *   -> partition int4, key text, subject text, due timestamptz, look int4
     * Each becomes a clock.passed command with data {subject, due, look}.
     */
    const struct pg_stmt *due;

    const struct reference_hooks *reference;

    const struct setting *settings; /* more settings, or NULL */
    void *settings_into;
    /* NULL or: the Markdown table of its states, for --states. */
    void (*states)(struct buf *out);
    /* NULL or: once, after settings are read and before work. */
    bool (*start)(struct err *err);
};

/* clock.passed, the same for every worker. */
struct clock_passed {
    struct text subject;
    int64_t due;
    int64_t look;
};
extern const struct field clock_passed_fields[];

/*
 * The whole program: settings, keys, schemas, connections, the loop, exit
 * code. argv: --help prints the settings, --replay folds the topic into an
 * empty database and exits at its end.
 */
int worker_main(const struct service *service, int argc, char **argv);

/* ---- for decide ---- */

struct decision {
    struct batch *batch;
    const struct message *message; /* id, actor, at_us, key, … */
    int64_t at_us;                 /* = message->at_us */
    const void *reference; /* reference->at(at_us); NULL without hooks */
    void *state;           /* the batch's state, state_size bytes */
    struct arena *arena;
};

/*
 * Says an event of this aggregate on the service's events topic, with the
 * message's key. Returns the writer of its data, inside an open object;
 * write members and call nothing else: the loop closes it.
 *
 * subject: the aggregate's id as text; version: its version after this fact
 * (first is 1). scope: "530103003000,CGJ": offices and regions that may see
 * it; kept in the arena by the caller.
 */
struct json *decision_event(struct decision *d, const char *type,
                            struct text subject, int64_t version,
                            struct text scope);
/*
 * Sends a command to another worker (or, with d's own topic, to oneself).
 * Its id is derived, its actor is worker. reply may be NULL.
 */
struct json *decision_command(struct decision *d, const char *topic,
                              struct text key, const char *type,
                              struct text subject, const struct reply *reply);
/* The id that the next record said in d will have: the id of what a command
 * of ours creates is its own ce_id. */
struct uuid decision_next_id(const struct decision *d);

/* The next number for people in this partition on this Shanghai day, from 1;
 * kept in the consumer row. */
int64_t decision_number(struct decision *d);
/* The command topic's partition number: for aggregates that wait on a due. */
int32_t decision_partition(const struct decision *d);

/* A uuid as text in the arena. */
struct text decision_uuid_text(struct decision *d, const struct uuid *id);

/* ---- for after_commit and idle: outside the fold ---- */

/*
 * Sends a command of this worker, by its key, with the cell's time. The
 * caller makes the id so that a repeat is the same command. ERR_RETRY: the
 * queue is full; send it again later.
 */
MUST_CHECK bool worker_send(const char *topic, struct text key,
                            const char *type, const struct uuid *id,
                            struct text subject, struct text data,
                            struct err *err);
/* The blocking second connection; NULL while PostgreSQL is away. */
struct pg *worker_control(void);
/* The cell's time: the wall clock, or the test clock. */
int64_t worker_now(void);
/* The partitions that this worker holds. */
const int32_t *worker_partitions(size_t *ret_count);

#endif
