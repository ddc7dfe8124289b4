/*
 * cmd_dead_group.c - dead letters by their reason: counted, said again at a
 * limited rate, or dropped. Each letter is an act of its own.
 */
#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/supervise.h"
#include "services/baodao/dead.h"
#include "services/baodao/letter.h"
#include "services/baodao/table.h"

/* Those that lie there when it begins: what is said again may die anew. */
#define AT_ONCE 100000

enum { RATE, WHY, OPTIONS };

/* Topic and code, and the field if one is given. */
#define GROUP                                                                  \
    " WHERE topic = $1 AND code = $2 AND ($3::text IS NULL OR field = $3)"

/* ---- counting ---- */

static bool take_groups(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    AUTO(table)
    struct table t = TABLE("topic", "code", "field", "#count", "first", "last",
                           "sentence");
    char at[INSTANT_TEXT_SIZE];

    (void)context;
    (void)err;
    for (int i = 0; i < rows->count; i++) {
        for (int c = 0; c < 3; c++)
            table_text(&t, pg_text(rows, i, c));
        table_int(&t, pg_int(rows, i, 3));
        for (int c = 4; c < 6; c++) {
            instant_print_shanghai(pg_instant(rows, i, c), at);
            table_text(&t, (struct text){at, 19});
        }
        table_text(&t, pg_text(rows, i, 6));
    }
    if (rows->count > 0)
        table_print(&t, stdout);
    return true;
}

bool dead_groups(struct cli *cli, struct err *err)
{
    return cli_words(cli, NULL, NULL, 0, 0, err) && cli_cell(cli, err) &&
           pg_query(cli->pg,
                    "SELECT topic, code, field, count(*), min(at), max(at),"
                    "       max(sentence) FROM log.dead_letter"
                    " GROUP BY topic, code, field"
                    " ORDER BY count(*) DESC, topic, code, field",
                    NULL, take_groups, NULL, err);
}

/* ---- all of a group ---- */

struct group {
    const char *words[3]; /* topic, code, field or NULL */
    const char *why;
    int64_t rate;       /* letters a second at most; 0: dropped, not said */
    struct saying *say; /* NULL: they are dropped */
    struct place_of_letter {
        int32_t partition;
        int64_t offset;
    } places[AT_ONCE];
    size_t count;
    int64_t done;
};

static bool take_places(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct group *g = context;

    (void)err;
    g->count = (size_t)rows->count;
    for (int i = 0; i < rows->count; i++)
        g->places[i] = (struct place_of_letter){(int32_t)pg_int(rows, i, 0),
                                                pg_int(rows, i, 1)};
    return true;
}

static bool next_places(struct cli *cli, struct group *g, struct err *err)
{
    struct pg_params params = {0};

    for (int i = 0; i < 3; i++) {
        if (g->words[i])
            pg_param_text(&params, text_of(g->words[i]));
        else
            pg_param_null(&params);
    }
    return pg_query(cli->pg,
                    "SELECT partition, \"offset\" FROM log.dead_letter" GROUP
                    " ORDER BY at, partition, \"offset\" LIMIT 100000",
                    &params, take_places, g, err);
}

static bool settle_one(struct cli *cli, struct group *g,
                       const struct place_of_letter *p, struct err *err)
{
    AUTO(letter) struct letter l = {0};

    if (!letter_read(cli, g->words[0], p->partition, p->offset, &l, err))
        return false;
    if (g->say && (!letter_say(g->say, &l, err) || !saying_finish(g->say, err)))
        return false;
    if (!letter_settle(cli, &l, g->say ? "dead.replay" : "dead.drop", g->why,
                       err))
        return false;
    g->done++;
    return true;
}

static void wait_turn(const struct group *g, int64_t began_us)
{
    int64_t due_us = g->rate > 0 ? began_us + g->done * SECOND_US / g->rate : 0;
    int64_t wait_us = due_us - instant_monotonic();

    if (wait_us > 0)
        usleep((useconds_t)wait_us);
}

static bool settle_all(struct cli *cli, struct group *g, struct err *err)
{
    int64_t began_us = instant_monotonic();

    if (!next_places(cli, g, err))
        return false;
    for (size_t i = 0; i < g->count; i++) {
        if (supervise_stopping())
            return err_fatal(err, "stopped", "stopped after %lld letters",
                             (long long)g->done);
        if (!settle_one(cli, g, &g->places[i], err))
            return err_in(err, "%s %d %lld, after %lld letters", g->words[0],
                          (int)g->places[i].partition,
                          (long long)g->places[i].offset, (long long)g->done);
        wait_turn(g, began_us);
    }
    return true;
}

static bool run(struct cli *cli, bool says, struct err *err)
{
    struct cli_option options[] = {[RATE] = {.name = "rate", .value = "50"},
                                   [WHY] = {.name = "why"},
                                   [OPTIONS] = {0}};
    AUTO(saying) struct saying s = {0};
    static struct group g;

    if (!cli_words(cli, options, g.words, 2, 3, err) ||
        !cli_int(options[RATE].value, "--rate", 1, 10000, &g.rate, err))
        return false;
    g.why = options[WHY].value;
    if (!g.why || !g.why[0])
        return cli_usage(err, "say --why");
    if (!cli_cell(cli, err) || (says && !saying_open(cli, &s, err)))
        return false;
    g.say = says ? &s : NULL;
    if (!says)
        g.rate = 0;
    if (!settle_all(cli, &g, err))
        return false;
    printf("%lld 封 / %lld letters\n", (long long)g.done, (long long)g.done);
    return true;
}

bool dead_replay_group(struct cli *cli, struct err *err)
{
    return run(cli, true, err);
}

bool dead_drop_group(struct cli *cli, struct err *err)
{
    return run(cli, false, err);
}
