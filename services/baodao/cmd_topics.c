/* cmd_topics.c - makes the topics of a cell. */
#include "common/base/instant.h"
#include "common/io/kafka_out.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

/* One writer for every capacity and every bean: one partition. */
const struct cli_topic cli_topics[] = {
    /* clang-format off */
    { "issue.commands",   "issue.events",   6 },
    { "whistle.commands", "whistle.events", 6 },
    { "task.commands",    "task.events",    6 },
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

static bool create(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {{.name = "replicas", .value = "1"},
                                   {.name = "retention-days", .value = "30"},
                                   {0}};
    struct kafka_topic topics[2 * 8] = {0};
    size_t count = 0;
    int64_t replicas, days;

    if (!cli_words(cli, options, NULL, 0, 0, err) ||
        !cli_int(options[0].value, "--replicas", 1, 9, &replicas, err) ||
        !cli_int(options[1].value, "--retention-days", 1, 36500, &days, err) ||
        !cli_need(cli->kafka, "KAFKA", err) || !cli_cell(cli, err))
        return false;
    for (const struct cli_topic *t = cli_topics; t->commands; t++) {
        cli_topic_name(cli->name, t->commands, topics[count].name);
        topics[count++].partitions = t->partitions;
        cli_topic_name(cli->name, t->events, topics[count].name);
        topics[count++].partitions = t->partitions;
    }
    return kafka_topics_create(cli->kafka, topics, count, (int)replicas,
                               cli->test_clock_us != INSTANT_NONE,
                               days * DAY_US / 1000, err);
}

bool cmd_topics(struct cli *cli, struct err *err)
{
    static const struct cli_sub subs[] = {{"create", create}, {0}};

    return cli_run_sub(cli, subs, false, err);
}
