/* queues.c - consumer rows beside Kafka's marks. */
#include "services/baodao/queues.h"

#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/supervise.h"
#include "services/baodao/topics.h"

#define LOOK_MS 100

static bool read_marks(struct cli *cli, struct queues *queues, struct err *err)
{
    char name[CLI_TOPIC_SIZE];

    queues->count = 0;
    for (const struct cli_topic *t = cli_topics; t->commands; t++) {
        cli_topic_name(cli->name, t->commands, name);
        for (int32_t p = 0; p < t->partitions; p++) {
            struct queue *q = &queues->items[queues->count++];

            *q = (struct queue){.topic = t->commands,
                                .partition = p,
                                .next = -1,
                                .last = -1,
                                .at_us = INSTANT_NONE};
            if (!kafka_in_marks(cli->in, name, p, &q->low, &q->high, err))
                return err_in(err, "%s/%d", name, (int)p);
        }
    }
    return true;
}

static struct queue *find(struct queues *queues, struct text topic,
                          int64_t partition)
{
    for (size_t i = 0; i < queues->count; i++)
        if (text_is(topic, queues->items[i].topic) &&
            queues->items[i].partition == partition)
            return &queues->items[i];
    return NULL;
}

static void take_row(const struct pg_rows *rows, int i, struct queue *q)
{
    int64_t *const numbers[] = {&q->messages, &q->seq,   &q->published,
                                &q->refused,  &q->seen,  &q->dead,
                                &q->fenced,   &q->epoch, &q->letters};
    struct text digest;

    pg_code(rows, i, 2, q->service, sizeof(q->service));
    pg_code(rows, i, 3, q->owner, sizeof(q->owner));
    q->next = pg_int(rows, i, 4);
    q->at_us = pg_instant(rows, i, 5);
    q->paused = pg_bool(rows, i, 6);
    q->draining = pg_bool(rows, i, 7);
    for (int n = 0; n < (int)COUNT_OF(numbers); n++)
        *numbers[n] = pg_int(rows, i, 8 + n);
    q->drain_to = pg_int(rows, i, 17);
    pg_code(rows, i, 18, q->paused_by, sizeof(q->paused_by));
    pg_code(rows, i, 19, q->since, sizeof(q->since));
    pg_code(rows, i, 20, q->why, sizeof(q->why));
    q->last = pg_null(rows, i, 21) ? -1 : pg_int(rows, i, 21);
    digest = pg_text(rows, i, 22);
    if (digest.size == DIGEST_SIZE)
        memcpy(q->last_digest.bytes, digest.bytes, DIGEST_SIZE);
}

static bool take_rows(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct queue *q =
            find(context, pg_text(rows, i, 0), pg_int(rows, i, 1));

        if (q)
            take_row(rows, i, q);
    }
    return true;
}

bool queues_read_rows(struct cli *cli, struct queues *queues, struct err *err)
{
    return pg_query(
        cli->pg,
        "SELECT c.topic, c.partition, c.service, coalesce(c.owner, ''),"
        "       c.next_offset, c.at, c.paused, c.draining, c.messages, c.seq,"
        "       c.published, c.refused, c.seen, c.dead, c.fenced, c.epoch,"
        "       (SELECT count(*) FROM log.dead_letter d"
        "         WHERE (d.topic, d.partition) = (c.topic, c.partition)),"
        "       coalesce(c.drain_to, 0), coalesce(c.paused_by, ''),"
        "       coalesce(to_char(c.paused_since AT TIME ZONE interval '08:00',"
        "                        'YYYY-MM-DD HH24:MI'), ''),"
        "       coalesce(c.paused_why, ''), c.last_offset, c.last_digest"
        "  FROM log.consumer c",
        NULL, take_rows, queues, err);
}

bool queues_read(struct cli *cli, struct queues *ret_queues, struct err *err)
{
    return read_marks(cli, ret_queues, err) &&
           queues_read_rows(cli, ret_queues, err);
}

int64_t queue_lag(const struct queue *q)
{
    int64_t from = q->next < 0 ? q->low : q->next;

    return q->high > from ? q->high - from : 0;
}

int64_t queue_lag_s(const struct queue *q, int64_t now_us)
{
    if (queue_lag(q) == 0 || q->at_us == INSTANT_NONE || q->at_us > now_us)
        return 0;
    return (now_us - q->at_us) / SECOND_US;
}

const char *queue_state(const struct queue *q)
{
    if (q->next < 0)
        return "never folded";
    if (q->paused)
        return "paused";
    if (!q->draining)
        return "";
    return q->next < q->drain_to ? "draining" : "drained";
}

struct rate queue_rate(const struct queue *before, const struct queue *after,
                       int64_t interval_us)
{
    int64_t from = before->next < 0 ? before->low : before->next;
    int64_t to = after->next < 0 ? after->low : after->next;
    struct rate r = {.drain_s = -1};
    int64_t closing;

    if (interval_us <= 0)
        return r;
    r.in = (after->high - before->high) * 10 * SECOND_US / interval_us;
    r.out = (to - from) * 10 * SECOND_US / interval_us;
    closing = r.out - r.in;
    if (queue_lag(after) == 0)
        r.drain_s = 0;
    else if (closing > 0)
        r.drain_s = (queue_lag(after) * 10 + closing - 1) / closing;
    return r;
}

bool queues_are_quiet(const struct queues *queues)
{
    for (size_t i = 0; i < queues->count; i++) {
        const struct queue *q = &queues->items[i];

        if (queue_lag(q) > 0 || q->published < q->seq)
            return false;
    }
    return true;
}

/* ---- waiting ---- */

/* Grows with everything that happens. */
static int64_t movement(const struct queues *queues)
{
    int64_t sum = 0;

    for (size_t i = 0; i < queues->count; i++)
        sum += queues->items[i].high + queues->items[i].published +
               (queues->items[i].next > 0 ? queues->items[i].next : 0);
    return sum;
}

static int64_t waiting(const struct queues *queues)
{
    int64_t sum = 0;

    for (size_t i = 0; i < queues->count; i++)
        sum += queue_lag(&queues->items[i]);
    return sum;
}

static bool never_moved(const struct queues *queues, int patience_s,
                        struct err *err)
{
    return err_retry(err, "not_folded",
                     "nothing has moved for %d s and %lld messages wait: are "
                     "all workers running? (baodao lag)",
                     patience_s, (long long)waiting(queues));
}

bool queues_wait(struct cli *cli, int patience_s, void (*tell)(int64_t),
                 struct err *err)
{
    struct queues queues;
    int64_t last = -1, moved_us = instant_monotonic();

    for (;;) {
        if (supervise_stopping())
            return err_fatal(err, "stopped", "stopped by a signal");
        if (!queues_read(cli, &queues, err))
            return false;
        if (movement(&queues) == last && queues_are_quiet(&queues))
            return true;
        if (movement(&queues) != last)
            moved_us = instant_monotonic();
        if (instant_monotonic() - moved_us > patience_s * SECOND_US)
            return never_moved(&queues, patience_s, err);
        if (tell)
            tell(waiting(&queues));
        last = movement(&queues);
        usleep(LOOK_MS * 1000);
    }
}
