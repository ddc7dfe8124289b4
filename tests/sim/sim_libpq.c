/*
 * sim_libpq.c - the calls of libpq that common/io/pg*.c make, over the
 * simulated server. Results are libpq's own; only what its public functions
 * cannot put into a result (SQLSTATE, command tag) is looked up beside it.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "tests/sim/sim_pg.h"

#define WAIT_US 10000
#define LOCK_TIMEOUT_US SECOND_US

static struct session *of(const PGconn *conn)
{
    return (struct session *)conn;
}

/* ---- results ---- */

static struct {
    const PGresult *result;
    struct answer answer;
} given[64];
static size_t given_count;

static const struct answer *answer_of(const PGresult *result)
{
    static const struct answer none;

    for (size_t i = 0; result && i < COUNT_OF(given); i++)
        if (given[i].result == result)
            return &given[i].answer;
    return &none;
}

static PGresult *remember(PGresult *result, const struct answer *a)
{
    for (size_t i = 0; i < COUNT_OF(given); i++)
        if (given[i].result == result)
            given[i].result = NULL;
    given[given_count % COUNT_OF(given)].result = result;
    given[given_count++ % COUNT_OF(given)].answer = *a;
    return result;
}

static void fill(PGresult *result, const struct answer *a)
{
    PGresAttDesc columns[24];

    memset(columns, 0, sizeof(columns));
    for (int i = 0; i < a->columns; i++) {
        columns[i].name = (char *)"c";
        columns[i].format = 1;
    }
    PQsetResultAttrs(result, a->columns, columns);
    for (int i = 0; i < a->rows * a->columns; i++)
        PQsetvalue(result, i / a->columns, i % a->columns,
                   (char *)a->cells[i].bytes,
                   a->cells[i].bytes ? a->cells[i].size : -1);
}

static PGresult *result_of(const struct answer *a)
{
    static const ExecStatusType statuses[] = {
        [ANSWER_ROWS] = PGRES_TUPLES_OK,
        [ANSWER_DONE] = PGRES_COMMAND_OK,
        [ANSWER_ERROR] = PGRES_FATAL_ERROR,
        [ANSWER_ABORTED] = PGRES_PIPELINE_ABORTED,
        [ANSWER_SYNC] = PGRES_PIPELINE_SYNC,
    };
    PGresult *result = PQmakeEmptyPGresult(NULL, statuses[a->kind]);

    if (a->kind == ANSWER_ROWS && a->columns > 0)
        fill(result, a);
    return remember(result, a);
}

char *PQresultErrorField(const PGresult *res, int fieldcode)
{
    const struct answer *a = answer_of(res);

    if (fieldcode == PG_DIAG_SQLSTATE)
        return (char *)a->state;
    return fieldcode == PG_DIAG_MESSAGE_PRIMARY ? (char *)a->sentence : NULL;
}

char *PQcmdStatus(PGresult *res)
{
    const struct answer *a = answer_of(res);

    return (char *)(a->tag ? a->tag : "");
}

char *PQcmdTuples(PGresult *res)
{
    (void)res;
    return (char *)"0";
}

/* ---- connections ---- */

/* The network or the server may be gone before any call. */
static bool alive(struct session *s, const char *call)
{
    engine(call);
    if (!s->broken && !s->cut &&
        (befalls(world->odds.cut) || nth(NTH_LIBPQ))) {
        tell("the connection is cut at %s", call);
        world->counted[COUNTED_CUTS]++;
        s->cut = true;
        /* The server sees it later, and works on what it has. */
        session_orphan(s);
    }
    return !s->broken && !s->cut;
}

PGconn *PQconnectdbParams(const char *const *keywords,
                          const char *const *values, int expand_dbname)
{
    struct session *s;

    (void)keywords;
    (void)values;
    (void)expand_dbname;
    engine("PQconnectdbParams");
    s = session_open();
    if (world->now_us < world->pg_away_until_us)
        s->broken = true;
    return (PGconn *)s;
}

void PQfinish(PGconn *conn)
{
    struct session *s = of(conn);

    if (!s)
        return;
    if (!s->closed && !s->orphan)
        session_orphan(s);
}

ConnStatusType PQstatus(const PGconn *conn)
{
    return of(conn)->broken || of(conn)->cut ? CONNECTION_BAD : CONNECTION_OK;
}

char *PQerrorMessage(const PGconn *conn)
{
    return (char *)(PQstatus(conn) ? "connection lost\n" : "");
}

PQnoticeReceiver PQsetNoticeReceiver(PGconn *conn, PQnoticeReceiver proc,
                                     void *arg)
{
    (void)conn;
    (void)proc;
    (void)arg;
    return NULL;
}

int PQsetnonblocking(PGconn *conn, int arg)
{
    (void)conn;
    (void)arg;
    return 0;
}

/* pg_wait asks for it when nothing is there: so it is time that passes. */
int PQsocket(const PGconn *conn)
{
    (void)conn;
    pass(WAIT_US);
    return -1;
}

/* ---- one at a time ---- */

static struct statement *statement_of(const char *what, int count,
                                      const char *const *values,
                                      const int *sizes)
{
    struct statement *st = give(sizeof(*st));

    st->what = what ? keep(text_of(what)).bytes : NULL;
    st->count = count;
    for (int i = 0; i < count; i++) {
        st->params[i].size = values[i] ? sizes[i] : -1;
        st->params[i].bytes =
            values[i] ? keep((struct text){ values[i], (size_t)sizes[i] }).bytes
                      : NULL;
    }
    return st;
}

static PGresult *call(struct session *s, const struct statement *st,
                      const char *what)
{
    int64_t until_us = world->now_us + LOCK_TIMEOUT_US;
    struct answer a = { .kind = ANSWER_ERROR };

    while (alive(s, what)) {
        session_execute(s, st, &a);
        if (a.kind != ANSWER_NONE)
            break;
        if (s->lock_timeout && world->now_us > until_us) {
            answer_error(&a, "55P03", "lock timeout");
            break;
        }
        pass(WAIT_US);
    }
    /* The answer may be lost on its way. */
    if (a.kind == ANSWER_NONE || !alive(s, "answer"))
        a = (struct answer){ .kind = ANSWER_ERROR };
    return result_of(&a);
}

PGresult *PQexec(PGconn *conn, const char *query)
{
    struct session *s = of(conn);
    struct answer a = { .kind = ANSWER_DONE };

    if (!alive(s, "PQexec"))
        a.kind = ANSWER_ERROR;
    if (strncmp(query, "SET lock_timeout", 16) == 0)
        s->lock_timeout = true;
    else if (strcmp(query, "RESET lock_timeout") == 0)
        s->lock_timeout = false;
    else if (strncmp(query, "SET plan_cache_mode", 19) != 0)
        broken("sim: unknown %s", query);
    return result_of(&a);
}

PGresult *PQexecParams(PGconn *conn, const char *command, int nParams,
                       const Oid *paramTypes, const char *const *paramValues,
                       const int *paramLengths, const int *paramFormats,
                       int resultFormat)
{
    (void)paramTypes;
    (void)paramFormats;
    (void)resultFormat;
    return call(of(conn),
                statement_of(command, nParams, paramValues, paramLengths),
                "PQexecParams");
}

PGresult *PQexecPrepared(PGconn *conn, const char *stmtName, int nParams,
                         const char *const *paramValues,
                         const int *paramLengths, const int *paramFormats,
                         int resultFormat)
{
    (void)paramFormats;
    (void)resultFormat;
    return call(of(conn),
                statement_of(stmtName, nParams, paramValues, paramLengths),
                "PQexecPrepared");
}

/* ---- the pipeline ---- */

PGpipelineStatus PQpipelineStatus(const PGconn *conn)
{
    return of(conn)->in_pipeline ? PQ_PIPELINE_ON : PQ_PIPELINE_OFF;
}

int PQenterPipelineMode(PGconn *conn)
{
    of(conn)->in_pipeline = true;
    return 1;
}

int PQexitPipelineMode(PGconn *conn)
{
    if (of(conn)->first || of(conn)->answers)
        return 0;
    of(conn)->in_pipeline = false;
    return 1;
}

static int add(struct session *s, struct statement *st, const char *what)
{
    if (!alive(s, what))
        return 0;
    if (s->last)
        s->last->next = st;
    else
        s->first = st;
    s->last = st;
    return 1;
}

int PQsendPrepare(PGconn *conn, const char *stmtName, const char *query,
                  int nParams, const Oid *paramTypes)
{
    (void)stmtName;
    (void)query;
    (void)nParams;
    (void)paramTypes;
    /* The server knows all statements by name. */
    return add(of(conn), statement_of("prepare", 0, NULL, NULL),
               "PQsendPrepare");
}

int PQsendQueryPrepared(PGconn *conn, const char *stmtName, int nParams,
                        const char *const *paramValues,
                        const int *paramLengths, const int *paramFormats,
                        int resultFormat)
{
    (void)paramFormats;
    (void)resultFormat;
    return add(of(conn),
               statement_of(stmtName, nParams, paramValues, paramLengths),
               "PQsendQueryPrepared");
}

int PQpipelineSync(PGconn *conn)
{
    return add(of(conn), statement_of(NULL, 0, NULL, NULL), "PQpipelineSync");
}

int PQsendFlushRequest(PGconn *conn)
{
    return alive(of(conn), "PQsendFlushRequest");
}

int PQflush(PGconn *conn)
{
    return alive(of(conn), "PQflush") ? 0 : -1;
}

int PQconsumeInput(PGconn *conn)
{
    struct session *s = of(conn);
    uint32_t most = chance(12);

    if (!alive(s, "PQconsumeInput"))
        return 0;
    while (s->first && most-- > 0 && session_step(s))
        ;
    return 1;
}

int PQisBusy(PGconn *conn)
{
    struct session *s = of(conn);

    return !s->broken && !s->cut && !s->answers && !s->between;
}

/* Each answer, then a NULL; none behind a Sync. */
PGresult *PQgetResult(PGconn *conn)
{
    struct session *s = of(conn);
    struct answer *a = s->answers;

    if (s->between || !a) {
        s->between = false;
        return NULL;
    }
    s->answers = a->next;
    s->between = a->kind != ANSWER_SYNC;
    return result_of(a);
}
