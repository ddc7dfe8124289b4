/*
 * hear.h - what workers say: the events of all topics, from now on.
 */
#ifndef BAODAO_GATEWAY_HEAR_H
#define BAODAO_GATEWAY_HEAR_H

#include <stdint.h>

#include "common/base/id.h"
#include "common/base/text.h"

struct gateway;

/* An event; its bytes live until hear_turn goes on. */
struct heard {
    struct uuid id, cause;
    struct text type, subject, scope, data;
    int64_t version;
};

/* Assigns the partitions as soon as they are known (watch.h), then gives
 * what came to outcome_heard and sse_publish. Called once a turn. */
void hear_turn(struct gateway *g);

#endif
