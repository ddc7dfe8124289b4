/*
 * fsm.h - state machines as tables of edges.
 *
 *     static const struct fsm_edge edges[] = {
 *         { LANE_ASSIGNED, LANE_SIGN, LANE_SIGNED }, ...
 *     };
 *     const struct fsm lane_fsm = { "lane", lane_states, lane_verbs,
 *                                   edges, COUNT_OF(edges) };
 *
 *     if (!fsm_step(&lane_fsm, lane->state, LANE_SIGN, &next, err)) ...
 *         "a lane that is accepted cannot take sign; allowed now: rework"
 */
#ifndef BAODAO_BASE_FSM_H
#define BAODAO_BASE_FSM_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/text.h"

struct fsm_edge {
    int from, on, to;
};

struct fsm {
    const char *thing;         /* "lane" */
    const char *const *states; /* names, NULL-terminated */
    const char *const *verbs;  /* names, NULL-terminated */
    const struct fsm_edge *edges;
    size_t edge_count;
};

/*
 * ERR_REJECT with code "illegal_transition", field "state" and a sentence that
 * names the state and what is allowed from it, when there is no edge.
 */
MUST_CHECK bool fsm_step(const struct fsm *f, int from, int on, int *ret_to,
                         struct err *err);
bool fsm_allows(const struct fsm *f, int from, int on);
/* A Markdown table of the edges, for the README. */
void fsm_print(const struct fsm *f, struct buf *out);

/* Index of a word in a NULL-terminated table of names, or -1. */
int name_index(const char *const *names, struct text word);

#endif
