/* replay.h - what `baodao replay` tells: how far it is, and what became of
 * what it said. */
#ifndef BAODAO_CLI_REPLAY_H
#define BAODAO_CLI_REPLAY_H

#include "common/base/arena.h"
#include "common/base/slots.h"
#include "services/baodao/queues.h"

struct progress {
    int64_t began_us; /* monotonic */
    int64_t told_us;
    int64_t all_bytes, done_bytes; /* all 0: not known */
};

/* True at most once a second on a terminal, every five elsewhere. */
bool progress_is_due(int64_t *told_us);
/* To stderr when it is due: count, rate, time left. */
void progress_tell(struct progress *p, int64_t sent);
void progress_end(struct progress *p, int64_t sent);
/* One line over the last one on a terminal. */
void progress_line(const char *format, ...) PRINTF(1, 2);

struct tally {
    struct arena arena; /* of the counts */
    struct arena line;  /* of one line */
    struct slots types; /* type -> int64_t */
    struct queues before;
};

/* Remembers where every partition stands; cli_cell and cli_kafka first. */
MUST_CHECK bool tally_begin(struct cli *cli, struct tally *t, struct err *err);
void tally_count(struct tally *t, const char *type);
/* Sent by type; refused and dead since tally_begin by code. */
MUST_CHECK bool tally_print(struct cli *cli, struct tally *t, struct err *err);
void tally_release(struct tally *t);

#endif
