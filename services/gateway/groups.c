/*
 * groups.c - one letter after another: found, said, settled; then the next
 * one waits for its turn.
 */
#include "services/gateway/groups.h"

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/schema.h"
#include "common/work/letter.h"
#include "services/gateway/gateway.h"
#include "services/gateway/letters.h"
#include "services/gateway/operate.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/view.h"

enum { PLACES, SETTLE, GROUP };
const struct pg_stmt groups_stmts[] = {
    [PLACES] = { "groups_places",
                 "SELECT \"partition\", \"offset\" FROM"
                 " operate.http_places($1, $2, $3, $4)" },
    [SETTLE] = { "groups_settle",
                 "SELECT operate.http_settle($1, $2, 'dead.replay', $3,"
                 " $4::text::int, $5::text::bigint, $6)::text" },
    [GROUP] = { "groups_done",
                "SELECT operate.http_group($1, $2, $3, $4, $5, $6, $7, $8)"
                "::text" },
    { 0 },
};

struct group {
    /* Those that lie there when it begins: what is said again may die anew. */
    struct place {
        struct text partition, offset;
    } places[GROUP_MOST];
    size_t count, next;
    int64_t done;
    int64_t began_us; /* monotonic */
};

static struct group *group_of(struct request *r)
{
    return ((struct said *)r->deed)->group;
}

static void ask(struct request *r, int statement, pg_take *take,
                void (*done)(void *context, const struct err *err))
{
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &groups_stmts[statement],
                                .take = take,
                                .done = done,
                                .context = r };
}

/* ---- the end ---- */

static void finish(struct request *r)
{
    operate_begin(r, &groups_stmts[GROUP], r->route->deed->verb);
    operate_put_group(r);
    pg_param_int8(&r->ask.params, group_of(r)->done);
    pool_ask(r->gateway->pool, &r->ask);
}

/* What was said so far is settled, each letter with its act. */
static void fail(struct request *r, const struct err *err)
{
    log_error(LOG_WARN, "replay_group", err, "done",
              LOG_INT(group_of(r)->done), LOG_END);
    problem_from(r, err);
}

/* ---- one letter ---- */

static void go_on(struct request *r);

static bool take_settled(const struct pg_rows *rows, void *context,
                         struct err *err UNUSED)
{
    struct group *g = group_of(context);

    g->done += rows->count > 0 && !pg_null(rows, 0, 0);
    return true;
}

static void settled(void *context, const struct err *err)
{
    struct request *r = context;

    if (err) {
        fail(r, err);
        return;
    }
    group_of(r)->next++;
    go_on(r);
}

static void sent(struct request *r, const struct err *err)
{
    const struct said *s = r->deed;
    const struct place *p = &s->group->places[s->group->next];
    struct uuid *act;

    if (err) {
        fail(r, err);
        return;
    }
    act = arena_give(&r->arena, sizeof(*act));
    *act = uuid_new(gateway_now(r->gateway));
    ask(r, SETTLE, take_settled, settled);
    pg_param_uuid(&r->ask.params, act);
    pg_param_instant(&r->ask.params, gateway_now(r->gateway));
    pg_param_text(&r->ask.params, r->values[0].text);
    pg_param_text(&r->ask.params, p->partition);
    pg_param_text(&r->ask.params, p->offset);
    pg_param_text(&r->ask.params, s->why);
    pool_ask(r->gateway->pool, &r->ask);
}

static void found(void *context, const struct err *err)
{
    struct request *r = context;

    if (err) {
        fail(r, err);
    } else if (!letters_hold(r)) { /* it stays, or somebody has settled it */
        settled(r, NULL);
    } else {
        const struct letter *l = r->page;

        request_hold(r, (int64_t)(sizeof(*l) + l->value.size));
        letters_say(r, r->values[0].text, l, sent);
    }
}

/* ---- all of them ---- */

static void go_on(struct request *r)
{
    const struct said *s = r->deed;
    struct group *g = s->group;
    int64_t rate = s->rate == INT_ABSENT ? GROUP_RATE : s->rate;
    int64_t end_us = g->began_us + GROUP_RUN_S * SECOND_US;

    r->command.until_us = g->began_us + (int64_t)g->next * SECOND_US / rate;
    if (g->next == g->count || r->command.until_us > end_us ||
        instant_monotonic() > end_us || r->held_bytes > GROUP_BYTES) {
        finish(r);
        return;
    }
    r->command.next_waiting = r->gateway->groups;
    r->gateway->groups = r;
}

void groups_turn(struct gateway *g)
{
    struct request *r = g->groups, *next;

    g->groups = NULL;
    for (; r; r = next) {
        struct group *group = group_of(r);

        next = r->command.next_waiting;
        if (instant_monotonic() >= r->command.until_us) {
            letters_find(r, r->values[0].text,
                         group->places[group->next].partition,
                         group->places[group->next].offset, found);
            continue;
        }
        r->command.next_waiting = g->groups;
        g->groups = r;
    }
}

static bool take_places(const struct pg_rows *rows, void *context,
                        struct err *err UNUSED)
{
    struct request *r = context;
    struct group *g = group_of(r);

    g->count = (size_t)rows->count;
    for (int i = 0; i < rows->count; i++)
        g->places[i] = (struct place){
            .partition = arena_text(&r->arena, pg_text(rows, i, 0)),
            .offset = arena_text(&r->arena, pg_text(rows, i, 1)),
        };
    return true;
}

static void begin(void *context, const struct err *err)
{
    struct request *r = context;

    buf_reset(&r->answer);
    if (err || group_of(r)->count == 0) {
        view_done(r, err); /* not found */
        return;
    }
    group_of(r)->began_us = instant_monotonic();
    go_on(r);
}

void groups_replay(struct request *r)
{
    struct said *s;

    if (!operate_hear(r) || !letters_can_say(r))
        return;
    s = r->deed;
    s->group = arena_give(&r->arena, sizeof(*s->group));
    ask(r, PLACES, take_places, begin);
    pg_param_text(&r->ask.params, r->values[0].text);
    pg_param_text(&r->ask.params, s->code);
    if (s->field.size > 0)
        pg_param_text(&r->ask.params, s->field);
    else
        pg_param_null(&r->ask.params);
    pg_param_int4(&r->ask.params, GROUP_MOST);
    pool_ask(r->gateway->pool, &r->ask);
}
