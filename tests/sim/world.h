/*
 * world.h - one simulated run: time, chance, engines, workers, story.
 *
 * The world lives in shared memory. A worker is a forked process that runs the
 * true worker_main() over simulated engines, so a crash is a crash: statics,
 * heap and open calls are gone, and only what the engines hold remains. One
 * process runs at a time; the director (sim.c) hands the turn on. All chance
 * comes from one generator and all time from one clock, so that a seed gives
 * the same story, byte for byte.
 */
#ifndef BAODAO_TESTS_SIM_WORLD_H
#define BAODAO_TESTS_SIM_WORLD_H

#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/attr.h"
#include "common/base/text.h"

#define WORKERS_MAX 2
#define PARTS_MAX 3
#define TOPICS 3 /* toy.commands, toy.events, other.commands */
#define SESSIONS_MAX 24
#define COUNTERS_MAX 16
#define WORLD_BYTES (24u << 20)
#define STORY_BYTES (2u << 20)
#define NEVER INT64_MAX

/* Lies of the engines: proof that the invariants see what they should. */
enum lie {
    LIE_NONE,
    LIE_FENCE_PASSES,  /* whoever asks, owns */
    LIE_SEEN_NOTHING,  /* the log has seen no command */
    LIE_COMMIT_LOST,   /* now and then COMMIT answers and keeps nothing */
    LIE_REPORT_FALSE,  /* now and then a report for a message never written */
    LIE_TOPIC_ANEW,    /* it is not the topic that was folded */
    LIE_UNDO_NOT,      /* what was rolled back stays */
    LIE_COUNT,
};

/* The n-th call of a family fails, and no other: for each n. */
enum family {
    NTH_NONE,
    NTH_DEATH, /* of any engine: the worker dies there */
    NTH_LIBPQ, /* the connection is lost */
    NTH_KAFKA, /* the call fails */
    NTH_ALLOCATION, /* there is no memory: the worker must abort */
    NTH_COUNT,
};

/* How often, in 1/100,000 of the calls that it may befall. */
struct odds {
    int crash, freeze, isolate, stop, cut, sql_error, report_fails, restart_pg,
        lock, pg_away, kafka_away, pause, slow_kafka;
};

/* What befell the run. */
enum counted {
    COUNTED_CRASHES, /* made by chance */
    COUNTED_FREEZES,
    COUNTED_CUTS,   /* lost connections */
    COUNTED_FENCES, /* stale owners turned away */
    COUNTED_DEATHS, /* of workers, however they came */
    COUNTED_COUNT,
};

/* ---- Kafka ---- */

enum kind {
    KIND_GOOD,
    KIND_POISON,    /* cannot be decoded */
    KIND_MISROUTED, /* its key belongs elsewhere */
    KIND_REFUSED,   /* PostgreSQL refuses its data */
    KIND_REUSED,    /* another body under a known id */
    KIND_BOMB,      /* whoever decides it, dies */
    KIND_OLD,       /* its id is over 90 days old */
};

struct header {
    struct text name, value;
};

struct record_in { /* a message in Kafka */
    struct record_in *next;
    int64_t offset, at_us;
    struct text key, value, id, type;
    struct header *headers;
    size_t header_count;
    enum kind kind;
};

struct topic {
    const char *name;
    int32_t partitions;
    struct record_in *first[PARTS_MAX], *last[PARTS_MAX];
    int64_t high[PARTS_MAX];
};

/* Handed to a producer, not yet reported. */
struct outgoing {
    struct outgoing *next;
    struct record_in *record;
    struct topic *topic;
    int32_t partition;
    int64_t write_at_us, report_at_us, dies_at_us;
    bool written, failed;
    uint64_t cookie, cookie2;
};

struct producer { /* of one life; goes on for a while after it */
    struct producer *next;
    int life;
    bool orphan;
    bool fatal; /* a message failed: nothing behind it is written */
    struct outgoing *first, *last;
    int waiting;
};

struct member { /* of the group; static, by slot */
    bool in_group;
    int64_t silent_since_us; /* NEVER while it lives */
    bool must_revoke, revoke_lost, must_assign;
    int64_t cut_until_us; /* its heartbeats are lost, it lives */
    bool ready; /* waits for the assignment */
    enum { ALIVE, FENCED, TOLD } life; /* TOLD: nothing comes any more */
    uint32_t assigned, holding; /* bits of partitions */
    int64_t position[PARTS_MAX];
    uint32_t paused;
};

/* ---- PostgreSQL: db.h ---- */

struct session;
struct database;

/* ---- workers ---- */

struct worker_slot {
    pid_t pid; /* 0: none */
    sem_t turn;
    int lives;
    int64_t start_at_us, wake_at_us, frozen_until_us;
    bool stopping; /* SIGTERM was sent */
    bool quiet;    /* stopped for good */
    bool asleep;   /* waits in a call that waits: nothing half done */
};

struct world {
    uint64_t seed, chance;
    int64_t now_us, calm_at_us; /* faults end */
    int64_t steps, steps_most;
    enum lie lie;
    bool trace; /* TRACE=1: each statement is in the story */
    struct odds odds;
    enum family family;
    int64_t nth, nth_count; /* fails when the count comes to nth */
    sem_t director;
    int self; /* whose turn it is; -1 the director */
    int workers, batch_max, keys, partitions;
    struct worker_slot slot[WORKERS_MAX];

    struct topic topics[TOPICS];
    struct producer *producers;
    struct member members[WORKERS_MAX];
    bool rebalancing;
    int64_t kafka_away_until_us, pg_away_until_us;

    int commands_left;
    int64_t next_command_us, next_event_us;
    int command_count;
    struct record_in *said[256]; /* for repeats */

    struct database *db;
    int64_t reference; /* its newest version */
    int64_t counted[COUNTED_COUNT];

    char failed[400]; /* the first broken invariant */
    size_t story_size, used;
    char story[STORY_BYTES];
    char bytes[WORLD_BYTES]; /* memory of the engines */
};

extern struct world *world;

/* ---- chance, memory, story ---- */

uint32_t chance(uint32_t below);  /* 0 … below - 1 */
bool befalls(int per_100000);     /* false once the world is calm */
bool nth(enum family family);     /* this is the call that fails */
void *give(size_t size);          /* zeroed, lives as long as the run */
struct text keep(struct text t);
struct text keep_print(const char *format, ...) PRINTF(1, 2);
void tell(const char *format, ...) PRINTF(1, 2);
/* An invariant does not hold: the first is the run's verdict. */
void broken(const char *format, ...) PRINTF(1, 2);

/* ---- time and turns ---- */

/* Every call of a simulated engine begins here: a crash, a freeze or another
 * worker's turn may come before it. */
void engine(const char *call);
/* Time passes for this worker; what is due happens meanwhile. */
void pass(int64_t us);
/* What the engines do by themselves up to now_us; sim_kafka.c, sim_pg.c,
 * sim.c. */
void kafka_moves(void);
void pg_moves(void);
void people_move(void);
void happen(void);
bool calm(void);

/* ---- engines, seen from the director ---- */

void kafka_begin(void);
void pg_begin(void);
void kafka_worker_died(int slot);
void pg_worker_died(int slot);
struct record_in *kafka_append(struct topic *t, int32_t partition,
                               const struct record_in *like);
bool kafka_idle(void); /* nothing on its way */
bool pg_idle(void);

#endif
