/*
 * ailment.h - why nothing moves: a sentence for each ailment of a cell, and
 * what to do next.
 */
#ifndef BAODAO_CITY_AILMENT_H
#define BAODAO_CITY_AILMENT_H

#include "common/io/json.h"

struct ailment {
    const char *name;
    const char *chinese, *english; /* what is wrong */
    const char *next;              /* the next step */
};

/* Ends with a NULL name; causes stand before what they cause. */
extern const struct ailment ailments[];
#define AILMENTS_MAX 32

enum health { WELL, WRONG, UNKNOWN };

/* Members of one of the table in the object that is open: how it stands, and
 * the next step where it is wrong. */
void ailment_write(struct json *j, int i, enum health health,
                   struct text detail);
/* Its place in the table; -1 when there is none of this name. */
int ailment_find(struct text name);

#endif
