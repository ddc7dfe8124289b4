/*
 * pg_flight.c - many statements, one flush, answers in order.
 *
 * libpq's pipeline: each statement answers with a result and then a NULL, the
 * Sync with one result of its own. A ring remembers what is awaited.
 */
#include "common/io/pg.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/io/pg_conn.h"

#define FIRST_ROOM 64

/* ---- the ring ---- */

static void grow(struct pg *pg)
{
    size_t room = pg->room > 0 ? 2 * pg->room : FIRST_ROOM;
    struct pg_awaited *bigger = calloc(room, sizeof(*bigger));

    if (!bigger)
        abort();
    for (size_t i = 0; i < pg->count; i++)
        bigger[i] = pg->awaited[(pg->head + i) & (pg->room - 1)];
    free(pg->awaited);
    pg->awaited = bigger;
    pg->head = 0;
    pg->room = room;
}

static void await(struct pg *pg, const struct pg_stmt *statement,
                  pg_take *take, void *context)
{
    if (pg->count == pg->room)
        grow(pg);
    pg->awaited[(pg->head + pg->count) & (pg->room - 1)] =
        (struct pg_awaited){ statement, take, context };
    pg->count++;
}

static void drop_first(struct pg *pg)
{
    pg->head = (pg->head + 1) & (pg->room - 1);
    pg->count--;
    pg->answered = false;
}

/* ---- sending ---- */

static bool enter_pipeline(struct pg *pg, struct err *err)
{
    if (pg->broken)
        return err_retry(err, "broken", "the connection is broken");
    if (PQpipelineStatus(pg->conn) == PQ_PIPELINE_OFF &&
        PQenterPipelineMode(pg->conn) != 1)
        return pg_fail(pg, NULL, err);
    return true;
}

bool pg_prepare(struct pg *pg, const struct pg_stmt *statement,
                struct err *err)
{
    if (!enter_pipeline(pg, err))
        return false;
    if (PQsendPrepare(pg->conn, statement->name, statement->sql, 0, NULL) != 1)
        return pg_fail(pg, NULL, err);
    await(pg, statement, NULL, NULL);
    pg->open = true;
    return true;
}

bool pg_send(struct pg *pg, const struct pg_stmt *statement,
             const struct pg_params *params, pg_take *take, void *context,
             struct err *err)
{
    static const struct pg_params none;
    const struct pg_params *p = params ? params : &none;

    if (!enter_pipeline(pg, err))
        return false;
    if (PQsendQueryPrepared(pg->conn, statement->name, p->count, p->values,
                            p->sizes, pg_formats, PG_BINARY) != 1)
        return pg_fail(pg, NULL, err);
    await(pg, statement, take, context);
    pg->open = true;
    return true;
}

static bool flush(struct pg *pg, struct err *err)
{
    int left = PQflush(pg->conn);

    if (left < 0)
        return pg_fail(pg, NULL, err);
    pg->unflushed = left == 1;
    return true;
}

bool pg_launch(struct pg *pg, struct err *err)
{
    if (!enter_pipeline(pg, err))
        return false;
    if (PQpipelineSync(pg->conn) != 1)
        return pg_fail(pg, NULL, err);
    await(pg, NULL, NULL, NULL);
    pg->open = false;
    return flush(pg, err);
}

bool pg_hasten(struct pg *pg, struct err *err)
{
    if (PQsendFlushRequest(pg->conn) != 1)
        return pg_fail(pg, NULL, err);
    return flush(pg, err);
}

/* ---- landing ---- */

/* The first error of a flight is the reason; the others follow from it. */
static void keep_first(struct pg *pg, const struct err *err)
{
    if (pg->first.kind == ERR_NONE)
        pg->first = *err;
}

/*
 * The server answers COMMIT with "ROLLBACK", and no error, when an earlier
 * flight failed and nobody rolled it back: its rows are not there.
 */
static bool check_commit(const struct pg_stmt *statement, PGresult *result,
                         struct err *err)
{
    if (statement && strcmp(PQcmdStatus(result), "ROLLBACK") == 0 &&
        strncasecmp(statement->sql, "rollback", 8) != 0)
        return err_fatal(err, "rolled_back", "the transaction had failed");
    return true;
}

static void take_answer(struct pg *pg, PGresult *result)
{
    struct pg_awaited first = pg->awaited[pg->head];
    struct err err;

    pg->answered = true;
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED ||
        pg->first.kind != ERR_NONE)
        return;
    if (!check_commit(first.statement, result, &err) ||
        !pg_give(pg, result, first.take, first.context, &err)) {
        err_in(&err, "%s", first.statement ? first.statement->name : "sync");
        keep_first(pg, &err);
        /* Where its Sync was awaited only a dying backend says anything. */
        pg->broken = pg->broken || !first.statement;
    }
}

/* The Sync came: the flight is over, the connection good for the next. */
static enum pg_progress land(struct pg *pg, struct err *err)
{
    struct err first = pg->first;

    drop_first(pg);
    pg->first = (struct err){ 0 };
    if (first.kind == ERR_NONE)
        return PG_LANDED;
    if (err)
        *err = first;
    return PG_FAILED;
}

static enum pg_progress crash(struct pg *pg, struct err *err)
{
    struct err last;

    pg->broken = true;
    pg_fail(pg, NULL, &last);
    keep_first(pg, &last);
    if (err)
        *err = pg->first;
    pg->count = 0;
    pg->open = false;
    return PG_FAILED;
}

/* Sends and reads what is possible; what was read is still to be taken when
 * the connection is lost: it may say why. */
static bool move_bytes(struct pg *pg)
{
    return flush(pg, NULL) && PQconsumeInput(pg->conn) == 1;
}

enum pg_progress pg_advance(struct pg *pg, struct err *err)
{
    bool alive = !pg->broken && move_bytes(pg);

    while (pg->count > 0 && !PQisBusy(pg->conn)) {
        PGresult *result = PQgetResult(pg->conn);
        bool is_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

        if (result && !is_sync)
            take_answer(pg, result);
        PQclear(result);
        if (is_sync)
            return land(pg, err);
        if (!result && !pg->answered)
            break;
        if (!result)
            drop_first(pg);
    }
    if (!alive || pg->broken || PQstatus(pg->conn) == CONNECTION_BAD)
        return crash(pg, err);
    return pg->count > 0 || pg->open ? PG_FLYING : PG_LANDED;
}

void pg_wait(struct pg *pg, int timeout_ms)
{
    struct pollfd fd = {
        .fd = PQsocket(pg->conn),
        .events = (short)(POLLIN | (pg->unflushed ? POLLOUT : 0)),
    };

    /* Sending may have read answers: the socket would not tell of them. */
    if (fd.fd < 0 || (pg->count > 0 && !PQisBusy(pg->conn)))
        return;
    poll(&fd, 1, timeout_ms);
}
