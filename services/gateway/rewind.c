/*
 * rewind.c - rights in PostgreSQL, the plan in a thread; then, unless it is a
 * dry run, the act in PostgreSQL and the move in a thread. The act is there
 * before Kafka has moved: better one too many.
 */
#include "services/gateway/rewind.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/io/json.h"
#include "common/io/kafka_rewind.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operate.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/view.h"

#define ERRANDS_MAX 4 /* each has a client of Kafka of its own */

const struct pg_stmt rewind_stmts[] = {
    { "rewind_may", "SELECT operate.http_rewind($1, $2, $3, $4, $5, $6, $7,"
                    " $8)" },
    { 0 },
};

struct errand {
    struct errand *next;
    struct request *r;
    pthread_t thread;
    /* the thread's, until done */
    const char *brokers;
    struct kafka_rewind plan;
    bool moves, fine;
    struct err err;
    _Atomic bool done;
};

/* ---- the thread ---- */

static void *ask_kafka(void *context)
{
    struct errand *e = context;
    struct kafka_admin *admin = NULL;

    e->fine = kafka_admin_open(e->brokers, &admin, &e->err) &&
              (e->moves ? kafka_rewind_move(admin, &e->plan, &e->err)
                        : kafka_rewind_plan(admin, &e->plan, &e->err));
    kafka_admin_close(admin);
    atomic_store(&e->done, true);
    return NULL;
}

static bool is_busy(const struct gateway *g)
{
    int count = 0;

    for (const struct errand *e = g->errands; e; e = e->next)
        count++;
    return count >= ERRANDS_MAX;
}

/* A plan may be refused; what is planned and an act is also moved. */
static void send_errand(struct request *r, bool moves)
{
    struct errand *e;

    if (!moves && is_busy(r->gateway)) {
        problem_answer(r, 503, "busy", NULL,
                       "Kafka 还在回答先前的请求,请稍后再试 / Kafka still owes "
                       "answers to others, please try again soon");
        return;
    }
    e = calloc(1, sizeof(*e));
    if (!e)
        abort();
    e->r = r;
    e->brokers = r->gateway->kafka;
    e->plan = *(const struct kafka_rewind *)r->page;
    e->moves = moves;
    if (pthread_create(&e->thread, NULL, ask_kafka, e) != 0)
        abort();
    e->next = r->gateway->errands;
    r->gateway->errands = e;
}

/* ---- the answer ---- */

static void answer(struct request *r)
{
    const struct kafka_rewind *plan = r->page;
    const struct said *s = r->deed;
    struct json j;

    buf_reset(&r->answer);
    json_begin(&j, &r->answer);
    json_bool(&j, "moved", s->move);
    if (s->move)
        json_uuid(&j, "act", &s->act);
    json_array(&j, "items");
    for (size_t i = 0; i < plan->count; i++) {
        json_object(&j, NULL);
        json_int(&j, "partition", (int64_t)i);
        if (plan->committed[i] >= 0)
            json_int(&j, "committed", plan->committed[i]);
        json_int(&j, "to", plan->target[i]);
        if (plan->committed[i] >= 0)
            json_int(&j, "again", plan->committed[i] - plan->target[i]);
        json_close(&j);
    }
    json_close(&j);
    json_end(&j);
    request_answer(r, 200, "application/json");
}

/* ---- rights and act ---- */

static bool is_planned(const struct request *r)
{
    return ((const struct kafka_rewind *)r->page)->count > 0;
}

static void may(void *context, const struct err *err)
{
    struct request *r = context;

    if (err)
        problem_from(r, err);
    else if (r->answer.size == 0)
        problem_answer(r, 409, "worker", "group",
                       "这是业务程序,其位置在 log.consumer 中,从不后退 / it is a "
                       "worker: its offsets are in log.consumer and never go "
                       "back");
    else
        send_errand(r, is_planned(r));
}

static void ask_whether(struct request *r)
{
    const struct said *s = r->deed;
    const struct kafka_rewind *plan = r->page;
    struct pg_params *p = operate_begin(r, &rewind_stmts[0],
                                        r->route->deed->verb);

    if (!is_planned(r))
        p->values[0] = NULL; /* no act yet */
    r->ask.done = may;
    pg_param_text(p, text_of(r->gateway->name));
    pg_param_text(p, text_of(plan->topic));
    pg_param_text(p, s->to);
    pg_param_text(p, s->why);
    pool_ask(r->gateway->pool, &r->ask);
}

/* ---- a turn ---- */

static void come_back(struct errand *e)
{
    struct request *r = e->r;
    const struct said *s = r->deed;

    pthread_join(e->thread, NULL);
    *(struct kafka_rewind *)r->page = e->plan;
    if (!e->fine)
        problem_from(r, &e->err);
    else if (!e->moves && s->move)
        ask_whether(r);
    else
        answer(r);
    free(e);
}

void rewind_turn(struct gateway *g)
{
    struct errand **link = &g->errands, *e;

    while ((e = *link)) {
        if (!atomic_load(&e->done)) {
            link = &e->next;
            continue;
        }
        *link = e->next;
        come_back(e);
    }
}

void rewind_close(struct gateway *g)
{
    struct errand *e, *next;

    for (e = g->errands; e; e = next) {
        next = e->next;
        if (!atomic_load(&e->done)) {
            pthread_detach(e->thread);
            continue;
        }
        pthread_join(e->thread, NULL);
        free(e);
    }
    g->errands = NULL;
}

/* ---- the request ---- */

static bool read_plan(struct request *r, struct kafka_rewind *plan,
                      struct err *err)
{
    const struct said *s = r->deed;
    struct text topic = arena_print(&r->arena, "%s.%.*s", r->gateway->name,
                                    TEXT_PRINT(s->topic));

    if (s->move && s->why.size == 0)
        return err_reject(err, "required", "why", "say why");
    if (!text_copy(topic, plan->topic, sizeof(plan->topic)))
        return err_reject(err, "maxLength", "topic", "it is too long");
    if (!text_copy(r->values[0].text, plan->group, sizeof(plan->group)))
        return err_reject(err, "maxLength", "group", "it is too long");
    return kafka_rewind_to(s->to, plan) ||
           err_reject(err, "format", "to",
                      "an offset, or an instant like 2026-03-02T08:30+08:00");
}

void rewind_start(struct request *r)
{
    struct kafka_rewind *plan = arena_give(&r->arena, sizeof(*plan));
    struct err err = { 0 };

    r->page = plan;
    if (!operate_hear(r))
        return;
    if (read_plan(r, plan, &err))
        ask_whether(r);
    else
        problem_from(r, &err);
}
