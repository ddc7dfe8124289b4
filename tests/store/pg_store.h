/*
 * pg_store.h - the PostgreSQL that pg_*_test.c are held against: TEST_PG is
 * its conninfo.
 */
#ifndef BAODAO_TESTS_PG_STORE_H
#define BAODAO_TESTS_PG_STORE_H

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/pg.h"
#include "tests/unit/must.h"

enum { BEGIN, COMMIT, ROLLBACK, ONE, DIVIDE, NAP, ECHO };

static const struct pg_stmt stmts[] = {
    [BEGIN] = { "begin", "BEGIN" },
    [COMMIT] = { "commit", "COMMIT" },
    [ROLLBACK] = { "rollback", "ROLLBACK" },
    [ONE] = { "one", "SELECT $1::int8" },
    [DIVIDE] = { "divide", "SELECT 1 / $1::int4" },
    [NAP] = { "nap", "SELECT pg_sleep(0.3)" },
    [ECHO] = { "echo", "SELECT $1::text" },
    { 0 },
};

static inline const char *conninfo(void)
{
    const char *c = getenv("TEST_PG");

    if (!c)
        fail_msg("TEST_PG is not set");
    return c;
}

static inline struct pg *open_plain(void)
{
    static const struct pg_stmt *const lists[] = { stmts, NULL };
    struct pg *pg = NULL;

    MUST(pg_open(conninfo(), "pg_test", lists, &pg, err));
    return pg;
}

static inline bool take_int(const struct pg_rows *rows, void *context,
                            struct err *err)
{
    (void)err;
    assert_int_equal(rows->count, 1);
    *(int64_t *)context = pg_int(rows, 0, 0);
    return true;
}

static inline enum pg_progress land(struct pg *pg, struct err *err)
{
    enum pg_progress p;

    while ((p = pg_advance(pg, err)) == PG_FLYING)
        pg_wait(pg, 1000);
    return p;
}

static inline int64_t ask(struct pg *pg, const char *sql)
{
    int64_t n = -1;

    MUST(pg_query(pg, sql, NULL, take_int, &n, err));
    return n;
}

#endif
