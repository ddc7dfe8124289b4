/*
 * save.c - writes what a batch changed: one statement a table, whatever the
 * number of rows.
 */
#include "services/intake/issue_columns.h"

static const struct pg_stmt insert_issues[] = {
    {"issues_insert",
     "INSERT INTO intake.issue (" CHANGING_COLUMNS ", " RAISED_COLUMNS
     ", text) SELECT unnest($1::uuid[]), unnest($2::bigint[]), "
     "unnest($3::text[]), unnest($4::boolean[]), unnest($5::text[]), "
     "unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), "
     "unnest($9::text[]), unnest($10::text[]), unnest($11::text[]), "
     "unnest($12::text[]), unnest($13::text[]), unnest($14::text[]), "
     "unnest($15::uuid[]), unnest($16::uuid[]), unnest($17::uuid[]), "
     "unnest($18::bigint[]), unnest($19::bigint[]), unnest($20::bigint[]), "
     "unnest($21::timestamptz[]), unnest($22::timestamptz[]), "
     "unnest($23::timestamptz[]), unnest($24::text[]), "
     "unnest($25::timestamptz[]), unnest($26::timestamptz[]), "
     "unnest($27::bigint[]), unnest($28::text[]), unnest($29::boolean[]), "
     "unnest($30::timestamptz[]), unnest($31::bigint[]), unnest($32::text[]), "
     "unnest($33::int[]), unnest($34::text[]), unnest($35::text[]), "
     "unnest($36::text[]), unnest($37::bigint[]), unnest($38::bigint[]), "
     "unnest($39::boolean[]), unnest($40::text[]), unnest($41::uuid[]), "
     "unnest($42::text[]), unnest($43::text[]), unnest($44::timestamptz[]), "
     "unnest($45::text[])"},
    {0}};

static const struct pg_stmt update_issues[] = {
    {"issues_update",
     "UPDATE intake.issue AS t SET ("
     "version, state, open, region, street, matter, class, reason, note, "
     "question, supplied, answer, route, route_id, whistle, merged_into, "
     "urges, calls, reopens, accepted_at, handled_at, closed_at, stage, "
     "clock_start, due, reference_version, pauses, overdue, next_due, look"
     ") = ("
     "n.version, n.state, n.open, n.region, n.street, n.matter, n.class, "
     "n.reason, n.note, n.question, n.supplied, n.answer, n.route, "
     "n.route_id, n.whistle, n.merged_into, n.urges, n.calls, n.reopens, "
     "n.accepted_at, n.handled_at, n.closed_at, n.stage, n.clock_start, "
     "n.due, n.reference_version, n.pauses, n.overdue, n.next_due, n.look"
     ") FROM unnest("
     "$1::uuid[], $2::bigint[], $3::text[], $4::boolean[], $5::text[], "
     "$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], "
     "$11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], "
     "$16::uuid[], $17::uuid[], $18::bigint[], $19::bigint[], "
     "$20::bigint[], $21::timestamptz[], $22::timestamptz[], "
     "$23::timestamptz[], $24::text[], $25::timestamptz[], "
     "$26::timestamptz[], $27::bigint[], $28::text[], $29::boolean[], "
     "$30::timestamptz[], $31::bigint[], $32::bigint[]"
     ") AS n(" CHANGING_COLUMNS ", was) "
     "WHERE t.issue = n.issue AND t.version = n.was"},
    {0}};

static const struct pg_stmt insert_calls[] = {
    {"issue_calls_insert",
     "INSERT INTO intake.callback (issue, call, at, contacted, solved, "
     "satisfied, note, person) SELECT unnest($1::uuid[]), "
     "unnest($2::bigint[]), unnest($3::timestamptz[]), unnest($4::text[]), "
     "unnest($5::text[]), unnest($6::text[]), unnest($7::text[]), "
     "unnest($8::text[])"},
    {0}};

static const struct pg_stmt insert_persons[] = {
    {"vault_insert",
     "INSERT INTO vault.person (person, issue, key, name, phone, at) "
     "SELECT unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::bytea[]), "
     "unnest($4::bytea[]), unnest($5::bytea[]), unnest($6::timestamptz[])"},
    {0}};

/* A row that is there must be of the version that was loaded. */
static const struct pg_stmt save_hot_spots[] = {
    {"hot_spots_save",
     "INSERT INTO intake.hot_spot AS t (region, matter, version, count, "
     "recent, supervision, raised_at) SELECT unnest($1::text[]), "
     "unnest($2::text[]), unnest($3::bigint[]), unnest($4::bigint[]), "
     "unnest($5::text[]), unnest($6::uuid[]), unnest($7::timestamptz[]) "
     "ON CONFLICT (region, matter) DO UPDATE SET "
     "(version, count, recent, supervision, raised_at) = (excluded.version, "
     "excluded.count, excluded.recent, excluded.supervision, "
     "excluded.raised_at) WHERE t.version < excluded.version"},
    {0}};

static const struct column call_columns[] = {
    {COLUMN_UUID, offsetof(struct issue_call, issue), NULL},
    {COLUMN_INT8, offsetof(struct issue_call, call), NULL},
    {COLUMN_INSTANT, offsetof(struct issue_call, at_us), NULL},
    {COLUMN_WORD, offsetof(struct issue_call, contacted),
     issue_contacted_names},
    {COLUMN_WORD, offsetof(struct issue_call, solved), issue_solved_names},
    {COLUMN_WORD, offsetof(struct issue_call, satisfied),
     issue_satisfied_names},
    {COLUMN_TEXT, offsetof(struct issue_call, note), NULL},
    {COLUMN_TEXT, offsetof(struct issue_call, person), NULL},
    {COLUMN_NONE, 0, NULL},
};

static const struct column person_columns[] = {
    {COLUMN_UUID, offsetof(struct vault_person, person), NULL},
    {COLUMN_UUID, offsetof(struct vault_person, issue), NULL},
    {COLUMN_BYTES, offsetof(struct vault_person, key), NULL},
    {COLUMN_BYTES, offsetof(struct vault_person, name), NULL},
    {COLUMN_BYTES, offsetof(struct vault_person, phone), NULL},
    {COLUMN_INSTANT, offsetof(struct vault_person, at_us), NULL},
    {COLUMN_NONE, 0, NULL},
};

/* Every row must have been written: a stale version is another writer. */
static bool all_written(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    const int64_t *expected = context;

    return rows->affected == *expected ||
           err_fatal(err, "lost_update", "%lld rows of %lld were written",
                     (long long)rows->affected, (long long)*expected);
}

static bool send(struct batch *batch, struct pg *pg,
                 const struct pg_stmt *statement,
                 const struct pg_params *params, int64_t rows, struct err *err)
{
    int64_t *expected = arena_copy(&batch->arena, &rows, sizeof(rows));

    return pg_send(pg, statement, params, all_written, expected, err);
}

static bool send_new_issues(struct batch *batch, struct pg *pg, struct err *err)
{
    const struct issues *state = batch->state;
    AUTO(columns_out) struct columns_out out;
    struct pg_params params = {0};
    int64_t rows = 0;

    columns_begin(&out, issue_columns, 0);
    for (size_t n = 0; n < state->issues.count; n++) {
        const struct issue *i = state->issues.items[n].thing;

        if (i->loaded_version == 0 && i->changed) {
            columns_put(&out, i);
            rows++;
        }
    }
    columns_param(&out, &params);
    return rows == 0 || send(batch, pg, insert_issues, &params, rows, err);
}

static bool send_old_issues(struct batch *batch, struct pg *pg, struct err *err)
{
    const struct issues *state = batch->state;
    AUTO(columns_out) struct columns_out out;
    AUTO(pg_array) struct pg_array was = PG_ARRAY(PG_INT8);
    struct pg_params params = {0};
    int64_t rows = 0;

    columns_begin(&out, issue_columns, ISSUE_CHANGING);
    for (size_t n = 0; n < state->issues.count; n++) {
        const struct issue *i = state->issues.items[n].thing;

        if (i->loaded_version > 0 && i->changed) {
            columns_put(&out, i);
            pg_put_int(&was, i->loaded_version);
            rows++;
        }
    }
    columns_param(&out, &params);
    pg_param_array(&params, &was);
    return rows == 0 || send(batch, pg, update_issues, &params, rows, err);
}

/* All things of the slots: they are new. */
static bool send_all(struct batch *batch, struct pg *pg,
                     const struct slots *slots, const struct column *columns,
                     const struct pg_stmt *statement, struct err *err)
{
    AUTO(columns_out) struct columns_out out;
    struct pg_params params = {0};

    columns_begin(&out, columns, 0);
    for (size_t n = 0; n < slots->count; n++)
        columns_put(&out, slots->items[n].thing);
    columns_param(&out, &params);
    return slots->count == 0 ||
           send(batch, pg, statement, &params, (int64_t)slots->count, err);
}

static bool send_hot_spots(struct batch *batch, struct pg *pg, struct err *err)
{
    const struct issues *state = batch->state;
    AUTO(columns_out) struct columns_out out;
    struct pg_params params = {0};
    int64_t rows = 0;

    columns_begin(&out, hot_spot_columns, 0);
    for (size_t n = 0; n < state->hot_spots.count; n++) {
        const struct hot_spot *hot = state->hot_spots.items[n].thing;

        if (hot->changed) {
            columns_put(&out, hot);
            rows++;
        }
    }
    columns_param(&out, &params);
    return rows == 0 || send(batch, pg, save_hot_spots, &params, rows, err);
}

bool issues_save(struct batch *batch, struct pg *pg, struct err *err)
{
    const struct issues *state = batch->state;

    return send_new_issues(batch, pg, err) && send_old_issues(batch, pg, err) &&
           send_all(batch, pg, &state->calls, call_columns, insert_calls,
                    err) &&
           send_all(batch, pg, &state->persons, person_columns, insert_persons,
                    err) &&
           send_hot_spots(batch, pg, err);
}

const struct pg_stmt *const issues_statements[] = {
    issues_by_id,   issues_waiting, hot_spots_by_key,
    insert_issues,  update_issues,  insert_calls,
    insert_persons, save_hot_spots, NULL};
