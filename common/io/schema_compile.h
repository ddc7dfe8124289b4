/*
 * schema_compile.h - from a JSON Schema's tree to nodes; private to schema*.c.
 *
 *     schema_load.c     files, $ref, one node
 *     schema_keyword.c  a row and a function a keyword
 *     schema_value.c    values of enum and const, numbers of limits
 *     schema_bind.c     is the field of the struct as the schema has it?
 */
#ifndef BAODAO_IO_SCHEMA_COMPILE_H
#define BAODAO_IO_SCHEMA_COMPILE_H

#include "common/io/schema_program.h"

/* A location that was compiled without a field, to be used again. */
struct compiled {
    const json_t *location;
    const struct schema_node *node;
    const struct compiled *next;
};

struct compile {
    struct schema *schema;
    const char *folder; /* of common.json; may be NULL */
    json_t *own;        /* the schema's document */
    json_t *common;     /* common.json once a $ref asked for it */
    json_t *document;   /* the one that is being compiled */
    const struct compiled *compiled;
    int depth; /* nested locations */
    int nodes;
};

/* All errors here are ERR_FATAL. */

/* The node of a location; field NULL: only checked. */
MUST_CHECK bool compile_node(struct compile *c, json_t *location,
                             const struct field *field,
                             const struct schema_node **ret_node,
                             struct err *err);
/* Fills the node with all keywords of an object schema but $ref. */
MUST_CHECK bool compile_keywords(struct compile *c, json_t *location,
                                 const struct field *field,
                                 struct schema_node *node, struct err *err);
/* True when a keyword beside $ref says something about values. */
bool keywords_assert(json_t *location);

/* schema_value.c */
struct number compile_number(struct compile *c, const json_t *value);
struct schema_value compile_value(struct compile *c, const json_t *value);

/* The field of that name, NULL when the table has none. */
const struct field *field_named(const struct field *fields, struct text name);
/* Ties the compiled node to its field. */
MUST_CHECK bool bind_field(struct schema_node *node, const struct field *field,
                           struct err *err);

struct text json_text_of(const json_t *string);
MUST_CHECK bool refuse_schema(struct err *err, const char *format, ...)
    PRINTF(2, 3);

#endif
