/* schema_bind.c - ties nodes to fields of a struct: are the two alike? */
#include "common/io/schema_compile.h"

#include <string.h>

#include "common/base/fsm.h"
#include "common/base/instant.h"

const struct field *field_named(const struct field *fields, struct text name)
{
    for (const struct field *f = fields; f && f->name; f++)
        if (text_is(name, f->name))
            return f;
    return NULL;
}

/* What a value must be for each kind of field; null is always "absent". */
static const struct {
    unsigned type; /* 0: any */
    enum schema_format format;
    const char *name;
} kinds[] = {
    [FIELD_CODE] = {TYPE_STRING, FORMAT_NONE, "a string"},
    [FIELD_TEXT] = {TYPE_STRING, FORMAT_NONE, "a string"},
    [FIELD_UUID] = {TYPE_STRING, FORMAT_UUID, "a string of format uuid"},
    [FIELD_INSTANT] = {TYPE_STRING, FORMAT_INSTANT,
                       "a string of format date-time"},
    [FIELD_DATE] = {TYPE_STRING, FORMAT_DATE, "a string of format date"},
    [FIELD_INT] = {TYPE_INTEGER, FORMAT_NONE, "an integer"},
    [FIELD_BOOL] = {TYPE_BOOLEAN, FORMAT_NONE, "a boolean"},
    [FIELD_ENUM] = {TYPE_STRING, FORMAT_NONE, "a string"},
    [FIELD_OBJECT] = {TYPE_OBJECT, FORMAT_NONE, "an object"},
    [FIELD_LIST] = {TYPE_ARRAY, FORMAT_NONE, "an array"},
    [FIELD_RAW] = {0, FORMAT_NONE, "anything"},
};

/* The types that type and enum or const leave, without null. */
static unsigned types_left(const struct schema_node *node)
{
    unsigned listed = 0;

    for (unsigned i = 0; i < node->value_count; i++)
        listed |= node->values[i].type;
    if (listed & TYPE_NUMBER)
        listed |= TYPE_INTEGER;
    return (node->values ? node->types & listed : node->types) &
           ~(unsigned)TYPE_NULL;
}

/* The longest string in bytes, 0 when there is no bound. */
static uint64_t longest(const struct schema_node *node)
{
    uint64_t most = 0;

    if (node->format == FORMAT_UUID)
        return UUID_TEXT_SIZE - 1;
    if (!node->values)
        return node->max_length == UINT64_MAX ? 0 : 4 * node->max_length;
    for (unsigned i = 0; i < node->value_count; i++)
        if (node->values[i].text.size > most)
            most = node->values[i].text.size;
    return most;
}

static bool bind_code(const struct schema_node *node, const struct field *field,
                      struct err *err)
{
    uint64_t most = longest(node);

    if (most == 0)
        return refuse_schema(err, "a char array needs maxLength");
    if (field->size < most + 1)
        return refuse_schema(err, "%zu bytes are too few for %llu and a zero",
                             field->size, (unsigned long long)most);
    return true;
}

/* values are the node's own, only not yet seen by others. */
static bool bind_enum(const struct schema_node *node, const struct field *field,
                      struct err *err)
{
    struct schema_value *values = (struct schema_value *)node->values;

    if (!values || !field->names)
        return refuse_schema(err, "names without enum, or enum without");
    for (unsigned i = 0; i < node->value_count; i++) {
        if (values[i].type != TYPE_STRING)
            continue;
        values[i].name = name_index(field->names, values[i].text);
        if (values[i].name < 0)
            return refuse_schema(err, "\"%.*s\" is not in names",
                                 TEXT_PRINT(values[i].text));
    }
    return true;
}

/* Each field inside must be a property. */
static bool bind_object(const struct schema_node *node,
                        const struct field *field, struct err *err)
{
    for (const struct field *f = field->fields; f && f->name; f++) {
        bool found = false;

        for (unsigned i = 0; i < node->property_count; i++)
            found = found || (node->properties[i].node &&
                              text_is(node->properties[i].name, f->name));
        if (!found)
            return refuse_schema(err, "field %s is not in the schema", f->name);
    }
    return true;
}

static bool bind_list(const struct schema_node *node, const struct field *field,
                      struct err *err)
{
    if (node->items == &schema_anything || field->size == 0)
        return refuse_schema(err, "a list needs items and their size");
    return true;
}

bool bind_field(struct schema_node *node, const struct field *field,
                struct err *err)
{
    unsigned left = types_left(node);

    if (kinds[field->kind].type && left != kinds[field->kind].type)
        return refuse_schema(err, "its field wants %s",
                             kinds[field->kind].name);
    if (kinds[field->kind].format != FORMAT_NONE &&
        node->format != kinds[field->kind].format)
        return refuse_schema(err, "its field wants %s",
                             kinds[field->kind].name);
    node->kind = field->kind;
    node->at = field->at;
    node->size = field->size;
    node->fields = field->fields;
    switch (field->kind) {
    case FIELD_CODE:
        return bind_code(node, field, err);
    case FIELD_ENUM:
        return bind_enum(node, field, err);
    case FIELD_OBJECT:
        return bind_object(node, field, err);
    case FIELD_LIST:
        return bind_list(node, field, err);
    default:
        return true;
    }
}

static void clear_field(const struct field *f, char *base)
{
    char *into = base + f->at;

    switch (f->kind) {
    case FIELD_CODE:
        *into = '\0';
        break;
    case FIELD_TEXT:
    case FIELD_RAW:
        *(struct text *)into = (struct text){0};
        break;
    case FIELD_UUID:
        *(struct uuid *)into = (struct uuid){{0}};
        break;
    case FIELD_INSTANT:
        *(int64_t *)into = INSTANT_NONE;
        break;
    case FIELD_DATE:
        *(int32_t *)into = INT32_MIN;
        break;
    case FIELD_INT:
        *(int64_t *)into = INT_ABSENT;
        break;
    case FIELD_BOOL:
        *(bool *)into = false;
        break;
    case FIELD_ENUM:
        *(int *)into = -1;
        break;
    case FIELD_OBJECT:
        schema_clear(f->fields, into);
        break;
    case FIELD_LIST:
        *(struct list *)into = (struct list){0};
        break;
    case FIELD_NONE:
        break;
    }
}

void schema_clear(const struct field *fields, char *base)
{
    for (const struct field *f = fields; f && f->name; f++)
        clear_field(f, base);
}
