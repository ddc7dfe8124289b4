/*
 * save.c - what decide changed, one statement a table; transfers are only
 * ever added.
 */
#include "common/base/instant.h"
#include "services/ledger/ledger.h"

enum { SAVE_ENTRY, SAVE_ACCOUNT, SAVE_TRANSFER };

/* clang-format off */
const struct pg_stmt ledger_saves[] = {
    [SAVE_ENTRY] = { "ledger_save_entry",
      "INSERT INTO ledger.entry AS t (entry, version, state, district, match, "
      "member, rule, activity, minutes, beans, available, served, served_on, "
      "reviewer, expires, why, counts, partition, next_due, look, open) "
      "SELECT unnest($1::uuid[]), unnest($2::int8[]), unnest($3::text[]), "
      "unnest($4::text[]), unnest($5::uuid[]), unnest($6::text[]), "
      "unnest($7::text[]), unnest($8::text[]), unnest($9::int4[]), "
      "unnest($10::int8[]), unnest($11::int8[]), unnest($12::timestamptz[]), "
      "unnest($13::date[]), unnest($14::text[]), unnest($15::timestamptz[]), "
      "unnest($16::text[]), unnest($17::bool[]), unnest($18::int4[]), "
      "unnest($19::timestamptz[]), unnest($20::int4[]), unnest($21::bool[]) "
      "ON CONFLICT (entry) DO UPDATE SET version = EXCLUDED.version, "
      "state = EXCLUDED.state, available = EXCLUDED.available, "
      "why = EXCLUDED.why, counts = EXCLUDED.counts, "
      "next_due = EXCLUDED.next_due, look = EXCLUDED.look, "
      "open = EXCLUDED.open WHERE t.version < EXCLUDED.version" },
    [SAVE_ACCOUNT] = { "ledger_save_account",
      "INSERT INTO ledger.account AS t (account, version, balance) "
      "SELECT unnest($1::text[]), unnest($2::int8[]), unnest($3::int8[]) "
      "ON CONFLICT (account) DO UPDATE SET version = EXCLUDED.version, "
      "balance = EXCLUDED.balance WHERE t.version < EXCLUDED.version" },
    [SAVE_TRANSFER] = { "ledger_save_transfer",
      "INSERT INTO ledger.transfer (operation, n, entry, giver, taker, "
      "amount, at) SELECT unnest($1::uuid[]), unnest($2::int4[]), "
      "unnest($3::uuid[]), unnest($4::text[]), unnest($5::text[]), "
      "unnest($6::int8[]), unnest($7::timestamptz[])" },
    { 0 },
};

static struct pg_array
    entry_columns[] = {
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT8), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_UUID), PG_ARRAY(PG_TEXT),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_INT8), PG_ARRAY(PG_INT8), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_DATE), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TIMESTAMPTZ),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_BOOL), PG_ARRAY(PG_INT4),
        PG_ARRAY(PG_TIMESTAMPTZ), PG_ARRAY(PG_INT4), PG_ARRAY(PG_BOOL),
    },
    account_columns[] = {
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT8), PG_ARRAY(PG_INT8),
    },
    transfer_columns[] = {
        PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT4), PG_ARRAY(PG_UUID),
        PG_ARRAY(PG_TEXT), PG_ARRAY(PG_TEXT), PG_ARRAY(PG_INT8),
        PG_ARRAY(PG_TIMESTAMPTZ),
    };
/* clang-format on */

static void put_entry(const struct entry *e)
{
    struct pg_array *c = entry_columns;
    bool open = e->available > 0;

    pg_put_uuid(c++, &e->id);
    pg_put_int(c++, e->version);
    pg_put_string(c++, entry_state_names[e->state]);
    pg_put_text(c++, e->key);
    pg_put_uuid(c++, &e->match);
    pg_put_text(c++, e->member);
    pg_put_string(c++, e->rule);
    pg_put_text(c++, e->activity);
    pg_put_int(c++, e->minutes);
    pg_put_int(c++, e->beans);
    pg_put_int(c++, e->available);
    pg_put_instant(c++, e->served_us);
    pg_put_date(c++, date_of(e->served_us));
    pg_put_text(c++, e->reviewer);
    pg_put_instant(c++, e->expires_us);
    pg_put_text_or_null(c++, e->why);
    pg_put_bool(c++, e->state != ENTRY_REVERSED);
    pg_put_int(c++, e->partition);
    pg_put_instant(c++, open ? e->expires_us : INSTANT_NONE);
    pg_put_int(c++, e->look);
    pg_put_bool(c++, open);
}

static void put_account(const struct account *a)
{
    struct pg_array *c = account_columns;

    pg_put_text(c++, a->name);
    pg_put_int(c++, a->version);
    pg_put_int(c++, a->balance);
}

static void put_transfer(const struct transfer *t)
{
    struct pg_array *c = transfer_columns;

    pg_put_uuid(c++, &t->operation);
    pg_put_int(c++, t->n);
    pg_put_uuid(c++, &t->entry);
    pg_put_text(c++, t->from->name);
    pg_put_text(c++, t->to->name);
    pg_put_int(c++, t->amount);
    pg_put_instant(c++, t->at_us);
}

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

static void empty(struct pg_array *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pg_array_reset(&columns[i]);
}

static bool send(struct batch *b, struct pg *pg, int statement,
                 struct pg_array *columns, size_t count, struct err *err)
{
    int64_t *expected = arena_give(&b->arena, sizeof(*expected));
    struct pg_params p = {0};

    *expected = columns[0].count;
    if (*expected == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        pg_param_array(&p, &columns[i]);
    return pg_send(pg, &ledger_saves[statement], &p, take_all, expected, err);
}

bool ledger_save(struct batch *b, struct pg *pg, struct err *err)
{
    const struct ledger_state *state = b->state;

    empty(entry_columns, COUNT_OF(entry_columns));
    empty(account_columns, COUNT_OF(account_columns));
    empty(transfer_columns, COUNT_OF(transfer_columns));
    for (size_t i = 0; i < state->entries.count; i++) {
        const struct entry *e = state->entries.items[i].thing;

        if (e->changed)
            put_entry(e);
    }
    for (size_t i = 0; i < state->accounts.count; i++) {
        const struct account *a = state->accounts.items[i].thing;

        if (a->changed)
            put_account(a);
    }
    for (const struct transfer *t = state->transfers; t; t = t->next)
        put_transfer(t);
    return send(b, pg, SAVE_ENTRY, entry_columns, COUNT_OF(entry_columns),
                err) &&
           send(b, pg, SAVE_ACCOUNT, account_columns, COUNT_OF(account_columns),
                err) &&
           send(b, pg, SAVE_TRANSFER, transfer_columns,
                COUNT_OF(transfer_columns), err);
}
