/* cmd_show.c - what a thing is now, and how it came to that. */
#include <string.h>

#include "common/base/instant.h"
#include "services/baodao/explain.h"
#include "services/baodao/table.h"
#include "services/baodao/verbs.h"
#include "services/baodao/words.h"

/*
 * A thing by $1: its id, or the number that people know. whole: its timeline
 * takes what is said about its parts too ("<whistle>/1/CGJ").
 */
static const struct thing {
    const char *name, *row;
    bool whole;
} things[] = {
    {"issue",
     "SELECT issue::text AS subject, t AS row FROM intake.issue t"
     " WHERE issue::text = $1 OR number = $1",
     false},
    {"whistle",
     "SELECT id::text AS subject, t AS row FROM dispatch.whistle t"
     " WHERE id::text = $1 OR number = $1",
     true},
    {"task",
     "SELECT concat_ws('/', whistle, round, office) AS subject, t AS row"
     "  FROM track.lane t WHERE whistle = split_part($1, '/', 1)::uuid"
     "   AND round::text = split_part($1, '/', 2)"
     "   AND office = split_part($1, '/', 3)",
     false},
    {"match",
     "SELECT match::text AS subject, t AS row FROM match.match t"
     " WHERE match::text = $1",
     false},
};

static const struct thing *find_thing(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(things); i++)
        if (strcmp(things[i].name, name) == 0)
            return &things[i];
    return NULL;
}

/* ---- its row ---- */

struct shown {
    char subject[96]; /* "" until it was found */
};

static bool take_row(const struct pg_rows *rows, void *context, struct err *err)
{
    struct shown *shown = context;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct text name = pg_text(rows, i, 1), value = pg_text(rows, i, 2);
        struct text word = words_of(value);

        pg_code(rows, i, 0, shown->subject, sizeof(shown->subject));
        if (text_is(name, "state") && !text_equal(word, value))
            printf("%-18.*s %.*s (%.*s)\n", TEXT_PRINT(name), TEXT_PRINT(word),
                   TEXT_PRINT(value));
        else
            printf("%-18.*s %.*s\n", TEXT_PRINT(name), TEXT_PRINT(value));
    }
    return true;
}

static bool show_row(struct cli *cli, const struct thing *thing, const char *id,
                     struct shown *shown, struct err *err)
{
    AUTO(buf) struct buf sql = {0};
    struct pg_params params = {0};

    buf_print(&sql,
              "SELECT s.subject, j.key, j.value FROM (%s) s"
              " CROSS JOIN LATERAL json_each_text(to_json(s.row)) j"
              " WHERE j.value IS NOT NULL",
              thing->row);
    pg_param_text(&params, text_of(id));
    return pg_query(cli->pg, buf_string(&sql), &params, take_row, shown, err);
}

/* ---- its timeline ---- */

/* $1 the subject, $2 whether parts count: "id/" to "id0" are they. */
static const char timeline_sql[] =
    "SELECT e.at, e.type, CASE WHEN e.subject <> $1"
    "         THEN split_part(e.subject, '/', 2) || '/'"
    "              || split_part(e.subject, '/', 3) END,"
    "       split_part(coalesce(e.actor, ''), '/', 1),"
    "       substr(coalesce(e.actor, ''),"
    "              length(split_part(coalesce(e.actor, ''), '/', 1)) + 2),"
    "       (SELECT string_agg(format('%s=%s', d.key, CASE"
    "                 WHEN d.value ~ '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$'"
    "                 THEN to_char(d.value::timestamptz, 'MM-DD HH24:MI')"
    "                 ELSE left(d.value, 80) END), '  ')"
    "          FROM json_each_text(e.data::json) d"
    "         WHERE d.value <> '' AND d.key NOT IN ('issue', 'whistle',"
    "               'round', 'office', 'number', 'match', 'title', 'text'))"
    "  FROM log.entry e"
    " WHERE (e.subject = $1 OR ($2 AND e.subject > $1 || '/'"
    "                              AND e.subject < $1 || '0'))"
    "   AND e.type IS NOT NULL"
    " ORDER BY e.at, e.source_topic, e.partition, e.seq";

static void put_actor(struct table *t, struct text role, struct text rest)
{
    AUTO(buf) struct buf out = {0};

    buf_put_text(&out, words_of(role));
    if (rest.size > 1) {
        buf_put_byte(&out, ' ');
        buf_put_text(&out, rest);
    }
    table_text(t, buf_text(&out));
}

static bool take_timeline(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    AUTO(table)
    struct table t =
        TABLE("时间 at", "", "事件 event", "谁 who", "部分 part", "");
    char at[INSTANT_TEXT_SIZE];

    (void)context;
    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct text type = pg_text(rows, i, 1), word = words_of(type);

        instant_print_shanghai(pg_instant(rows, i, 0), at);
        table_text(&t, (struct text){at, 19});
        table_text(&t, text_equal(word, type) ? TEXT("") : word);
        table_text(&t, type);
        put_actor(&t, pg_text(rows, i, 3), pg_text(rows, i, 4));
        table_text(&t, pg_text(rows, i, 2));
        table_text(&t, pg_text(rows, i, 5));
    }
    printf("\n");
    table_print(&t, stdout);
    return true;
}

static bool show_timeline(struct cli *cli, const struct thing *thing,
                          const char *subject, struct err *err)
{
    struct pg_params params = {0};

    pg_param_text(&params, text_of(subject));
    pg_param_bool(&params, thing->whole);
    return pg_query(cli->pg, timeline_sql, &params, take_timeline, NULL, err);
}

/* ---- both as JSON ---- */

static bool show_json(struct cli *cli, const struct thing *thing,
                      const char *id, struct err *err)
{
    AUTO(buf) struct buf sql = {0};
    struct pg_params params = {0};

    buf_print(&sql,
              "SELECT json_build_object('row', to_json(s.row), 'timeline',"
              " (SELECT coalesce(json_agg(json_build_object("
              "   'id', e.id, 'at', e.at, 'type', e.type,"
              "   'subject', e.subject, 'version', e.version,"
              "   'actor', e.actor, 'data', e.data::json)"
              "   ORDER BY e.at, e.source_topic, e.partition, e.seq), '[]')"
              "  FROM log.entry e WHERE e.type IS NOT NULL"
              "   AND (e.subject = s.subject OR ($2::boolean"
              "        AND e.subject > s.subject || '/'"
              "        AND e.subject < s.subject || '0'))))::text"
              "  FROM (%s) s",
              thing->row);
    pg_param_text(&params, text_of(id));
    pg_param_bool(&params, thing->whole);
    return cli_print_rows(cli, buf_string(&sql), &params, err);
}

bool cmd_show(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {{.name = "json", .is_flag = true}, {0}};
    struct shown shown = {""};
    const struct thing *thing;
    const char *words[2];

    if (!cli_words(cli, options, words, 2, 2, err))
        return false;
    if (strcmp(words[0], "clock") == 0 && !options[0].value)
        return cli_cell(cli, err) && show_clock(cli, words[1], err);
    thing = find_thing(words[0]);
    if (!thing)
        return cli_usage(err, "%s is none of them", words[0]);
    if (!cli_cell(cli, err) ||
        !pg_exec(cli->pg, "SET TIME ZONE INTERVAL '+08:00' HOUR TO MINUTE",
                 err))
        return false;
    if (options[0].value)
        return show_json(cli, thing, words[1], err);
    if (!show_row(cli, thing, words[1], &shown, err))
        return false;
    if (!shown.subject[0])
        return err_reject(err, "not_found", "", "there is no %s %s", words[0],
                          words[1]);
    return show_timeline(cli, thing, shown.subject, err);
}
