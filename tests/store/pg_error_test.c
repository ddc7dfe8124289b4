/* pg_error_test.c - what PostgreSQL refuses, by what to do about it. */
#include "tests/store/pg_store.h"

static void each_state_has_its_kind(void **state)
{
    static const struct {
        const char *state;
        enum err_kind kind;
        const char *code;
    } rows[] = {
        { "08006", ERR_RETRY, NULL },  { "08P01", ERR_FATAL, NULL },
        { "53300", ERR_RETRY, NULL },  { "55P03", ERR_RETRY, NULL },
        { "55006", ERR_FATAL, NULL },  { "57014", ERR_RETRY, NULL },
        { "40001", ERR_RETRY, NULL },  { "40P01", ERR_RETRY, NULL },
        { "22001", ERR_REJECT, NULL }, { "22P03", ERR_FATAL, NULL },
        { "23505", ERR_REJECT, NULL }, { "21000", ERR_REJECT, NULL },
        { "25006", ERR_FATAL, NULL },  { "42P01", ERR_FATAL, NULL },
        { "XX000", ERR_FATAL, NULL },  { "BD001", ERR_FATAL, "fenced" },
    };
    AUTO(pg) struct pg *pg = open_plain();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(buf) struct buf sql = { 0 };
        struct err why = { 0 };

        buf_print(&sql,
                  "DO $$BEGIN RAISE EXCEPTION 'so' "
                  "USING ERRCODE = '%s'; END$$",
                  rows[i].state);
        assert_false(pg_exec(pg, buf_string(&sql), &why));
        assert_int_equal(why.kind, rows[i].kind);
        assert_string_equal(why.code,
                            rows[i].code ? rows[i].code : rows[i].state);
        assert_string_equal(why.sentence, "so");
    }
}

static void the_row_at_fault_is_not_repeated_in_the_sentence(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct err why = { 0 };

    (void)state;
    MUST(pg_exec(pg,
                 "CREATE TEMP TABLE t (name text, n int NOT NULL);"
                 "CREATE UNIQUE INDEX ON t (name);"
                 "INSERT INTO t VALUES ('secret', 1)",
                 err));
    assert_false(pg_exec(pg, "INSERT INTO t VALUES ('secret', 1)", &why));
    assert_int_equal(why.kind, ERR_REJECT);
    assert_null(strstr(why.sentence, "secret"));
    assert_false(pg_exec(pg, "INSERT INTO t VALUES ('secret')", &why));
    assert_string_equal(why.field, "n");
    assert_null(strstr(why.sentence, "secret"));
}

static void a_killed_backend_breaks_the_connection_and_is_retried(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    AUTO(pg) struct pg *killer = open_plain();
    struct pg_params pid = { 0 };
    struct err why = { 0 };

    (void)state;
    pg_param_int4(&pid, (int32_t)ask(pg, "SELECT pg_backend_pid()"));
    MUST(pg_send(pg, &stmts[NAP], NULL, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    MUST(pg_query(killer, "SELECT pg_terminate_backend($1)", &pid, NULL, NULL,
                  err));
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "57P01");
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_true(pg_is_broken(pg));
    why = (struct err){ 0 };
    assert_false(pg_send(pg, &stmts[NAP], NULL, NULL, NULL, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_false(pg_exec(pg, "SELECT 1", &why));
    assert_int_equal(why.kind, ERR_RETRY);
}

static bool ask_alive(struct pg *pg, const struct pg_params *pid)
{
    int64_t n = -1;

    MUST(pg_query(pg, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1",
                  pid, take_int, &n, err));
    return n > 0;
}

/* All answers are in, the Sync is not: what comes in its place says why. */
static void a_backend_killed_before_the_sync_breaks_the_connection(
    void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    AUTO(pg) struct pg *killer = open_plain();
    struct pg_params pid = { 0 }, p = { 0 };
    struct err why = { 0 };
    int64_t got = -1;

    (void)state;
    pg_param_int4(&pid, (int32_t)ask(pg, "SELECT pg_backend_pid()"));
    pg_param_int8(&p, 5);
    MUST(pg_send(pg, &stmts[ONE], &p, take_int, &got, err));
    MUST(pg_hasten(pg, err));
    while (got == -1) {
        pg_wait(pg, 1000);
        assert_int_equal(pg_advance(pg, NULL), PG_FLYING);
    }
    MUST(pg_query(killer, "SELECT pg_terminate_backend($1)", &pid, NULL, NULL,
                  err));
    while (ask_alive(killer, &pid))
        ;
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, &why), PG_FAILED);
    assert_int_equal(why.kind, ERR_RETRY);
    assert_true(pg_is_broken(pg));
}

static void a_blocking_call_to_a_killed_backend_is_retried(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    AUTO(pg) struct pg *killer = open_plain();
    struct pg_params pid = { 0 };
    struct err why = { 0 };

    (void)state;
    pg_param_int4(&pid, (int32_t)ask(pg, "SELECT pg_backend_pid()"));
    MUST(pg_query(killer, "SELECT pg_terminate_backend($1)", &pid, NULL, NULL,
                  err));
    assert_false(pg_call(pg, &stmts[NAP], NULL, NULL, NULL, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_true(pg_is_broken(pg));
}

static void opening_fails_by_what_is_wrong(void **state)
{
    static const struct pg_stmt bad[] = { { "bad", "SELECT nothing" }, { 0 } };
    static const struct pg_stmt *const lists[] = { bad, NULL };
    struct pg *pg = NULL;
    struct err why = { 0 };

    (void)state;
    assert_false(pg_open("host=/nowhere", "pg_test", NULL, &pg, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_false(pg_open("host", "pg_test", NULL, &pg, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_false(pg_open(conninfo(), "pg_test", lists, &pg, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "42703");
    assert_null(pg);
}

static void a_table_that_is_held_is_told_instead_of_waited_for(void **state)
{
    static const struct pg_stmt held[] = { { "held",
                                             "SELECT n FROM pg_test_held" },
                                           { 0 } };
    static const struct pg_stmt *const lists[] = { held, NULL };
    AUTO(pg) struct pg *other = open_plain();
    AUTO(pg) struct pg *pg = NULL;
    struct err why = { 0 };

    (void)state;
    MUST(pg_exec(other, "DROP TABLE IF EXISTS pg_test_held;"
                 " CREATE TABLE pg_test_held (n int)", err));
    MUST(pg_exec(other, "BEGIN; LOCK TABLE pg_test_held", err));
    assert_false(pg_open(conninfo(), "pg_test", lists, &pg, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "55P03");
    assert_non_null(strstr(why.sentence, "held"));
    MUST(pg_exec(other, "COMMIT", err));
    MUST(pg_open(conninfo(), "pg_test", lists, &pg, err));
    assert_int_equal(ask(pg, "SELECT setting::int8 FROM pg_settings"
                             " WHERE name = 'lock_timeout'"), 0);
    MUST(pg_exec(other, "DROP TABLE pg_test_held", err));
}

static void a_wrong_count_of_parameters_is_our_fault(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct err why = { 0 };

    (void)state;
    assert_false(pg_call(pg, &stmts[ONE], NULL, NULL, NULL, &why));
    assert_int_equal(why.kind, ERR_FATAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_kind),
        cmocka_unit_test(the_row_at_fault_is_not_repeated_in_the_sentence),
        cmocka_unit_test(
            a_killed_backend_breaks_the_connection_and_is_retried),
        cmocka_unit_test(
            a_backend_killed_before_the_sync_breaks_the_connection),
        cmocka_unit_test(a_blocking_call_to_a_killed_backend_is_retried),
        cmocka_unit_test(opening_fails_by_what_is_wrong),
        cmocka_unit_test(a_table_that_is_held_is_told_instead_of_waited_for),
        cmocka_unit_test(a_wrong_count_of_parameters_is_our_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
