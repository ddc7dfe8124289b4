/*
 * view.c - the statements behind GET, and how they are asked.
 *
 * The SQL makes the whole JSON; C only carries it.
 */
#include "services/gateway/view.h"

#include <string.h>

#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

#define LIMIT_MAX 200

/*
 * A page of a list. $2 after, $3 limit; filters from $4 on. `before` bounds
 * the key by $2; `next` is where the next page begins.
 */
#define LIST(from, before, order, next, where)                                \
    "WITH v AS (SELECT * FROM " from " WHERE " before " " where              \
    " ORDER BY " order " LIMIT coalesce($3::text::int, 50))"                  \
    " SELECT json_build_object('at', $1::timestamptz,"                        \
    " 'items', coalesce((SELECT json_agg(v) FROM v), '[]'),"                  \
    " 'next', (SELECT " next " FROM v"                                   \
    " HAVING count(*) = coalesce($3::text::int, 50)))::text"
/* The same by one uuid. */
#define LIST_BY(id, from, where)                                              \
    LIST(from,                                                                \
         id " < coalesce($2::text::uuid,"                                     \
            " 'ffffffff-ffff-ffff-ffff-ffffffffffff')",                       \
         id " DESC", "min(" id "::text)", where)
/* One thing with its timeline; $2 is its uuid. */
#define ONE(id, from)                                                         \
    "SELECT row_to_json(x)::text FROM (SELECT v.*,"                           \
    " view.timeline(v." id "::text) AS timeline FROM " from " v"              \
    " WHERE v." id " = $2::text::uuid AND $1::timestamptz IS NOT NULL) x"
#define MAYBE(n, column) " AND ($" n "::text IS NULL OR " column " = $" n ")"

enum {
    ISSUES, ISSUE, WHISTLES, WHISTLE, TASKS, TASK, NEEDS, NEED, OFFERS,
    OFFER, MATCHES, MATCH, PARTNERS, OFFICERS, RATES, BEANS, SUMMARY, GROUPS,
    LETTERS,
};

const struct pg_stmt view_stmts[] = {
    /* clang-format off */
    [ISSUES] = { "view_issues",
        LIST_BY("issue", "view.issue",
                MAYBE("4", "state") MAYBE("5", "matter") MAYBE("6", "street")
                MAYBE("7", "home")) },
    [ISSUE] = { "view_issue", ONE("issue", "view.issue") },
    [WHISTLES] = { "view_whistles",
        LIST_BY("whistle", "view.whistle",
                MAYBE("4", "state") MAYBE("5", "kind") MAYBE("6", "street")
                " AND ($7::text IS NULL OR issue = $7::text::uuid)"
                " AND ($8::text IS NULL OR"
                " (escalated_at IS NOT NULL) = $8::text::boolean)") },
    [WHISTLE] = { "view_whistle",
        "SELECT row_to_json(x)::text FROM (SELECT v.*,"
        " view.rounds(v.whistle) AS rounds,"
        " view.whistle_timeline(v.whistle::text) AS timeline"
        " FROM view.whistle v WHERE v.whistle = $2::text::uuid"
        " AND $1::timestamptz IS NOT NULL) x" },
    [TASKS] = { "view_tasks",
        LIST("view.task($1)",
             "($2::text IS NULL OR (whistle, round, office) <"
             " (split_part($2, '/', 1)::uuid, split_part($2, '/', 2)::int,"
             "  split_part($2, '/', 3)))",
             "whistle DESC, round DESC, office DESC",
             "(array_agg(task ORDER BY whistle, round, office))[1]",
             MAYBE("4", "office") MAYBE("5", "state") MAYBE("6", "light")
             " AND ($7::text IS NULL OR whistle = $7::text::uuid)"
             " AND ($8::text IS NULL OR open = $8::text::boolean)"
             " AND ($9::text IS NULL OR holder = $9"
             " OR $9 = 'desk' AND holder IS NULL)" MAYBE("10", "hold")) },
    [TASK] = { "view_task",
        "SELECT row_to_json(x)::text FROM (SELECT v.*,"
        " view.reports(v.whistle, v.round, v.office) AS reports,"
        " view.score(v.whistle, v.round, v.office) AS score,"
        " view.documents(v.whistle, v.round, v.office) AS documents,"
        " view.stages(v.whistle, v.round, v.office) AS stages,"
        " view.timeline(v.task) AS timeline FROM view.task($1) v"
        " WHERE v.whistle = $2::text::uuid AND v.round = $3::text::int"
        " AND v.office = $4::text) x" },
    [NEEDS] = { "view_needs",
        LIST_BY("need", "view.need", MAYBE("4", "state")) },
    [NEED] = { "view_need", ONE("need", "view.need") },
    [OFFERS] = { "view_offers",
        LIST_BY("offer", "view.offer", MAYBE("4", "state")) },
    [OFFER] = { "view_offer", ONE("offer", "view.offer") },
    [MATCHES] = { "view_matches",
        LIST_BY("match", "view.match",
                MAYBE("4", "state")
                " AND ($5::text IS NULL OR need = $5::text::uuid)"
                " AND ($6::text IS NULL OR partner = $6::text::uuid)") },
    [MATCH] = { "view_match", ONE("match", "view.match") },
    [PARTNERS] = { "view_partners",
        LIST_BY("partner", "view.partner", MAYBE("4", "kind")) },
    [OFFICERS] = { "view_officers",
        LIST("view.officer($1)",
             "($2::text IS NULL OR concat(office, '/', officer) > $2)",
             "office, officer", "max(concat(office, '/', officer))",
             MAYBE("4", "office")) },
    [RATES] = { "view_whistle_rates",
        "SELECT json_build_object('at', $1::timestamptz, 'items',"
        " coalesce((SELECT json_agg(r ORDER BY r.street)"
        " FROM view.whistle_rate($1, $2) r"
        " WHERE $3::text IS NULL OR r.street = $3), '[]'),"
        " 'next', NULL)::text" },
    [BEANS] = { "view_beans",
        "SELECT view.beans($2::text, $1)::text" },
    [SUMMARY] = { "view_summary", "SELECT view.summary($1)::text" },
    [GROUPS] = { "view_groups",
        LIST("operate.http_groups()", "($2::text IS NULL OR \"group\" > $2)",
             "\"group\"", "max(\"group\")", "") },
    [LETTERS] = { "view_letters",
        "WITH v AS (SELECT * FROM operate.http_letters($2, $3,"
        " coalesce($4::text::int, 50), $5, $6))"
        " SELECT json_build_object('at', $1::timestamptz,"
        " 'items', coalesce((SELECT json_agg(v) FROM v), '[]'),"
        " 'next', (SELECT (array_agg(concat(partition, '/', \"offset\")"
        " ORDER BY partition DESC, \"offset\" DESC))[1] FROM v"
        " HAVING count(*) = coalesce($4::text::int, 50)))::text" },
    { 0 },
    /* clang-format on */
};

#define FILTERS(...) ((const char *const[]){ "after", "limit", __VA_ARGS__ })

const struct view view_issues = {
    &view_stmts[ISSUES], FILTERS("state", "matter", "street", "home", NULL)
};
const struct view view_issue = { &view_stmts[ISSUE], NULL };
const struct view view_whistles = {
    &view_stmts[WHISTLES], FILTERS("state", "kind", "street", "issue", "escalated", NULL)
};
const struct view view_whistle = { &view_stmts[WHISTLE], NULL };
const struct view view_tasks = {
    &view_stmts[TASKS],
    FILTERS("office", "state", "light", "whistle", "open", "holder", "hold",
            NULL)
};
const struct view view_task = { &view_stmts[TASK], NULL };
const struct view view_needs = { &view_stmts[NEEDS], FILTERS("state", NULL) };
const struct view view_need = { &view_stmts[NEED], NULL };
const struct view view_offers = { &view_stmts[OFFERS],
                                  FILTERS("state", NULL) };
const struct view view_offer = { &view_stmts[OFFER], NULL };
const struct view view_matches = {
    &view_stmts[MATCHES], FILTERS("state", "need", "partner", NULL)
};
const struct view view_match = { &view_stmts[MATCH], NULL };
const struct view view_partners = { &view_stmts[PARTNERS],
                                    FILTERS("kind", NULL) };
const struct view view_officers = { &view_stmts[OFFICERS],
                                    FILTERS("office", NULL) };
const struct view view_whistle_rates = {
    &view_stmts[RATES], (const char *const[]){"month", "street", NULL}
};
const struct view view_beans = { &view_stmts[BEANS], NULL };
const struct view view_summary = { &view_stmts[SUMMARY], NULL };
const struct view view_groups = { &view_stmts[GROUPS],
                                  (const char *const[]){"after", "limit", NULL} };
const struct view view_letters = { &view_stmts[LETTERS],
                                   FILTERS("code", "field", NULL) };

/* ---- asking ---- */

static bool is_filter(const struct view *v, struct text name)
{
    for (size_t i = 0; v->filters && v->filters[i]; i++)
        if (text_is(name, v->filters[i]))
            return true;
    return false;
}

/* What a client asks for and we do not know is not silently left out. */
static bool check_names(struct request *r, struct err *err)
{
    struct text left = r->query;

    while (left.size > 0) {
        struct text value;
        struct text pair = text_cut(left, '&', &left);
        struct text name = text_cut(pair, '=', &value);

        if (name.size > 0 && !is_filter(r->route->view, name))
            return err_reject(err, "unknown_parameter",
                              arena_text(&r->arena, name).bytes,
                              "没有这个参数 / there is no such parameter");
    }
    return true;
}

static bool put_filter(struct request *r, const char *name, struct err *err)
{
    struct text value;
    int64_t limit;

    if (!request_parameter(r, name, &value)) {
        pg_param_null(&r->ask.params);
        return true;
    }
    if (!text_valid(value) ||
        (strcmp(name, "limit") == 0 &&
         (!text_int(value, &limit) || limit < 1 || limit > LIMIT_MAX)))
        return err_reject(err, "bad_parameter", name,
                          "参数有误 / %s is not acceptable", name);
    pg_param_text(&r->ask.params, value);
    return true;
}

static bool put_params(struct request *r, struct err *err)
{
    const struct view *v = r->route->view;

    if (!check_names(r, err))
        return false;
    pg_param_instant(&r->ask.params, gateway_now(r->gateway));
    for (size_t i = 0; i < r->value_count; i++)
        pg_param_text(&r->ask.params, r->values[i].text);
    for (size_t i = 0; v->filters && v->filters[i]; i++)
        if (!put_filter(r, v->filters[i], err))
            return false;
    return true;
}

bool view_take(const struct pg_rows *rows, void *context, struct err *err)
{
    struct request *r = context;

    (void)err;
    buf_reset(&r->answer);
    if (rows->count > 0 && !pg_null(rows, 0, 0))
        buf_put_text(&r->answer, pg_text(rows, 0, 0));
    return true;
}

void view_done(void *context, const struct err *err)
{
    struct request *r = context;

    if (err && err->kind == ERR_REJECT) {
        problem_answer(r, 400, "bad_parameter", NULL,
                       "参数有误 / a parameter is not acceptable");
    } else if (err) {
        problem_from(r, err);
    } else if (r->answer.size == 0) {
        problem_answer(r, 404, "not_found", NULL,
                       "没有,或您看不到它 / it is not there, or it is not "
                       "yours to see");
    } else {
        request_answer(r, 200, "application/json");
    }
}

void view_start(struct request *r)
{
    struct err err = { 0 };

    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = r->route->view->statement,
                                .take = view_take,
                                .done = view_done,
                                .context = r };
    if (put_params(r, &err))
        pool_ask(r->gateway->pool, &r->ask);
    else
        problem_answer(r, 400, err.code, err.field, err.sentence);
}
