/*
 * schema_fuzz.c - any bytes: never a fault, and the same answer as jansson.
 *
 * What we take as JSON jansson takes, but for numbers too large for its
 * double; what it takes we take, but for what schema.h refuses beyond: NUL
 * bytes, depth over 32, over 64 undescribed members. What is filled is what
 * jansson reads, and a schema with fields judges as it does without.
 *
 *     clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/corpus/schema
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/attr.h"
#include "common/io/schema.h"

#define CHECK(what) ((what) ? (void)0 : broken(#what))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const colours[] = {"red", "green", NULL};

struct item {
    int64_t n;
    struct text name;
};

static const struct field item_fields[] = {
    F_INT(struct item, n),
    F_TEXT(struct item, name),
    {0},
};

struct thing {
    struct text note;
    char code[13];
    int64_t n, at;
    int32_t day;
    struct uuid id;
    int light;
    bool yes;
    struct item one;
    struct list many;
    struct text raw;
};

static const struct field fields[] = {
    F_TEXT(struct thing, note),
    F_CODE(struct thing, code),
    F_INT(struct thing, n),
    F_INSTANT(struct thing, at),
    F_DATE(struct thing, day),
    F_UUID(struct thing, id),
    F_ENUM(struct thing, light, colours),
    F_BOOL(struct thing, yes),
    F_OBJECT(struct thing, one, item_fields),
    F_LIST(struct thing, many, struct item, item_fields),
    F_RAW(struct thing, raw),
    {0},
};

static const char thing_json[] =
    "{\"$defs\":{\"item\":{\"type\":\"object\",\"required\":[\"n\"],"
    "\"properties\":{\"n\":{\"type\":\"integer\"},"
    "\"name\":{\"type\":\"string\"}},\"additionalProperties\":false}},"
    "\"type\":\"object\",\"properties\":{"
    "\"note\":{\"type\":\"string\",\"minLength\":1},"
    "\"code\":{\"type\":\"string\",\"maxLength\":3},"
    "\"n\":{\"type\":[\"integer\",\"null\"],\"maximum\":1e30},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"day\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"light\":{\"enum\":[\"red\",\"green\"]},"
    "\"yes\":{\"type\":\"boolean\"},"
    "\"one\":{\"$ref\":\"#/$defs/item\"},"
    "\"many\":{\"type\":\"array\",\"maxItems\":9,"
    "\"items\":{\"$ref\":\"#/$defs/item\"}},"
    "\"raw\":{\"enum\":[1,[1,{}],{\"a\":[]},\"x\"]}},"
    "\"additionalProperties\":{\"items\":{\"minimum\":-1.5}}}";

static struct schema *anything, *bound, *unbound;
static struct arena arena;

NORETURN static void broken(const char *what)
{
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void load(void)
{
    if (anything)
        return;
    CHECK(schema_compile(TEXT("true"), NULL, NULL, &anything, NULL));
    CHECK(schema_compile(TEXT(thing_json), NULL, NULL, &unbound, NULL));
    CHECK(schema_compile(TEXT(thing_json), NULL, fields, &bound, NULL));
}

static bool stricter(struct text json, const struct err *err)
{
    return strcmp(err->code, "too_deep") == 0 ||
           strcmp(err->code, "too_many_members") == 0 ||
           (json.size > 0 && memchr(json.bytes, '\0', json.size));
}

/* The tree, NULL when it is not JSON. */
static json_t *compare_verdicts(struct text json)
{
    struct err err = {0};
    json_error_t why;
    json_t *tree = json_loadb(json.bytes, json.size,
                              JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
                                  JSON_DECODE_INT_AS_REAL,
                              &why);

    if (schema_fill(anything, json, false, &arena, NULL, &err))
        CHECK(tree || json_error_code(&why) == json_error_numeric_overflow);
    else
        CHECK(!tree || stricter(json, &err));
    return tree;
}

static void compare_text(struct text t, const json_t *string)
{
    if (!string) {
        CHECK(t.size == 0);
        return;
    }
    CHECK(t.size == json_string_length(string));
    CHECK(memcmp(t.bytes, json_string_value(string), t.size) == 0);
    CHECK(text_valid(t));
}

static void compare_values(const struct thing *t, const json_t *tree)
{
    compare_text(t->note, json_object_get(tree, "note"));
    compare_text(text_of(t->code), json_object_get(tree, "code"));
    compare_text(t->one.name,
                 json_object_get(json_object_get(tree, "one"), "name"));
    CHECK(t->many.count == json_array_size(json_object_get(tree, "many")));
    CHECK(t->yes == json_is_true(json_object_get(tree, "yes")));
    for (size_t i = 0; i < t->many.count; i++) {
        const struct item *item = (struct item *)t->many.items + i;
        const json_t *given = json_array_get(json_object_get(tree, "many"), i);

        CHECK((double)item->n ==
              json_number_value(json_object_get(given, "n")));
        compare_text(item->name, json_object_get(given, "name"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text json = {(const char *)data, size};
    struct err err = {0};
    struct thing t;
    json_t *tree;
    bool taken;

    load();
    tree = compare_verdicts(json);
    taken = schema_fill(unbound, json, false, &arena, NULL, NULL);
    if (schema_fill(bound, json, false, &arena, &t, &err)) {
        CHECK(taken);
        if (tree)
            compare_values(&t, tree);
    } else {
        CHECK(!taken || strcmp(err.code, "out_of_range") == 0);
        CHECK(err.kind == ERR_REJECT && text_valid(text_of(err.sentence)));
    }
    if (schema_fill(bound, json, true, &arena, &t, NULL))
        CHECK(taken);
    json_decref(tree);
    arena_reset(&arena);
    return 0;
}
