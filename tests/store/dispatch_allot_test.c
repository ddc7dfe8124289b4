/* dispatch_allot_test.c - after the commit, and idle: officers for lanes,
 * counts and waiting lanes. */
#include "tests/store/dispatch_allot.h"

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
    assert_true(allot_batch(&t->batch, true));
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

static void ask_a_frozen_redis(struct trial *t)
{
    kill(server, SIGSTOP);
    assert_false(allot_batch(&t->batch, false));
    kill(server, SIGCONT);
}

/* While Redis works something else may be asked of it. */
static void an_answer_that_is_out_is_nobody_elses(void **state)
{
    struct trial *first = begin_issued(false), *lost = begin_issued(false);
    struct trial *second = begin_issued(false);

    (void)state;
    forget_all();
    idle_until_ready();
    ask_a_frozen_redis(first);
    allot_idle();
    assert_true(text_is(holders_after_commit(first), "GDJ=g1;CGJ=c1"));
    ask_a_frozen_redis(lost);
    batch_reset(&lost->batch); /* given back, with its answer on its way */
    assert_true(text_is(holders_after_commit(second), "GDJ=g1;CGJ=c1"));
    trial_free(first);
    trial_free(lost);
    trial_free(second);
}

static void two_whistles_of_a_batch_get_different_officers(void **state)
{
    struct trial *t = begin_issued(false);
    struct dispatch_state *s = t->batch.state;
    struct record both[] = {*trial_find(t, "task.assign"), {.seq = 0}};
    struct wanted more = {.subject = TEXT("other"), .offices = TEXT("SWJ,CGJ")};

    (void)state;
    forget_all();
    idle_until_ready();
    both[1].type = TEXT("task.assign");
    both[1].subject = more.subject;
    s->wanted->next = &more;
    t->batch.records = both;
    t->batch.record_count = 2;
    assert_true(allot_batch(&t->batch, true));
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
    assert_true(allot_batch(&t->batch, true));
    allot_idle();
    expect_taken(2, "", "c3 c3");
    trial_free(t);
}

static void expect_metric(const char *line)
{
    AUTO(buf) struct buf all = {0};

    metric_print(&all);
    if (!strstr(buf_string(&all), line))
        fail_msg("no %s", line);
}

static void a_postgresql_that_is_lost_is_not_redis_fault(void **state)
{
    struct trial *t = begin();
    struct dispatch_state *s = t->batch.state;
    struct pg *sound = pg;
    struct err why = {0};

    (void)state;
    forget_all();
    idle_until_ready();
    pg = open_plain();
    assert_false(
        pg_exec(pg, "SELECT pg_terminate_backend(pg_backend_pid())", &why));
    s->roster_changed = true; /* the sets are to be read from the tables */
    assert_true(allot_batch(&t->batch, true));
    allot_idle();
    expect_metric("\nbaodao_redis_up 1\n");
    pg_close(pg);
    pg = sound;
    allot_idle();
    stop_redis();
    allot_idle();
    expect_metric("\nbaodao_redis_up 0\n");
    start_redis();
    idle_until_ready();
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_assign_goes_out_with_its_holders),
        cmocka_unit_test(an_answer_that_is_out_is_nobody_elses),
        cmocka_unit_test(two_whistles_of_a_batch_get_different_officers),
        cmocka_unit_test(
            without_redis_lanes_go_out_and_are_handed_on_its_return),
        cmocka_unit_test(
            a_lane_goes_on_when_its_officer_does_not_sign_or_is_gone),
        cmocka_unit_test(sets_are_made_anew_from_the_tables),
        cmocka_unit_test(an_officer_set_on_duty_is_there_a_turn_later),
        cmocka_unit_test(a_postgresql_that_is_lost_is_not_redis_fault),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
