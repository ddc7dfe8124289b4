/*
 * ailment.h - why nothing moves: a sentence for each ailment of a cell, and
 * what to do next.
 */
#ifndef BAODAO_CITY_AILMENT_H
#define BAODAO_CITY_AILMENT_H

#include "common/base/text.h"

struct ailment {
    const char *name;
    const char *chinese, *english; /* what is wrong */
    const char *next;              /* the next step */
};

/* Ends with a NULL name; causes stand before what they cause. */
extern const struct ailment ailments[];
#define AILMENTS_MAX 32

/* Its place in the table; -1 when there is none of this name. */
int ailment_find(struct text name);

#endif
