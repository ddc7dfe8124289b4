/* client.c - a list of connections and their deadlines. */
#include "services/gateway/client.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "common/base/instant.h"
#include "common/base/metric.h"
#include "services/gateway/gateway.h"

struct client {
    struct client *next, **link; /* in gateway->clients */
    int fd;
    int64_t until_us; /* monotonic */
};

static struct metric open = METRIC_GAUGE("baodao_http_connections",
                                         "connections of clients");
static struct metric late = METRIC_COUNTER(
    "baodao_http_late_total", "connections ended because they did not move");

void client_start(void)
{
    metric_register(&open);
    metric_register(&late);
}

static int64_t seconds_of(const struct admit_limits *l,
                          enum client_phase phase)
{
    switch (phase) {
    case CLIENT_IDLE:
        return l->idle_s;
    case CLIENT_RECEIVING:
        return l->receive_s;
    case CLIENT_SENDING:
        return l->idle_s + l->receive_s;
    case CLIENT_FREE:
        break;
    }
    return 0;
}

static void enter(struct gateway *g, struct client *c,
                  enum client_phase phase)
{
    int64_t seconds = seconds_of(&g->limits, phase);

    c->until_us = seconds > 0 ? instant_monotonic() + seconds * SECOND_US
                              : INT64_MAX;
}

static void come(struct gateway *g, struct MHD_Connection *connection,
                 void **socket_context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct client *c = calloc(1, sizeof(*c));

    if (!c)
        abort();
    c->fd = info ? info->connect_fd : -1;
    c->next = g->clients;
    c->link = &g->clients;
    if (c->next)
        c->next->link = &c->next;
    g->clients = c;
    enter(g, c, CLIENT_IDLE);
    *socket_context = c;
    metric_add(&open, 1);
}

static void go(struct client *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    free(c);
    metric_add(&open, -1);
}

void client_notify(void *context, struct MHD_Connection *connection,
                   void **socket_context,
                   enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        come(context, connection, socket_context);
    else if (*socket_context)
        go(*socket_context);
}

void client_enter(struct gateway *g, struct MHD_Connection *connection,
                  enum client_phase phase)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    if (info && info->socket_context)
        enter(g, info->socket_context, phase);
}

/* libmicrohttpd finds the end of what we shut down, and tidies up. */
void client_turn(struct gateway *g)
{
    int64_t now_us = instant_monotonic();

    if (now_us < g->clients_again_us)
        return;
    g->clients_again_us = now_us + SECOND_US / 4;
    for (struct client *c = g->clients; c; c = c->next) {
        if (now_us < c->until_us)
            continue;
        c->until_us = INT64_MAX;
        metric_add(&late, 1);
        shutdown(c->fd, SHUT_RDWR);
    }
}
