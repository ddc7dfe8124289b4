/*
 * metric.h - counters, gauges and histograms as a table, printed for
 * Prometheus.
 *
 * Values are int64 and have one writer thread; /metrics reads them with
 * relaxed atomics.
 *
 *     static struct metric batches = METRIC_COUNTER(
 *         "baodao_batches_total", "batches committed");
 *     metric_add(&batches, 1);
 *
 *     static const int64_t sizes[] = { 1, 10, 100, 1000, 0 };
 *     static struct metric size = METRIC_HISTOGRAM(
 *         "baodao_batch_messages", "messages in a batch", sizes);
 *     metric_observe(&size, 17);
 */
#ifndef BAODAO_BASE_METRIC_H
#define BAODAO_BASE_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"

#define METRIC_BOUNDS_MAX 12
/* A gauge of this value is not shown: it has nothing to say here. */
#define METRIC_ABSENT INT64_MIN

enum metric_kind { METRIC_IS_GAUGE, METRIC_IS_COUNTER, METRIC_IS_HISTOGRAM };

struct metric {
    const char *name; /* Prometheus' conventions: base unit, _total */
    const char *help;
    const char *label; /* fixed labels as text, "reason=\"x\"", or NULL */
    enum metric_kind kind;
    double scale; /* printed value = value * scale (µs -> s: 1e-6) */
    _Atomic int64_t value; /* of a histogram: the sum */
    const int64_t *bounds; /* of a histogram: ascending; 0 ends them */
    _Atomic int64_t counts[METRIC_BOUNDS_MAX + 1]; /* by bound; the rest */
    struct metric *next; /* the list of the registered */
    bool registered;
};

#define METRIC_COUNTER(n, h) { .name = n, .help = h, .kind = METRIC_IS_COUNTER }
#define METRIC_GAUGE(n, h) { .name = n, .help = h }
/* A counter of microseconds, shown in seconds. */
#define METRIC_SECONDS(n, h)                                                  \
    { .name = n, .help = h, .kind = METRIC_IS_COUNTER, .scale = 1e-6 }
/* A gauge of microseconds, shown in seconds. */
#define METRIC_AGE(n, h) { .name = n, .help = h, .scale = 1e-6 }
/* b: bounds, at most METRIC_BOUNDS_MAX and a 0. */
#define METRIC_HISTOGRAM(n, h, b)                                             \
    { .name = n, .help = h, .kind = METRIC_IS_HISTOGRAM, .bounds = b }
/* Of microseconds, shown in seconds, with bounds from 1 ms to 10 s. */
#define METRIC_TIMES(n, h)                                                    \
    { .name = n, .help = h, .kind = METRIC_IS_HISTOGRAM,                      \
      .bounds = metric_times, .scale = 1e-6 }
extern const int64_t metric_times[];

/* Makes it visible; done once at start. Metrics of one name with different
 * labels are registered one after another. */
void metric_register(struct metric *m);
void metric_add(struct metric *m, int64_t n);
void metric_set(struct metric *m, int64_t n);
int64_t metric_get(const struct metric *m);
/* One more value of a histogram. */
void metric_observe(struct metric *m, int64_t value);
/* The text format 0.0.4 of all registered metrics, and process_* ones
 * (cpu seconds, resident bytes, start time) and which build this is. */
void metric_print(struct buf *out);

#endif
