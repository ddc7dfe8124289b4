/*
 * save.c - what decide changed, one statement a table and batch.
 *
 * An update asserts the version that was loaded: the fence makes us the only
 * writer, so a row that does not match is a mistake of ours.
 */
#include "services/dispatch/whistle.h"

enum { WHISTLE_NEW, WHISTLE_SET, PAST_NEW, CALL_NEW, CALL_SET, OFFICER_SET };

/* clang-format off */
const struct pg_stmt whistle_save_statements[] = {
    [WHISTLE_NEW] = { "whistle_new",
        "INSERT INTO dispatch.whistle (id, version, partition, state, number,"
        " kind, matter, region, street, facts, tried, place, lng, lat, lead,"
        " assists, contact, meet_at, meet_place, issue, home, drafted_by,"
        " submitted_by, approved_by, reason, round, round_facts,"
        " reference_version, drafted_at, issued_at, ended_at, conferred,"
        " escalation, escalated_at)"
        " SELECT unnest($1::uuid[]), unnest($2::int8[]), unnest($3::int4[]),"
        " unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),"
        " unnest($7::text[]), unnest($8::text[]), unnest($9::text[]),"
        " unnest($10::text[]), unnest($11::text[]), unnest($12::text[]),"
        " unnest($13::int4[]), unnest($14::int4[]), unnest($15::text[]),"
        " unnest($16::text[]), unnest($17::text[]),"
        " unnest($18::timestamptz[]), unnest($19::text[]),"
        " unnest($20::uuid[]), unnest($21::text[]), unnest($22::text[]),"
        " unnest($23::text[]), unnest($24::text[]), unnest($25::text[]),"
        " unnest($26::int4[]), unnest($27::text[]), unnest($28::int8[]),"
        " unnest($29::timestamptz[]), unnest($30::timestamptz[]),"
        " unnest($31::timestamptz[]), unnest($32::text[]),"
        " unnest($33::text[]), unnest($34::timestamptz[])" },
    [WHISTLE_SET] = { "whistle_set",
        "UPDATE dispatch.whistle w SET version = n.version, state = n.state,"
        " submitted_by = n.submitted_by, approved_by = n.approved_by,"
        " reason = n.reason, round = n.round, round_facts = n.round_facts,"
        " reference_version = n.reference_version, issued_at = n.issued_at,"
        " ended_at = n.ended_at, facts = n.facts, tried = n.tried,"
        " lead = n.lead, assists = n.assists, conferred = n.conferred,"
        " escalation = n.escalation, escalated_at = n.escalated_at"
        " FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::text[],"
        " $5::text[], $6::text[], $7::text[], $8::int4[], $9::text[],"
        " $10::int8[], $11::timestamptz[], $12::timestamptz[],"
        " $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],"
        " $18::text[], $19::timestamptz[])"
        " AS n (id, was, version, state, submitted_by, approved_by, reason,"
        " round, round_facts, reference_version, issued_at, ended_at,"
        " facts, tried, lead, assists, conferred, escalation, escalated_at)"
        " WHERE w.id = n.id AND w.version = n.was" },
    [PAST_NEW] = { "past_new",
        "INSERT INTO dispatch.past_round (whistle, round, facts, issued_at,"
        " ended_at, street)"
        " SELECT unnest($1::uuid[]), unnest($2::int4[]), unnest($3::text[]),"
        " unnest($4::timestamptz[]), unnest($5::timestamptz[]),"
        " unnest($6::text[])" },
    [CALL_NEW] = { "call_new",
        "INSERT INTO dispatch.call (whistle, round, office, role, open,"
        " passed_over, replaces, partition, claimed_by, half)"
        " SELECT unnest($1::uuid[]), unnest($2::int4[]), unnest($3::text[]),"
        " unnest($4::text[]), unnest($5::bool[]), unnest($6::text[]),"
        " unnest($7::text[]), unnest($8::int4[]), unnest($9::text[]),"
        " unnest($10::bool[])" },
    [CALL_SET] = { "call_set",
        "UPDATE dispatch.call c SET open = n.open,"
        " passed_over = n.passed_over, claimed_by = n.claimed_by,"
        " half = n.half"
        " FROM unnest($1::uuid[], $2::int4[], $3::text[], $4::bool[],"
        " $5::text[], $6::text[], $7::bool[])"
        " AS n (whistle, round, office, open, passed_over, claimed_by, half)"
        " WHERE c.whistle = n.whistle AND c.round = n.round"
        " AND c.office = n.office" },
    [OFFICER_SET] = { "officer_set",
        "INSERT INTO dispatch.officer (office, officer, name, skills, version,"
        " capacity, on_duty, leave_from, leave_to, place, line, shift)"
        " SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]),"
        " unnest($4::text[]), unnest($5::int8[]), unnest($6::int4[]),"
        " unnest($7::bool[]), unnest($8::timestamptz[]),"
        " unnest($9::timestamptz[]), unnest($10::text[]),"
        " unnest($11::text[]), unnest($12::text[])"
        " ON CONFLICT (office, officer) DO UPDATE SET name = excluded.name,"
        " skills = excluded.skills, version = excluded.version,"
        " capacity = excluded.capacity, on_duty = excluded.on_duty,"
        " leave_from = excluded.leave_from, leave_to = excluded.leave_to,"
        " place = excluded.place, line = excluded.line,"
        " shift = excluded.shift" },
    { 0 },
};
/* clang-format on */

/* ---- columns: kept for the next batch, so that nothing is allocated ---- */

#define COLUMNS_MAX 34

struct columns {
    int count;
    bool typed;
    struct pg_array arrays[COLUMNS_MAX];
};

static void columns_reset(struct columns *c, const enum pg_type *types,
                          int count)
{
    c->count = count;
    for (int i = 0; i < count; i++) {
        if (!c->typed)
            c->arrays[i] = (struct pg_array)PG_ARRAY(types[i]);
        pg_array_reset(&c->arrays[i]);
    }
    c->typed = true;
}

static void put_int_or_null(struct pg_array *a, int64_t value)
{
    if (value == INT_ABSENT)
        pg_put_null(a);
    else
        pg_put_int(a, value);
}

/* The number of rows that must have been written. */
static bool take_written(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    const int64_t *expected = context;

    if (rows->affected == *expected)
        return true;
    return err_fatal(err, "lost_row", "%lld rows were written, not %lld",
                     (long long)rows->affected, (long long)*expected);
}

static bool send_columns(struct batch *b, struct pg *pg, int statement,
                         struct columns *c, struct err *err)
{
    struct pg_params params = {.count = 0};
    int64_t *expected;

    if (c->arrays[0].count == 0)
        return true;
    expected = arena_give(&b->arena, sizeof(*expected));
    *expected = c->arrays[0].count;
    for (int i = 0; i < c->count; i++)
        pg_param_array(&params, &c->arrays[i]);
    return pg_send(pg, &whistle_save_statements[statement], &params,
                   take_written, expected, err);
}

/* ---- whistles ---- */

static void put_new_head(struct pg_array *a, const struct whistle *w)
{
    pg_put_uuid(a++, &w->id);
    pg_put_int(a++, w->version);
    pg_put_int(a++, w->partition);
    pg_put_string(a++, whistle_states[w->state]);
    pg_put_text(a++, w->number);
    pg_put_text(a++, w->kind);
    pg_put_text(a++, w->matter);
    pg_put_text(a++, w->region);
    pg_put_text(a++, w->street);
    pg_put_text(a++, w->facts);
    pg_put_text_or_null(a++, w->tried);
    pg_put_text_or_null(a++, w->place);
    put_int_or_null(a++, w->lng);
    put_int_or_null(a++, w->lat);
    pg_put_text_or_null(a++, w->lead);
    pg_put_text_or_null(a++, w->assists);
    pg_put_text_or_null(a++, w->contact);
    pg_put_instant(a++, w->meet_at_us);
    pg_put_text_or_null(a, w->meet_place);
}

static void put_new_tail(struct pg_array *a, const struct whistle *w)
{
    pg_put_uuid_or_null(a++, &w->issue);
    pg_put_text_or_null(a++, w->home);
    pg_put_text(a++, w->drafted_by);
    pg_put_text_or_null(a++, w->submitted_by);
    pg_put_text_or_null(a++, w->approved_by);
    pg_put_text_or_null(a++, w->reason);
    pg_put_int(a++, w->round);
    pg_put_text_or_null(a++, w->round_facts);
    pg_put_int(a++, w->reference_version);
    pg_put_instant(a++, w->drafted_at_us);
    pg_put_instant(a++, w->issued_at_us);
    pg_put_instant(a++, w->ended_at_us);
    pg_put_text_or_null(a++, w->conferred);
    pg_put_text_or_null(a++, w->escalation);
    pg_put_instant(a, w->escalated_at_us);
}

static void put_set(struct pg_array *a, const struct whistle *w)
{
    pg_put_uuid(a++, &w->id);
    pg_put_int(a++, w->loaded_version);
    pg_put_int(a++, w->version);
    pg_put_string(a++, whistle_states[w->state]);
    pg_put_text_or_null(a++, w->submitted_by);
    pg_put_text_or_null(a++, w->approved_by);
    pg_put_text_or_null(a++, w->reason);
    pg_put_int(a++, w->round);
    pg_put_text_or_null(a++, w->round_facts);
    pg_put_int(a++, w->reference_version);
    pg_put_instant(a++, w->issued_at_us);
    pg_put_instant(a++, w->ended_at_us);
    pg_put_text(a++, w->facts);
    pg_put_text_or_null(a++, w->tried);
    pg_put_text_or_null(a++, w->lead);
    pg_put_text_or_null(a++, w->assists);
    pg_put_text_or_null(a++, w->conferred);
    pg_put_text_or_null(a++, w->escalation);
    pg_put_instant(a, w->escalated_at_us);
}

static bool save_past(struct batch *b, struct pg *pg, struct err *err)
{
    static const enum pg_type types[] = {
        PG_UUID, PG_INT4, PG_TEXT, PG_TIMESTAMPTZ, PG_TIMESTAMPTZ, PG_TEXT,
    };
    static struct columns fresh;
    const struct dispatch_state *s = b->state;

    columns_reset(&fresh, types, COUNT_OF(types));
    for (size_t i = 0; i < s->whistles.count; i++) {
        const struct whistle *w = s->whistles.items[i].thing;

        for (const struct past_round *p = w->past; p; p = p->next) {
            struct pg_array *a = fresh.arrays;

            pg_put_uuid(a++, &w->id);
            pg_put_int(a++, p->round);
            pg_put_text_or_null(a++, p->facts);
            pg_put_instant(a++, p->issued_at_us);
            pg_put_instant(a++, p->ended_at_us);
            pg_put_text(a, w->street);
        }
    }
    return send_columns(b, pg, PAST_NEW, &fresh, err);
}

static bool save_whistles(struct batch *b, struct pg *pg, struct err *err)
{
    static const enum pg_type of_new[] = {
        PG_UUID,        PG_INT8, PG_INT4,        PG_TEXT,        PG_TEXT,
        PG_TEXT,        PG_TEXT, PG_TEXT,        PG_TEXT,        PG_TEXT,
        PG_TEXT,        PG_TEXT, PG_INT4,        PG_INT4,        PG_TEXT,
        PG_TEXT,        PG_TEXT, PG_TIMESTAMPTZ, PG_TEXT,        PG_UUID,
        PG_TEXT,        PG_TEXT, PG_TEXT,        PG_TEXT,        PG_TEXT,
        PG_INT4,        PG_TEXT, PG_INT8,        PG_TIMESTAMPTZ, PG_TIMESTAMPTZ,
        PG_TIMESTAMPTZ, PG_TEXT, PG_TEXT,        PG_TIMESTAMPTZ,
    };
    static const enum pg_type of_set[] = {
        PG_UUID, PG_INT8, PG_INT8, PG_TEXT, PG_TEXT,        PG_TEXT,
        PG_TEXT, PG_INT4, PG_TEXT, PG_INT8, PG_TIMESTAMPTZ, PG_TIMESTAMPTZ,
        PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT,        PG_TEXT,
        PG_TIMESTAMPTZ,
    };
    static struct columns fresh, set;
    const struct dispatch_state *s = b->state;

    columns_reset(&fresh, of_new, COUNT_OF(of_new));
    columns_reset(&set, of_set, COUNT_OF(of_set));
    for (size_t i = 0; i < s->whistles.count; i++) {
        const struct whistle *w = s->whistles.items[i].thing;

        if (w->loaded_version == 0) {
            put_new_head(&fresh.arrays[0], w);
            put_new_tail(&fresh.arrays[19], w);
        } else if (w->changed) {
            put_set(&set.arrays[0], w);
        }
    }
    return send_columns(b, pg, WHISTLE_NEW, &fresh, err) &&
           send_columns(b, pg, WHISTLE_SET, &set, err);
}

/* ---- calls ---- */

static void put_call(struct pg_array *a, const struct whistle *w,
                     const struct call *c)
{
    pg_put_uuid(a++, &w->id);
    pg_put_int(a++, c->round);
    pg_put_text(a++, c->office);
    pg_put_string(a++, call_roles[c->role]);
    pg_put_bool(a++, c->open);
    pg_put_text_or_null(a++, c->passed_over);
    pg_put_text_or_null(a++, c->replaces);
    pg_put_int(a++, w->partition);
    pg_put_text_or_null(a++, c->claimed_by);
    pg_put_bool(a, c->half);
}

static void put_call_set(struct pg_array *a, const struct whistle *w,
                         const struct call *c)
{
    pg_put_uuid(a++, &w->id);
    pg_put_int(a++, c->round);
    pg_put_text(a++, c->office);
    pg_put_bool(a++, c->open);
    pg_put_text_or_null(a++, c->passed_over);
    pg_put_text_or_null(a++, c->claimed_by);
    pg_put_bool(a, c->half);
}

static bool save_calls(struct batch *b, struct pg *pg, struct err *err)
{
    static const enum pg_type of_new[] = {PG_UUID, PG_INT4, PG_TEXT, PG_TEXT,
                                          PG_BOOL, PG_TEXT, PG_TEXT, PG_INT4,
                                          PG_TEXT, PG_BOOL};
    static const enum pg_type of_set[] = {PG_UUID, PG_INT4, PG_TEXT, PG_BOOL,
                                          PG_TEXT, PG_TEXT, PG_BOOL};
    static struct columns fresh, set;
    const struct dispatch_state *s = b->state;

    columns_reset(&fresh, of_new, COUNT_OF(of_new));
    columns_reset(&set, of_set, COUNT_OF(of_set));
    for (size_t i = 0; i < s->whistles.count; i++) {
        const struct whistle *w = s->whistles.items[i].thing;

        for (const struct call *c = w->calls; c; c = c->next) {
            if (c->fresh)
                put_call(&fresh.arrays[0], w, c);
            else if (c->changed)
                put_call_set(&set.arrays[0], w, c);
        }
    }
    return send_columns(b, pg, CALL_NEW, &fresh, err) &&
           send_columns(b, pg, CALL_SET, &set, err);
}

/* ---- officers ---- */

static bool save_officers(struct batch *b, struct pg *pg, struct err *err)
{
    static const enum pg_type types[] = {
        PG_TEXT, PG_TEXT, PG_TEXT,        PG_TEXT,        PG_INT8,
        PG_INT4, PG_BOOL, PG_TIMESTAMPTZ, PG_TIMESTAMPTZ, PG_TEXT,
        PG_TEXT, PG_TEXT,
    };
    static struct columns set;
    const struct dispatch_state *s = b->state;

    columns_reset(&set, types, COUNT_OF(types));
    for (size_t i = 0; i < s->officers.count; i++) {
        const struct officer *o = s->officers.items[i].thing;
        struct pg_array *a = set.arrays;

        if (!o->changed)
            continue;
        pg_put_text(a++, o->office);
        pg_put_text(a++, o->officer);
        pg_put_text(a++, o->name);
        pg_put_text_or_null(a++, o->skills);
        pg_put_int(a++, o->version);
        pg_put_int(a++, o->capacity);
        pg_put_bool(a++, o->on_duty);
        pg_put_instant(a++, o->leave_from_us);
        pg_put_instant(a++, o->leave_to_us);
        pg_put_text_or_null(a++, o->place);
        pg_put_text_or_null(a++, o->line);
        pg_put_text_or_null(a, o->shift);
    }
    return send_columns(b, pg, OFFICER_SET, &set, err);
}

bool whistles_save(struct batch *batch, struct pg *pg, struct err *err)
{
    return save_whistles(batch, pg, err) && save_past(batch, pg, err) &&
           save_calls(batch, pg, err) &&
           save_officers(batch, pg, err);
}
