/*
 * cmd_pause.c - pause, resume and drain: partitions of a program, or a type
 * of commands at the gateway. Workers hear of it within a second.
 */
#include <string.h>
#include <unistd.h>

#include "services/baodao/queues.h"
#include "services/baodao/say.h"
#include "services/baodao/table.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

enum { TYPE, WHY, OPTIONS };

struct steer {
    const char *verb, *why;
    char service[16];
    int64_t partition; /* -1: all of the program's */
};

/* Act, at, who and verb: what each function of the schema operate begins with;
 * the id must live as long as the parameters. */
static void put_act(const struct cli *cli, const char *verb,
                    const struct uuid *id, struct pg_params *params)
{
    pg_param_uuid(params, id);
    pg_param_instant(params, cli_now(cli));
    pg_param_text(params, text_of(cli_person(cli)));
    pg_param_text(params, text_of(verb));
}

/* ---- a program ---- */

/* "dispatch" or "dispatch/3" */
static bool read_program(const char *word, struct steer *s, struct err *err)
{
    struct text number;
    struct text name = text_cut(text_of(word), '/', &number);

    s->partition = -1;
    if (!text_copy(name, s->service, sizeof(s->service)) || name.size == 0)
        return cli_usage(err, "%s is no program: intake, dispatch, …", word);
    return !strchr(word, '/') || cli_int(number.bytes, "the partition", 0,
                                         INT32_MAX, &s->partition, err);
}

static bool take_steered(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    AUTO(table) struct table t = TABLE("topic", "#part", "#next", "#stops at");
    const struct steer *s = context;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        table_text(&t, pg_text(rows, i, 0));
        table_int(&t, pg_int(rows, i, 1));
        table_int(&t, pg_int(rows, i, 2));
        if (strcmp(s->verb, "drain") == 0)
            table_int(&t, pg_int(rows, i, 3));
        else
            table_string(&t, strcmp(s->verb, "pause") == 0 ? "now" : "-");
    }
    table_print(&t, stdout);
    return true;
}

/* A drain goes up to what Kafka has at this moment. */
static void put_ends(const struct queues *queues, const struct steer *s,
                     struct pg_array *partitions, struct pg_array *ends)
{
    for (size_t i = 0; i < queues->count; i++) {
        const struct queue *q = &queues->items[i];

        if (strcmp(q->service, s->service) != 0)
            continue;
        pg_put_int(partitions, q->partition);
        pg_put_int(ends, q->high);
    }
}

static bool steer(struct cli *cli, struct steer *s, struct err *err)
{
    AUTO(pg_array) struct pg_array partitions = PG_ARRAY(PG_INT4);
    AUTO(pg_array) struct pg_array ends = PG_ARRAY(PG_INT8);
    struct uuid act = uuid_new(cli_now(cli));
    struct queues queues = {0};
    struct pg_params params = {0};

    if (strcmp(s->verb, "drain") == 0 &&
        (!cli_kafka(cli, err) || !queues_read(cli, &queues, err)))
        return false;
    put_ends(&queues, s, &partitions, &ends);
    put_act(cli, s->verb, &act, &params);
    pg_param_text(&params, text_of(s->service));
    if (s->partition < 0)
        pg_param_null(&params);
    else
        pg_param_int4(&params, (int32_t)s->partition);
    pg_param_text(&params, text_of(s->why));
    pg_param_array(&params, &partitions);
    pg_param_array(&params, &ends);
    return pg_query(cli->pg,
                    "SELECT topic, partition, next_offset, stop_at FROM"
                    " operate.steer($1, $2, $3, $4, $5, $6, $7, $8, $9)"
                    " ORDER BY 1, 2",
                    &params, take_steered, s, err);
}

/* ---- a type ---- */

static bool steer_type(struct cli *cli, const char *verb, const char *type,
                       const char *why, struct err *err)
{
    struct uuid act = uuid_new(cli_now(cli));
    struct pg_params params = {0};
    char path[512];

    snprintf(path, sizeof(path), "%s/messages/%s.json", cli->schemas, type);
    if (!say_topic_of(type) || access(path, R_OK) != 0)
        return err_reject(err, "no_such_type", "",
                          "there is no command %s", type);
    put_act(cli, verb, &act, &params);
    pg_param_text(&params, text_of(type));
    pg_param_text(&params, text_of(why));
    return pg_query(cli->pg,
                    "SELECT operate.steer_type($1, $2, $3, $4, $5, $6)",
                    &params, NULL, NULL, err);
}

/* ---- the verbs ---- */

static bool run(struct cli *cli, const char *verb, struct err *err)
{
    struct cli_option options[] = {
        [TYPE] = {.name = "type"}, [WHY] = {.name = "why"}, [OPTIONS] = {0}};
    bool resumes = strcmp(verb, "resume") == 0;
    struct steer s = {.verb = verb};
    const char *word, *type;

    if (!cli_words(cli, options, &word, 0, 1, err))
        return false;
    type = options[TYPE].value;
    s.why = options[WHY].value ? options[WHY].value : "";
    if (!type == !word)
        return cli_usage(err, "say which: PROGRAM[/PARTITION] or --type TYPE");
    if (type && strcmp(verb, "drain") == 0)
        return cli_usage(err, "a type has no queue: pause it");
    if (!resumes && !s.why[0])
        return cli_usage(err, "say --why it shall stand still");
    if (type)
        return cli_cell(cli, err) &&
               steer_type(cli, verb, type, s.why, err);
    return read_program(word, &s, err) && cli_cell(cli, err) &&
           steer(cli, &s, err);
}

bool cmd_pause(struct cli *cli, struct err *err)
{
    return run(cli, "pause", err);
}

bool cmd_resume(struct cli *cli, struct err *err)
{
    return run(cli, "resume", err);
}

bool cmd_drain(struct cli *cli, struct err *err)
{
    return run(cli, "drain", err);
}
