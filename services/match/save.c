/*
 * save.c - what decide changed, one statement a table.
 *
 * Each says how many rows it must touch: a version that does not go forward
 * means that somebody else has written, and stops the worker.
 */
#include "common/base/instant.h"
#include "services/match/match.h"
#include "services/match/rows.h"

#define LIST(column) "string_to_array(" column ", " SQL_SEPARATOR ")"

enum { SAVE_PARTNER, SAVE_NEED, SAVE_OFFER, SAVE_MATCH };

/* clang-format off */
const struct pg_stmt match_saves[] = {
    [SAVE_PARTNER] = { "match_save_partner",
      "INSERT INTO match.partner AS t (partner, version, name, kind, brand, "
      "home, active, capacity, capacity_left, commitment, commitment_left, "
      "rating_sum, rating_count, last_served, skills, serves, windows) "
      "SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, "
      LIST("o") ", " LIST("p") ", " LIST("q") " FROM unnest("
      "$1::uuid[], $2::int8[], $3::text[], $4::text[], $5::text[], "
      "$6::text[], $7::bool[], $8::int4[], $9::int4[], $10::int4[], "
      "$11::int4[], $12::int8[], $13::int8[], $14::timestamptz[], "
      "$15::text[], $16::text[], $17::text[]) "
      "AS u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q) "
      "ON CONFLICT (partner) DO UPDATE SET version = EXCLUDED.version, "
      "name = EXCLUDED.name, kind = EXCLUDED.kind, brand = EXCLUDED.brand, "
      "home = EXCLUDED.home, active = EXCLUDED.active, "
      "capacity = EXCLUDED.capacity, capacity_left = EXCLUDED.capacity_left, "
      "commitment = EXCLUDED.commitment, "
      "commitment_left = EXCLUDED.commitment_left, "
      "rating_sum = EXCLUDED.rating_sum, "
      "rating_count = EXCLUDED.rating_count, "
      "last_served = EXCLUDED.last_served, skills = EXCLUDED.skills, "
      "serves = EXCLUDED.serves, windows = EXCLUDED.windows "
      "WHERE t.version < EXCLUDED.version" },
    [SAVE_NEED] = { "match_save_need",
      "INSERT INTO match.need AS t (need, version, state, district, title, "
      "body, region, office, starts, ends, quantity, issue, home, why, "
      "partition, next_due, look, open, skills, prefers, conflicts) "
      "SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, "
      LIST("s") ", " LIST("t") ", " LIST("u") "::uuid[] FROM (SELECT "
      "unnest($1::uuid[]) a, unnest($2::int8[]) b, unnest($3::text[]) c, "
      "unnest($4::text[]) d, unnest($5::text[]) e, unnest($6::text[]) f, "
      "unnest($7::text[]) g, unnest($8::text[]) h, "
      "unnest($9::timestamptz[]) i, unnest($10::timestamptz[]) j, "
      "unnest($11::int4[]) k, unnest($12::uuid[]) l, unnest($13::text[]) m, "
      "unnest($14::text[]) n, unnest($15::int4[]) o, "
      "unnest($16::timestamptz[]) p, unnest($17::int4[]) q, "
      "unnest($18::bool[]) r, unnest($19::text[]) s, unnest($20::text[]) t, "
      "unnest($21::text[]) u) AS u "
      "ON CONFLICT (need) DO UPDATE SET version = EXCLUDED.version, "
      "state = EXCLUDED.state, quantity = EXCLUDED.quantity, "
      "why = EXCLUDED.why, next_due = EXCLUDED.next_due, "
      "look = EXCLUDED.look, open = EXCLUDED.open "
      "WHERE t.version < EXCLUDED.version" },
    [SAVE_OFFER] = { "match_save_offer",
      "INSERT INTO match.offer AS t (offer, version, state, district, "
      "partner, title, quantity, starts, ends, region, partition, next_due, "
      "look, open, skills) "
      "SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, " LIST("o")
      " FROM unnest($1::uuid[], $2::int8[], $3::text[], $4::text[], "
      "$5::uuid[], $6::text[], $7::int4[], $8::timestamptz[], "
      "$9::timestamptz[], $10::text[], $11::int4[], $12::timestamptz[], "
      "$13::int4[], $14::bool[], $15::text[]) "
      "AS u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o) "
      "ON CONFLICT (offer) DO UPDATE SET version = EXCLUDED.version, "
      "state = EXCLUDED.state, next_due = EXCLUDED.next_due, "
      "look = EXCLUDED.look, open = EXCLUDED.open "
      "WHERE t.version < EXCLUDED.version" },
    [SAVE_MATCH] = { "match_save_match",
      "INSERT INTO match.match AS t (match, version, state, need, partner, "
      "district, region, office, takes, commits, score, terms, proposed, "
      "accepted, serving, delivered, minutes, stars, reason, note, reviewer, "
      "beans, post_code, post_why, reference_version, partition, next_due, "
      "look, open) SELECT unnest($1::uuid[]), unnest($2::int8[]), "
      "unnest($3::text[]), unnest($4::uuid[]), unnest($5::uuid[]), "
      "unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), "
      "unnest($9::int4[]), unnest($10::int4[]), unnest($11::int4[]), "
      "unnest($12::text[]), unnest($13::timestamptz[]), "
      "unnest($14::timestamptz[]), unnest($15::timestamptz[]), "
      "unnest($16::timestamptz[]), unnest($17::int4[]), unnest($18::int4[]), "
      "unnest($19::text[]), unnest($20::text[]), unnest($21::text[]), "
      "unnest($22::int8[]), unnest($23::text[]), unnest($24::text[]), "
      "unnest($25::int8[]), unnest($26::int4[]), unnest($27::timestamptz[]), "
      "unnest($28::int4[]), unnest($29::bool[]) "
      "ON CONFLICT (match) DO UPDATE SET version = EXCLUDED.version, "
      "state = EXCLUDED.state, accepted = EXCLUDED.accepted, "
      "serving = EXCLUDED.serving, delivered = EXCLUDED.delivered, "
      "minutes = EXCLUDED.minutes, stars = EXCLUDED.stars, "
      "reason = EXCLUDED.reason, note = EXCLUDED.note, "
      "reviewer = EXCLUDED.reviewer, beans = EXCLUDED.beans, "
      "post_code = EXCLUDED.post_code, post_why = EXCLUDED.post_why, "
      "next_due = EXCLUDED.next_due, look = EXCLUDED.look, "
      "open = EXCLUDED.open WHERE t.version < EXCLUDED.version" },
    { 0 },
};

static struct pg_array
    partner_columns[] = {
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT8), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_BOOL), PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_INT8), PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
    },
    need_columns[] = {
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT8), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_INT4), PG_ARRAY(PG_UUID),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_INT4), PG_ARRAY(PG_BOOL),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT),
    },
    offer_columns[] = {
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT8), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_UUID), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_INT4), PG_ARRAY(PG_BOOL),
        PG_ARRAY(PG_TEXT),
    },
    match_columns[] = {
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT8), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_UUID), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT4), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_INT4), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_INT4), PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_BOOL),
    };
/* clang-format on */

/* ---- one value a column ---- */

static void put_separator(struct buf *out)
{
    if (out->size > 0)
        buf_put_byte(out, LIST_SEPARATOR);
}

static void put_texts(struct pg_array *c, struct texts list)
{
    AUTO(buf) struct buf out = {0};

    for (size_t i = 0; i < list.count; i++) {
        put_separator(&out);
        buf_put_text(&out, list.items[i]);
    }
    pg_put_text(c, buf_text(&out));
}

static void put_regions(struct pg_array *c, struct regions list)
{
    AUTO(buf) struct buf out = {0};

    for (size_t i = 0; i < list.count; i++) {
        put_separator(&out);
        buf_put_text(&out, text_of(list.items[i]));
    }
    pg_put_text(c, buf_text(&out));
}

static void put_windows(struct pg_array *c, struct windows list)
{
    AUTO(buf) struct buf out = {0};
    char from[INSTANT_TEXT_SIZE], to[INSTANT_TEXT_SIZE];

    for (size_t i = 0; i < list.count; i++) {
        instant_print(list.items[i].from_us, from);
        instant_print(list.items[i].to_us, to);
        put_separator(&out);
        buf_print(&out, "%s/%s", from, to);
    }
    pg_put_text(c, buf_text(&out));
}

static void put_ids(struct pg_array *c, struct texts raw)
{
    AUTO(buf) struct buf out = {0};
    char text[UUID_TEXT_SIZE];

    for (size_t i = 0; i < raw.count; i++) {
        uuid_print((const struct uuid *)raw.items[i].bytes, text);
        put_separator(&out);
        buf_put_text(&out, text_of(text));
    }
    pg_put_text(c, buf_text(&out));
}

static void put_int_if(struct pg_array *c, int64_t value)
{
    if (value == INT_ABSENT)
        pg_put_null(c);
    else
        pg_put_int(c, value);
}

static struct pg_array *put_waiting(struct pg_array *c, const struct waiting *w)
{
    pg_put_int(c++, w->partition);
    pg_put_instant(c++, w->due_us);
    pg_put_int(c++, w->look);
    return c;
}

/* ---- one row, columns in the order of the statement ---- */

static bool put_partner(const void *thing)
{
    const struct partner *p = thing;
    struct pg_array *c = partner_columns;

    if (!p->changed)
        return false;
    pg_put_uuid(c++, &p->id);
    pg_put_int(c++, p->version);
    pg_put_text(c++, p->name);
    pg_put_string(c++, partner_kind_names[p->kind]);
    pg_put_string(c++, partner_brand_names[p->brand]);
    pg_put_string(c++, p->home);
    pg_put_bool(c++, p->active);
    pg_put_int(c++, p->capacity);
    pg_put_int(c++, p->capacity_left);
    pg_put_int(c++, p->commitment);
    pg_put_int(c++, p->commitment_left);
    pg_put_int(c++, p->rating_sum);
    pg_put_int(c++, p->rating_count);
    pg_put_instant(c++, p->last_served_us);
    put_texts(c++, p->skills);
    put_regions(c++, p->serves);
    put_windows(c++, p->windows);
    return true;
}

static bool put_need(const void *thing)
{
    const struct need *n = thing;
    struct pg_array *c = need_columns;

    if (!n->changed)
        return false;
    pg_put_uuid(c++, &n->id);
    pg_put_int(c++, n->version);
    pg_put_string(c++, need_state_names[n->state]);
    pg_put_text(c++, n->key);
    pg_put_text(c++, n->title);
    pg_put_text_or_null(c++, n->text);
    pg_put_string(c++, n->region);
    pg_put_text(c++, n->office);
    pg_put_instant(c++, n->from_us);
    pg_put_instant(c++, n->to_us);
    pg_put_int(c++, n->quantity);
    pg_put_uuid_or_null(c++, &n->issue);
    pg_put_text_or_null(c++, n->home);
    pg_put_text_or_null(c++, n->why);
    c = put_waiting(c, &n->waiting);
    pg_put_bool(c++, n->state == NEED_PUBLISHED || n->state == NEED_MATCHED);
    put_texts(c++, n->skills);
    put_texts(c++, n->prefers);
    put_ids(c++, n->conflicts);
    return true;
}

static bool put_offer(const void *thing)
{
    const struct offer *o = thing;
    struct pg_array *c = offer_columns;

    if (!o->changed)
        return false;
    pg_put_uuid(c++, &o->id);
    pg_put_int(c++, o->version);
    pg_put_string(c++, o->expired ? "expired" : "published");
    pg_put_text(c++, o->key);
    pg_put_uuid(c++, &o->partner);
    pg_put_text(c++, o->title);
    pg_put_int(c++, o->quantity);
    pg_put_instant(c++, o->from_us);
    pg_put_instant(c++, o->to_us);
    pg_put_string(c++, o->region);
    c = put_waiting(c, &o->waiting);
    pg_put_bool(c++, !o->expired);
    put_texts(c++, o->skills);
    return true;
}

static bool is_open(const struct match *m)
{
    return m->state == MATCH_PROPOSED || m->state == MATCH_ACCEPTED ||
           m->state == MATCH_SERVING || m->state == MATCH_DELIVERED ||
           m->state == MATCH_RATED;
}

static struct pg_array *put_course(struct pg_array *c, const struct match *m)
{
    pg_put_instant(c++, m->proposed_us);
    pg_put_instant(c++, m->accepted_us);
    pg_put_instant(c++, m->serving_us);
    pg_put_instant(c++, m->delivered_us);
    put_int_if(c++, m->minutes);
    put_int_if(c++, m->stars);
    pg_put_text_or_null(c++, m->reason);
    pg_put_text_or_null(c++, m->note);
    pg_put_text_or_null(c++, m->reviewer);
    put_int_if(c++, m->beans);
    pg_put_text_or_null(c++, m->post_code);
    pg_put_text_or_null(c++, m->post_why);
    return c;
}

static bool put_match(const void *thing)
{
    const struct match *m = thing;
    struct pg_array *c = match_columns;

    if (!m->changed)
        return false;
    pg_put_uuid(c++, &m->id);
    pg_put_int(c++, m->version);
    pg_put_string(c++, match_stage_names[m->state]);
    pg_put_uuid(c++, &m->need->id);
    pg_put_uuid(c++, &m->partner->id);
    pg_put_text(c++, m->need->key);
    pg_put_string(c++, m->need->region);
    pg_put_text(c++, m->need->office);
    pg_put_int(c++, m->takes);
    pg_put_int(c++, m->commits);
    pg_put_int(c++, m->score);
    pg_put_text(c++, m->terms);
    c = put_course(c, m);
    pg_put_int(c++, m->reference_version);
    c = put_waiting(c, &m->waiting);
    pg_put_bool(c++, is_open(m));
    return true;
}

/* ---- a table ---- */

struct table {
    bool (*put)(const void *thing); /* false: it has not changed */
    struct pg_array *columns;
    size_t count;
};

static bool take_all(const struct pg_rows *rows, void *expected,
                     struct err *err)
{
    if (rows->affected == *(const int64_t *)expected)
        return true;
    return err_fatal(err, "stale_version",
                     "%lld rows were written instead of %lld: another worker "
                     "has changed them",
                     (long long)rows->affected,
                     (long long)*(const int64_t *)expected);
}

static bool save_table(struct batch *b, struct pg *pg,
                       const struct table *table, const struct slots *slots,
                       const struct pg_stmt *statement, struct err *err)
{
    int64_t *expected = arena_give(&b->arena, sizeof(*expected));
    struct pg_params p = {0};

    for (size_t i = 0; i < table->count; i++)
        pg_array_reset(&table->columns[i]);
    for (size_t i = 0; i < slots->count; i++)
        *expected += table->put(slots->items[i].thing);
    if (*expected == 0)
        return true;
    for (size_t i = 0; i < table->count; i++)
        pg_param_array(&p, &table->columns[i]);
    return pg_send(pg, statement, &p, take_all, expected, err);
}

bool matches_save(struct batch *b, struct pg *pg, struct err *err)
{
    static const struct table tables[] = {
        {put_partner, partner_columns, COUNT_OF(partner_columns)},
        {put_need, need_columns, COUNT_OF(need_columns)},
        {put_offer, offer_columns, COUNT_OF(offer_columns)},
        {put_match, match_columns, COUNT_OF(match_columns)},
    };
    const struct match_state *state = b->state;
    const struct slots *slots[] = {&state->partners, &state->needs,
                                   &state->offers, &state->matches};

    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (!save_table(b, pg, &tables[i], slots[i], &match_saves[i], err))
            return false;
    return true;
}
