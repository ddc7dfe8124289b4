/*
 * supervise.h - what a supervisor and a daemon say to each other: signals,
 * sd_notify, exit codes.
 */
#ifndef BAODAO_IO_SUPERVISE_H
#define BAODAO_IO_SUPERVISE_H

#include <stdbool.h>

enum exit_code {
    EXIT_OK = 0,
    EXIT_FATAL = 1,
    EXIT_USAGE = 2,
    EXIT_FENCED = 75, /* EX_TEMPFAIL: restart me */
};

/* SIGTERM and SIGINT ask to stop; SIGPIPE is ignored. */
void supervise_start(void);
bool supervise_stopping(void);
/* The self-pipe that becomes readable with the first signal. */
int supervise_fd(void);
/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…" to NOTIFY_SOCKET, if any */
void supervise_notify(const char *state);

#endif
