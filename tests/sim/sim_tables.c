/*
 * sim_tables.c - the loop's and the toy's statements over rows in memory.
 *
 * Read committed: a statement sees what is committed and its own changes; a
 * row that another transaction has changed makes it wait.
 */
#include <string.h>

#include "common/base/instant.h"
#include "common/io/pg_epoch.h"
#include "tests/sim/sim_cell.h"
#include "tests/sim/sim_log.h"
#include "tests/sim/sim_pg.h"
#include "tests/sim/sim_toy.h"

/* ---- consumer rows ---- */

static struct consumer_row *consumer(int64_t partition)
{
    if (partition < 0 || partition >= world->partitions)
        broken("no consumer row %lld", (long long)partition);
    return &world->db->consumers[partition % PARTS_MAX];
}

static bool lock(struct session *s, struct consumer_row *r)
{
    if (r->lock == s->tx)
        return true;
    if (r->lock != 0)
        return false;
    r->lock = s->tx;
    r->next = r->kept;
    return true;
}

static const struct consumer *seen_by(const struct session *s,
                                      const struct consumer_row *r)
{
    return r->lock == s->tx ? &r->next : &r->kept;
}

static enum answer_kind take(struct session *s, const struct statement *st,
                             struct answer *a)
{
    struct consumer_row *r = consumer(number(&st->params[1]));

    if (!seen_by(s, r)->exists) {
        if (!lock(s, r))
            return ANSWER_NONE;
        r->next = (struct consumer){ .exists = true, .hash = TEXT("") };
        r->next.at = -PG_EPOCH_US;
        r->next.day = -PG_EPOCH_DAY;
    }
    return rows(a, 0, 1);
}

/* Paused partitions stop at 0: log.stop_at. */
static struct param stop_at(const struct consumer *c)
{
    return c->paused ? cell_int(0, 8) : (struct param){ NULL, -1 };
}

static enum answer_kind state_row(const struct consumer *c, struct answer *a)
{
    const struct param cells[] = {
        cell_int(c->next_offset, 8), cell_int(c->epoch, 8),
        cell_int(c->starts, 4),      cell_int(c->at, 8),
        cell_int(c->seq, 8),         cell_text(c->hash),
        cell_int(c->published, 8),   cell_int(c->day, 4),
        cell_int(c->last, 8),        cell_int(c->messages, 8),
        cell_int(c->refused, 8),     cell_int(c->seen, 8),
        cell_int(c->dead, 8),        stop_at(c),
        cell_int(c->last_offset, 8), cell_text(c->last_digest),
    };

    rows(a, 1, COUNT_OF(cells));
    memcpy(row(a), cells, sizeof(cells));
    return a->kind;
}

static enum answer_kind raise_epoch(struct session *s,
                                    const struct statement *st,
                                    struct answer *a)
{
    struct consumer_row *r = consumer(number(&st->params[1]));

    if (!lock(s, r))
        return ANSWER_NONE;
    r->next.epoch++;
    return state_row(&r->next, a);
}

static enum answer_kind read_state(struct session *s,
                                   const struct statement *st,
                                   struct answer *a)
{
    const struct consumer *c =
        seen_by(s, consumer(number(&st->params[1])));

    return c->exists ? state_row(c, a) : rows(a, 0, 16);
}

static enum answer_kind fenced(struct session *s, const struct statement *st,
                               struct answer *a)
{
    struct consumer_row *r = consumer(number(&st->params[1]));

    if (!lock(s, r))
        return ANSWER_NONE;
    r->next.fenced++;
    r->next.starts -= number(&st->params[2]);
    if (r->next.starts < 0)
        r->next.starts = 0;
    return a->kind = ANSWER_DONE;
}

static enum answer_kind raise_starts(struct session *s,
                                     const struct statement *st,
                                     struct answer *a)
{
    struct consumer_row *r = consumer(number(&st->params[1]));

    if (seen_by(s, r)->epoch == number(&st->params[2])) {
        if (!lock(s, r))
            return ANSWER_NONE;
        r->next.starts += number(&st->params[3]);
    }
    return a->kind = ANSWER_DONE;
}

/* What a run has set aside it has also folded past: nothing lies ahead. */
static enum answer_kind skips(struct session *s UNUSED,
                              const struct statement *st UNUSED,
                              struct answer *a)
{
    return rows(a, 0, 6);
}

static enum answer_kind published(struct session *s,
                                  const struct statement *st,
                                  struct answer *a)
{
    struct consumer_row *r = consumer(number(&st->params[1]));

    if (seen_by(s, r)->epoch == number(&st->params[3])) {
        if (!lock(s, r))
            return ANSWER_NONE;
        r->next.published = number(&st->params[2]);
    }
    return a->kind = ANSWER_DONE;
}

static enum answer_kind all_published(struct session *s,
                                      const struct statement *st,
                                      struct answer *a)
{
    for (int i = 0; i < array_count(&st->params[1]); i++) {
        struct consumer_row *r = consumer(item(&st->params[1], i));

        if (seen_by(s, r)->epoch != item(&st->params[2], i))
            continue;
        if (!lock(s, r))
            return ANSWER_NONE;
        r->next.published = item(&st->params[3], i);
    }
    return a->kind = ANSWER_DONE;
}

static enum answer_kind cell(struct session *s, const struct statement *st,
                             struct answer *a)
{
    int count = array_count(&st->params[1]);

    rows(a, count > 0 ? count : 1, 8);
    for (int i = 0; i < count || i == 0; i++) {
        struct param *c = row(a);

        for (int n = 0; n < 8; n++)
            c[n] = (struct param){ NULL, -1 };
        c[1] = cell_int(0, 8);
        c[2] = cell_int(world->reference, 8);
        if (i == count)
            break;
        c[3] = cell_int(item(&st->params[1], i), 4);
        c[4] = stop_at(seen_by(s, consumer(item(&st->params[1], i))));
    }
    return a->kind;
}

static enum answer_kind fence(struct session *s, const struct statement *st,
                              struct answer *a)
{
    int count = array_count(&st->params[1]), matched = 0;

    rows(a, count, 4);
    if (world->reference == 0 || chance(20) == 0) /* somebody loads one */
        world->reference++;
    s->reference = world->reference;
    for (int i = 0; i < count; i++) {
        struct consumer_row *r = consumer(item(&st->params[1], i));
        const struct consumer *c = seen_by(s, r);
        struct param *to;

        s->epoch[item(&st->params[1], i) % PARTS_MAX] =
            item(&st->params[2], i);
        if ((c->epoch != item(&st->params[2], i) ||
             c->next_offset != item(&st->params[3], i)) &&
            world->lie != LIE_FENCE_PASSES)
            continue;
        if (!lock(s, r))
            return ANSWER_NONE;
        matched++;
        to = row(a);
        to[0] = cell_int(item(&st->params[1], i), 4);
        to[1] = stop_at(&r->next);
        to[2] = cell_int(s->reference, 8);
        to[3] = (struct param){ NULL, -1 };
    }
    if (matched == count)
        return a->kind;
    world->counted[COUNTED_FENCES]++;
    return answer_error(a, "BD001", "a partition is not mine any more");
}

static enum answer_kind mark(struct session *s, const struct statement *st,
                             struct answer *a)
{
    const struct param *p = st->params;

    for (int i = 0; i < array_count(&p[1]); i++) {
        struct consumer_row *r = consumer(item(&p[1], i));
        struct param hash = array_item(&p[5], i);
        struct param digest = array_item(&p[14], i);
        struct consumer *c = &r->next;

        if (!lock(s, r))
            return ANSWER_NONE;
        c->next_offset = item(&p[2], i);
        c->at = item(&p[3], i);
        c->seq = item(&p[4], i);
        c->hash = text(&hash);
        c->published = item(&p[6], i);
        c->day = item(&p[7], i);
        c->last = item(&p[8], i);
        c->messages = item(&p[9], i);
        c->refused = item(&p[10], i);
        c->seen = item(&p[11], i);
        c->dead = item(&p[12], i);
        c->starts = item(&p[13], i);
        c->last_offset = c->next_offset - 1;
        c->last_digest = text(&digest);
    }
    return a->kind = ANSWER_DONE;
}

/* ---- all of them ---- */

static enum answer_kind nothing(struct session *s, const struct statement *st,
                                struct answer *a)
{
    (void)s;
    (void)st;
    return a->kind = ANSWER_DONE;
}

/* By name, or by how the SQL begins. */
static const struct {
    const char *what;
    enum answer_kind (*run)(struct session *, const struct statement *,
                            struct answer *);
} table[] = {
    /* clang-format off */
    { "work_fence",                                  fence           },
    { "work_seen",                                   log_seen        },
    { "work_log",                                    log_add         },
    { "work_dead",                                   log_add_dead    },
    { "work_mark",                                   mark            },
    { "work_published",                              all_published   },
    { "WITH made AS (INSERT INTO log.consumer",      take            },
    { "UPDATE log.consumer c SET epoch = epoch + 1", raise_epoch     },
    { "SELECT next_offset, epoch, starts",           read_state      },
    { "UPDATE log.consumer SET fenced = fenced + 1", fenced          },
    { "UPDATE log.consumer SET starts = starts +",   raise_starts    },
    { "SELECT first, last, gap, code",               skips           },
    { "UPDATE log.consumer SET published = $3",      published       },
    { "SELECT id, seq, cause, topic, key",           log_unpublished },
    { "INSERT INTO log.pulse",                       nothing         },
    { "SELECT l.test_clock",                         cell            },
    { "toy_load",                                    toy_load        },
    { "toy_save",                                    toy_save        },
    { "toy_notes",                                   toy_notes       },
    { "toy_due",                                     toy_due         },
    /* clang-format on */
};

enum answer_kind table_execute(struct session *s, const struct statement *st,
                               struct answer *a)
{
    const char *what = st->what + strspn(st->what, " ");

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (strncmp(what, table[i].what, strlen(table[i].what)) == 0)
            return a->kind = table[i].run(s, st, a);
    broken("sim_tables.c does not know the statement %.80s", what);
    return answer_error(a, "42601", "unknown statement");
}
