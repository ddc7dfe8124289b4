/*
 * cmd_rewind.c - moves what a group of readers has committed in Kafka, so that
 * it reads a topic again, or leaves some out. Our workers never read Kafka's
 * offsets: for them it would do nothing, and is refused.
 */
#include <string.h>

#include "common/base/instant.h"
#include "common/io/kafka_admin.h"
#include "services/baodao/act.h"
#include "services/baodao/table.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

#define PARTITIONS 64

enum { TO, YES, WHY, OPTIONS };

struct rewind {
    struct kafka_admin *admin; /* owned */
    const char *group, *to, *why;
    bool yes;
    char topic[CLI_TOPIC_SIZE];
    size_t count;
    int64_t committed[PARTITIONS], target[PARTITIONS];
};

/* ---- who may be moved ---- */

static bool check_worker(struct cli *cli, const struct rewind *r,
                         struct err *err)
{
    struct pg_params params = {0};
    int64_t count = 0;

    pg_param_text(&params, text_of(r->group));
    pg_param_text(&params, text_of(cli->name));
    return cli_ask_int(cli,
                       "SELECT count(*) FROM log.consumer"
                       " WHERE $2 || '.' || service = $1",
                       &params, &count, err) &&
           (count == 0 ||
            err_reject(err, "worker", "",
                       "%s is a worker: its offsets are in log.consumer and "
                       "never go back",
                       r->group));
}

static bool check_members(struct rewind *r, struct err *err)
{
    size_t members;

    return kafka_admin_members(r->admin, r->group, &members, err) &&
           (members == 0 ||
            err_reject(err, "has_members", "",
                       "%s has %zu living members: stop them first", r->group,
                       members));
}

/* ---- where to ---- */

static bool count_partitions(struct rewind *r, struct err *err)
{
    struct kafka_topic_state topic = {0};
    int brokers;

    snprintf(topic.name, sizeof(topic.name), "%s", r->topic);
    if (!kafka_admin_topics(r->admin, &topic, 1, 10000, &brokers, err))
        return false;
    if (topic.partitions < 1 || topic.partitions > PARTITIONS)
        return err_reject(err, "no_topic", "", "there is no topic %s",
                          r->topic);
    r->count = (size_t)topic.partitions;
    return true;
}

static bool put_offset(struct rewind *r, int64_t offset, struct err *err)
{
    int64_t low, high;

    for (size_t i = 0; i < r->count; i++) {
        if (!kafka_admin_marks(r->admin, r->topic, (int32_t)i, &low, &high,
                               err))
            return false;
        r->target[i] = offset < low ? low : offset > high ? high : offset;
    }
    return true;
}

static bool find_target(struct rewind *r, struct err *err)
{
    int64_t number;

    if (text_int(text_of(r->to), &number) && number >= 0)
        return put_offset(r, number, err);
    if (instant_parse(text_of(r->to), &number))
        return kafka_admin_at(r->admin, r->topic, number, r->target, r->count,
                              err);
    return cli_usage(err, "--to is an offset, or an instant like "
                          "2026-03-02T08:30+08:00");
}

/* ---- the deed ---- */

static void print(const struct rewind *r)
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
static bool move(struct cli *cli, const struct rewind *r, struct err *err)
{
    char subject[256], detail[64];
    const struct act act = {"rewind", subject, r->why, detail};

    snprintf(subject, sizeof(subject), "%s/%s", r->group, r->topic);
    snprintf(detail, sizeof(detail), "to %s", r->to);
    if (!act_log(cli, &act, err) ||
        !kafka_admin_commit(r->admin, r->group, r->topic, r->target, r->count,
                            err))
        return false;
    printf("已移动 / moved\n");
    return true;
}

static bool rewind_group(struct cli *cli, struct rewind *r, struct err *err)
{
    if (!kafka_admin_open(cli->kafka, &r->admin, err) ||
        !check_worker(cli, r, err) || !count_partitions(r, err) ||
        !check_members(r, err) || !find_target(r, err) ||
        !kafka_admin_committed(r->admin, r->group, r->topic, r->committed,
                               r->count, err))
        return false;
    print(r);
    if (r->yes)
        return move(cli, r, err);
    printf("试算, 没有改动; 加 --yes --why 执行 / a dry run, nothing has moved: "
           "--yes --why W does it\n");
    return true;
}

bool cmd_rewind(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {[TO] = {.name = "to"},
                                   [YES] = {.name = "yes", .is_flag = true},
                                   [WHY] = {.name = "why"},
                                   [OPTIONS] = {0}};
    struct rewind r = {0};
    const char *words[2];
    bool done;

    if (!cli_words(cli, options, words, 2, 2, err))
        return false;
    r.group = words[0];
    r.to = options[TO].value;
    r.yes = options[YES].value;
    r.why = options[WHY].value;
    if (!r.to)
        return cli_usage(err, "say --to where");
    if (r.yes && (!r.why || !r.why[0]))
        return cli_usage(err, "say --why it is moved");
    if (!cli_need(cli->kafka, "KAFKA", err) || !cli_cell(cli, err))
        return false;
    cli_topic_name(cli->name, words[1], r.topic);
    done = rewind_group(cli, &r, err);
    kafka_admin_close(r.admin);
    return done;
}
