/* produce.c - a POST becomes a command in Kafka. */
#include "services/gateway/produce.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/metric.h"
#include "common/city/actor.h"
#include "common/io/json.h"
#include "common/io/schema.h"
#include "common/city/requester.h"
#include "services/gateway/body.h"
#include "services/gateway/gateway.h"
#include "services/gateway/key.h"
#include "services/gateway/outcome.h"
#include "services/gateway/pauses.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

#define ROUTES_MAX 96
#define ID_WINDOW_US DAY_US
#define KEY_HEADER_MAX 200

static struct metric produced = METRIC_COUNTER(
    "baodao_commands_total", "commands that Kafka holds");
static struct metric lost = METRIC_COUNTER(
    "baodao_commands_failed_total", "commands that Kafka refused");

static struct schema *schemas[ROUTES_MAX]; /* by their place in the routes */

enum { MAP_ID };
const struct pg_stmt produce_stmts[] = {
    /* A repeat, and two at the same time, get the id of the first. */
    [MAP_ID] = { "produce_map_id",
                 "INSERT INTO gateway.idempotency AS i"
                 " (actor, key, id, made) VALUES ($1, $2, $3, now())"
                 " ON CONFLICT (actor, key) DO UPDATE SET key = i.key"
                 " RETURNING id" },
    { 0 },
};

/* ---- opening ---- */

bool produce_open(const struct gateway *g, struct err *err)
{
    char folder[512];

    metric_register(&produced);
    metric_register(&lost);
    snprintf(folder, sizeof(folder), "%s/messages", g->schemas);
    for (size_t i = 0; http_routes[i].method; i++) {
        const struct http_route *route = &http_routes[i];

        if (i >= ROUTES_MAX)
            return err_fatal(err, "too_many", "more than %d routes",
                             ROUTES_MAX);
        if (route->type &&
            !schema_load(folder, route->type, key_fields(route), &schemas[i],
                         err))
            return false;
    }
    return requester_open(folder, err);
}

void produce_close(void)
{
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        schema_free(schemas[i]);
        schemas[i] = NULL;
    }
    requester_close();
}

/* ---- sending ---- */

static struct text topic_of(struct request *r)
{
    return arena_print(&r->arena, "%s.%s", r->gateway->name, r->route->topic);
}

#define HEADER(name_, value_) { name_, text_of(value_) }

static bool send_command(struct request *r, struct err *err)
{
    struct gateway *g = r->gateway;
    struct command *c = &r->command;
    struct text trace = request_header(r, "traceparent");
    const struct kafka_out_header headers[] = {
        /* clang-format off */
        HEADER("ce_specversion", "1.0"),
        HEADER("ce_id",          c->id_text),
        HEADER("ce_type",        r->route->type),
        HEADER("ce_source",      arena_print(&r->arena, "/%s/gateway",
                                             g->name).bytes),
        { "ce_subject", c->subject },
        HEADER("ce_time",        c->time),
        HEADER("ce_actor",       r->session.wire),
        HEADER("ce_digest",      c->digest),
        HEADER("content-type",   "application/json"),
        { "traceparent", trace },
        /* clang-format on */
    };
    const struct kafka_out_message message = {
        .topic = topic_of(r).bytes,
        .partition = -1,
        .key = c->key,
        .value = c->value,
        .headers = headers,
        .header_count = COUNT_OF(headers) - (trace.size != 55),
        .at_us = g->cell.test_clock_us == INSTANT_NONE ? 0 : gateway_now(g),
        .cookie = (uintptr_t)r,
    };

    return kafka_out_send(g->out, &message, err);
}

static struct text subject_of(struct request *r)
{
    struct text all = { "", 0 };

    if (r->value_count == 0)
        return text_of(r->command.id_text);
    for (size_t i = 0; i < r->value_count; i++)
        all = arena_print(&r->arena, "%.*s%s%.*s", TEXT_PRINT(all),
                          i > 0 ? "/" : "", TEXT_PRINT(r->values[i].text));
    return all;
}

static void send_or_fail(struct request *r)
{
    struct command *c = &r->command;
    struct err err = { 0 };

    uuid_print(&c->id, c->id_text);
    instant_print(instant_now(), c->time);
    c->subject = subject_of(r);
    if (r->route->key == KEY_SELF)
        c->key = text_of(c->id_text);
    outcome_expect(r);
    if (send_command(r, &err)) {
        admit_sent(r);
        return;
    }
    outcome_forget(r);
    log_error(LOG_WARN, "not_sent", &err, LOG_END);
    problem_from(r, &err);
}

static void answer_accepted(struct request *r)
{
    struct json j;
    struct text href =
        arena_print(&r->arena, "/v1/commands/%s", r->command.id_text);

    json_begin(&j, &r->answer);
    json_string(&j, "id", r->command.id_text);
    json_string(&j, "type", r->route->type);
    json_string(&j, "status", "accepted");
    json_text(&j, "href", href);
    json_end(&j);
    request_answer(r, 202, "application/json");
}

void produce_delivered(void *context, const struct kafka_out_report *report)
{
    struct request *r = (struct request *)(uintptr_t)report->cookie;

    (void)context;
    metric_add(report->err ? &lost : &produced, 1);
    admit_acknowledged(r);
    if (r->sent) {
        r->sent(r, report->err);
        return;
    }
    if (report->err) {
        outcome_forget(r);
        log_error(LOG_WARN, "not_delivered", report->err, LOG_END);
        problem_from(r, report->err);
        return;
    }
    if (r->command.wait_us > 0 && admit_wait(r)) {
        outcome_wait(r, answer_accepted);
        return;
    }
    outcome_forget(r);
    answer_accepted(r);
}

/* ---- its id ---- */

static bool take_id(const struct pg_rows *rows, void *context,
                    struct err *err)
{
    struct request *r = context;

    (void)err;
    r->command.id = pg_uuid(rows, 0, 0);
    return true;
}

static void mapped(void *context, const struct err *err)
{
    struct request *r = context;

    if (err)
        problem_from(r, err);
    else
        send_or_fail(r);
}

static bool is_in_window(const struct uuid *id, int64_t now_us)
{
    int64_t distance_us = uuid_time_us(id) - now_us;

    return uuid_version(id) == 7 && distance_us <= ID_WINDOW_US &&
           distance_us >= -ID_WINDOW_US;
}

/* The command has no id, and no problem tells of one, before it is mapped. */
static void choose_id(struct request *r)
{
    struct uuid *id = arena_give(&r->arena, sizeof(*id));
    struct text key = request_header(r, "Idempotency-Key");
    int64_t now_us = gateway_now(r->gateway);
    bool is_id = uuid_parse(key, id) && is_in_window(id, now_us);

    if (!is_id)
        *id = uuid_new(now_us);
    if (is_id || key.size == 0) {
        r->command.id = *id;
        send_or_fail(r);
        return;
    }
    if (key.size > KEY_HEADER_MAX || !text_valid(key)) {
        problem_answer(r, 400, "bad_key", "Idempotency-Key",
                       "Idempotency-Key 最多 200 字节 / at most 200 bytes");
        return;
    }
    r->ask = (struct pool_ask){ .statement = &produce_stmts[MAP_ID],
                                .take = take_id,
                                .done = mapped,
                                .context = r };
    pg_param_text(&r->ask.params, text_of(r->session.wire));
    pg_param_text(&r->ask.params, key);
    pg_param_uuid(&r->ask.params, id);
    pool_ask(r->gateway->pool, &r->ask);
}

/* ---- its body ---- */

static bool compose(struct request *r, struct key_of_body *ret_in,
                    struct err *err)
{
    const struct schema *schema = schemas[r->route - http_routes];
    bool is_raise = r->route->key == KEY_HOME;
    AUTO(buf) struct buf merged = { 0 };
    AUTO(buf) struct buf sealed = { 0 };
    struct digest digest;

    body_merge(buf_text(&r->body), r->values, r->value_count, &merged);
    if (is_raise && !requester_seal(buf_text(&merged), r->gateway->keys.box,
                               &r->arena, &sealed, err))
        return false;
    r->command.value =
        arena_text(&r->arena, buf_text(is_raise ? &sealed : &merged));
    if (!schema_fill(schema, r->command.value, true, &r->arena,
                     key_fields(r->route) ? ret_in : NULL, err))
        return false;
    requester_digest(buf_text(&merged), r->gateway->keys.body, &digest);
    digest_print(&digest, r->command.digest);
    return true;
}

/* "Prefer: wait=5", perhaps among others; RFC 7240. */
static int64_t wait_of(struct text prefer)
{
    while (prefer.size > 0) {
        struct text value;
        struct text one = text_cut(prefer, ',', &prefer);
        struct text name = text_cut(one, '=', &value);
        int64_t seconds;

        while (text_starts(name, " ")) {
            name.bytes++;
            name.size--;
        }
        if (text_is(name, "wait") && text_int(value, &seconds) && seconds > 0)
            return (seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S) * SECOND_US;
    }
    return 0;
}

void produce_start(struct request *r)
{
    struct key_of_body in = { 0 };
    struct err err = { 0 };

    if (pauses_refuse(r))
        return;
    if (!actor_may(text_of(r->route->type), &r->session.actor, &err) ||
        !compose(r, &in, &err)) {
        problem_from(r, &err);
        return;
    }
    if (!kafka_out_connected(r->gateway->out) ||
        !r->gateway->cell.district[0]) {
        err_retry(&err, "away", "Kafka or the cell is away");
        problem_from(r, &err);
        return;
    }
    r->command.wait_us = wait_of(request_header(r, "Prefer"));
    key_choose(r, &in, choose_id);
}
