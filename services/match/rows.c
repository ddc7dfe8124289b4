/* rows.c - reads loaded rows, column by column in the order of load.c. */
#include <string.h>

#include "common/base/instant.h"
#include "services/match/match.h"
#include "services/match/rows.h"

struct cursor {
    const struct pg_rows *rows;
    struct arena *arena;
    int row, column; /* the next column */
};

static struct text next_text(struct cursor *c)
{
    return arena_text(c->arena, pg_text(c->rows, c->row, c->column++));
}

static int64_t next_int(struct cursor *c)
{
    return pg_int(c->rows, c->row, c->column++);
}

/* NULL is INT_ABSENT. */
static int64_t next_int_if(struct cursor *c)
{
    int column = c->column++;

    return pg_null(c->rows, c->row, column) ? INT_ABSENT
                                            : pg_int(c->rows, c->row, column);
}

static bool next_bool(struct cursor *c)
{
    return pg_bool(c->rows, c->row, c->column++);
}

static int64_t next_instant(struct cursor *c)
{
    return pg_instant(c->rows, c->row, c->column++);
}

static struct uuid next_uuid(struct cursor *c)
{
    return pg_uuid(c->rows, c->row, c->column++);
}

static int next_name(struct cursor *c, const char *const *names)
{
    return name_index(names, pg_text(c->rows, c->row, c->column++));
}

static void next_code(struct cursor *c, char *into, size_t size)
{
    pg_code(c->rows, c->row, c->column++, into, size);
}

static struct waiting next_waiting(struct cursor *c)
{
    struct waiting w = {.partition = (int32_t)next_int(c)};

    w.due_us = next_instant(c);
    w.look = next_int(c);
    return w;
}

static struct texts next_texts(struct cursor *c)
{
    struct text rest = next_text(c);
    size_t count = rest.size > 0;
    struct text *items;

    for (size_t i = 0; i < rest.size; i++)
        count += rest.bytes[i] == LIST_SEPARATOR;
    items = arena_array(c->arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = text_cut(rest, LIST_SEPARATOR, &rest);
    return (struct texts){items, count};
}

static struct regions next_regions(struct cursor *c)
{
    struct texts list = next_texts(c);
    char(*codes)[REGION_SIZE] =
        arena_array(c->arena, list.count, sizeof(*codes));

    for (size_t i = 0; i < list.count; i++)
        snprintf(codes[i], sizeof(codes[i]), "%.*s", TEXT_PRINT(list.items[i]));
    return (struct regions){(const char(*)[REGION_SIZE])codes, list.count};
}

static bool next_windows(struct cursor *c, struct windows *ret, struct err *err)
{
    struct texts list = next_texts(c);
    struct window *items = arena_array(c->arena, list.count, sizeof(*items));

    for (size_t i = 0; i < list.count; i++) {
        struct text to, from = text_cut(list.items[i], '/', &to);

        if (!instant_parse(from, &items[i].from_us) ||
            !instant_parse(to, &items[i].to_us))
            return err_fatal(err, "bad_row", "match.partner: window %.*s",
                             TEXT_PRINT(list.items[i]));
    }
    *ret = (struct windows){items, list.count};
    return true;
}

/* Raw bytes, as candidates of a ranking have them. */
static bool next_ids(struct cursor *c, struct texts *ret, struct err *err)
{
    struct texts list = next_texts(c);
    struct uuid *ids = arena_array(c->arena, list.count, sizeof(*ids));
    struct text *items = arena_array(c->arena, list.count, sizeof(*items));

    for (size_t i = 0; i < list.count; i++) {
        if (!uuid_parse(list.items[i], &ids[i]))
            return err_fatal(err, "bad_row", "match.need: conflict %.*s",
                             TEXT_PRINT(list.items[i]));
        items[i] =
            (struct text){(const char *)ids[i].bytes, sizeof(ids[i].bytes)};
    }
    *ret = (struct texts){items, list.count};
    return true;
}

/* ---- tables ---- */

static bool take_need(struct cursor *c, struct match_state *state,
                      struct err *err)
{
    struct uuid id = next_uuid(c);
    struct need *n =
        slots_get(&state->needs, &id, sizeof(id), sizeof(*n), NULL);

    n->id = id;
    n->version = next_int(c);
    n->state = (enum need_state)next_name(c, need_state_names);
    n->key = next_text(c);
    n->title = next_text(c);
    n->text = next_text(c);
    next_code(c, n->region, sizeof(n->region));
    n->office = next_text(c);
    n->skills = next_texts(c);
    n->prefers = next_texts(c);
    if (!next_ids(c, &n->conflicts, err))
        return false;
    n->from_us = next_instant(c);
    n->to_us = next_instant(c);
    n->quantity = next_int(c);
    n->issue = next_uuid(c);
    n->home = next_text(c);
    n->why = next_text(c);
    n->waiting = next_waiting(c);
    return true;
}

static bool take_partner(struct cursor *c, struct match_state *state,
                         struct err *err)
{
    struct uuid id = next_uuid(c);
    struct partner *p =
        slots_get(&state->partners, &id, sizeof(id), sizeof(*p), NULL);

    p->id = id;
    p->version = next_int(c);
    p->name = next_text(c);
    p->kind = next_name(c, partner_kind_names);
    p->brand = next_name(c, partner_brand_names);
    p->skills = next_texts(c);
    p->serves = next_regions(c);
    next_code(c, p->home, sizeof(p->home));
    if (!next_windows(c, &p->windows, err))
        return false;
    p->active = next_bool(c);
    p->capacity = next_int(c);
    p->capacity_left = next_int(c);
    p->commitment = next_int(c);
    p->commitment_left = next_int(c);
    p->rating_sum = next_int(c);
    p->rating_count = next_int(c);
    p->last_served_us = next_instant(c);
    return true;
}

static bool take_offer(struct cursor *c, struct match_state *state,
                       struct err *err)
{
    struct uuid id = next_uuid(c);
    struct offer *o =
        slots_get(&state->offers, &id, sizeof(id), sizeof(*o), NULL);

    (void)err;
    o->id = id;
    o->version = next_int(c);
    o->expired = text_is(next_text(c), "expired");
    o->key = next_text(c);
    o->partner = next_uuid(c);
    o->title = next_text(c);
    o->skills = next_texts(c);
    o->quantity = next_int(c);
    o->from_us = next_instant(c);
    o->to_us = next_instant(c);
    next_code(c, o->region, sizeof(o->region));
    o->waiting = next_waiting(c);
    return true;
}

static void fill_match(struct cursor *c, struct match *m)
{
    m->takes = next_int(c);
    m->commits = next_int(c);
    m->score = next_int(c);
    m->terms = next_text(c);
    m->proposed_us = next_instant(c);
    m->accepted_us = next_instant(c);
    m->serving_us = next_instant(c);
    m->delivered_us = next_instant(c);
    m->minutes = next_int_if(c);
    m->stars = next_int_if(c);
    m->reason = next_text(c);
    m->note = next_text(c);
    m->reviewer = next_text(c);
    m->beans = next_int_if(c);
    m->post_code = next_text(c);
    m->post_why = next_text(c);
    m->reference_version = next_int(c);
    m->waiting = next_waiting(c);
}

static bool take_match(struct cursor *c, struct match_state *state,
                       struct err *err)
{
    struct uuid id = next_uuid(c), need, partner;
    struct match *m =
        slots_get(&state->matches, &id, sizeof(id), sizeof(*m), NULL);

    m->id = id;
    m->version = next_int(c);
    m->state = (enum match_stage)next_name(c, match_stage_names);
    need = next_uuid(c);
    partner = next_uuid(c);
    m->need = slots_find(&state->needs, &need, sizeof(need));
    m->partner = slots_find(&state->partners, &partner, sizeof(partner));
    if (!m->need || !m->partner)
        return err_fatal(err, "bad_row",
                         "match.match: its need or partner is not there");
    fill_match(c, m);
    match_join(m->need, m);
    return true;
}

/* ---- results ---- */

static bool take_rows(const struct pg_rows *rows, struct batch *b,
                      bool (*take)(struct cursor *, struct match_state *,
                                   struct err *),
                      struct err *err)
{
    for (int i = 0; i < rows->count; i++) {
        struct cursor c = {.rows = rows, .arena = &b->arena, .row = i};

        if (!take(&c, b->state, err))
            return false;
    }
    return true;
}

bool match_take_needs(const struct pg_rows *rows, void *batch, struct err *err)
{
    return take_rows(rows, batch, take_need, err);
}

bool match_take_partners(const struct pg_rows *rows, void *batch,
                         struct err *err)
{
    return take_rows(rows, batch, take_partner, err);
}

bool match_take_offers(const struct pg_rows *rows, void *batch, struct err *err)
{
    return take_rows(rows, batch, take_offer, err);
}

bool match_take_matches(const struct pg_rows *rows, void *batch,
                        struct err *err)
{
    return take_rows(rows, batch, take_match, err);
}
