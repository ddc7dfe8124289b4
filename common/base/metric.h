/*
 * metric.h - counters and gauges as a table, printed for Prometheus.
 *
 * Values are int64 and have one writer thread; /metrics reads them with
 * relaxed atomics.
 *
 *     static struct metric batches = METRIC_COUNTER(
 *         "baodao_batches_total", "batches committed");
 *     metric_add(&batches, 1);
 */
#ifndef BAODAO_BASE_METRIC_H
#define BAODAO_BASE_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"

struct metric {
    const char *name; /* Prometheus' conventions: base unit, _total */
    const char *help;
    const char *label; /* one fixed label as text, "reason=\"x\"", or NULL */
    bool counter;
    double scale;      /* printed value = value * scale (µs -> s: 1e-6) */
    _Atomic int64_t value;
    struct metric *next; /* the list of the registered */
    bool registered;
};

#define METRIC_COUNTER(n, h) { .name = n, .help = h, .counter = true }
#define METRIC_GAUGE(n, h) { .name = n, .help = h }
/* A counter of microseconds, shown in seconds. */
#define METRIC_SECONDS(n, h)                                                  \
    { .name = n, .help = h, .counter = true, .scale = 1e-6 }

/* Makes it visible; done once at start. Metrics of one name with different
 * labels are registered one after another. */
void metric_register(struct metric *m);
void metric_add(struct metric *m, int64_t n);
void metric_set(struct metric *m, int64_t n);
int64_t metric_get(const struct metric *m);
/* The text format 0.0.4 of all registered metrics, and process_* ones
 * (cpu seconds, resident bytes, start time). */
void metric_print(struct buf *out);

#endif
