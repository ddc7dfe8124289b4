/*
 * outcome.c - who waits for a command's outcome, and how it is told.
 *
 * Events come by Kafka; a repeated command makes none, so the log is looked
 * at too: after a while, and at the end.
 */
#include "services/gateway/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/json.h"
#include "common/io/schema.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/watch.h"

#define BUCKETS 1024
#define FIRST_LOOK_US (300 * INT64_C(1000))
#define LOOK_EVERY_US SECOND_US

struct outcomes {
    struct request *buckets[BUCKETS];
    struct schema *refusal;
};

/* Data of `<thing>.refused`. */
struct refusal {
    struct text code, field, sentence;
};
static const struct field refusal_fields[] = {
    F_TEXT(struct refusal, code),
    F_TEXT(struct refusal, field),
    F_TEXT(struct refusal, sentence),
    { 0 },
};
static const char refusal_json[] =
    "{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\"},"
    "\"field\":{\"type\":\"string\"},\"sentence\":{\"type\":\"string\"}}}";

enum { FIND };
const struct pg_stmt outcome_stmts[] = {
    [FIND] = { "outcome_find",
               "SELECT coalesce(type, ''), coalesce(subject, ''), version,"
               "       coalesce(data, ''), cause_digest"
               "  FROM view.entry WHERE id = ANY ($1) LIMIT 1" },
    { 0 },
};

struct outcomes *outcomes_open(void)
{
    struct outcomes *o = calloc(1, sizeof(*o));

    if (!o || !schema_compile(text_of(refusal_json), NULL, refusal_fields,
                              &o->refusal, NULL))
        abort();
    return o;
}

void outcomes_close(struct outcomes *o)
{
    if (!o)
        return;
    schema_free(o->refusal);
    free(o);
}

/* ---- who waits ---- */

static struct request **bucket_of(struct gateway *g, const struct uuid *id)
{
    size_t n = (size_t)id->bytes[14] << 8 | id->bytes[15];

    return &g->outcomes->buckets[n % BUCKETS];
}

void outcome_expect(struct request *r)
{
    struct request **first = bucket_of(r->gateway, &r->command.id);

    r->command.next_waiting = *first;
    *first = r;
}

void outcome_forget(struct request *r)
{
    struct request **at = bucket_of(r->gateway, &r->command.id);

    while (*at && *at != r)
        at = &(*at)->command.next_waiting;
    if (*at)
        *at = r->command.next_waiting;
}

/* ---- how it is told ---- */

static bool is_refusal(struct text type)
{
    return type.size > 8 &&
           memcmp(type.bytes + type.size - 8, ".refused", 8) == 0;
}

static void write_outcome(struct request *r, const struct heard *e)
{
    struct json j;

    buf_reset(&r->answer);
    json_begin(&j, &r->answer);
    json_uuid(&j, "id", &r->command.id);
    json_string(&j, "status", is_refusal(e->type) ? "refused" : "done");
    json_text_if(&j, "type", e->type);
    json_text_if(&j, "subject", e->subject);
    if (e->version > 0)
        json_int(&j, "version", e->version);
    if (e->data.size > 0)
        json_raw(&j, "data", e->data);
    json_end(&j);
}

/* Keeps the answer; it goes out when Kafka has reported too. */
static void keep_refusal(struct request *r, const struct heard *e)
{
    struct command *c = &r->command;
    struct refusal why = { 0 };

    if (!schema_fill(r->gateway->outcomes->refusal, e->data, false,
                     &r->arena, &why, NULL))
        why.code = TEXT("refused");
    c->outcome = OUTCOME_REFUSED;
    err_reject(&c->why, arena_text(&r->arena, why.code).bytes,
               arena_text(&r->arena, why.field).bytes, "%.*s",
               TEXT_PRINT(why.sentence));
}

static void keep(struct request *r, const struct heard *e)
{
    write_outcome(r, e);
    r->command.outcome = OUTCOME_DONE;
    if (is_refusal(e->type))
        keep_refusal(r, e);
}

static void keep_reused(struct request *r)
{
    r->command.outcome = OUTCOME_REFUSED;
    err_reject(&r->command.why, "id_reused", "Idempotency-Key",
               "同一编号已用于另一内容 / this id was used with another body");
}

static void tell(struct request *r)
{
    struct command *c = &r->command;

    outcome_forget(r);
    if (c->outcome == OUTCOME_REFUSED) {
        problem_from(r, &c->why);
    } else if (r->route->creates) {
        request_add_header(r, "Location", "%s%s", r->route->creates,
                           c->id_text);
        request_answer(r, 201, "application/json");
    } else {
        request_answer(r, 200, "application/json");
    }
}

void outcome_wait(struct request *r, void (*late)(struct request *r))
{
    struct command *c = &r->command;
    int64_t now_us = instant_monotonic();

    c->late = late;
    c->delivered = true;
    c->until_us = now_us + c->wait_us;
    c->look_us = now_us + FIRST_LOOK_US;
    if (c->outcome != OUTCOME_NONE)
        tell(r);
}

void outcome_heard(struct gateway *g, const struct heard *e)
{
    struct request *r = *bucket_of(g, &e->cause), *next;

    for (; r; r = next) {
        struct command *c = &r->command;

        next = c->next_waiting;
        if (c->outcome != OUTCOME_NONE || !uuid_equal(&c->id, &e->cause))
            continue;
        keep(r, e);
        if (c->delivered && !c->looking)
            tell(r);
    }
}

/* ---- in the log ---- */

static bool take_entry(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct request *r = context;
    struct heard e = { 0 };
    struct text digest;
    char ours[DIGEST_HEX_SIZE];
    struct digest theirs;

    (void)err;
    if (rows->count == 0 || r->command.outcome != OUTCOME_NONE)
        return true;
    e.type = pg_text(rows, 0, 0);
    e.subject = pg_text(rows, 0, 1);
    e.version = pg_int(rows, 0, 2);
    e.data = pg_text(rows, 0, 3);
    digest = pg_text(rows, 0, 4);
    if (r->command.digest[0] && digest.size == DIGEST_SIZE) {
        memcpy(theirs.bytes, digest.bytes, DIGEST_SIZE);
        digest_print(&theirs, ours);
        if (strcmp(ours, r->command.digest) != 0) {
            keep_reused(r);
            return true;
        }
    }
    keep(r, &e);
    return true;
}

static void looked(void *context, const struct err *err)
{
    struct request *r = context;
    struct command *c = &r->command;

    (void)err; /* nothing found is what it comes to */
    c->looking = false;
    if (c->outcome != OUTCOME_NONE)
        tell(r);
}

/* Row 0 of a command: its topic is part of the id. */
static void ask_log(struct request *r, const char *const *topics,
                    size_t count, void (*done)(void *, const struct err *))
{
    struct pg_array ids = PG_ARRAY(PG_UUID);

    for (size_t i = 0; i < count; i++) {
        struct uuid id = uuid_derive(topics[i], &r->command.id, 0);

        pg_put_uuid(&ids, &id);
    }
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &outcome_stmts[FIND],
                                .take = take_entry,
                                .done = done,
                                .context = r };
    pg_param_text(&r->ask.params,
                  arena_text(&r->arena, pg_array_finish(&ids)));
    pg_array_cleanup(&ids);
    pool_ask(r->gateway->pool, &r->ask);
}

static void move(struct request *r, int64_t now_us)
{
    struct command *c = &r->command;

    if (!c->delivered || c->looking)
        return;
    if (now_us >= c->until_us) {
        outcome_forget(r);
        c->late(r);
    } else if (now_us >= c->look_us) {
        int64_t left_us = c->until_us - now_us - FIRST_LOOK_US;

        c->looking = true;
        c->look_us = now_us + (left_us > 0 && left_us < LOOK_EVERY_US
                                   ? left_us
                                   : LOOK_EVERY_US);
        ask_log(r, &r->route->topic, 1, looked);
    }
}

void outcome_turn(struct gateway *g)
{
    int64_t now_us = instant_monotonic();

    for (size_t i = 0; i < BUCKETS; i++) {
        struct request *r = g->outcomes->buckets[i], *next;

        for (; r; r = next) {
            next = r->command.next_waiting;
            move(r, now_us);
        }
    }
}

/* ---- GET /v1/commands/{command} ---- */

static void answer_found(void *context, const struct err *err)
{
    struct request *r = context;

    if (err) {
        problem_from(r, err);
    } else if (r->command.outcome == OUTCOME_NONE) {
        request_add_header(r, "Retry-After", "1");
        problem_answer(r, 404, "no_outcome", NULL,
                       "尚无结果,或没有这条命令 / no outcome yet, or no such "
                       "command");
    } else {
        request_answer(r, 200, "application/json");
    }
}

void outcome_start(struct request *r)
{
    if (!uuid_parse(r->values[0].text, &r->command.id))
        abort(); /* the route has parsed it */
    ask_log(r, watch_commands, WATCH_COMMANDS, answer_found);
}
