/*
 * dispatch_allot.h - what the tests of the allotment stand on: a redis-server
 * that they start and stop themselves, the tables that the migrations make, and
 * what the loop would give. Include in one file of a test program.
 */
#ifndef BAODAO_TESTS_DISPATCH_ALLOT_H
#define BAODAO_TESTS_DISPATCH_ALLOT_H

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/metric.h"
#include "common/city/allot.h"
#include "services/dispatch/allot.h"
#include "services/dispatch/reserve.h"
#include "tests/store/pg_store.h"
#include "tests/unit/dispatch_trial.h"

#define NOW_US (INT64_C(1772411400) * SECOND_US) /* 2026-03-02T00:30Z */

/* ---- the neighbours ---- */

static char folder[] = "/tmp/baodao-allot-XXXXXX";
static char socket_path[sizeof(folder) + 8];
static pid_t server;
static struct reserve r;
static struct pg *pg;

static inline void start_redis(void)
{
    server = fork();
    if (server == 0) {
        int null = open("/dev/null", O_RDWR);

        dup2(null, 1);
        dup2(null, 2);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
               socket_path, "--save", "", "--dir", folder, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 200 && access(socket_path, F_OK) != 0; i++)
        usleep(25000);
}

static inline void stop_redis(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(socket_path);
}

static inline void run_file(const char *path)
{
    AUTO(buf) struct buf sql = {0};

    trial_read(path, &sql);
    MUST(pg_exec(pg, buf_string(&sql), err));
}

static const char roles[] =
    "DO $$ DECLARE r text; BEGIN"
    " FOREACH r IN ARRAY ARRAY['track', 'dispatch', 'operator'] LOOP"
    "  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'baodao_' || r)"
    "  THEN EXECUTE format('CREATE ROLE %I', 'baodao_' || r); END IF;"
    " END LOOP; END $$";

static inline int setup(void **state)
{
    struct err why = {0};

    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return -1;
    snprintf(socket_path, sizeof(socket_path), "%s/s", folder);
    start_redis();
    pg = open_plain();
    MUST(pg_exec(pg, roles, err));
    run_file("schemas/sql/020_dispatch.sql");
    run_file("schemas/sql/021_dispatch_rounds.sql");
    run_file("schemas/sql/022_dispatch_roster.sql");
    run_file("schemas/sql/030_track.sql");
    r.redis = redis_new(socket_path, 200);
    allot_settings.redis = socket_path;
    return allot_start(&why) ? begin_reference(state) : -1;
}

static inline int teardown(void **state)
{
    MUST(pg_exec(pg, "DROP SCHEMA track CASCADE; DROP SCHEMA dispatch CASCADE",
                 err));
    pg_close(pg);
    redis_free(r.redis);
    reserve_release(&r);
    stop_redis();
    rmdir(folder);
    return end_reference(state);
}

/* ---- what the loop would give ---- */

static int32_t partitions[] = {3};
static size_t partition_count = 1;
static struct {
    char subject[160], data[512];
    struct uuid id;
} sent[64];
static size_t sent_count;

bool worker_send(const char *topic, struct text key, const char *type,
                 const struct uuid *id, struct text subject, struct text data,
                 struct err *err)
{
    (void)err;
    assert_string_equal(topic, "task.commands");
    assert_string_equal(type, "task.hand");
    assert_true(sent_count < COUNT_OF(sent));
    assert_true(text_copy(subject, sent[sent_count].subject, 160));
    assert_true(text_copy(data, sent[sent_count].data, 512));
    assert_int_equal(key.size, UUID_TEXT_SIZE - 1);
    sent[sent_count++].id = *id;
    return true;
}

struct pg *worker_control(void)
{
    return pg;
}

int64_t worker_now(void)
{
    return NOW_US;
}

const int32_t *worker_partitions(size_t *ret_count)
{
    *ret_count = partition_count;
    return partitions;
}

/* ---- Redis ---- */

static inline void flush(void)
{
    const struct text words[] = {TEXT("FLUSHALL")};
    struct redis_reply reply;
    struct err why = {0};

    for (int i = 0; i < 40; i++) {
        if (redis_call(r.redis, words, 1, &reply, &why))
            return;
        usleep(50000);
    }
    fail_msg("%s", why.sentence);
}

/* "a b c": who takes the next lanes of CGJ, in one call. */
static inline void expect_taken(int64_t count, const char *pools,
                         const char *expected)
{
    struct redis_reply answers;
    char taken[512] = "";
    size_t verb;

    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    verb = reserve_take(&r, TEXT("CGJ"), count, text_of(pools));
    MUST(reserve_run(&r, &answers, err));
    for (size_t k = 0; k < (size_t)count; k++) {
        struct text one = reserve_officer(&answers, verb, k);

        if (one.size > 0)
            snprintf(taken + strlen(taken), sizeof(taken) - strlen(taken),
                     "%s%.*s", k > 0 ? " " : "", TEXT_PRINT(one));
    }
    assert_string_equal(taken, expected);
}

#endif
