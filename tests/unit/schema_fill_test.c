/* schema_fill_test.c - a message's bytes: what is taken, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/instant.h"
#include "common/io/schema.h"

static const char *const colours[] = {"green", "yellow", "red", NULL};

struct point {
    int64_t x, y;
    char unit[9];
};

static const struct field point_fields[] = {
    F_INT(struct point, x),
    F_INT(struct point, y),
    F_CODE(struct point, unit),
    {0},
};

struct thing {
    char before[4]; /* no field: nobody may touch it */
    char code[25];
    struct text note;
    struct uuid id;
    int64_t at;
    int32_t day;
    int64_t count;
    bool urgent;
    int light;
    struct point place;
    struct list offices; /* char[13] */
    struct list corners; /* struct point */
    struct text extra;
};

static const struct field office_items[] = {
    {.name = "", .kind = FIELD_CODE, .size = 13},
    {0},
};

static const struct field thing_fields[] = {
    F_CODE(struct thing, code),
    F_TEXT(struct thing, note),
    F_UUID(struct thing, id),
    F_INSTANT(struct thing, at),
    F_DATE(struct thing, day),
    F_INT(struct thing, count),
    F_BOOL(struct thing, urgent),
    F_ENUM(struct thing, light, colours),
    F_OBJECT(struct thing, place, point_fields),
    F_LIST(struct thing, offices, char[13], office_items),
    F_LIST(struct thing, corners, struct point, point_fields),
    F_RAW(struct thing, extra),
    {0},
};

static const char thing_schema[] =
    "{\"$defs\":{\"point\":{\"type\":\"object\",\"required\":[\"x\"],"
    "\"properties\":{\"x\":{\"type\":\"integer\",\"minimum\":-9},"
    "\"y\":{\"type\":\"integer\",\"exclusiveMaximum\":100},"
    "\"unit\":{\"type\":\"string\",\"maxLength\":2}}}},"
    "\"type\":\"object\",\"required\":[\"code\"],\"properties\":{"
    "\"code\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":6},"
    "\"note\":{\"type\":[\"string\",\"null\"]},"
    "\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"day\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"count\":{\"type\":[\"integer\",\"null\"]},"
    "\"urgent\":{\"type\":\"boolean\"},"
    "\"light\":{\"enum\":[\"red\",\"green\"]},"
    "\"place\":{\"$ref\":\"#/$defs/point\"},"
    "\"offices\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":6,"
    "\"items\":{\"type\":\"string\",\"maxLength\":3}},"
    "\"corners\":{\"type\":\"array\","
    "\"items\":{\"$ref\":\"#/$defs/point\"}},"
    "\"extra\":true,"
    "\"free\":{\"type\":\"object\",\"additionalProperties\":{}},"
    "\"shut\":{\"type\":\"object\",\"additionalProperties\":false}}}";

static struct schema *schema;
static struct arena arena;

static int load(void **state)
{
    (void)state;
    return schema_compile(TEXT(thing_schema), NULL, thing_fields, &schema, NULL)
               ? 0
               : -1;
}

static int unload(void **state)
{
    (void)state;
    schema_free(schema);
    arena_release(&arena);
    return 0;
}

static struct thing take(const char *json)
{
    struct thing t;
    struct err err = {0};

    memset(&t, 0x5a, sizeof(t));
    if (!schema_fill(schema, text_of(json), true, &arena, &t, &err))
        fail_msg("%s: %s", json, err.sentence);
    return t;
}

static void every_kind_of_field_gets_its_value(void **state)
{
    struct thing t = take(
        " {\"code\" : \"\xe5\x93\xa8\\u54e8x\", \"note\":\"a\\nb\\u00e9"
        "\\ud83d\\ude00\",\n\"id\":\"018F0000-0000-7000-8000-00000000000a\","
        "\"at\":\"2026-03-02T08:30+08:00\",\"day\":\"2026-03-02\","
        "\"count\":-12e1,\"urgent\":true,\"light\":\"red\","
        "\"place\":{\"y\":2.0,\"x\":1,\"unit\":\"km\"},"
        "\"offices\":[\"CGJ\",\"ab\"],\"corners\":[{\"x\":1},{\"x\":2},"
        "{\"x\":3},{\"x\":4},{\"x\":5,\"unit\":\"m\"}],"
        "\"extra\":[ 1,{\"a\":null}] }\t");
    const struct point *corners = t.corners.items;
    char id[UUID_TEXT_SIZE];

    (void)state;
    assert_string_equal(t.code, "\xe5\x93\xa8\xe5\x93\xa8x");
    assert_true(text_is(t.note, "a\nb\xc3\xa9\xf0\x9f\x98\x80"));
    uuid_print(&t.id, id);
    assert_string_equal(id, "018f0000-0000-7000-8000-00000000000a");
    assert_int_equal(t.at, INT64_C(1772411400) * SECOND_US);
    assert_int_equal(t.day, date_from_civil(2026, 3, 2));
    assert_int_equal(t.count, -120);
    assert_true(t.urgent);
    assert_int_equal(t.light, 2);
    assert_int_equal(t.place.x, 1);
    assert_int_equal(t.place.y, 2);
    assert_string_equal(t.place.unit, "km");
    assert_int_equal(t.offices.count, 2);
    assert_string_equal((char *)t.offices.items + 13, "ab");
    assert_int_equal(t.corners.count, 5);
    assert_int_equal(corners[0].x, 1);
    assert_int_equal(corners[0].y, INT_ABSENT);
    assert_int_equal(corners[4].x, 5);
    assert_string_equal(corners[4].unit, "m");
    assert_true(text_is(t.extra, "[ 1,{\"a\":null}]"));
}

static void what_is_absent_or_null_has_its_absent_value(void **state)
{
    struct thing t = take("{\"code\":\"ab\",\"note\":null,\"count\":null}");

    (void)state;
    assert_int_equal(t.note.size, 0);
    assert_true(uuid_is_nil(&t.id));
    assert_int_equal(t.at, INSTANT_NONE);
    assert_int_equal(t.day, INT32_MIN);
    assert_int_equal(t.count, INT_ABSENT);
    assert_false(t.urgent);
    assert_int_equal(t.light, -1);
    assert_int_equal(t.place.x, INT_ABSENT);
    assert_string_equal(t.place.unit, "");
    assert_int_equal(t.offices.count, 0);
    assert_int_equal(t.extra.size, 0);
}

static void a_member_without_a_field_is_left_alone(void **state)
{
    struct thing t = take("{\"code\":\"ab\"}");

    (void)state;
    assert_memory_equal(t.before, "\x5a\x5a\x5a\x5a", 4);
}

static void a_string_without_escapes_is_a_slice_of_the_message(void **state)
{
    const char *json = "{\"code\":\"ab\",\"note\":\"plain\"}";
    struct thing t = take(json);

    (void)state;
    assert_ptr_equal(t.note.bytes, strstr(json, "plain"));
}

static void
an_open_message_may_have_members_that_are_not_described(void **state)
{
    struct thing t;

    (void)state;
    assert_true(schema_fill(schema,
                            TEXT("{\"new\":{\"a\":[1]},\"code\":\"ab\"}"),
                            false, &arena, &t, NULL));
}

static void free_objects_stay_free_in_a_closed_message(void **state)
{
    (void)state;
    take("{\"code\":\"ab\",\"free\":{\"a\":1},\"extra\":{\"b\":2}}");
}

/* clang-format off */
static const struct {
    const char *json, *code, *field;
} refused[] = {
    { "",                                  "malformed",        ""            },
    { "{",                                 "malformed",        ""            },
    { "{\"code\":\"ab\"}{}",               "malformed",        ""            },
    { "{\"code\":\"ab\"}x",                "malformed",        ""            },
    { "{\"code\":\"ab\",}",                "malformed",        "code"        },
    { "{\"code\" \"ab\"}",                 "malformed",        "code"        },
    { "{\"code\":01}",                     "type",             "code"        },
    { "{\"x\":01}",                        "malformed",        "x"           },
    { "{\"x\":1.}",                        "malformed",        "x"           },
    { "{\"x\":.5}",                        "malformed",        "x"           },
    { "{\"x\":-}",                         "malformed",        "x"           },
    { "{\"x\":1e}",                        "malformed",        "x"           },
    { "{\"x\":+1}",                        "malformed",        "x"           },
    { "{\"x\":nul}",                       "malformed",        "x"           },
    { "{\"x\":NaN}",                       "malformed",        "x"           },
    { "{\"x\":[1 2]}",                     "malformed",        "x[0]"        },
    { "{\"x\":\"\\x\"}",                   "malformed",        "x"           },
    { "{\"x\":\"a\tb\"}",                  "malformed",        "x"           },
    { "{\"x\":\"\\u0000\"}",               "malformed",        "x"           },
    { "{\"x\":\"\\u12g4\"}",               "malformed",        "x"           },
    { "{\"x\":\"\\ud800\"}",               "malformed",        "x"           },
    { "{\"x\":\"\\ud800\\u0041\"}",        "malformed",        "x"           },
    { "{\"x\":\"\\udc00\\ud800\"}",        "malformed",        "x"           },
    { "{\"x\":\"\xc0\x80\"}",              "malformed",        "x"           },
    { "{\"x\":\"\xed\xa0\x80\"}",          "malformed",        "x"           },
    { "{\"x\":\"\\\xff\"}",                "malformed",        "x"           },
    { "{\"x\":\"abcdefgh",                 "malformed",        "x"           },
    { "{\"x\":\"abc\\",                    "malformed",        "x"           },
    { "\xef\xbb\xbf{\"code\":\"ab\"}",     "malformed",        ""            },
    { "[]",                                "type",             ""            },
    { "{}",                                "required",         "code"        },
    { "{\"code\":\"ab\",\"place\":{}}",    "required",         "place.x"     },
    { "{\"code\":\"ab\",\"code\":\"ab\"}", "duplicate_member", "code"        },
    { "{\"co\\u0064e\":\"ab\",\"code\":\"ab\"}",
                                           "duplicate_member", "code"        },
    { "{\"x\":1,\"y\":2,\"x\":3}",         "duplicate_member", "x"           },
    { "{\"x\":[{\"a\":1,\"a\":1}]}",       "duplicate_member", "x[0].a"      },
    { "{\"code\":\"a\"}",                  "minLength",        "code"        },
    { "{\"code\":\"abcdefg\"}",            "maxLength",        "code"        },
    { "{\"code\":null}",                   "type",             "code"        },
    { "{\"id\":\"018f\"}",                 "format",           "id"          },
    { "{\"at\":\"2026-03-02\"}",           "format",           "at"          },
    { "{\"day\":\"2026-02-30\"}",          "format",           "day"         },
    { "{\"count\":1.5}",                   "type",             "count"       },
    { "{\"count\":9223372036854775808}",   "out_of_range",     "count"       },
    { "{\"count\":-9223372036854775808}",  "out_of_range",     "count"       },
    { "{\"count\":1e99999999999999999}",   "out_of_range",     "count"       },
    { "{\"urgent\":0}",                    "type",             "urgent"      },
    { "{\"light\":\"yellow\"}",            "enum",             "light"       },
    { "{\"light\":[]}",                    "enum",             "light"       },
    { "{\"place\":{\"x\":-10}}",           "minimum",          "place.x"     },
    { "{\"place\":{\"y\":100.0}}",         "exclusiveMaximum", "place.y"     },
    { "{\"offices\":[]}",                  "minItems",         "offices"     },
    { "{\"offices\":[\"a\",\"b\",\"abcd\"]}",
                                           "maxLength",        "offices[2]"  },
    { "{\"offices\":[1]}",                 "type",             "offices[0]"  },
    { "{\"offices\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}",
                                           "maxItems",         "offices"     },
    { "{\"corners\":[{\"x\":1},{\"x\":true}]}",
                                           "type",             "corners[1].x" },
    { "{\"shut\":{\"a\":1}}",              "unknown_field",    "shut.a"      },
    { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "type",             ""            },
};
/* clang-format on */

static void what_breaks_a_rule_is_refused_by_name_and_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct thing t;
        struct err err = {0};

        if (schema_fill(schema, text_of(refused[i].json), false, &arena, &t,
                        &err))
            fail_msg("%s is taken", refused[i].json);
        if (strcmp(err.code, refused[i].code) != 0 ||
            strcmp(err.field, refused[i].field) != 0 || err.kind != ERR_REJECT)
            fail_msg("%s: %s at %s: %s", refused[i].json, err.code, err.field,
                     err.sentence);
    }
}

static void a_closed_message_names_the_member_it_does_not_know(void **state)
{
    struct thing t;
    struct err err = {0};

    (void)state;
    assert_false(schema_fill(
        schema, TEXT("{\"code\":\"ab\",\"place\":{\"x\":1,\"z\":1}}"), true,
        &arena, &t, &err));
    assert_string_equal(err.code, "unknown_field");
    assert_string_equal(err.field, "place.z");
}

static void a_nul_byte_is_refused_wherever_it_stands(void **state)
{
    const char json[] = "{\"code\":\"ab\",\"x\":[1,\"y\"]}";

    (void)state;
    for (size_t i = 0; i <= strlen(json); i++) {
        char with[sizeof(json) + 1];
        struct thing t;
        struct err err = {0};

        memcpy(with, json, i);
        with[i] = '\0';
        memcpy(with + i + 1, json + i, sizeof(json) - 1 - i);
        assert_false(schema_fill(schema, (struct text){with, sizeof(json)},
                                 false, &arena, &t, &err));
        assert_string_equal(err.code, "malformed");
    }
}

/* The message of n arrays inside a member. */
static bool nested(size_t n, struct err *err)
{
    AUTO(buf) struct buf b = {0};
    struct thing t;

    buf_print(&b, "{\"code\":\"ab\",\"x\":");
    for (size_t i = 0; i < n; i++)
        buf_put_byte(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_put_byte(&b, ']');
    buf_put_byte(&b, '}');
    return schema_fill(schema, buf_text(&b), false, &arena, &t, err);
}

static void thirty_two_levels_are_taken_and_one_more_is_not(void **state)
{
    struct err err = {0};

    (void)state;
    assert_true(nested(31, &err));
    assert_false(nested(32, &err));
    assert_string_equal(err.code, "too_deep");
}

static bool strangers(int n, struct err *err)
{
    AUTO(buf) struct buf b = {0};
    struct thing t;

    buf_print(&b, "{\"code\":\"ab\"");
    for (int i = 0; i < n; i++)
        buf_print(&b, ",\"x%d\":%d", i, i);
    buf_put_byte(&b, '}');
    return schema_fill(schema, buf_text(&b), false, &arena, &t, err);
}

static void
an_object_may_have_sixty_four_members_that_are_not_described(void **state)
{
    struct err err = {0};

    (void)state;
    assert_true(strangers(64, &err));
    assert_false(strangers(65, &err));
    assert_string_equal(err.code, "too_many_members");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_field_gets_its_value),
        cmocka_unit_test(what_is_absent_or_null_has_its_absent_value),
        cmocka_unit_test(a_member_without_a_field_is_left_alone),
        cmocka_unit_test(a_string_without_escapes_is_a_slice_of_the_message),
        cmocka_unit_test(
            an_open_message_may_have_members_that_are_not_described),
        cmocka_unit_test(free_objects_stay_free_in_a_closed_message),
        cmocka_unit_test(what_breaks_a_rule_is_refused_by_name_and_field),
        cmocka_unit_test(a_closed_message_names_the_member_it_does_not_know),
        cmocka_unit_test(a_nul_byte_is_refused_wherever_it_stands),
        cmocka_unit_test(thirty_two_levels_are_taken_and_one_more_is_not),
        cmocka_unit_test(
            an_object_may_have_sixty_four_members_that_are_not_described),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
