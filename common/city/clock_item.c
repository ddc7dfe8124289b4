/* clock_item.c - one word of a clock's story. */
#include "common/city/clock_item.h"

static bool read_pause(struct text rest, struct clock_item *item)
{
    struct text from = text_cut(rest, '/', &rest);
    struct text to = text_cut(rest, '/', &item->reason);

    item->pause.to_us = INSTANT_NONE;
    return instant_parse(from, &item->pause.from_us) &&
           (to.size == 0 || instant_parse(to, &item->pause.to_us));
}

static bool read_extension(struct text rest, struct clock_item *item)
{
    struct clock_extension *e = &item->extension;
    struct text asked, to;

    item->stage = text_cut(rest, '/', &rest);
    asked = text_cut(rest, '/', &rest);
    to = text_cut(rest, '/', &item->reason);
    e->to_date = INT32_MIN;
    return instant_parse(asked, &e->asked_us) &&
           (date_parse(to, &e->to_date) || text_int(to, &e->add));
}

bool clock_item_next(struct text *told, struct clock_item *ret)
{
    struct clock_item item = {0};
    struct text rest;

    item.word = text_cut(text_cut(*told, ' ', told), '/', &rest);
    if (!(text_is(item.word, "pause") ? read_pause(rest, &item)
                                      : read_extension(rest, &item)))
        return false;
    *ret = item;
    return true;
}
