/* pg_flight_test.c - many statements, answers in order, errors amid them. */
#include "tests/store/pg_store.h"

static bool take_in_order(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    int64_t *expected = context;

    (void)err;
    assert_int_equal(pg_int(rows, 0, 0), *expected);
    (*expected)++;
    return true;
}

static void answers_come_in_the_order_of_sending(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params p = { 0 };
    int64_t next = 0;

    (void)state;
    for (int64_t i = 0; i < 5000; i++) {
        p.count = 0;
        pg_param_int8(&p, i);
        MUST(pg_send(pg, &stmts[ONE], &p, take_in_order, &next, err));
    }
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, NULL), PG_LANDED);
    assert_int_equal(next, 5000);
    assert_int_equal(pg_advance(pg, NULL), PG_LANDED);
}

static void an_error_amid_a_flight_stops_the_takes_behind_it(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params p = { 0 }, zero = { 0 };
    struct err why = { 0 };
    int64_t before = -1, behind = -1;

    (void)state;
    pg_param_int8(&p, 7);
    pg_param_int4(&zero, 0);
    MUST(pg_send(pg, &stmts[BEGIN], NULL, NULL, NULL, err));
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &before, err));
    MUST(pg_send(pg, &stmts[DIVIDE], &zero, take_int, &behind, err));
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &behind, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_int_equal(why.kind, ERR_REJECT);
    assert_string_equal(why.code, "22012");
    assert_string_equal(why.sentence, "divide: division by zero");
    assert_int_equal(before, 7);
    assert_int_equal(behind, -1);
    assert_false(pg_is_broken(pg));

    MUST(pg_send(pg, &stmts[ROLLBACK], NULL, NULL, NULL, err));
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &behind, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, NULL), PG_LANDED);
    assert_int_equal(behind, 7);
}

static bool take_refuses(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    (void)rows;
    (void)context;
    return err_reject(err, "not_mine", "id", "no row");
}

static void a_take_that_refuses_fails_the_flight(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params p = { 0 };
    struct err why = { 0 };
    int64_t behind = -1;

    (void)state;
    pg_param_int8(&p, 1);
    MUST(pg_send(pg, &stmts[ONE], &p, take_refuses, NULL, err));
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &behind, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_string_equal(why.code, "not_mine");
    assert_int_equal(behind, -1);
    assert_int_equal(ask(pg, "SELECT 3::int4"), 3);
}

static void a_commit_of_a_failed_transaction_is_fatal(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params zero = { 0 };
    struct err why = { 0 };

    (void)state;
    pg_param_int4(&zero, 0);
    MUST(pg_send(pg, &stmts[BEGIN], NULL, NULL, NULL, err));
    MUST(pg_send(pg, &stmts[DIVIDE], &zero, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, NULL), PG_FAILED);
    MUST(pg_send(pg, &stmts[COMMIT], NULL, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "rolled_back");
}

static bool take_done(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    (void)err;
    assert_int_equal(rows->affected, 1);
    *(bool *)context = true;
    return true;
}

/* A row is added behind a flight that fails, amid a transaction or before the
 * next one has begun: without a Sync it ends with the connection. */
static bool add_behind_a_failure(bool amid)
{
    static const struct pg_stmt adds[] = {
        { "add", "INSERT INTO kept VALUES (1)" }, { 0 },
    };
    static const struct pg_stmt *const lists[] = { stmts, adds, NULL };
    struct pg_params zero = { 0 };
    bool done = false;
    struct pg *pg;

    MUST(pg_open(conninfo(), "pg_test", lists, &pg, err));
    pg_param_int4(&zero, 0);
    if (amid)
        MUST(pg_send(pg, &stmts[BEGIN], NULL, NULL, NULL, err));
    MUST(pg_send(pg, &stmts[DIVIDE], &zero, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    MUST(pg_send(pg, adds, NULL, take_done, &done, err));
    MUST(pg_hasten(pg, err));
    assert_int_equal(land(pg, NULL), PG_FAILED);
    for (int i = 0; i < 20 && !done; i++) {
        pg_wait(pg, 20);
        (void)pg_advance(pg, NULL);
    }
    pg_close(pg);
    return done;
}

static void what_is_sent_behind_a_failed_flight_is_not_kept(void **state)
{
    AUTO(pg) struct pg *other = open_plain();

    (void)state;
    MUST(pg_exec(other, "CREATE TABLE kept (n int8)", err));
    assert_false(add_behind_a_failure(true));
    assert_true(add_behind_a_failure(false));
    MUST(pg_exec(other, "BEGIN; LOCK TABLE kept; COMMIT", err)); /* waits for its end */
    assert_int_equal(ask(other, "SELECT count(*) FROM kept"), 0);
    MUST(pg_exec(other, "DROP TABLE kept", err));
}

static void a_hastened_answer_does_not_wait_for_what_follows(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params p = { 0 };
    int64_t got = -1, start_us;

    (void)state;
    pg_param_int8(&p, 5);
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &got, err));
    MUST(pg_hasten(pg, err));
    MUST(pg_send(pg, &stmts[NAP], NULL, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    start_us = instant_monotonic();
    while (got == -1) {
        pg_wait(pg, 1000);
        assert_int_equal(pg_advance(pg, NULL), PG_FLYING);
    }
    assert_true(instant_monotonic() - start_us < 200000);
    assert_int_equal(land(pg, NULL), PG_LANDED);
    assert_true(instant_monotonic() - start_us >= 290000);
}

static void what_was_hastened_is_answered_before_the_launch(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params p = { 0 };
    int64_t got = -1;

    (void)state;
    pg_param_int8(&p, 5);
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &got, err));
    MUST(pg_hasten(pg, err));
    for (int i = 0; i < 100 && got == -1; i++) {
        pg_wait(pg, 100);
        assert_int_equal(pg_advance(pg, NULL), PG_FLYING);
    }
    assert_int_equal(got, 5);
    assert_int_equal(pg_advance(pg, NULL), PG_FLYING);
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, NULL), PG_LANDED);
}

static void two_flights_land_one_after_the_other(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params zero = { 0 }, p = { 0 };
    struct err why = { 0 };
    int64_t got = -1;

    (void)state;
    pg_param_int4(&zero, 0);
    pg_param_int8(&p, 9);
    MUST(pg_send(pg, &stmts[DIVIDE], &zero, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &got, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_int_equal(got, -1);
    assert_int_equal(land(pg, &why), PG_LANDED);
    assert_int_equal(got, 9);
}

static void a_flight_larger_than_the_sockets_buffers_lands(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    AUTO(buf) struct buf megabyte = { 0 };
    struct pg_params p = { 0 };

    (void)state;
    memset(buf_reserve(&megabyte, 1 << 20), 'x', 1 << 20);
    megabyte.size = 1 << 20;
    pg_param_text(&p, buf_text(&megabyte));
    for (int i = 0; i < 40; i++)
        MUST(pg_send(pg, &stmts[ECHO], &p, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, NULL), PG_LANDED);
}

static void blocking_calls_are_refused_during_a_flight(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct err why = { 0 };

    (void)state;
    MUST(pg_send(pg, &stmts[NAP], NULL, NULL, NULL, err));
    assert_false(pg_exec(pg, "SELECT 1", &why));
    assert_string_equal(why.code, "in_flight");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_in_the_order_of_sending),
        cmocka_unit_test(an_error_amid_a_flight_stops_the_takes_behind_it),
        cmocka_unit_test(a_take_that_refuses_fails_the_flight),
        cmocka_unit_test(a_commit_of_a_failed_transaction_is_fatal),
        cmocka_unit_test(what_is_sent_behind_a_failed_flight_is_not_kept),
        cmocka_unit_test(a_hastened_answer_does_not_wait_for_what_follows),
        cmocka_unit_test(what_was_hastened_is_answered_before_the_launch),
        cmocka_unit_test(two_flights_land_one_after_the_other),
        cmocka_unit_test(a_flight_larger_than_the_sockets_buffers_lands),
        cmocka_unit_test(blocking_calls_are_refused_during_a_flight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
