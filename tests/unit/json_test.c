/* json_test.c - JSON by appending, held against what jansson reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/instant.h"
#include "common/io/json.h"

static void assert_text(struct buf *b, const char *wanted)
{
    assert_string_equal(buf_string(b), wanted);
}

static void the_example_of_the_header_is_written_as_shown(void **state)
{
    AUTO(buf) struct buf b = {0};
    const struct uuid id = {{0x01, 0x8f}};
    struct json j;

    (void)state;
    json_begin(&j, &b);
    json_uuid(&j, "whistle", &id);
    json_array(&j, "offices");
    json_text(&j, NULL, TEXT("CGJ"));
    json_string(&j, NULL, "WJJ");
    json_close(&j);
    json_end(&j);
    assert_text(&b, "{\"whistle\":\"018f0000-0000-0000-0000-000000000000\","
                    "\"offices\":[\"CGJ\",\"WJJ\"]}");
}

static void each_kind_of_value_has_its_form(void **state)
{
    AUTO(buf) struct buf b = {0};
    struct json j;

    (void)state;
    json_begin(&j, &b);
    json_int(&j, "min", INT64_MIN);
    json_int(&j, "zero", 0);
    json_int(&j, "max", INT64_MAX);
    json_bool(&j, "t", true);
    json_bool(&j, "f", false);
    json_null(&j, "n");
    json_instant(&j, "at", 1500000);
    json_instant(&j, "never", INSTANT_NONE);
    json_date(&j, "day", 1);
    json_date(&j, "noday", INT32_MIN);
    json_raw(&j, "raw", TEXT("[1]"));
    json_raw(&j, "noraw", (struct text){0});
    json_text(&j, "empty", (struct text){0});
    json_end(&j);
    assert_text(&b, "{\"min\":-9223372036854775808,\"zero\":0,"
                    "\"max\":9223372036854775807,\"t\":true,\"f\":false,"
                    "\"n\":null,\"at\":\"1970-01-01T00:00:01.5Z\","
                    "\"never\":null,\"day\":\"1970-01-02\",\"noday\":null,"
                    "\"raw\":[1],\"noraw\":null,\"empty\":\"\"}");
}

static void an_optional_field_that_is_empty_is_not_written(void **state)
{
    AUTO(buf) struct buf b = {0};
    struct json j;

    (void)state;
    json_begin(&j, &b);
    json_text_if(&j, "a", (struct text){0});
    json_string_if(&j, "b", NULL);
    json_string_if(&j, "c", "x");
    json_end(&j);
    assert_text(&b, "{\"c\":\"x\"}");
}

static void commas_stand_between_and_nowhere_else(void **state)
{
    AUTO(buf) struct buf b = {0};
    struct json j;

    (void)state;
    buf_put(&b, "> ", 2);
    json_begin(&j, &b);
    json_object(&j, "a");
    json_close(&j);
    json_array(&j, "b");
    json_array(&j, NULL);
    json_close(&j);
    json_object(&j, NULL);
    json_int(&j, "x", 1);
    json_int(&j, "y", 2);
    json_end(&j);
    assert_text(&b, "> {\"a\":{},\"b\":[[],{\"x\":1,\"y\":2}]}");
}

/* U+0001 to U+07FF, as a name and as a value. */
static void every_character_reads_back_as_it_was(void **state)
{
    (void)state;
    for (int point = 1; point < 0x800; point++) {
        AUTO(buf) struct buf b = {0};
        char utf8[3] = {0};
        struct json j;
        json_t *tree;

        if (point < 0x80) {
            utf8[0] = (char)point;
        } else {
            utf8[0] = (char)(0xc0 | point >> 6);
            utf8[1] = (char)(0x80 | (point & 0x3f));
        }
        json_begin(&j, &b);
        json_string(&j, utf8, utf8);
        json_end(&j);
        tree = json_loadb(b.bytes, b.size, 0, NULL);
        assert_non_null(tree);
        assert_string_equal(json_string_value(json_object_get(tree, utf8)),
                            utf8);
        json_decref(tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_header_is_written_as_shown),
        cmocka_unit_test(each_kind_of_value_has_its_form),
        cmocka_unit_test(an_optional_field_that_is_empty_is_not_written),
        cmocka_unit_test(commas_stand_between_and_nowhere_else),
        cmocka_unit_test(every_character_reads_back_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
