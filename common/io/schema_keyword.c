/* schema_keyword.c - the keywords of JSON Schema that we know: a row each. */
#include "common/io/schema_compile.h"

#include <math.h>
#include <string.h>

/* A keyword of one location. */
struct taking {
    struct compile *c;
    struct schema_node *node;
    json_t *value;
    const struct field *field; /* NULL: none */
    size_t at;                 /* the number in the keyword's row */
};

typedef bool take_keyword(const struct taking *t, struct err *err);

static void *give(const struct taking *t, size_t count, size_t size)
{
    return arena_array(&t->c->schema->arena, count, size);
}

static struct text keep(const struct taking *t, struct text text)
{
    return arena_text(&t->c->schema->arena, text);
}

static unsigned type_bit(const char *name)
{
    static const char *const names[] = {"null",   "boolean", "object", "array",
                                        "string", "integer", "number", NULL};

    for (unsigned i = 0; name && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return 1u << i;
    return 0;
}

static bool take_type(const struct taking *t, struct err *err)
{
    size_t count = json_is_array(t->value) ? json_array_size(t->value) : 1;

    t->node->types = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *name =
            json_is_array(t->value) ? json_array_get(t->value, i) : t->value;
        unsigned bit = type_bit(json_string_value(name));

        if (bit == 0)
            return refuse_schema(err, "unknown type");
        t->node->types |= bit;
    }
    return true;
}

static bool take_properties(const struct taking *t, struct err *err)
{
    const struct field *fields = t->field ? t->field->fields : NULL;
    size_t count = json_object_size(t->value);
    struct schema_property *all;
    unsigned i = 0;
    const char *name;
    json_t *location;

    if (!json_is_object(t->value) || count > SCHEMA_MEMBERS)
        return refuse_schema(err, "not an object of at most %d members",
                             SCHEMA_MEMBERS);
    all = give(t, count, sizeof(*all));
    json_object_foreach(t->value, name, location)
    {
        struct schema_property *p = &all[i++];

        p->name = keep(t, text_of(name));
        if (!compile_node(t->c, location, field_named(fields, p->name),
                          &p->node, err))
            return err_in(err, "%s", name);
    }
    t->node->properties = all;
    t->node->property_count = i;
    t->node->closed = true;
    return true;
}

static int property_index(const struct schema_node *node, struct text name)
{
    for (unsigned i = 0; i < node->property_count; i++)
        if (text_equal(node->properties[i].name, name))
            return (int)i;
    return -1;
}

/* A required name that is not described becomes a property without a node. */
static bool take_required(const struct taking *t, struct err *err)
{
    struct schema_node *node = t->node;
    size_t most = node->property_count + json_array_size(t->value);
    struct schema_property *all = give(t, most, sizeof(*all));
    size_t i;
    json_t *name;

    if (!json_is_array(t->value))
        return refuse_schema(err, "not an array");
    if (node->property_count > 0)
        memcpy(all, node->properties, node->property_count * sizeof(*all));
    node->properties = all;
    json_array_foreach(t->value, i, name)
    {
        int at = property_index(node, json_text_of(name));

        if (!json_is_string(name))
            return refuse_schema(err, "not an array of strings");
        if (at < 0) {
            at = (int)node->property_count++;
            all[at].name = keep(t, json_text_of(name));
        }
        if (at >= SCHEMA_MEMBERS)
            return refuse_schema(err, "over %d names", SCHEMA_MEMBERS);
        node->required |= UINT64_C(1) << at;
    }
    return true;
}

static bool take_additional(const struct taking *t, struct err *err)
{
    t->node->additional_schema = !json_is_boolean(t->value);
    t->node->closed = true;
    return compile_node(t->c, t->value, NULL, &t->node->additional, err);
}

static bool take_items(const struct taking *t, struct err *err)
{
    const struct field *item = t->field ? t->field->fields : NULL;
    struct field inside;

    if (item && !item->name)
        item = NULL;
    if (item && item->name[0]) {
        inside = (struct field){.name = "",
                                .kind = FIELD_OBJECT,
                                .size = t->field->size,
                                .fields = t->field->fields};
        item = &inside;
    }
    return compile_node(t->c, t->value, item, &t->node->items, err);
}

/* A count: a whole number >= 0, also written 2.0; row->at: where. */
static bool take_count(const struct taking *t, struct err *err)
{
    double n = json_number_value(t->value);

    if (!json_is_number(t->value) || n < 0 || n > 1e15 || n != floor(n))
        return refuse_schema(err, "not a whole number from 0 to 1e15");
    *(uint64_t *)((char *)t->node + t->at) = (uint64_t)n;
    return true;
}

/* row->at: which of the bounds. */
static bool take_bound(const struct taking *t, struct err *err)
{
    struct number *n = give(t, 1, sizeof(*n));

    if (!json_is_number(t->value))
        return refuse_schema(err, "not a number");
    *n = compile_number(t->c, t->value);
    t->node->bounds[t->at] = n;
    return true;
}

static bool take_format(const struct taking *t, struct err *err)
{
    const char *name = json_string_value(t->value);

    if (name && strcmp(name, "uuid") == 0)
        t->node->format = FORMAT_UUID;
    else if (name && strcmp(name, "date-time") == 0)
        t->node->format = FORMAT_INSTANT;
    else if (name && strcmp(name, "date") == 0)
        t->node->format = FORMAT_DATE;
    else
        return refuse_schema(err, "not one of uuid, date-time, date");
    return true;
}

static bool take_enum(const struct taking *t, struct err *err)
{
    size_t count = json_array_size(t->value);
    struct schema_value *values = give(t, count, sizeof(*values));

    if (!json_is_array(t->value) || count == 0)
        return refuse_schema(err, "not an array of values");
    for (size_t i = 0; i < count; i++)
        values[i] = compile_value(t->c, json_array_get(t->value, i));
    t->node->values = values;
    t->node->value_count = (unsigned)count;
    return true;
}

static bool take_const(const struct taking *t, struct err *err)
{
    struct schema_value *v = give(t, 1, sizeof(*v));

    if (t->node->values)
        return refuse_schema(err, "beside enum");
    *v = compile_value(t->c, t->value);
    t->node->values = v;
    t->node->value_count = 1;
    return true;
}

/* Definitions are compiled even when nothing refers to them, so that an
 * unknown keyword cannot hide there. */
static bool take_defs(const struct taking *t, struct err *err)
{
    const struct schema_node *unused;
    const char *name;
    json_t *location;

    if (!json_is_object(t->value))
        return refuse_schema(err, "not an object");
    json_object_foreach(t->value, name, location)
    {
        if (!compile_node(t->c, location, NULL, &unused, err))
            return err_in(err, "%s", name);
    }
    return true;
}

static bool take_dialect(const struct taking *t, struct err *err)
{
    static const char dialect[] =
        "https://json-schema.org/draft/2020-12/schema";
    const char *named = json_string_value(t->value);

    return (named && strcmp(named, dialect) == 0) ||
           refuse_schema(err, "not %s", dialect);
}

/* An $id further down would change what $ref means there. */
static bool take_id(const struct taking *t, struct err *err)
{
    return json_object_get(t->c->document, "$id") == t->value ||
           refuse_schema(err, "only at the top");
}

#define IN_NODE(member) offsetof(struct schema_node, member)

/* In the order in which they are taken: required needs properties. */
static const struct keyword {
    const char *name;
    bool asserts;       /* says something about values */
    take_keyword *take; /* NULL: nothing to do */
    size_t at;
} keywords[] = {
    /* clang-format off */
    { "$schema",              false, take_dialect,    0                   },
    { "$id",                  false, take_id,         0                   },
    { "$ref",                 false, NULL,            0                   },
    { "title",                false, NULL,            0                   },
    { "description",          false, NULL,            0                   },
    { "examples",             false, NULL,            0                   },
    { "type",                 true,  take_type,       0                   },
    { "properties",           true,  take_properties, 0                   },
    { "required",             true,  take_required,   0                   },
    { "additionalProperties", true,  take_additional, 0                   },
    { "items",                true,  take_items,      0                   },
    { "minItems",             true,  take_count,      IN_NODE(min_items)  },
    { "maxItems",             true,  take_count,      IN_NODE(max_items)  },
    { "minLength",            true,  take_count,      IN_NODE(min_length) },
    { "maxLength",            true,  take_count,      IN_NODE(max_length) },
    { "minimum",              true,  take_bound,      MINIMUM             },
    { "maximum",              true,  take_bound,      MAXIMUM             },
    { "exclusiveMinimum",     true,  take_bound,      ABOVE               },
    { "exclusiveMaximum",     true,  take_bound,      BELOW               },
    { "format",               true,  take_format,     0                   },
    { "enum",                 true,  take_enum,       0                   },
    { "const",                true,  take_const,      0                   },
    { "$defs",                false, take_defs,       0                   },
    /* clang-format on */
};

static const struct keyword *keyword_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

bool keywords_assert(json_t *location)
{
    const char *name;
    json_t *value;

    json_object_foreach(location, name, value)
    {
        const struct keyword *k = keyword_named(name);

        if (k && k->asserts)
            return true;
    }
    return false;
}

bool compile_keywords(struct compile *c, json_t *location,
                      const struct field *field, struct schema_node *node,
                      struct err *err)
{
    const char *name;
    json_t *value;

    json_object_foreach(location, name, value)
    {
        if (!keyword_named(name) && strncmp(name, "x-", 2) != 0)
            return refuse_schema(err, "keyword \"%s\" is not in the subset",
                                 name);
    }
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        const struct keyword *k = &keywords[i];
        const struct taking t = {c, node, json_object_get(location, k->name),
                                 field, k->at};

        if (t.value && k->take && !k->take(&t, err))
            return err_in(err, "%s", k->name);
    }
    node->closed = node->closed || node->types == TYPE_OBJECT;
    return true;
}
