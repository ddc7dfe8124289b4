/*
 * schema_walk.h - the one walk over a message's bytes; private to schema*.c.
 *
 *     schema_fill.c   objects and arrays: which node is whose
 *     schema_check.c  one value: its keywords, and its place in the struct
 */
#ifndef BAODAO_IO_SCHEMA_WALK_H
#define BAODAO_IO_SCHEMA_WALK_H

#include "common/io/schema_program.h"
#include "common/io/schema_text.h"

/* One step from the message to the value at hand. */
struct step {
    struct text name; /* of a member; bytes NULL: an item */
    uint64_t index;   /* of an item */
};

struct walk {
    struct scan scan;
    bool closed;
    unsigned depth; /* steps in path */
    struct step path[SCHEMA_DEPTH];
    struct err *err;
};

/* Fill err with the field at hand, and return false. */
bool refuse(struct walk *w, const char *code, const char *format, ...)
    PRINTF(3, 4);
/* By what the scan says, or "… expected". */
bool refuse_malformed(struct walk *w, const char *why);

/* The type is one of the node's. */
MUST_CHECK bool check_type(struct walk *w, const struct schema_node *node,
                           unsigned types);
/* An object or array, taken whole, against enum or const. */
MUST_CHECK bool check_tree(struct walk *w, const struct schema_node *node,
                           struct text json);

/* At a value that is neither object nor array: takes, checks, stores. */
MUST_CHECK bool take_string(struct walk *w, const struct schema_node *node,
                            char *base);
MUST_CHECK bool take_number(struct walk *w, const struct schema_node *node,
                            char *base);
MUST_CHECK bool take_word(struct walk *w, const struct schema_node *node,
                          char *base);

#endif
