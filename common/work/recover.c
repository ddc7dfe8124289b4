/*
 * recover.c - the three ways to fail: roll back and try the same messages
 * again, halve until the culprit stands alone, or stop.
 */
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/supervise.h"
#include "common/work/worker.h"

#define AWAY_FIRST_MS 100
#define AWAY_MOST_MS 5000

/* ---- holding ---- */

/* Paused partitions deliver nothing, yet polls keep our place in the group. */
void hold(struct worker *w, bool holding)
{
    struct kafka_partition list[PARTITIONS_MAX] = { 0 };
    struct err err = { 0 };
    size_t count = 0;

    if (w->holding == holding)
        return;
    for (size_t i = 0; i < w->held; i++) {
        if (w->partitions[w->numbers[i]]->standing)
            continue;
        memcpy(list[count].topic, w->topic, sizeof(w->topic));
        list[count++].partition = w->numbers[i];
    }
    if (count == 0 || kafka_in_pause(w->in, list, count, holding, &err))
        w->holding = holding;
    else
        log_error(LOG_WARN, "hold", &err, LOG_END);
}

/* ---- failing ---- */

/* Keeps the group's membership alive while an engine is away. */
void wait_away(struct worker *w, int64_t wait_ms)
{
    int64_t until_us = instant_monotonic() + wait_ms * 1000;

    while (instant_monotonic() < until_us && !supervise_stopping()) {
        kafka_out_poll(w->out, 20);
        side_alive(w->side);
        measure(w);
    }
}

int64_t jittered(int64_t ms)
{
    return ms / 2 + instant_monotonic() % (ms / 2 + 1);
}

/* A topic that is gone does not come back by waiting here. */
static bool ends_the_worker(const struct err *err)
{
    return err->kind == ERR_FATAL || strcmp(err->code, "no_topic") == 0;
}

/* Keeps up with the group; false: it is over for us. */
static bool poll_held(struct worker *w, struct err *err)
{
    struct err why = { 0 };

    if (!w->holding || poll_only(w, 0, &why))
        return true;
    log_error(LOG_WARN, "poll", &why, LOG_END);
    *err = why;
    return !ends_the_worker(&why);
}

/* Opens what is away again; false: fenced or fatal. */
bool reconnect(struct worker *w, struct err *err)
{
    int64_t wait_ms = AWAY_FIRST_MS;

    side_ready(w->side, "PostgreSQL is away");
    while (!supervise_stopping() && !w->unassigned) {
        struct err why = { 0 };

        if (worker_connect(w, &why) && reattach(w, &why)) {
            side_ready(w->side, NULL);
            log_fact(LOG_INFO, "reconnected", LOG_END);
            return true;
        }
        worker_disconnect(w);
        if (why.kind != ERR_RETRY) {
            *err = why;
            return false;
        }
        log_error(LOG_WARN, "away", &why, "wait_ms", LOG_INT(wait_ms),
                  LOG_END);
        if (wait_ms >= 1000)
            hold(w, true);
        wait_away(w, jittered(wait_ms));
        if (!poll_held(w, err))
            return false;
        wait_ms = wait_ms * 2 < AWAY_MOST_MS ? wait_ms * 2 : AWAY_MOST_MS;
    }
    return true;
}

/* PostgreSQL refuses a batch for its data: halve, or condemn the one. */
static void halve(struct worker *w, const struct err *why)
{
    const struct batch *b = decided_any(w) ? w->decided : w->loaded;

    if (b->count == 1)
        condemn(b->messages[0].partition, b->messages[0].record.offset, why);
    w->limit = b->count > 1 ? b->count / 2 : 1;
    log_error(LOG_WARN, "halved", why, "from", LOG_INT(b->count), LOG_END);
}

/* True when the loop may go on. */
bool recover(struct worker *w, struct err *err)
{
    struct err ignored = { 0 };

    if (ends_the_worker(err))
        return false;
    metric_add(&metrics.retries, 1);
    if (err->kind == ERR_REJECT)
        halve(w, err);
    else
        log_error(LOG_WARN, "retry", err, LOG_END);
    put_back(w);
    /* A clean connection is the surest rollback. */
    worker_disconnect(w);
    if (err->kind == ERR_RETRY)
        wait_away(w, jittered(AWAY_FIRST_MS));
    return reconnect(w, &ignored) || (*err = ignored, false);
}

/* A revocation said that another may own what we held. */
bool settle_lost(struct worker *w, struct err *err)
{
    bool ok;

    w->lost = false;
    if (!worker_connect(w, err))
        return err->kind != ERR_FATAL;
    ok = reattach(w, err);
    if (ok)
        give_up(w, NULL, 0, false);
    return ok;
}
