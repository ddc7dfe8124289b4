/* say.c - events, each with what a screen needs: ids, names, the state. */
#include "common/base/instant.h"
#include "services/match/match.h"

static void say_texts(struct json *j, const char *name, struct texts list)
{
    json_array(j, name);
    for (size_t i = 0; i < list.count; i++)
        json_text(j, NULL, list.items[i]);
    json_close(j);
}

/* "530103003001,CGJ": the place, and who published it if that is another. */
static struct text scope_of(struct decision *d, const char *region,
                            struct text office)
{
    if (office.size == 0 || text_is(office, region))
        return arena_print(d->arena, "%s", region);
    return arena_print(d->arena, "%s,%.*s", region, TEXT_PRINT(office));
}

struct json *partner_say(struct decision *d, struct partner *p,
                         const char *type)
{
    struct text id = decision_uuid_text(d, &p->id);
    struct json *j;

    p->changed = true;
    j = decision_event(d, type, id, ++p->version, scope_of(d, p->home, id));
    json_text(j, "partner", id);
    json_text(j, "name", p->name);
    json_string(j, "kind", partner_kind_names[p->kind]);
    json_string(j, "brand", partner_brand_names[p->brand]);
    json_string(j, "home", p->home);
    json_string(j, "state", p->active ? "active" : "inactive");
    say_texts(j, "skills", p->skills);
    json_array(j, "serves");
    for (size_t i = 0; i < p->serves.count; i++)
        json_string(j, NULL, p->serves.items[i]);
    json_close(j);
    json_int(j, "capacity", p->capacity);
    json_int(j, "capacity_left", p->capacity_left);
    json_int(j, "commitment", p->commitment);
    return j;
}

struct json *need_say(struct decision *d, struct need *n, const char *type)
{
    struct json *j;

    n->changed = true;
    j = decision_event(d, type, decision_uuid_text(d, &n->id), ++n->version,
                       scope_of(d, n->region, n->office));
    json_uuid(j, "need", &n->id);
    json_text(j, "title", n->title);
    json_string(j, "region", n->region);
    json_string(j, "state", need_state_names[n->state]);
    if (!uuid_is_nil(&n->issue))
        json_uuid(j, "issue", &n->issue);
    return j;
}

struct json *offer_say(struct decision *d, struct offer *o, const char *type)
{
    struct json *j;

    o->changed = true;
    j = decision_event(
        d, type, decision_uuid_text(d, &o->id), ++o->version,
        scope_of(d, o->region, decision_uuid_text(d, &o->partner)));
    json_uuid(j, "offer", &o->id);
    json_uuid(j, "partner", &o->partner);
    json_text(j, "title", o->title);
    json_string(j, "region", o->region);
    json_string(j, "state", o->expired ? "expired" : "published");
    json_int(j, "quantity", o->quantity);
    json_instant(j, "from", o->from_us);
    json_instant(j, "to", o->to_us);
    say_texts(j, "skills", o->skills);
    return j;
}

struct json *match_say(struct decision *d, struct match *m, const char *type)
{
    struct need *n = m->need;
    struct text partner = decision_uuid_text(d, &m->partner->id);
    struct text place = scope_of(d, n->region, n->office);
    struct json *j;

    m->changed = true;
    j = decision_event(d, type, decision_uuid_text(d, &m->id), ++m->version,
                       arena_print(d->arena, "%.*s,%.*s", TEXT_PRINT(place),
                                   TEXT_PRINT(partner)));
    json_uuid(j, "match", &m->id);
    json_uuid(j, "need", &n->id);
    json_text(j, "partner", partner);
    json_text(j, "title", n->title);
    json_text(j, "partner_name", m->partner->name);
    json_string(j, "state", match_stage_names[m->state]);
    json_int(j, "takes", m->takes);
    return j;
}
