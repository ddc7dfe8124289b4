/* schema_check.c - one value against its node, and into the struct. */
#include "common/io/schema_walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"

/* What a string with a format says. */
struct meaning {
    struct uuid uuid;
    int64_t at_us;
    int32_t day;
};

/* As much of t as there is room for, cut at a code point. */
static void put_cut(char *into, size_t size, struct text t)
{
    size_t used = strlen(into);
    size_t n = t.size < size - 1 - used ? t.size : size - 1 - used;

    while (n > 0 && n < t.size && ((unsigned char)t.bytes[n] & 0xc0) == 0x80)
        n--;
    memcpy(into + used, t.bytes, n);
    into[used + n] = '\0';
}

/* "requester.phone", "offices[2]". */
static void print_path(const struct walk *w, char *into, size_t size)
{
    char index[32];

    into[0] = '\0';
    for (unsigned i = 0; i < w->depth; i++) {
        const struct step *s = &w->path[i];

        if (!s->name.bytes) {
            snprintf(index, sizeof(index), "[%" PRIu64 "]", s->index);
            put_cut(into, size, text_of(index));
        } else if (s->name.size > 0) { /* else no member yet */
            put_cut(into, size, text_of(i > 0 ? "." : ""));
            put_cut(into, size, s->name);
        }
    }
}

bool refuse(struct walk *w, const char *code, const char *format, ...)
{
    char path[128];
    char sentence[256];
    va_list args;

    print_path(w, path, sizeof(path));
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return err_reject(w->err, code, path, "%s%s%s", path, path[0] ? ": " : "",
                      sentence);
}

bool refuse_malformed(struct walk *w, const char *why)
{
    return refuse(w, "malformed", "%s", why ? why : w->scan.why);
}

static const char *type_names(unsigned types)
{
    switch (types) {
    case 0:
        return "no value is allowed here";
    case TYPE_NULL:
        return "must be null";
    case TYPE_BOOLEAN:
        return "must be true or false";
    case TYPE_OBJECT:
        return "must be an object";
    case TYPE_ARRAY:
        return "must be an array";
    case TYPE_STRING:
        return "must be a string";
    case TYPE_INTEGER:
        return "must be a whole number";
    case TYPE_NUMBER:
        return "must be a number";
    default:
        return "is of a type that is not allowed here";
    }
}

bool check_type(struct walk *w, const struct schema_node *node, unsigned types)
{
    return (node->types & types) ||
           refuse(w, "type", "%s", type_names(node->types));
}

static bool refuse_value(struct walk *w, const struct schema_node *node)
{
    return refuse(w, node->value_count == 1 ? "const" : "enum",
                  "is not one of the values allowed");
}

bool check_tree(struct walk *w, const struct schema_node *node,
                struct text json)
{
    for (unsigned i = 0; i < node->value_count; i++) {
        const json_t *tree = node->values[i].tree;

        if (tree && schema_same_tree(json, tree))
            return true;
    }
    return refuse_value(w, node);
}

static bool check_length(struct walk *w, const struct schema_node *node,
                         struct text t)
{
    if (t.size > node->max_length && text_length(t) > node->max_length)
        return refuse(w, "maxLength", "is longer than %" PRIu64 " characters",
                      node->max_length);
    if (t.size / 4 < node->min_length && text_length(t) < node->min_length)
        return refuse(w, "minLength", "is shorter than %" PRIu64 " characters",
                      node->min_length);
    return true;
}

static bool check_format(struct walk *w, enum schema_format format,
                         struct text t, struct meaning *ret_meaning)
{
    switch (format) {
    case FORMAT_UUID:
        return uuid_parse(t, &ret_meaning->uuid) ||
               refuse(w, "format", "is not a UUID");
    case FORMAT_INSTANT:
        return instant_parse(t, &ret_meaning->at_us) ||
               refuse(w, "format",
                      "is not a date and time by RFC 3339 with its offset");
    case FORMAT_DATE:
        return date_parse(t, &ret_meaning->day) ||
               refuse(w, "format", "is not a date (YYYY-MM-DD)");
    case FORMAT_NONE:
        break;
    }
    return true;
}

/* The value of enum that is this string. */
static const struct schema_value *value_of(const struct schema_node *node,
                                           struct text t)
{
    for (unsigned i = 0; i < node->value_count; i++)
        if (node->values[i].type == TYPE_STRING &&
            text_equal(node->values[i].text, t))
            return &node->values[i];
    return NULL;
}

static bool store_string(struct walk *w, const struct schema_node *node,
                         struct text t, const struct meaning *meaning,
                         const struct schema_value *value, char *into)
{
    switch (node->kind) {
    case FIELD_CODE:
        return text_copy(t, into, node->size) ||
               refuse(w, "maxLength", "is too long");
    case FIELD_TEXT:
        *(struct text *)into = t;
        break;
    case FIELD_UUID:
        *(struct uuid *)into = meaning->uuid;
        break;
    case FIELD_INSTANT:
        *(int64_t *)into = meaning->at_us;
        break;
    case FIELD_DATE:
        *(int32_t *)into = meaning->day;
        break;
    case FIELD_ENUM:
        *(int *)into = value->name;
        break;
    default:
        break;
    }
    return true;
}

bool take_string(struct walk *w, const struct schema_node *node, char *base)
{
    const struct schema_value *value = NULL;
    struct meaning meaning;
    struct text t;

    if (!scan_string(&w->scan, &t))
        return refuse_malformed(w, NULL);
    if (!check_type(w, node, TYPE_STRING) || !check_length(w, node, t) ||
        !check_format(w, node->format, t, &meaning))
        return false;
    if (node->values && !(value = value_of(node, t)))
        return refuse_value(w, node);
    return node->kind == FIELD_NONE ||
           store_string(w, node, t, &meaning, value, base + node->at);
}

static bool check_bounds(struct walk *w, const struct schema_node *node,
                         const struct number *n)
{
    static const struct {
        const char *code, *sentence;
    } words[BOUND_COUNT] = {
        [MINIMUM] = {"minimum", "is less than"},
        [MAXIMUM] = {"maximum", "is more than"},
        [ABOVE] = {"exclusiveMinimum", "is not above"},
        [BELOW] = {"exclusiveMaximum", "is not below"},
    };

    for (int i = 0; i < BOUND_COUNT; i++) {
        const struct number *bound = node->bounds[i];
        int order;

        if (!bound)
            continue;
        order = number_compare(n, bound);
        if (i == MINIMUM   ? order < 0
            : i == MAXIMUM ? order > 0
            : i == ABOVE   ? order <= 0
                           : order >= 0)
            return refuse(w, words[i].code, "%s %.*s", words[i].sentence,
                          TEXT_PRINT(bound->lexeme));
    }
    return true;
}

static bool check_number_value(struct walk *w, const struct schema_node *node,
                               const struct number *n)
{
    if (!node->values)
        return true;
    for (unsigned i = 0; i < node->value_count; i++)
        if (node->values[i].type == TYPE_NUMBER &&
            number_compare(n, &node->values[i].number) == 0)
            return true;
    return refuse_value(w, node);
}

bool take_number(struct walk *w, const struct schema_node *node, char *base)
{
    struct number n;
    struct text lexeme;
    int64_t value;

    if (!scan_number(&w->scan, &lexeme))
        return refuse_malformed(w, NULL);
    n = number_of(lexeme);
    if (!(node->types & TYPE_NUMBER) &&
        !((node->types & TYPE_INTEGER) && number_is_integer(&n)))
        return check_type(w, node, 0);
    if (!check_bounds(w, node, &n) || !check_number_value(w, node, &n))
        return false;
    if (node->kind != FIELD_INT)
        return true;
    if (!number_int(&n, &value) || value == INT_ABSENT)
        return refuse(w, "out_of_range", "is out of range");
    *(int64_t *)(base + node->at) = value;
    return true;
}

/* true, false or null. */
bool take_word(struct walk *w, const struct schema_node *node, char *base)
{
    bool truth = *w->scan.at == 't';
    enum schema_type type = *w->scan.at == 'n' ? TYPE_NULL : TYPE_BOOLEAN;
    bool found = !node->values;

    if (!scan_word(&w->scan, type == TYPE_NULL ? TEXT("null")
                             : truth           ? TEXT("true")
                                               : TEXT("false")))
        return refuse_malformed(w, NULL);
    if (!check_type(w, node, type))
        return false;
    for (unsigned i = 0; i < node->value_count; i++)
        found = found || (node->values[i].type == type &&
                          node->values[i].number.n == truth);
    if (!found)
        return refuse_value(w, node);
    if (node->kind == FIELD_BOOL && type == TYPE_BOOLEAN)
        *(bool *)(base + node->at) = truth;
    return true;
}
