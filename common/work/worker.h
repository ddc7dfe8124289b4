/*
 * worker.h - the inside of the loop: what its files share. Not for services.
 */
#ifndef BAODAO_WORK_WORKER_H
#define BAODAO_WORK_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/metric.h"
#include "common/io/kafka_in.h"
#include "common/io/kafka_out.h"
#include "common/io/pg.h"
#include "common/io/side.h"
#include "common/work/batch.h"

#define PARTITIONS_MAX 64
#define TOPIC_SIZE 96

struct worker_settings {
    const char *cell, *brokers, *postgres, *keys, *schemas, *side, *instance;
    const char *log_level;
    int64_t batch_max, batch_kbytes, session_ms, linger_ms;
};

/* Messages out of Kafka that are in no batch yet; oldest first. */
struct backlog {
    struct kafka_record *items;
    size_t head, count, room; /* a ring; room is a power of two */
};

/* The message by which Kafka's acknowledgements are timed; cookie 0: none. */
struct probe {
    uint64_t cookie;
    int64_t seq;
    int64_t sent_us; /* monotonic */
};

struct worker {
    const struct service *service;
    struct worker_settings set;
    struct work_keys keys;
    struct schema **schemas; /* as the routes */
    char topic[TOPIC_SIZE];  /* with the cell's prefix */
    int32_t partition_count;
    bool replay;

    struct kafka_in *in;
    struct kafka_out *out;
    struct pg *pg;      /* the fold's connection: flights */
    struct pg *control; /* blocking: take-over, pulse, idle */
    struct side *side;

    struct partition *partitions[PARTITIONS_MAX]; /* held, by number */
    int32_t numbers[PARTITIONS_MAX];
    size_t held;

    struct batch batches[4];
    struct batch *decided; /* decided, not saved */
    struct batch *loaded;  /* decoded, being loaded */
    struct batch *ahead;   /* decoded meanwhile; NULL: two are to be said */
    struct batch *saying;  /* committed, not all said; NULL: none */
    struct batch *unsaid;  /* the same, behind it */
    struct batch *spare;   /* empty; NULL: none */
    struct backlog backlog;
    size_t limit; /* of a batch; halved when PostgreSQL refuses its data */
    struct partition *suspect; /* alone in its turn; NULL: none is suspected */
    int64_t empty_since_us;    /* monotonic: none of its came; 0: one did */

    bool test_clock;
    int64_t clock_us; /* the cell's time in a test-clock cell */
    int64_t reference_seen; /* newest version by the last fence or pulse */
    char pause_said[300]; /* who has paused which, by the last pulse */
    bool holding;     /* the partitions are paused in Kafka's client */
    bool unassigned;  /* a take-over failed: nothing is ours */
    bool lost;       /* a revocation said that another may own us */
    bool died;       /* a rule could not go on: a message's doing */
    int64_t pulse_at_us, alarm_at_us, measure_at_us; /* monotonic: next */
    int64_t alarms_waiting;           /* clock.passed sent, not folded */
    bool alarms_more;                 /* more was due than was sent */
    int64_t unpublished;              /* sent to Kafka, not acknowledged */
    struct probe probe;
    enum pg_progress flight; /* of the last one launched */
    int64_t flight_us; /* monotonic: when the batch's flight was built */
    struct err failed; /* a delivery that failed for good */
    int64_t replay_end[PARTITIONS_MAX];
};

static inline bool decided_any(const struct worker *w)
{
    return w->decided && w->decided->count > 0;
}

extern struct worker *the_worker; /* one a process */
extern const struct pg_stmt work_statements[];

/* ---- measure.c ---- */
struct work_metrics { /* nothing but metrics: they are registered in turn */
    struct metric batches, messages, refused, dead, seen, records, takeovers,
        retries, fenced, alarms, published, us_decode, us_load, us_decide,
        us_save, us_wait, us_publish, batch_messages, batch_seconds,
        ack_seconds, unpublished, unpublished_age, overdue, reference,
        reference_newest, test_clock, paused, postgres_up, kafka_up, skew,
        partitions;
};
extern struct work_metrics metrics;
void measure_start(void);
/* Reads the gauges off, at most once a second. */
void measure(struct worker *w);
/* Kafka's answers are timed by one message at a time. */
void probe_send(struct worker *w, uint64_t cookie, int64_t seq);
void probe_back(struct worker *w, uint64_t cookie, int64_t seq);

/* ---- start.c ---- */
MUST_CHECK bool worker_start(struct worker *w, int argc, char **argv,
                             int *ret_exit);
MUST_CHECK bool worker_connect(struct worker *w, struct err *err);
void worker_disconnect(struct worker *w);

/* ---- gather.c ---- */
/* Adds so many messages to a batch, until it is full, from backlog and Kafka;
 * waits up to timeout_ms for its first, then takes what is there. */
MUST_CHECK bool gather(struct worker *w, struct batch *b, size_t most,
                       int timeout_ms, struct err *err);
/* Keeps the membership of the group alive while partitions are paused; what
 * still comes waits in the backlog. */
MUST_CHECK bool poll_only(struct worker *w, int timeout_ms, struct err *err);
/* Empties a batch that was held back for saying; it may be used again. */
void free_batch(struct worker *w, struct batch *b);
/* All that is in batches goes back to the backlog's front, in order. */
void put_back(struct worker *w);
/* Forgets what is not ours any more, or lies before next_offset. */
void backlog_prune(struct worker *w);
void backlog_clear(struct worker *w);
/* Forgets a partition's messages from an offset on. */
void backlog_cut(struct worker *w, int32_t number, int64_t offset);
size_t batch_waiting(const struct worker *w);

/* ---- fence.c ---- */
enum work_statement { STMT_BEGIN, STMT_COMMIT, STMT_FENCE, STMT_SEEN, STMT_LOG,
                      STMT_DEAD, STMT_MARK, STMT_PUBLISHED };
/* Saves and commits the one, fences and loads the other; either may be NULL. */
MUST_CHECK bool flight_send(struct worker *w, struct batch *save,
                            struct batch *load, struct err *err);
/*
 * What the next flight has before its COMMIT, behind the one that is still to
 * land: PostgreSQL does not wait for us to hear of it. load may be NULL. If
 * that one fails, these rows meet a transaction that has failed, or none at
 * all, and end with the connection: no Sync follows them.
 */
MUST_CHECK bool flight_send_ahead(struct worker *w, struct batch *save,
                                  struct batch *load, struct err *err);
/* Nothing more can be gathered into it. */
bool is_full(const struct worker *w, const struct batch *b);
/* Adds the batch's dead letters to the flight. */
MUST_CHECK bool dead_send(struct worker *w, struct batch *b, struct err *err);
/* The partitions that have a message in the batch, each once. */
size_t partitions_of(const struct batch *b,
                     struct partition *into[PARTITIONS_MAX]);

/* ---- mark.c ---- */
/* Adds how far the batch's partitions are to the flight. */
MUST_CHECK bool mark_send(struct worker *w, struct batch *b, struct err *err);
/* While idle: the consumer row learns what Kafka has acknowledged. */
MUST_CHECK bool mark_published(struct worker *w, struct err *err);

/* ---- assign.c ---- */
/* How many partitions has it? ERR_RETRY "no_topic" says what to do. */
MUST_CHECK bool find_topic(struct worker *w, struct err *err);
bool take_over(void *context, struct kafka_partition *list, size_t count,
               struct err *err);
void give_up(void *context, const struct kafka_partition *list, size_t count,
             bool lost);
/* After a lost connection: still mine? where am I? */
MUST_CHECK bool reattach(struct worker *w, struct err *err);
/* Counts, in log.consumer, that this owner was stale. */
void tell_fenced(struct worker *w);
/* Partitions from first on; a replay takes all, from 0 to partition_count. */
MUST_CHECK bool replay_assign(struct worker *w, int32_t first, int32_t behind,
                              struct err *err);
bool replay_done(const struct worker *w);

/* ---- pause.c ---- */
/* At a take-over: true when nothing of it is to be fetched yet. */
MUST_CHECK bool pause_begins(const struct worker *w, struct partition *p);
/* What the partition's row says: NULL is no stop. */
void pause_hear(struct partition *p, bool is_null, int64_t stop_at);
/* Takes what was heard; between gathers, never amid one. */
MUST_CHECK bool pause_turn(struct worker *w, struct err *err);
/* Some partition of ours shall stand still, or does. */
bool pause_holds(const struct worker *w);
/* The side port's word, while all that is held stands still. */
void pause_say(struct worker *w);

/* ---- skip.c ---- */
/* What log.skip names in this partition, from next_offset on. */
MUST_CHECK bool skips_read(struct worker *w, struct partition *p,
                           struct err *err);
/* The one that covers this offset, or NULL. */
const struct skip *skip_at(const struct partition *p, int64_t offset);
/* From now on the message there is a dead letter, whatever it says; saved
 * with it as a row of log.skip. */
void condemn(struct partition *p, int64_t offset, const struct err *why);
/* At a take-over: were so many starts in vain because of what waits here?
 * high is Kafka's end. */
MUST_CHECK bool suspect(struct worker *w, struct partition *p, int starts,
                        int64_t high, struct err *err);
bool is_suspect(const struct partition *p, const struct mark *mark);
/* What its consumer row shall say of `starts` with the next commit. */
int starts_of(const struct partition *p);
/* Puts w->suspect to the partition whose turn it is, and its row knows. */
MUST_CHECK bool try_suspects(struct worker *w, struct err *err);
/* Nothing is there to be gathered: a suspect's turn ends after a while. */
void nothing_came(struct worker *w);
/* The end was not a message's doing: the starts are taken back. */
void lived(struct worker *w);

/* ---- proof.c ---- */
/* From where on Kafka is read. */
int64_t fetch_offset(const struct partition *p);
/* The last message folded shall be read again, if Kafka still has it. */
void prove_from(struct partition *p, int64_t low);
/* ERR_FATAL "topic_anew": it is another one. */
MUST_CHECK bool proves(struct worker *w, const struct kafka_record *record,
                       struct err *err);

/* ---- recover.c ---- */
void hold(struct worker *w, bool holding);
/* Serves Kafka's reports for so long. */
void wait_away(struct worker *w, int64_t wait_ms);
int64_t jittered(int64_t ms);
/* Opens PostgreSQL again; false: fenced or fatal. */
MUST_CHECK bool reconnect(struct worker *w, struct err *err);
/* After a failed turn; true when the loop may go on. */
MUST_CHECK bool recover(struct worker *w, struct err *err);
MUST_CHECK bool settle_lost(struct worker *w, struct err *err);

/* ---- publish.c ---- */
void delivered(void *context, const struct kafka_out_report *report);
/* Sends up to `most` records more of the batch; fewer, and no error, when the
 * queue is full. b->said_count tells how far it came. */
MUST_CHECK bool publish(struct worker *w, struct batch *b, size_t most,
                        struct err *err);
/* The same for what is committed and not said yet. */
MUST_CHECK bool say(struct worker *w, size_t most, bool *ret_moved,
                    struct err *err);
/* Until there is none of them (w->saying or w->unsaid), as long as it takes. */
MUST_CHECK bool say_all(struct worker *w, struct batch *const *of,
                        struct err *err);
/* Waits a little for room in the queue; false: there will be none. */
MUST_CHECK bool publish_wait(struct worker *w, struct err *err);
/* ERR_RETRY: the queue is full. */
MUST_CHECK bool publish_record(struct worker *w, const struct record *r,
                               const struct partition *p, struct err *err);
/* ---- publish_rest.c ---- */
MUST_CHECK bool publish_rest(struct worker *w, struct partition *p,
                             struct err *err);
/* $1 topic, $2 partition. */
void row_params(struct worker *w, struct pg_params *p, int32_t number);

void partition_acked_until(struct partition *p, int64_t seq);
void partition_ack(struct partition *p, int64_t seq);
void partition_free(struct partition *p);

/* ---- alarm.c ---- */
/* Once a second: pulse row, cell's time, pauses, newest reference version;
 * what is due; the service's idle. */
MUST_CHECK bool pulse(struct worker *w, struct err *err);
void alarm_folded(struct worker *w, const struct batch *b);

#endif
