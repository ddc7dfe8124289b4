/*
 * load.c - all lanes of the whistles that the batch names.
 *
 * The key of every command is its whistle, so no body is looked into; a
 * changed calendar ("#N") brings every open lane of its partition.
 */
#include <string.h>

#include "common/work/batch.h"
#include "services/track/story.h"

/* clang-format off */
#define CLOCK(name) name "_start, " name "_yellow, " name "_due, " name "_stop, "
#define COLUMNS                                                               \
    "whistle, round, office, version, partition, number, kind, matter, "      \
    "region, street, issue, role, state, hold, holder, reference_version, "   \
    "calendar_version, start, " CLOCK("sign") CLOCK("contact")                \
    CLOCK("arrive") CLOCK("resolve") CLOCK("rework") CLOCK("accept")          \
    CLOCK("rule") CLOCK("stage")                                              \
    "marks, gap, late, forced, returns, reworks, "                            \
    "return_reason, evidence, ruling, ruling_to, excuse, ended, open, "       \
    "next_due, look, story, review, stage, stage_late"
#define ORDER " ORDER BY whistle, round, office"

const struct pg_stmt lane_load_named[] = {
    { "lane_load_named",
      "SELECT " COLUMNS " FROM track.lane"
      " WHERE whistle = ANY ($1::uuid[])" ORDER },
    { 0 },
};
const struct pg_stmt lane_load_open[] = {
    { "lane_load_open",
      "SELECT " COLUMNS " FROM track.lane"
      " WHERE open AND partition = ANY ($1::int[])" ORDER },
    { 0 },
};
/* clang-format on */

void lanes_begin(struct batch *batch)
{
    struct lane_batch *b = batch->state;

    slots_start(&b->cases, &batch->arena);
}

/* ---- rows ---- */

/* Reads a row column by column. */
struct reader {
    const struct pg_rows *rows;
    struct arena *arena;
    int row, column;
};

static int64_t read_int(struct reader *r)
{
    return pg_int(r->rows, r->row, r->column++);
}

static bool read_bool(struct reader *r)
{
    return pg_bool(r->rows, r->row, r->column++);
}

/* INSTANT_NONE for NULL. */
static int64_t read_instant(struct reader *r)
{
    int column = r->column++;

    return pg_null(r->rows, r->row, column)
               ? INSTANT_NONE
               : pg_instant(r->rows, r->row, column);
}

/* "" for NULL. */
static void read_code(struct reader *r, char *into, size_t size)
{
    int column = r->column++;

    into[0] = '\0';
    if (!pg_null(r->rows, r->row, column))
        pg_code(r->rows, r->row, column, into, size);
}

static struct text read_text(struct reader *r)
{
    int column = r->column++;

    return pg_null(r->rows, r->row, column)
               ? text_of("")
               : arena_text(r->arena, pg_text(r->rows, r->row, column));
}

/* A word of a table; NULL is "". */
static int read_name(struct reader *r, const char *const *names)
{
    return name_index(names, read_text(r));
}

static struct lane_name read_lane_name(struct reader *r)
{
    struct lane_name name = {0};

    name.whistle = pg_uuid(r->rows, r->row, r->column++);
    name.round = read_int(r);
    read_code(r, name.office, sizeof(name.office));
    return name;
}

static void read_call(struct reader *r, struct lane *lane)
{
    lane->saved_version = lane->version = read_int(r);
    lane->partition = (int32_t)read_int(r);
    read_code(r, lane->number, sizeof(lane->number));
    read_code(r, lane->kind, sizeof(lane->kind));
    read_code(r, lane->matter, sizeof(lane->matter));
    read_code(r, lane->region, sizeof(lane->region));
    read_code(r, lane->street, sizeof(lane->street));
    if (!pg_null(r->rows, r->row, r->column))
        lane->issue = pg_uuid(r->rows, r->row, r->column);
    r->column++;
    lane->role = read_name(r, lane_roles);
    lane->state = read_name(r, lane_states);
    lane->hold = read_name(r, lane_holds);
    read_code(r, lane->holder, sizeof(lane->holder));
    lane->reference_version = read_int(r);
    lane->calendar_version = read_int(r);
    lane->start_us = read_instant(r);
}

static void read_clocks(struct reader *r, struct lane *lane)
{
    for (int i = 0; i < LANE_CLOCKS; i++) {
        struct lane_clock *c = &lane->clocks[i];

        c->start_us = read_instant(r);
        c->yellow_us = read_instant(r);
        c->due_us = read_instant(r);
        c->stop_us = read_instant(r);
    }
}

static void read_marks(struct lane *lane, int64_t marks)
{
    for (int i = 0; i < LANE_CLOCKS; i++)
        lane->clocks[i].passed = (int)(marks >> (4 * i) & 15);
}

static bool read_rest(struct reader *r, struct lane *lane)
{
    read_marks(lane, read_int(r));
    lane->gap = pg_null(r->rows, r->row, r->column)
                    ? INT32_MIN
                    : pg_date(r->rows, r->row, r->column);
    r->column++;
    lane->late = read_bool(r);
    lane->forced = read_bool(r);
    lane->returns = (int)read_int(r);
    lane->reworks = (int)read_int(r);
    read_code(r, lane->return_reason, sizeof(lane->return_reason));
    lane->evidence = read_text(r);
    lane->ruling = read_name(r, lane_rulings);
    read_code(r, lane->ruling_to, sizeof(lane->ruling_to));
    read_code(r, lane->excuse, sizeof(lane->excuse));
    lane->ended_us = read_instant(r);
    lane->open = read_bool(r);
    lane->next_due_us = read_instant(r);
    lane->look = (int)read_int(r);
    if (!story_parse(read_text(r), r->arena, &lane->story))
        return false;
    lane->review_us = read_instant(r);
    read_code(r, lane->stage, sizeof(lane->stage));
    lane->stage_late = read_bool(r);
    return true;
}

static bool take(const struct pg_rows *rows, void *context, struct err *err)
{
    struct batch *batch = context;
    struct lane_batch *b = batch->state;

    for (int row = 0; row < rows->count; row++) {
        struct reader r = {.rows = rows, .arena = &batch->arena, .row = row};
        struct lane_name name = read_lane_name(&r);
        struct lane_case *c = slots_get(&b->cases, &name.whistle,
                                        sizeof(name.whistle), sizeof(*c), NULL);
        struct lane *lane;

        if (lane_find(c, name.round, name.office))
            continue;
        lane = lane_add(c, &batch->arena, &name);
        read_call(&r, lane);
        read_clocks(&r, lane);
        if (!read_rest(&r, lane) || (int)lane->role < 0 || (int)lane->state < 0 ||
            (int)lane->hold < 0 || (int)lane->ruling < 0)
            return err_fatal(err, "bad_row",
                             "a lane of %s has a word that "
                             "this build does not know",
                             name.office);
    }
    return true;
}

/* ---- what is named ---- */

static bool name_whistle(struct lane_batch *b, const struct message *m,
                         struct pg_array *whistles)
{
    struct uuid whistle;
    bool is_new;

    if (!uuid_parse(m->record.key, &whistle))
        return false;
    (void)slots_get(&b->cases, &whistle, sizeof(whistle),
                    sizeof(struct lane_case), &is_new);
    if (is_new)
        pg_put_uuid(whistles, &whistle);
    return true;
}

static bool send(struct batch *batch, struct pg *pg,
                 const struct pg_stmt *statement, struct pg_array *keys,
                 struct err *err)
{
    struct pg_params params = {0};

    if (keys->count == 0)
        return true;
    pg_param_array(&params, keys);
    return pg_send(pg, statement, &params, take, batch, err);
}

bool lanes_load(struct batch *batch, struct pg *pg, struct err *err)
{
    AUTO(pg_array) struct pg_array whistles = PG_ARRAY(PG_UUID);
    AUTO(pg_array) struct pg_array partitions = PG_ARRAY(PG_INT4);

    for (size_t i = 0; i < batch->count; i++) {
        const struct message *m = batch_message(batch, i);

        if (m && !name_whistle(batch->state, m, &whistles) &&
            m->route->every_partition)
            pg_put_int(&partitions, m->record.partition);
    }
    return send(batch, pg, lane_load_named, &whistles, err) &&
           send(batch, pg, lane_load_open, &partitions, err);
}
