/*
 * gateway.h - what one gateway process holds; its parts pass it around.
 */
#ifndef BAODAO_GATEWAY_GATEWAY_H
#define BAODAO_GATEWAY_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/io/kafka_in.h"
#include "common/io/kafka_out.h"
#include "common/io/side.h"
#include "services/gateway/admit.h"
#include "services/gateway/pauses.h"

struct MHD_Daemon;
struct client;
struct errand;
struct pool;
struct watch;
struct request;
struct sessions;
struct outcomes;

/* The row of log.cell, as last read. */
struct cell {
    char district[16];     /* "" until it was read once */
    int64_t test_clock_us; /* INSTANT_NONE in production */
};

struct gateway_keys {
    uint8_t body[KEY_SIZE];
    uint8_t token[KEY_SIZE];
    uint8_t box[KEY_SIZE]; /* public */
};

struct gateway {
    /* settings */
    const char *name, *kafka, *postgres, *keys_folder, *schemas, *side_at,
        *instance, *listen, *board;
    struct admit_limits limits;
    /* parts, each owned */
    struct gateway_keys keys;
    struct side *side;
    struct pool *pool;
    struct sessions *sessions;
    struct outcomes *outcomes;
    struct watch *watch;
    struct kafka_in *in;
    struct kafka_out *out;
    struct MHD_Daemon *daemon;
    int epoll;
    /* state */
    struct cell cell;
    struct admit admit;
    struct client *clients; /* each owned; all connections */
    int64_t clients_again_us; /* monotonic: not looked at before */
    struct pauses pauses;
    bool hears; /* the events' partitions are assigned */
    int64_t hear_again_us; /* monotonic: not assigned before */
    struct request *requests; /* all that are open */
    struct request *streams;  /* of them, those that take events */
    struct request *drains;   /* of them, those that wait for Kafka's ends */
    struct request *groups;   /* and those whose next letter waits */
    struct errand *errands;   /* what is asked of Kafka in threads */
};

/* The cell's time: the wall clock, or the test clock. */
int64_t gateway_now(const struct gateway *g);
/* Registers the loop's metrics; once, at start. */
void loop_metrics(void);
/* Runs until it is told to stop (loop.c). */
MUST_CHECK bool gateway_run(struct gateway *g, struct err *err);

#endif
