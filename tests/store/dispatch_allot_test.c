/* dispatch_allot_test.c - officers for lanes: reserve.lua on a redis-server
 * that the test starts and stops itself, counts and waiting lanes on the
 * tables that the migrations make. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void start_redis(void)
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

static void stop_redis(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(socket_path);
}

static void run_file(const char *path)
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

static int setup(void **state)
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

static int teardown(void **state)
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

static void flush(void)
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

static void build(const struct on_duty *officers, size_t count)
{
    struct redis_reply answers;

    flush();
    reserve_begin(&r, NOW_US, INT_ABSENT, true);
    (void)reserve_set(&r, TEXT("CGJ"), 0, officers, count);
    (void)reserve_ready(&r);
    MUST(reserve_run(&r, &answers, err));
}

/* "a b c": who takes the next lanes of CGJ, in one call. */
static void expect_taken(int64_t count, const char *pools,
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

/* Whose turn it is when this one did not sign; "" nobody's. */
static void expect_passed(const char *holder, const char *expected)
{
    const struct passed lane = {TEXT("CGJ"), TEXT(WHISTLE "/1/CGJ"),
                                text_of(holder), TEXT("")};
    struct redis_reply answers;
    size_t verb;

    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    verb = reserve_pass(&r, &lane);
    MUST(reserve_run(&r, &answers, err));
    assert_true(text_is(reserve_officer(&answers, verb, 0), expected));
}

#define OFFICER(name, open, capacity, last)                                    \
    {                                                                          \
        TEXT(name), open, capacity, last, TEXT("")                             \
    }

static void the_least_loaded_takes_the_next_lane(void **state)
{
    static const struct {
        const char *expected;
        struct on_duty officers[3];
    } rows[] = {
        {"a b c a",
         {OFFICER("a", 0, 2, 0), OFFICER("b", 0, 2, 0), OFFICER("c", 0, 2, 0)}},
        /* open per capacity: 1/4 < 1/3 < 1/2 */
        {"c b a c",
         {OFFICER("a", 1, 2, 0), OFFICER("b", 1, 3, 0), OFFICER("c", 1, 4, 1)}},
        /* never before long ago before just now */
        {"c b a c",
         {OFFICER("a", 1, 2, 30), OFFICER("b", 1, 2, 20),
          OFFICER("c", 1, 2, 0)}},
        /* by bytes, whatever the locale thinks of it */
        {"B a-1 a1 B",
         {OFFICER("a1", 0, 1, 0), OFFICER("a-1", 0, 1, 0),
          OFFICER("B", 0, 1, 0)}},
        /* a full officer still takes one: no lane is left lying */
        {"a a a a",
         {OFFICER("a", 9, 1, 0), OFFICER("b", 99, 1, 0),
          OFFICER("c", 99, 1, 0)}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        build(rows[i].officers, 3);
        expect_taken(4, "", rows[i].expected);
    }
}

static void an_office_hands_out_what_it_has(void **state)
{
    const struct on_duty two[] = {OFFICER("a", 0, 1, 0), OFFICER("b", 5, 1, 0)};

    (void)state;
    build(two, 2);
    expect_passed("a", "b");
    build(two, 1);
    expect_passed("a", "");
    build(two, 0);
    expect_taken(1, "", "");
}

static void an_ended_lane_frees_its_officer(void **state)
{
    const struct on_duty two[] = {OFFICER("a", 3, 1, 0), OFFICER("b", 2, 1, 0)};
    struct redis_reply answers, one;

    (void)state;
    build(two, 2);
    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    (void)reserve_free(&r, TEXT("CGJ"), TEXT("a"));
    (void)reserve_free(&r, TEXT("CGJ"), TEXT("a"));
    (void)reserve_free(&r, TEXT("CGJ"), TEXT("nobody"));
    MUST(reserve_run(&r, &answers, err));
    one = redis_item(&answers, 0);
    assert_int_equal(redis_int(&one), 1);
    one = redis_item(&answers, 2);
    assert_int_equal(redis_int(&one), 0);
    expect_taken(1, "", "a");
}

static void nothing_is_done_while_the_sets_are_gone(void **state)
{
    struct redis_reply answers;
    struct err why = {0};

    (void)state;
    flush();
    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    (void)reserve_take(&r, TEXT("CGJ"), 1, text_of(""));
    assert_false(reserve_run(&r, &answers, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "not_ready");
}

/* The difference that a `set` to one open lane of "a" found; -1 moved. */
static int64_t set_to_one(int64_t stamp)
{
    const struct on_duty now[] = {OFFICER("a", 1, 1, 0)};
    struct redis_reply answers, one;

    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    (void)reserve_set(&r, TEXT("CGJ"), stamp, now, 1);
    MUST(reserve_run(&r, &answers, err));
    one = redis_item(&answers, 0);
    return redis_int(&one);
}

static void counts_are_set_right_unless_the_office_moved(void **state)
{
    const struct on_duty two[] = {OFFICER("a", 4, 1, 0), OFFICER("b", 9, 1, 0)};
    AUTO(arena) struct arena arena = {0};
    struct slots stamps;

    (void)state;
    slots_start(&stamps, &arena);
    build(two, 2);
    expect_taken(1, "", "a");
    assert_int_equal(set_to_one(0), -1);
    expect_passed("a", "b");
    MUST(reserve_stamps(&r, &stamps, err));
    assert_int_equal(reserve_stamp(&stamps, TEXT("CGJ")), 2);
    assert_int_equal(reserve_stamp(&stamps, TEXT("ZJJ")), 0);
    assert_int_equal(set_to_one(2), 3);
    expect_taken(2, "", "a a"); /* b has gone off duty */
}

static void who_is_placed_there_then_who_has_the_skill_then_the_desk(void **s)
{
    static const struct {
        const char *pools, *expected;
    } rows[] = {
        {"", "a b c d"},
        {"@530103003001=governance +photo", "c c c c"},
        {"@530103003002=governance +photo", "b d d b"},
        {"+drone", "a b c d"},
    };
    const struct on_duty four[] = {
        OFFICER("a", 0, 4, 0),
        {TEXT("b"), 1, 4, 0, TEXT("+first_aid +photo")},
        {TEXT("c"), 2, 4, 0, TEXT("@530103003001=governance")},
        {TEXT("d"), 3, 8, 1, TEXT("+photo @530103003001=mobilisation")},
    };

    (void)s;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct on_duty idle[4];

        memcpy(idle, four, sizeof(four));
        for (size_t k = 0; k < 4 && i != 1; k++)
            idle[k].open = 0;
        build(idle, 4);
        expect_taken(4, rows[i].pools, rows[i].expected);
    }
}

static void an_officer_on_the_way_is_not_passed_over(void **state)
{
    const struct on_duty two[] = {OFFICER("a", 0, 1, 0), OFFICER("b", 5, 1, 0)};
    struct redis_reply answers;

    (void)state;
    build(two, 2);
    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    (void)reserve_claim(&r, TEXT("CGJ"), TEXT(WHISTLE "/1/CGJ"), TEXT("a"),
                        NOW_US + MINUTE_US);
    MUST(reserve_run(&r, &answers, err));
    expect_passed("a", "");  /* the claim stands */
    expect_passed("b", "a"); /* it is another's */
    build(two, 2);
    reserve_begin(&r, NOW_US, INT_ABSENT, false);
    (void)reserve_claim(&r, TEXT("CGJ"), TEXT(WHISTLE "/1/CGJ"), TEXT("a"),
                        NOW_US);
    MUST(reserve_run(&r, &answers, err));
    expect_passed("a", "b"); /* its time is over */
}

static void under_a_ceiling_a_lane_may_find_nobody(void **state)
{
    const struct on_duty two[] = {OFFICER("a", 1, 2, 0), OFFICER("b", 5, 4, 0)};
    struct redis_reply answers;
    size_t verb;

    (void)state;
    build(two, 2);
    reserve_begin(&r, NOW_US, 100, false);
    verb = reserve_take(&r, TEXT("CGJ"), 3, TEXT(""));
    MUST(reserve_run(&r, &answers, err));
    assert_true(text_is(reserve_officer(&answers, verb, 0), "a"));
    assert_int_equal(reserve_officer(&answers, verb, 1).size, 0);
}

/* ---- the same order, said twice ---- */

static uint32_t dice = 1;

static int64_t roll(int64_t sides)
{
    dice = dice * 1664525u + 1013904223u;
    return dice >> 8 & 0xffff ? (int64_t)((dice >> 8) % (uint32_t)sides) : 0;
}

#define CREW 12

/* A crew in both forms. */
static void make_crew(struct on_duty redis[CREW], struct allot_officer c[CREW])
{
    static char names[CREW][16];

    for (int i = 0; i < CREW; i++) {
        snprintf(names[i], sizeof(names[i]), "%c%d", i % 2 ? 'B' : 'a', i);
        redis[i] = (struct on_duty){text_of(names[i]), roll(6), 1 + roll(4),
                                    roll(3), TEXT("")};
        c[i] = (struct allot_officer){
            redis[i].officer,
            redis[i].open,
            redis[i].capacity,
            redis[i].last_us > 0 ? redis[i].last_us : ALLOT_NEVER,
            0,
            true,
        };
    }
}

static void take_both(struct allot_officer c[CREW], int64_t count,
                      int64_t ceiling, int64_t *turn)
{
    struct redis_reply answers;
    size_t verb;

    reserve_begin(&r, NOW_US + *turn, ceiling, false);
    verb = reserve_take(&r, TEXT("CGJ"), count, TEXT(""));
    MUST(reserve_run(&r, &answers, err));
    for (int64_t k = 0; k < count; k++) {
        struct text given = reserve_officer(&answers, verb, (size_t)k);
        struct allot_officer *o =
            allot_choose(c, CREW, NULL, 0,
                         ceiling == INT_ABSENT ? ALLOT_NO_CEILING : ceiling);

        if (!text_equal(given, o ? o->officer : TEXT("")))
            fail_msg("turn %d: Redis %.*s, C %.*s", (int)*turn,
                     TEXT_PRINT(given), TEXT_PRINT(o->officer));
        if (o)
            allot_take(o, NOW_US + (*turn)++, 0);
    }
}

static void the_pure_form_and_redis_give_the_same_officers(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct on_duty redis[CREW];
        struct allot_officer c[CREW];
        int64_t turn = 0;

        make_crew(redis, c);
        build(redis, CREW);
        for (int call = 0; call < 4; call++)
            take_both(c, 1 + roll(20), i % 3 ? INT_ABSENT : 250, &turn);
    }
}

/* 100 officers, 1,000 takes in one call: under Redis' deadline of 50 ms. */
static void a_large_office_does_not_hold_up_redis(void **state)
{
    static char names[100][16];
    static struct on_duty all[100];
    struct redis_reply answers;
    int64_t before_us, best_us = INT64_MAX;

    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof(names[i]), "o%d", i);
        all[i] = (struct on_duty){text_of(names[i]), roll(5), 1 + roll(4), 0,
                                  TEXT("+photo")};
    }
    build(all, 100);
    for (int i = 0; i < 5; i++) {
        reserve_begin(&r, NOW_US + i * SECOND_US, INT_ABSENT, false);
        (void)reserve_take(&r, TEXT("CGJ"), 1000, TEXT("+photo"));
        before_us = instant_monotonic();
        MUST(reserve_run(&r, &answers, err));
        before_us = instant_monotonic() - before_us;
        best_us = before_us < best_us ? before_us : best_us;
    }
    print_message("1,000 takes among 100 officers: %lld us\n",
                  (long long)best_us);
}

static void the_duty_set_is_in_order_of_load(void **state)
{
    const struct text words[] = {TEXT("ZRANGE"), TEXT("duty:CGJ"), TEXT("0"),
                                 TEXT("-1"), TEXT("WITHSCORES")};
    const struct on_duty two[] = {OFFICER("a", 3, 4, 0), OFFICER("b", 1, 4, 0)};
    struct redis_reply reply, one;

    (void)state;
    build(two, 2);
    expect_taken(1, "", "b");
    MUST(redis_call(r.redis, words, COUNT_OF(words), &reply, err));
    one = redis_item(&reply, 0);
    assert_true(text_is(redis_text(&one), "b"));
    one = redis_item(&reply, 1);
    assert_true(text_is(redis_text(&one), "0.5"));
}

static void the_program_holds_the_script_as_it_stands(void **state)
{
    AUTO(buf) struct buf file = {0};

    (void)state;
    trial_read("services/dispatch/reserve.lua", &file);
    assert_string_equal(buf_string(&file), reserve_lua);
}

/* ---- after the commit, and idle ---- */

static void forget_all(void)
{
    flush();
    MUST(pg_exec(pg, "TRUNCATE dispatch.whistle, dispatch.call, dispatch.officer,"
                 " track.lane",
                 err));
    MUST(pg_exec(pg,
                 "INSERT INTO dispatch.officer (office, officer, name,"
                 " version, capacity, on_duty) VALUES"
                 " ('GDJ', 'g1', 'g1', 1, 4, true),"
                 " ('CGJ', 'c1', 'c1', 1, 4, true),"
                 " ('CGJ', 'c2', 'c2', 1, 4, true),"
                 " ('CGJ', 'c3', 'c3', 1, 4, false)",
                 err));
    sent_count = 0;
}

/* A lane as dispatch and track have it. */
static void open_lane(const char *whistle, const char *office,
                      const char *holder, const char *passed_over)
{
    AUTO(buf) struct buf sql = {0};

    buf_print(&sql,
              "INSERT INTO dispatch.whistle (id, version, partition, state,"
              " number, kind, matter, region, street, facts, drafted_by, round,"
              " reference_version, drafted_at, issued_at) VALUES ('%s', 1, 3,"
              " 'issued', 'n', 'emergency', 'E0409', '" COMMUNITY "',"
              " '" STREET "', 'f', 'a', 1, 1, '2026-03-02T00:00Z',"
              " '2026-03-02T00:00Z') ON CONFLICT DO NOTHING;"
              "INSERT INTO dispatch.call (whistle, round, office, role, open,"
              " passed_over, partition) VALUES ('%s', 1, '%s', 'assist', true,"
              " nullif('%s', ''), 3);"
              "INSERT INTO track.lane (whistle, round, office, version,"
              " partition, number, kind, matter, region, street, role, state,"
              " holder, reference_version, calendar_version, start, marks,"
              " late, forced, returns, reworks, open, look) VALUES ('%s', 1,"
              " '%s', 1, 3, 'n', 'k', 'm', 'r', 's', 'assist', 'assigned',"
              " nullif('%s', ''), 1, 1, '2026-03-02T00:00Z', 0, false, false,"
              " 0, 0, true, 0)",
              whistle, whistle, office, passed_over, whistle, office, holder);
    MUST(pg_exec(pg, buf_string(&sql), err));
}

/* Idle runs until Redis is connected again and the sets are there. */
static void idle_until_ready(void)
{
    bool ready = false;

    for (int i = 0; i < 60 && !ready; i++) {
        struct err why;

        allot_idle();
        if (!reserve_is_ready(&r, &ready, &why))
            ready = false;
        if (!ready)
            usleep(50000);
    }
    assert_true(ready);
}

/* The holders that the task.assign of an issued whistle got. */
static struct text holders_after_commit(struct trial *t)
{
    allot_batch(&t->batch);
    return trial_find(t, "task.assign")->holders;
}

static void an_assign_goes_out_with_its_holders(void **state)
{
    struct trial *first = begin_issued(false), *second = begin_issued(false);

    (void)state;
    forget_all();
    idle_until_ready();
    assert_true(text_is(holders_after_commit(first), "GDJ=g1;CGJ=c1"));
    assert_true(text_is(holders_after_commit(second), "GDJ=g1;CGJ=c2"));
    trial_free(first);
    trial_free(second);
}

static void two_whistles_of_a_batch_get_different_officers(void **state)
{
    struct trial *t = begin_issued(false);
    struct dispatch_state *s = t->batch.state;
    struct record both[] = {*trial_find(t, "task.assign"), {.seq = 0}};
    struct wanted more = {TEXT("other"), TEXT("SWJ,CGJ"), TEXT(""), NULL};

    (void)state;
    forget_all();
    idle_until_ready();
    both[1].type = TEXT("task.assign");
    both[1].subject = more.subject;
    s->wanted->next = &more;
    t->batch.records = both;
    t->batch.record_count = 2;
    allot_batch(&t->batch);
    assert_true(text_is(both[0].holders, "GDJ=g1;CGJ=c1"));
    assert_true(text_is(both[1].holders, "CGJ=c2")); /* SWJ has nobody */
    trial_free(t);
}

static void without_redis_lanes_go_out_and_are_handed_on_its_return(void **s)
{
    struct trial *t = begin_issued(false);

    (void)s;
    forget_all();
    idle_until_ready();
    stop_redis();
    assert_int_equal(holders_after_commit(t).size, 0);
    open_lane(WHISTLE, "CGJ", "", "");
    open_lane(WHISTLE, "GDJ", "", "");
    allot_idle();
    assert_int_equal(sent_count, 0);
    start_redis();
    idle_until_ready();
    assert_int_equal(sent_count, 2);
    assert_string_equal(sent[0].subject, WHISTLE "/1/CGJ");
    assert_string_equal(sent[0].data,
                        "{\"whistle\":\"" WHISTLE "\",\"round\":1,"
                        "\"office\":\"CGJ\",\"officer\":\"c1\","
                        "\"why\":\"allotted\"}");
    assert_string_equal(sent[1].subject, WHISTLE "/1/GDJ");
    allot_idle();
    assert_int_equal(sent_count, 2); /* once, though track has not folded */
    trial_free(t);
}

static void a_lane_goes_on_when_its_officer_does_not_sign_or_is_gone(void **s)
{
    static const struct {
        const char *holder, *passed_over, *roster, *why, *next;
    } rows[] = {
        {"c1", "", "", NULL, NULL},
        {"c1", "c1", "", "unsigned_half", "c2"},
        {"c2", "c1", "", NULL, NULL},
        {"c3", "", "", "gone", "c1"},
        {"c1", "",
         "UPDATE dispatch.officer SET leave_from = '2026-03-01T00:00Z',"
         " leave_to = '2026-03-03T00:00Z' WHERE officer = 'c1'",
         "gone", "c2"},
        {"c1", "",
         "UPDATE dispatch.officer SET leave_from = '2026-02-01T00:00Z',"
         " leave_to = '2026-03-02T00:00Z' WHERE officer = 'c1'",
         NULL, NULL},
        {"", "", "UPDATE dispatch.officer SET on_duty = false", NULL, NULL},
        {"c1", "", "UPDATE track.lane SET state = 'signed', holder = 'c3'",
         NULL, NULL},
        {"", "", "UPDATE dispatch.call SET partition = 4", NULL, NULL},
    };

    (void)s;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct uuid id = uuid_new(NOW_US + (int64_t)i * SECOND_US);
        char whistle[UUID_TEXT_SIZE];

        uuid_print(&id, whistle);
        forget_all();
        open_lane(whistle, "CGJ", rows[i].holder, rows[i].passed_over);
        MUST(pg_exec(pg, rows[i].roster[0] ? rows[i].roster : "SELECT 1", err));
        idle_until_ready();
        if (sent_count != (rows[i].why ? 1 : 0))
            fail_msg("row %zu: %zu sent", i, sent_count);
        if (rows[i].why) {
            assert_non_null(strstr(sent[0].data, rows[i].why));
            assert_non_null(strstr(sent[0].data, rows[i].next));
        }
    }
}

static void sets_are_made_anew_from_the_tables(void **state)
{
    (void)state;
    forget_all();
    open_lane(WHISTLE, "CGJ", "c1", "");
    idle_until_ready();
    expect_taken(3, "", "c2 c1 c2"); /* c1 has one, c3 is off duty */
    flush();
    idle_until_ready();
    expect_taken(1, "", "c2");
}

static void an_officer_set_on_duty_is_there_a_turn_later(void **state)
{
    struct trial *t = begin();
    struct dispatch_state *s = t->batch.state;

    (void)state;
    forget_all();
    idle_until_ready();
    MUST(pg_exec(pg, "UPDATE dispatch.officer SET on_duty = officer = 'c3'",
                 err));
    s->roster_changed = true;
    allot_batch(&t->batch);
    allot_idle();
    expect_taken(2, "", "c3 c3");
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_loaded_takes_the_next_lane),
        cmocka_unit_test(an_office_hands_out_what_it_has),
        cmocka_unit_test(an_ended_lane_frees_its_officer),
        cmocka_unit_test(nothing_is_done_while_the_sets_are_gone),
        cmocka_unit_test(counts_are_set_right_unless_the_office_moved),
        cmocka_unit_test(
            who_is_placed_there_then_who_has_the_skill_then_the_desk),
        cmocka_unit_test(an_officer_on_the_way_is_not_passed_over),
        cmocka_unit_test(under_a_ceiling_a_lane_may_find_nobody),
        cmocka_unit_test(the_pure_form_and_redis_give_the_same_officers),
        cmocka_unit_test(a_large_office_does_not_hold_up_redis),
        cmocka_unit_test(the_duty_set_is_in_order_of_load),
        cmocka_unit_test(the_program_holds_the_script_as_it_stands),
        cmocka_unit_test(an_assign_goes_out_with_its_holders),
        cmocka_unit_test(two_whistles_of_a_batch_get_different_officers),
        cmocka_unit_test(
            without_redis_lanes_go_out_and_are_handed_on_its_return),
        cmocka_unit_test(
            a_lane_goes_on_when_its_officer_does_not_sign_or_is_gone),
        cmocka_unit_test(sets_are_made_anew_from_the_tables),
        cmocka_unit_test(an_officer_set_on_duty_is_there_a_turn_later),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
