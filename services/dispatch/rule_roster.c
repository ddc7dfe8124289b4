/* rule_roster.c - who is on duty in an office, and who is away. */
#include "services/dispatch/whistle.h"

static bool may_change(const struct decision *d, const char *office,
                       struct err *err)
{
    if (!whistle_office_known(d, office, "office", err))
        return false;
    if (!text_is(d->message->record.key, office))
        return err_reject(err, "wrong_key", "key",
                          "消息的键应为单位代码 / the key must be %s", office);
    return whistle_speaks_for(&d->message->actor, text_of(office), err);
}

static struct text join(struct arena *arena, const struct list *skills)
{
    const struct wire_code *items = skills->items;
    struct text all = text_of("");

    for (size_t i = 0; i < skills->count; i++)
        all = arena_print(arena, "%s%s%s", all.bytes, i > 0 ? "," : "",
                          items[i].code);
    return all;
}

static struct json *say(struct decision *d, struct officer *o, const char *type)
{
    struct dispatch_state *s = d->state;
    struct json *j;

    o->version++;
    o->changed = true;
    s->roster_changed = true;
    j = decision_event(
        d, type,
        arena_print(d->arena, "%s/%s", o->office.bytes, o->officer.bytes),
        o->version, o->office);
    json_text(j, "office", o->office);
    json_text(j, "officer", o->officer);
    return j;
}

/* A place is one of the office's own area, and has a line of work. */
static bool roster_sound(const struct decision *d, const struct duty_in *in,
                         struct err *err)
{
    const struct office *office = reference_office(d->reference, in->office);

    if ((in->place[0] != '\0') != (in->line >= 0))
        return err_reject(err, "required", in->place[0] ? "line" : "place",
                          "下沉须同时写明区域和条线 / a place needs its line "
                          "of work, and a line its place");
    if (in->place[0] && (region_level_of(in->place) < REGION_STREET ||
                         !region_holds(office->region, in->place)))
        return err_reject(err, "region_outside", "place",
                          "%s不是%s辖区内的街道、社区或网格 / %s is no street, "
                          "community or grid of %s",
                          in->place, in->office, in->place, in->office);
    if (in->shift[0] && !reference_shift(d->reference, in->shift))
        return err_reject(err, "unknown_shift", "shift",
                          "没有班次%s / there is no shift %s", in->shift,
                          in->shift);
    return true;
}

bool office_duty(struct decision *d, const void *message, struct err *err)
{
    const struct duty_in *in = message;
    struct officer *o;
    struct json *j;

    if (!may_change(d, in->office, err) || !roster_sound(d, in, err))
        return false;
    o = officer_get(d->state, text_of(in->office), text_of(in->officer));
    o->name = text_of(in->name);
    o->on_duty = in->on_duty;
    o->capacity = in->capacity;
    o->skills = join(d->arena, &in->skills);
    o->place = text_of(in->place);
    o->line = text_of(in->line < 0 ? "" : work_line_names[in->line]);
    o->shift = text_of(in->shift);
    j = say(d, o, "office.duty_set");
    json_text(j, "name", o->name);
    json_bool(j, "on_duty", o->on_duty);
    json_int(j, "capacity", o->capacity);
    json_text_if(j, "place", o->place);
    json_text_if(j, "line", o->line);
    json_text_if(j, "shift", o->shift);
    return true;
}

bool office_leave(struct decision *d, const void *message, struct err *err)
{
    const struct leave_in *in = message;
    struct officer *o;
    struct json *j;

    if (!may_change(d, in->office, err))
        return false;
    o = officer_find(d->state, text_of(in->office), text_of(in->officer));
    if (!o)
        return err_reject(err, "unknown_officer", "officer",
                          "%s没有%s,请先排班 / %s has no officer %s: set the "
                          "duty first",
                          in->office, in->officer, in->office, in->officer);
    if (in->to <= in->from)
        return err_reject(err, "bad_range", "to",
                          "结束须晚于开始 / the end must lie after the start");
    o->leave_from_us = in->from;
    o->leave_to_us = in->to;
    j = say(d, o, "office.leave_set");
    json_instant(j, "from", in->from);
    json_instant(j, "to", in->to);
    return true;
}

/* Nothing runs on a calendar here; but nothing is decided without the version
 * that everybody else has. */
bool dispatch_reference(struct decision *d, const void *message,
                        struct err *err)
{
    const struct reference_in *in = message;

    (void)d;
    if (!reference_pinned(in->version))
        return err_retry(err, "no_reference",
                         "reference version %lld is not loaded",
                         (long long)in->version);
    return true;
}
