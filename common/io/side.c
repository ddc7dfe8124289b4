/*
 * side.c - the side port. One thread of libmicrohttpd's own that polls; it
 * touches the daemon's state through atomics and one lock.
 */
#include "common/io/side.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/instant.h"
#include "common/base/metric.h"

#define CONNECTIONS 16
#define TIMEOUT_S 10
#define SILENCE_US (30 * SECOND_US)

struct side {
    struct MHD_Daemon *daemon;
    _Atomic int64_t alive_us;
    pthread_mutex_t lock; /* of why_not */
    char why_not[256];    /* empty: ready */
};

/* ---- answers: each returns the status and fills the body ---- */

static unsigned int answer_live(struct side *s, struct buf *body)
{
    int64_t silent_us = instant_monotonic() - atomic_load(&s->alive_us);

    if (silent_us < SILENCE_US) {
        buf_print(body, "ok\n");
        return MHD_HTTP_OK;
    }
    buf_print(body, "the loop has not turned for %lld s\n",
              (long long)(silent_us / SECOND_US));
    return MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned int answer_ready(struct side *s, struct buf *body)
{
    unsigned int status;

    pthread_mutex_lock(&s->lock);
    status = s->why_not[0] ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK;
    buf_print(body, "%s\n", s->why_not[0] ? s->why_not : "ok");
    pthread_mutex_unlock(&s->lock);
    return status;
}

static unsigned int answer_metrics(struct side *s, struct buf *body)
{
    (void)s;
    metric_print(body);
    return MHD_HTTP_OK;
}

static const struct {
    const char *path;
    const char *type;
    unsigned int (*answer)(struct side *s, struct buf *body);
} pages[] = {
    /* clang-format off */
    { "/livez",   "text/plain",                answer_live },
    { "/readyz",  "text/plain; charset=utf-8", answer_ready },
    { "/metrics", "text/plain; version=0.0.4", answer_metrics },
    /* clang-format on */
};

static enum MHD_Result reply(struct MHD_Connection *connection,
                             unsigned int status, const char *type,
                             const struct buf *body)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        body->size, body->bytes, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    result = MHD_queue_response(connection, status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result on_request(void *context,
                                  struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_size, void **request)
{
    AUTO(buf) struct buf body = { 0 };

    (void)version;
    (void)upload;
    (void)upload_size;
    (void)request;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        buf_print(&body, "only GET\n");
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
                     &body);
    }
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        if (strcmp(path, pages[i].path) == 0) {
            unsigned int status = pages[i].answer(context, &body);

            return reply(connection, status, pages[i].type, &body);
        }
    }
    buf_print(&body, "/livez /readyz /metrics\n");
    return reply(connection, MHD_HTTP_NOT_FOUND, "text/plain", &body);
}

/* ---- opening and closing ---- */

/* Loopback: who may read it is whoever is on this machine; or, in a container
 * whose network is its own, 0.0.0.0. Not an address that a host has. */
static bool parse(const char *address, struct sockaddr_in *ret,
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
        return err_fatal(err, "bad_address", "%s is not like 127.0.0.1:9101",
                         address);
    if (ntohl(ret->sin_addr.s_addr) >> 24 != 127 &&
        ret->sin_addr.s_addr != INADDR_ANY)
        return err_fatal(err, "bad_address",
                         "%s is neither a loopback address nor 0.0.0.0",
                         address);
    ret->sin_port = htons((uint16_t)port);
    return true;
}

bool side_open(const char *address, struct side **ret_side, struct err *err)
{
    struct sockaddr_in at;
    struct side *s;

    if (!address || !address[0]) {
        *ret_side = NULL;
        return true;
    }
    if (!parse(address, &at, err))
        return false;
    s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    pthread_mutex_init(&s->lock, NULL);
    side_ready(s, "starting");
    side_alive(s);
    s->daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request,
        s, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned int)TIMEOUT_S, MHD_OPTION_END);
    if (!s->daemon) {
        err_fatal(err, "bad_address", "cannot listen on %s: %s", address,
                  strerror(errno));
        side_close(s);
        return false;
    }
    *ret_side = s;
    return true;
}

void side_close(struct side *s)
{
    if (!s)
        return;
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void side_alive(struct side *s)
{
    if (s)
        atomic_store(&s->alive_us, instant_monotonic());
}

void side_ready(struct side *s, const char *why_not)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    snprintf(s->why_not, sizeof(s->why_not), "%s", why_not ? why_not : "");
    pthread_mutex_unlock(&s->lock);
}
