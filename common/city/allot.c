/* allot.c - see allot.h. */
#include "common/city/allot.h"

bool allot_before(const struct allot_officer *a, const struct allot_officer *b)
{
    __extension__ typedef __int128 wide;
    wide x = (wide)a->open * b->capacity, y = (wide)b->open * a->capacity;

    if (x != y)
        return x < y;
    if (a->last_us != b->last_us)
        return a->last_us < b->last_us;
    if (a->turn != b->turn)
        return a->turn < b->turn;
    return text_compare(a->officer, b->officer) < 0;
}

static bool may_take(const struct allot_officer *o, const struct text *but,
                     size_t but_count, int64_t ceiling_percent)
{
    __extension__ typedef __int128 wide;

    if (!o->on_duty || o->capacity <= 0)
        return false;
    for (size_t i = 0; i < but_count; i++)
        if (text_equal(o->officer, but[i]))
            return false;
    return ceiling_percent == ALLOT_NO_CEILING ||
           (wide)o->open * 100 < (wide)ceiling_percent * o->capacity;
}

struct allot_officer *allot_choose(struct allot_officer *all, size_t count,
                                   const struct text *but, size_t but_count,
                                   int64_t ceiling_percent)
{
    struct allot_officer *best = NULL;

    for (size_t i = 0; i < count; i++)
        if (may_take(&all[i], but, but_count, ceiling_percent) &&
            (!best || allot_before(&all[i], best)))
            best = &all[i];
    return best;
}

void allot_take(struct allot_officer *o, int64_t at_us, int64_t turn)
{
    o->open++;
    o->last_us = at_us;
    o->turn = turn;
}
