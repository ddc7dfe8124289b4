/*
 * floor.c - floor A: a service's own statements with data ready in memory.
 *
 * Linked with services/X/main.c in place of common/work/worker.c: the same
 * program with another loop. It folds the same messages into a database of
 * its own, but gathers, decodes and decides all of them before the clock
 * starts; what is timed is save, COMMIT, fence, load, flight after flight on
 * one connection. Nothing is published.
 *
 *     MESSAGES=20000 floor-dispatch --replay
 *     {"rows":20000,"batches":20,"seconds":1.312,"client_us":3.4}
 *
 * Settings beside the service's own: MESSAGES, 0 for all that lie there; FIRST
 * and BEHIND, the partitions, else all; GO, to say "ready" and wait for a line
 * before the clock starts, so that two can run side by side.
 *
 * Only for commands that create: loading finds nothing, whenever it is done.
 * A whole backlog is folded in order, so next_offset and the chain's head must
 * come out as the worker's; the bench compares them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/instant.h"
#include "common/work/worker.h"

#define BATCHES_MAX 65536
#define EMPTY_US (10 * SECOND_US) /* Kafka has nothing more: give up */

struct worker *the_worker;

/*
 * A batch, and the partitions as they were before and after it. Loading fills
 * a batch's state and may ask only for what is not in it: so there is a twin
 * of the same messages that has been neither loaded nor decided.
 */
struct ready {
    struct batch batch, twin;
    struct mark before[PARTITIONS_MAX], after[PARTITIONS_MAX];
};

static struct ready *ready[BATCHES_MAX];
static size_t ready_count;

static void marks_store(const struct worker *w, struct mark *into)
{
    for (size_t i = 0; i < w->held; i++)
        into[w->numbers[i]] = w->partitions[w->numbers[i]]->now;
}

static void marks_restore(struct worker *w, const struct mark *from)
{
    for (size_t i = 0; i < w->held; i++)
        w->partitions[w->numbers[i]]->now = from[w->numbers[i]];
}

/* ---- before the clock starts ---- */

static bool land(struct worker *w, struct err *err)
{
    for (;;) {
        enum pg_progress progress = pg_advance(w->pg, err);

        if (progress != PG_FLYING)
            return progress == PG_LANDED;
        pg_wait(w->pg, 1000);
    }
}

static bool fill(struct worker *w, struct batch *b, struct err *err)
{
    int64_t until_us = instant_monotonic() + EMPTY_US;

    while (b->count < w->limit) {
        size_t before = b->count;

        if (!gather(w, b, SIZE_MAX, 100, err))
            return false;
        if (b->count == before && b->count > 0)
            return true;
        if (b->count == 0 && instant_monotonic() > until_us)
            return err_fatal(err, "empty", "Kafka has no more messages");
    }
    return true;
}

static void make_twin(struct worker *w, struct ready *r)
{
    const struct batch *b = &r->batch;
    struct batch *twin = &r->twin;

    batch_start(twin, w->service, &w->keys);
    twin->messages = calloc(b->count, sizeof(*twin->messages));
    if (!twin->messages)
        abort();
    memcpy(twin->messages, b->messages, b->count * sizeof(*b->messages));
    twin->count = twin->room = b->count;
}

static bool prepare_one(struct worker *w, struct ready *r, struct err *err)
{
    batch_start(&r->batch, w->service, &w->keys);
    if (!fill(w, &r->batch, err))
        return false;
    make_twin(w, r);
    marks_store(w, r->before);
    if (!w->service->load(&r->batch, w->pg, err) || !pg_launch(w->pg, err) ||
        !land(w, err) || !batch_decide(&r->batch, SIZE_MAX, err))
        return false;
    marks_store(w, r->after);
    return true;
}

static bool prepare(struct worker *w, int64_t messages, struct err *err)
{
    size_t most = (size_t)w->set.batch_max;

    for (int64_t got = 0; got < messages;) {
        int64_t left = messages - got;
        struct ready *r = calloc(1, sizeof(*r));

        if (!r || ready_count == BATCHES_MAX)
            abort();
        ready[ready_count++] = r;
        w->limit = left < (int64_t)most ? (size_t)left : most;
        if (!prepare_one(w, r, err))
            return false;
        got += (int64_t)r->batch.count;
    }
    return true;
}

/* ---- while it runs ---- */

/* save(n) load(n+1) COMMIT BEGIN fence(n+1), as the worker does. The marks
 * after one batch are those before the next. */
static bool run(struct worker *w, struct err *err)
{
    for (size_t i = 0; i <= ready_count; i++) {
        struct ready *done = i > 0 ? ready[i - 1] : NULL;
        struct ready *next = i < ready_count ? ready[i] : NULL;

        marks_restore(w, done ? done->after : next->before);
        if (!flight_send(w, done ? &done->batch : NULL,
                         next ? &next->twin : NULL, err) ||
            !land(w, err))
            return false;
    }
    return true;
}

/* ---- the program ---- */

static double processor_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t number_of(const char *name, int64_t otherwise)
{
    const char *said = getenv(name);

    return said && said[0] ? strtoll(said, NULL, 10) : otherwise;
}

static int64_t all_there(const struct worker *w)
{
    int64_t count = 0;

    for (size_t i = 0; i < w->held; i++) {
        int32_t n = w->numbers[i];

        count += w->replay_end[n] - w->partitions[n]->now.next_offset;
    }
    return count;
}

static void await_go(void)
{
    if (number_of("GO", 0) == 0)
        return;
    printf("ready\n");
    fflush(stdout);
    (void)getchar();
}

static bool join(struct worker *w, struct err *err)
{
    return kafka_in_partition_count(w->in, w->topic, &w->partition_count,
                                    err) &&
           worker_connect(w, err) && pulse(w, err) &&
           w->service->reference->refresh(w->control, w->reference_seen,
                                          err) &&
           replay_assign(w, (int32_t)number_of("FIRST", 0),
                         (int32_t)number_of("BEHIND", w->partition_count),
                         err);
}

static bool floor_of(struct worker *w, int64_t messages, struct err *err)
{
    double processor;
    int64_t began_us;

    if (!join(w, err))
        return false;
    if (messages == 0)
        messages = all_there(w);
    if (!prepare(w, messages, err))
        return false;
    await_go();
    processor = processor_s();
    began_us = instant_monotonic();
    if (!run(w, err))
        return false;
    printf("{\"rows\":%lld,\"batches\":%zu,\"seconds\":%.6f,"
           "\"client_us\":%.2f}\n",
           (long long)messages, ready_count,
           (double)(instant_monotonic() - began_us) / 1e6,
           (processor_s() - processor) * 1e6 / (double)messages);
    return true;
}

int worker_main(const struct service *service, int argc, char **argv)
{
    static struct worker worker = { .service = NULL };
    struct worker *w = &worker;
    struct err err = { 0 };
    int code = EXIT_FAILURE;

    the_worker = w;
    w->service = service;
    /* put_back() looks at these. */
    w->decided = &w->batches[0];
    w->loaded = &w->batches[1];
    w->ahead = &w->batches[2];
    w->spare = &w->batches[3];
    if (!worker_start(w, argc, argv, &code))
        return code;
    if (!floor_of(w, number_of("MESSAGES", 0), &err)) {
        fprintf(stderr, "floor: %s: %s\n", err.code, err.sentence);
        return EXIT_FAILURE;
    }
    worker_disconnect(w);
    return EXIT_SUCCESS;
}
