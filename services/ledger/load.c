/*
 * load.c - the entries and accounts that a batch names.
 *
 * Of a member who earns, only what counts towards a cap or a duplicate comes
 * along: entries of the same activity, and of the month served. They are
 * taken before the accounts, into which both are joined by the member's name.
 */
#include "common/base/fsm.h"
#include "common/base/instant.h"
#include "services/ledger/ledger.h"

enum { LOAD_ENTRY, LOAD_ACCOUNT };

/* $1 ids of entries; $2 members, $3 activities, $4 and $5 the month of each */
/* clang-format off */
const struct pg_stmt ledger_loads[] = {
    [LOAD_ENTRY] = { "ledger_load_entry",
      "SELECT entry, version, state, district, match, member, rule, activity, "
      "minutes, beans, available, served, reviewer, expires, why, partition, "
      "look FROM ledger.entry WHERE entry IN (SELECT unnest($1::uuid[]) "
      "UNION SELECT e.entry FROM unnest($2::text[], $3::text[], $4::date[], "
      "$5::date[]) AS u(member, activity, first, last) "
      "JOIN ledger.entry e ON e.member = u.member AND e.counts "
      "AND (e.activity = u.activity "
      "OR e.served_on BETWEEN u.first AND u.last))" },
    /* $1 names of accounts, $2 ids of entries */
    [LOAD_ACCOUNT] = { "ledger_load_account",
      "SELECT account, version, balance FROM ledger.account "
      "WHERE account IN (SELECT unnest($1::text[]) UNION "
      "SELECT '" ACCOUNT_MEMBER "' || member FROM ledger.entry "
      "WHERE entry = ANY ($2::uuid[]))" },
    { 0 },
};
/* clang-format on */

/* ---- rows into the batch's state ---- */

static struct text kept(struct batch *b, const struct pg_rows *rows, int row,
                        int column)
{
    return arena_text(&b->arena, pg_text(rows, row, column));
}

static void take_entry(struct batch *b, const struct pg_rows *rows, int row)
{
    struct ledger_state *state = b->state;
    struct uuid id = pg_uuid(rows, row, 0);
    struct entry *e =
        slots_get(&state->entries, &id, sizeof(id), sizeof(*e), NULL);

    e->id = id;
    e->version = pg_int(rows, row, 1);
    e->state =
        (enum entry_state)name_index(entry_state_names, pg_text(rows, row, 2));
    e->key = kept(b, rows, row, 3);
    e->match = pg_uuid(rows, row, 4);
    e->member = kept(b, rows, row, 5);
    pg_code(rows, row, 6, e->rule, sizeof(e->rule));
    e->activity = kept(b, rows, row, 7);
    e->minutes = pg_int(rows, row, 8);
    e->beans = pg_int(rows, row, 9);
    e->available = pg_int(rows, row, 10);
    e->served_us = pg_instant(rows, row, 11);
    e->reviewer = kept(b, rows, row, 12);
    e->expires_us = pg_instant(rows, row, 13);
    e->why = kept(b, rows, row, 14);
    e->partition = (int32_t)pg_int(rows, row, 15);
    e->look = pg_int(rows, row, 16);
    ledger_join(
        ledger_account(state, arena_print(&b->arena, ACCOUNT_MEMBER "%.*s",
                                          TEXT_PRINT(e->member))),
        e);
}

static bool take_entries(const struct pg_rows *rows, void *batch,
                         struct err *err)
{
    (void)err;
    for (int i = 0; i < rows->count; i++)
        take_entry(batch, rows, i);
    return true;
}

static bool take_accounts(const struct pg_rows *rows, void *batch,
                          struct err *err)
{
    struct batch *b = batch;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct account *a = ledger_account(b->state, pg_text(rows, i, 0));

        a->version = pg_int(rows, i, 1);
        a->balance = pg_int(rows, i, 2);
    }
    return true;
}

/* ---- what the batch names ---- */

struct named {
    struct pg_array entries, members, activities, first, last, accounts;
};

static void named_cleanup(struct named *n)
{
    pg_array_cleanup(&n->entries);
    pg_array_cleanup(&n->members);
    pg_array_cleanup(&n->activities);
    pg_array_cleanup(&n->first);
    pg_array_cleanup(&n->last);
    pg_array_cleanup(&n->accounts);
}

static void name_post(struct named *named, struct arena *arena,
                      const struct ledger_post *in)
{
    int year, month, day;
    int32_t date = date_of(in->served), next;

    date_civil(date, &year, &month, &day);
    next = month == 12 ? date_from_civil(year + 1, 1, 1)
                       : date_from_civil(year, month + 1, 1);
    pg_put_text(&named->members, in->member);
    pg_put_text(&named->activities, in->activity);
    pg_put_date(&named->first, date - day + 1);
    pg_put_date(&named->last, next - 1);
    pg_put_text(&named->accounts, arena_print(arena, ACCOUNT_MEMBER "%.*s",
                                              TEXT_PRINT(in->member)));
}

static void name_one(struct named *named, struct arena *arena,
                     const struct message *m)
{
    struct uuid id;

    if (m->route->decide == ledger_posted) {
        name_post(named, arena, m->in);
    } else if (m->route->decide == ledger_reversed) {
        id = ((const struct ledger_reverse *)m->in)->entry;
        pg_put_uuid(&named->entries, &id);
    } else if (m->route->decide == ledger_looked) {
        if (uuid_parse(((const struct clock_passed *)m->in)->subject, &id))
            pg_put_uuid(&named->entries, &id);
    }
}

static bool send(struct batch *b, struct pg *pg, struct named *named,
                 struct err *err)
{
    struct pg_params p = {0};

    pg_param_array(&p, &named->entries);
    pg_param_array(&p, &named->members);
    pg_param_array(&p, &named->activities);
    pg_param_array(&p, &named->first);
    pg_param_array(&p, &named->last);
    if (!pg_send(pg, &ledger_loads[LOAD_ENTRY], &p, take_entries, b, err))
        return false;
    p = (struct pg_params){0};
    pg_param_array(&p, &named->accounts);
    pg_param_array(&p, &named->entries);
    return pg_send(pg, &ledger_loads[LOAD_ACCOUNT], &p, take_accounts, b, err);
}

bool ledger_load(struct batch *b, struct pg *pg, struct err *err)
{
    AUTO(named)
    struct named named = {
        .entries = PG_ARRAY(PG_UUID),
        .members = PG_ARRAY(PG_TEXT),
        .activities = PG_ARRAY(PG_TEXT),
        .first = PG_ARRAY(PG_DATE),
        .last = PG_ARRAY(PG_DATE),
        .accounts = PG_ARRAY(PG_TEXT),
    };

    pg_put_string(&named.accounts, ACCOUNT_MINT);
    pg_put_string(&named.accounts, ACCOUNT_EXPIRED);
    for (size_t i = 0; i < b->count; i++)
        if (batch_message(b, i))
            name_one(&named, &b->arena, batch_message(b, i));
    return send(b, pg, &named, err);
}
