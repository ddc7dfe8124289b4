/* base_metric_test.c - metrics in Prometheus' text format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/metric.h"
#include "common/base/text.h"
#include "common/base/version.h"

static struct metric batches =
    METRIC_COUNTER("baodao_batches_total", "batches committed");
static struct metric lag = METRIC_GAUGE("baodao_lag_messages", "lag");
static struct metric busy = METRIC_SECONDS("baodao_busy_seconds_total", "busy");
static struct metric refused[] = {
    {.name = "baodao_refused_total",
     .help = "refusals",
     .kind = METRIC_IS_COUNTER,
     .label = "reason=\"role\""},
    {.name = "baodao_refused_total",
     .help = "refusals",
     .kind = METRIC_IS_COUNTER,
     .label = "reason=\"state\""},
};

static const int64_t sizes[] = {1, 10, 0};
static struct metric size =
    METRIC_HISTOGRAM("baodao_size_messages", "sizes", sizes);
static struct metric times[] = {
    METRIC_TIMES("baodao_answer_seconds", "answers"),
};
static struct metric owned[] = {
    {.name = "baodao_owned", .help = "mine", .label = "partition=\"0\""},
    {.name = "baodao_owned", .help = "mine", .label = "partition=\"1\""},
};

static int register_all(void **state)
{
    (void)state;
    metric_register(&batches);
    metric_register(&lag);
    metric_register(&busy);
    metric_register(&refused[0]);
    metric_register(&refused[1]);
    metric_register(&size);
    times[0].label = "route=\"view\"";
    metric_register(&times[0]);
    metric_register(&owned[0]);
    metric_register(&owned[1]);
    metric_register(&batches); /* again: once is enough */
    return 0;
}

static void the_registered_are_printed_in_order_and_once(void **state)
{
    static const char wanted[] =
        "# HELP baodao_batches_total batches committed\n"
        "# TYPE baodao_batches_total counter\n"
        "baodao_batches_total 3\n"
        "# HELP baodao_lag_messages lag\n"
        "# TYPE baodao_lag_messages gauge\n"
        "baodao_lag_messages -7\n"
        "# HELP baodao_busy_seconds_total busy\n"
        "# TYPE baodao_busy_seconds_total counter\n"
        "baodao_busy_seconds_total 1.5\n"
        "# HELP baodao_refused_total refusals\n"
        "# TYPE baodao_refused_total counter\n"
        "baodao_refused_total{reason=\"role\"} 1\n"
        "baodao_refused_total{reason=\"state\"} 0\n"
        "# HELP baodao_size_messages sizes\n";
    AUTO(buf) struct buf out = {0};

    (void)state;
    metric_add(&batches, 1);
    metric_add(&batches, 2);
    metric_set(&lag, -7);
    metric_add(&busy, 1500000);
    metric_add(&refused[0], 1);
    assert_int_equal(metric_get(&batches), 3);
    metric_print(&out);
    assert_int_equal(strncmp(buf_string(&out), wanted, strlen(wanted)), 0);
}

static void a_histogram_counts_each_bound_and_all_under_it(void **state)
{
    static const char wanted[] =
        "# TYPE baodao_size_messages histogram\n"
        "baodao_size_messages_bucket{le=\"1\"} 2\n"
        "baodao_size_messages_bucket{le=\"10\"} 3\n"
        "baodao_size_messages_bucket{le=\"+Inf\"} 4\n"
        "baodao_size_messages_sum 22\n"
        "baodao_size_messages_count 4\n";
    AUTO(buf) struct buf out = {0};

    (void)state;
    metric_observe(&size, 0);
    metric_observe(&size, 1);
    metric_observe(&size, 10);
    metric_observe(&size, 11);
    metric_print(&out);
    assert_non_null(strstr(buf_string(&out), wanted));
}

static void times_are_in_seconds_beside_their_labels(void **state)
{
    AUTO(buf) struct buf out = {0};
    const char *page;

    (void)state;
    metric_observe(&times[0], 2500);
    metric_observe(&times[0], 60000000);
    metric_print(&out);
    page = buf_string(&out);
    assert_non_null(strstr(page, "\nbaodao_answer_seconds_bucket{"
                                 "route=\"view\",le=\"0.001\"} 0\n"));
    assert_non_null(strstr(page, ",le=\"0.0025\"} 1\n"));
    assert_non_null(strstr(page, ",le=\"10\"} 1\n"));
    assert_non_null(strstr(page, ",le=\"+Inf\"} 2\n"));
    assert_non_null(
        strstr(page, "\nbaodao_answer_seconds_sum{route=\"view\"} 60.0025\n"
                     "baodao_answer_seconds_count{route=\"view\"} 2\n"));
}

static void what_has_nothing_to_say_is_not_shown(void **state)
{
    AUTO(buf) struct buf out = {0};

    (void)state;
    metric_set(&owned[0], METRIC_ABSENT);
    metric_set(&owned[1], 1);
    metric_print(&out);
    assert_null(strstr(buf_string(&out), "partition=\"0\""));
    assert_non_null(strstr(buf_string(&out), "{partition=\"1\"} 1\n"));
}

static void the_build_has_a_name(void **state)
{
    AUTO(buf) struct buf out = {0};

    (void)state;
    metric_print(&out);
    assert_true(build_version[0] != '\0');
    assert_non_null(strstr(buf_string(&out), build_version));
}

static double value_of(const char *page, const char *name)
{
    const char *at = strstr(page, name);

    assert_non_null(at);
    return strtod(at + strlen(name), NULL);
}

static void the_process_tells_its_cost_and_age(void **state)
{
    AUTO(buf) struct buf out = {0};
    double started, now = (double)time(NULL);
    const char *page;

    (void)state;
    metric_print(&out);
    page = buf_string(&out);
    assert_true(value_of(page, "\nprocess_cpu_seconds_total ") > 0);
    assert_true(value_of(page, "\nprocess_resident_memory_bytes ") > 100000);
    started = value_of(page, "\nprocess_start_time_seconds ");
    assert_true(started > now - 600 && started < now + 2);
}

/* A long time in microseconds loses nothing of its digits. */
static void seconds_keep_their_microseconds(void **state)
{
    AUTO(buf) struct buf out = {0};

    (void)state;
    metric_set(&busy, INT64_C(31536000000001));
    metric_print(&out);
    assert_non_null(strstr(buf_string(&out),
                           "\nbaodao_busy_seconds_total 31536000.000001\n"));
}

static void every_line_is_a_comment_or_a_name_and_a_number(void **state)
{
    AUTO(buf) struct buf out = {0};
    struct text rest;

    (void)state;
    metric_print(&out);
    assert_int_equal(out.bytes[out.size - 1], '\n');
    for (rest = buf_text(&out); rest.size > 0;) {
        struct text line = text_cut(rest, '\n', &rest);
        struct text value;
        char number[64], *end;

        if (text_starts(line, "# HELP ") || text_starts(line, "# TYPE "))
            continue;
        text_cut(line, ' ', &value);
        assert_true(text_copy(value, number, sizeof(number)));
        strtod(number, &end);
        assert_true(end != number && *end == '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_registered_are_printed_in_order_and_once),
        cmocka_unit_test(a_histogram_counts_each_bound_and_all_under_it),
        cmocka_unit_test(times_are_in_seconds_beside_their_labels),
        cmocka_unit_test(what_has_nothing_to_say_is_not_shown),
        cmocka_unit_test(the_build_has_a_name),
        cmocka_unit_test(the_process_tells_its_cost_and_age),
        cmocka_unit_test(seconds_keep_their_microseconds),
        cmocka_unit_test(every_line_is_a_comment_or_a_name_and_a_number),
    };

    return cmocka_run_group_tests(tests, register_all, NULL);
}
