/* cmd_topics.c - makes the topics of a cell, and takes a lost one on again. */
#include <string.h>

#include "common/base/instant.h"
#include "common/io/kafka_in.h"
#include "common/io/kafka_out.h"
#include "services/baodao/act.h"
#include "services/baodao/queues.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

#define MANY KAFKA_PARTITIONS_MOST

/* One writer for every capacity and every bean: one partition. */
const struct cli_topic cli_topics[] = {
    /* clang-format off */
    { "issue.commands",   "issue.events",   MANY },
    { "whistle.commands", "whistle.events", MANY },
    { "task.commands",    "task.events",    MANY },
    { "match.commands",   "match.events",   1 },
    { "ledger.commands",  "ledger.events",  1 },
    { 0 },
    /* clang-format on */
};

void cli_topic_name(const char *cell, const char *topic,
                    char into[CLI_TOPIC_SIZE])
{
    snprintf(into, CLI_TOPIC_SIZE, "%s.%s", cell, topic);
}

/* ---- making them ---- */

#define TOPIC_OPTIONS                                                          \
    {.name = "replicas", .value = "1"}, {.name = "retention-days",             \
                                         .value = "30"}
enum { REPLICAS, DAYS, WHY };

struct making {
    struct kafka_topic topics[2 * 8];
    size_t count;
    int64_t replicas, days;
};

static bool read_options(struct making *m, const struct cli_option *options,
                         struct err *err)
{
    return cli_int(options[REPLICAS].value, "--replicas", 1, 9, &m->replicas,
                   err) &&
           cli_int(options[DAYS].value, "--retention-days", 1, 36500, &m->days,
                   err);
}

/* All, or the one that is meant. */
static void choose(const struct cli *cli, const char *only, struct making *m)
{
    for (const struct cli_topic *t = cli_topics; t->commands; t++) {
        const char *const both[] = {t->commands, t->events};

        for (size_t i = 0; i < COUNT_OF(both); i++) {
            if (only && strcmp(only, both[i]) != 0)
                continue;
            cli_topic_name(cli->name, both[i], m->topics[m->count].name);
            m->topics[m->count++].partitions = t->partitions;
        }
    }
}

static bool make(struct cli *cli, const struct making *m, struct err *err)
{
    return kafka_topics_create(cli->kafka, m->topics, m->count,
                               (int)m->replicas,
                               cli->test_clock_us != INSTANT_NONE,
                               m->days * DAY_US / 1000, err);
}

static bool create(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {TOPIC_OPTIONS, {0}};
    struct making m = {0};

    if (!cli_words(cli, options, NULL, 0, 0, err) ||
        !read_options(&m, options, err) ||
        !cli_need(cli->kafka, "KAFKA", err) || !cli_cell(cli, err))
        return false;
    choose(cli, NULL, &m);
    return make(cli, &m, err);
}

/* ---- taking one on ---- */

static bool take_awake(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    (void)context;
    return rows->count == 0 ||
           err_retry(err, "awake",
                     "first stop all workers: %.*s lived within the last 5 s, "
                     "and what it has in hand would come before what is older",
                     TEXT_PRINT(pg_text(rows, 0, 0)));
}

static bool all_asleep(struct cli *cli, struct err *err)
{
    return pg_query(cli->pg,
                    "SELECT p.instance FROM log.pulse p"
                    " WHERE p.wall > clock_timestamp() - interval '5 s'"
                    "   AND p.service IN (SELECT service FROM log.consumer)"
                    " ORDER BY 1 LIMIT 1",
                    NULL, take_awake, NULL, err);
}

/* Of this topic alone; lows: where its partitions begin. */
static bool read_queues(struct cli *cli, const char *topic,
                        const struct kafka_topic *kafka,
                        struct queues *queues, struct pg_array *lows,
                        struct err *err)
{
    queues->count = 0;
    for (int32_t i = 0; i < kafka->partitions; i++) {
        struct queue *q = &queues->items[queues->count++];

        *q = (struct queue){
            .topic = topic, .partition = i, .next = -1, .last = -1};
        if (!kafka_in_marks(cli->in, kafka->name, i, &q->low, &q->high, err))
            return false;
        pg_put_int(lows, q->low);
    }
    return queues_read_rows(cli, queues, err);
}

/* Refuses while Kafka holds what was folded, in each partition. Nobody folds
 * events: it cannot be told of them. */
static bool is_lost(struct cli *cli, const char *topic,
                    const struct queues *queues, struct err *err)
{
    bool anew[QUEUES_MAX], lost = strstr(topic, ".events") != NULL;

    if (!queues_prove(cli, queues, anew, err))
        return false;
    for (size_t i = 0; i < queues->count; i++)
        lost = lost || anew[i] ||
               queues->items[i].next > queues->items[i].high;
    return lost || err_reject(err, "not_lost", "",
                              "%s is not lost: Kafka has all that was folded",
                              topic);
}

static bool take_count(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    (void)err;
    *(int64_t *)context = pg_int(rows, 0, 0);
    return true;
}

static bool move(struct cli *cli, const struct making *m,
                 const struct act *act, struct pg_array *lows, struct err *err)
{
    struct act done = *act;
    struct pg_params params = {0};
    int64_t again = 0;
    char said[64];

    pg_param_text(&params, text_of(act->subject));
    pg_param_array(&params, lows);
    if (cli->test_clock_us == INSTANT_NONE)
        pg_param_instant(&params, cli_now(cli) - m->days * DAY_US);
    else
        pg_param_instant(&params, 0); /* such a topic keeps all */
    if (!pg_exec(cli->pg, "BEGIN", err) ||
        !pg_query(cli->pg, "SELECT log.adopt_topic($1, $2, $3)", &params,
                  take_count, &again, err))
        return false;
    snprintf(said, sizeof(said), "%lld to be published again",
             (long long)again);
    done.detail = said;
    if (!act_log(cli, &done, err) || !pg_exec(cli->pg, "COMMIT", err))
        return false;
    printf("%s: %s. 未处理的群众命令已丢失,须重新提交 / what people had "
           "commanded and no worker had folded is gone: it must be said "
           "again. Start the workers.\n", act->subject, said);
    return true;
}

static bool adopt(struct cli *cli, struct err *err)
{
    AUTO(pg_array) struct pg_array lows = PG_ARRAY(PG_INT8);
    struct cli_option options[] = {TOPIC_OPTIONS, [WHY] = {.name = "why"}, {0}};
    struct making m = {0};
    struct act act = {.verb = "topics.adopt"};
    struct queues queues;

    if (!cli_words(cli, options, &act.subject, 1, 1, err) ||
        !read_options(&m, options, err))
        return false;
    act.why = options[WHY].value;
    if (!act.why || !act.why[0])
        return cli_usage(err, "say --why it is adopted");
    choose(cli, act.subject, &m);
    if (m.count == 0)
        return cli_usage(err, "a cell has no topic %s", act.subject);
    return cli_cell(cli, err) && cli_kafka(cli, err) && all_asleep(cli, err) &&
           make(cli, &m, err) &&
           read_queues(cli, act.subject, &m.topics[0], &queues, &lows, err) &&
           is_lost(cli, act.subject, &queues, err) &&
           move(cli, &m, &act, &lows, err);
}

bool cmd_topics(struct cli *cli, struct err *err)
{
    static const struct cli_sub subs[] = {
        {"create", create}, {"adopt", adopt}, {0}};

    return cli_run_sub(cli, subs, false, err);
}
