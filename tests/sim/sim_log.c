/* sim_log.c - the log's rows and dead letters, as sim_tables.c runs them. */
#include <string.h>

#include "tests/sim/sim_cell.h"
#include "tests/sim/sim_log.h"
#include "tests/sim/sim_pg.h"

static struct entry *entry_of(struct text id)
{
    for (struct entry *e = world->db->first; e; e = e->newer)
        if (e->tx >= 0 && text_equal(e->cells[0], id))
            return e;
    return NULL;
}

enum answer_kind log_seen(struct session *s, const struct statement *st,
                          struct answer *a)
{
    int count = array_count(&st->params[0]);

    rows(a, count, 2);
    for (int i = 0; i < count && world->lie != LIE_SEEN_NOTHING; i++) {
        struct param id = array_item(&st->params[0], i);
        const struct entry *e = entry_of(text(&id));
        struct param *to;

        if (!e || (e->tx != 0 && e->tx != s->tx))
            continue;
        to = row(a);
        to[0] = cell_text(e->cells[0]);
        to[1] = cell_text(e->cells[4]);
    }
    return a->kind;
}

static void add_entry(struct session *s, const struct statement *st, int i)
{
    struct entry *e = give(sizeof(*e));

    e->tx = s->tx;
    for (int c = 0; c < 17; c++) {
        struct param one = array_item(&st->params[2 + c], i);

        e->cells[c] = text(&one);
        if (!one.bytes)
            e->cells[c].bytes = NULL;
    }
    e->partition = (int32_t)item(&st->params[3], i);
    e->seq = item(&st->params[4], i);
    if (world->db->last)
        world->db->last->newer = e;
    else
        world->db->first = e;
    world->db->last = e;
}

enum answer_kind log_add(struct session *s, const struct statement *st,
                         struct answer *a)
{
    int count = array_count(&st->params[2]);

    for (int i = 0; i < count; i++) {
        struct param id = array_item(&st->params[2], i);
        const struct entry *e = entry_of(text(&id));

        if (e && e->tx != 0 && e->tx != s->tx)
            return ANSWER_NONE;
        if (e)
            return answer_error(a, "23505", "duplicate key: log.entry");
    }
    for (int i = 0; i < count; i++)
        add_entry(s, st, i);
    return a->kind = ANSWER_DONE;
}

enum answer_kind log_add_dead(struct session *s, const struct statement *st,
                              struct answer *a)
{
    for (int i = 0; i < array_count(&st->params[2]); i++) {
        struct letter *l = give(sizeof(*l));
        struct param code = array_item(&st->params[5], i);

        l->tx = s->tx;
        l->partition = (int32_t)item(&st->params[2], i);
        l->offset = item(&st->params[3], i);
        l->code = text(&code);
        l->next = world->db->letters;
        world->db->letters = l;
    }
    return a->kind = ANSWER_DONE;
}

/* id seq cause topic key type subject version actor scope reply at data
 * digest: where they stand in work_log's columns */
static const int unpublished_columns[] = { 0, -1, 3, 5, 6,  7,  8,
                                           -2, 10, 11, 12, -3, 14, 15 };

static void put_entry(struct answer *a, const struct entry *e)
{
    struct param *to = row(a);

    for (size_t i = 0; i < COUNT_OF(unpublished_columns); i++)
        to[i] = unpublished_columns[i] < 0
                    ? cell_int(0, 8)
                    : cell_text(e->cells[unpublished_columns[i]]);
    to[1] = cell_int(e->seq, 8);
    to[7] = cell_text(e->cells[9]);
    to[11] = cell_text(e->cells[13]);
}

enum answer_kind log_unpublished(struct session *s, const struct statement *st,
                                 struct answer *a)
{
    int64_t partition = number(&st->params[1]);
    int64_t after = number(&st->params[2]);
    const struct entry *next;

    (void)s;
    rows(a, 60, COUNT_OF(unpublished_columns));
    do {
        next = NULL;
        for (const struct entry *e = world->db->first; e; e = e->newer)
            if (e->tx == 0 && e->partition == partition && e->seq > after &&
                (!next || e->seq < next->seq))
                next = e;
        if (!next)
            break;
        put_entry(a, next);
        after = next->seq;
    } while (a->rows < 60);
    return a->kind;
}
