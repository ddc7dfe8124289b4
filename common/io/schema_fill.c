/*
 * schema_fill.c - walks a message once: each member finds its node, each node
 * checks its value and puts it into the struct.
 */
#include "common/io/schema_walk.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The members of one object as they come. */
struct members {
    const struct schema_node *node;
    uint64_t seen;  /* bit i: properties[i] */
    unsigned guess; /* where the next property probably is */
    unsigned stranger_count;
    struct text strangers[SCHEMA_STRANGERS]; /* names not among properties */
};

static bool walk_value(struct walk *w, const struct schema_node *node,
                       char *base);

/* Into an object or array: its type is right, and it is not too deep. */
static bool enter(struct walk *w, const struct schema_node *node,
                  enum schema_type type)
{
    if (!check_type(w, node, type))
        return false;
    if (w->depth == SCHEMA_DEPTH)
        return refuse(w, "too_deep", "is nested over %d deep", SCHEMA_DEPTH);
    w->path[w->depth++] = (struct step){TEXT(""), 0};
    w->scan.at++;
    return true;
}

/* Most messages come in the schema's order, so the search starts there. */
static const struct schema_property *find(struct members *m, struct text name)
{
    unsigned count = m->node->property_count;
    unsigned at = m->guess;

    for (unsigned i = 0; i < count; i++, at++) {
        const struct schema_property *p;

        if (at >= count)
            at = 0;
        p = &m->node->properties[at];
        if (p->name.size == name.size &&
            memcmp(p->name.bytes, name.bytes, name.size) == 0) {
            m->guess = at + 1;
            return p;
        }
    }
    return NULL;
}

static bool refuse_twice(struct walk *w)
{
    return refuse(w, "duplicate_member", "is there twice");
}

static bool note_stranger(struct walk *w, struct members *m, struct text name)
{
    for (unsigned i = 0; i < m->stranger_count; i++)
        if (text_equal(m->strangers[i], name))
            return refuse_twice(w);
    if (m->stranger_count == SCHEMA_STRANGERS)
        return refuse(w, "too_many_members",
                      "is one of over %d unknown "
                      "members",
                      SCHEMA_STRANGERS);
    m->strangers[m->stranger_count++] = name;
    return true;
}

/* The node of the member of that name; it must not have been there yet. */
static bool choose(struct walk *w, struct members *m, struct text name,
                   const struct schema_node **ret_node)
{
    const struct schema_node *node = m->node;
    const struct schema_property *p = find(m, name);

    if (p) {
        uint64_t bit = UINT64_C(1) << (p - node->properties);

        if (m->seen & bit)
            return refuse_twice(w);
        m->seen |= bit;
        *ret_node = p->node;
        if (p->node)
            return true;
    } else if (!note_stranger(w, m, name)) {
        return false;
    }
    if (!node->additional_schema &&
        ((w->closed && node->closed) || node->additional->types == 0))
        return refuse(w, "unknown_field", "is not a field of this message");
    *ret_node = node->additional;
    return true;
}

static bool walk_member(struct walk *w, struct members *m, char *inside)
{
    const struct schema_node *node;
    struct text name;

    scan_space(&w->scan);
    if (w->scan.at == w->scan.end || *w->scan.at != '"')
        return refuse_malformed(w, "member name expected");
    if (!scan_string(&w->scan, &name))
        return refuse_malformed(w, NULL);
    w->path[w->depth - 1].name = name;
    if (!scan_take(&w->scan, ':'))
        return refuse_malformed(w, "colon expected");
    return choose(w, m, name, &node) && walk_value(w, node, inside);
}

static bool check_required(struct walk *w, const struct members *m)
{
    uint64_t missing = m->node->required & ~m->seen;
    unsigned at;

    if (!missing)
        return true;
    at = (unsigned)__builtin_ctzll(missing);
    w->path[w->depth - 1].name = m->node->properties[at].name;
    return refuse(w, "required", "is required");
}

static bool walk_object(struct walk *w, const struct schema_node *node,
                        char *base)
{
    struct members m;

    m.node = node; /* not = { 0 }: the list of strangers is a kilobyte */
    m.seen = 0;
    m.guess = 0;
    m.stranger_count = 0;
    if (!enter(w, node, TYPE_OBJECT))
        return false;
    if (node->kind == FIELD_OBJECT)
        base += node->at;
    if (!scan_take(&w->scan, '}')) {
        do {
            if (!walk_member(w, &m, base))
                return false;
        } while (scan_take(&w->scan, ','));
        if (!scan_take(&w->scan, '}'))
            return refuse_malformed(w, "comma or } expected");
    }
    if (!check_required(w, &m))
        return false;
    w->depth--;
    return true;
}

/* Room for one more item, with its absent values in it. */
static char *list_more(struct walk *w, const struct schema_node *node,
                       struct list *list, size_t *room)
{
    char *item;

    if (list->count == *room) {
        size_t more = *room > 0 ? 2 * *room : 4;
        void *items = arena_array(w->scan.arena, more, node->size);

        if (list->count > 0)
            memcpy(items, list->items, list->count * node->size);
        list->items = items;
        *room = more;
    }
    item = (char *)list->items + list->count++ * node->size;
    schema_clear(node->fields, item);
    return item;
}

static bool check_count(struct walk *w, const struct schema_node *node,
                        uint64_t count)
{
    w->depth--;
    if (count > node->max_items)
        return refuse(w, "maxItems", "has more than %" PRIu64 " items",
                      node->max_items);
    if (count < node->min_items)
        return refuse(w, "minItems", "has less than %" PRIu64 " items",
                      node->min_items);
    return true;
}

static bool walk_items(struct walk *w, const struct schema_node *node,
                       struct list *list, uint64_t *ret_count)
{
    uint64_t count = 0;
    size_t room = 0;

    do {
        char *item = NULL;

        w->path[w->depth - 1] = (struct step){{NULL, 0}, count};
        if (count++ == node->max_items)
            break; /* too many: check_count says so */
        if (node->kind == FIELD_LIST)
            item = list_more(w, node, list, &room);
        if (!walk_value(w, node->items, item))
            return false;
    } while (scan_take(&w->scan, ','));
    *ret_count = count;
    return true;
}

static bool walk_array(struct walk *w, const struct schema_node *node,
                       char *base)
{
    struct list list = {0};
    uint64_t count = 0;

    if (!enter(w, node, TYPE_ARRAY))
        return false;
    if (!scan_take(&w->scan, ']')) {
        if (!walk_items(w, node, &list, &count))
            return false;
        if (count <= node->max_items && !scan_take(&w->scan, ']'))
            return refuse_malformed(w, "comma or ] expected");
    }
    if (!check_count(w, node, count))
        return false;
    if (node->kind == FIELD_LIST)
        *(struct list *)(base + node->at) = list;
    return true;
}

static bool dispatch(struct walk *w, const struct schema_node *node, char *base)
{
    switch (*w->scan.at) {
    case '{':
        return walk_object(w, node, base);
    case '[':
        return walk_array(w, node, base);
    case '"':
        return take_string(w, node, base);
    case 't':
    case 'f':
    case 'n':
        return take_word(w, node, base);
    default:
        return take_number(w, node, base);
    }
}

/* With both nodes, one after the other, over the same bytes. */
static bool walk_both(struct walk *w, const struct schema_node *node,
                      char *base)
{
    const char *start = w->scan.at;

    if (!walk_value(w, node->first, base))
        return false;
    w->scan.at = start;
    return walk_value(w, node->also, NULL);
}

static bool walk_value(struct walk *w, const struct schema_node *node,
                       char *base)
{
    struct text bytes;

    if (node->also)
        return walk_both(w, node, base);
    scan_space(&w->scan);
    if (w->scan.at == w->scan.end)
        return refuse_malformed(w, "value expected");
    bytes.bytes = w->scan.at;
    if (!dispatch(w, node, base))
        return false;
    bytes.size = (size_t)(w->scan.at - bytes.bytes);
    if (node->values && (*bytes.bytes == '{' || *bytes.bytes == '[') &&
        !check_tree(w, node, bytes))
        return false;
    if (node->kind == FIELD_RAW)
        *(struct text *)(base + node->at) = bytes;
    return true;
}

bool schema_fill(const struct schema *s, struct text json, bool closed,
                 struct arena *arena, void *into, struct err *err)
{
    struct walk w;

    assert(into || !s->fields);
    if (json.size == 0)
        json = TEXT("");
    w.scan = (struct scan){json.bytes, json.bytes + json.size, arena, NULL};
    w.closed = closed;
    w.depth = 0;
    w.err = err;
    if (s->fields)
        schema_clear(s->fields, into);
    if (!walk_value(&w, s->root, into))
        return false;
    scan_space(&w.scan);
    if (w.scan.at < w.scan.end)
        return refuse_malformed(&w, "bytes behind the value");
    return true;
}
