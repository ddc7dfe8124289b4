/* watch.c - the one thread beside the loop: it may wait for Kafka. */
#include "services/gateway/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/instant.h"
#include "common/io/kafka_in.h"

#define ASKED_US (15 * SECOND_US)
#define IDLE_S 10
#define LAST_WORD_S 1

const char *const watch_commands[WATCH_COMMANDS] = {
    "issue.commands", "whistle.commands", "task.commands", "match.commands",
    "ledger.commands",
};
const char *const watch_events[WATCH_EVENTS] = {
    "issue.events", "whistle.events", "task.events", "match.events",
    "ledger.events",
};

#define TOPICS (WATCH_COMMANDS + WATCH_EVENTS)

struct watch {
    const char *cell;
    struct kafka_in *in;
    pthread_t thread;
    pthread_mutex_t lock; /* of nothing but the wish to stop */
    pthread_cond_t wake;
    bool stop;
    _Atomic int partitions[TOPICS]; /* commands first; 0: not known */
    _Atomic int64_t high[WATCH_COMMANDS][WATCH_PARTITIONS];
    _Atomic int64_t asked_us; /* monotonic */
    _Atomic uint64_t rounds;  /* in which all ends were read */
};

static const char *topic_name(int topic)
{
    return topic < WATCH_COMMANDS ? watch_commands[topic]
                                  : watch_events[topic - WATCH_COMMANDS];
}

/* ---- the thread ---- */

/* True when it is time to stop. */
static bool nap(struct watch *w, int seconds)
{
    struct timespec until;
    bool stop;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&w->lock);
    while (!w->stop && seconds > 0 &&
           pthread_cond_timedwait(&w->wake, &w->lock, &until) == 0)
        if (instant_monotonic() - atomic_load(&w->asked_us) < SECOND_US)
            break;
    stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

static void ask_partitions(struct watch *w, int topic)
{
    char name[96];
    int32_t count;

    snprintf(name, sizeof(name), "%s.%s", w->cell, topic_name(topic));
    if (kafka_in_partition_count(w->in, name, &count, NULL) &&
        count <= WATCH_PARTITIONS)
        atomic_store(&w->partitions[topic], count);
}

/* False unless all of a topic's ends were read. */
static bool ask_high(struct watch *w, int topic)
{
    bool all;
    int count = atomic_load(&w->partitions[topic]);
    int64_t low, high;
    char name[96];

    snprintf(name, sizeof(name), "%s.%s", w->cell, topic_name(topic));
    all = count > 0;
    for (int i = 0; i < count && !nap(w, 0); i++) {
        if (kafka_in_marks(w->in, name, i, &low, &high, NULL))
            atomic_store(&w->high[topic][i], high);
        else
            all = false;
    }
    return all;
}

/* The consumer's queue holds nothing but errors: they are dropped. */
static void drain(struct watch *w)
{
    struct kafka_record record;

    for (int i = 0; i < 100; i++)
        if (kafka_in_poll(w->in, 0, &record, NULL) && !record.handle)
            return;
}

static void *watch(void *context)
{
    struct watch *w = context;
    int seconds = 0;

    while (!nap(w, seconds)) {
        bool all = true;

        for (int i = 0; i < TOPICS && !nap(w, 0); i++) {
            if (atomic_load(&w->partitions[i]) == 0)
                ask_partitions(w, i);
            if (i < WATCH_COMMANDS)
                all = ask_high(w, i) && all;
        }
        if (all)
            atomic_fetch_add(&w->rounds, 1);
        drain(w);
        seconds = !watch_knows(w) || instant_monotonic() -
                              atomic_load(&w->asked_us) < ASKED_US
                      ? 1
                      : IDLE_S;
    }
    return NULL;
}

/* ---- the loop's side ---- */

bool watch_open(const char *brokers, const char *cell,
                struct watch **ret_watch, struct err *err)
{
    const struct kafka_in_settings settings = { .brokers = brokers,
                                                .session_ms = 10000 };
    struct watch *w = calloc(1, sizeof(*w));

    if (!w)
        abort();
    w->cell = cell;
    atomic_store(&w->asked_us, INT64_MIN / 2);
    for (int t = 0; t < WATCH_COMMANDS; t++)
        for (int i = 0; i < WATCH_PARTITIONS; i++)
            atomic_store(&w->high[t][i], -1);
    if (!kafka_in_open(&settings, &w->in, err)) {
        free(w);
        return false;
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    if (pthread_create(&w->thread, NULL, watch, w) != 0)
        abort();
    *ret_watch = w;
    return true;
}

void watch_stop(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void watch_close(struct watch *w)
{
    struct timespec until;

    if (!w)
        return;
    watch_stop(w);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LAST_WORD_S;
    if (pthread_timedjoin_np(w->thread, NULL, &until) != 0) {
        pthread_detach(w->thread); /* waits for Kafka; goes with the process */
        return;
    }
    kafka_in_close(w->in, 1000);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w);
}

bool watch_knows(struct watch *w)
{
    for (int i = 0; i < TOPICS; i++)
        if (atomic_load(&w->partitions[i]) == 0)
            return false;
    return true;
}

int watch_partitions(struct watch *w, const char *topic)
{
    for (int i = 0; i < TOPICS; i++)
        if (strcmp(topic_name(i), topic) == 0)
            return atomic_load(&w->partitions[i]);
    return 0;
}

static void ask(struct watch *w)
{
    int64_t before_us =
        atomic_exchange(&w->asked_us, instant_monotonic());

    /* Long unasked: its answer is up to ten seconds old. */
    if (instant_monotonic() - before_us > ASKED_US) {
        pthread_mutex_lock(&w->lock);
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->lock);
    }
}

int64_t watch_high(struct watch *w, int command, int partition)
{
    ask(w);
    return atomic_load(&w->high[command][partition]);
}

uint64_t watch_rounds(struct watch *w)
{
    ask(w);
    return atomic_load(&w->rounds);
}
