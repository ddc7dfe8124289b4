/*
 * schema_program.h - what a JSON Schema is compiled to; private to schema*.c.
 *
 * One node a schema location and use: a definition that two fields refer to
 * gives two nodes, since each knows where in the struct its value goes. All
 * nodes and what they point to lie in the schema's arena.
 */
#ifndef BAODAO_IO_SCHEMA_PROGRAM_H
#define BAODAO_IO_SCHEMA_PROGRAM_H

#include <jansson.h>

#include "common/io/schema.h"
#include "common/io/schema_number.h"

#define SCHEMA_DEPTH 32     /* nested arrays and objects of a message */
#define SCHEMA_MEMBERS 64   /* names that a schema knows in one object */
#define SCHEMA_STRANGERS 64 /* names in one object that it does not know */

enum schema_type {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_OBJECT = 4,
    TYPE_ARRAY = 8,
    TYPE_STRING = 16,
    TYPE_INTEGER = 32,
    TYPE_NUMBER = 64,
    TYPE_ANY = 127,
};

enum schema_format { FORMAT_NONE, FORMAT_UUID, FORMAT_INSTANT, FORMAT_DATE };

/* A value of enum or const. */
struct schema_value {
    enum schema_type type;
    struct text text;     /* of a string */
    int name;             /* of a string: its index in the field's names */
    struct number number; /* of a number; 0 or 1 of a boolean */
    json_t *tree;         /* of an object or array; owned by the schema */
};

struct schema_property {
    struct text name;
    const struct schema_node *node; /* NULL: only required, not described */
};

enum schema_bound { MINIMUM, MAXIMUM, ABOVE, BELOW, BOUND_COUNT };

struct schema_node {
    unsigned types; /* bits of enum schema_type */
    enum schema_format format;
    bool closed;            /* may be closed: it describes an object */
    bool additional_schema; /* additionalProperties is a schema */

    /* Where the value goes; FIELD_NONE: only checked. */
    enum field_kind kind;
    size_t at, size;
    const struct field *fields; /* of FIELD_OBJECT and FIELD_LIST */

    const struct schema_property *properties;
    unsigned property_count;
    uint64_t required;                    /* bit i: properties[i] */
    const struct schema_node *additional; /* never NULL */

    const struct schema_node *items; /* never NULL */
    uint64_t min_items, max_items;
    uint64_t min_length, max_length; /* code points */

    const struct schema_value *values; /* enum or const; NULL: any */
    unsigned value_count;
    const struct number *bounds[BOUND_COUNT]; /* NULL: none */

    /* $ref with keywords beside it: the value is walked with both nodes,
     * and nothing else in this node counts. */
    const struct schema_node *first, *also;
};

struct schema {
    struct arena arena;
    const struct schema_node *root;
    const struct field *fields; /* borrowed; NULL: only check */
    json_t *trees;              /* an array that owns values' trees */
};

/* The schema `true`. */
extern const struct schema_node schema_anything;

/* schema_value.c: the bytes are the same value as this array or object. */
bool schema_same_tree(struct text json, const json_t *tree);

/* schema_bind.c: all members of the table get their absent values. */
void schema_clear(const struct field *fields, char *base);

#endif
