/*
 * region.h - district, street, community, grid: a tree by code prefix
 * (GB/T 2260 extended): 530103 / 530103003000 / 530103003001 / …001007.
 */
#ifndef BAODAO_CITY_REGION_H
#define BAODAO_CITY_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

#define REGION_SIZE 16 /* 15 digits and the zero */

enum region_level {
    REGION_NONE,
    REGION_DISTRICT,
    REGION_STREET,
    REGION_COMMUNITY,
    REGION_GRID,
};

struct region {
    char code[REGION_SIZE];
    enum region_level level;
    char name[64];
    char successor[REGION_SIZE]; /* of a code that ended, else "" */
    int64_t from_us, to_us;      /* INSTANT_NONE: open */
};

/* By the shape of the code alone; REGION_NONE when it is none. */
enum region_level region_level_of(const char *code);
/* The code of the region at a level that holds this one; false when the code
 * is above that level. */
bool region_up(const char *code, enum region_level level,
               char into[REGION_SIZE]);
/* inner is outer or lies below it. */
bool region_holds(const char *outer, const char *inner);

#endif
