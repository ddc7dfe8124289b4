/* operate.c - pause, resume, drain, drop: from a POST to a row of log.act. */
#include "services/gateway/operate.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/io/schema.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/queues.h"
#include "services/gateway/request.h"
#include "services/gateway/view.h"
#include "services/gateway/watch.h"

#define ENDS_US (10 * SECOND_US) /* Kafka's ends are read once a second */

const struct deed deed_pause = { "pause", true, DEED_STEER },
                  deed_resume = { "resume", false, DEED_STEER },
                  deed_drain = { "drain", true, DEED_STEER },
                  deed_pause_type = { "pause", true, DEED_PLAIN },
                  deed_resume_type = { "resume", false, DEED_PLAIN },
                  deed_drop = { "dead.drop", true, DEED_PLAIN },
                  deed_replay = { "dead.replay", false, DEED_PLAIN },
                  deed_edit = { "dead.edit", true, DEED_EDIT },
                  deed_drop_group = { "dead.drop-group", true, DEED_GROUP },
                  deed_replay_group = { "dead.replay-group", true,
                                        DEED_GROUP },
                  deed_rewind = { "rewind", false, DEED_REWIND };

enum { STEER, STEER_TYPE, SETTLE, DROP_GROUP };
const struct pg_stmt operate_stmts[] = {
    [STEER] = { "operate_steer",
                "SELECT operate.http_steer($1, $2, $3, $4, $5::text::int, $6,"
                " $7, $8, $9)::text" },
    [STEER_TYPE] = { "operate_type",
                     "SELECT operate.http_steer_type($1, $2, $3, $4, $5)"
                     "::text" },
    [SETTLE] = { "operate_settle",
                 "SELECT operate.http_settle($1, $2, $3, $4, $5::text::int,"
                 " $6::text::bigint, $7)::text" },
    [DROP_GROUP] = { "operate_drop_group",
                     "SELECT operate.http_drop_group($1, $2, $3, $4, $5, $6,"
                     " $7)::text" },
    { 0 },
};

/* ---- what is said with a deed ---- */

#define SAID(more_, required_)                                                \
    "{\"type\":\"object\",\"properties\":{"                                    \
    "\"why\":{\"type\":\"string\",\"maxLength\":200}" more_ "},"                \
    "\"required\":[" required_ "]}"
#define WORD "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}"

static const struct field plain_fields[] = { F_TEXT(struct said, why), { 0 } };
static const struct field steer_fields[] = {
    F_TEXT(struct said, why),
    F_INT(struct said, partition),
    { 0 },
};
static const struct field group_fields[] = {
    F_TEXT(struct said, why),
    F_TEXT(struct said, code),
    F_TEXT(struct said, field),
    F_INT(struct said, rate),
    { 0 },
};
static const struct field edit_fields[] = {
    F_TEXT(struct said, why),
    F_RAW(struct said, value),
    { 0 },
};
static const struct field rewind_fields[] = {
    F_TEXT(struct said, why),
    F_TEXT(struct said, topic),
    F_TEXT(struct said, to),
    F_BOOL(struct said, move),
    { 0 },
};

static const struct {
    const char *json;
    const struct field *fields;
} sayings[DEED_KINDS] = {
    [DEED_PLAIN] = { SAID("", ""), plain_fields },
    [DEED_STEER] = { SAID(",\"partition\":{\"type\":\"integer\","
                          "\"minimum\":0,\"maximum\":2147483647}", ""),
                     steer_fields },
    [DEED_GROUP] = { SAID(",\"code\":" WORD ",\"field\":" WORD ",\"rate\":"
                          "{\"type\":\"integer\",\"minimum\":1,"
                          "\"maximum\":1000}", "\"code\""),
                     group_fields },
    [DEED_EDIT] = { SAID(",\"value\":{\"type\":\"object\","
                         "\"additionalProperties\":{}}", "\"value\""),
                    edit_fields },
    [DEED_REWIND] = { SAID(",\"topic\":" WORD ",\"to\":" WORD ",\"move\":"
                           "{\"type\":\"boolean\"}",
                           "\"topic\",\"to\""),
                      rewind_fields },
};
static struct schema *schemas[DEED_KINDS];

bool operate_open(struct err *err)
{
    for (int i = 0; i < DEED_KINDS; i++)
        if (!schema_compile(text_of(sayings[i].json), NULL, sayings[i].fields,
                            &schemas[i], err))
            return false;
    return true;
}

void operate_close(void)
{
    for (int i = 0; i < DEED_KINDS; i++) {
        schema_free(schemas[i]);
        schemas[i] = NULL;
    }
}

static bool read_said(struct request *r, struct said *s, struct err *err)
{
    const struct deed *deed = r->route->deed;
    struct text body = buf_text(&r->body);

    if (!schema_fill(schemas[deed->kind], body.size > 0 ? body : TEXT("{}"),
                     true, &r->arena, s, err))
        return false;
    if (deed->wants_why && s->why.size == 0)
        return err_reject(err, "required", "why", "say why");
    if (!r->gateway->cell.district[0])
        return err_retry(err, "away", "the cell is not known yet");
    return true;
}

bool operate_hear(struct request *r)
{
    struct said *s = arena_give(&r->arena, sizeof(*s));
    struct err err = { 0 };

    r->deed = s;
    if (read_said(r, s, &err)) {
        s->act = uuid_new(gateway_now(r->gateway));
        return true;
    }
    problem_from(r, &err);
    return false;
}

struct pg_params *operate_begin(struct request *r,
                                const struct pg_stmt *statement,
                                const char *verb)
{
    const struct said *s = r->deed;

    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = statement,
                                .take = view_take,
                                .done = view_done,
                                .context = r };
    pg_param_uuid(&r->ask.params, &s->act);
    pg_param_instant(&r->ask.params, gateway_now(r->gateway));
    pg_param_text(&r->ask.params, text_of(verb));
    for (size_t i = 0; i < r->value_count; i++)
        pg_param_text(&r->ask.params, r->values[i].text);
    return &r->ask.params;
}

static void begin(struct request *r, int statement)
{
    operate_begin(r, &operate_stmts[statement], r->route->deed->verb);
}

/* ---- programs ---- */

static void steer(struct request *r)
{
    const struct said *s = r->deed;

    begin(r, STEER);
    if (s->partition == INT_ABSENT)
        pg_param_null(&r->ask.params);
    else
        pg_param_text(&r->ask.params,
                      arena_print(&r->arena, "%lld", (long long)s->partition));
    pg_param_text(&r->ask.params, s->why);
    queues_put_marks(r);
    pool_ask(r->gateway->pool, &r->ask);
}

void operate_steer(struct request *r)
{
    if (operate_hear(r))
        steer(r);
}

/* It goes up to what Kafka holds now: what was read before is not enough. */
void operate_drain(struct request *r)
{
    struct gateway *g = r->gateway;
    struct said *s;

    if (!operate_hear(r))
        return;
    s = r->deed;
    s->round = watch_rounds(g->watch) + 2;
    r->command.until_us = instant_monotonic() + ENDS_US;
    r->command.next_waiting = g->drains;
    g->drains = r;
}

/* True: it waits no more. */
static bool go_on(struct request *r)
{
    const struct said *s = r->deed;
    struct err err;

    if (watch_rounds(r->gateway->watch) >= s->round) {
        steer(r);
        return true;
    }
    if (instant_monotonic() < r->command.until_us)
        return false;
    err_retry(&err, "away", "Kafka does not say how far its topics reach");
    problem_from(r, &err);
    return true;
}

void operate_turn(struct gateway *g)
{
    struct request **link = &g->drains, *r;

    while ((r = *link)) {
        struct request *next = r->command.next_waiting;

        if (go_on(r))
            *link = next;
        else
            link = &r->command.next_waiting;
    }
}

/* ---- types ---- */

static bool is_type(struct text type)
{
    for (const struct http_route *route = http_routes; route->method; route++)
        if (route->type && text_is(type, route->type))
            return true;
    return false;
}

void operate_type(struct request *r)
{
    const struct said *s;

    if (!is_type(r->values[0].text)) {
        problem_answer(r, 404, "no_such_type", "type",
                       "没有这种命令 / there is no such command");
        return;
    }
    if (!operate_hear(r))
        return;
    s = r->deed;
    begin(r, STEER_TYPE);
    pg_param_text(&r->ask.params, s->why);
    pool_ask(r->gateway->pool, &r->ask);
}

/* ---- letters ---- */

void operate_settle(struct request *r)
{
    const struct said *s = r->deed;

    begin(r, SETTLE);
    pg_param_text(&r->ask.params, s->why);
    pool_ask(r->gateway->pool, &r->ask);
}

void operate_drop(struct request *r)
{
    if (operate_hear(r))
        operate_settle(r);
}

void operate_put_group(struct request *r)
{
    const struct said *s = r->deed;

    pg_param_text(&r->ask.params, s->code);
    if (s->field.size > 0)
        pg_param_text(&r->ask.params, s->field);
    else
        pg_param_null(&r->ask.params);
    pg_param_text(&r->ask.params, s->why);
}

void operate_drop_group(struct request *r)
{
    if (!operate_hear(r))
        return;
    begin(r, DROP_GROUP);
    operate_put_group(r);
    pool_ask(r->gateway->pool, &r->ask);
}
