/*
 * load.c - the whistles, calls and officers that a batch names, by arrays of
 * primary keys.
 *
 * A draft's own id is not asked for: it is new, or the log has dropped it.
 */
#include "services/dispatch/whistle.h"

enum { WHISTLES, CALLS, OFFICERS };

/* clang-format off */
const struct pg_stmt whistle_load_statements[] = {
    [WHISTLES] = { "whistle_load",
        "SELECT id, version, partition, state, number, kind, matter, region,"
        " street, facts, tried, place, lng, lat, lead, assists, contact,"
        " meet_at, meet_place, issue, home, drafted_by, submitted_by,"
        " approved_by, reason, round, round_facts, reference_version,"
        " drafted_at, issued_at, ended_at, conferred, escalation,"
        " escalated_at FROM dispatch.whistle WHERE id = ANY ($1)" },
    /* After the whistles, which take them; in the order of struct call. */
    [CALLS] = { "call_load",
        "SELECT whistle, round, office, role, open, passed_over, replaces,"
        " claimed_by, half"
        " FROM dispatch.call WHERE whistle = ANY ($1)"
        " ORDER BY whistle, round DESC, office COLLATE \"C\" DESC" },
    [OFFICERS] = { "officer_load",
        "SELECT o.office, o.officer, o.name, o.skills, o.version, o.capacity,"
        " o.on_duty, o.leave_from, o.leave_to, o.place, o.line, o.shift"
        " FROM dispatch.officer o JOIN unnest($1::text[], $2::text[])"
        " AS n (office, officer) USING (office, officer)" },
    { 0 },
};
/* clang-format on */

void whistles_begin(struct batch *batch)
{
    struct dispatch_state *s = batch->state;

    slots_start(&s->whistles, &batch->arena);
    slots_start(&s->officers, &batch->arena);
    s->wanted_end = &s->wanted;
    s->freed_end = &s->freed;
    s->claimed_end = &s->claimed;
}

/* ---- rows ---- */

struct row {
    const struct pg_rows *rows;
    int row, column;
    struct arena *arena;
};

static struct text next_text(struct row *r)
{
    int column = r->column++;

    if (pg_null(r->rows, r->row, column))
        return text_of("");
    return arena_text(r->arena, pg_text(r->rows, r->row, column));
}

static int64_t next_int(struct row *r)
{
    int column = r->column++;

    return pg_null(r->rows, r->row, column) ? INT_ABSENT
                                            : pg_int(r->rows, r->row, column);
}

static int64_t next_instant(struct row *r)
{
    int column = r->column++;

    return pg_null(r->rows, r->row, column)
               ? INSTANT_NONE
               : pg_instant(r->rows, r->row, column);
}

static struct uuid next_uuid(struct row *r)
{
    int column = r->column++;

    return pg_null(r->rows, r->row, column) ? (struct uuid){{0}}
                                            : pg_uuid(r->rows, r->row, column);
}

static bool next_bool(struct row *r)
{
    return pg_bool(r->rows, r->row, r->column++);
}

static void read_whistle(struct row *r, struct whistle *w)
{
    char text[UUID_TEXT_SIZE];

    w->id = next_uuid(r);
    uuid_print(&w->id, text);
    w->id_text = arena_text(r->arena, text_of(text));
    w->version = w->loaded_version = next_int(r);
    w->partition = (int32_t)next_int(r);
    w->state = name_index(whistle_states, next_text(r));
    w->number = next_text(r);
    w->kind = next_text(r);
    w->matter = next_text(r);
    w->region = next_text(r);
    w->street = next_text(r);
    w->facts = next_text(r);
    w->tried = next_text(r);
    w->place = next_text(r);
    w->lng = next_int(r);
    w->lat = next_int(r);
    w->lead = next_text(r);
    w->assists = next_text(r);
    w->contact = next_text(r);
    w->meet_at_us = next_instant(r);
    w->meet_place = next_text(r);
    w->issue = next_uuid(r);
    w->home = next_text(r);
    w->drafted_by = next_text(r);
    w->submitted_by = next_text(r);
    w->approved_by = next_text(r);
    w->reason = next_text(r);
    w->round = next_int(r);
    w->round_facts = next_text(r);
    w->reference_version = next_int(r);
    w->drafted_at_us = next_instant(r);
    w->issued_at_us = next_instant(r);
    w->ended_at_us = next_instant(r);
    w->conferred = next_text(r);
    w->escalation = next_text(r);
    w->escalated_at_us = next_instant(r);
}

static bool take_whistles(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    struct batch *b = context;
    struct dispatch_state *s = b->state;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct row r = {rows, i, 0, &b->arena};
        struct whistle *w = arena_give(&b->arena, sizeof(*w));

        read_whistle(&r, w);
        slots_put(&s->whistles, &w->id, sizeof(w->id), w);
    }
    return true;
}

/* Rows come last first, so that each goes to the head of its list. */
static bool take_calls(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct batch *b = context;
    struct dispatch_state *s = b->state;

    for (int i = 0; i < rows->count; i++) {
        struct row r = {rows, i, 0, &b->arena};
        struct uuid id = next_uuid(&r);
        struct whistle *w = slots_find(&s->whistles, &id, sizeof(id));
        struct call *c = arena_give(&b->arena, sizeof(*c));

        if (!w)
            return err_fatal(err, "no_whistle", "a call without its whistle");
        c->round = next_int(&r);
        c->office = next_text(&r);
        c->role = (enum call_role)name_index(call_roles, next_text(&r));
        c->open = next_bool(&r);
        c->passed_over = next_text(&r);
        c->replaces = next_text(&r);
        c->claimed_by = next_text(&r);
        c->half = next_bool(&r);
        c->next = w->calls;
        w->calls = c;
    }
    return true;
}

static bool take_officers(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    struct batch *b = context;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct row r = {rows, i, 0, &b->arena};
        struct text office = next_text(&r), officer = next_text(&r);
        struct officer *o = officer_get(b->state, office, officer);

        o->name = next_text(&r);
        o->skills = next_text(&r);
        o->version = next_int(&r);
        o->capacity = next_int(&r);
        o->on_duty = next_bool(&r);
        o->leave_from_us = next_instant(&r);
        o->leave_to_us = next_instant(&r);
        o->place = next_text(&r);
        o->line = next_text(&r);
        o->shift = next_text(&r);
    }
    return true;
}

/* ---- what the batch names ---- */

/* Both roster commands begin with office and officer. */
_Static_assert(offsetof(struct duty_in, officer) ==
                   offsetof(struct leave_in, officer),
               "duty_in and leave_in begin alike");

static void name_keys(struct batch *b, struct pg_array *ids,
                      struct pg_array *offices, struct pg_array *officers)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct message *m = batch_message(b, i);
        const struct duty_in *roster;

        if (!m || !m->in)
            continue;
        roster = m->in;
        if (text_starts(m->type, "office.")) {
            pg_put_string(offices, roster->office);
            pg_put_string(officers, roster->officer);
        } else if (text_starts(m->type, "whistle.") &&
                   !text_is(m->type, "whistle.draft")) {
            pg_put_uuid(ids, m->in);
        }
    }
}

static bool load_whistles(struct batch *b, struct pg *pg, struct pg_array *ids,
                          struct err *err)
{
    struct pg_params params = {.count = 0};

    pg_param_array(&params, ids);
    return pg_send(pg, &whistle_load_statements[WHISTLES], &params,
                   take_whistles, b, err) &&
           pg_send(pg, &whistle_load_statements[CALLS], &params, take_calls, b,
                   err);
}

bool whistles_load(struct batch *batch, struct pg *pg, struct err *err)
{
    AUTO(pg_array) struct pg_array ids = PG_ARRAY(PG_UUID);
    AUTO(pg_array) struct pg_array offices = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array officers = PG_ARRAY(PG_TEXT);
    struct pg_params params = {.count = 0};

    name_keys(batch, &ids, &offices, &officers);
    if (ids.count > 0 && !load_whistles(batch, pg, &ids, err))
        return false;
    if (offices.count == 0)
        return true;
    pg_param_array(&params, &offices);
    pg_param_array(&params, &officers);
    return pg_send(pg, &whistle_load_statements[OFFICERS], &params,
                   take_officers, batch, err);
}
