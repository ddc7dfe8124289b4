/* schema_load_test.c - what a schema may be, and what a table of fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/attr.h"
#include "common/io/schema.h"

static const char *const names[] = {"a", "b", NULL};

struct thing {
    char code[9];
    int64_t n;
    struct uuid id;
    int kind;
    struct list list;
};

#define TABLE(name, row) static const struct field name[] = {row, {0}}

TABLE(code_fields, F_CODE(struct thing, code));
TABLE(int_fields, F_INT(struct thing, n));
TABLE(uuid_fields, F_UUID(struct thing, id));
TABLE(enum_fields, F_ENUM(struct thing, kind, names));
TABLE(list_fields, F_LIST(struct thing, list, struct thing, code_fields));
TABLE(circle_fields, F_LIST(struct thing, list, struct thing, circle_fields));

#define OF(name, schema)                                                       \
    "{\"type\":\"object\",\"properties\":{\"" name "\":" schema "}}"

/* clang-format off */
static const struct {
    const char *json, *says;
    const struct field *fields;
} refused[] = {
    { "",                                  "empty",              NULL        },
    { "{",                                 "line 1",             NULL        },
    { "3",                                 "an object or a boolean", NULL    },
    { "{\"pattern\":\"^a\"}",              "\"pattern\"",        NULL        },
    { "{\"default\":1}",                   "\"default\"",        NULL        },
    { "{\"$defs\":{\"a\":{\"not\":{}}}}",  "a: keyword \"not\"", NULL        },
    { "{\"properties\":{\"a\":{\"anyOf\":[]}}}", "\"anyOf\"",    NULL        },
    { "{\"items\":{\"$id\":\"b\"}}",       "only at the top",    NULL        },
    { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
                                           "2020-12",            NULL        },
    { "{\"format\":\"email\"}",            "not one of uuid",    NULL        },
    { "{\"type\":\"text\"}",               "unknown type",       NULL        },
    { "{\"maxLength\":-1}",                "maxLength: not a",   NULL        },
    { "{\"maxLength\":1.5}",               "maxLength: not a",   NULL        },
    { "{\"minimum\":\"1\"}",               "minimum: not a",     NULL        },
    { "{\"required\":\"a\"}",              "required: not an",   NULL        },
    { "{\"required\":[1]}",                "array of strings",   NULL        },
    { "{\"enum\":[]}",                     "enum: not an",       NULL        },
    { "{\"enum\":[1],\"const\":1}",        "beside enum",        NULL        },
    { "{\"$ref\":\"#/$defs/a\"}",          "leads nowhere",      NULL        },
    { "{\"$ref\":\"other.json#/a\"}",      "leads nowhere",      NULL        },
    { "{\"$ref\":\"#\"}",                  "in a circle",        NULL        },
    { "{\"$ref\":\"common.json#/$defs/a\"}", "no folder",        NULL        },
    { "{\"$defs\":{\"a\":{}},\"$ref\":\"#/$defs/a\",\"items\":{}}",
                                           "that descend",       NULL        },
    { "true",                              "wants an object",    int_fields  },
    { OF("m", "{\"type\":\"integer\"}"),   "field n is not in",  int_fields  },
    { OF("n", "{\"type\":\"number\"}"),    "wants an integer",   int_fields  },
    { OF("n", "{\"type\":\"string\"}"),    "wants an integer",   int_fields  },
    { OF("n", "true"),                     "wants an integer",   int_fields  },
    { OF("id", "{\"type\":\"string\"}"),   "format uuid",        uuid_fields },
    { OF("code", "{\"type\":\"string\"}"), "needs maxLength",    code_fields },
    { OF("code", "{\"type\":\"string\",\"maxLength\":3}"),
                                           "too few for 12",     code_fields },
    { OF("code", "{\"const\":\"123456789\"}"),
                                           "too few for 9",      code_fields },
    { OF("kind", "{\"type\":\"string\"}"), "without enum",       enum_fields },
    { OF("kind", "{\"enum\":[\"a\",\"c\"]}"), "\"c\" is not in", enum_fields },
    { OF("list", "{\"type\":\"array\"}"),  "needs items",        list_fields },
    { OF("list", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"),
                                           "wants an object",    list_fields },
    { "{\"type\":\"object\",\"properties\":{\"list\":{\"type\":\"array\","
      "\"items\":{\"$ref\":\"#\"}}}}",     "list: items: #", circle_fields },
};

static const struct {
    const char *json;
    const struct field *fields;
} taken[] = {
    { "true",                                                    NULL        },
    { "{\"x-owner\":[1],\"title\":\"\",\"examples\":[]}",        NULL        },
    { OF("code", "{\"type\":\"string\",\"maxLength\":2}"),       code_fields },
    { OF("code", "{\"enum\":[\"12345678\",null]}"),              code_fields },
    { OF("n", "{\"type\":[\"null\",\"integer\"]}"),              int_fields  },
    { OF("n", "{\"enum\":[1,2],\"type\":\"integer\"}"),          int_fields  },
    { OF("kind", "{\"const\":\"b\"}"),                           enum_fields },
    { "{\"$ref\":\"#/$defs/o\",\"$defs\":{\"o\":"
      OF("n", "{\"type\":\"integer\"}") "}}",                    int_fields  },
};
/* clang-format on */

static void what_we_cannot_hold_to_is_refused_at_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        AUTO(schema) struct schema *s = NULL;
        struct err err = {0};

        if (schema_compile(text_of(refused[i].json), NULL, refused[i].fields,
                           &s, &err))
            fail_msg("%s is taken", refused[i].json);
        if (err.kind != ERR_FATAL || !strstr(err.sentence, refused[i].says))
            fail_msg("%s: %s", refused[i].json, err.sentence);
    }
}

static void what_fits_its_fields_is_loaded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        AUTO(schema) struct schema *s = NULL;
        struct err err = {0};

        if (!schema_compile(text_of(taken[i].json), NULL, taken[i].fields, &s,
                            &err))
            fail_msg("%s: %s", taken[i].json, err.sentence);
    }
}

static void write_file(const char *folder, const char *name,
                       const char *content)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

static void remove_file(const char *folder, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    unlink(path);
}

static void definitions_of_common_json_are_found_in_the_folder(void **state)
{
    char folder[] = "/tmp/schema_load_test.XXXXXX";
    AUTO(schema) struct schema *s = NULL;
    AUTO(arena) struct arena arena = {0};
    struct err err = {0};
    struct thing t;

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "common.json",
               "{\"$defs\":{\"code\":{\"$ref\":\"#/$defs/short\"},"
               "\"short\":{\"type\":\"string\",\"maxLength\":2}}}");
    write_file(folder, "thing.make.json",
               OF("code", "{\"$ref\":\"common.json#/$defs/code\","
                          "\"description\":\"d\",\"minLength\":1}"));
    assert_true(schema_load(folder, "thing.make", code_fields, &s, &err));
    remove_file(folder, "common.json");
    remove_file(folder, "thing.make.json");
    rmdir(folder);

    assert_true(
        schema_fill(s, TEXT("{\"code\":\"ab\"}"), true, &arena, &t, &err));
    assert_string_equal(t.code, "ab");
    assert_false(
        schema_fill(s, TEXT("{\"code\":\"\"}"), true, &arena, &t, &err));
    assert_string_equal(err.code, "minLength");
    assert_false(
        schema_fill(s, TEXT("{\"code\":\"abc\"}"), true, &arena, &t, &err));
    assert_string_equal(err.code, "maxLength");
}

static void a_file_that_is_not_there_is_fatal_and_named(void **state)
{
    AUTO(schema) struct schema *s = NULL;
    struct err err = {0};

    (void)state;
    assert_false(schema_load("tests", "no.such", NULL, &s, &err));
    assert_int_equal(err.kind, ERR_FATAL);
    assert_non_null(strstr(err.sentence, "tests/no.such.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_cannot_hold_to_is_refused_at_load),
        cmocka_unit_test(what_fits_its_fields_is_loaded),
        cmocka_unit_test(definitions_of_common_json_are_found_in_the_folder),
        cmocka_unit_test(a_file_that_is_not_there_is_fatal_and_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
