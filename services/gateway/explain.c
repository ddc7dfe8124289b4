/*
 * explain.c - a lane's clocks as its records have them, explained by the
 * arithmetic of the workers. A version of the reference data that this process
 * has not met is asked for once and kept.
 */
#include "services/gateway/explain.h"

#include "common/base/instant.h"
#include "common/city/sheet.h"
#include "common/io/json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/view.h"

enum { CLOCKS, VERSIONS };
const struct pg_stmt explain_stmts[] = {
    [CLOCKS] = { "clock_rows",
"SELECT c.stage, c.kind, c.start, c.stop, c.story, c.reference_version,"
"       c.calendar_version, c.matter"
"  FROM track.clocks($1::text::uuid, $2::text::int, $3::text) c" },
    [VERSIONS] = { "clock_versions",
"SELECT v.version, v.valid_from, f.name, f.body FROM reference.version v"
"  JOIN reference.file f USING (version)"
" WHERE v.version > $1::bigint AND v.version <= $2::bigint"
" ORDER BY v.version, f.name" },
    { 0 },
};

/* In the request's arena. */
struct page {
    size_t count;
    struct clock_row *rows;
    int64_t version; /* the newest that they need */
};

static void ask(struct request *r, int which, pg_take *take,
                void (*done)(void *context, const struct err *err))
{
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &explain_stmts[which],
                                .take = take,
                                .done = done,
                                .context = r };
}

static bool take_rows(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct request *r = context;
    struct page *p = arena_give(&r->arena, sizeof(*p));

    (void)err;
    p->count = (size_t)rows->count;
    p->rows = arena_array(&r->arena, p->count, sizeof(*p->rows));
    for (int i = 0; i < rows->count; i++) {
        struct clock_row *row = &p->rows[i];

        clock_row_take(rows, i, &r->arena, row);
        if (row->limits > p->version)
            p->version = row->limits;
        if (row->calendar > p->version)
            p->version = row->calendar;
    }
    r->page = p;
    return true;
}

static void write_clock(struct json *j, const struct clock_row *row,
                        const struct clock_sheet *sheet)
{
    struct text steps = sheet->steps;

    json_object(j, NULL);
    json_text(j, "stage", row->stage);
    json_instant(j, "start", row->start_us);
    json_instant(j, "stop", row->stop_us);
    json_instant(j, "yellow",
                 sheet->answered ? sheet->state.yellow_us : INSTANT_NONE);
    json_instant(j, "due",
                 sheet->answered ? sheet->state.due_us : INSTANT_NONE);
    if (sheet->gap != INT32_MIN)
        json_date(j, "gap", sheet->gap);
    if (sheet->answered && sheet->light != LIGHT_NONE)
        json_string(j, "light", clock_light_names[sheet->light]);
    if (sheet->answered && row->stop_us != INSTANT_NONE)
        json_bool(j, "on_time", sheet->state.on_time);
    json_array(j, "steps");
    while (steps.size > 0)
        json_text(j, NULL, text_cut(steps, '\n', &steps));
    json_close(j);
    json_close(j);
}

static bool write_page(struct request *r, struct err *err)
{
    const struct page *p = r->page;
    struct clock_sheet sheet;
    struct json j;

    buf_reset(&r->answer);
    json_begin(&j, &r->answer);
    json_instant(&j, "at", gateway_now(r->gateway));
    json_array(&j, "clocks");
    for (size_t i = 0; i < p->count; i++) {
        if (!clock_sheet(&p->rows[i], gateway_now(r->gateway), &r->arena,
                         &sheet, err))
            return false;
        write_clock(&j, &p->rows[i], &sheet);
    }
    json_end(&j);
    return true;
}

static void answer(struct request *r)
{
    struct err why = { 0 };

    if (!write_page(r, &why))
        problem_from(r, &why);
    else
        request_answer(r, 200, "application/json");
}

static bool take_versions(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    (void)context;
    return reference_take(rows, err);
}

static void versions_done(void *context, const struct err *err)
{
    if (err)
        problem_from(context, err);
    else
        answer(context);
}

static void rows_done(void *context, const struct err *err)
{
    struct request *r = context;
    const struct page *p = r->page;

    if (err || p->count == 0) {
        buf_reset(&r->answer);
        view_done(r, err);
        return;
    }
    if (city_reference.loaded() >= p->version) {
        answer(r);
        return;
    }
    ask(r, VERSIONS, take_versions, versions_done);
    pg_param_int8(&r->ask.params, city_reference.loaded());
    pg_param_int8(&r->ask.params, p->version);
    pool_ask(r->gateway->pool, &r->ask);
}

void explain_start(struct request *r)
{
    ask(r, CLOCKS, take_rows, rows_done);
    for (size_t i = 0; i < r->value_count; i++)
        pg_param_text(&r->ask.params, r->values[i].text);
    pool_ask(r->gateway->pool, &r->ask);
}
