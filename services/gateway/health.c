/*
 * health.c - the ailments that PostgreSQL can tell, and what the gateway sees
 * itself. The rest is said to be unknown: `baodao doctor` looks twice, and
 * asks who may take seconds to answer.
 */
#include "services/gateway/health.h"

#include "common/base/instant.h"
#include "common/city/ailment.h"
#include "common/io/json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/queues.h"
#include "services/gateway/request.h"
#include "services/gateway/watch.h"

enum { LOOK };
const struct pg_stmt health_stmts[] = {
    [LOOK] = { "health_look",
               "SELECT ailment, detail FROM"
               " operate.http_ailments($1, $2, $3, $4, $5)" },
    { 0 },
};

/* Those that nothing here can see. */
static const char *const unseen[] = {
    "redis", "slow", "disk", "partitions", "topics", "lost", "gap", "stuck",
    "unpublished", "retention",
};

struct looked {
    enum health health[AILMENTS_MAX];
    struct text details[AILMENTS_MAX];
};

static void say(struct request *r, const char *name, enum health health,
                struct text detail)
{
    struct looked *l = r->page;
    int i = ailment_find(text_of(name));

    if (i < 0)
        return;
    l->health[i] = health;
    l->details[i] =
        arena_print(&r->arena, "%.*s%s%.*s", TEXT_PRINT(l->details[i]),
                    l->details[i].size > 0 ? "; " : "", TEXT_PRINT(detail));
}

static bool take_ailments(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    char name[32];

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        pg_code(rows, i, 0, name, sizeof(name));
        say(context, name, WRONG, pg_text(rows, i, 1));
    }
    return true;
}

/* What the rows that were not there would have told. */
static void say_away(struct request *r, const struct err *err)
{
    struct looked *l = r->page;

    *l = (struct looked){ 0 };
    for (int i = 0; ailments[i].name; i++)
        say(r, ailments[i].name, UNKNOWN,
            TEXT("PostgreSQL 连不上 / PostgreSQL is away"));
    l->details[ailment_find(TEXT("postgres"))] = TEXT("");
    say(r, "postgres", WRONG, text_of(err->sentence));
}

static void say_unseen(struct request *r)
{
    struct looked *l = r->page;

    for (size_t i = 0; i < COUNT_OF(unseen); i++) {
        l->details[ailment_find(text_of(unseen[i]))] = TEXT("");
        say(r, unseen[i], UNKNOWN,
            TEXT("网关看不到,请用 baodao doctor / not seen from here: ask "
                 "`baodao doctor`"));
    }
}

static void say_kafka(struct request *r)
{
    struct looked *l = r->page;
    bool up = kafka_out_connected(r->gateway->out);

    l->details[ailment_find(TEXT("kafka"))] = TEXT("");
    say(r, "kafka", up ? WELL : WRONG,
        up ? TEXT("") : TEXT("no broker is connected to the gateway"));
    if (!watch_knows(r->gateway->watch))
        say(r, "never", UNKNOWN,
            TEXT("分区数尚不清楚 / how many partitions there are is not "
                 "known yet"));
}

static void answer(struct request *r)
{
    const struct looked *l = r->page;
    struct json j;

    buf_reset(&r->answer);
    json_begin(&j, &r->answer);
    json_instant(&j, "at", gateway_now(r->gateway));
    json_array(&j, "items");
    for (int i = 0; ailments[i].name; i++) {
        json_object(&j, NULL);
        ailment_write(&j, i, l->health[i], l->details[i]);
        json_close(&j);
    }
    json_close(&j);
    json_null(&j, "next");
    json_end(&j);
    request_answer(r, 200, "application/json");
}

static void looked(void *context, const struct err *err)
{
    struct request *r = context;

    if (err && err->kind != ERR_RETRY) {
        problem_from(r, err);
        return;
    }
    if (err)
        say_away(r, err);
    say_unseen(r);
    say_kafka(r);
    answer(r);
}

void health_start(struct request *r)
{
    struct looked *l = arena_give(&r->arena, sizeof(*l));

    *l = (struct looked){ 0 };
    r->page = l;
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &health_stmts[LOOK],
                                .take = take_ailments,
                                .done = looked,
                                .context = r };
    pg_param_instant(&r->ask.params, gateway_now(r->gateway));
    pg_param_instant(&r->ask.params, instant_now());
    queues_put_marks(r);
    pool_ask(r->gateway->pool, &r->ask);
}
