/*
 * pg_test.c - flights, errors and arrays against a real PostgreSQL, named by
 * the conninfo in TEST_PG.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/io/pg.h"

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

static const char *conninfo(void)
{
    const char *c = getenv("TEST_PG");

    if (!c)
        fail_msg("TEST_PG is not set");
    return c;
}

#define MUST(call)                                                            \
    do {                                                                      \
        struct err why_ = { 0 };                                              \
        struct err *err = &why_;                                              \
        if (!(call))                                                          \
            fail_msg("%s: %s %s", #call, why_.code, why_.sentence);           \
    } while (0)

static struct pg *open_plain(void)
{
    static const struct pg_stmt *const lists[] = { stmts, NULL };
    struct pg *pg = NULL;

    MUST(pg_open(conninfo(), "pg_test", lists, &pg, err));
    return pg;
}

static bool take_int(const struct pg_rows *rows, void *context,
                     struct err *err)
{
    (void)err;
    assert_int_equal(rows->count, 1);
    *(int64_t *)context = pg_int(rows, 0, 0);
    return true;
}

static enum pg_progress land(struct pg *pg, struct err *err)
{
    enum pg_progress p;

    while ((p = pg_advance(pg, err)) == PG_FLYING)
        pg_wait(pg, 1000);
    return p;
}

static int64_t ask(struct pg *pg, const char *sql)
{
    int64_t n = -1;

    MUST(pg_query(pg, sql, NULL, take_int, &n, err));
    return n;
}

/* ---- flights ---- */

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

/* ---- errors ---- */

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

static void a_wrong_count_of_parameters_is_our_fault(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct err why = { 0 };

    (void)state;
    assert_false(pg_call(pg, &stmts[ONE], NULL, NULL, NULL, &why));
    assert_int_equal(why.kind, ERR_FATAL);
}

/* ---- values ---- */

static const struct uuid some_id = { { 1, 0x8f, 3, 4, 5, 6, 0x70, 8, 0x80, 10,
                                       11, 12, 13, 14, 15, 16 } };
static const int64_t some_us = INT64_C(1772411400123456);

static void put_row(struct pg_array *c, int sign)
{
    pg_put_bool(&c[0], sign > 0);
    pg_put_bytes(&c[1], "\0\377", 2);
    pg_put_int(&c[2], sign * 32767);
    pg_put_int(&c[3], sign * INT64_C(2147483647));
    pg_put_int(&c[4], sign * INT64_MAX);
    pg_put_string(&c[5], "小区 noise");
    pg_put_date(&c[6], sign * 20514);
    pg_put_instant(&c[7], sign * some_us);
    pg_put_uuid(&c[8], &some_id);
}

static void check_row(const struct pg_rows *rows, int row, int sign)
{
    char code[8];

    assert_int_equal(pg_bool(rows, row, 0), sign > 0);
    assert_memory_equal(pg_text(rows, row, 1).bytes, "\0\377", 2);
    assert_int_equal(pg_int(rows, row, 2), sign * 32767);
    assert_int_equal(pg_int(rows, row, 3), sign * INT64_C(2147483647));
    assert_true(pg_int(rows, row, 4) == sign * INT64_MAX);
    assert_true(text_is(pg_text(rows, row, 5), "小区 noise"));
    pg_code(rows, row, 5, code, sizeof(code));
    assert_string_equal(code, "小区 ");
    pg_code(rows, row, 5, code, 6);
    assert_string_equal(code, "小");
    assert_int_equal(pg_date(rows, row, 6), sign * 20514);
    assert_true(pg_instant(rows, row, 7) == sign * some_us);
    assert_memory_equal(pg_uuid(rows, row, 8).bytes, some_id.bytes, 16);
}

static void check_nulls(const struct pg_rows *rows, int row)
{
    struct uuid id = pg_uuid(rows, row, 8);

    for (int column = 0; column < 9; column++)
        assert_true(pg_null(rows, row, column));
    assert_int_equal(pg_int(rows, row, 4), 0);
    assert_int_equal(pg_text(rows, row, 5).size, 0);
    assert_int_equal(pg_date(rows, row, 6), INT32_MIN);
    assert_true(pg_instant(rows, row, 7) == INSTANT_NONE);
    assert_true(uuid_is_nil(&id));
}

static bool take_columns(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    (void)err;
    assert_int_equal(rows->count, 3);
    check_row(rows, 0, 1);
    check_nulls(rows, 1);
    check_row(rows, 2, -1);
    *(bool *)context = true;
    return true;
}

static void arrays_of_each_type_come_back_as_they_went(void **state)
{
    static const enum pg_type types[9] = {
        PG_BOOL, PG_BYTEA, PG_INT2,        PG_INT4, PG_INT8,
        PG_TEXT, PG_DATE,  PG_TIMESTAMPTZ, PG_UUID,
    };
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_array column[9];
    struct pg_params p = { 0 };
    bool taken = false;

    (void)state;
    for (int i = 0; i < 9; i++)
        column[i] = (struct pg_array)PG_ARRAY(types[i]);
    put_row(column, 1);
    for (int i = 0; i < 9; i++)
        pg_put_null(&column[i]);
    put_row(column, -1);
    for (int i = 0; i < 9; i++)
        pg_param_array(&p, &column[i]);
    MUST(pg_query(pg,
                  "SELECT * FROM unnest($1::bool[], $2::bytea[], "
                  "$3::int2[], $4::int4[], $5::int8[], $6::text[], "
                  "$7::date[], $8::timestamptz[], $9::uuid[])",
                  &p, take_columns, &taken, err));
    assert_true(taken);
    for (int i = 0; i < 9; i++)
        pg_array_cleanup(&column[i]);
}

static void an_empty_array_gives_no_rows(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    AUTO(pg_array) struct pg_array none = PG_ARRAY(PG_UUID);
    struct pg_params p = { 0 };
    int64_t n = -1;

    (void)state;
    pg_param_array(&p, &none);
    MUST(pg_query(pg, "SELECT count(*) FROM unnest($1::uuid[])", &p, take_int,
                  &n, err));
    assert_int_equal(n, 0);
}

static bool take_singles(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    (void)err;
    assert_true(pg_null(rows, 0, 0));
    assert_false(pg_null(rows, 0, 1));
    assert_int_equal(pg_text(rows, 0, 1).size, 0);
    assert_true(pg_bool(rows, 0, 2));
    assert_int_equal(pg_int(rows, 0, 3), -4);
    assert_true(pg_instant(rows, 0, 4) == some_us);
    assert_true(pg_instant(rows, 0, 5) == INSTANT_NONE);
    assert_memory_equal(pg_uuid(rows, 0, 6).bytes, some_id.bytes, 16);
    *(bool *)context = true;
    return true;
}

static void single_values_come_back_as_they_went(void **state)
{
    AUTO(pg) struct pg *pg = open_plain();
    struct pg_params p = { 0 };
    bool taken = false;

    (void)state;
    pg_param_null(&p);
    pg_param_text(&p, (struct text){ 0 });
    pg_param_bool(&p, true);
    pg_param_int4(&p, -4);
    pg_param_instant(&p, some_us);
    pg_param_instant(&p, INSTANT_NONE);
    pg_param_uuid(&p, &some_id);
    MUST(pg_query(pg,
                  "SELECT $1::text, $2::text, $3::bool, $4::int4, "
                  "$5::timestamptz, $6::timestamptz, $7::uuid",
                  &p, take_singles, &taken, err));
    assert_true(taken);
}

enum { SAVE_BEGIN, SAVE_ADD, SAVE_COMMIT };

static const struct pg_stmt save[] = {
    [SAVE_BEGIN] = { "begin", "BEGIN" },
    [SAVE_ADD] = { "add", "INSERT INTO pg_test_lane (id, at, note) "
                          "SELECT * FROM unnest($1::uuid[], "
                          "$2::timestamptz[], $3::text[])" },
    [SAVE_COMMIT] = { "commit", "COMMIT" },
    { 0 },
};

static bool take_affected(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    (void)err;
    *(int64_t *)context += rows->affected;
    return true;
}

static struct uuid nth_id(int64_t n)
{
    struct uuid id = some_id;

    for (int i = 0; i < 8; i++)
        id.bytes[15 - i] = (uint8_t)(n >> (8 * i));
    return id;
}

static void save_rows(struct pg *pg, int64_t from, int rows, int64_t *affected)
{
    AUTO(pg_array) struct pg_array ids = PG_ARRAY(PG_UUID);
    AUTO(pg_array) struct pg_array times = PG_ARRAY(PG_TIMESTAMPTZ);
    AUTO(pg_array) struct pg_array notes = PG_ARRAY(PG_TEXT);
    struct pg_params p = { 0 };

    for (int i = 0; i < rows; i++) {
        struct uuid id = nth_id(from + i);

        pg_put_uuid(&ids, &id);
        pg_put_instant(&times, some_us);
        pg_put_string(&notes, "about as long as the columns of one lane "
                              "that are only carried along");
    }
    pg_param_array(&p, &ids);
    pg_param_array(&p, &times);
    pg_param_array(&p, &notes);
    MUST(pg_send(pg, &save[SAVE_BEGIN], NULL, NULL, NULL, err));
    MUST(pg_send(pg, &save[SAVE_ADD], &p, take_affected, affected, err));
    MUST(pg_send(pg, &save[SAVE_COMMIT], NULL, NULL, NULL, err));
    MUST(pg_launch(pg, err));
    assert_int_equal(land(pg, NULL), PG_LANDED);
}

/* The speed is printed, not promised: the machine is shared. */
static void rows_are_saved_by_unnest_in_a_flight(void **state)
{
    static const struct pg_stmt *const lists[] = { save, NULL };
    static const int sizes[] = { 1, 500, 1000 };
    AUTO(pg) struct pg *pg = NULL;
    AUTO(pg) struct pg *plain = open_plain();
    int64_t saved = 0;

    (void)state;
    MUST(pg_exec(plain,
                 "DROP TABLE IF EXISTS pg_test_lane; CREATE TABLE "
                 "pg_test_lane (id uuid PRIMARY KEY, at timestamptz NOT "
                 "NULL, note text NOT NULL)",
                 err));
    MUST(pg_open(conninfo(), "pg_test", lists, &pg, err));
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        int64_t start_us = instant_monotonic(), before = saved;

        for (int i = 0; i < 20; i++)
            save_rows(pg, saved, sizes[s], &saved);
        print_message("unnest of %d: %lld rows/s\n", sizes[s],
                      (long long)(SECOND_US * (saved - before) /
                                  (instant_monotonic() - start_us)));
    }
    assert_int_equal(saved, 20 * 1501);
    assert_int_equal(ask(plain, "SELECT count(*) FROM pg_test_lane"), saved);
    MUST(pg_exec(plain, "DROP TABLE pg_test_lane", err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_in_the_order_of_sending),
        cmocka_unit_test(an_error_amid_a_flight_stops_the_takes_behind_it),
        cmocka_unit_test(a_take_that_refuses_fails_the_flight),
        cmocka_unit_test(a_commit_of_a_failed_transaction_is_fatal),
        cmocka_unit_test(a_hastened_answer_does_not_wait_for_what_follows),
        cmocka_unit_test(what_was_hastened_is_answered_before_the_launch),
        cmocka_unit_test(two_flights_land_one_after_the_other),
        cmocka_unit_test(a_flight_larger_than_the_sockets_buffers_lands),
        cmocka_unit_test(blocking_calls_are_refused_during_a_flight),
        cmocka_unit_test(each_state_has_its_kind),
        cmocka_unit_test(the_row_at_fault_is_not_repeated_in_the_sentence),
        cmocka_unit_test(
            a_killed_backend_breaks_the_connection_and_is_retried),
        cmocka_unit_test(a_blocking_call_to_a_killed_backend_is_retried),
        cmocka_unit_test(opening_fails_by_what_is_wrong),
        cmocka_unit_test(a_wrong_count_of_parameters_is_our_fault),
        cmocka_unit_test(arrays_of_each_type_come_back_as_they_went),
        cmocka_unit_test(an_empty_array_gives_no_rows),
        cmocka_unit_test(single_values_come_back_as_they_went),
        cmocka_unit_test(rows_are_saved_by_unnest_in_a_flight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
