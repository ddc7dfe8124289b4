/* pg_array_test.c - columns for unnest, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/io/pg_array.h"

#define HEADER 20

static void assert_bytes(struct pg_array *a, const char *bytes, size_t size)
{
    struct text t = pg_array_finish(a);

    assert_int_equal(t.size, size);
    assert_memory_equal(t.bytes, bytes, size);
}

static void an_empty_array_is_a_header_with_no_items(void **state)
{
    AUTO(pg_array) struct pg_array a = PG_ARRAY(PG_TEXT);

    (void)state;
    assert_bytes(&a,
                 "\0\0\0\1"
                 "\0\0\0\0"
                 "\0\0\0\31"
                 "\0\0\0\0"
                 "\0\0\0\1",
                 HEADER);
}

static void numbers_are_in_network_order_with_their_width(void **state)
{
    AUTO(pg_array) struct pg_array two = PG_ARRAY(PG_INT2);
    AUTO(pg_array) struct pg_array eight = PG_ARRAY(PG_INT8);

    (void)state;
    pg_put_int(&two, -2);
    assert_bytes(&two,
                 "\0\0\0\1"
                 "\0\0\0\0"
                 "\0\0\0\25"
                 "\0\0\0\1"
                 "\0\0\0\1"
                 "\0\0\0\2"
                 "\377\376",
                 HEADER + 6);
    pg_put_int(&eight, INT64_C(0x0102030405060708));
    assert_memory_equal(pg_array_finish(&eight).bytes + HEADER,
                        "\0\0\0\10\1\2\3\4\5\6\7\10", 12);
}

static void a_null_sets_the_flag_and_has_no_bytes(void **state)
{
    AUTO(pg_array) struct pg_array a = PG_ARRAY(PG_BOOL);

    (void)state;
    pg_put_bool(&a, true);
    pg_put_null(&a);
    assert_bytes(&a,
                 "\0\0\0\1"
                 "\0\0\0\1"
                 "\0\0\0\20"
                 "\0\0\0\2"
                 "\0\0\0\1"
                 "\0\0\0\1\1"
                 "\377\377\377\377",
                 HEADER + 9);
}

static void what_stands_for_nothing_becomes_null(void **state)
{
    AUTO(pg_array) struct pg_array texts = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array ids = PG_ARRAY(PG_UUID);
    AUTO(pg_array) struct pg_array times = PG_ARRAY(PG_TIMESTAMPTZ);
    AUTO(pg_array) struct pg_array days = PG_ARRAY(PG_DATE);

    (void)state;
    pg_put_text_or_null(&texts, (struct text){ 0 });
    pg_put_uuid_or_null(&ids, &(struct uuid){ 0 });
    pg_put_instant(&times, INSTANT_NONE);
    pg_put_date(&days, INT32_MIN);
    assert_true(texts.has_null && ids.has_null && times.has_null &&
                days.has_null);

    pg_array_reset(&texts);
    pg_put_text(&texts, (struct text){ 0 });
    pg_put_string(&texts, NULL);
    assert_false(texts.has_null);
}

static void time_begins_in_the_year_2000(void **state)
{
    AUTO(pg_array) struct pg_array times = PG_ARRAY(PG_TIMESTAMPTZ);
    AUTO(pg_array) struct pg_array days = PG_ARRAY(PG_DATE);

    (void)state;
    pg_put_instant(&times, INT64_C(946684800) * SECOND_US + 1);
    assert_memory_equal(pg_array_finish(&times).bytes + HEADER + 4,
                        "\0\0\0\0\0\0\0\1", 8);
    pg_put_date(&days, date_from_civil(2000, 1, 2));
    assert_memory_equal(pg_array_finish(&days).bytes + HEADER + 4, "\0\0\0\1",
                        4);
}

static void a_reset_array_is_as_new(void **state)
{
    AUTO(pg_array) struct pg_array used = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array fresh = PG_ARRAY(PG_TEXT);

    (void)state;
    pg_put_null(&used);
    pg_put_string(&used, "gone");
    (void)pg_array_finish(&used);
    pg_array_reset(&used);
    pg_put_string(&used, "哨");
    pg_put_string(&fresh, "哨");
    assert_true(text_equal(pg_array_finish(&used), pg_array_finish(&fresh)));
}

static void the_oids_are_those_of_pg_type(void **state)
{
    static const struct {
        enum pg_type element;
        uint32_t array;
    } rows[] = {
        { PG_BOOL, 1000 },        { PG_BYTEA, 1001 }, { PG_INT2, 1005 },
        { PG_INT4, 1007 },        { PG_TEXT, 1009 },  { PG_INT8, 1016 },
        { PG_TIMESTAMPTZ, 1185 }, { PG_DATE, 1182 },  { PG_UUID, 2951 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(pg_array_oid(rows[i].element), rows[i].array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_array_is_a_header_with_no_items),
        cmocka_unit_test(numbers_are_in_network_order_with_their_width),
        cmocka_unit_test(a_null_sets_the_flag_and_has_no_bytes),
        cmocka_unit_test(what_stands_for_nothing_becomes_null),
        cmocka_unit_test(time_begins_in_the_year_2000),
        cmocka_unit_test(a_reset_array_is_as_new),
        cmocka_unit_test(the_oids_are_those_of_pg_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
