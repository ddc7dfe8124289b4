/* cmd_tail.c - events as they come, a line each. */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/instant.h"
#include "common/io/kafka_in.h"
#include "common/io/supervise.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

enum { TOPIC, COUNT, ALL, OPTIONS };

#define PARTITIONS_MAX 64

struct feed {
    struct kafka_partition items[PARTITIONS_MAX];
    size_t count;
};

static bool add_topic(struct cli *cli, const char *topic, bool all,
                      struct feed *list, struct err *err)
{
    char name[CLI_TOPIC_SIZE];
    int32_t count;
    int64_t low, high;

    cli_topic_name(cli->name, topic, name);
    if (!kafka_in_partition_count(cli->in, name, &count, err))
        return err_in(err, "%s", name);
    for (int32_t p = 0; p < count && list->count < PARTITIONS_MAX; p++) {
        struct kafka_partition *one = &list->items[list->count];

        if (!kafka_in_marks(cli->in, name, p, &low, &high, err))
            return err_in(err, "%s/%d", name, (int)p);
        snprintf(one->topic, sizeof(one->topic), "%s", name);
        one->partition = p;
        one->offset = all ? low : high;
        list->count++;
    }
    return true;
}

static bool add_events(struct cli *cli, bool all, struct feed *list,
                       struct err *err)
{
    for (const struct cli_topic *t = cli_topics; t->commands; t++)
        if (!add_topic(cli, t->events, all, list, err))
            return false;
    return true;
}

static struct text header(const struct kafka_record *record, const char *name)
{
    struct text found, value;

    for (size_t i = 0; kafka_header(record, i, &found, &value); i++)
        if (text_is(found, name))
            return value;
    return TEXT("-");
}

/* What is no text would disturb the terminal. */
static void print_text(struct text t)
{
    if (!text_valid(t)) {
        printf("(%zu bytes)", t.size);
        return;
    }
    for (size_t i = 0; i < t.size; i++)
        putchar((unsigned char)t.bytes[i] < ' ' ? ' ' : t.bytes[i]);
}

static void print_record(const struct kafka_record *record)
{
    static const char *const names[] = {"ce_type", "ce_subject", "ce_sequence",
                                        "ce_actor"};
    char at[INSTANT_TEXT_SIZE];

    instant_print_shanghai(record->at_us, at);
    printf("%.19s", at);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        printf("  ");
        print_text(header(record, names[i]));
    }
    printf("  ");
    print_text(record->value);
    printf("\n");
    fflush(stdout);
}

static bool follow(struct cli *cli, int64_t most, struct err *err)
{
    struct kafka_record record;

    while (most > 0 && !supervise_stopping()) {
        if (!kafka_in_poll(cli->in, 500, &record, err)) {
            if (err->kind == ERR_RETRY)
                continue;
            return false;
        }
        if (!record.handle)
            continue;
        print_record(&record);
        kafka_record_free(&record);
        most--;
    }
    return true;
}

bool cmd_tail(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {
        [TOPIC] = {.name = "topic"},
        [COUNT] = {.name = "count", .value = "1000000000000"},
        [ALL] = {.name = "all", .is_flag = true},
        [OPTIONS] = {0},
    };
    struct feed list = {.count = 0};
    int64_t most;

    if (!cli_words(cli, options, NULL, 0, 0, err) ||
        !cli_int(options[COUNT].value, "--count", 1, INT64_MAX, &most, err) ||
        !cli_need(cli->name, "CELL", err) || !cli_kafka(cli, err))
        return false;
    if (options[TOPIC].value ? !add_topic(cli, options[TOPIC].value,
                                          options[ALL].value, &list, err)
                             : !add_events(cli, options[ALL].value, &list, err))
        return false;
    return kafka_in_assign(cli->in, list.items, list.count, err) &&
           follow(cli, most, err);
}
