/* request.c - a request's life, as libmicrohttpd tells it. */
#include "services/gateway/request.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/metric.h"
#include "services/gateway/client.h"
#include "services/gateway/gateway.h"
#include "services/gateway/guard.h"
#include "services/gateway/problem.h"
#include "services/gateway/session.h"
#include "services/gateway/sse.h"

static const char *const classes[] = { "command", "read",    "stream",
                                       "file",    "operate", "none" };
#define STATUSES 4 /* 2xx to 5xx */
static struct metric seconds[COUNT_OF(classes)][STATUSES];
static char labels[COUNT_OF(classes)][STATUSES][48];

/* So much of a body that is too large is read to say so; then we hang up. */
#define DROP_MAX (1024 * 1024)

/* ---- coming and going ---- */

void request_metrics(void)
{
    static const struct metric shape = METRIC_TIMES(
        "baodao_http_request_seconds",
        "from a whole request to its answer, by kind of route and status");

    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        for (size_t status = 0; status < STATUSES; status++) {
            seconds[i][status] = shape;
            seconds[i][status].label = labels[i][status];
            snprintf(labels[i][status], sizeof(labels[i][status]),
                     "route=\"%s\",status=\"%zuxx\"", classes[i],
                     status + 2);
            metric_register(&seconds[i][status]);
        }
    }
}

void *request_open(void *context, const char *uri,
                   struct MHD_Connection *connection)
{
    struct gateway *g = context;
    struct request *r = calloc(1, sizeof(*r));

    if (!r)
        abort();
    r->gateway = g;
    r->connection = connection;
    r->class = ADMIT_NONE;
    client_enter(g, connection, CLIENT_RECEIVING);
    r->uri = arena_text(&r->arena, text_of(uri));
    r->path = text_cut(r->uri, '?', &r->query);
    r->next = g->requests;
    r->link = &g->requests;
    if (r->next)
        r->next->link = &r->next;
    g->requests = r;
    return r;
}

void request_close(void *context, struct MHD_Connection *connection,
                   void **own, enum MHD_RequestTerminationCode code)
{
    struct request *r = *own;

    (void)code;
    client_enter(context, connection, CLIENT_IDLE);
    if (!r)
        return;
    *own = NULL;
    admit_leave(r);
    admit_hold(r->gateway, -r->held_bytes);
    if (r->stream.open)
        sse_close(r);
    *r->link = r->next;
    if (r->next)
        r->next->link = r->link;
    buf_release(&r->body);
    buf_release(&r->answer);
    buf_release(&r->stream.pending);
    arena_release(&r->arena);
    free(r);
}

/* ---- the answer ---- */

/* On everything we say: nothing may be sniffed, framed, kept or included. */
static const char *const fixed_headers[][2] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; img-src 'self'; form-action 'none'; "
      "base-uri 'none'; frame-ancestors 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cache-Control", "no-store" },
};

static void count_answer(const struct request *r)
{
    unsigned status = r->status / 100 - 2;

    if (status < STATUSES)
        metric_observe(&seconds[r->class][status],
                       r->began_us ? instant_monotonic() - r->began_us : 0);
}

void request_hold(struct request *r, int64_t bytes)
{
    r->held_bytes += bytes;
    admit_hold(r->gateway, bytes);
}

static enum MHD_Result send_answer(struct request *r)
{
    struct MHD_Response *response = r->response;
    enum MHD_Result result;

    if (!response)
        response = MHD_create_response_from_buffer(
            r->answer.size, r->answer.bytes, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    count_answer(r);
    request_hold(r, (int64_t)r->answer.size);
    client_enter(r->gateway, r->connection,
                 r->stream.open ? CLIENT_FREE : CLIENT_SENDING);
    for (size_t i = 0; i < COUNT_OF(fixed_headers); i++)
        MHD_add_response_header(response, fixed_headers[i][0],
                                fixed_headers[i][1]);
    for (size_t i = 0; i < r->header_count; i++)
        MHD_add_response_header(response, r->headers[i].name,
                                r->headers[i].value);
    MHD_add_response_header(response, "Content-Type", r->type);
    result = MHD_queue_response(r->connection, r->status, response);
    MHD_destroy_response(response);
    r->response = NULL;
    r->stage = REQUEST_SENDING;
    return result;
}

void request_answer(struct request *r, unsigned status, const char *type)
{
    r->status = status;
    r->type = type;
    r->stage = REQUEST_ANSWERED;
    if (!r->stream.open)
        admit_leave(r);
    if (!r->suspended)
        return;
    r->suspended = false;
    MHD_resume_connection(r->connection);
}

void request_respond(struct request *r, unsigned status,
                     struct MHD_Response *response)
{
    r->response = response;
    request_answer(r, status, r->type);
}

void request_add_header(struct request *r, const char *name,
                        const char *format, ...)
{
    va_list args;

    if (r->header_count == COUNT_OF(r->headers))
        abort();
    r->headers[r->header_count].name = name;
    va_start(args, format);
    vsnprintf(r->headers[r->header_count].value,
              sizeof(r->headers[0].value), format, args);
    va_end(args);
    r->header_count++;
}

/* ---- hearing ---- */

static bool is_json(struct text type)
{
    struct text rest;
    struct text first = text_cut(type, ';', &rest);

    return first.size >= 16 &&
           strncasecmp(first.bytes, "application/json", 16) == 0;
}

static bool takes_body(const struct request *r)
{
    return r->route->type || r->route->deed;
}

static void find_route(struct request *r, const char *method)
{
    char allow[32];

    switch (route_find(method, r->path, &r->arena, &r->route, r->values,
                       &r->value_count, allow)) {
    case ROUTE_FOUND:
        r->class = r->route->class;
        return;
    case ROUTE_NONE:
        problem_answer(r, 404, "no_such_page", NULL,
                       "没有这个地址 / there is nothing here; see "
                       "/v1/openapi.json");
        return;
    case ROUTE_OTHER_METHOD:
        request_add_header(r, "Allow", "%s", allow);
        problem_answer(r, 405, "wrong_method", "method",
                       "这个地址不接受该方法 / this address takes another "
                       "method");
        return;
    }
}

/* The headers are here: what can be refused by them is. */
static void hear_headers(struct request *r, const char *method,
                         const char *version)
{
    struct text length = request_header(r, "Content-Length");
    struct err err;
    int64_t size;

    r->stage = REQUEST_BODY;
    if (!guard_check(r->connection, r->uri, version, &err)) {
        request_add_header(r, "Connection", "close");
        problem_answer(r, 400, err.code, err.field, err.sentence);
        return;
    }
    find_route(r, method);
    if (r->stage != REQUEST_BODY)
        return;
    if (takes_body(r) && length.size > 0 && !text_is(length, "0") &&
        !is_json(request_header(r, "Content-Type")))
        problem_answer(r, 415, "not_json", "Content-Type",
                       "正文须为 application/json / the body must be "
                       "application/json");
    else if (length.size > 0 &&
             (!text_int(length, &size) || size > BODY_MAX))
        problem_answer(r, 413, "too_large", "body",
                       "正文不得超过 64 KiB / the body is over 64 KiB");
}

static bool has_body(const struct request *r)
{
    struct text length = request_header(r, "Content-Length");

    return (length.size > 0 && !text_is(length, "0")) ||
           request_header(r, "Transfer-Encoding").size > 0;
}

static enum MHD_Result hear_body(struct request *r, const char *upload,
                                 size_t *upload_size)
{
    if (r->body.size + *upload_size > BODY_MAX || r->dropped > 0)
        r->dropped += *upload_size;
    else {
        buf_put(&r->body, upload, *upload_size);
        request_hold(r, (int64_t)*upload_size);
    }
    *upload_size = 0;
    return r->dropped > DROP_MAX ? MHD_NO : MHD_YES;
}

static void start(struct request *r)
{
    r->stage = REQUEST_WORKING;
    r->began_us = instant_monotonic();
    client_enter(r->gateway, r->connection, CLIENT_FREE);
    if (r->dropped > 0)
        problem_answer(r, 413, "too_large", "body",
                       "正文不得超过 64 KiB / the body is over 64 KiB");
    else if (r->body.size > 0 && takes_body(r) &&
             !is_json(request_header(r, "Content-Type")))
        problem_answer(r, 415, "not_json", "Content-Type",
                       "正文须为 application/json / the body must be "
                       "application/json");
    else if (!admit(r))
        return;
    else if (r->route->open)
        r->route->start(r);
    else
        session_start(r, r->route->start);
}

enum MHD_Result request_hear(void *context, struct MHD_Connection *connection,
                             const char *url, const char *method,
                             const char *version, const char *upload,
                             size_t *upload_size, void **own)
{
    struct request *r = *own;

    (void)context;
    (void)url;
    if (!r)
        return MHD_NO;
    if (r->stage == REQUEST_NEW) {
        hear_headers(r, method, version);
        /* An answer before the body ends the connection; without a body it
         * is sent with the next call. */
        return r->stage == REQUEST_ANSWERED && has_body(r) ? send_answer(r)
                                                           : MHD_YES;
    }
    if (r->stage == REQUEST_BODY && *upload_size > 0)
        return hear_body(r, upload, upload_size);
    if (r->stage == REQUEST_BODY)
        start(r);
    if (r->stage == REQUEST_ANSWERED)
        return send_answer(r);
    if (r->stage == REQUEST_WORKING) {
        r->suspended = true;
        MHD_suspend_connection(connection);
    }
    return MHD_YES;
}

/* ---- what was asked ---- */

struct text request_header(const struct request *r, const char *name)
{
    return text_of(
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

static int hex_of(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static struct text decode(struct arena *arena, struct text t)
{
    char *into = arena_give(arena, t.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < t.size; i++) {
        char c = t.bytes[i];

        if (c == '%') {
            c = (char)(hex_of(t.bytes[i + 1]) << 4 | hex_of(t.bytes[i + 2]));
            i += 2;
        }
        into[size++] = c == '+' ? ' ' : c;
    }
    return (struct text){ into, size };
}

bool request_parameter(struct request *r, const char *name,
                       struct text *ret_value)
{
    struct text left = r->query;

    while (left.size > 0) {
        struct text value;
        struct text pair = text_cut(left, '&', &left);

        if (text_is(text_cut(pair, '=', &value), name)) {
            *ret_value = decode(&r->arena, value);
            return true;
        }
    }
    return false;
}

struct text request_path_value(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->value_count; i++)
        if (strlen(name) == r->values[i].name_size &&
            memcmp(name, r->values[i].name, r->values[i].name_size) == 0)
            return r->values[i].text;
    return (struct text){ "", 0 };
}
