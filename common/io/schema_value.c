/* schema_value.c - the values of enum and const, and numbers of limits. */
#include "common/io/schema_compile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * jansson keeps 1.1 as a double: its shortest form that reads back the same
 * is what the author wrote, up to 15 digits.
 */
struct number compile_number(struct compile *c, const json_t *value)
{
    char text[40];

    if (json_is_integer(value)) {
        snprintf(text, sizeof(text), "%" PRId64,
                 (int64_t)json_integer_value(value));
    } else {
        double n = json_real_value(value);
        int digits = 15;

        do
            snprintf(text, sizeof(text), "%.*g", digits++, n);
        while (digits <= 17 && strtod(text, NULL) != n);
    }
    return number_of(arena_text(&c->schema->arena, text_of(text)));
}

/* Numbers inside are compared as doubles: see schema_same_tree. */
static json_t *keep_tree(struct compile *c, const json_t *value)
{
    char *bytes = json_dumps(value, JSON_COMPACT);
    json_t *tree;

    if (!bytes)
        abort();
    tree = json_loads(bytes, JSON_DECODE_INT_AS_REAL, NULL);
    free(bytes);
    if (!tree || json_array_append_new(c->schema->trees, tree) != 0)
        abort();
    return tree;
}

struct schema_value compile_value(struct compile *c, const json_t *value)
{
    struct schema_value v = {.name = -1};

    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        v.type = json_is_object(value) ? TYPE_OBJECT : TYPE_ARRAY;
        v.tree = keep_tree(c, value);
        break;
    case JSON_STRING:
        v.type = TYPE_STRING;
        v.text = arena_text(&c->schema->arena, json_text_of(value));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        v.type = TYPE_NUMBER;
        v.number = compile_number(c, value);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        v.type = TYPE_BOOLEAN;
        v.number.n = json_is_true(value);
        break;
    case JSON_NULL:
        v.type = TYPE_NULL;
        break;
    }
    return v;
}

/*
 * The rare case: the slice is read into a tree. Both trees hold all numbers
 * as doubles, so that 1 and 1.0 are the same; whole numbers beyond 2^53
 * inside an object or array of enum may so be taken for their neighbours.
 */
bool schema_same_tree(struct text json, const json_t *tree)
{
    json_t *given = json_loadb(json.bytes, json.size,
                               JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL |
                                   JSON_REJECT_DUPLICATES,
                               NULL);
    bool same = given && json_equal(given, tree);

    json_decref(given);
    return same;
}
