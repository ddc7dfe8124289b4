/* metric.c - the list of metrics, and Prometheus' text of it. */
#include "common/base/metric.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

static void print_head(struct buf *out, const char *name, const char *help,
                       bool counter)
{
    buf_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
              counter ? "counter" : "gauge");
}

static void print_value(struct buf *out, const struct metric *m)
{
    int64_t value = metric_get(m);

    buf_print(out, "%s", m->name);
    if (m->label)
        buf_print(out, "{%s}", m->label);
    if (m->scale == 0)
        buf_print(out, " %" PRId64 "\n", value);
    else
        buf_print(out, " %.15g\n", (double)value * m->scale);
}

static void print_process(struct buf *out, const char *name, const char *help,
                          bool counter, double value)
{
    print_head(out, name, help, counter);
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
static double start_seconds(void)
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

void metric_print(struct buf *out)
{
    const char *last = "";

    for (const struct metric *m = first; m; m = m->next) {
        if (strcmp(last, m->name) != 0)
            print_head(out, m->name, m->help, m->counter);
        print_value(out, m);
        last = m->name;
    }
    print_process(out, "process_cpu_seconds_total", "processor time spent",
                  true, seconds_of(CLOCK_PROCESS_CPUTIME_ID));
    print_process(out, "process_resident_memory_bytes", "memory in use", false,
                  resident_bytes());
    print_process(out, "process_start_time_seconds",
                  "when it started, in Unix time", false, start_seconds());
}
