/* metric.c - the list of metrics, and Prometheus' text of it. */
#include "common/base/metric.h"

#include "common/base/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const int64_t metric_times[] = {
    1000,   2500,   5000,    10000,   25000,   50000, 100000,
    250000, 500000, 1000000, 2500000, 10000000, 0,
};

static struct metric *first;
static struct metric **end = &first;

void metric_register(struct metric *m)
{
    if (m->registered)
        return;
    m->registered = true;
    m->next = NULL;
    *end = m;
    end = &m->next;
}

void metric_add(struct metric *m, int64_t n)
{
    atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}

void metric_set(struct metric *m, int64_t n)
{
    atomic_store_explicit(&m->value, n, memory_order_relaxed);
}

int64_t metric_get(const struct metric *m)
{
    return atomic_load_explicit(&m->value, memory_order_relaxed);
}

void metric_observe(struct metric *m, int64_t value)
{
    size_t i = 0;

    while (m->bounds[i] != 0 && value > m->bounds[i])
        i++;
    atomic_fetch_add_explicit(&m->counts[i], 1, memory_order_relaxed);
    metric_add(m, value);
}

/* ---- printing ---- */

static const char *const kinds[] = {
    [METRIC_IS_GAUGE] = "gauge",
    [METRIC_IS_COUNTER] = "counter",
    [METRIC_IS_HISTOGRAM] = "histogram",
};

static void print_head(struct buf *out, const char *name, const char *help,
                       enum metric_kind kind)
{
    buf_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
              kinds[kind]);
}

static void print_number(struct buf *out, const struct metric *m,
                         int64_t value)
{
    if (m->scale == 0)
        buf_print(out, "%" PRId64, value);
    else
        buf_print(out, "%.15g", (double)value * m->scale);
}

static void print_value(struct buf *out, const struct metric *m,
                        const char *ending, int64_t value)
{
    buf_print(out, "%s%s", m->name, ending);
    if (m->label)
        buf_print(out, "{%s}", m->label);
    buf_print(out, " ");
    print_number(out, m, value);
    buf_print(out, "\n");
}

static void print_bucket(struct buf *out, const struct metric *m, int64_t bound,
                         int64_t count)
{
    buf_print(out, "%s_bucket{%s%sle=\"", m->name, m->label ? m->label : "",
              m->label ? "," : "");
    if (bound == 0)
        buf_print(out, "+Inf");
    else
        print_number(out, m, bound);
    buf_print(out, "\"} %" PRId64 "\n", count);
}

/* Prometheus wants each bucket to hold those before it, and as many in all
 * as _count says: one reading serves both. */
static void print_histogram(struct buf *out, const struct metric *m)
{
    int64_t count = 0;

    for (size_t i = 0;; i++) {
        count += atomic_load_explicit(&m->counts[i], memory_order_relaxed);
        print_bucket(out, m, m->bounds[i], count);
        if (m->bounds[i] == 0)
            break;
    }
    print_value(out, m, "_sum", metric_get(m));
    buf_print(out, "%s_count", m->name);
    if (m->label)
        buf_print(out, "{%s}", m->label);
    buf_print(out, " %" PRId64 "\n", count);
}

static void print_process(struct buf *out, const char *name, const char *help,
                          enum metric_kind kind, double value)
{
    print_head(out, name, help, kind);
    buf_print(out, "%s %.15g\n", name, value);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* 0 where there is no /proc. */
static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long pages = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* The 22nd field of stat, in ticks since boot; the second one, the program's
 * name in parentheses, may hold anything. */
static double read_start_seconds(void)
{
    FILE *file = fopen("/proc/self/stat", "re");
    char line[1024] = "";
    const char *rest;
    unsigned long long ticks = 0;

    if (!file)
        return 0;
    rest = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!rest || sscanf(rest,
                        ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u"
                        " %*d %*d %*d %*d %*d %*d %llu",
                        &ticks) != 1)
        return 0;
    return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) +
           (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* Read once: what changes is a restart. */
static double start_seconds(void)
{
    static double seconds;

    if (seconds == 0)
        seconds = read_start_seconds();
    return seconds;
}

static void print_one(struct buf *out, const struct metric *m)
{
    if (m->kind == METRIC_IS_HISTOGRAM)
        print_histogram(out, m);
    else if (metric_get(m) != METRIC_ABSENT)
        print_value(out, m, "", metric_get(m));
}

void metric_print(struct buf *out)
{
    const char *last = "";

    for (const struct metric *m = first; m; m = m->next) {
        if (strcmp(last, m->name) != 0)
            print_head(out, m->name, m->help, m->kind);
        print_one(out, m);
        last = m->name;
    }
    print_process(out, "process_cpu_seconds_total", "processor time spent",
                  METRIC_IS_COUNTER, seconds_of(CLOCK_PROCESS_CPUTIME_ID));
    print_process(out, "process_resident_memory_bytes", "memory in use",
                  METRIC_IS_GAUGE, resident_bytes());
    print_process(out, "process_start_time_seconds",
                  "when it started, in Unix time", METRIC_IS_GAUGE,
                  start_seconds());
    print_head(out, "baodao_build_info", "1; which build this is",
               METRIC_IS_GAUGE);
    buf_print(out, "baodao_build_info{version=\"%s\"} 1\n", build_version);
}
