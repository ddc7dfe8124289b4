/* cli_oracle_test.c - ten thousand random lines through `baodao oracle clock`
 * come out as the slow reckoning says, to the byte. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "services/baodao/oracle.h"
#include "tests/unit/city_clock_tell.h"

/* ---- lines ---- */

static void put_minute(struct buf *out, int minute)
{
    buf_print(out, "\"%02d:%02d\"", minute / 60, minute % 60);
}

static void put_hours(struct buf *out, const struct day_hours *hours)
{
    buf_put_byte(out, '[');
    for (int i = 0; i < hours->count; i++) {
        buf_print(out, i > 0 ? ",[" : "[");
        put_minute(out, hours->segments[i].from);
        buf_put_byte(out, ',');
        put_minute(out, hours->segments[i].to);
        buf_put_byte(out, ']');
    }
    buf_put_byte(out, ']');
}

static void put_date(struct buf *out, const char *name, int32_t date)
{
    char text[DATE_TEXT_SIZE];

    date_print(date, text);
    buf_print(out, "\"%s\":\"%s\"", name, text);
}

static void put_week(struct buf *out, const struct calendar_week *w)
{
    buf_put_byte(out, '{');
    put_date(out, "from", w->from);
    buf_put_byte(out, ',');
    put_date(out, "to", w->to);
    buf_print(out, ",\"days\":[");
    for (int d = 0; d < 7; d++) {
        buf_print(out, d > 0 ? "," : "");
        put_hours(out, &w->days[d]);
    }
    buf_print(out, "]}");
}

static void put_day(struct buf *out, const struct calendar_day *d)
{
    buf_put_byte(out, '{');
    put_date(out, "date", d->date);
    buf_print(out, ",\"kind\":\"%s\"", d->workday ? "workday" : "holiday");
    if (d->own_hours) {
        buf_print(out, ",\"segments\":");
        put_hours(out, &d->hours);
    }
    buf_put_byte(out, '}');
}

static void calendar_line(struct buf *out)
{
    buf_print(out, "{\"calendar\":{\"name\":\"c\",\"day_minutes\":%d,"
                   "\"makeup_as\":%d,\"weeks\":[",
              calendar.day_minutes, calendar.makeup_as);
    for (size_t i = 0; i < calendar.week_count; i++) {
        buf_print(out, i > 0 ? "," : "");
        put_week(out, &calendar.weeks[i]);
    }
    buf_print(out, "],\"days\":[");
    for (size_t i = 0; i < calendar.day_count; i++) {
        buf_print(out, i > 0 ? "," : "");
        put_day(out, &calendar.days[i]);
    }
    buf_print(out, "]}}");
}

static void put_instant(struct buf *out, const char *name, int64_t at_us)
{
    if (at_us == INSTANT_NONE)
        buf_print(out, ",\"%s\":null", name);
    else
        buf_print(out, ",\"%s\":%lld", name, (long long)at_us);
}

static void put_story(struct buf *out, const struct walk *w)
{
    buf_print(out, ",\"pauses\":[");
    for (size_t i = 0; i < w->story.pause_count; i++) {
        buf_print(out, "%s{\"x\":0", i > 0 ? "," : "");
        put_instant(out, "from_us", w->pauses[i].from_us);
        put_instant(out, "to_us", w->pauses[i].to_us);
        buf_put_byte(out, '}');
    }
    buf_print(out, "],\"extensions\":[");
    for (size_t i = 0; i < w->story.extension_count; i++) {
        const struct clock_extension *e = &w->extensions[i];

        buf_print(out, "%s{\"asked_us\":%lld,", i > 0 ? "," : "",
                  (long long)e->asked_us);
        if (e->to_date == INT32_MIN)
            buf_print(out, "\"add\":%lld", (long long)e->add);
        else
            put_date(out, "to_date", e->to_date);
        buf_put_byte(out, '}');
    }
    buf_put_byte(out, ']');
}

static void case_line(struct buf *out, int n, const struct walk *w,
                      int64_t now_us)
{
    const struct clock_limit *limit = &w->limit;

    buf_print(out, "{\"id\":\"第%d例\",\"calendar\":\"c\",\"unit\":\"%s\"", n,
              clock_unit_names[limit->unit]);
    buf_print(out, ",\"limit\":%d,\"day_end\":\"%s\"", (int)limit->limit,
              clock_day_end_names[limit->day_end]);
    if (limit->counting != COUNTING_DEFAULT)
        buf_print(out, ",\"counting\":\"%s\"",
                  clock_counting_names[limit->counting]);
    if (limit->yellow_percent != 80)
        buf_print(out, ",\"yellow_percent\":%d", limit->yellow_percent);
    buf_print(out, ",\"ladder\":[{\"step\":\"urge\",\"percent\":100},"
                   "{\"percent\":200,\"step\":\"written\"}]");
    put_instant(out, "start_us", w->story.start_us);
    put_instant(out, "stop_us", w->story.stop_us);
    put_instant(out, "now_us", now_us);
    put_story(out, w);
    buf_put_byte(out, '}');
}

/* ---- what the slow reckoning answers ---- */

static const char *number(int64_t us)
{
    static char texts[4][32];
    static unsigned turn;
    char *text = texts[turn++ % 4];

    if (us == INSTANT_NONE || us == GAP)
        return "null";
    snprintf(text, 32, "%lld", (long long)us);
    return text;
}

/* The first date from the start on without a calendar. */
static const char *missing(const struct walk *w)
{
    static char text[DATE_TEXT_SIZE];
    int d = day_of(w->story.start_us);

    while (is_covered(d))
        d++;
    date_print(first + d, text);
    return text;
}

static int64_t remaining(const struct walk *w, int64_t now_us)
{
    int64_t end_us =
        w->story.stop_us != INSTANT_NONE && w->story.stop_us < now_us
            ? w->story.stop_us
            : now_us;
    int64_t left_us = w->budget_us + w->granted_us;

    for (int64_t at_us = w->story.start_us; at_us < end_us;
         at_us += MINUTE_US) {
        if (w->working && !is_covered(day_of(at_us)))
            return GAP;
        if (at_us >= w->count_from_us && ticks(w, at_us) &&
            paused_until(w, at_us, ALL) == 0)
            left_us -= MINUTE_US;
    }
    return left_us;
}

static const char *light_of(const struct walk *w, int64_t yellow_us,
                            int64_t due_us, int64_t now_us)
{
    if (w->story.stop_us != INSTANT_NONE)
        return "null";
    if (due_us != INSTANT_NONE && now_us >= due_us)
        return "\"red\"";
    if (yellow_us != INSTANT_NONE && now_us >= yellow_us)
        return "\"yellow\"";
    return "\"green\"";
}

static void put_rung(struct buf *out, const struct walk *w, const char *step,
                     int64_t at_us)
{
    buf_print(out, "{\"at_us\":%s,", number(at_us));
    if (at_us == GAP)
        buf_print(out, "\"gap\":\"%s\",", missing(w));
    buf_print(out, "\"step\":\"%s\"}", step);
}

static void expect_clock(struct buf *out, int n, const struct walk *w,
                         int64_t due_us, int64_t now_us)
{
    int64_t yellow_us = percent(w, w->limit.yellow_percent, ALL);
    int64_t left_us = remaining(w, now_us);
    int64_t elapsed_us = left_us == GAP              ? GAP
                         : left_us < w->budget_us ? w->budget_us - left_us
                                                  : 0;
    int64_t stop_us = w->story.stop_us;

    buf_print(out, "{\"budget_us\":%lld,\"count_from_us\":%lld,\"due_us\":%s,",
              (long long)w->budget_us, (long long)w->count_from_us,
              number(due_us));
    buf_print(out, "\"elapsed_us\":%s,\"granted_us\":%lld,\"id\":\"第%d例\",",
              number(elapsed_us), (long long)w->granted_us, n);
    buf_print(out, "\"ladder\":[");
    put_rung(out, w, "urge", due_us);
    buf_put_byte(out, ',');
    put_rung(out, w, "written", percent(w, 200, ALL));
    buf_print(out, "],\"light\":%s,\"on_time\":%s,",
              light_of(w, yellow_us, due_us, now_us),
              stop_us == INSTANT_NONE ? "null"
              : stop_us <= due_us     ? "true"
                                      : "false");
    buf_print(out, "\"percent\":%s,\"remaining_us\":%s,\"yellow_us\":%s}\n",
              number(elapsed_us == GAP ? GAP
                                       : elapsed_us * 100 / w->budget_us),
              number(left_us), number(yellow_us));
}

static void expect(struct buf *out, int n, struct walk *w, int64_t now_us)
{
    int64_t due_us = INSTANT_NONE;

    if (budget(w) && extensions(w) && due(w, &due_us)) {
        expect_clock(out, n, w, due_us, now_us);
        return;
    }
    buf_put_byte(out, '{');
    if (strcmp(w->code, "calendar_gap") == 0)
        buf_print(out, "\"date\":\"%s\",", missing(w));
    buf_print(out, "\"error\":\"%s\",\"id\":\"第%d例\"}\n", w->code, n);
}

static void random_histories_come_out_as_counted_minute_by_minute(void **state)
{
    AUTO(oracle) struct oracle o = {0};
    AUTO(buf) struct buf line = {0};
    AUTO(buf) struct buf said = {0};
    AUTO(buf) struct buf expected = {0};
    const int stories = story_count();

    (void)state;
    make_calendar();
    calendar_line(&line);
    oracle_line(&o, oracle_find("clock"), buf_text(&line), &said);
    assert_int_equal(said.size, 0);
    for (int n = 0; n < stories; n++) {
        struct walk w;
        int64_t now_us;

        imagine(&w);
        now_us = w.story.start_us + below(5000) * MINUTE_US;
        buf_reset(&line);
        buf_reset(&said);
        buf_reset(&expected);
        case_line(&line, n, &w, now_us);
        expect(&expected, n, &w, now_us);
        oracle_line(&o, oracle_find("clock"), buf_text(&line), &said);
        if (strcmp(buf_string(&said), buf_string(&expected)) != 0)
            fail_msg("%s\nsays   %sbut is %s", buf_string(&line),
                     buf_string(&said), buf_string(&expected));
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_come_out_as_counted_minute_by_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
