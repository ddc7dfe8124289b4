/*
 * loop.c - one thread, one epoll: HTTP, Kafka both ways, PostgreSQL.
 *
 * libmicrohttpd runs in external mode (its own epoll thread stalls); after
 * every turn it is run again, for the requests that were resumed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/metric.h"
#include "common/io/supervise.h"
#include "services/gateway/client.h"
#include "services/gateway/explain.h"
#include "services/gateway/gateway.h"
#include "services/gateway/groups.h"
#include "services/gateway/health.h"
#include "services/gateway/hear.h"
#include "services/gateway/key.h"
#include "services/gateway/letters.h"
#include "services/gateway/operate.h"
#include "services/gateway/outcome.h"
#include "services/gateway/pool.h"
#include "services/gateway/problem.h"
#include "services/gateway/produce.h"
#include "services/gateway/queues.h"
#include "services/gateway/request.h"
#include "services/gateway/rewind.h"
#include "services/gateway/session.h"
#include "services/gateway/sse.h"
#include "services/gateway/watch.h"
#include "services/gateway/view.h"

#define TURN_MS 250
#define CELL_EVERY_US (500 * INT64_C(1000))
#define LAST_WORDS_US (3 * SECOND_US)

static struct metric skew = METRIC_AGE("baodao_clock_skew_seconds",
                                       "our wall clock less PostgreSQL's");
static struct metric test_clock = METRIC_GAUGE(
    "baodao_test_clock", "1 in a cell whose time is made by hand");
static struct metric postgres_up = METRIC_GAUGE(
    "baodao_postgres_up", "1 while PostgreSQL answers us");
static struct metric kafka_up =
    METRIC_GAUGE("baodao_kafka_up", "1 while a broker is connected");

void loop_metrics(void)
{
    metric_register(&postgres_up);
    metric_register(&kafka_up);
    metric_register(&skew);
    metric_register(&test_clock);
}

/* ---- what is asked of PostgreSQL again and again ---- */

enum { CELL, PAUSES, FORGET };
static const struct pg_stmt chore_stmts[] = {
    [CELL] = { "cell", "SELECT district, test_clock, clock_timestamp()"
                       " FROM log.cell" },
    [PAUSES] = { "pauses", PAUSES_SQL },
    [FORGET] = { "forget", "DELETE FROM gateway.idempotency"
                           " WHERE made < now() - interval '7 days'" },
    { 0 },
};

int64_t gateway_now(const struct gateway *g)
{
    return g->cell.test_clock_us == INSTANT_NONE ? instant_now()
                                                 : g->cell.test_clock_us;
}

struct chore {
    pg_take *take;
    int64_t every_us;
    int64_t next_us; /* monotonic */
    struct gateway *gateway;
    struct pool_ask ask;
    bool busy;
};

static bool take_cell(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct chore *c = context;
    struct cell *cell = &c->gateway->cell;

    (void)err;
    if (rows->count != 1)
        return true;
    pg_code(rows, 0, 0, cell->district, sizeof(cell->district));
    cell->test_clock_us =
        pg_null(rows, 0, 1) ? INSTANT_NONE : pg_instant(rows, 0, 1);
    metric_set(&skew, instant_now() - pg_instant(rows, 0, 2));
    metric_set(&test_clock, cell->test_clock_us != INSTANT_NONE);
    return true;
}

static bool take_pauses(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct chore *c = context;

    (void)err;
    pauses_take(&c->gateway->pauses, rows);
    return true;
}

static struct chore chores[] = {
    [CELL] = { .take = take_cell, .every_us = SECOND_US / 2 },
    [PAUSES] = { .take = take_pauses, .every_us = SECOND_US / 2 },
    [FORGET] = { .every_us = HOUR_US },
};

static void chore_done(void *context, const struct err *err)
{
    struct chore *c = context;

    (void)err; /* the pool knows what is wrong; the chore comes again */
    c->busy = false;
}

static void do_chores(struct gateway *g)
{
    for (size_t i = 0; i < COUNT_OF(chores); i++) {
        struct chore *c = &chores[i];

        if (c->busy || instant_monotonic() < c->next_us)
            continue;
        c->busy = true;
        c->next_us = instant_monotonic() + c->every_us;
        c->gateway = g;
        c->ask = (struct pool_ask){ .statement = &chore_stmts[i],
                                    .take = c->take,
                                    .done = chore_done,
                                    .context = c };
        pool_ask(g->pool, &c->ask);
    }
}

/* ---- HTTP ---- */

static bool parse_listen(const char *address, struct sockaddr_in *ret,
                         struct err *err)
{
    char host[16];
    struct text rest;
    struct text before = text_cut(text_of(address), ':', &rest);
    int64_t port;

    *ret = (struct sockaddr_in){ .sin_family = AF_INET };
    if (!text_copy(before, host, sizeof(host)) ||
        inet_pton(AF_INET, host, &ret->sin_addr) != 1 ||
        !text_int(rest, &port) || port < 1 || port > UINT16_MAX)
        return err_fatal(err, "bad_address", "%s is not like 127.0.0.1:8080",
                         address);
    ret->sin_port = htons((uint16_t)port);
    return true;
}

static bool open_http(struct gateway *g, struct err *err)
{
    struct sockaddr_in at;

    if (!parse_listen(g->listen, &at, err))
        return false;
    g->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        request_hear, g, MHD_OPTION_SOCK_ADDR, &at,
        MHD_OPTION_URI_LOG_CALLBACK, request_open, g,
        MHD_OPTION_NOTIFY_COMPLETED, request_close, g,
        MHD_OPTION_NOTIFY_CONNECTION, client_notify, g,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)g->limits.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)g->limits.idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 * 1024),
        MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned int)1024,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return g->daemon || err_fatal(err, "bad_address",
                                  "cannot listen on %s: %s", g->listen,
                                  strerror(errno));
}

static int http_timeout_ms(struct gateway *g)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (MHD_get_timeout(g->daemon, &ms) != MHD_YES || ms > TURN_MS)
        return TURN_MS;
    return (int)ms;
}

/* ---- the epoll ---- */

static bool add_fd(struct gateway *g, int fd)
{
    struct epoll_event e = { .events = EPOLLIN };

    return epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static bool open_epoll(struct gateway *g, struct err *err)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(g->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    g->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (g->epoll < 0 || !info || !add_fd(g, info->epoll_fd) ||
        !add_fd(g, kafka_in_fd(g->in)) || !add_fd(g, kafka_out_fd(g->out)) ||
        !add_fd(g, supervise_fd()))
        return err_fatal(err, "epoll", "epoll: %s", strerror(errno));
    return true;
}

/* Which one is ready does not matter: asking one that is not costs little. */
static void await(struct gateway *g)
{
    struct epoll_event events[16];
    int timeout_ms = http_timeout_ms(g);
    int pool_ms = pool_timeout_ms(g->pool);

    if (pool_ms >= 0 && pool_ms < timeout_ms)
        timeout_ms = pool_ms;
    epoll_wait(g->epoll, events, 16, timeout_ms);
}

static void say_ready(struct gateway *g)
{
    struct err err = { 0 };
    bool has_pool = pool_ready(g->pool, &err);

    side_alive(g->side);
    metric_set(&postgres_up, has_pool);
    metric_set(&kafka_up, kafka_out_connected(g->out));
    if (!has_pool)
        side_ready(g->side, err.sentence);
    else if (!g->cell.district[0])
        side_ready(g->side, "the cell is not known yet");
    else if (!kafka_out_connected(g->out))
        side_ready(g->side, "Kafka is away");
    else if (!g->hears)
        side_ready(g->side, "the topics of events are not there yet");
    else
        side_ready(g->side, NULL);
}

static bool turn(struct gateway *g, struct err *err)
{
    await(g);
    MHD_run(g->daemon);
    kafka_out_poll(g->out, 0);
    hear_turn(g);
    pool_turn(g->pool);
    outcome_turn(g);
    operate_turn(g);
    groups_turn(g);
    rewind_turn(g);
    sse_turn(g);
    client_turn(g);
    admit_turn(g);
    do_chores(g);
    pool_turn(g->pool);
    say_ready(g);
    MHD_run(g->daemon);
    return kafka_out_healthy(g->out, err);
}

/* ---- the end ---- */

/* Who still waits is told to ask again; MHD may not stop before. */
static void end_requests(struct gateway *g)
{
    int64_t until_us = instant_monotonic() + LAST_WORDS_US;

    MHD_quiesce_daemon(g->daemon);
    while (kafka_out_waiting(g->out) > 0 && instant_monotonic() < until_us)
        kafka_out_poll(g->out, 50);
    pool_close(g->pool);
    g->pool = NULL;
    for (struct request *r = g->requests; r; r = r->next) {
        if (r->suspended && r->command.delivered)
            r->command.late(r);
        else if (r->suspended)
            problem_answer(r, 503, "stopping", NULL,
                           "网关正在重启,请重试 / the gateway is restarting, "
                           "please try again");
    }
    sse_stop(g);
    MHD_run(g->daemon);
    MHD_run(g->daemon);
}

bool gateway_run(struct gateway *g, struct err *err)
{
    static const struct pg_stmt *const lists[] = {
        chore_stmts, session_stmts, produce_stmts, key_stmts, outcome_stmts,
        view_stmts, queues_stmts, explain_stmts, operate_stmts,
        letters_stmts, groups_stmts, rewind_stmts, health_stmts, NULL,
    };
    bool fine = true;

    if (!open_http(g, err) || !open_epoll(g, err))
        return false;
    g->cell.test_clock_us = INSTANT_NONE;
    g->pool = pool_open(g->postgres, g->epoll, lists);
    log_fact(LOG_INFO, "listening", "address", LOG_STR(g->listen), LOG_END);
    supervise_notify("READY=1");
    while (fine && !supervise_stopping())
        fine = turn(g, err);
    supervise_notify("STOPPING=1");
    log_fact(LOG_INFO, "stopping", LOG_END);
    watch_stop(g->watch);
    end_requests(g);
    return fine;
}
