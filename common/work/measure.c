/*
 * measure.c - what /metrics of a worker tells, as tables; and the gauges that
 * are read off once a second.
 */
#include <stdio.h>

#include "common/base/instant.h"
#include "common/work/worker.h"

/* clang-format off */
static const int64_t sizes[] = { 1, 10, 50, 100, 200, 500, 1000, 0 };

struct work_metrics metrics = {
    .batches = METRIC_COUNTER("baodao_batches_total", "batches committed"),
    .messages = METRIC_COUNTER("baodao_messages_total", "messages folded"),
    .refused = METRIC_COUNTER("baodao_refused_total", "commands refused"),
    .dead = METRIC_COUNTER("baodao_dead_letters_total", "messages set aside"),
    .seen = METRIC_COUNTER("baodao_repeats_total", "repeats left out"),
    .records = METRIC_COUNTER("baodao_log_rows_total", "rows of the log"),
    .published = METRIC_COUNTER("baodao_published_total",
                                "messages that Kafka acknowledged"),
    .takeovers = METRIC_COUNTER("baodao_takeovers_total",
                                "partitions taken over"),
    .retries = METRIC_COUNTER("baodao_retries_total",
                              "batches rolled back to be tried again"),
    .fenced = METRIC_COUNTER("baodao_fenced_total",
                             "times this owner was stale"),
    .alarms = METRIC_COUNTER("baodao_alarms_total", "clock.passed sent"),
    .us_decode = METRIC_SECONDS("baodao_decode_seconds_total", "decoding"),
    .us_load = METRIC_SECONDS("baodao_load_seconds_total",
                              "building load queries"),
    .us_decide = METRIC_SECONDS("baodao_decide_seconds_total", "deciding"),
    .us_save = METRIC_SECONDS("baodao_save_seconds_total",
                              "building save statements"),
    .us_wait = METRIC_SECONDS("baodao_wait_seconds_total",
                              "waiting for PostgreSQL"),
    .us_publish = METRIC_SECONDS("baodao_publish_seconds_total",
                                 "handing over to Kafka"),
    .batch_messages = METRIC_HISTOGRAM("baodao_batch_messages",
                                       "messages in a batch", sizes),
    .batch_seconds = METRIC_TIMES("baodao_batch_seconds",
                                  "from a batch's first statement to its"
                                  " commit"),
    .ack_seconds = METRIC_TIMES("baodao_publish_ack_seconds",
                                "from sending to Kafka's acknowledgement,"
                                " a message of a batch"),
    .unpublished = METRIC_GAUGE("baodao_unpublished_messages",
                                "committed and sent, not yet acknowledged by"
                                " Kafka"),
    .unpublished_age = METRIC_AGE("baodao_unpublished_seconds",
                                  "how long Kafka has owed us an"
                                  " acknowledgement"),
    .overdue = METRIC_AGE("baodao_alarm_overdue_seconds",
                          "how long the oldest due clock waits"),
    .reference = METRIC_GAUGE("baodao_reference_version",
                              "version of the reference data in use"),
    .reference_newest = METRIC_GAUGE("baodao_reference_newest_version",
                                     "version of the reference data in the"
                                     " database"),
    .test_clock = METRIC_GAUGE("baodao_test_clock",
                               "1 in a cell whose time is made by hand"),
    .paused = METRIC_GAUGE("baodao_paused", "1 while an operator's pause holds"
                           " this worker"),
    .postgres_up = METRIC_GAUGE("baodao_postgres_up",
                                "1 while PostgreSQL answers us"),
    .kafka_up = METRIC_GAUGE("baodao_kafka_up",
                             "1 while a broker is connected"),
    .skew = METRIC_AGE("baodao_clock_skew_seconds",
                       "our wall clock less PostgreSQL's"),
    .partitions = METRIC_GAUGE("baodao_partitions",
                               "partitions of the topic that we fold"),
};
/* clang-format on */

/* ---- by partition ---- */

enum { OWNED, LAG_MESSAGES, LAG_SECONDS, BY_PARTITION };

static const struct metric shapes[BY_PARTITION] = {
    [OWNED] = METRIC_GAUGE("baodao_owned", "1: this worker has the partition"),
    [LAG_MESSAGES] = METRIC_GAUGE("baodao_lag_messages",
                                  "messages that wait to be folded"),
    [LAG_SECONDS] = METRIC_AGE("baodao_lag_seconds",
                               "age of the oldest message that waits"),
};

static struct metric by_partition[BY_PARTITION][PARTITIONS_MAX];
static char labels[PARTITIONS_MAX][32];

static void show(int which, int32_t partition, int64_t value)
{
    metric_set(&by_partition[which][partition], value);
}

/* ---- starting ---- */

void measure_start(void)
{
    struct metric *all = (struct metric *)&metrics;

    _Static_assert(sizeof(metrics) % sizeof(*all) == 0, "metrics alone");
    for (size_t i = 0; i < sizeof(metrics) / sizeof(*all); i++)
        metric_register(&all[i]);
    for (int i = 0; i < PARTITIONS_MAX; i++)
        snprintf(labels[i], sizeof(labels[i]), "partition=\"%d\"", i);
    for (int which = 0; which < BY_PARTITION; which++) {
        for (int32_t i = 0; i < PARTITIONS_MAX; i++) {
            struct metric *m = &by_partition[which][i];

            *m = shapes[which];
            m->label = labels[i];
            show(which, i, METRIC_ABSENT);
            metric_register(m);
        }
    }
}

/* ---- once a second ---- */

/*
 * What waits came after we had last caught up, and after what was folded
 * last: the later of the two bounds its age.
 */
static void show_lag(struct worker *w, struct partition *p)
{
    int64_t high = kafka_in_high(w->in, w->topic, p->number);
    int64_t now_us = worker_now();
    int64_t since_us;

    if (high >= 0 && high <= p->kept.next_offset)
        p->caught_up_us = now_us;
    since_us = p->kept.at_us > p->caught_up_us ? p->kept.at_us
                                               : p->caught_up_us;
    show(LAG_MESSAGES, p->number,
         high > p->kept.next_offset ? high - p->kept.next_offset : 0);
    show(LAG_SECONDS, p->number, now_us > since_us ? now_us - since_us : 0);
}

static void show_partitions(struct worker *w)
{
    metric_set(&metrics.partitions, w->partition_count);
    for (int32_t i = 0; i < w->partition_count; i++) {
        struct partition *p = w->partitions[i];

        show(OWNED, i, p ? 1 : METRIC_ABSENT);
        if (p) {
            show_lag(w, p);
            continue;
        }
        show(LAG_MESSAGES, i, METRIC_ABSENT);
        show(LAG_SECONDS, i, METRIC_ABSENT);
    }
}

void measure(struct worker *w)
{
    int64_t now_us = instant_monotonic();

    if (now_us < w->measure_at_us)
        return;
    w->measure_at_us = now_us + SECOND_US;
    show_partitions(w);
    metric_set(&metrics.kafka_up, kafka_out_connected(w->out));
    metric_set(&metrics.unpublished, w->unpublished);
    metric_set(&metrics.unpublished_age,
               w->probe.cookie ? now_us - w->probe.sent_us : 0);
    metric_set(&metrics.paused, pause_holds(w));
    metric_set(&metrics.test_clock, w->test_clock);
    metric_set(&metrics.reference_newest, w->reference_seen);
    metric_set(&metrics.reference, w->service->reference
                                       ? w->service->reference->loaded()
                                       : w->reference_seen);
}

/* ---- a message of a batch on its way to Kafka and back ---- */

void probe_send(struct worker *w, uint64_t cookie, int64_t seq)
{
    if (w->probe.cookie || cookie == 0)
        return;
    w->probe = (struct probe){ cookie, seq, instant_monotonic() };
}

void probe_back(struct worker *w, uint64_t cookie, int64_t seq)
{
    if (cookie == 0 || cookie != w->probe.cookie || seq != w->probe.seq)
        return;
    metric_observe(&metrics.ack_seconds,
                   instant_monotonic() - w->probe.sent_us);
    w->probe.cookie = 0;
}
