/*
 * db.h - the tables that the loop and the toy write, with transactions: a row
 * has what is committed and what its locker would have it be.
 */
#ifndef BAODAO_TESTS_SIM_DB_H
#define BAODAO_TESTS_SIM_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/id.h"
#include "tests/sim/world.h"

struct consumer {
    bool exists;
    int64_t next_offset, epoch, starts, at, seq, published;
    struct text hash, last_digest;
    int64_t last_offset; /* with a digest */
    int64_t day, last, messages, refused, seen, dead, fenced;
    bool paused;
};

struct consumer_row {
    struct consumer kept, next;
    int lock; /* transaction; 0: nobody */
    int64_t lock_until_us; /* a person's lock: transaction -1 */
};

struct entry {
    struct entry *newer; /* in order of insertion */
    int tx;              /* 0: committed; -1: rolled back */
    int32_t partition;
    int64_t seq;
    struct text cells[19]; /* as work_log's columns; bytes NULL: NULL */
    bool published;        /* by the checker */
};

struct letter {
    struct letter *next;
    int tx;
    int32_t partition;
    int64_t offset;
    struct text code;
};

struct note { /* toy.note: a row a command, so that twice is seen */
    struct note *next;
    int tx;
    struct text id;
};

struct counter {
    struct text key;
    int64_t value, version, due, look;
    int32_t partition;
};

struct counter_row {
    struct counter kept, next;
    bool exists, dirty;
    int lock;
};

struct database {
    struct consumer_row consumers[PARTS_MAX];
    struct entry *first, *last;
    struct letter *letters;
    struct note *notes;
    struct counter_row counters[COUNTERS_MAX];
    int counter_count;
    int transactions; /* given out */
    struct session *sessions;
};

/* ---- sim_pg.c: sessions ---- */

struct param {
    const char *bytes; /* NULL: NULL */
    int size;
};

enum answer_kind {
    ANSWER_NONE, /* blocked: ask again */
    ANSWER_ROWS,
    ANSWER_DONE,
    ANSWER_ERROR,
    ANSWER_ABORTED,
    ANSWER_SYNC,
};

struct answer {
    struct answer *next;
    enum answer_kind kind;
    const char *state, *sentence, *tag;
    int columns, rows;
    struct param *cells; /* rows × columns */
};

struct statement {
    struct statement *next;
    const char *what; /* name or SQL; NULL: Sync */
    int count;
    struct param params[48];
};

enum tx_state { TX_NONE, TX_OPEN, TX_FAILED };

struct session {
    struct session *next;
    int slot;
    bool orphan, broken, cut, in_pipeline, aborting, closed;
    bool implicit; /* the transaction of a statement without a BEGIN */
    bool lock_timeout;
    struct statement *first, *last; /* flushed or soon */
    struct answer *answers, *newest;
    bool between; /* the NULL between two results is due */
    enum tx_state state;
    int tx;
    int64_t next_at_us, active_us, dies_at_us;
    /* what its fence has claimed: to see a stale owner that passes */
    int64_t epoch[PARTS_MAX];
    int64_t reference;  /* the version that the fence told of */
    int64_t decided_by; /* that what is saved was decided by; 0: by none */
};

/* ---- sim_tables.c ---- */

/* ANSWER_NONE: a row is locked. Fills *a. */
enum answer_kind table_execute(struct session *s, const struct statement *st,
                               struct answer *a);
void table_commit(struct session *s);
void table_rollback(struct session *s);

/* ---- check.c ---- */

/* At each commit, before it: the rows that this transaction would change. */
void check_commit(const struct session *s);
/* Something that only a log row may say came into Kafka. */
void check_published(const struct record_in *r);
/* When all is quiet. */
void check_end(void);
bool check_quiet(void);

#endif
