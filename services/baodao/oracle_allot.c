/* oracle_allot.c - the allotment of rules.md §7 as lines. */
#include "common/city/allot.h"
#include "services/baodao/oracle.h"

/* A case as read, in the line's arena. */
struct told {
    struct allot_officer *officers;
    size_t count;
    int64_t ceiling_percent;
};

static struct text text_in(json_t *string)
{
    return (struct text){json_string_value(string),
                         json_string_length(string)};
}

static bool read_officer(json_t *one, struct allot_officer *ret)
{
    json_t *name = oracle_member(one, "officer");

    *ret = (struct allot_officer){.open = -1, .last_us = ALLOT_NEVER};
    if (!json_is_string(name) || !oracle_int(one, "open", &ret->open) ||
        !oracle_int(one, "capacity", &ret->capacity) ||
        !oracle_int(one, "last_us", &ret->last_us) || ret->open < 0)
        return false;
    ret->officer = text_in(name);
    ret->on_duty = json_is_true(oracle_member(one, "on_duty"));
    return true;
}

static bool read_case(struct oracle *o, json_t *line, struct told *told,
                      struct err *err)
{
    json_t *officers = oracle_member(line, "officers");

    *told = (struct told){.count = json_array_size(officers),
                          .ceiling_percent = ALLOT_NO_CEILING};
    told->officers = arena_array(&o->line, told->count,
                                 sizeof(*told->officers));
    if (!oracle_int(line, "ceiling_percent", &told->ceiling_percent))
        return err_reject(err, "bad_row", "ceiling_percent", "not readable");
    for (size_t i = 0; i < told->count; i++)
        if (!read_officer(json_array_get(officers, i), &told->officers[i]))
            return err_reject(err, "bad_row", "officers", "not readable");
    return true;
}

/* The officer's name, or null; a new reference. */
static json_t *answer_one(struct oracle *o, json_t *ask, struct told *told,
                          int64_t turn)
{
    json_t *names = oracle_member(ask, "not");
    size_t count = json_array_size(names);
    struct text *but = arena_array(&o->line, count, sizeof(*but));
    struct allot_officer *found;
    int64_t at_us = 0;

    for (size_t i = 0; i < count; i++)
        if (json_is_string(json_array_get(names, i)))
            but[i] = text_in(json_array_get(names, i));
    if (!oracle_int(ask, "at_us", &at_us))
        at_us = 0;
    found = allot_choose(told->officers, told->count, but, count,
                         told->ceiling_percent);
    if (!found)
        return json_null();
    allot_take(found, at_us, turn);
    return json_stringn(found->officer.bytes, found->officer.size);
}

json_t *oracle_allot(struct oracle *o, json_t *line)
{
    json_t *asks = oracle_member(line, "asks");
    json_t *given = json_array(), *open = json_object();
    struct told told;
    struct err err = {0};

    if (!read_case(o, line, &told, &err)) {
        json_decref(given);
        json_decref(open);
        return oracle_refuse(&err);
    }
    for (size_t i = 0; i < json_array_size(asks); i++)
        json_array_append_new(given, answer_one(o, json_array_get(asks, i),
                                                &told, (int64_t)i + 1));
    for (size_t i = 0; i < told.count; i++)
        json_object_set_new(open, told.officers[i].officer.bytes,
                            json_integer(told.officers[i].open));
    return json_pack("{s:o, s:o}", "given", given, "open", open);
}
