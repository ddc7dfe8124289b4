/*
 * sim_pg.c - the server's side of a connection: sessions that run statements
 * one by one, at their own pace, also when nobody listens any more.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "tests/sim/sim_pg.h"

#define IDLE_US (5 * SECOND_US) /* idle_in_transaction_session_timeout */

void pg_begin(void)
{
    world->db = give(sizeof(*world->db));
}

struct session *session_open(void)
{
    struct session *s = give(sizeof(*s));

    s->slot = world->self;
    s->active_us = world->now_us;
    s->next = world->db->sessions;
    world->db->sessions = s;
    return s;
}

/* ---- answers ---- */

static void push_answer(struct session *s, const struct answer *a)
{
    struct answer *kept = give(sizeof(*kept));

    *kept = *a;
    kept->next = NULL;
    if (s->answers)
        s->newest->next = kept;
    else
        s->answers = kept;
    s->newest = kept;
}

enum answer_kind answer_error(struct answer *a, const char *state,
                              const char *sentence)
{
    a->kind = ANSWER_ERROR;
    a->state = state;
    a->sentence = sentence;
    return a->kind;
}

/* ---- the server runs a statement ---- */

static bool is_control(const struct statement *st, const char *word)
{
    return strcmp(st->what, word) == 0;
}

static void begin(struct session *s)
{
    s->implicit = false;
    s->decided_by = 0;
    if (s->state == TX_OPEN) /* what stood before it belongs to it */
        return;
    s->state = TX_OPEN;
    s->tx = ++world->db->transactions;
    memset(s->epoch, 0, sizeof(s->epoch));
}

static void check_reference(const struct session *s)
{
    if (s->state == TX_OPEN && s->decided_by > 0 &&
        s->decided_by < s->reference)
        broken("decided by version %lld of the reference, its fence told of "
               "%lld", (long long)s->decided_by, (long long)s->reference);
}

static void end(struct session *s, struct answer *a)
{
    check_reference(s);
    a->kind = ANSWER_DONE;
    a->tag = "COMMIT";
    if (s->state == TX_FAILED) {
        a->tag = "ROLLBACK";
    } else if (s->state == TX_OPEN) {
        if (world->lie == LIE_COMMIT_LOST && !calm() && chance(20) == 0)
            table_rollback(s);
        else
            table_commit(s);
    }
    s->state = TX_NONE;
    s->tx = 0;
}

/* A statement outside of a transaction has one of its own: up to the Sync in
 * a pipeline, else alone. */
static void end_implicit(struct session *s)
{
    if (!s->implicit)
        return;
    if (s->state == TX_OPEN)
        table_commit(s);
    s->implicit = false;
    s->state = TX_NONE;
    s->tx = 0;
}

static const char *bad_day(void)
{
    static const char *const states[] = { "40001", "53300", "40P01", "57014" };

    return befalls(world->odds.sql_error) ? states[chance(4)] : NULL;
}

static void in_transaction(struct session *s, const struct statement *st,
                           struct answer *a)
{
    bool alone = s->state == TX_NONE;
    const char *state;

    if (s->state == TX_FAILED) {
        answer_error(a, "25P02", "the transaction is aborted");
        return;
    }
    if (alone)
        begin(s);
    s->implicit |= alone;
    alone = alone && !s->in_pipeline;
    state = bad_day();
    if (state) {
        tell("PostgreSQL answers %s to %.40s", state, st->what);
        answer_error(a, state, "a bad day");
    } else if (!table_execute(s, st, a)) {
        if (!alone)
            return;
        table_rollback(s);
        s->implicit = false;
        s->state = TX_NONE;
        s->tx = 0;
        return;
    }
    if (!alone) {
        if (a->kind == ANSWER_ERROR) {
            table_rollback(s);
            s->state = TX_FAILED;
        }
        return;
    }
    if (a->kind == ANSWER_ERROR) {
        table_rollback(s);
        s->state = TX_FAILED;
    }
    end_implicit(s);
}

void session_execute(struct session *s, const struct statement *st,
                     struct answer *a)
{
    memset(a, 0, sizeof(*a));
    s->active_us = world->now_us;
    if (!st->what) {
        a->kind = ANSWER_SYNC;
        s->aborting = false;
        end_implicit(s);
        return;
    }
    if (s->aborting) {
        a->kind = ANSWER_ABORTED;
        return;
    }
    a->kind = ANSWER_DONE;
    a->tag = "";
    if (is_control(st, "prepare"))
        return;
    if (is_control(st, "work_begin"))
        begin(s);
    else if (is_control(st, "work_commit"))
        end(s, a);
    else
        a->kind = ANSWER_NONE, in_transaction(s, st, a);
    if (world->trace)
        tell("  %c%s tx %d: %.30s -> %d", 'A' + s->slot,
             s->orphan ? " orphan" : "", s->tx, st->what, (int)a->kind);
    if (a->kind == ANSWER_ERROR && s->in_pipeline)
        s->aborting = true;
}

/* True when the first statement is done; false: it waits for a lock. */
bool session_step(struct session *s)
{
    struct answer a;

    session_execute(s, s->first, &a);
    if (a.kind == ANSWER_NONE)
        return false;
    if (!s->cut)
        push_answer(s, &a);
    s->first = s->first->next;
    if (!s->first)
        s->last = NULL;
    return true;
}

/* The server's end: what is not committed is gone. */
void session_kill(struct session *s)
{
    if (s->state == TX_OPEN)
        table_rollback(s);
    s->state = TX_NONE;
    s->tx = 0;
    s->broken = true;
    s->first = s->last = NULL;
    if (s->orphan)
        s->closed = true;
}

/* The client is gone; what it has sent may still be run. */
void session_orphan(struct session *s)
{
    s->orphan = true;
    if (s->broken || !s->first || chance(4) == 0) {
        session_kill(s);
        return;
    }
    s->dies_at_us = world->now_us + (int64_t)chance(2000) * 1000;
    s->next_at_us = world->now_us + chance(100000);
}

void pg_worker_died(int slot)
{
    for (struct session *s = world->db->sessions; s; s = s->next)
        if (s->slot == slot && !s->closed && !s->orphan)
            session_orphan(s);
}

/* ---- by itself ---- */

static void orphan_moves(struct session *s)
{
    if (world->now_us < s->next_at_us)
        return;
    if (world->now_us > s->dies_at_us || !session_step(s) || !s->first) {
        if (s->first && world->now_us <= s->dies_at_us)
            s->next_at_us = world->now_us + 10000; /* waits for a lock */
        else
            session_kill(s);
        return;
    }
    s->next_at_us = world->now_us + (chance(4) ? 0 : chance(30000));
}

static void session_moves(struct session *s)
{
    if (s->orphan && !s->closed)
        orphan_moves(s);
    else if (!s->broken && s->state != TX_NONE && !s->first &&
             world->now_us - s->active_us > IDLE_US) {
        tell("PostgreSQL ends an idle transaction of %c", 'A' + s->slot);
        session_kill(s);
    }
}

static void restart(void)
{
    tell("PostgreSQL stops at once");
    world->counted[COUNTED_CUTS]++;
    for (struct session *s = world->db->sessions; s; s = s->next)
        if (!s->closed)
            session_kill(s);
    world->pg_away_until_us = world->now_us + (int64_t)chance(2000) * 1000;
}

/* A person's session holds the consumer rows for a while. */
static void lock_rows(void)
{
    struct consumer_row *row =
        &world->db->consumers[chance((uint32_t)world->partitions)];

    if (row->lock != 0)
        return;
    row->lock = -1;
    row->lock_until_us = world->now_us + (int64_t)chance(4000) * 1000;
    tell("somebody locks a consumer row");
}

static void locks_move(void)
{
    for (int i = 0; i < world->partitions; i++) {
        struct consumer_row *row = &world->db->consumers[i];

        if (row->lock == -1 && world->now_us >= row->lock_until_us)
            row->lock = 0;
    }
}

/* An operator pauses, and resumes. */
static void pauses_move(void)
{
    for (int i = 0; i < world->partitions; i++) {
        struct consumer_row *row = &world->db->consumers[i];
        bool wish = !calm() && row->kept.paused;

        if (befalls(world->odds.pause))
            wish = !wish;
        if (row->lock != 0 || wish == row->kept.paused)
            continue;
        tell("partition %d is %s", i, wish ? "paused" : "resumed");
        row->kept.paused = wish;
    }
}

void pg_moves(void)
{
    struct session **at = &world->db->sessions;

    if (befalls(world->odds.restart_pg))
        restart();
    if (befalls(world->odds.lock))
        lock_rows();
    if (befalls(world->odds.pg_away))
        world->pg_away_until_us = world->now_us + (int64_t)chance(3000) * 1000;
    locks_move();
    pauses_move();
    while (*at) {
        session_moves(*at);
        if ((*at)->closed)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

bool pg_idle(void)
{
    for (struct session *s = world->db->sessions; s; s = s->next)
        if (s->orphan && !s->closed)
            return false;
    return true;
}
