/*
 * nth.c - the n-th call of a kind fails while a service loads, decides and
 * saves a batch, for every n that there is.
 *
 * Linked with services/X/main.c in place of common/work/worker.c, so that one
 * program serves all services; test_io.py runs it on a cell of its own.
 *
 *     POSTGRES=… ADMIN=… KEYS=… SCHEMAS=schemas nth-track LINES.ndjson
 *
 * After a failure PostgreSQL holds the whole batch or nothing of it, and the
 * worker was told (ERR_RETRY or ERR_FATAL; without memory it has aborted).
 * Another then goes on from where the consumer row stands; in the end there
 * are the rows of a run that never failed.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/work/worker.h"
#include "tests/store/nth_call.h"
#include "tests/store/nth_lines.h"

#define DIGEST_TEXT 40

/* How a worker's life may end. */
enum {
    END_ALL = EXIT_SUCCESS, /* no call failed */
    END_WRONG = EXIT_FAILURE,
    END_FINE, /* a call failed, and the batch is saved nevertheless */
    END_TOLD, /* ERR_RETRY or ERR_FATAL */
    END_ABORT,
};

#define CAN(end) (1U << END_##end)

/* clang-format off */
static const struct {
    enum nth_call call;
    bool cut;
    unsigned ends;
    int least; /* fewer: the kind is not called at all */
    const char *what;
} kinds[] = {
    { NTH_ALLOCATION, false, CAN(ABORT), 15, "there is no memory" },
    { NTH_SEND, false, CAN(TOLD), 8, "PQsendQueryPrepared fails" },
    { NTH_SYNC, false, CAN(TOLD), 2, "PQpipelineSync fails" },
    { NTH_RESULT, false, CAN(TOLD), 8, "PQgetResult has no memory" },
    /* All may be answered already. */
    { NTH_FLUSH, false, CAN(TOLD) | CAN(FINE), 2, "PQflush fails" },
    { NTH_CONSUME, false, CAN(TOLD) | CAN(FINE), 2, "PQconsumeInput fails" },
    { NTH_SEND, true, CAN(TOLD), 8, "the connection is cut at a statement" },
    { NTH_SYNC, true, CAN(TOLD), 2, "the connection is cut at a Sync" },
    { NTH_CONSUME, true, CAN(TOLD) | CAN(FINE), 2,
      "the connection is cut at a read" },
    { NTH_RESULT, true, CAN(TOLD) | CAN(FINE), 8,
      "the connection is cut at an answer" },
};
/* clang-format on */

struct worker *the_worker;
static struct worker worker;
static struct pg *admin;
static char before[DIGEST_TEXT], after[DIGEST_TEXT];

NORETURN PRINTF(1, 2) static void die(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

static void must(bool fine, const struct err *err)
{
    if (!fine)
        die("%s %s: %s", err_kind_name(err->kind), err->code, err->sentence);
}

/* ---- the admin's side: rows kept, put back and compared ---- */

static bool take_digest(const struct pg_rows *rows, void *into, struct err *err)
{
    (void)err;
    pg_code(rows, 0, 0, into, DIGEST_TEXT);
    return true;
}

/* Once no backend of the worker is left that may still commit. */
static void digest(char into[DIGEST_TEXT])
{
    struct err err;

    must(pg_query(admin, "SELECT nth.digest()", NULL, take_digest, into, &err),
         &err);
}

static void admin_does(const char *sql)
{
    struct err err;

    must(pg_exec(admin, sql, &err), &err);
}

/* ---- the worker's side ---- */

bool __wrap_publish_rest(struct worker *w, struct partition *p,
                         struct err *err);
bool __wrap_publish_rest(struct worker *w, struct partition *p,
                         struct err *err)
{
    (void)w;
    (void)p;
    (void)err;
    return true; /* nothing is published here */
}

static void load_schemas(struct worker *w)
{
    const struct route *routes = w->service->routes;
    char folder[256];
    size_t count = 0;
    struct err err;

    while (routes[count].type)
        count++;
    snprintf(folder, sizeof(folder), "%s/messages", getenv("SCHEMAS"));
    w->schemas = calloc(count, sizeof(struct schema *));
    if (!w->schemas)
        abort();
    for (size_t i = 0; i < count; i++)
        must(schema_load(folder, routes[i].type, routes[i].fields,
                         &w->schemas[i], &err),
             &err);
}

static void prepare(struct worker *w, const struct service *service)
{
    static struct partition partition;
    /* Our own, so that the lines can name what a line before has made. */
    static const uint8_t derive[KEY_SIZE] = "nth";
    struct err err;

    w->service = service;
    w->set.postgres = getenv("POSTGRES");
    w->set.instance = "nth";
    w->partitions[0] = &partition;
    w->held = 1;
    w->partition_count = 1;
    w->loaded = &w->batches[0];
    uuid_derive_key(derive);
    measure_start();
    batch_start(w->loaded, service, &w->keys);
    load_schemas(w);
    if (service->settings)
        must(settings_read(service->settings, service->settings_into, &err),
             &err);
    if (service->start)
        must(service->start(&err), &err);
}

/* A fresh connection, the only one, that knows where the consumer row
 * stands. */
static void connect_anew(struct worker *w)
{
    const struct pg_stmt *lists[16] = { work_statements };
    struct err err;

    for (size_t i = 0; w->service->statements[i] && i < 14; i++)
        lists[i + 1] = w->service->statements[i];
    must(pg_open(w->set.postgres, "nth", lists, &w->pg, &err), &err);
    w->control = w->pg;
    must(reattach(w, &err), &err);
}

static void disconnect(struct worker *w)
{
    pg_close(w->pg);
    w->pg = w->control = NULL;
}

static bool land(struct worker *w, struct err *err)
{
    enum pg_progress progress = PG_FLYING;

    while ((progress = pg_advance(w->pg, err)) == PG_FLYING)
        pg_wait(w->pg, 1000);
    return progress == PG_LANDED;
}

/* Lines up to `end` that are not folded yet. */
static void gather_lines(struct worker *w, size_t end)
{
    struct batch *b = w->loaded;
    const struct schema *const *schemas = (void *)w->schemas;

    batch_reset(b);
    for (size_t i = (size_t)w->partitions[0]->kept.next_offset; i < end; i++) {
        struct kafka_record record = nth_line(i);

        batch_decode(b, batch_add(b, &record, w->partitions[0]), schemas, 1);
    }
}

static bool fold(struct worker *w, size_t end, struct err *err)
{
    struct batch *b = w->loaded;

    gather_lines(w, end);
    return b->count == 0 ||
           (flight_send(w, NULL, b, err) && land(w, err) &&
            batch_decide(b, SIZE_MAX, err) && flight_send(w, b, NULL, err) &&
            land(w, err));
}

/* ---- lives ---- */

/*
 * Each fold is a process of its own, so that what one has allocated and kept
 * is not there for the next. It ends by exit(), for the leaks to be seen.
 */
static int live(struct worker *w, void (*fold_so)(struct worker *, size_t end),
                size_t end)
{
    static const struct rlimit none = { 0 };
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &none);
        connect_anew(w);
        fold_so(w, end);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        die("fork or wait");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        return END_ABORT;
    return WIFEXITED(status) && WEXITSTATUS(status) <= END_TOLD
               ? WEXITSTATUS(status)
               : END_WRONG;
}

/* ---- the run that never fails ---- */

/* What is refused would prove nothing. */
static void each_is_effective(const struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct message *m = &b->messages[i];

        if (m->verdict != VERDICT_DONE || m->err)
            die("line %lld, %.*s: %s %s", (long long)m->record.offset + 1,
                TEXT_PRINT(m->type), m->err ? m->err->field : "",
                m->err ? m->err->sentence : "was not decided");
    }
}

static void each_statement_was_sent(const struct service *service)
{
    for (size_t i = 0; service->statements[i]; i++)
        for (const struct pg_stmt *s = service->statements[i]; s->name; s++)
            if (!nth_was_sent(s->name))
                die("no line of the batch calls for %s", s->name);
}

NORETURN static void fold_well(struct worker *w, size_t end)
{
    struct err err;

    must(fold(w, end, &err), &err);
    each_is_effective(w->loaded);
    if (end == nth_lines_count() && w->loaded->count > 0)
        each_statement_was_sent(w->service);
    disconnect(w);
    exit(END_ALL);
}

static void folds_to(struct worker *w, size_t end, char into[DIGEST_TEXT])
{
    if (live(w, fold_well, end) != END_ALL)
        die("line %zu is not reached", end);
    digest(into);
}

static void begin(struct worker *w)
{
    struct pg_params p = { 0 };
    struct err err;

    must(pg_open(getenv("ADMIN"), "nth-admin", NULL, &admin, &err), &err);
    must(w->service->reference->refresh(admin, 1, &err), &err);
    pg_param_text(&p, text_of(w->service->name));
    pg_param_text(&p, text_of(w->service->topic));
    must(pg_query(admin, "SELECT nth.begin($1, $2)", &p, NULL, NULL, &err),
         &err);
    folds_to(w, nth_lines_before(), before);
    admin_does("SELECT nth.keep()");
    folds_to(w, nth_lines_count(), after);
    if (strcmp(before, after) == 0)
        die("the batch changes nothing");
}

/* ---- the runs that fail ---- */

static struct nth aim;

NORETURN static void fold_badly(struct worker *w, size_t end)
{
    struct err err = { 0 };
    bool fine, failed;

    nth = aim;
    fine = fold(w, end, &err);
    failed = nth.count >= nth.n;
    nth.n = 0;
    disconnect(w);
    if (fine)
        exit(failed ? END_FINE : END_ALL);
    must(failed && (err.kind == ERR_RETRY || err.kind == ERR_FATAL), &err);
    exit(END_TOLD);
}

/* NULL: all or nothing was saved; all, where the worker has seen its COMMIT. */
static const char *complaint(unsigned ends, int end, const char *now)
{
    bool all = strcmp(now, after) == 0;

    if (end == END_ALL)
        return all ? NULL : "done again, it comes to other rows";
    if (!(ends >> end & 1))
        return end == END_FINE ? "nobody was told" : "it ended otherwise";
    if (all || (end != END_FINE && strcmp(now, before) == 0))
        return NULL;
    return end == END_FINE ? "it was told that it is saved, and it is not"
                           : "half of it is saved";
}

/* Who is called n + 1 goes on from what n has left; the last, whom nothing
 * fails any more, must come to the rows of the run that never failed. */
static int fail_at(struct worker *w, size_t kind, int64_t n)
{
    char now[DIGEST_TEXT];
    const char *why;
    int end;

    aim = (struct nth){ kinds[kind].call, kinds[kind].cut, n, 0 };
    end = live(w, fold_badly, nth_lines_count());
    digest(now);
    why = complaint(kinds[kind].ends, end, now);
    if (!why && end != END_ALL && strcmp(now, after) == 0) {
        folds_to(w, nth_lines_count(), now);
        if (strcmp(now, after) != 0)
            why = "it is saved, and is saved again";
        admin_does("SELECT nth.put_back()");
    }
    if (why)
        die("%s, call %lld: %s", kinds[kind].what, (long long)n, why);
    return end;
}

static void each_call_may_fail(struct worker *w, size_t kind)
{
    int64_t n = 1;

    admin_does("SELECT nth.put_back()");
    while (fail_at(w, kind, n) != END_ALL)
        n++;
    printf("%s, %s: %lld calls\n", w->service->name, kinds[kind].what,
           (long long)n - 1);
    if (n <= kinds[kind].least)
        die("fewer than %d", kinds[kind].least);
}

int worker_main(const struct service *service, int argc, char **argv)
{
    struct worker *w = &worker;

    the_worker = w;
    if (argc != 2)
        die("usage: nth-%s LINES.ndjson", service->name);
    nth_lines_read(argv[1], getenv("KEYS"));
    prepare(w, service);
    begin(w);
    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++)
        each_call_may_fail(w, kind);
    pg_close(admin);
    return EXIT_SUCCESS;
}
