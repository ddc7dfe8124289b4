/*
 * sse.h - GET /v1/events: what happens, as it happens (server-sent events).
 *
 *     id: 019…
 *     event: issue.raised
 *     data: {"id":"019…","type":"issue.raised","subject":"018…","version":1}
 *
 * Ids, types and versions only: who wants more reads the resource, under its
 * own rights. Nothing is replayed: a screen that was away reads anew.
 */
#ifndef BAODAO_GATEWAY_SSE_H
#define BAODAO_GATEWAY_SSE_H

#include <stdbool.h>

#include "common/base/text.h"
#include "services/gateway/hear.h"

struct gateway;
struct request;

/* Registers its metrics; once, at start. */
void sse_metrics(void);
/* For the routes. */
void sse_start(struct request *r);
/* The client has gone, or we end it. */
void sse_close(struct request *r);
void sse_publish(struct gateway *g, const struct heard *event);
/* Heartbeats; called once a turn. */
void sse_turn(struct gateway *g);
/* Lets all streams end: before the daemon stops. */
void sse_stop(struct gateway *g);

/*
 * May an office see an event of this scope ("530103003001,CGJ")? It holds
 * the office's own code, or a region that lies in the office's or over it.
 */
bool sse_in_scope(struct text scope, struct text office);

#endif
