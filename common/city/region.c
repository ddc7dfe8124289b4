/* region.c - codes of regions, by their shape alone. */
#include "common/city/region.h"

#include <string.h>

/* Digits that say which region it is, by level: the rest is filled up. */
static const size_t digits_of[] = {
    [REGION_DISTRICT] = 6,
    [REGION_STREET] = 9,
    [REGION_COMMUNITY] = 12,
    [REGION_GRID] = 15,
};

static const char street_fill[] = "000";

enum region_level region_level_of(const char *code)
{
    size_t size = strlen(code);

    if (strspn(code, "0123456789") != size)
        return REGION_NONE;
    if (size == 6)
        return REGION_DISTRICT;
    if (size == 15)
        return REGION_GRID;
    if (size != 12 || memcmp(code + 6, "000000", 6) == 0)
        return REGION_NONE;
    return memcmp(code + 9, street_fill, 3) == 0 ? REGION_STREET
                                                 : REGION_COMMUNITY;
}

bool region_up(const char *code, enum region_level level,
               char into[REGION_SIZE])
{
    enum region_level own = region_level_of(code);
    size_t digits;

    if (own == REGION_NONE || level == REGION_NONE || own < level)
        return false;
    digits = digits_of[level];
    memcpy(into, code, digits);
    into[digits] = '\0';
    if (level == REGION_STREET)
        memcpy(into + digits, street_fill, sizeof(street_fill));
    return true;
}

bool region_holds(const char *outer, const char *inner)
{
    enum region_level level = region_level_of(outer);

    return level != REGION_NONE && region_level_of(inner) >= level &&
           memcmp(outer, inner, digits_of[level]) == 0;
}
