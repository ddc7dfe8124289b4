/*
 * assign.c - taking a partition over, and letting it go.
 *
 * Taking over raises the epoch, so that the predecessor's fence fails; then
 * what it committed and could not publish is published and awaited; only then
 * messages are fetched. A lost connection is another matter: the epoch must
 * still be ours, or somebody else has taken over.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/supervise.h"
#include "common/work/worker.h"

#define PATIENCE_US (20 * SECOND_US)
#define WAIT_FIRST_MS 100
#define WAIT_MOST_MS 1000

/* clang-format off */
static const char sql_take[] =
    "WITH made AS (INSERT INTO log.consumer (topic, partition, service,"
    " next_offset, epoch, starts, at, seq, hash, published, number_day,"
    " number_last, messages, refused, seen, dead, fenced, paused, draining)"
    " SELECT $1::text, $2::int, $3::text, 0, 0, 0,"
    " '1970-01-01T00:00:00Z'::timestamptz, 0, '\\x'::bytea, 0,"
    " '1970-01-01'::date, 0, 0, 0, 0, 0, 0, false, false"
    " ON CONFLICT DO NOTHING)"
    " SELECT 1";
#define STATE_COLUMNS " next_offset, epoch, starts, at, seq, hash," \
    " published, number_day, number_last, messages, refused, seen, dead," \
    " log.stop_at(paused, draining, drain_to), last_offset, last_digest"
static const char sql_raise[] =
    "UPDATE log.consumer c SET epoch = epoch + 1, owner = $3::text,"
    " next_offset = coalesce("
    "(SELECT s.last + 1 FROM log.skip s WHERE s.gap AND s.topic = c.topic"
    " AND s.partition = c.partition"
    " AND c.next_offset BETWEEN s.first AND s.last LIMIT 1), next_offset)"
    " WHERE topic = $1::text AND partition = $2::int"
    " RETURNING" STATE_COLUMNS;
static const char sql_state[] =
    "SELECT" STATE_COLUMNS " FROM log.consumer"
    " WHERE topic = $1::text AND partition = $2::int";
static const char sql_fenced[] =
    "UPDATE log.consumer SET fenced = fenced + 1,"
    " starts = greatest(starts - $3::int, 0)"
    " WHERE topic = $1::text AND partition = $2::int";
/* clang-format on */

/* ---- a partition's row ---- */

struct taken {
    struct partition *partition;
    int64_t epoch, starts;
    bool found;
};

/* Zeros for the empty one of a new row. */
static void take_digest(struct text bytes, struct digest *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (bytes.size == DIGEST_SIZE)
        memcpy(ret->bytes, bytes.bytes, DIGEST_SIZE);
}

static bool take_state(const struct pg_rows *rows, void *context,
                       struct err *err UNUSED)
{
    struct taken *t = context;
    struct mark *m = &t->partition->kept;

    if (rows->count == 0)
        return true;
    t->found = true;
    m->next_offset = pg_int(rows, 0, 0);
    t->epoch = pg_int(rows, 0, 1);
    t->starts = pg_int(rows, 0, 2);
    m->at_us = pg_instant(rows, 0, 3);
    m->seq = pg_int(rows, 0, 4);
    take_digest(pg_text(rows, 0, 5), &m->hash);
    partition_acked_until(t->partition, pg_int(rows, 0, 6));
    m->number_day = pg_date(rows, 0, 7);
    m->number_last = pg_int(rows, 0, 8);
    m->messages = pg_int(rows, 0, 9);
    m->refused = pg_int(rows, 0, 10);
    m->seen = pg_int(rows, 0, 11);
    m->dead = pg_int(rows, 0, 12);
    pause_hear(t->partition, pg_null(rows, 0, 13), pg_int(rows, 0, 13));
    t->partition->last_offset = pg_null(rows, 0, 14) ? -1
                                                     : pg_int(rows, 0, 14);
    take_digest(pg_text(rows, 0, 15), &t->partition->last);
    return true;
}

static void begin_at_kept(struct partition *p)
{
    p->now = p->kept;
    p->gathered_offset = p->kept.next_offset;
    p->gathered_at_us = p->kept.at_us;
}

/* ---- taking over ---- */

static bool raise_epoch(struct worker *w, struct partition *p,
                        int64_t *ret_starts, struct err *err)
{
    struct taken t = { .partition = p };
    struct pg_params params;

    row_params(w, &params, p->number);
    pg_param_text(&params, text_of(w->service->name));
    if (!pg_query(w->control, sql_take, &params, NULL, NULL, err))
        return false;
    row_params(w, &params, p->number);
    pg_param_text(&params, text_of(w->set.instance));
    if (!pg_query(w->control, sql_raise, &params, take_state, &t, err))
        return false;
    p->epoch = t.epoch;
    begin_at_kept(p);
    *ret_starts = t.starts;
    return true;
}

bool find_topic(struct worker *w, struct err *err)
{
    if (kafka_in_partition_count(w->in, w->topic, &w->partition_count, err))
        return true;
    if (strcmp(err->code, "no_topic") != 0)
        return false;
    return err_retry(err, "no_topic",
                     "Kafka has no topic %s: `baodao topics create` for a new "
                     "cell, `baodao topics adopt %s --why …` if it was lost",
                     w->topic, w->service->topic);
}

/* Our offset must lie in what Kafka still has. */
static bool check_marks(struct worker *w, struct partition *p,
                        int64_t *ret_high, struct err *err)
{
    int64_t low, high, mine = p->kept.next_offset;

    if (!kafka_in_marks(w->in, w->topic, p->number, &low, &high, err))
        return false;
    if (mine < low)
        return err_fatal(err, "offset_below_low",
                         "%s/%d: offset %lld is gone, Kafka begins at %lld: "
                         "`baodao offsets accept-gap %s %d --why …`",
                         w->topic, p->number, (long long)mine, (long long)low,
                         w->service->topic, p->number);
    if (mine > high)
        return err_fatal(err, "offset_above_high",
                         "%s/%d: offset %lld is beyond Kafka's end %lld: the "
                         "topic was lost: `baodao topics adopt %s --why …`",
                         w->topic, p->number, (long long)mine,
                         (long long)high, w->service->topic);
    prove_from(p, low);
    *ret_high = high;
    return true;
}

struct start {
    struct partition *partition;
    int64_t before; /* starts that came to nothing */
    int64_t high;   /* Kafka's end */
};

static bool take_one(struct worker *w, struct kafka_partition *k,
                     struct start *ret, struct err *err)
{
    struct partition *p = calloc(1, sizeof(*p));

    if (!p)
        abort();
    p->number = k->partition;
    p->stop_at = INT64_MAX;
    ret->partition = p;
    if (!raise_epoch(w, p, &ret->before, err)) {
        partition_free(p);
        return false;
    }
    w->partitions[p->number] = p;
    w->numbers[w->held++] = p->number;
    if (!skips_read(w, p, err) || !publish_rest(w, p, err) ||
        !check_marks(w, p, &ret->high, err))
        return false;
    k->offset = fetch_offset(p);
    log_fact(LOG_INFO, "took_over", "partition", LOG_INT(p->number), "epoch",
             LOG_INT(p->epoch), "offset", LOG_INT(p->kept.next_offset),
             LOG_END);
    metric_add(&metrics.takeovers, 1);
    return true;
}

static void forget_all(struct worker *w)
{
    w->suspect = NULL;
    for (size_t i = 0; i < w->held; i++) {
        partition_free(w->partitions[w->numbers[i]]);
        w->partitions[w->numbers[i]] = NULL;
    }
    w->held = 0;
}

/* Only when all are taken: one that had to wait for an engine is no start. */
static bool count_starts(struct worker *w, const struct start *starts,
                         size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!suspect(w, starts[i].partition, (int)starts[i].before,
                     starts[i].high, err))
            return false;
    return true;
}

/* What stands still begins at Kafka's end. */
static void begin_still(struct worker *w, struct kafka_partition *list,
                        const struct start *starts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pause_begins(w, starts[i].partition))
            list[i].offset = starts[i].high;
}

static bool take_all(struct worker *w, struct kafka_partition *list,
                     size_t count, struct err *err)
{
    struct start starts[PARTITIONS_MAX] = { 0 };

    forget_all(w);
    w->lost = false; /* what was lost before this is not ours to settle */
    if (!w->control && !worker_connect(w, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (list[i].partition >= PARTITIONS_MAX)
            return err_fatal(err, "partitions", "partition %d is over %d",
                             (int)list[i].partition, PARTITIONS_MAX);
        if (!take_one(w, &list[i], &starts[i], err))
            return false;
    }
    if (!count_starts(w, starts, count, err) || !try_suspects(w, err))
        return false;
    begin_still(w, list, starts, count);
    return true;
}

/* A predecessor may still hold its rows for idle_in_transaction's 5 s: wait
 * with lock_timeout, again and again. */
bool take_over(void *context, struct kafka_partition *list, size_t count,
               struct err *err)
{
    struct worker *w = context;
    int64_t until_us = instant_monotonic() + PATIENCE_US;
    int64_t wait_ms = WAIT_FIRST_MS;

    while (!take_all(w, list, count, err)) {
        if (err->kind != ERR_RETRY || instant_monotonic() > until_us ||
            supervise_stopping()) {
            w->unassigned = true;
            return false;
        }
        log_error(LOG_WARN, "take_over_waits", err, LOG_END);
        if (w->control && pg_is_broken(w->control))
            worker_disconnect(w);
        wait_away(w, jittered(wait_ms));
        wait_ms = 2 * wait_ms < WAIT_MOST_MS ? 2 * wait_ms : WAIT_MOST_MS;
    }
    side_ready(w->side, NULL);
    return true;
}

/* ---- letting go ---- */

void give_up(void *context, const struct kafka_partition *list UNUSED,
             size_t count, bool lost)
{
    struct worker *w = context;

    log_fact(LOG_INFO, "gave_up", "partitions", LOG_INT(count), "lost",
             LOG_INT(lost), "in_hand", LOG_INT(batch_waiting(w)), LOG_END);
    /* What is flying must land or die before the rows are another's. */
    if (!lost)
        lived(w);
    worker_disconnect(w);
    put_back(w);
    backlog_clear(w);
    w->holding = false;
    w->lost = lost && w->held > 0;
    if (!w->lost)
        forget_all(w);
}

/* ---- after a lost connection ---- */

static bool reattach_one(struct worker *w, struct partition *p,
                         struct err *err)
{
    struct taken t = { .partition = p };
    struct pg_params params;

    row_params(w, &params, p->number);
    if (!pg_query(w->control, sql_state, &params, take_state, &t, err))
        return false;
    if (!t.found || t.epoch != p->epoch)
        return err_fatal(err, "fenced",
                         "partition %d has another owner: epoch %lld, mine "
                         "was %lld", (int)p->number, (long long)t.epoch,
                         (long long)p->epoch);
    begin_at_kept(p);
    return publish_rest(w, p, err);
}

bool reattach(struct worker *w, struct err *err)
{
    for (size_t i = 0; i < w->held; i++) {
        if (!reattach_one(w, w->partitions[w->numbers[i]], err))
            return false;
    }
    backlog_prune(w);
    return true;
}

/* Whoever is fenced lives: it died of no message. */
void tell_fenced(struct worker *w)
{
    struct err err = { 0 };
    struct pg_params params;

    metric_add(&metrics.fenced, 1);
    if (!w->control && !worker_connect(w, &err))
        return;
    for (size_t i = 0; i < w->held; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        row_params(w, &params, p->number);
        pg_param_int4(&params, p->raised);
        p->raised = 0;
        if (!pg_query(w->control, sql_fenced, &params, NULL, NULL, &err)) {
            log_error(LOG_WARN, "fenced_uncounted", &err, LOG_END);
            return;
        }
    }
}

/* ---- replay: without a group, to the present end ---- */

bool replay_assign(struct worker *w, int32_t first, int32_t behind,
                   struct err *err)
{
    struct kafka_partition list[PARTITIONS_MAX] = { 0 };
    size_t count = 0;
    int64_t low;

    for (int32_t i = first; i < behind; i++) {
        struct kafka_partition *one = &list[count++];

        memcpy(one->topic, w->topic, sizeof(w->topic));
        one->partition = i;
        if (!kafka_in_marks(w->in, w->topic, i, &low, &w->replay_end[i], err))
            return false;
    }
    return take_all(w, list, count, err) &&
           kafka_in_assign(w->in, list, count, err);
}

bool replay_done(const struct worker *w)
{
    for (size_t i = 0; i < w->held; i++) {
        int32_t n = w->numbers[i];

        if (w->partitions[n]->kept.next_offset < w->replay_end[n])
            return false;
    }
    return true;
}
