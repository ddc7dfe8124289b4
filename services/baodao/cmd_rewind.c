/*
 * cmd_rewind.c - a group of readers reads a topic again, or leaves some out.
 * Our workers never read Kafka's offsets: for them it would do nothing, and is
 * refused.
 */
#include <string.h>

#include "common/io/kafka_rewind.h"
#include "services/baodao/act.h"
#include "services/baodao/table.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

enum { TO, YES, WHY, OPTIONS };

struct rewind {
    struct kafka_rewind plan;
    const char *to, *why;
    bool yes;
};

static bool check_worker(struct cli *cli, const struct rewind *r,
                         struct err *err)
{
    struct pg_params params = {0};
    int64_t count = 0;

    pg_param_text(&params, text_of(r->plan.group));
    pg_param_text(&params, text_of(cli->name));
    return cli_ask_int(cli,
                       "SELECT count(*) FROM log.consumer"
                       " WHERE $2 || '.' || service = $1",
                       &params, &count, err) &&
           (count == 0 ||
            err_reject(err, "worker", "",
                       "%s is a worker: its offsets are in log.consumer and "
                       "never go back",
                       r->plan.group));
}

static void print(const struct kafka_rewind *r)
{
    AUTO(table)
    struct table t = TABLE("topic", "#part", "#committed", "#to", "#again");

    for (size_t i = 0; i < r->count; i++) {
        table_string(&t, r->topic);
        table_int(&t, (int64_t)i);
        if (r->committed[i] < 0)
            table_string(&t, "-");
        else
            table_int(&t, r->committed[i]);
        table_int(&t, r->target[i]);
        if (r->committed[i] < 0)
            table_string(&t, "-");
        else
            table_int(&t, r->committed[i] - r->target[i]);
    }
    table_print(&t, stdout);
}

/* The act is there before Kafka has moved: better one too many. */
static bool move(struct cli *cli, struct kafka_admin *admin,
                 const struct rewind *r, struct err *err)
{
    char subject[256], detail[64];
    const struct act act = {"rewind", subject, r->why, detail};

    snprintf(subject, sizeof(subject), "%s/%s", r->plan.group, r->plan.topic);
    snprintf(detail, sizeof(detail), "to %s", r->to);
    if (!act_log(cli, &act, err) || !kafka_rewind_move(admin, &r->plan, err))
        return false;
    printf("已移动 / moved\n");
    return true;
}

static bool rewind_group(struct cli *cli, struct kafka_admin *admin,
                         struct rewind *r, struct err *err)
{
    if (!check_worker(cli, r, err) || !kafka_rewind_plan(admin, &r->plan, err))
        return false;
    print(&r->plan);
    if (r->yes)
        return move(cli, admin, r, err);
    printf("试算, 没有改动; 加 --yes --why 执行 / a dry run, nothing has moved: "
           "--yes --why W does it\n");
    return true;
}

static bool read_words(struct cli *cli, struct rewind *r, struct err *err)
{
    struct cli_option options[] = {[TO] = {.name = "to"},
                                   [YES] = {.name = "yes", .is_flag = true},
                                   [WHY] = {.name = "why"},
                                   [OPTIONS] = {0}};
    const char *words[2];

    if (!cli_words(cli, options, words, 2, 2, err))
        return false;
    r->to = options[TO].value;
    r->yes = options[YES].value;
    r->why = options[WHY].value;
    if (!r->to)
        return cli_usage(err, "say --to where");
    if (r->yes && (!r->why || !r->why[0]))
        return cli_usage(err, "say --why it is moved");
    if (!text_copy(text_of(words[0]), r->plan.group, sizeof(r->plan.group)))
        return cli_usage(err, "no group has so long a name");
    cli_topic_name(cli->name, words[1], r->plan.topic);
    return kafka_rewind_to(text_of(r->to), &r->plan) ||
           cli_usage(err, "--to is an offset, or an instant like "
                          "2026-03-02T08:30+08:00");
}

bool cmd_rewind(struct cli *cli, struct err *err)
{
    struct kafka_admin *admin = NULL;
    struct rewind r = {0};
    bool done;

    if (!read_words(cli, &r, err) || !cli_need(cli->kafka, "KAFKA", err) ||
        !cli_cell(cli, err) || !kafka_admin_open(cli->kafka, &admin, err))
        return false;
    done = rewind_group(cli, admin, &r, err);
    kafka_admin_close(admin);
    return done;
}
