/* sheet.c - sentences about a clock, in the order in which a person
 * would check them. */
#include "common/city/sheet.h"

#include "common/base/fsm.h"
#include "common/city/clock_item.h"
#include "common/city/clock_ticks.h"

#define ITEMS_MAX 32
#define SPANS_MAX 40 /* beyond it the days are only counted */

struct told {
    const struct clock_row *row;
    const struct clock_limit *limit;
    const struct calendar *calendar;
    struct clock_pause pauses[ITEMS_MAX];
    struct clock_extension extensions[ITEMS_MAX];
    struct clock_story story;
    int64_t now_us;
    struct buf *out;
};

static const char *const unit_words[] = {
    [UNIT_MINUTE] = "分钟",         [UNIT_URGENT_HOUR] = "紧急工作时",
    [UNIT_URGENT_DAY] = "紧急工作日", [UNIT_WORKING_HOUR] = "工作时",
    [UNIT_WORKING_DAY] = "工作日",  [UNIT_CALENDAR_DAY] = "自然日",
};

/* "03-06 16:40" with its year when it is another than the start's. */
static const char *at_text(int64_t at_us)
{
    static _Thread_local char texts[4][INSTANT_TEXT_SIZE];
    static _Thread_local unsigned turn;
    char *text = texts[turn++ % 4];

    instant_print_shanghai(at_us, text);
    text[10] = ' ';
    text[text[17] == '0' && text[18] == '0' ? 16 : 19] = '\0';
    return text;
}

static const char *span_text(int64_t us, bool chinese)
{
    static _Thread_local char texts[4][64];
    static _Thread_local unsigned turn;
    char *text = texts[turn++ % 4];
    long long minutes = us / MINUTE_US;

    snprintf(text, sizeof(texts[0]), chinese ? "%lld小时%02lld分" : "%lld h %02lld min",
             minutes / 60, minutes % 60);
    return text;
}

/* ---- which days counted ---- */

struct span {
    int32_t from, to;
    bool works;
};

static void put_span(struct buf *out, const struct span *s, const char *gap)
{
    char from[DATE_TEXT_SIZE], to[DATE_TEXT_SIZE];

    date_print(s->from, from);
    date_print(s->to, to);
    if (s->from == s->to)
        buf_print(out, "%s%s", gap, from + 5);
    else
        buf_print(out, "%s%s..%s", gap, from + 5, to + 5);
}

static void put_spans(struct buf *out, const struct calendar *c, int32_t from,
                      int32_t to, bool works)
{
    const char *gap = "";
    int count = 0;

    for (int32_t date = from; date <= to && count < SPANS_MAX; date++) {
        struct span s = {date, date, works};

        if ((calendar_close(c, date) > 0) != works)
            continue;
        while (s.to < to && (calendar_close(c, s.to + 1) > 0) == works)
            s.to++;
        put_span(out, &s, gap);
        date = s.to;
        gap = " ";
        count++;
    }
    if (!gap[0])
        buf_print(out, "-");
    else if (count == SPANS_MAX)
        buf_print(out, " …");
}

/* Which row of the calendar makes a day other than its week says. */
static void put_odd_days(struct buf *out, const struct calendar *c,
                         int32_t from, int32_t to)
{
    const char *gap = "";
    char date[DATE_TEXT_SIZE];

    for (size_t i = 0; i < c->day_count; i++) {
        const struct calendar_day *d = &c->days[i];

        if (d->date < from || d->date > to || !d->workday)
            continue;
        date_print(d->date, date);
        buf_print(out, "%s%s", gap[0] ? gap : ";调休上班 make-up: ", date + 5);
        gap = " ";
    }
}

static void tell_days(const struct told *t, const struct clock_state *state)
{
    const struct calendar *c = t->calendar;
    int64_t end_us = state->due_us != INSTANT_NONE ? state->due_us : t->now_us;
    int32_t from = date_of(state->count_from_us);
    int32_t to = date_of(end_us - 1);

    if (clock_ticking(t->limit) == TICKS_WALL || !c || to < from) {
        buf_print(t->out, "昼夜连续计时 / counted day and night\n");
        return;
    }
    buf_print(t->out, "工作日 working days: ");
    put_spans(t->out, c, from, to, true);
    buf_print(t->out, ";%s: ",
              clock_ticking(t->limit) == TICKS_WORKING
                  ? "不计 not counted"
                  : "休息日也计 days off, counted too");
    put_spans(t->out, c, from, to, false);
    put_odd_days(t->out, c, from, to);
    buf_print(t->out, "\n");
}

/* ---- the other sentences ---- */

static void tell_limit(const struct told *t)
{
    const struct clock_limit *limit = t->limit;
    bool next = clock_next_day(limit);

    buf_print(t->out, "时限%lld%s%s / the limit is %lld %s%s%s\n",
              (long long)limit->limit, unit_words[limit->unit],
              next ? ",次日起算,末日下班截止" : "", (long long)limit->limit,
              clock_unit_names[limit->unit], limit->limit == 1 ? "" : "s",
              next ? ", from the next day to the end of the last" : "");
    buf_print(t->out, "%s 起算 / it starts at %s\n", at_text(t->row->start_us),
              at_text(t->row->start_us));
}

static void tell_pauses(const struct told *t)
{
    for (size_t i = 0; i < t->story.pause_count; i++) {
        const struct clock_pause *p = &t->pauses[i];

        if (p->to_us == INSTANT_NONE)
            buf_print(t->out, "%s 起挂账,未恢复 / suspended since %s\n",
                      at_text(p->from_us), at_text(p->from_us));
        else
            buf_print(t->out,
                      "%s 至 %s 挂账,不计 / suspended from %s to %s: not "
                      "counted\n",
                      at_text(p->from_us), at_text(p->to_us),
                      at_text(p->from_us), at_text(p->to_us));
    }
}

static void tell_extensions(const struct told *t)
{
    for (size_t i = 0; i < t->story.extension_count; i++) {
        const struct clock_extension *e = &t->extensions[i];
        char to[DATE_TEXT_SIZE];

        date_print(e->to_date == INT32_MIN ? 0 : e->to_date, to);
        if (e->to_date == INT32_MIN)
            snprintf(to, sizeof(to), "+%lld", (long long)e->add);
        buf_print(t->out,
                  "%s 申请延期,准至 %s / extended to %s, asked at %s\n",
                  at_text(e->asked_us), to, to, at_text(e->asked_us));
    }
}

static void tell_due(const struct told *t, const struct clock_state *state)
{
    if (state->due_us == INSTANT_NONE) {
        buf_print(t->out, "挂账期间到期待定 / no due while it is suspended\n");
        return;
    }
    if (state->yellow_us != INSTANT_NONE)
        buf_print(t->out, "%s 黄灯 / yellow at %s\n",
                  at_text(state->yellow_us), at_text(state->yellow_us));
    buf_print(t->out, "%s 到期 / due at %s\n", at_text(state->due_us),
              at_text(state->due_us));
}

static void tell_verdict(const struct told *t, const struct clock_sheet *sheet)
{
    static const char *const lights[] = {"", "绿灯", "黄灯", "红灯"};
    struct clock_reading r;
    int64_t left_us;
    bool stopped = t->story.stop_us != INSTANT_NONE;

    if (!clock_read(t->limit, t->calendar, &t->story, t->now_us, &r,
                    NULL))
        return;
    left_us = r.remaining_us < 0 ? -r.remaining_us : r.remaining_us;
    if (stopped && sheet->state.on_time)
        buf_print(t->out, "%s 完成,按时 / done at %s: on time\n",
                  at_text(t->story.stop_us), at_text(t->story.stop_us));
    else if (stopped)
        buf_print(t->out, "%s 完成,超时%s / done at %s: late by %s\n",
                  at_text(t->story.stop_us), span_text(left_us, true),
                  at_text(t->story.stop_us), span_text(left_us, false));
    else
        buf_print(t->out,
                  "现在 %s:已用%lld%%,%s,%s%s / now %s: %lld %% used, %s, "
                  "%s %s\n",
                  at_text(t->now_us), (long long)r.percent,
                  lights[sheet->light], r.remaining_us < 0 ? "已超" : "尚余",
                  span_text(left_us, true), at_text(t->now_us),
                  (long long)r.percent, clock_light_names[sheet->light],
                  r.remaining_us < 0 ? "late by" : "left:",
                  span_text(left_us, false));
}

static void tell_gap(const struct told *t, struct clock_sheet *sheet,
                     const struct err *why)
{
    char date[DATE_TEXT_SIZE];

    if (t->calendar)
        sheet->gap =
            calendar_gap(t->calendar, date_of(t->row->start_us));
    date_print(sheet->gap == INT32_MIN ? 0 : sheet->gap, date);
    if (sheet->gap == INT32_MIN)
        buf_print(t->out, "%s\n", why->sentence);
    else
        buf_print(t->out,
                  "日历缺 %s,到期待定,日历补齐后即算 / the calendar has no "
                  "%s: the due is computed when it has\n",
                  date, date);
}

/* ---- all of it ---- */

static bool read_story(struct told *t)
{
    struct text left = t->row->story;
    struct clock_item item;
    size_t pauses = 0, extensions = 0;

    while (left.size > 0) {
        if (!clock_item_next(&left, &item))
            return false;
        if (text_is(item.word, "pause") && pauses < ITEMS_MAX)
            t->pauses[pauses++] = item.pause;
        if (text_is(item.word, "extend") &&
            text_equal(item.stage, t->row->stage) &&
            item.extension.asked_us >= t->row->start_us &&
            extensions < ITEMS_MAX)
            t->extensions[extensions++] = item.extension;
    }
    t->story = (struct clock_story){
        .start_us = t->row->start_us,
        .stop_us = t->row->stop_us,
        .pauses = t->pauses,
        .pause_count = pauses,
        .extensions = t->extensions,
        .extension_count = extensions,
    };
    return true;
}

/* Rework takes the resolve limit again where it has no row of its own. */
static bool find_limit(struct told *t, struct err *err)
{
    const struct reference *limits = reference_pinned(t->row->limits);
    const struct reference *newest = reference_pinned(t->row->calendar);
    int stage = name_index(stage_names, t->row->stage);
    const struct matter_stage *of_matter;

    if (!limits || !newest)
        return err_fatal(err, "no_reference",
                         "the reference version of the lane is not loaded");
    t->calendar = reference_calendar(newest);
    of_matter = reference_matter_stage(limits, t->row->matter, t->row->stage);
    if (of_matter)
        t->limit = &of_matter->limit;
    else if (stage >= 0)
        t->limit = reference_limit(limits, t->row->kind, (enum stage)stage);
    if (!t->limit && stage == STAGE_REWORK)
        t->limit = reference_limit(limits, t->row->kind, STAGE_RESOLVE);
    return (t->limit && read_story(t)) ||
           err_fatal(err, "bad_row", "the lane's clock is not readable");
}

bool clock_sheet(const struct clock_row *row, int64_t now_us,
                 struct arena *arena, struct clock_sheet *ret, struct err *err)
{
    AUTO(buf) struct buf out = {0};
    struct told t = {.row = row, .now_us = now_us, .out = &out};
    struct clock_sheet sheet = {.gap = INT32_MIN};
    struct err why = {0};

    if (!find_limit(&t, err))
        return false;
    tell_limit(&t);
    sheet.answered =
        clock_compute(t.limit, t.calendar, &t.story, &sheet.state, &why);
    if (sheet.answered) {
        sheet.light = clock_light(&sheet.state, &t.story, now_us);
        tell_days(&t, &sheet.state);
    }
    tell_pauses(&t);
    tell_extensions(&t);
    if (sheet.answered) {
        tell_due(&t, &sheet.state);
        tell_verdict(&t, &sheet);
    } else {
        tell_gap(&t, &sheet, &why);
    }
    sheet.steps = arena_text(arena, buf_text(&out));
    *ret = sheet;
    return true;
}

void clock_row_take(const struct pg_rows *rows, int i, struct arena *arena,
                    struct clock_row *ret)
{
    ret->stage = arena_text(arena, pg_text(rows, i, 0));
    pg_code(rows, i, 1, ret->kind, sizeof(ret->kind));
    ret->start_us = pg_instant(rows, i, 2);
    ret->stop_us = pg_null(rows, i, 3) ? INSTANT_NONE : pg_instant(rows, i, 3);
    ret->story = pg_null(rows, i, 4)
                     ? text_of("")
                     : arena_text(arena, pg_text(rows, i, 4));
    ret->limits = pg_int(rows, i, 5);
    ret->calendar = pg_int(rows, i, 6);
    pg_code(rows, i, 7, ret->matter, sizeof(ret->matter));
}
