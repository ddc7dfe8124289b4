/*
 * watch.h - a thread that asks Kafka what takes time to answer: how many
 * partitions there are, and how far each command topic reaches.
 */
#ifndef BAODAO_GATEWAY_WATCH_H
#define BAODAO_GATEWAY_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

#define WATCH_COMMANDS 5
#define WATCH_EVENTS 5
#define WATCH_PARTITIONS 64

extern const char *const watch_commands[WATCH_COMMANDS];
extern const char *const watch_events[WATCH_EVENTS];

struct watch;

MUST_CHECK bool watch_open(const char *brokers, const char *cell,
                           struct watch **ret_watch, struct err *err);
/* Asks nothing more; what is under way may take 3 s. */
void watch_stop(struct watch *w);
/* Waits for that. */
void watch_close(struct watch *w);

/* All partition counts are known. */
bool watch_knows(struct watch *w);
/* 0: not known. topic is without the cell's prefix. */
int watch_partitions(struct watch *w, const char *topic);
/* The offset behind the last message; -1: not known. Asking keeps the thread
 * at it: once a second while somebody asks, else every ten. */
int64_t watch_high(struct watch *w, int command, int partition);
/*
 * How often every end was read. What watch_high says once this is two more
 * was read after now. Asking keeps the thread at it.
 */
uint64_t watch_rounds(struct watch *w);

#endif
