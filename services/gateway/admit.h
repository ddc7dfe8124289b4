/*
 * admit.h - who is let in, so that what was let in is worked off.
 *
 * Three things are bounded: how much is in hand, how long the oldest of it
 * has waited, and how much memory all requests hold. Over a bound the answer
 * is 503 with a Retry-After that grows while it lasts: at once, before any
 * engine is asked. Reads and commands do not take each other's places.
 */
#ifndef BAODAO_GATEWAY_ADMIT_H
#define BAODAO_GATEWAY_ADMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gateway;
struct request;

/* What a route works with. */
enum admit_class {
    ADMIT_COMMAND, /* Kafka */
    ADMIT_READ,    /* PostgreSQL */
    ADMIT_STREAM,  /* a place among those who listen */
    ADMIT_FILE,    /* nothing but memory */
    ADMIT_OPERATE, /* PostgreSQL, for who mends it: a few, however slow it is */
    ADMIT_CLASSES,
    ADMIT_NONE = ADMIT_CLASSES /* no such route */
};

/* The settings. */
struct admit_limits {
    int64_t connections, idle_s, receive_s;
    int64_t commands, command_ms; /* in hand; the oldest one's wait */
    int64_t reads, read_ms;
    int64_t waits; /* commands that wait for their outcome */
    int64_t streams, stream_kbytes;
    int64_t memory_kbytes;
};

struct admit_load {
    int64_t in_hand[ADMIT_CLASSES];
    int64_t waits;
    int64_t command_us; /* since the oldest was sent that Kafka still owes */
    int64_t read_us;    /* since the oldest waits for a connection */
    int64_t memory_bytes;
};

/* Why a request is refused. */
enum admit_reason {
    ADMIT_YES,
    ADMIT_MEMORY,
    ADMIT_COMMANDS,
    ADMIT_COMMAND_WAIT,
    ADMIT_READS,
    ADMIT_READ_WAIT,
    ADMIT_STREAMS,
    ADMIT_REASONS
};

/* Pure. */
enum admit_reason admit_judge(enum admit_class class,
                              const struct admit_limits *limits,
                              const struct admit_load *load);
/*
 * Retry-After for the n-th who is refused, `for_us` after the refusals began:
 * 1 s at first, then half of what it lasts, at most 30 s; up to as much again
 * by n, so that they do not all come back at once. Pure.
 */
int64_t admit_retry_s(int64_t for_us, uint64_t n);

struct admit {
    struct admit_load load;
    struct request *oldest, **newest; /* sent, not acknowledged */
    int64_t shed_since_us, shed_last_us; /* monotonic */
    uint64_t shed_count;
};

/* Registers the metrics; once, at start. */
void admit_start(struct gateway *g);
/* True: r is in hand until request_answer. False: it was answered 503. */
bool admit(struct request *r);
/* Not in hand any more; harmless when it is not. */
void admit_leave(struct request *r);
/* Kafka has acknowledged; r waits for its outcome. False: too many wait, so
 * that it had better be answered 202 (RFC 7240: a preference is a wish). */
bool admit_wait(struct request *r);
/* Between these two Kafka owes an answer. */
void admit_sent(struct request *r);
void admit_acknowledged(struct request *r);
/* Bytes that requests and streams hold: more, or less when negative. */
void admit_hold(struct gateway *g, int64_t bytes);
/* Seconds for a 503, whatever its reason. */
int64_t admit_retry_after(struct gateway *g);
/* Reads the gauges off; called once a turn. */
void admit_turn(struct gateway *g);

#endif
