/* reference_load_test.c - versions of the reference data as a worker reads
 * them from PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/store/pg_store.h"
#include "tests/unit/city_reference_test.h"

static struct pg *pg;

static void run(const char *sql)
{
    MUST(pg_exec(pg, sql, err));
}

/* The version with all files of schemas/reference. */
static void store(int64_t version, const char *valid_from,
                  struct reference_set *set)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "INSERT INTO reference.version VALUES (%lld, '%s', '', 'test')",
             (long long)version, valid_from);
    run(sql);
    for (size_t i = 0; i < REFERENCE_FILES; i++) {
        struct pg_params params = {0};

        pg_param_int8(&params, version);
        pg_param_text(&params, text_of(set->files[i].name));
        pg_param_text(&params, set->files[i].body);
        MUST(pg_query(pg, "INSERT INTO reference.file VALUES ($1, $2, $3)",
                      &params, NULL, NULL, err));
    }
}

static int setup(void **state)
{
    (void)state;
    pg = open_plain();
    run("CREATE SCHEMA reference;"
        "CREATE TABLE reference.version (version bigint PRIMARY KEY,"
        " valid_from timestamptz, digest bytea, loaded_by text);"
        "CREATE TABLE reference.file (version bigint, name text, body text)");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    run("DROP SCHEMA reference CASCADE");
    pg_close(pg);
    return 0;
}

static int64_t version_at(const char *when)
{
    const struct reference *r;
    int64_t at_us = 0;

    assert_true(instant_parse(text_of(when), &at_us));
    r = city_reference.at(at_us);
    return r ? reference_version(r) : 0;
}

static int64_t sign_limit(int64_t version)
{
    return reference_limit(reference_pinned(version), "emergency", STAGE_SIGN)
        ->limit;
}

static void a_version_that_is_not_there_is_waited_for(void **state)
{
    struct err why;

    (void)state;
    assert_int_equal(city_reference.loaded(), 0);
    assert_true(city_reference.refresh(pg, 0, &why));
    assert_false(city_reference.refresh(pg, 1, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "no_reference");
    assert_null(city_reference.at(0));
}

static void each_message_takes_the_newest_version_valid_at_its_time(void **s)
{
    struct reference_set set;

    (void)s;
    reference_read(&set);
    store(1, "-infinity", &set);
    MUST(city_reference.refresh(pg, 1, err));
    assert_int_equal(city_reference.loaded(), 1);
    assert_int_equal(version_at("1970-01-01T00:00Z"), 1);
    reference_change(&set, "limits.csv", "emergency,sign,minute,10",
                     "emergency,sign,minute,12");
    store(2, "2026-03-02T08:00+08:00", &set);
    store(3, "2026-06-01T00:00+08:00", &set);
    MUST(city_reference.refresh(pg, 2, err));
    assert_int_equal(city_reference.loaded(), 2);
    MUST(city_reference.refresh(pg, 3, err));
    assert_int_equal(version_at("2026-03-02T07:59:59.999999+08:00"), 1);
    assert_int_equal(version_at("2026-03-02T08:00+08:00"), 2);
    assert_int_equal(version_at("2026-06-01T00:00+08:00"), 3);
    reference_release(&set);
}

static void what_was_pinned_is_kept(void **state)
{
    (void)state;
    assert_int_equal(sign_limit(1), 10);
    assert_int_equal(sign_limit(2), 12);
    assert_null(reference_pinned(4));
}

static void a_stored_version_that_is_wrong_stops_the_worker(void **state)
{
    struct reference_set set;
    struct err why;

    (void)state;
    reference_read(&set);
    reference_change(&set, "limits.csv", "emergency,sign,minute,10",
                     "emergency,sign,minute,0");
    store(4, "2026-07-01T00:00+08:00", &set);
    assert_false(city_reference.refresh(pg, 4, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.field, "limits.csv:2:limit");
    assert_int_equal(city_reference.loaded(), 3);
    reference_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_that_is_not_there_is_waited_for),
        cmocka_unit_test(
            each_message_takes_the_newest_version_valid_at_its_time),
        cmocka_unit_test(what_was_pinned_is_kept),
        cmocka_unit_test(a_stored_version_that_is_wrong_stops_the_worker),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
