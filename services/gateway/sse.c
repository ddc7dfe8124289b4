/* sse.c - streams of events; a stream that has nothing to say is suspended. */
#include "services/gateway/sse.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/base/metric.h"
#include "common/city/region.h"
#include "common/io/json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/session.h"

#define BEAT_US (15 * SECOND_US)
#define BLOCK_SIZE 4096

static struct metric dropped = METRIC_COUNTER(
    "baodao_streams_dropped_total", "streams ended because they were slow");

/* ---- who may see what ---- */

static bool one_in_scope(struct text one, struct text office)
{
    char a[REGION_SIZE], b[REGION_SIZE];

    if (text_equal(one, office))
        return true;
    return text_copy(one, a, sizeof(a)) && text_copy(office, b, sizeof(b)) &&
           region_level_of(a) != REGION_NONE &&
           region_level_of(b) != REGION_NONE &&
           (region_holds(a, b) || region_holds(b, a));
}

bool sse_in_scope(struct text scope, struct text office)
{
    if (office.size == 0)
        return false;
    while (scope.size > 0)
        if (one_in_scope(text_cut(scope, ',', &scope), office))
            return true;
    return false;
}

static bool may_see(const struct request *r, const struct heard *e)
{
    return session_sees_all(r) ||
           sse_in_scope(e->scope, r->session.actor.office);
}

/* ---- a stream ---- */

void sse_metrics(void)
{
    metric_register(&dropped);
}

static void wake(struct request *r)
{
    if (!r->stream.suspended)
        return;
    r->stream.suspended = false;
    MHD_resume_connection(r->connection);
}

/* Who does not take what is said hears the end; the client comes again and
 * reads the resources. */
static void say(struct request *r, struct text line)
{
    struct stream *s = &r->stream;

    if (!s->ending && s->pending.size + line.size >
                          (size_t)r->gateway->limits.stream_kbytes * 1024) {
        s->ending = true;
        metric_add(&dropped, 1);
    }
    if (!s->ending) {
        buf_put_text(&s->pending, line);
        request_hold(r, (int64_t)line.size);
    }
    wake(r);
}

static ssize_t read_stream(void *context, uint64_t position, char *into,
                           size_t room)
{
    struct request *r = context;
    struct stream *s = &r->stream;
    size_t size = s->pending.size < room ? s->pending.size : room;

    (void)position;
    if (s->ending)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (size == 0) {
        s->suspended = true;
        MHD_suspend_connection(r->connection);
        return 0;
    }
    memcpy(into, s->pending.bytes, size);
    memmove(s->pending.bytes, s->pending.bytes + size,
            s->pending.size - size);
    s->pending.size -= size;
    request_hold(r, -(int64_t)size);
    return (ssize_t)size;
}

void sse_start(struct request *r)
{
    struct gateway *g = r->gateway;
    struct stream *s = &r->stream;

    s->open = true;
    s->beat_us = instant_monotonic() + BEAT_US;
    s->next = g->streams;
    g->streams = r;
    say(r, TEXT("retry: 3000\n\n"));
    r->type = "text/event-stream";
    request_respond(r, 200,
                    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
                                                      BLOCK_SIZE, read_stream,
                                                      r, NULL));
}

void sse_close(struct request *r)
{
    struct gateway *g = r->gateway;
    struct request **at = &g->streams;

    while (*at != r)
        at = &(*at)->stream.next;
    *at = r->stream.next;
    r->stream.open = false;
}

void sse_publish(struct gateway *g, const struct heard *e)
{
    AUTO(buf) struct buf line = { 0 };
    char id[UUID_TEXT_SIZE];
    struct json j;

    if (!g->streams)
        return;
    uuid_print(&e->id, id);
    buf_print(&line, "id: %s\nevent: %.*s\ndata: ", id, TEXT_PRINT(e->type));
    json_begin(&j, &line);
    json_string(&j, "id", id);
    json_text(&j, "type", e->type);
    json_text_if(&j, "subject", e->subject);
    json_int(&j, "version", e->version);
    json_end(&j);
    buf_print(&line, "\n\n");
    for (struct request *r = g->streams; r; r = r->stream.next) {
        if (may_see(r, e))
            say(r, buf_text(&line));
    }
}

void sse_turn(struct gateway *g)
{
    int64_t now_us = instant_monotonic();

    for (struct request *r = g->streams; r; r = r->stream.next) {
        struct stream *s = &r->stream;

        if (now_us < s->beat_us)
            continue;
        s->beat_us = now_us + BEAT_US;
        /* A token that has expired hears no more. */
        s->ending |= r->session.expires_us <= instant_now();
        say(r, TEXT(": \n\n"));
    }
}

void sse_stop(struct gateway *g)
{
    for (struct request *r = g->streams; r; r = r->stream.next) {
        r->stream.ending = true;
        wake(r);
    }
}
