/* redis_test.c - calls, scripts and deadlines against a redis-server that the
 * test starts, stops and freezes itself. */
#include <stdlib.h>
#include <string.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/redis.h"
#include "tests/unit/must.h"

#define DEADLINE_MS 200

/* ---- call n of hiredis fails ---- */

static int calls, call_that_fails;

static bool fails(void)
{
    return ++calls == call_that_fails;
}

/* The library's own function behind ours of the same name. */
#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

redisContext *redisConnectUnixWithTimeout(const char *path,
                                          const struct timeval tv)
{
    redisContext *c = REAL(redisConnectUnixWithTimeout)(path, tv);

    if (fails())
        c->err = REDIS_ERR_IO;
    return c;
}

int redisSetTimeout(redisContext *c, const struct timeval tv)
{
    return fails() ? REDIS_ERR : REAL(redisSetTimeout)(c, tv);
}

int redisAppendCommandArgv(redisContext *c, int argc, const char **argv,
                           const size_t *argvlen)
{
    return fails() ? REDIS_ERR
                   : REAL(redisAppendCommandArgv)(c, argc, argv, argvlen);
}

int redisBufferWrite(redisContext *c, int *done)
{
    return fails() ? REDIS_ERR : REAL(redisBufferWrite)(c, done);
}

int redisBufferRead(redisContext *c)
{
    return fails() ? REDIS_ERR : REAL(redisBufferRead)(c);
}

int redisGetReplyFromReader(redisContext *c, void **reply)
{
    return fails() ? REDIS_ERR : REAL(redisGetReplyFromReader)(c, reply);
}

static char folder[] = "/tmp/baodao-redis-XXXXXX";
static char socket_path[sizeof(folder) + 8];
static pid_t server;

static void start_server(void)
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

static void stop_server(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(socket_path);
}

static int begin(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return -1;
    snprintf(socket_path, sizeof(socket_path), "%s/s", folder);
    start_server();
    return 0;
}

static int end(void **state)
{
    (void)state;
    stop_server();
    return rmdir(folder);
}

/* At most one connection a second is tried. */
static void call_until_back(struct redis *r)
{
    const struct text ping[] = { TEXT("PING") };
    struct redis_reply reply;
    struct err why;

    for (int i = 0; i < 100; i++) {
        if (redis_call(r, ping, 1, &reply, &why))
            return;
        assert_int_equal(why.kind, ERR_RETRY);
        usleep(50000);
    }
    fail_msg("redis did not come back: %s", why.sentence);
}

static void a_call_gives_its_reply(void **state)
{
    struct redis *r = redis_new(socket_path, DEADLINE_MS);
    const struct text add[] = { TEXT("ZADD"), TEXT("duty:CGJ"), TEXT("3"),
                                TEXT("li") };
    const struct text all[] = { TEXT("ZRANGE"), TEXT("duty:CGJ"), TEXT("0"),
                                TEXT("-1"), TEXT("WITHSCORES") };
    const struct text none[] = { TEXT("GET"), TEXT("none") };
    const struct text empty[] = { TEXT("ECHO"), { 0 } };
    struct redis_reply reply, item;

    (void)state;
    MUST(redis_call(r, add, 4, &reply, err));
    assert_int_equal(redis_int(&reply), 1);
    MUST(redis_call(r, all, 5, &reply, err));
    assert_int_equal(redis_count(&reply), 2);
    item = redis_item(&reply, 0);
    assert_true(text_is(redis_text(&item), "li"));
    item = redis_item(&reply, 1);
    assert_int_equal(redis_int(&item), 3);
    item = redis_item(&reply, 2);
    assert_true(redis_is_nil(&item));
    MUST(redis_call(r, none, 2, &reply, err));
    assert_true(redis_is_nil(&reply));
    MUST(redis_call(r, empty, 2, &reply, err));
    assert_false(redis_is_nil(&reply));
    assert_int_equal(redis_text(&reply).size, 0);
    redis_free(r);
}

/* A failure is said at once, and the next answer is not an old one. */
static void each_call_of_the_library_may_fail(void **state)
{
    const struct text echo[] = { TEXT("ECHO"), TEXT("old") };
    const struct text other[] = { TEXT("ECHO"), TEXT("new") };
    int n = 0, calls_of_one;
    bool ok;

    (void)state;
    do {
        struct redis *r = redis_new(socket_path, DEADLINE_MS);
        struct redis_reply reply;
        struct err why = { 0 };

        calls = 0;
        call_that_fails = ++n;
        ok = redis_call(r, echo, 2, &reply, &why);
        calls_of_one = calls;
        call_that_fails = 0;
        if (!ok) {
            assert_int_equal(why.kind, ERR_RETRY);
            assert_true(strstr(why.sentence, "no answer in time") == NULL);
            call_until_back(r);
        }
        MUST(redis_call(r, other, 2, &reply, err));
        assert_true(text_is(redis_text(&reply), "new"));
        redis_free(r);
    } while (calls_of_one >= n);
    assert_true(n > 6); /* connect, time out, append, write, read, reply */
}

static struct redis_script adds_up = {
    .source = "return {redis.call('INCRBY', KEYS[1], ARGV[1]), KEYS[2]}",
};

static void expect_sum(struct redis *r, int64_t sum)
{
    const struct text keys[] = { TEXT("sum"), TEXT("other") };
    const struct text three[] = { TEXT("3") };
    struct redis_reply reply, item;

    MUST(redis_eval(r, &adds_up, keys, 2, three, 1, &reply, err));
    item = redis_item(&reply, 0);
    assert_int_equal(redis_int(&item), sum);
    item = redis_item(&reply, 1);
    assert_true(text_is(redis_text(&item), "other"));
}

static void a_script_is_loaded_when_redis_does_not_know_it(void **state)
{
    struct redis *r = redis_new(socket_path, DEADLINE_MS);
    const struct text forget[] = { TEXT("SCRIPT"), TEXT("FLUSH") };
    struct redis_reply reply;

    (void)state;
    expect_sum(r, 3);
    assert_int_equal(strlen(adds_up.sha1), 40);
    expect_sum(r, 6);
    MUST(redis_call(r, forget, 2, &reply, err));
    expect_sum(r, 9);
    redis_free(r);
}

static void our_mistakes_are_fatal_and_leave_the_connection(void **state)
{
    struct redis *r = redis_new(socket_path, DEADLINE_MS);
    const struct text wrong[] = { TEXT("INCR"), TEXT("duty:CGJ") };
    struct redis_reply reply;
    struct err why = { 0 };

    (void)state;
    assert_false(redis_call(r, wrong, 2, &reply, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_non_null(strstr(why.sentence, "WRONGTYPE"));
    expect_sum(r, 12);
    redis_free(r);
}

static void a_frozen_redis_costs_no_more_than_the_deadline(void **state)
{
    struct redis *r = redis_new(socket_path, DEADLINE_MS);
    const struct text ping[] = { TEXT("PING") };
    struct redis_reply reply;
    struct err why = { 0 };
    int64_t start_us, took_us;

    (void)state;
    call_until_back(r);
    kill(server, SIGSTOP);
    start_us = instant_monotonic();
    assert_false(redis_call(r, ping, 1, &reply, &why));
    took_us = instant_monotonic() - start_us;
    kill(server, SIGCONT);
    assert_int_equal(why.kind, ERR_RETRY);
    assert_true(took_us >= DEADLINE_MS * 1000 - 5000);
    assert_true(took_us < DEADLINE_MS * 1000 + 150000);
    call_until_back(r);
    redis_free(r);
}

static void what_was_asked_is_answered_later(void **state)
{
    struct redis *r = redis_new(socket_path, DEADLINE_MS);
    const struct text keys[] = { TEXT("sum"), TEXT("other") };
    const struct text none[] = { TEXT("0") };
    struct redis_reply reply;
    struct err why = { 0 };
    bool ready = true;

    (void)state;
    call_until_back(r);
    assert_int_equal(kill(server, SIGSTOP), 0);
    MUST(redis_eval_ask(r, &adds_up, keys, 2, none, 1, err));
    MUST(redis_answer(r, false, &ready, &reply, err));
    assert_false(ready);
    kill(server, SIGCONT);
    MUST(redis_answer(r, true, &ready, &reply, err));
    assert_true(ready);
    assert_int_equal(redis_count(&reply), 2);
    kill(server, SIGSTOP);
    MUST(redis_eval_ask(r, &adds_up, keys, 2, none, 1, err));
    usleep(DEADLINE_MS * 1000 + 5000);
    assert_false(redis_answer(r, false, &ready, &reply, &why));
    kill(server, SIGCONT);
    assert_string_equal(why.code, "redis_away");
    assert_false(redis_answer(r, true, &ready, &reply, &why));
    call_until_back(r);
    redis_free(r);
}

static void a_redis_that_is_away_is_tried_once_a_second(void **state)
{
    struct redis *r = redis_new(socket_path, DEADLINE_MS);
    const struct text ping[] = { TEXT("PING") };
    struct redis_reply reply;
    struct err why = { 0 };

    (void)state;
    call_until_back(r);
    stop_server();
    assert_false(redis_call(r, ping, 1, &reply, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    start_server();
    assert_false(redis_call(r, ping, 1, &reply, &why));
    assert_non_null(strstr(why.sentence, "a moment ago"));
    call_until_back(r);
    expect_sum(r, 3);
    redis_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_gives_its_reply),
        cmocka_unit_test(each_call_of_the_library_may_fail),
        cmocka_unit_test(a_script_is_loaded_when_redis_does_not_know_it),
        cmocka_unit_test(our_mistakes_are_fatal_and_leave_the_connection),
        cmocka_unit_test(a_frozen_redis_costs_no_more_than_the_deadline),
        cmocka_unit_test(what_was_asked_is_answered_later),
        cmocka_unit_test(a_redis_that_is_away_is_tried_once_a_second),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
