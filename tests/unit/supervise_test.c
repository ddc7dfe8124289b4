/* supervise_test.c - signals and sd_notify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/io/supervise.h"

static bool readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

static void a_broken_pipe_kills_nobody(void **state)
{
    (void)state;
    supervise_start();
    raise(SIGPIPE);
    assert_false(supervise_stopping());
    assert_false(readable(supervise_fd()));
}

static void the_first_signal_is_seen_by_flag_and_by_descriptor(void **state)
{
    (void)state;
    supervise_start();
    raise(SIGTERM);
    assert_true(supervise_stopping());
    assert_true(readable(supervise_fd()));
    raise(SIGINT);
    assert_true(readable(supervise_fd()));
}

static void notify_reaches(const char *name, bool abstract)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    size_t size = strlen(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    char got[32] = "";

    memcpy(at.sun_path, name, size);
    if (abstract)
        at.sun_path[0] = '\0';
    assert_int_equal(
        bind(fd, (struct sockaddr *)&at,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
        0);
    setenv("NOTIFY_SOCKET", name, 1);
    supervise_notify("READY=1");
    assert_int_equal(recv(fd, got, sizeof(got), MSG_DONTWAIT), 7);
    assert_string_equal(got, "READY=1");
    close(fd);
}

static void a_supervisor_is_told_by_path_and_by_abstract_name(void **state)
{
    char path[] = "/tmp/baodao-notify-XXXXXX", name[64];

    (void)state;
    assert_non_null(mkdtemp(path));
    snprintf(name, sizeof(name), "%s/s", path);
    notify_reaches(name, false);
    unlink(name);
    rmdir(path);
    snprintf(name, sizeof(name), "@baodao-test-%d", (int)getpid());
    notify_reaches(name, true);
}

static void without_a_supervisor_nothing_is_said(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    supervise_notify("READY=1");
    setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    supervise_notify("READY=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_pipe_kills_nobody),
        cmocka_unit_test(the_first_signal_is_seen_by_flag_and_by_descriptor),
        cmocka_unit_test(a_supervisor_is_told_by_path_and_by_abstract_name),
        cmocka_unit_test(without_a_supervisor_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
