/*
 * admit.c - admission by three bounds, and the gauges that show them.
 *
 * Depth alone says little about an engine that has slowed down, and delay
 * alone comes too late in a sudden wave: so both.
 */
#include "services/gateway/admit.h"

#include "common/base/instant.h"
#include "common/base/metric.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

#define CALM_US (5 * SECOND_US) /* without a refusal: the wave is over */
#define RETRY_MOST_S 30
#define OPERATE_MOST 32

#define SHED(reason_)                                                         \
    { .name = "baodao_shed_total",                                            \
      .help = "requests answered 503 because a bound was reached",            \
      .label = "reason=\"" reason_ "\"", .kind = METRIC_IS_COUNTER }
#define IN_HAND(class_)                                                       \
    { .name = "baodao_requests_in_hand",                                      \
      .help = "requests let in and not answered yet",                         \
      .label = "route=\"" class_ "\"" }

static struct metric shed[ADMIT_REASONS] = {
    /* clang-format off */
    [ADMIT_MEMORY]       = SHED("memory"),
    [ADMIT_COMMANDS]     = SHED("commands"),
    [ADMIT_COMMAND_WAIT] = SHED("command_wait"),
    [ADMIT_READS]        = SHED("reads"),
    [ADMIT_READ_WAIT]    = SHED("read_wait"),
    [ADMIT_STREAMS]      = SHED("streams"),
    /* clang-format on */
};
static struct metric in_hand[ADMIT_CLASSES] = {
    IN_HAND("command"),
    IN_HAND("read"),
    IN_HAND("stream"),
    IN_HAND("file"),
    IN_HAND("operate"),
};
static struct metric waits = METRIC_GAUGE(
    "baodao_outcome_waits", "commands that wait for their outcome");
static struct metric held = METRIC_GAUGE(
    "baodao_request_bytes", "bodies, answers and streams held in memory");
static struct metric oldest_command = METRIC_AGE(
    "baodao_unpublished_seconds",
    "how long Kafka has owed us an acknowledgement");
static struct metric oldest_read = METRIC_AGE(
    "baodao_read_wait_seconds",
    "how long the oldest read has waited for a connection");
static struct metric ack_seconds = METRIC_TIMES(
    "baodao_publish_ack_seconds",
    "from sending to Kafka's acknowledgement");

/* ---- the rule ---- */

static bool is_over(int64_t age_us, int64_t limit_ms)
{
    return age_us > limit_ms * 1000;
}

enum admit_reason admit_judge(enum admit_class class,
                              const struct admit_limits *limits,
                              const struct admit_load *load)
{
    if (load->memory_bytes > limits->memory_kbytes * 1024)
        return ADMIT_MEMORY;
    switch (class) {
    case ADMIT_COMMAND:
        if (load->in_hand[class] >= limits->commands)
            return ADMIT_COMMANDS;
        return is_over(load->command_us, limits->command_ms)
                   ? ADMIT_COMMAND_WAIT
                   : ADMIT_YES;
    case ADMIT_READ:
        if (load->in_hand[class] >= limits->reads)
            return ADMIT_READS;
        return is_over(load->read_us, limits->read_ms) ? ADMIT_READ_WAIT
                                                       : ADMIT_YES;
    case ADMIT_STREAM:
        return load->in_hand[class] >= limits->streams ? ADMIT_STREAMS
                                                       : ADMIT_YES;
    case ADMIT_OPERATE:
        return load->in_hand[class] >= OPERATE_MOST ? ADMIT_READS : ADMIT_YES;
    case ADMIT_FILE:
    case ADMIT_NONE:
        break;
    }
    return ADMIT_YES;
}

int64_t admit_retry_s(int64_t for_us, uint64_t n)
{
    int64_t base_s = 1 + for_us / (2 * SECOND_US);

    if (base_s > RETRY_MOST_S)
        base_s = RETRY_MOST_S;
    return base_s + (int64_t)(n % (uint64_t)(base_s + 1));
}

/* ---- in hand ---- */

static const char *const busy[ADMIT_REASONS] = {
    [ADMIT_MEMORY] = "网关忙,请稍后再试 / the gateway is busy, please try again "
                     "later",
    [ADMIT_COMMANDS] = "提交过多,请稍后再试 / too much is being said at once, "
                       "please try again later",
    [ADMIT_COMMAND_WAIT] = "消息队列变慢,请稍后再试 / Kafka is slow, please try "
                           "again later",
    [ADMIT_READS] = "查询过多,请稍后再试 / too many ask at once, please try "
                    "again later",
    [ADMIT_READ_WAIT] = "数据库变慢,请稍后再试 / the database is slow, please "
                        "try again later",
    [ADMIT_STREAMS] = "收听者太多,请稍后再试 / too many listen already, please "
                      "try again later",
};

static void refresh(struct gateway *g)
{
    struct admit *a = &g->admit;
    int64_t now_us = instant_monotonic();

    a->load.command_us =
        a->oldest ? now_us - a->oldest->command.sent_us : 0;
    a->load.read_us = pool_wait_us(g->pool);
}

bool admit(struct request *r)
{
    struct gateway *g = r->gateway;
    enum admit_reason why;

    refresh(g);
    why = admit_judge(r->class, &g->limits, &g->admit.load);
    if (why != ADMIT_YES) {
        metric_add(&shed[why], 1);
        problem_answer(r, 503, "busy", NULL, busy[why]);
        return false;
    }
    r->in_hand = true;
    g->admit.load.in_hand[r->class]++;
    return true;
}

void admit_leave(struct request *r)
{
    struct admit_load *load = &r->gateway->admit.load;

    if (r->in_hand)
        load->in_hand[r->class]--;
    if (r->waits)
        load->waits--;
    r->in_hand = r->waits = false;
}

bool admit_wait(struct request *r)
{
    struct gateway *g = r->gateway;

    if (g->admit.load.waits >= g->limits.waits)
        return false;
    admit_leave(r);
    r->waits = true;
    g->admit.load.waits++;
    return true;
}

void admit_sent(struct request *r)
{
    struct admit *a = &r->gateway->admit;
    struct command *c = &r->command;

    c->sent_us = instant_monotonic();
    c->next_sent = NULL;
    c->link_sent = a->newest;
    *a->newest = r;
    a->newest = &c->next_sent;
}

void admit_acknowledged(struct request *r)
{
    struct admit *a = &r->gateway->admit;
    struct command *c = &r->command;

    metric_observe(&ack_seconds, instant_monotonic() - c->sent_us);
    *c->link_sent = c->next_sent;
    if (c->next_sent)
        c->next_sent->command.link_sent = c->link_sent;
    else
        a->newest = c->link_sent;
}

void admit_hold(struct gateway *g, int64_t bytes)
{
    g->admit.load.memory_bytes += bytes;
}

int64_t admit_retry_after(struct gateway *g)
{
    struct admit *a = &g->admit;
    int64_t now_us = instant_monotonic();

    if (now_us - a->shed_last_us > CALM_US)
        a->shed_since_us = now_us;
    a->shed_last_us = now_us;
    return admit_retry_s(now_us - a->shed_since_us, a->shed_count++);
}

/* ---- what is shown ---- */

void admit_start(struct gateway *g)
{
    struct metric *single[] = { &waits, &held, &oldest_command, &oldest_read,
                                &ack_seconds };

    g->admit.newest = &g->admit.oldest;
    for (int i = ADMIT_YES + 1; i < ADMIT_REASONS; i++)
        metric_register(&shed[i]);
    for (int i = 0; i < ADMIT_CLASSES; i++)
        metric_register(&in_hand[i]);
    for (size_t i = 0; i < COUNT_OF(single); i++)
        metric_register(single[i]);
}

void admit_turn(struct gateway *g)
{
    const struct admit_load *load = &g->admit.load;

    refresh(g);
    for (int i = 0; i < ADMIT_CLASSES; i++)
        metric_set(&in_hand[i], load->in_hand[i]);
    metric_set(&waits, load->waits);
    metric_set(&held, load->memory_bytes);
    metric_set(&oldest_command, load->command_us);
    metric_set(&oldest_read, load->read_us);
}
