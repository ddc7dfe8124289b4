/* queues.h - how far each partition of the command topics is folded. */
#ifndef BAODAO_CLI_QUEUES_H
#define BAODAO_CLI_QUEUES_H

#include "common/base/digest.h"
#include "services/baodao/cli.h"

#define QUEUES_MAX 64

struct queue {
    const char *topic; /* without the cell's prefix */
    int32_t partition;
    char service[16], owner[64];
    int64_t low, high; /* Kafka's marks */
    int64_t next;      /* the next offset to fold; -1: nobody ever did */
    int64_t at_us;     /* of the last message folded; INSTANT_NONE */
    int64_t messages, seq, published, refused, seen, dead, fenced, epoch;
    int64_t last; /* the last message folded, -1: not known, and its digest */
    struct digest last_digest;
    int64_t letters; /* dead letters that lie there */
    bool paused, draining;
    int64_t drain_to;               /* a drain ends before this offset */
    char paused_by[64], since[32];  /* Shanghai time, to the minute */
    char why[128];
};

struct queues {
    struct queue items[QUEUES_MAX];
    size_t count;
};

/* What each queue says now; cli_cell and cli_kafka first. */
MUST_CHECK bool queues_read(struct cli *cli, struct queues *ret_queues,
                            struct err *err);
/* Only the consumer rows: the marks stay as they are. */
MUST_CHECK bool queues_read_rows(struct cli *cli, struct queues *queues,
                                 struct err *err);

/* The message before `next`, and Kafka still has it: it can be compared. */
bool queue_is_provable(const struct queue *q);
/*
 * Reads the last message that was folded again, in each queue where that can
 * be done; ret_anew tells by the queues' places whose topic is another one.
 */
MUST_CHECK bool queues_prove(struct cli *cli, const struct queues *queues,
                             bool ret_anew[QUEUES_MAX], struct err *err);

/* Messages that are not folded yet. */
int64_t queue_lag(const struct queue *q);
/* How old what is folded is while something waits; 0 when nothing does. */
int64_t queue_lag_s(const struct queue *q, int64_t now_us);
/* "never folded", "paused", "draining", "drained", or "". */
const char *queue_state(const struct queue *q);

/* What moved between two looks; tenths of messages a second. */
struct rate {
    int64_t in, out;
    int64_t drain_s; /* until nothing waits at this rate; -1: never */
};
struct rate queue_rate(const struct queue *before, const struct queue *after,
                       int64_t interval_us);

/* Nothing waits anywhere, and all that was said is published. */
bool queues_are_quiet(const struct queues *queues);

/*
 * Waits until all queues are quiet twice in a row without a message between:
 * what workers send each other is folded too. Calls tell (may be NULL) with
 * the messages that wait, ten times a second. ERR_RETRY "not_folded" when
 * nothing has moved for patience_s.
 */
MUST_CHECK bool queues_wait(struct cli *cli, int patience_s,
                            void (*tell)(int64_t waiting), struct err *err);

#endif
