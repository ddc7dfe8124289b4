/* cmd_lag.c - how far each partition is folded. */
#include "common/base/instant.h"
#include "common/io/json.h"
#include "services/baodao/queues.h"
#include "services/baodao/table.h"
#include "services/baodao/verbs.h"

static const char *word_of(const struct queue *q)
{
    if (q->next < 0)
        return "never folded";
    return q->paused ? "paused" : q->draining ? "draining" : "";
}

static void print_text(const struct queues *queues, int64_t now_us)
{
    AUTO(table)
    struct table t =
        TABLE("topic", "#part", "owner", "#next", "#high", "#lag", "#seconds",
              "#refused", "#seen", "#dead", "#unpublished", "#epoch", "state");
    int64_t lag = 0, dead = 0;

    for (size_t i = 0; i < queues->count; i++) {
        const struct queue *q = &queues->items[i];
        const int64_t numbers[] = {q->next < 0 ? 0 : q->next,
                                   q->high,
                                   queue_lag(q),
                                   queue_lag_s(q, now_us),
                                   q->refused,
                                   q->seen,
                                   q->letters,
                                   q->seq - q->published,
                                   q->epoch};

        table_string(&t, q->topic);
        table_int(&t, q->partition);
        table_string(&t, q->owner[0] ? q->owner : "-");
        for (size_t n = 0; n < COUNT_OF(numbers); n++)
            table_int(&t, numbers[n]);
        table_string(&t, word_of(q));
        lag += queue_lag(q);
        dead += q->letters;
    }
    table_print(&t, stdout);
    printf("积压 %lld 条, 死信 %lld 条 / %lld messages wait, %lld dead "
           "letters\n",
           (long long)lag, (long long)dead, (long long)lag, (long long)dead);
}

static void print_json(const struct queues *queues, int64_t now_us)
{
    for (size_t i = 0; i < queues->count; i++) {
        const struct queue *q = &queues->items[i];
        AUTO(buf) struct buf line = {0};
        struct json j;

        json_begin(&j, &line);
        json_string(&j, "topic", q->topic);
        json_int(&j, "partition", q->partition);
        json_string_if(&j, "owner", q->owner);
        json_int(&j, "next_offset", q->next);
        json_int(&j, "high", q->high);
        json_int(&j, "lag", queue_lag(q));
        json_int(&j, "lag_seconds", queue_lag_s(q, now_us));
        json_bool(&j, "paused", q->paused);
        json_bool(&j, "draining", q->draining);
        json_int(&j, "messages", q->messages);
        json_int(&j, "refused", q->refused);
        json_int(&j, "seen", q->seen);
        json_int(&j, "dead_letters", q->letters);
        json_int(&j, "seq", q->seq);
        json_int(&j, "published", q->published);
        json_int(&j, "fenced", q->fenced);
        json_int(&j, "epoch", q->epoch);
        json_end(&j);
        printf("%s\n", buf_string(&line));
    }
}

bool cmd_lag(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {{.name = "json", .is_flag = true}, {0}};
    struct queues queues;

    if (!cli_words(cli, options, NULL, 0, 0, err) || !cli_cell(cli, err) ||
        !cli_kafka(cli, err) || !queues_read(cli, &queues, err))
        return false;
    if (options[0].value)
        print_json(&queues, cli_now(cli));
    else
        print_text(&queues, cli_now(cli));
    return true;
}
