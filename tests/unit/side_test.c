/* side_test.c - the side port as a supervisor and Prometheus see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/metric.h"
#include "common/io/side.h"

static char address[32];
static uint16_t port;

/* A port that was free a moment ago. */
static int pick_port(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    if (bind(fd, (struct sockaddr *)&at, size) ||
        getsockname(fd, (struct sockaddr *)&at, &size))
        return -1;
    close(fd);
    port = ntohs(at.sin_port);
    snprintf(address, sizeof(address), "127.0.0.1:%d", port);
    return 0;
}

static const char *ask(const char *method, const char *path)
{
    static char answer[8192];
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t size = 0;
    ssize_t more;

    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    dprintf(fd, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            method, path);
    while ((more = read(fd, answer + size, sizeof(answer) - 1 - size)) > 0)
        size += (size_t)more;
    answer[size] = '\0';
    close(fd);
    return answer;
}

static void assert_answer(const char *path, const char *status,
                          const char *body)
{
    const char *answer = ask("GET", path);

    assert_non_null(strstr(answer, status));
    assert_non_null(strstr(answer, body));
}

static struct side *open_side(void)
{
    struct side *s = NULL;
    struct err err = { 0 };

    if (!side_open(address, &s, &err))
        fail_msg("%s", err.sentence);
    return s;
}

static void readiness_gives_its_reason_until_there_is_none(void **state)
{
    struct side *s = open_side();

    (void)state;
    assert_answer("/readyz", "HTTP/1.1 503", "\r\n\r\nstarting\n");
    side_ready(s, NULL);
    assert_answer("/readyz", "HTTP/1.1 200", "\r\n\r\nok\n");
    side_ready(s, "PostgreSQL is away");
    assert_answer("/readyz", "HTTP/1.1 503", "PostgreSQL is away\n");
    side_close(s);
}

static void a_daemon_that_turns_is_alive(void **state)
{
    struct side *s = open_side();

    (void)state;
    side_alive(s);
    assert_answer("/livez", "HTTP/1.1 200", "\r\n\r\nok\n");
    side_close(s);
}

static void metrics_are_shown(void **state)
{
    static struct metric turns =
        METRIC_COUNTER("baodao_turns_total", "turns of the loop");
    struct side *s = open_side();

    (void)state;
    metric_register(&turns);
    metric_add(&turns, 3);
    assert_answer("/metrics", "HTTP/1.1 200", "\nbaodao_turns_total 3\n");
    assert_answer("/metrics", "text/plain; version=0.0.4", "# HELP");
    side_close(s);
}

static void other_paths_and_methods_are_refused(void **state)
{
    struct side *s = open_side();

    (void)state;
    assert_answer("/", "HTTP/1.1 404", "/metrics");
    assert_non_null(strstr(ask("DELETE", "/livez"), "HTTP/1.1 405"));
    side_close(s);
}

static void a_port_that_is_taken_is_fatal(void **state)
{
    struct side *s = open_side(), *second = NULL;
    struct err why = { 0 };

    (void)state;
    assert_false(side_open(address, &second, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_non_null(strstr(why.sentence, address));
    side_close(s);
}

static void no_address_of_a_host_is_taken(void **state)
{
    static const char *const wrong[] = { "192.168.0.1:9101", "10.0.0.1:9101",
                                         "localhost:9101", "127.0.0.1",
                                         "127.0.0.1:0",    "127.0.0.1:65536",
                                         ":9101" };
    struct side *s = NULL;
    char everywhere[32];
    struct err why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(side_open(wrong[i], &s, &why));
    snprintf(everywhere, sizeof(everywhere), "0.0.0.0:%d", port);
    assert_true(side_open(everywhere, &s, &why));
    assert_answer("/livez", "200 OK", "ok");
    side_close(s);
    assert_true(side_open("", &s, &why));
    assert_null(s);
    side_alive(s);
    side_ready(s, NULL);
    side_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readiness_gives_its_reason_until_there_is_none),
        cmocka_unit_test(a_daemon_that_turns_is_alive),
        cmocka_unit_test(metrics_are_shown),
        cmocka_unit_test(other_paths_and_methods_are_refused),
        cmocka_unit_test(a_port_that_is_taken_is_fatal),
        cmocka_unit_test(no_address_of_a_host_is_taken),
    };

    return cmocka_run_group_tests(tests, pick_port, NULL);
}
