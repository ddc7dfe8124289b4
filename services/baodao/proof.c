/* proof.c - is a topic the one that was folded? As a worker asks it when it
 * takes over: by the last message that was folded. */
#include "common/work/proof.h"

#include <string.h>

#include "common/base/instant.h"
#include "services/baodao/queues.h"
#include "services/baodao/topics.h"

#define PATIENCE_US (5 * SECOND_US)

struct proving {
    const struct cli *cli;
    uint8_t key[KEY_SIZE];
    const struct queue *asked[QUEUES_MAX]; /* NULL: not, or answered */
    size_t waiting;
};

bool queue_is_provable(const struct queue *q)
{
    return q->last >= q->low && q->last == q->next - 1 && q->next <= q->high;
}

static bool begin(struct proving *p, struct cli *cli,
                  const struct queues *queues, struct err *err)
{
    struct kafka_partition list[QUEUES_MAX] = {0};

    for (size_t i = 0; i < queues->count; i++) {
        const struct queue *q = &queues->items[i];

        if (!queue_is_provable(q))
            continue;
        cli_topic_name(cli->name, q->topic, list[p->waiting].topic);
        list[p->waiting].partition = q->partition;
        list[p->waiting++].offset = q->last;
        p->asked[i] = q;
    }
    return kafka_in_assign(cli->in, list, p->waiting, err);
}

static void judge(struct proving *p, const struct kafka_record *record,
                  bool anew[QUEUES_MAX])
{
    char name[CLI_TOPIC_SIZE];
    struct digest digest;

    for (size_t i = 0; i < QUEUES_MAX; i++) {
        const struct queue *q = p->asked[i];

        if (!q || q->partition != record->partition)
            continue;
        cli_topic_name(p->cli->name, q->topic, name);
        if (strcmp(name, record->topic) != 0)
            continue;
        record_proof(record, p->key, &digest);
        anew[i] = record->offset != q->last ||
                  !digest_equal(&digest, &q->last_digest);
        p->asked[i] = NULL;
        p->waiting--;
    }
}

static bool await(struct proving *p, struct kafka_in *in,
                  bool anew[QUEUES_MAX], struct err *err)
{
    int64_t until_us = instant_monotonic() + PATIENCE_US;
    struct kafka_record record;

    while (p->waiting > 0) {
        if (instant_monotonic() > until_us)
            return err_retry(err, "unread",
                             "%zu partitions did not answer in time",
                             p->waiting);
        if (!kafka_in_poll(in, 100, &record, err))
            return false;
        if (record.handle)
            judge(p, &record, anew);
        kafka_record_free(&record);
    }
    return true;
}

bool queues_prove(struct cli *cli, const struct queues *queues,
                  bool ret_anew[QUEUES_MAX], struct err *err)
{
    struct proving p = {.cli = cli};
    struct err ignored = {0};
    bool done;

    memset(ret_anew, 0, QUEUES_MAX * sizeof(*ret_anew));
    if (!cli_need(cli->keys, "KEYS", err) ||
        !key_read(cli->keys, "body", p.key, err) ||
        !begin(&p, cli, queues, err))
        return false;
    done = await(&p, cli->in, ret_anew, err);
    return kafka_in_assign(cli->in, NULL, 0, done ? err : &ignored) && done;
}
