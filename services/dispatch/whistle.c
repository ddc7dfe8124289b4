/* whistle.c - states of a whistle, what every rule asks of it, its events. */
#include "services/dispatch/whistle.h"

const char *const whistle_states[] = {
    "draft",  "awaiting_approval", "issued",    "conference",
    "closed", "rejected",          "cancelled", NULL,
};

const char *const call_roles[] = {"lead", "assist", "added", NULL};

static const char *const verbs[] = {
    "submit", "issue",    "approve", "reject",    "redraft", "cancel", "confer",
    "resume", "conclude", "abandon", "last_lane", "again",   "add_lane",
    "escalate", NULL,
};

/* clang-format off */
static const struct fsm_edge edges[] = {
    /* from               on            to                 */
    { WHISTLE_DRAFT,      ON_SUBMIT,    WHISTLE_AWAITING   },
    { WHISTLE_DRAFT,      ON_ISSUE,     WHISTLE_ISSUED     },
    { WHISTLE_DRAFT,      ON_CANCEL,    WHISTLE_CANCELLED  },
    { WHISTLE_AWAITING,   ON_APPROVE,   WHISTLE_ISSUED     },
    { WHISTLE_AWAITING,   ON_REJECT,    WHISTLE_REJECTED   },
    { WHISTLE_AWAITING,   ON_REDRAFT,   WHISTLE_DRAFT      },
    { WHISTLE_AWAITING,   ON_CANCEL,    WHISTLE_CANCELLED  },
    { WHISTLE_ISSUED,     ON_CONFER,    WHISTLE_CONFERENCE },
    { WHISTLE_ISSUED,     ON_LAST_LANE, WHISTLE_CLOSED     },
    { WHISTLE_ISSUED,     ON_CANCEL,    WHISTLE_CANCELLED  },
    { WHISTLE_CONFERENCE, ON_RESUME,    WHISTLE_ISSUED     },
    { WHISTLE_CONFERENCE, ON_CONCLUDE,  WHISTLE_CLOSED     },
    { WHISTLE_CONFERENCE, ON_ABANDON,   WHISTLE_CANCELLED  },
    { WHISTLE_CLOSED,     ON_AGAIN,     WHISTLE_ISSUED     },
    { WHISTLE_ISSUED,     ON_ADD_LANE,  WHISTLE_ISSUED     },
    { WHISTLE_CONFERENCE, ON_ADD_LANE,  WHISTLE_CONFERENCE },
    { WHISTLE_ISSUED,     ON_ESCALATE,  WHISTLE_ISSUED     },
    { WHISTLE_CONFERENCE, ON_ESCALATE,  WHISTLE_CONFERENCE },
};
/* clang-format on */

const struct fsm whistle_fsm = {"whistle", whistle_states, verbs, edges,
                                COUNT_OF(edges)};

static const char *const state_words[] = {
    [WHISTLE_DRAFT] = "草拟中",     [WHISTLE_AWAITING] = "待审批",
    [WHISTLE_ISSUED] = "已吹哨",    [WHISTLE_CONFERENCE] = "会商中",
    [WHISTLE_CLOSED] = "已结案",    [WHISTLE_REJECTED] = "已驳回",
    [WHISTLE_CANCELLED] = "已取消",
};
static const char *const verb_words[] = {
    [ON_SUBMIT] = "送审",      [ON_ISSUE] = "吹哨",
    [ON_APPROVE] = "批准",     [ON_REJECT] = "驳回",
    [ON_REDRAFT] = "退回修改", [ON_CANCEL] = "取消",
    [ON_CONFER] = "召集会商",  [ON_RESUME] = "会商后续办",
    [ON_CONCLUDE] = "会商办结", [ON_ABANDON] = "会商终止",
    [ON_LAST_LANE] = "末单办结", [ON_AGAIN] = "再次吹哨",
    [ON_ADD_LANE] = "加派",    [ON_ESCALATE] = "提请区级",
};
static const char *const commands[] = {
    [ON_ISSUE] = "whistle.submit",
    [ON_RESUME] = "whistle.conclude",
    [ON_ABANDON] = "whistle.conclude",
    [ON_ESCALATE] = "whistle.escalate", /* the last one: all have a place */
};
static const struct machine machine = {&whistle_fsm, "whistle.",  "本哨",
                                       state_words,  verb_words, commands};

bool whistle_step(const struct whistle *w, int on, int *ret_to,
                  struct err *err)
{
    return machine_step(&machine, (int)w->state, on, ALL_VERBS, ret_to, err);
}

void whistle_print_states(struct buf *out)
{
    machine_print(&machine, out);
}

bool whistle_find(struct decision *d, const struct uuid *id,
                  struct whistle **ret_whistle, struct err *err)
{
    struct dispatch_state *s = d->state;
    struct whistle *w = slots_find(&s->whistles, id, sizeof(*id));

    if (!w)
        return err_reject(err, "not_found", "whistle",
                          "没有这个哨 / there is no such whistle");
    if (!text_equal(d->message->record.key, w->id_text))
        return err_reject(err, "wrong_key", "key",
                          "消息的键应为哨的编号 / the key must be %s",
                          w->id_text.bytes);
    *ret_whistle = w;
    return true;
}

/* ---- events ---- */

static struct text with(struct arena *arena, struct text all,
                        struct text one)
{
    return arena_join(arena, (const struct text[]){all, TEXT(","), one}, 3);
}

/* Region, street, the offices of the current round, each once, and who is
 * asked to confer. */
static struct text scope_of(struct decision *d, const struct whistle *w)
{
    struct text scope = w->region;

    if (!text_equal(w->street, w->region))
        scope = with(d->arena, scope, w->street);
    for (const struct call *c = w->calls; c; c = c->next)
        if (c->round == w->round && !text_equal(c->office, w->street) &&
            !text_equal(c->office, w->region))
            scope = with(d->arena, scope, c->office);
    if (w->conferred.size > 0)
        scope = with(d->arena, scope, w->conferred);
    return scope;
}

struct json *whistle_say(struct decision *d, struct whistle *w,
                         const char *type)
{
    struct json *j;

    w->version++;
    w->changed = true;
    j = decision_event(d, type, w->id_text, w->version, scope_of(d, w));
    json_uuid(j, "whistle", &w->id);
    json_text(j, "number", w->number);
    json_string(j, "state", whistle_states[w->state]);
    if (w->round > 0)
        json_int(j, "round", w->round);
    return j;
}

void whistle_write_offices(struct json *j, const char *name,
                           const struct list *offices)
{
    const struct wire_office *items = offices->items;

    if (offices->count == 0)
        return;
    json_array(j, name);
    for (size_t i = 0; i < offices->count; i++)
        json_string(j, NULL, items[i].code);
    json_close(j);
}

/* ---- calls ---- */

struct call *whistle_call(const struct whistle *w, int64_t round,
                          struct text office)
{
    for (struct call *c = w->calls; c; c = c->next)
        if (c->round == round && text_equal(c->office, office))
            return c;
    return NULL;
}

static bool stands_before(const struct call *c, int64_t round,
                          struct text office)
{
    return c->round != round ? c->round < round
                             : text_compare(c->office, office) < 0;
}

/* The order is the table's, so that what is said of a whistle is the same
 * whether it was loaded or made in this batch. */
struct call *whistle_add_call(struct arena *arena, struct whistle *w,
                              int64_t round, struct text office,
                              enum call_role role)
{
    struct call *made = arena_give(arena, sizeof(*made));
    struct call **at = &w->calls;

    while (*at && stands_before(*at, round, office))
        at = &(*at)->next;
    made->round = round;
    made->office = office;
    made->role = role;
    made->open = true;
    made->next = *at;
    *at = made;
    return made;
}

int whistle_open_calls(const struct whistle *w, int64_t round)
{
    int open = 0;

    for (const struct call *c = w->calls; c; c = c->next)
        open += c->round == round && c->open;
    return open;
}

/* ---- who and where ---- */

bool whistle_speaks_for(const struct actor *actor, struct text office,
                        struct err *err)
{
    int role = role_of(actor->role);
    char own[WIRE_OFFICE], other[WIRE_OFFICE];

    if (role == ROLE_WORKER || role == ROLE_OPERATOR ||
        role == ROLE_DISTRICT_DISPATCH || role == ROLE_DISTRICT_LEAD ||
        text_equal(actor->office, office))
        return true;
    if (text_copy(actor->office, own, sizeof(own)) &&
        text_copy(office, other, sizeof(other)) &&
        region_level_of(own) != REGION_NONE && region_holds(own, other))
        return true;
    return err_reject(err, "not_yours", "actor",
                      "只有%.*s或区级人员可以办理 / only %.*s or the district "
                      "may do this",
                      TEXT_PRINT(office), TEXT_PRINT(office));
}

/* The lead that the round began with; replaced or not. */
static const struct call *first_receiver(const struct whistle *w)
{
    for (const struct call *c = w->calls; c; c = c->next)
        if (c->round == w->round && c->role == CALL_LEAD &&
            c->replaces.size == 0)
            return c;
    return NULL;
}

bool whistle_coordinates(const struct actor *actor, const struct whistle *w,
                         struct err *err)
{
    const struct call *first = first_receiver(w);

    return (first && role_of(actor->role) != ROLE_OFFICER &&
            text_equal(actor->office, first->office)) ||
           whistle_speaks_for(actor, w->street, err);
}

bool whistle_office_known(const struct decision *d, const char *office,
                          const char *field, struct err *err)
{
    if (reference_office(d->reference, office))
        return true;
    return err_reject(err, "unknown_office", field,
                      "没有单位%s / there is no office %s", office, office);
}

bool whistle_offices_known(const struct decision *d, const struct list *offices,
                           const char *field, struct err *err)
{
    const struct wire_office *items = offices->items;

    for (size_t i = 0; i < offices->count; i++) {
        struct text where = arena_print(d->arena, "%s[%zu]", field, i);

        if (!whistle_office_known(d, items[i].code, where.bytes, err))
            return false;
    }
    return true;
}

/* ---- officers ---- */

static struct text officer_key(const struct dispatch_state *s,
                               struct text office, struct text officer)
{
    return arena_print(s->officers.arena, "%.*s/%.*s", TEXT_PRINT(office),
                       TEXT_PRINT(officer));
}

struct officer *officer_find(struct dispatch_state *s, struct text office,
                             struct text officer)
{
    struct text key = officer_key(s, office, officer);

    return slots_find(&s->officers, key.bytes, key.size);
}

struct officer *officer_get(struct dispatch_state *s, struct text office,
                            struct text officer)
{
    struct text key = officer_key(s, office, officer);
    bool is_new;
    struct officer *o =
        slots_get(&s->officers, key.bytes, key.size, sizeof(*o), &is_new);

    if (is_new) {
        o->office = arena_text(s->officers.arena, office);
        o->officer = arena_text(s->officers.arena, officer);
        o->leave_from_us = o->leave_to_us = INSTANT_NONE;
    }
    return o;
}
