/*
 * cmd_lag.c - how far each partition is folded, how fast, and who has paused
 * it. Rates are what moved between two looks.
 */
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/json.h"
#include "common/io/supervise.h"
#include "services/baodao/queues.h"
#include "services/baodao/table.h"
#include "services/baodao/verbs.h"

enum { JSON, OVER, WATCH, OPTIONS };

struct look {
    struct queues before, now;
    int64_t now_us;
    int64_t interval_us; /* between the two; 0: there was one only */
};

static struct text tenths(int64_t value, char into[32])
{
    snprintf(into, 32, "%lld.%lld", (long long)(value / 10),
             (long long)(value % 10));
    return text_of(into);
}

static void put_rates(struct table *t, const struct look *l, size_t i)
{
    struct rate r = queue_rate(&l->before.items[i], &l->now.items[i],
                               l->interval_us);
    char text[32];

    if (l->interval_us == 0) {
        for (int n = 0; n < 3; n++)
            table_string(t, "-");
        return;
    }
    table_text(t, tenths(r.in, text));
    table_text(t, tenths(r.out, text));
    if (r.drain_s < 0)
        table_string(t, "never");
    else
        table_int(t, r.drain_s);
}

static void put_queue(struct table *t, const struct look *l, size_t i)
{
    const struct queue *q = &l->now.items[i];
    const int64_t numbers[] = {q->next < 0 ? 0 : q->next, q->high, queue_lag(q),
                               queue_lag_s(q, l->now_us)};
    const int64_t counts[] = {q->refused, q->seen, q->letters,
                              q->seq - q->published, q->epoch};

    table_string(t, q->topic);
    table_int(t, q->partition);
    table_string(t, q->owner[0] ? q->owner : "-");
    for (size_t n = 0; n < COUNT_OF(numbers); n++)
        table_int(t, numbers[n]);
    put_rates(t, l, i);
    for (size_t n = 0; n < COUNT_OF(counts); n++)
        table_int(t, counts[n]);
    table_string(t, queue_state(q));
}

static void print_pauses(const struct queues *queues)
{
    for (size_t i = 0; i < queues->count; i++) {
        const struct queue *q = &queues->items[i];

        if (!q->paused && !q->draining)
            continue;
        printf("%s/%d %s: %s 自 %s: %s / by %s since %s\n", q->service,
               (int)q->partition, queue_state(q), q->paused_by, q->since,
               q->why, q->paused_by, q->since);
    }
}

static bool print_types(struct cli *cli, struct err *err)
{
    return cli_print_rows(
        cli,
        "SELECT format('%s paused: %s 自 %s: %s / at the gateway, by %s since"
        " %s', type, who, s, why, who, s) FROM gateway.pause,"
        " LATERAL (SELECT to_char(since AT TIME ZONE interval '08:00',"
        " 'YYYY-MM-DD HH24:MI')) AS t(s) ORDER BY type",
        NULL, err);
}

static bool print_text(struct cli *cli, const struct look *l, struct err *err)
{
    AUTO(table)
    struct table t =
        TABLE("topic", "#part", "owner", "#next", "#high", "#lag", "#seconds",
              "#in/s", "#out/s", "#drain s", "#refused", "#seen", "#dead",
              "#unpublished", "#epoch", "state");
    int64_t lag = 0, dead = 0;

    for (size_t i = 0; i < l->now.count; i++) {
        put_queue(&t, l, i);
        lag += queue_lag(&l->now.items[i]);
        dead += l->now.items[i].letters;
    }
    table_print(&t, stdout);
    print_pauses(&l->now);
    if (!print_types(cli, err))
        return false;
    printf("积压 %lld 条, 死信 %lld 条 / %lld messages wait, %lld dead "
           "letters\n",
           (long long)lag, (long long)dead, (long long)lag, (long long)dead);
    return true;
}

static void json_rates(struct json *j, const struct look *l, size_t i)
{
    struct rate r = queue_rate(&l->before.items[i], &l->now.items[i],
                               l->interval_us);
    char text[32];

    if (l->interval_us == 0)
        return;
    json_raw(j, "in_per_second", tenths(r.in, text));
    json_raw(j, "out_per_second", tenths(r.out, text));
    if (r.drain_s < 0)
        json_null(j, "drain_seconds");
    else
        json_int(j, "drain_seconds", r.drain_s);
}

static void print_json(const struct look *l)
{
    for (size_t i = 0; i < l->now.count; i++) {
        const struct queue *q = &l->now.items[i];
        AUTO(buf) struct buf line = {0};
        struct json j;

        json_begin(&j, &line);
        json_string(&j, "topic", q->topic);
        json_int(&j, "partition", q->partition);
        json_string_if(&j, "owner", q->owner);
        json_int(&j, "next_offset", q->next);
        json_int(&j, "high", q->high);
        json_int(&j, "lag", queue_lag(q));
        json_int(&j, "lag_seconds", queue_lag_s(q, l->now_us));
        json_rates(&j, l, i);
        json_bool(&j, "paused", q->paused);
        json_bool(&j, "draining", q->draining);
        json_string_if(&j, "state", queue_state(q));
        json_string_if(&j, "paused_by", q->paused_by);
        json_string_if(&j, "paused_since", q->since);
        json_string_if(&j, "paused_why", q->why);
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

/* One look, or two with so many seconds between. */
static bool look(struct cli *cli, struct look *l, int64_t seconds,
                 struct err *err)
{
    int64_t began_us = instant_monotonic();

    if (!queues_read(cli, &l->now, err))
        return false;
    l->interval_us = 0;
    if (seconds > 0) {
        l->before = l->now;
        for (int64_t ms = 0; ms < seconds * 1000 && !supervise_stopping();
             ms += 100)
            usleep(100000);
        l->interval_us = instant_monotonic() - began_us;
        if (!queues_read(cli, &l->now, err))
            return false;
    }
    l->now_us = cli_now(cli);
    return true;
}

bool cmd_lag(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {
        [JSON] = {.name = "json", .is_flag = true},
        [OVER] = {.name = "over"},
        [WATCH] = {.name = "watch", .is_flag = true},
        [OPTIONS] = {0}};
    static struct look l;
    int64_t seconds = 0;

    if (!cli_words(cli, options, NULL, 0, 0, err) ||
        (options[OVER].value && !cli_int(options[OVER].value, "--over", 1, 3600,
                                         &seconds, err)) ||
        !cli_cell(cli, err) || !cli_kafka(cli, err))
        return false;
    if (options[WATCH].value && seconds == 0)
        seconds = 2;
    do {
        if (!cli_cell(cli, err) || !look(cli, &l, seconds, err))
            return false;
        if (options[JSON].value)
            print_json(&l);
        else if (!print_text(cli, &l, err))
            return false;
        fflush(stdout);
    } while (options[WATCH].value && !supervise_stopping());
    return true;
}
