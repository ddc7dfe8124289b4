/* pg_values_test.c - values and arrays come back as they went. */
#include "tests/store/pg_store.h"

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
        cmocka_unit_test(arrays_of_each_type_come_back_as_they_went),
        cmocka_unit_test(an_empty_array_gives_no_rows),
        cmocka_unit_test(single_values_come_back_as_they_went),
        cmocka_unit_test(rows_are_saved_by_unnest_in_a_flight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
