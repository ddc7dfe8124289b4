/* supervise.c - signals by a self-pipe, sd_notify by a datagram. */
#include "common/io/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;
static int self_pipe[2] = { -1, -1 };

static void on_stop(int signal)
{
    int kept = errno;

    (void)signal;
    stopping = 1;
    /* Full means that it is readable already. */
    if (write(self_pipe[1], "", 1) < 0)
        errno = kept;
    errno = kept;
}

void supervise_start(void)
{
    struct sigaction stop = { .sa_handler = on_stop };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    if (self_pipe[0] < 0 && pipe2(self_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        abort();
    /* No SA_RESTART: a blocking call comes back to look. */
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

bool supervise_stopping(void)
{
    return stopping;
}

int supervise_fd(void)
{
    return self_pipe[0];
}

void supervise_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t size = path ? strlen(path) : 0;
    int fd;

    if (size == 0 || size >= sizeof(to.sun_path))
        return;
    memcpy(to.sun_path, path, size);
    if (path[0] == '@') /* systemd's way to write an abstract socket */
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* Nobody waits for it: what is lost is said again or does not matter. */
    (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                  (struct sockaddr *)&to,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
    close(fd);
}
