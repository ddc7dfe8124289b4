/* sim_toy.c - the toy's tables, and what COMMIT and ROLLBACK do to all. */
#include "tests/sim/sim_toy.h"

#include <string.h>

#include "tests/sim/sim_cell.h"
#include "tests/sim/sim_pg.h"

/* ---- counters ---- */

static struct counter_row *counter(struct text key)
{
    struct database *db = world->db;

    for (int i = 0; i < db->counter_count; i++)
        if (text_equal(db->counters[i].kept.key, key))
            return &db->counters[i];
    if (db->counter_count == COUNTERS_MAX) {
        broken("more counters than keys");
        return &db->counters[0];
    }
    db->counters[db->counter_count].kept.key = keep(key);
    return &db->counters[db->counter_count++];
}

static void put_due(struct param *to, int64_t due)
{
    *to = due ? cell_int(due, 8) : (struct param){ NULL, -1 };
}

enum answer_kind toy_load(struct session *s, const struct statement *st,
                          struct answer *a)
{
    int count = array_count(&st->params[0]);

    rows(a, count, 5);
    for (int i = 0; i < count; i++) {
        struct param key = array_item(&st->params[0], i);
        struct counter_row *r = counter(text(&key));
        const struct counter *c = r->lock == s->tx ? &r->next : &r->kept;
        struct param *to;

        if (c->version == 0)
            continue;
        to = row(a);
        to[0] = cell_text(r->kept.key);
        to[1] = cell_int(c->value, 8);
        to[2] = cell_int(c->version, 8);
        put_due(&to[3], c->due);
        to[4] = cell_int(c->look, 8);
    }
    return a->kind;
}

enum answer_kind toy_save(struct session *s, const struct statement *st,
                          struct answer *a)
{
    const struct param *p = st->params;

    s->decided_by = number(&p[6]);
    for (int i = 0; i < array_count(&p[0]); i++) {
        struct param key = array_item(&p[0], i), due = array_item(&p[3], i);
        struct counter_row *r = counter(text(&key));

        if (r->lock != 0 && r->lock != s->tx)
            return ANSWER_NONE;
        r->lock = s->tx;
        r->next = (struct counter){
            .key = r->kept.key,
            .value = item(&p[1], i),
            .version = item(&p[2], i),
            .due = due.bytes ? number(&due) : 0,
            .look = item(&p[4], i),
            .partition = (int32_t)item(&p[5], i),
        };
    }
    return a->kind = ANSWER_DONE;
}

enum answer_kind toy_notes(struct session *s, const struct statement *st,
                           struct answer *a)
{
    int count = array_count(&st->params[0]);

    for (int i = 0; i < count; i++) {
        struct param note = array_item(&st->params[1], i);

        if (text_is(text(&note), "refuse me"))
            return answer_error(a, "22021", "refused for its data");
    }
    for (int i = 0; i < count; i++) {
        struct param id = array_item(&st->params[0], i);
        struct note *n = give(sizeof(*n));

        n->tx = s->tx;
        n->id = text(&id);
        n->next = world->db->notes;
        world->db->notes = n;
    }
    return a->kind = ANSWER_DONE;
}

enum answer_kind toy_due(struct session *s, const struct statement *st,
                         struct answer *a)
{
    struct database *db = world->db;
    int64_t now = number(&st->params[1]);

    (void)s;
    rows(a, COUNTERS_MAX, 5);
    for (int i = 0; i < db->counter_count; i++) {
        const struct counter *c = &db->counters[i].kept;
        bool mine = false;
        struct param *to;

        for (int j = 0; j < array_count(&st->params[0]); j++)
            mine |= item(&st->params[0], j) == c->partition;
        if (!mine || c->due == 0 || c->due > now)
            continue;
        to = row(a);
        to[0] = cell_int(c->partition, 4);
        to[1] = cell_text(c->key);
        to[2] = cell_text(c->key);
        to[3] = cell_int(c->due, 8);
        to[4] = cell_int(c->look, 4);
    }
    return a->kind;
}

/* ---- the end of a transaction ---- */

static void settle_rows(struct session *s, bool commit, bool toy)
{
    struct database *db = world->db;

    for (int i = 0; i < world->partitions; i++) {
        struct consumer_row *r = &db->consumers[i];

        if (r->lock != s->tx)
            continue;
        if (commit)
            r->kept = r->next;
        r->lock = 0;
    }
    for (int i = 0; i < db->counter_count; i++) {
        struct counter_row *r = &db->counters[i];

        if (r->lock != s->tx)
            continue;
        if (commit || toy)
            r->kept = r->next;
        r->lock = 0;
    }
}

static void settle(struct session *s, bool commit)
{
    struct database *db = world->db;
    bool toy = !commit && world->lie == LIE_UNDO_NOT && !calm();
    int becomes = commit ? 0 : -1;

    settle_rows(s, commit, toy);
    for (struct entry *e = db->first; e; e = e->newer)
        if (e->tx == s->tx)
            e->tx = becomes;
    for (struct letter *l = db->letters; l; l = l->next)
        if (l->tx == s->tx)
            l->tx = becomes;
    for (struct note *n = db->notes; n; n = n->next)
        if (n->tx == s->tx)
            n->tx = toy ? 0 : becomes;
}

void table_commit(struct session *s)
{
    check_commit(s);
    settle(s, true);
}

void table_rollback(struct session *s)
{
    settle(s, false);
}
