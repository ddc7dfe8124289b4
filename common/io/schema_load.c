/* schema_load.c - reads schemas, follows $ref, compiles a node a location. */
#include "common/io/schema_compile.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"

#define NODES_MAX 10000
#define FILE_BYTES_MAX ((size_t)1024 * 1024)

#define NO_LIMITS                                                              \
    .types = TYPE_ANY, .max_items = UINT64_MAX, .max_length = UINT64_MAX,      \
    .items = &schema_anything, .additional = &schema_anything

const struct schema_node schema_anything = {NO_LIMITS};

bool refuse_schema(struct err *err, const char *format, ...)
{
    char sentence[256];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return err_fatal(err, "bad_schema", "%s", sentence);
}

struct text json_text_of(const json_t *string)
{
    return (struct text){json_string_value(string), json_string_length(string)};
}

/* The next token of a JSON pointer, with ~0 ~1 and %XX undone. */
static bool take_token(const char **p, char *into, size_t size)
{
    size_t n = 0;
    unsigned byte;

    while (**p && **p != '/') {
        if (n + 1 == size)
            return false;
        if (**p == '%') {
            if (!isxdigit((*p)[1]) || !isxdigit((*p)[2]) ||
                sscanf(*p, "%%%2x", &byte) != 1 || byte == 0)
                return false;
            into[n++] = (char)byte;
            *p += 3;
        } else if (**p == '~') {
            if ((*p)[1] != '0' && (*p)[1] != '1')
                return false;
            into[n++] = (*p)[1] == '0' ? '~' : '/';
            *p += 2;
        } else {
            into[n++] = *(*p)++;
        }
    }
    into[n] = '\0';
    return true;
}

/* "/$defs/office" in the document; NULL when it leads nowhere. */
static json_t *point_to(json_t *document, const char *pointer)
{
    char token[128];

    while (document && *pointer == '/') {
        pointer++;
        if (!take_token(&pointer, token, sizeof(token)))
            return NULL;
        document = json_object_get(document, token);
    }
    return *pointer ? NULL : document;
}

static bool parse(struct text bytes, json_t **ret_tree, struct err *err)
{
    json_error_t why;

    if (bytes.size == 0 || memchr(bytes.bytes, '\0', bytes.size))
        return refuse_schema(err, "empty, or a NUL byte in it");
    *ret_tree = json_loadb(bytes.bytes, bytes.size,
                           JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (!*ret_tree)
        return refuse_schema(err, "line %d: %s", why.line, why.text);
    return true;
}

static bool read_file(const char *folder, const char *name, struct buf *out,
                      struct err *err)
{
    char path[4096];
    FILE *file;
    size_t got;
    bool whole;

    if (snprintf(path, sizeof(path), "%s/%s.json", folder, name) >=
        (int)sizeof(path))
        return refuse_schema(err, "path too long");
    file = fopen(path, "rb");
    if (!file)
        return refuse_schema(err, "%s cannot be opened", path);
    got = fread(buf_reserve(out, FILE_BYTES_MAX), 1, FILE_BYTES_MAX, file);
    out->size += got;
    whole = got < FILE_BYTES_MAX && !ferror(file);
    fclose(file);
    if (!whole)
        return refuse_schema(err, "%s cannot be read", path);
    return true;
}

static bool load_common(struct compile *c, struct err *err)
{
    AUTO(buf) struct buf bytes = {0};

    if (c->common)
        return true;
    if (!c->folder)
        return refuse_schema(err, "no folder to look for common.json in");
    if (!read_file(c->folder, "common", &bytes, err) ||
        !parse(buf_text(&bytes), &c->common, err))
        return err_in(err, "common.json");
    return true;
}

/* Finds what a $ref means and makes its document the current one. */
static bool follow(struct compile *c, json_t *ref, json_t **ret_location,
                   struct err *err)
{
    static const char common[] = "common.json";
    const char *to = json_string_value(ref);

    if (!to)
        return refuse_schema(err, "$ref is not a string");
    if (strncmp(to, common, strlen(common)) == 0) {
        if (!load_common(c, err))
            return false;
        c->document = c->common;
        to += strlen(common);
    }
    *ret_location = *to == '#' ? point_to(c->document, to + 1) : NULL;
    if (!*ret_location)
        return refuse_schema(err, "$ref \"%s\" leads nowhere",
                             json_string_value(ref));
    return true;
}

static bool new_node(struct compile *c, struct schema_node **ret_node,
                     struct err *err)
{
    if (++c->nodes > NODES_MAX)
        return refuse_schema(err, "over %d nodes", NODES_MAX);
    *ret_node = arena_give(&c->schema->arena, sizeof(**ret_node));
    **ret_node = (struct schema_node){NO_LIMITS};
    return true;
}

/* What a $ref means, compiled in its own document. */
static bool compile_target(struct compile *c, json_t *ref,
                           const struct field *field,
                           const struct schema_node **ret_node, struct err *err)
{
    json_t *document = c->document;
    json_t *target;
    bool ok;

    if (!follow(c, ref, &target, err))
        return false;
    ok = compile_node(c, target, field, ret_node, err);
    c->document = document;
    return ok || err_in(err, "%s", json_string_value(ref));
}

/* $ref, alone or with other keywords beside it. */
static bool compile_ref(struct compile *c, json_t *location, json_t *ref,
                        const struct field *field,
                        const struct schema_node **ret_node, struct err *err)
{
    const struct schema_node *first;
    struct schema_node *node, *also;

    if (!compile_target(c, ref, field, &first, err) ||
        !new_node(c, &node, err) || !new_node(c, &also, err) ||
        !compile_keywords(c, location, NULL, also, err))
        return false;
    if (also->property_count > 0 || also->additional != &schema_anything ||
        also->items != &schema_anything)
        return refuse_schema(err, "$ref beside keywords that descend");
    also->closed = false;
    node->first = first;
    node->also = also;
    *ret_node = keywords_assert(location) ? node : first;
    return true;
}

static bool compile_object(struct compile *c, json_t *location,
                           const struct field *field,
                           const struct schema_node **ret_node, struct err *err)
{
    json_t *ref = json_object_get(location, "$ref");
    struct schema_node *node;

    if (ref)
        return compile_ref(c, location, ref, field, ret_node, err);
    if (!new_node(c, &node, err))
        return false;
    if (!field) {
        struct compiled *done = arena_give(&c->schema->arena, sizeof(*done));

        *done = (struct compiled){location, node, c->compiled};
        c->compiled = done;
    }
    *ret_node = node;
    return compile_keywords(c, location, field, node, err) &&
           (!field || bind_field(node, field, err));
}

/* true allows any value, false none. */
static bool compile_boolean(struct compile *c, json_t *location,
                            const struct field *field,
                            const struct schema_node **ret_node,
                            struct err *err)
{
    struct schema_node *node;

    if (!new_node(c, &node, err))
        return false;
    if (json_is_false(location))
        node->types = 0;
    *ret_node = node;
    return !field || bind_field(node, field, err);
}

bool compile_node(struct compile *c, json_t *location,
                  const struct field *field,
                  const struct schema_node **ret_node, struct err *err)
{
    bool ok;

    for (const struct compiled *done = c->compiled; done && !field;
         done = done->next) {
        if (done->location == location) {
            *ret_node = done->node;
            return true;
        }
    }
    if (c->depth == SCHEMA_DEPTH)
        return refuse_schema(err, "nested too deep, or in a circle");
    c->depth++;
    if (json_is_object(location))
        ok = compile_object(c, location, field, ret_node, err);
    else if (json_is_boolean(location))
        ok = compile_boolean(c, location, field, ret_node, err);
    else
        ok = refuse_schema(err, "a schema must be an object or a boolean");
    c->depth--;
    return ok;
}

bool schema_compile(struct text json, const char *folder,
                    const struct field *fields, struct schema **ret_schema,
                    struct err *err)
{
    const struct field root = {.kind = FIELD_OBJECT, .fields = fields};
    struct compile c = {.folder = folder};
    struct schema *s = calloc(1, sizeof(*s));
    bool ok;

    if (!s)
        abort();
    s->fields = fields;
    s->trees = json_array();
    c.schema = s;
    ok = parse(json, &c.own, err);
    c.document = c.own;
    ok = ok && compile_node(&c, c.own, fields ? &root : NULL, &s->root, err);
    json_decref(c.own);
    json_decref(c.common);
    if (!ok) {
        schema_free(s);
        return false;
    }
    *ret_schema = s;
    return true;
}

bool schema_load(const char *folder, const char *type,
                 const struct field *fields, struct schema **ret_schema,
                 struct err *err)
{
    AUTO(buf) struct buf bytes = {0};

    if (!read_file(folder, type, &bytes, err))
        return false;
    if (!schema_compile(buf_text(&bytes), folder, fields, ret_schema, err))
        return err_in(err, "%s.json", type);
    return true;
}

void schema_free(struct schema *s)
{
    if (!s)
        return;
    arena_release(&s->arena);
    json_decref(s->trees);
    free(s);
}

void schema_cleanup(struct schema **s)
{
    schema_free(*s);
}
