/*
 * worker.c - the loop that every service runs: worker_main and one turn.
 *
 * Four batches are in hand: `decided` is being saved, `loaded` is read behind
 * it in the same flight and decided before that has landed; meanwhile `saying`
 * is published, which was committed before, and `ahead` is gathered and
 * decoded. When publishing lags, a second waits as `unsaid`, and nothing is
 * gathered ahead.
 *
 *     save(n) load(n+1) log(n) COMMIT BEGIN fence(n+1)   one flush
 *     gather and decode n+2, publish(n-1)                meanwhile
 *     decide(n+1), a few at a time                       when it is loaded
 *     save(n+1); load(n+2) and log(n+1) if n+2 is full   at once behind it
 *
 * So PostgreSQL has work while the answer to a COMMIT is on its way to us;
 * the next COMMIT alone waits for it, and for the fence behind it.
 * What no flight follows is published at once.
 *
 * Three ways to fail: retry rolls back and tries the same messages again;
 * reject (PostgreSQL refuses a batch for its data) halves until the culprit
 * stands alone; fatal exits and is restarted.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/supervise.h"
#include "common/work/worker.h"

#define IDLE_MS 50
#define DRAIN_US (4 * SECOND_US)
/* Records said, messages gathered or decided between two looks at PostgreSQL:
 * it must not want for bytes. */
#define SAY_AT_ONCE  64
#ifndef LOOK_AT_ONCE
#define LOOK_AT_ONCE 64
#endif

struct worker *the_worker;

/* ---- one flight ---- */

static bool send_flight(struct worker *w, struct err *err)
{
    for (size_t i = 0; i < w->held; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        p->flown = p->now;
    }
    w->flight_us = instant_monotonic();
    w->flight = PG_FLYING;
    return flight_send(w, decided_any(w) ? w->decided : NULL,
                       w->loaded->count > 0 ? w->loaded : NULL, err);
}

/* False: it has failed, of which err tells once. */
static bool ask_flight(struct worker *w, struct err *err)
{
    if (w->flight != PG_FLYING || !w->pg) /* taken from us in mid-flight */
        return w->flight != PG_FAILED;
    w->flight = pg_advance(w->pg, err);
    if (w->flight == PG_LANDED && decided_any(w))
        metric_observe(&metrics.batch_seconds,
                       instant_monotonic() - w->flight_us);
    return w->flight != PG_FAILED;
}

static bool is_flying(const struct worker *w)
{
    return w->flight == PG_FLYING && w->pg;
}

/* Gathers and decodes a few. */
static bool look_ahead(struct worker *w, bool *ret_moved, struct err *err)
{
    struct batch *b = w->ahead;
    size_t before;

    if (!b)
        return true;
    before = b->count;
    if (!gather(w, b, LOOK_AT_ONCE, 0, err))
        return false;
    *ret_moved = b->count != before;
    return true;
}

/* While PostgreSQL works: gather and decode, then say the batch before. */
static bool work_meanwhile(struct worker *w, struct err *err)
{
    bool moved = false;
    int64_t began_us;

    measure(w);
    kafka_out_poll(w->out, 0);
    if ((!supervise_stopping() && !look_ahead(w, &moved, err)) ||
        (!moved && !say(w, SAY_AT_ONCE, &moved, err)))
        return false;
    began_us = instant_monotonic();
    if (w->saying && !moved)
        (void)kafka_out_hurry(w->out); /* a burst is on its way */
    else if (w->pg && !moved)
        pg_wait(w->pg, 10);
    metric_add(&metrics.us_wait, instant_monotonic() - began_us);
    return true;
}

static bool await_flight(struct worker *w, struct err *err)
{
    while (ask_flight(w, err)) {
        if (!is_flying(w))
            return true;
        if (!work_meanwhile(w, err))
            return false;
    }
    return false;
}

/* What is to be decided next comes before the flight has landed. */
static bool await_loaded(struct worker *w, struct err *err)
{
    while (ask_flight(w, err)) {
        if (!is_flying(w) || w->loaded->is_loaded)
            return true;
        if (!work_meanwhile(w, err))
            return false;
    }
    return false;
}

/* ---- after the commit ---- */

static void count_batch(const struct batch *b)
{
    int64_t refused = 0, seen = 0, dead = 0;

    for (size_t i = 0; i < b->count; i++) {
        const struct message *m = &b->messages[i];

        seen += m->verdict == VERDICT_SEEN;
        dead += m->verdict == VERDICT_DEAD;
        refused += m->verdict == VERDICT_DONE && m->err;
        if (m->verdict == VERDICT_DEAD)
            log_error(LOG_WARN, "dead_letter", m->err, "partition",
                      LOG_INT(m->partition->number), "offset",
                      LOG_INT(m->record.offset), LOG_END);
    }
    metric_add(&metrics.batches, 1);
    metric_add(&metrics.messages, (int64_t)b->count);
    metric_add(&metrics.refused, refused);
    metric_add(&metrics.seen, seen);
    metric_add(&metrics.dead, dead);
    metric_add(&metrics.records, (int64_t)b->record_count);
    metric_observe(&metrics.batch_messages, (int64_t)b->count);
}

/* The decided batch is history; what it says is next. Nothing is unsaid. */
static void committed(struct worker *w)
{
    for (size_t i = 0; i < w->held; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        if (p->flown.next_offset > p->kept.next_offset)
            p->raised = 0;
        p->kept = p->flown;
    }
    count_batch(w->decided);
    alarm_folded(w, w->decided);
    if (w->limit < (size_t)w->set.batch_max)
        w->limit = w->limit * 2 < (size_t)w->set.batch_max
                       ? w->limit * 2
                       : (size_t)w->set.batch_max;
    *(w->saying ? &w->unsaid : &w->saying) = w->decided;
    w->decided = NULL;
}

/* ---- deciding ---- */

static bool fresh_reference(struct worker *w, struct err *err)
{
    const struct reference_hooks *hooks = w->service->reference;

    if (!hooks)
        return true;
    if (hooks->loaded() < w->reference_seen &&
        !hooks->refresh(w->control, w->reference_seen, err))
        return false;
    if (hooks->loaded() == 0)
        return err_retry(err, "no_reference",
                         "no reference data: `baodao reference load`");
    return true;
}

/* PostgreSQL must not want for bytes meanwhile. */
static bool decide(struct worker *w, struct batch *b, struct err *err)
{
    bool ok = true;

    while (ok && b->decided_count < b->count) {
        int64_t began_us = instant_monotonic();

        ok = batch_decide(b, LOOK_AT_ONCE, err);
        metric_add(&metrics.us_decide, instant_monotonic() - began_us);
        w->died = !ok && err->kind == ERR_FATAL;
        ok = ok && ask_flight(w, err);
    }
    return ok;
}

/* The fence told of a newer reference than it was decided by. */
static bool check_reference(struct worker *w, struct err *err)
{
    const struct reference_hooks *hooks = w->service->reference;

    if (!hooks || w->loaded->count == 0 ||
        hooks->loaded() >= w->reference_seen)
        return true;
    return err_retry(err, "reference", "version %lld of the reference came",
                     (long long)w->reference_seen);
}

/* What was decided is saved next, and what came in mid-flight is loaded. What
 * no flight follows is said at once. */
static bool go_round(struct worker *w, struct err *err)
{
    struct batch *loaded = w->loaded, *old = w->decided;

    w->loaded = w->ahead;
    if (loaded->count == 0) {
        w->ahead = loaded;
        if (!say_all(w, &w->saying, err))
            return false;
        if (w->unpublished > 0)
            (void)kafka_out_hurry(w->out);
        return true;
    }
    w->decided = loaded;
    w->ahead = w->spare;
    w->spare = NULL;
    if (old)
        free_batch(w, old);
    return true;
}

/* What does not depend on how the one that flies ends. */
static bool send_ahead(struct worker *w, struct err *err)
{
    bool full = w->ahead && is_full(w, w->ahead);

    return flight_send_ahead(w, w->loaded, full ? w->ahead : NULL, err);
}

/* save(n), load(n+1), decide(n+1): false with the flight rolled back. */
static bool fly(struct worker *w, struct err *err)
{
    struct err why = { 0 };
    bool ok = true;

    if (!w->pg)
        return err_retry(err, "away", "no connection to PostgreSQL");
    if (!send_flight(w, err) || !await_loaded(w, err))
        return false;
    if (w->pg && w->loaded->count > 0)
        ok = fresh_reference(w, &why) && decide(w, w->loaded, &why) &&
             (!is_flying(w) || send_ahead(w, &why));
    if (w->flight != PG_FAILED &&
        (!await_flight(w, err) || !say_all(w, &w->unsaid, err)))
        return false;
    if (w->pg && w->flight == PG_LANDED && decided_any(w))
        committed(w);
    if (!ok)
        *err = why;
    return ok && (!w->pg || (check_reference(w, err) && go_round(w, err)));
}

/* ---- one turn ---- */

static bool turn(struct worker *w, struct err *err)
{
    if (!pause_turn(w, err))
        return false;
    if (w->loaded->count == 0 && !supervise_stopping() &&
        !gather(w, w->loaded, SIZE_MAX, decided_any(w) ? 0 : IDLE_MS, err))
        return false;
    hold(w, false);
    kafka_out_poll(w->out, 0);
    if ((decided_any(w) || w->loaded->count > 0) && !fly(w, err))
        return false;
    if (w->failed.kind != ERR_NONE) {
        *err = w->failed;
        return err_fatal(err, "unpublished", "Kafka refused a message: %s",
                         w->failed.code);
    }
    return pulse(w, err);
}

/* ---- the program ---- */

static bool join(struct worker *w, struct err *err)
{
    if (!find_topic(w, err))
        return false;
    if (w->partition_count < 1 || w->partition_count > PARTITIONS_MAX)
        return err_fatal(err, "partitions", "%s has %d partitions", w->topic,
                         (int)w->partition_count);
    w->pulse_at_us = 0;
    if (!worker_connect(w, err) || !pulse(w, err))
        return false;
    return !w->replay || replay_assign(w, 0, w->partition_count, err);
}

static bool begin(struct worker *w, struct err *err)
{
    while (!join(w, err)) {
        if (err->kind == ERR_FATAL || supervise_stopping())
            return false;
        log_error(LOG_WARN, "waits", err, LOG_END);
        worker_disconnect(w);
        wait_away(w, jittered(1000));
    }
    supervise_notify("READY=1");
    return true;
}

static bool run(struct worker *w, struct err *err)
{
    int64_t drain_until_us = 0;

    while (true) {
        if (supervise_stopping() && drain_until_us == 0)
            drain_until_us = instant_monotonic() + DRAIN_US;
        if (supervise_stopping() &&
            (!decided_any(w) || instant_monotonic() > drain_until_us))
            return true;
        if (w->replay && w->held > 0 && !decided_any(w) && replay_done(w))
            return true;
        if (w->lost && !settle_lost(w, err))
            return false;
        if (w->unassigned)
            return err_retry(err, "unassigned", "the take-over failed");
        if (!w->pg && w->held > 0 && !reconnect(w, err))
            return false;
        if (!turn(w, err) && !recover(w, err))
            return false;
    }
}

static void stop(struct worker *w)
{
    struct err err = { 0 };
    int64_t until_us = instant_monotonic() + SECOND_US;

    supervise_notify("STOPPING=1");
    while (w->unpublished > 0 && instant_monotonic() < until_us)
        kafka_out_poll(w->out, 20);
    lived(w);
    if (w->control && !mark_published(w, &err))
        log_error(LOG_WARN, "mark", &err, LOG_END);
    kafka_in_close(w->in, 1000);
    kafka_out_close(w->out, 500);
    worker_disconnect(w);
    side_close(w->side);
}

int worker_main(const struct service *service, int argc, char **argv)
{
    static struct worker worker;
    struct worker *w = &worker;
    struct err err = { 0 };
    int code = EXIT_OK;

    the_worker = w;
    w->service = service;
    w->decided = &w->batches[0];
    w->loaded = &w->batches[1];
    w->ahead = &w->batches[2];
    w->spare = &w->batches[3];
    if (!worker_start(w, argc, argv, &code))
        return code;
    if (!begin(w, &err) || !run(w, &err)) {
        bool fenced = strcmp(err.code, "fenced") == 0 ||
                      strcmp(err.code, "fenced_instance") == 0;

        log_error(LOG_ERROR, fenced ? "fenced" : "fatal", &err, LOG_END);
        if (fenced)
            tell_fenced(w);
        code = fenced || err.kind == ERR_RETRY ? EXIT_FENCED : EXIT_FATAL;
    }
    stop(w);
    log_fact(LOG_INFO, "stopped", "code", LOG_INT(code), LOG_END);
    return code;
}
