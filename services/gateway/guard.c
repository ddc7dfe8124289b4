/* guard.c - strictness about headers and targets. */
#include "services/gateway/guard.h"

#include <ctype.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#define HEADERS_MAX 64
#define TARGET_MAX 2048

static bool refuse(struct err *err, const char *field, const char *why)
{
    return err_reject(err, "bad_request", field,
                      "请求不合规范 / not acceptable: %s", why);
}

/* ---- headers ---- */

/* What may be said once only. */
static const char *const single[] = {
    "Host",          "Content-Length", "Transfer-Encoding",
    "Content-Type",  "Authorization",  "Idempotency-Key",
    "Last-Event-ID", "Expect",         "traceparent",
};

static bool is(struct text name, const char *other)
{
    return name.size == strlen(other) &&
           strncasecmp(name.bytes, other, name.size) == 0;
}

static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (!isalnum((unsigned char)t.bytes[i]) &&
            !strchr("!#$%&'*+-.^_`|~", t.bytes[i]))
            return false;
    return t.size > 0;
}

static bool is_printable(struct text t)
{
    for (size_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.bytes[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool is_digits(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (!isdigit((unsigned char)t.bytes[i]))
            return false;
    return t.size > 0 && t.size < 16;
}

static size_t count_of(const struct guard_header *headers, size_t count,
                       const char *name)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += is(headers[i].name, name);
    return found;
}

static bool check_header(const struct guard_header *h, struct err *err)
{
    if (!is_token(h->name) || !is_printable(h->value))
        return refuse(err, "headers", "a header is malformed");
    if (is(h->name, "Content-Length") && !is_digits(h->value))
        return refuse(err, "Content-Length", "Content-Length");
    if (is(h->name, "Transfer-Encoding") && !is(h->value, "chunked"))
        return refuse(err, "Transfer-Encoding", "only chunked is known");
    return true;
}

bool guard_headers(const struct guard_header *headers, size_t count,
                   bool http_1_1, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!check_header(&headers[i], err))
            return false;
    for (size_t i = 0; i < COUNT_OF(single); i++)
        if (count_of(headers, count, single[i]) > 1)
            return refuse(err, single[i], "a header came twice");
    if (http_1_1 && count_of(headers, count, "Host") == 0)
        return refuse(err, "Host", "Host is missing");
    if (count_of(headers, count, "Transfer-Encoding") > 0 &&
        count_of(headers, count, "Content-Length") > 0)
        return refuse(err, "Content-Length",
                      "Content-Length beside Transfer-Encoding");
    return true;
}

/* ---- the target ---- */

static bool check_path(struct text path)
{
    for (size_t i = 0; i < path.size; i++) {
        char c = path.bytes[i], next = i + 1 < path.size ? path.bytes[i + 1]
                                                         : '/';

        if (!isalnum((unsigned char)c) && !strchr("._~/-", c))
            return false;
        if (c == '/' && i + 1 < path.size && (next == '/' || next == '.'))
            return false;
    }
    return path.size > 0 && path.bytes[0] == '/';
}

static bool check_query(struct text query)
{
    for (size_t i = 0; i < query.size; i++) {
        unsigned char c = (unsigned char)query.bytes[i];

        if (c <= 0x20 || c >= 0x7f || c == '#')
            return false;
        if (c != '%')
            continue;
        if (i + 2 >= query.size ||
            !isxdigit((unsigned char)query.bytes[i + 1]) ||
            !isxdigit((unsigned char)query.bytes[i + 2]) ||
            strncmp(query.bytes + i, "%00", 3) == 0)
            return false;
    }
    return true;
}

bool guard_target(struct text raw, struct err *err)
{
    struct text query;
    struct text path = text_cut(raw, '?', &query);

    if (raw.size > TARGET_MAX || !check_path(path) || !check_query(query))
        return refuse(err, "target", "the address");
    return true;
}

/* ---- of a connection ---- */

struct collected {
    struct guard_header headers[HEADERS_MAX];
    size_t count;
};

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind,
                               const char *name, size_t name_size,
                               const char *value, size_t value_size)
{
    struct collected *all = context;

    (void)kind;
    if (all->count < HEADERS_MAX)
        all->headers[all->count] = (struct guard_header){
            { name, name_size }, { value ? value : "", value_size }
        };
    all->count++;
    return MHD_YES;
}

bool guard_check(struct MHD_Connection *connection, struct text raw,
                 const char *version, struct err *err)
{
    struct collected all = { .count = 0 };

    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, collect, &all);
    if (all.count > HEADERS_MAX)
        return refuse(err, "headers", "too many headers");
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return refuse(err, "version", "HTTP/1.1 is spoken here");
    return guard_target(raw, err) &&
           guard_headers(all.headers, all.count,
                         strcmp(version, "HTTP/1.1") == 0, err);
}
