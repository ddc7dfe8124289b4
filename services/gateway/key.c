/*
 * key.c - which partition a command lies in, and what must be looked up first.
 *
 * The roster is dispatch's, and no rule of track may read it: so a colleague
 * is looked for here. Who leaves the roster after this look is found by the
 * allotment.
 */
#include "services/gateway/key.h"

#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

enum { HOME, COLLEAGUE };
const struct pg_stmt key_stmts[] = {
    [HOME] = { "key_home",
               "SELECT home FROM view.issue WHERE issue = $1::text::uuid" },
    [COLLEAGUE] = { "key_colleague",
                    "SELECT on_duty AND NOT on_leave"
                    " FROM view.officer($1::timestamptz)"
                    " WHERE office = $2 AND officer = $3" },
    { 0 },
};

static const struct field home_fields[] = {
    F_CODE(struct key_of_body, home),
    { 0 },
};
static const struct field to_fields[] = {
    F_CODE(struct key_of_body, to),
    { 0 },
};

const struct field *key_fields(const struct http_route *route)
{
    if (route->key == KEY_HOME)
        return home_fields;
    return route->key == KEY_COLLEAGUE ? to_fields : NULL;
}

/* ---- the home of an issue ---- */

static bool take_home(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct request *r = context;

    (void)err;
    if (rows->count > 0)
        r->command.key = arena_text(&r->arena, pg_text(rows, 0, 0));
    return true;
}

static void homed(void *context, const struct err *err)
{
    struct request *r = context;

    if (err)
        problem_from(r, err);
    else if (r->command.key.size == 0)
        problem_answer(r, 404, "no_such_issue", "issue",
                       "没有这个诉求,或您看不到它 / there is no such issue, or "
                       "it is not yours to see");
    else
        r->command.keyed(r);
}

static void look_up_home(struct request *r)
{
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &key_stmts[HOME],
                                .take = take_home,
                                .done = homed,
                                .context = r };
    pg_param_text(&r->ask.params, r->values[0].text);
    pool_ask(r->gateway->pool, &r->ask);
}

/* ---- a colleague of the office ---- */

struct colleague {
    bool known, there;
};

static bool take_colleague(const struct pg_rows *rows, void *context,
                           struct err *err)
{
    struct request *r = context;
    struct colleague *to = r->page;

    (void)err;
    to->known = rows->count > 0;
    to->there = to->known && pg_bool(rows, 0, 0);
    return true;
}

static void colleague_found(void *context, const struct err *err)
{
    struct request *r = context;
    const struct colleague *to = r->page;

    if (err)
        problem_from(r, err);
    else if (!to->known)
        problem_answer(r, 409, "no_such_officer", "to",
                       "该单位值班表上没有此人,或您看不到 / nobody of that name "
                       "is on the office's roster, or it is not yours to see");
    else if (!to->there)
        problem_answer(r, 409, "not_on_duty", "to",
                       "此人不在岗 / that colleague is off duty or on leave; "
                       "name another, or put them on duty first");
    else
        r->command.keyed(r);
}

static void look_up_colleague(struct request *r, const char *to)
{
    r->page = arena_give(&r->arena, sizeof(struct colleague));
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &key_stmts[COLLEAGUE],
                                .take = take_colleague,
                                .done = colleague_found,
                                .context = r };
    pg_param_instant(&r->ask.params, gateway_now(r->gateway));
    pg_param_text(&r->ask.params, r->values[r->value_count - 1].text);
    pg_param_text(&r->ask.params, arena_text(&r->arena, text_of(to)));
    pool_ask(r->gateway->pool, &r->ask);
}

void key_choose(struct request *r, const struct key_of_body *in,
                void (*keyed)(struct request *r))
{
    struct command *c = &r->command;

    c->keyed = keyed;
    switch (r->route->key) {
    case KEY_COLLEAGUE:
        c->key = r->values[0].text;
        look_up_colleague(r, in->to);
        return;
    case KEY_ISSUE:
        look_up_home(r);
        return;
    case KEY_HOME:
        c->key = arena_text(&r->arena, text_of(in->home));
        break;
    case KEY_PATH:
        c->key = r->values[0].text;
        break;
    case KEY_DISTRICT:
        c->key = text_of(r->gateway->cell.district);
        break;
    case KEY_SELF:
    case KEY_NONE:
        break;
    }
    keyed(r);
}
