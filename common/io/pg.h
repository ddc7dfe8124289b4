/*
 * pg.h - PostgreSQL: prepared statements, one pipeline, errors by what to do.
 *
 * Statements are static tables, prepared on every (re)connection; parameters
 * and results are binary; nothing is pasted into SQL.
 *
 * SQLSTATE -> kind: 08*, 53*, 55P03, 57*, 40*, 25P03 and a broken connection
 * are ERR_RETRY; 22*, 23*, 21* are ERR_REJECT (the data is at fault: halve);
 * but 08P01 and 22P03 (we miscounted or mistyped parameters) are ERR_FATAL;
 * BD001 (raised by log.fence: the epoch is not mine) is ERR_FATAL with code
 * "fenced"; everything else is ERR_FATAL. code is the SQLSTATE otherwise.
 */
#ifndef BAODAO_IO_PG_H
#define BAODAO_IO_PG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/io/pg_array.h"

#define PG_PARAMS_MAX 56

struct pg_stmt {
    const char *name;
    const char *sql;
};

/* Values of one execution; bytes are borrowed until the statement is sent. */
struct pg_params {
    const char *values[PG_PARAMS_MAX];
    int sizes[PG_PARAMS_MAX];
    int count;
    char small[PG_PARAMS_MAX][8]; /* numbers and bools in network order */
};

void pg_param_null(struct pg_params *p);
void pg_param_text(struct pg_params *p, struct text value);
void pg_param_bytes(struct pg_params *p, const void *bytes, size_t size);
void pg_param_uuid(struct pg_params *p, const struct uuid *value);
void pg_param_bool(struct pg_params *p, bool value);
void pg_param_int4(struct pg_params *p, int32_t value);
void pg_param_int8(struct pg_params *p, int64_t value);
void pg_param_instant(struct pg_params *p, int64_t at_us);
void pg_param_array(struct pg_params *p, struct pg_array *array);

/* Rows of a result; valid only inside the callback. */
struct pg_rows {
    void *result; /* PGresult */
    int count;    /* rows returned */
    int64_t affected;
};

bool pg_null(const struct pg_rows *r, int row, int column);
bool pg_bool(const struct pg_rows *r, int row, int column);
int64_t pg_int(const struct pg_rows *r, int row, int column); /* int2,4,8 */
struct text pg_text(const struct pg_rows *r, int row, int column);
struct uuid pg_uuid(const struct pg_rows *r, int row, int column);
int64_t pg_instant(const struct pg_rows *r, int row, int column);
int32_t pg_date(const struct pg_rows *r, int row, int column);
/* char[] with its zero; too long is cut: columns are as wide as the C array */
void pg_code(const struct pg_rows *r, int row, int column, char *into,
             size_t size);

/*
 * Called with a statement's rows. false with err = the whole flight fails.
 */
typedef bool pg_take(const struct pg_rows *rows, void *context,
                     struct err *err);

struct pg;

/*
 * Connects (blocking, bounded by connect_timeout of the conninfo, 5 s when it
 * has none), sets client_encoding UTF8 and application_name, and prepares the
 * NULL-terminated lists of statements. ERR_RETRY when the server is away, or
 * (55P03) when somebody holds a table for over a second.
 */
MUST_CHECK bool pg_open(const char *conninfo, const char *name,
                        const struct pg_stmt *const *statements,
                        struct pg **ret_pg, struct err *err);
void pg_close(struct pg *pg);
void pg_cleanup(struct pg **pg);
bool pg_is_broken(const struct pg *pg); /* must be closed and opened anew */
int pg_fd(const struct pg *pg);

/* ---- one at a time, blocking (take-over, CLI) ---- */

/* SQL text without parameters, several statements allowed; no rows kept. */
MUST_CHECK bool pg_exec(struct pg *pg, const char *sql, struct err *err);
/* Unprepared SQL with parameters; take may be NULL. */
MUST_CHECK bool pg_query(struct pg *pg, const char *sql,
                         const struct pg_params *params, pg_take *take,
                         void *context, struct err *err);
/* The same for a prepared statement. */
MUST_CHECK bool pg_call(struct pg *pg, const struct pg_stmt *statement,
                        const struct pg_params *params, pg_take *take,
                        void *context, struct err *err);

/* ---- a flight: many statements, one flush, answers in order ---- */

/*
 * Adds a statement to the flight. Its parameters are copied into libpq's
 * buffer before it returns. take (may be NULL) is called from pg_advance in
 * the order of sending.
 */
MUST_CHECK bool pg_send(struct pg *pg, const struct pg_stmt *statement,
                        const struct pg_params *params, pg_take *take,
                        void *context, struct err *err);
/* Ends the flight with a Sync and begins to flush it; never blocks. */
MUST_CHECK bool pg_launch(struct pg *pg, struct err *err);
/* Asks the server to answer what was sent so far without ending the flight:
 * so its answers are not held back by what follows. */
MUST_CHECK bool pg_hasten(struct pg *pg, struct err *err);

enum pg_progress {
    PG_FLYING, /* not all answers are here; wait on pg_fd */
    PG_LANDED, /* all answers came, all takes returned true */
    PG_FAILED, /* *err says why; answers up to the Sync are consumed; the
                * transaction, if still open, must be rolled back */
};

/*
 * Moves what can be moved without blocking: flush, read, takes. After an
 * error the takes of later statements are not called.
 */
enum pg_progress pg_advance(struct pg *pg, struct err *err);
/* Waits until pg_advance has something to do, or the time is over. */
void pg_wait(struct pg *pg, int timeout_ms);

#endif
