/* pg.c - a connection: opening, blocking calls, SQLSTATE -> kind. */
#include "common/io/pg.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/io/pg_conn.h"

const int pg_formats[PG_PARAMS_MAX] = {
    [0 ... PG_PARAMS_MAX - 1] = PG_BINARY,
};

/* The longest prefix decides: the more special rows stand first. */
static const struct {
    const char *prefix;
    enum err_kind kind;
} kinds[] = {
    /* clang-format off */
    { "08P01", ERR_FATAL }, /* we speak wrongly: parameters miscounted */
    { "22P03", ERR_FATAL }, /* we encode wrongly: int4 sent for int8 */
    { "25P03", ERR_RETRY }, /* idle in transaction for too long */
    { "55P03", ERR_RETRY }, /* lock not available */
    { "08", ERR_RETRY },
    { "53", ERR_RETRY },
    { "57", ERR_RETRY },
    { "40", ERR_RETRY },
    { "21", ERR_REJECT },
    { "22", ERR_REJECT },
    { "23", ERR_REJECT },
    /* clang-format on */
};

static enum err_kind kind_of(const char *state)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strncmp(state, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return kinds[i].kind;
    return ERR_FATAL;
}

/* What libpq says, without the line feeds at its end. */
static struct text message_of(const PGconn *conn)
{
    struct text t = text_of(PQerrorMessage(conn));

    while (t.size > 0 && t.bytes[t.size - 1] == '\n')
        t.size--;
    return t;
}

/*
 * Only the primary message: DETAIL repeats the row, which may be people's
 * data, and an error ends in the log.
 */
static bool fail_by_state(const PGresult *result, const char *state,
                          struct err *err)
{
    const char *said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);

    said = said ? said : "no message";
    if (strcmp(state, "BD001") == 0)
        return err_fatal(err, "fenced", "%s", said);
    switch (kind_of(state)) {
    case ERR_RETRY:
        return err_retry(err, state, "%s", said);
    case ERR_REJECT:
        return err_reject(err, state, column, "%s", said);
    default:
        return err_fatal(err, state, "%s", said);
    }
}

bool pg_fail(struct pg *pg, const PGresult *result, struct err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (PQstatus(pg->conn) == CONNECTION_BAD)
        pg->broken = true;
    if (state)
        return fail_by_state(result, state, err);
    /* After a failed write libpq still calls the connection good: only a
     * read makes it see the end. */
    if (pg->broken || !PQconsumeInput(pg->conn)) {
        pg->broken = true;
        return err_retry(err, "broken", "%.*s",
                         TEXT_PRINT(message_of(pg->conn)));
    }
    return err_fatal(err, "libpq", "%.*s", TEXT_PRINT(message_of(pg->conn)));
}

bool pg_give(struct pg *pg, const PGresult *result, pg_take *take,
             void *context, struct err *err)
{
    struct pg_rows rows = { .result = (void *)result };

    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        break;
    default:
        return pg_fail(pg, result, err);
    }
    if (!take)
        return true;
    rows.count = PQntuples(result);
    rows.affected = strtoll(PQcmdTuples((PGresult *)result), NULL, 10);
    return take(&rows, context, err);
}

/* ---- opening and closing ---- */

/*
 * A half-dead network must not hold a worker: what is unanswered for 10 s is
 * broken. The conninfo may say otherwise, it comes later.
 */
static PGconn *connect_to(const char *conninfo, const char *name)
{
    const char *const keys[] = {
        "connect_timeout",     "tcp_user_timeout", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "dbname",
        "client_encoding",     "application_name", NULL,
    };
    const char *const values[] = {
        "5", "10000", "5", "2", "3", conninfo, "UTF8", name, NULL,
    };

    return PQconnectdbParams(keys, values, 1);
}

static bool check_conninfo(const char *conninfo, struct err *err)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &why);

    if (!options) /* the message may hold the password: not repeated */
        err_fatal(err, "bad_conninfo", "the connection string is malformed");
    PQconninfoFree(options);
    PQfreemem(why);
    return options != NULL;
}

/* libpq would print them. */
static void drop_notice(void *unused, const PGresult *result)
{
    (void)unused;
    (void)result;
}

static bool prepare_all(struct pg *pg, const struct pg_stmt *const *lists,
                        struct err *err)
{
    enum pg_progress progress;

    for (; lists && *lists; lists++)
        for (const struct pg_stmt *s = *lists; s->name; s++)
            if (!pg_prepare(pg, s, err))
                return false;
    if (!pg_launch(pg, err))
        return false;
    while ((progress = pg_advance(pg, err)) == PG_FLYING)
        pg_wait(pg, 1000);
    return progress == PG_LANDED;
}

/*
 * A flight has megabytes, and PostgreSQL wants for them while we do other
 * things: as much as the system gives (net.core.wmem_max). A TCP socket grows
 * by itself, and no more once it was told.
 */
static void widen(int fd)
{
    static const int wanted = 4 << 20;
    struct sockaddr_storage own;
    socklen_t size = sizeof(own);

    if (getsockname(fd, (struct sockaddr *)&own, &size) == 0 &&
        own.ss_family == AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
}

static bool set_up(struct pg *pg, const struct pg_stmt *const *statements,
                   struct err *err)
{
    if (PQstatus(pg->conn) != CONNECTION_OK)
        return err_retry(err, "away", "%.*s",
                         TEXT_PRINT(message_of(pg->conn)));
    PQsetNoticeReceiver(pg->conn, drop_notice, NULL);
    if (PQsetnonblocking(pg->conn, 1) != 0)
        return pg_fail(pg, NULL, err);
    widen(PQsocket(pg->conn));
    /* Parse waits for who has locked a table: a word is said meanwhile. */
    return !statements ||
           (pg_exec(pg, "SET lock_timeout = '1s'", err) &&
            prepare_all(pg, statements, err) &&
            pg_exec(pg, "RESET lock_timeout", err));
}

bool pg_open(const char *conninfo, const char *name,
             const struct pg_stmt *const *statements, struct pg **ret_pg,
             struct err *err)
{
    AUTO(pg) struct pg *pg = calloc(1, sizeof(*pg));

    if (!check_conninfo(conninfo, err))
        return false;
    if (!pg)
        abort();
    pg->conn = connect_to(conninfo, name);
    if (!pg->conn)
        abort();
    if (!set_up(pg, statements, err))
        return err_in(err, "opening the database");
    *ret_pg = TAKE(pg);
    return true;
}

void pg_close(struct pg *pg)
{
    if (!pg)
        return;
    PQfinish(pg->conn);
    free(pg->awaited);
    free(pg);
}

void pg_cleanup(struct pg **pg)
{
    pg_close(*pg);
}

bool pg_is_broken(const struct pg *pg)
{
    return pg->broken;
}

int pg_fd(const struct pg *pg)
{
    return PQsocket(pg->conn);
}

/* ---- one at a time ---- */

static bool leave_pipeline(struct pg *pg, struct err *err)
{
    if (pg->broken)
        return err_retry(err, "broken", "the connection is broken");
    if (pg->open || pg->count > 0)
        return err_fatal(err, "in_flight", "a flight is not over yet");
    if (PQpipelineStatus(pg->conn) != PQ_PIPELINE_OFF &&
        PQexitPipelineMode(pg->conn) != 1)
        return pg_fail(pg, NULL, err);
    return true;
}

static bool finish(struct pg *pg, PGresult *result, pg_take *take,
                   void *context, struct err *err)
{
    bool fine = pg_give(pg, result, take, context, err);

    PQclear(result);
    return fine;
}

bool pg_exec(struct pg *pg, const char *sql, struct err *err)
{
    return leave_pipeline(pg, err) &&
           finish(pg, PQexec(pg->conn, sql), NULL, NULL, err);
}

static const struct pg_params no_params;

bool pg_query(struct pg *pg, const char *sql, const struct pg_params *params,
              pg_take *take, void *context, struct err *err)
{
    const struct pg_params *p = params ? params : &no_params;

    return leave_pipeline(pg, err) &&
           finish(pg,
                  PQexecParams(pg->conn, sql, p->count, NULL, p->values,
                               p->sizes, pg_formats, PG_BINARY),
                  take, context, err);
}

bool pg_call(struct pg *pg, const struct pg_stmt *statement,
             const struct pg_params *params, pg_take *take, void *context,
             struct err *err)
{
    const struct pg_params *p = params ? params : &no_params;

    if (!leave_pipeline(pg, err))
        return false;
    if (!finish(pg,
                PQexecPrepared(pg->conn, statement->name, p->count, p->values,
                               p->sizes, pg_formats, PG_BINARY),
                take, context, err))
        return err_in(err, "%s", statement->name);
    return true;
}
