/*
 * httpload.c - an open-loop client: a request is sent when it is due, whether
 * or not earlier ones were answered, and its time counts from when it was due.
 *
 *     httpload HOST PORT PATH RATE SECONDS PREFER <body
 *
 * Each request has an id of its own (Idempotency-Key); beside them one stream
 * of /v1/events is read, and an event whose subject is such an id is that
 * request's. PREFER is sent as the header Prefer, "" none. Settings: TOKEN
 * asks, STREAM_TOKEN listens. Prints one JSON object.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/instant.h"
#include "common/base/text.h"

#define LINES_MAX 800 /* connections; what finds none waits */
#define GIVE_UP_US (20 * SECOND_US)
#define BODY_MAX 65536

struct asked {
    int64_t due_us, answered_us, event_us; /* 0: not yet */
    int status;
};

struct line {
    int fd;
    size_t number; /* of the request on its way */
    bool busy;
    struct buf got;
    struct line *next_idle;
};

struct load {
    struct sockaddr_in where;
    const char *host, *path, *prefer, *token;
    struct buf body, stream;
    struct uuid first; /* of this run: its last 48 bits are counted up */
    struct asked *all;
    size_t count, due, sent, answered, events, lost;
    struct line lines[LINES_MAX], *idle;
    size_t opened;
    int epoll, stream_fd;
    int64_t late_us; /* the client's own: the worst */
};

static void die(const char *what)
{
    fprintf(stderr, "httpload: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- ids ---- */

static struct uuid id_of(const struct load *l, size_t number)
{
    struct uuid id = l->first;

    for (int i = 0; i < 6; i++)
        id.bytes[15 - i] = (uint8_t)((uint64_t)number >> (8 * i));
    return id;
}

/* The request whose id this is; count: none of ours. */
static size_t number_of(const struct load *l, struct text subject)
{
    struct uuid id;
    size_t number = 0;

    if (!uuid_parse(subject, &id) ||
        memcmp(id.bytes, l->first.bytes, 10) != 0)
        return l->count;
    for (int i = 10; i < 16; i++)
        number = number << 8 | id.bytes[i];
    return number;
}

/* ---- connections ---- */

static int dial(const struct load *l)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1;

    if (fd < 0 || connect(fd, (const struct sockaddr *)&l->where,
                          sizeof(l->where)) < 0)
        die("connecting");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static void await(const struct load *l, int fd, void *which)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = which };

    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        die("epoll");
}

static void say(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return; /* the answer will not come, and says so */
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
}

static void open_line(struct load *l)
{
    struct line *line = &l->lines[l->opened++];

    line->fd = dial(l);
    await(l, line->fd, line);
    line->next_idle = l->idle;
    l->idle = line;
}

static void open_stream(struct load *l, const char *token)
{
    AUTO(buf) struct buf b = { 0 };

    l->stream_fd = dial(l);
    buf_print(&b,
              "GET /v1/events HTTP/1.1\r\nHost: %s\r\n"
              "Accept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n",
              l->host, token);
    say(l->stream_fd, b.bytes, b.size);
    await(l, l->stream_fd, l);
}

/* ---- asking ---- */

static void ask(struct load *l, struct line *line)
{
    AUTO(buf) struct buf b = { 0 };
    char id[UUID_TEXT_SIZE];
    struct uuid own = id_of(l, l->sent);

    uuid_print(&own, id);
    buf_print(&b,
              "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
              "Content-Type: application/json\r\nContent-Length: %zu\r\n"
              "Idempotency-Key: %s\r\n%s%s%s\r\n",
              l->path, l->host, l->token, l->body.size, id,
              l->prefer[0] ? "Prefer: " : "", l->prefer,
              l->prefer[0] ? "\r\n" : "");
    buf_put_text(&b, buf_text(&l->body));
    line->number = l->sent++;
    line->busy = true;
    buf_reset(&line->got);
    say(line->fd, b.bytes, b.size);
}

static void launch(struct load *l, int64_t now_us)
{
    while (l->due < l->count && l->all[l->due].due_us <= now_us) {
        if (now_us - l->all[l->due].due_us > l->late_us)
            l->late_us = now_us - l->all[l->due].due_us;
        l->due++;
    }
    while (l->sent < l->due) {
        struct line *line;

        if (!l->idle && l->opened < LINES_MAX)
            open_line(l);
        line = l->idle;
        if (!line)
            return;
        l->idle = line->next_idle;
        ask(l, line);
    }
}

/* ---- hearing ---- */

static ssize_t hear(int fd, struct buf *into)
{
    ssize_t n = read(fd, buf_reserve(into, 16384), 16384);

    if (n > 0)
        into->size += (size_t)n;
    return n;
}

static void settle(struct load *l, struct line *line, int status)
{
    struct asked *a = &l->all[line->number];

    a->answered_us = instant_monotonic();
    a->status = status;
    l->answered++;
    line->busy = false;
}

/* Whole once all that Content-Length says is there. */
static bool is_whole(struct buf *got, int *ret_status)
{
    const char *head = buf_string(got);
    const char *end = strstr(head, "\r\n\r\n");
    const char *length = strcasestr(head, "\r\nContent-Length:");

    if (!end)
        return false;
    *ret_status = (int)strtol(head + 9, NULL, 10);
    return got->size >= (size_t)(end + 4 - head) +
                            (length && length < end
                                 ? strtoul(length + 17, NULL, 10)
                                 : 0);
}

static void hear_line(struct load *l, struct line *line)
{
    ssize_t n = hear(line->fd, &line->got);
    int status = 0;

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) { /* closed: one like it is opened in its place */
        if (line->busy) {
            settle(l, line, 0);
            l->lost++;
        }
        close(line->fd);
        line->fd = dial(l);
        await(l, line->fd, line);
    } else if (!line->busy || !is_whole(&line->got, &status)) {
        return;
    } else {
        settle(l, line, status);
    }
    line->next_idle = l->idle;
    l->idle = line;
}

static void take_event(struct load *l, struct text line)
{
    static const char name[] = "\"subject\":\"";
    const char *at = memmem(line.bytes, line.size, name, sizeof(name) - 1);
    size_t number;

    if (!at || line.bytes + line.size - at <
                   (ptrdiff_t)(sizeof(name) - 1 + UUID_TEXT_SIZE - 1))
        return;
    number = number_of(l, (struct text){ at + sizeof(name) - 1,
                                         UUID_TEXT_SIZE - 1 });
    if (number >= l->count || l->all[number].event_us)
        return;
    l->all[number].event_us = instant_monotonic();
    l->events++;
}

static void hear_stream(struct load *l)
{
    struct text rest, line;
    size_t used = 0;

    if (hear(l->stream_fd, &l->stream) <= 0) { /* we were too slow for it */
        close(l->stream_fd);
        l->stream_fd = -1;
        return;
    }
    rest = buf_text(&l->stream);
    while (rest.size > 0 && memchr(rest.bytes, '\n', rest.size)) {
        line = text_cut(rest, '\n', &rest);
        used += line.size + 1;
        take_event(l, line);
    }
    memmove(l->stream.bytes, l->stream.bytes + used, l->stream.size - used);
    l->stream.size -= used;
}

static void serve(struct load *l, int timeout_ms)
{
    struct epoll_event events[256];
    int n = epoll_wait(l->epoll, events, 256, timeout_ms);

    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == l)
            hear_stream(l);
        else
            hear_line(l, events[i].data.ptr);
    }
}

/* ---- what came of it ---- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void print_times(const char *name, int64_t *us, size_t count)
{
    static const struct {
        const char *name;
        double at;
    } marks[] = { { "p50", .5 }, { "p99", .99 }, { "p999", .999 } };

    qsort(us, count, sizeof(*us), by_size);
    printf(",\"%s\":{\"count\":%zu", name, count);
    for (size_t i = 0; count > 0 && i < COUNT_OF(marks); i++)
        printf(",\"%s\":%.3f", marks[i].name,
               (double)us[(size_t)((double)(count - 1) * marks[i].at)] / 1e3);
    printf("}");
}

static void tell(const struct load *l)
{
    int64_t *us = calloc(l->count, sizeof(*us));
    size_t well = 0, heard = 0;

    if (!us)
        abort();
    for (size_t i = 0; i < l->count; i++)
        if (l->all[i].status >= 200 && l->all[i].status < 300)
            us[well++] = l->all[i].answered_us - l->all[i].due_us;
    printf("{\"sent\":%zu,\"lost\":%zu,\"refused\":%zu,\"late_ms\":%.3f",
           l->sent, l->lost, l->answered - l->lost - well,
           (double)l->late_us / 1e3);
    print_times("answer_ms", us, well);
    for (size_t i = 0; i < l->count; i++)
        if (l->all[i].event_us)
            us[heard++] = l->all[i].event_us - l->all[i].due_us;
    print_times("event_ms", us, heard);
    printf("}\n");
    free(us);
}

static void play(struct load *l, double rate)
{
    int64_t began_us = instant_monotonic() + 100000, end_us;

    for (size_t i = 0; i < l->count; i++)
        l->all[i].due_us = began_us + (int64_t)((double)i * 1e6 / rate);
    end_us = l->all[l->count - 1].due_us + GIVE_UP_US;
    for (;;) {
        int64_t now_us = instant_monotonic();
        bool over = l->sent == l->count && l->answered == l->count &&
                    (l->stream_fd < 0 || l->events + l->lost >= l->count);

        if (over || now_us > end_us)
            return;
        launch(l, now_us);
        serve(l, l->sent == l->count ? 10 : 1);
    }
}

int main(int argc, char **argv)
{
    static struct load l = { .stream_fd = -1 };
    double rate = argc == 7 ? strtod(argv[4], NULL) : 0;

    l.count = argc == 7 ? (size_t)(rate * strtod(argv[5], NULL)) : 0;
    l.token = getenv("TOKEN");
    if (l.count == 0 || !l.token) {
        fprintf(stderr,
                "usage: TOKEN= httpload HOST PORT PATH RATE SECONDS PREFER\n");
        return 2;
    }
    l.host = argv[1];
    l.path = argv[3];
    l.prefer = argv[6];
    l.where = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10)),
        .sin_addr.s_addr = inet_addr(argv[1]),
    };
    l.first = uuid_new(instant_now());
    l.all = calloc(l.count, sizeof(*l.all));
    l.epoll = epoll_create1(0);
    if (!l.all || l.epoll < 0)
        die("starting");
    l.body.size = fread(buf_reserve(&l.body, BODY_MAX), 1, BODY_MAX, stdin);
    if (getenv("STREAM_TOKEN"))
        open_stream(&l, getenv("STREAM_TOKEN"));
    play(&l, rate);
    tell(&l);
    return 0;
}
