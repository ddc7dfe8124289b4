/* nth_call.c - libpq and memory, of which the n-th call fails. */
#include "tests/store/nth_call.h"

#include <libpq-fe.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/attr.h"

#define SENT_MOST 64

struct nth nth;
static const char *sent[SENT_MOST];

static bool is_nth(enum nth_call call)
{
    return nth.n > 0 && nth.call == call && ++nth.count == nth.n;
}

/* True: the call itself must fail. */
static bool fails(enum nth_call call, PGconn *conn)
{
    if (!is_nth(call))
        return false;
    if (nth.cut)
        shutdown(PQsocket(conn), SHUT_RDWR);
    return !nth.cut;
}

bool nth_was_sent(const char *statement)
{
    for (size_t i = 0; i < SENT_MOST && sent[i]; i++)
        if (strcmp(sent[i], statement) == 0)
            return true;
    return false;
}

static void note_sent(const char *statement)
{
    size_t i = 0;

    if (nth_was_sent(statement))
        return;
    while (i < SENT_MOST - 1 && sent[i])
        i++;
    sent[i] = statement;
}

/* ---- libpq ---- */

/* clang-format off */
#define WRAP(type, name, ...) \
    type __real_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__)
/* clang-format on */

WRAP(int, PQsendQueryPrepared, PGconn *conn, const char *name, int count,
     const char *const *values, const int *sizes, const int *formats,
     int format)
{
    note_sent(name);
    return fails(NTH_SEND, conn)
               ? 0
               : __real_PQsendQueryPrepared(conn, name, count, values, sizes,
                                            formats, format);
}

WRAP(int, PQpipelineSync, PGconn *conn)
{
    return fails(NTH_SYNC, conn) ? 0 : __real_PQpipelineSync(conn);
}

WRAP(int, PQflush, PGconn *conn)
{
    return fails(NTH_FLUSH, conn) ? -1 : __real_PQflush(conn);
}

WRAP(int, PQconsumeInput, PGconn *conn)
{
    return fails(NTH_CONSUME, conn) ? 0 : __real_PQconsumeInput(conn);
}

/* Without memory libpq puts an error in the place of what the server said. */
WRAP(PGresult *, PQgetResult, PGconn *conn)
{
    PGresult *result = __real_PQgetResult(conn);

    if (!result || !fails(NTH_RESULT, conn))
        return result;
    PQclear(result);
    return PQmakeEmptyPGresult(conn, PGRES_FATAL_ERROR);
}

/* ---- memory ---- */

WRAP(void *, malloc, size_t size)
{
    return is_nth(NTH_ALLOCATION) ? NULL : __real_malloc(size);
}

WRAP(void *, calloc, size_t count, size_t size)
{
    return is_nth(NTH_ALLOCATION) ? NULL : __real_calloc(count, size);
}

WRAP(void *, realloc, void *old, size_t size)
{
    return is_nth(NTH_ALLOCATION) ? NULL : __real_realloc(old, size);
}
