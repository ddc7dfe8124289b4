/*
 * toy.c - the service that the simulation folds: small, with all that a
 * service may do: an aggregate, refusals, an event and a command, alarms, a
 * row a command that PostgreSQL may refuse.
 */
#include "tests/sim/toy.h"

#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/work/batch.h"
#include "tests/sim/world.h"

struct toy_change {
    int64_t amount;
    char note[161];
};

static const struct field change_fields[] = {
    F_INT(struct toy_change, amount),
    F_CODE(struct toy_change, note),
    { 0 },
};

struct counter_now {
    struct text key;
    int64_t value, version, due_us, look;
    int32_t partition;
    bool changed;
};

struct toy_state {
    struct slots counters;
    int64_t reference; /* the version that it was decided by; 0: nothing */
};

enum { TOY_LOAD, TOY_SAVE, TOY_NOTES };

static const struct pg_stmt statements[] = {
    [TOY_LOAD] = { "toy_load", "" },
    [TOY_SAVE] = { "toy_save", "" },
    [TOY_NOTES] = { "toy_notes", "" },
    { 0 },
};
static const struct pg_stmt *const lists[] = { statements, NULL };
static const struct pg_stmt due[] = { { "toy_due", "" }, { 0 } };

/* ---- decide ---- */

static struct counter_now *counter_of(struct decision *d, struct text key)
{
    struct toy_state *state = d->state;
    struct counter_now *c =
        slots_get(&state->counters, key.bytes, key.size, sizeof(*c), NULL);

    c->key = key;
    c->partition = decision_partition(d);
    state->reference = *(const int64_t *)d->reference;
    return c;
}

static void say(struct decision *d, struct counter_now *c, const char *type)
{
    c->version++;
    c->changed = true;
    json_int(decision_event(d, type, c->key, c->version, TEXT("")), "value",
             c->value);
}

static bool add(struct decision *d, const void *body, struct err *err)
{
    const struct toy_change *in = body;
    struct counter_now *c = counter_of(d, d->message->record.key);

    if (c->value + in->amount > TOY_FULL)
        return err_reject(err, "full", "amount", "the counter is full");
    c->changed = true;
    if (in->amount == 0)
        return true;
    c->value += in->amount;
    if (in->amount % 7 == 0) {
        c->due_us = d->at_us + TOY_DUE_US;
        c->look = 0;
    }
    say(d, c, "toy.added");
    if (in->amount >= TOY_NOTES_AT)
        json_int(decision_command(d, "other.commands", c->key, "other.note",
                                  c->key, NULL),
                 "value", c->value);
    return true;
}

static bool take(struct decision *d, const void *body, struct err *err)
{
    const struct toy_change *in = body;
    struct counter_now *c = counter_of(d, d->message->record.key);

    if (in->amount > c->value)
        return err_reject(err, "insufficient", "amount", "there is not enough");
    c->value -= in->amount;
    say(d, c, "toy.taken");
    return true;
}

static bool bomb(struct decision *d, const void *body, struct err *err)
{
    (void)d;
    (void)body;
    (void)err;
    tell("dies of a message");
    _exit(134);
}

static bool passed(struct decision *d, const void *body, struct err *err)
{
    const struct clock_passed *in = body;
    struct counter_now *c = counter_of(d, in->subject);

    (void)err;
    if (c->due_us == 0 || c->due_us != in->due || c->look != in->look)
        return true;
    c->changed = true;
    if (d->at_us < c->due_us) {
        c->look++;
        return true;
    }
    c->due_us = 0;
    c->value = 0;
    say(d, c, "toy.expired");
    return true;
}

/* ---- reference ---- */

static int64_t known; /* the newest version of which it knows */

static bool refresh(struct pg *pg, int64_t newest, struct err *err)
{
    (void)pg;
    (void)err;
    known = newest;
    return true;
}

static const void *reference_at(int64_t at_us)
{
    (void)at_us;
    return &known;
}

static int64_t loaded(void)
{
    return known;
}

static const struct reference_hooks hooks = { refresh, reference_at, loaded };

/* ---- load and save ---- */

static void begin(struct batch *b)
{
    struct toy_state *state = b->state;

    slots_start(&state->counters, &b->arena);
}

static bool take_counters(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    struct batch *b = context;
    struct toy_state *state = b->state;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct text key = arena_text(&b->arena, pg_text(rows, i, 0));
        struct counter_now *c = slots_get(&state->counters, key.bytes,
                                          key.size, sizeof(*c), NULL);

        c->key = key;
        c->value = pg_int(rows, i, 1);
        c->version = pg_int(rows, i, 2);
        c->due_us = pg_null(rows, i, 3) ? 0 : pg_instant(rows, i, 3);
        c->look = pg_int(rows, i, 4);
    }
    return true;
}

static bool load(struct batch *b, struct pg *pg, struct err *err)
{
    AUTO(pg_array) struct pg_array keys = PG_ARRAY(PG_TEXT);
    struct pg_params p = { 0 };

    for (size_t i = 0; i < b->count; i++)
        if (batch_message(b, i))
            pg_put_text(&keys, b->messages[i].record.key);
    pg_param_array(&p, &keys);
    return pg_send(pg, &statements[TOY_LOAD], &p, take_counters, b, err);
}

static bool save_counters(struct batch *b, struct pg *pg, struct err *err)
{
    struct toy_state *state = b->state;
    AUTO(pg_array) struct pg_array key = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array value = PG_ARRAY(PG_INT8);
    AUTO(pg_array) struct pg_array version = PG_ARRAY(PG_INT8);
    AUTO(pg_array) struct pg_array when = PG_ARRAY(PG_TIMESTAMPTZ);
    AUTO(pg_array) struct pg_array look = PG_ARRAY(PG_INT8);
    AUTO(pg_array) struct pg_array partition = PG_ARRAY(PG_INT4);
    struct pg_array *const columns[] = { &key,  &value, &version,
                                         &when, &look,  &partition };
    struct pg_params p = { 0 };

    for (size_t i = 0; i < state->counters.count; i++) {
        const struct counter_now *c = state->counters.items[i].thing;

        if (!c->changed)
            continue;
        pg_put_text(&key, c->key);
        pg_put_int(&value, c->value);
        pg_put_int(&version, c->version);
        pg_put_instant(&when, c->due_us ? c->due_us : INSTANT_NONE);
        pg_put_int(&look, c->look);
        pg_put_int(&partition, c->partition);
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        pg_param_array(&p, columns[i]);
    pg_param_int8(&p, state->reference);
    return pg_send(pg, &statements[TOY_SAVE], &p, NULL, NULL, err);
}

static bool save(struct batch *b, struct pg *pg, struct err *err)
{
    AUTO(pg_array) struct pg_array ids = PG_ARRAY(PG_UUID);
    AUTO(pg_array) struct pg_array notes = PG_ARRAY(PG_TEXT);
    struct pg_params p = { 0 };

    for (size_t i = 0; i < b->count; i++) {
        const struct message *m = batch_message(b, i);

        if (!m || m->err || m->route->fields != change_fields)
            continue;
        pg_put_uuid(&ids, &m->id);
        pg_put_string(&notes, ((const struct toy_change *)m->in)->note);
    }
    pg_param_array(&p, &ids);
    pg_param_array(&p, &notes);
    return save_counters(b, pg, err) &&
           pg_send(pg, &statements[TOY_NOTES], &p, NULL, NULL, err);
}

static const struct route routes[] = {
    { "toy.add", change_fields, sizeof(struct toy_change), add, false },
    { "toy.take", change_fields, sizeof(struct toy_change), take, false },
    { "toy.bomb", change_fields, sizeof(struct toy_change), bomb, false },
    { "clock.passed", clock_passed_fields, sizeof(struct clock_passed), passed,
      false },
    { 0 },
};

const struct service toy = {
    .name = "toy",
    .topic = "toy.commands",
    .events = "toy.events",
    .thing = "toy",
    .routes = routes,
    .state_size = sizeof(struct toy_state),
    .begin = begin,
    .load = load,
    .save = save,
    .statements = lists,
    .due = due,
    .reference = &hooks,
};
