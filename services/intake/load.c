/* load.c - fetches what a batch names, by primary keys, one query a table. */
#include "common/work/batch.h"
#include "services/intake/issue_columns.h"

const struct pg_stmt issues_by_id[] = {
    {"issues_by_id", "SELECT " CHANGING_COLUMNS ", " RAISED_COLUMNS
                     " FROM intake.issue WHERE issue = ANY($1::uuid[])"},
    {0}};

const struct pg_stmt issues_waiting[] = {
    {"issues_waiting", "SELECT " CHANGING_COLUMNS ", " RAISED_COLUMNS
                       " FROM intake.issue WHERE open AND next_due IS NOT NULL "
                       "AND partition = ANY($1::int[]) ORDER BY issue"},
    {0}};

const struct pg_stmt hot_spots_by_key[] = {
    {"hot_spots_by_key",
     "SELECT h.region, h.matter, h.version, h.count, h.recent, h.supervision, "
     "h.raised_at FROM intake.hot_spot h JOIN (SELECT DISTINCT * FROM "
     "unnest($1::text[], $2::text[]) AS u(region, matter)) AS n "
     "USING (region, matter)"},
    {0}};

const struct column hot_spot_columns[] = {
    {COLUMN_TEXT, offsetof(struct hot_spot, region), NULL},
    {COLUMN_TEXT, offsetof(struct hot_spot, matter), NULL},
    {COLUMN_INT8, offsetof(struct hot_spot, version), NULL},
    {COLUMN_INT8, offsetof(struct hot_spot, count), NULL},
    {COLUMN_TEXT, offsetof(struct hot_spot, recent), NULL},
    {COLUMN_UUID, offsetof(struct hot_spot, supervision), NULL},
    {COLUMN_INSTANT, offsetof(struct hot_spot, raised_us), NULL},
    {COLUMN_NONE, 0, NULL},
};

void issues_begin(struct batch *batch)
{
    struct issues *state = batch->state;

    slots_start(&state->issues, &batch->arena);
    slots_start(&state->hot_spots, &batch->arena);
    slots_start(&state->calls, &batch->arena);
    slots_start(&state->persons, &batch->arena);
}

static bool take_issues(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct batch *batch = context;
    struct issues *state = batch->state;

    (void)err;
    for (int row = 0; row < rows->count; row++) {
        struct uuid id = pg_uuid(rows, row, 0);
        struct issue *i =
            slots_get(&state->issues, &id, sizeof(id), sizeof(*i), NULL);

        columns_take(issue_columns, ISSUE_LOADED, rows, row, &batch->arena, i);
        i->loaded_version = i->version;
    }
    return true;
}

static bool take_hot_spots(const struct pg_rows *rows, void *context,
                           struct err *err)
{
    struct batch *batch = context;
    struct issues *state = batch->state;

    (void)err;
    for (int row = 0; row < rows->count; row++) {
        struct hot_spot *hot = hot_spot_of(
            state, &batch->arena, pg_text(rows, row, 0), pg_text(rows, row, 1));

        columns_take(hot_spot_columns, 0, rows, row, &batch->arena, hot);
    }
    return true;
}

/* What a batch names. */
struct named {
    struct pg_array issues, partitions, regions, matters;
};

static void name_subject(struct named *n, struct text subject)
{
    struct uuid id;

    if (uuid_parse(subject, &id))
        pg_put_uuid(&n->issues, &id);
}

/* Every other struct begins with the id of its issue (messages.h). */
static void name_one(struct named *n, const struct message *m)
{
    if (text_is(m->type, "issue.raise")) {
        return; /* it is not there yet */
    } else if (text_is(m->type, "issue.noted")) {
        pg_put_text(&n->regions, ((const struct issue_noted *)m->in)->region);
        pg_put_text(&n->matters, ((const struct issue_noted *)m->in)->matter);
    } else if (text_is(m->type, "clock.passed")) {
        name_subject(n, ((const struct clock_passed *)m->in)->subject);
    } else if (text_is(m->type, "issue.route_failed")) {
        name_subject(n, ((const struct issue_route_failed *)m->in)->subject);
    } else if (text_is(m->type, "reference.changed")) {
        pg_put_int(&n->partitions, m->record.partition);
    } else {
        pg_put_uuid(&n->issues, m->in);
        if (text_is(m->type, "issue.merge"))
            pg_put_uuid(&n->issues, &((const struct issue_merge *)m->in)->into);
    }
}

static bool send_array(struct batch *batch, struct pg *pg,
                       const struct pg_stmt *statement, struct pg_array *array,
                       struct err *err)
{
    struct pg_params params = {0};

    if (array->count == 0)
        return true;
    pg_param_array(&params, array);
    return pg_send(pg, statement, &params, take_issues, batch, err);
}

static bool send_named(struct batch *batch, struct pg *pg, struct named *n,
                       struct err *err)
{
    struct pg_params params = {0};

    if (!send_array(batch, pg, issues_by_id, &n->issues, err) ||
        !send_array(batch, pg, issues_waiting, &n->partitions, err))
        return false;
    if (n->regions.count == 0)
        return true;
    pg_param_array(&params, &n->regions);
    pg_param_array(&params, &n->matters);
    return pg_send(pg, hot_spots_by_key, &params, take_hot_spots, batch, err);
}

bool issues_load(struct batch *batch, struct pg *pg, struct err *err)
{
    struct named n = {PG_ARRAY(PG_UUID), PG_ARRAY(PG_INT4), PG_ARRAY(PG_TEXT),
                      PG_ARRAY(PG_TEXT)};
    bool sent;

    for (size_t i = 0; i < batch->count; i++) {
        const struct message *m = batch_message(batch, i);

        if (m)
            name_one(&n, m);
    }
    sent = send_named(batch, pg, &n, err);
    pg_array_cleanup(&n.issues);
    pg_array_cleanup(&n.partitions);
    pg_array_cleanup(&n.regions);
    pg_array_cleanup(&n.matters);
    return sent;
}
