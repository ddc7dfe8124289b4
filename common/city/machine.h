/*
 * machine.h - a state machine with the words for people, and who may move it.
 *
 * One place where a refused step is explained: what the thing is now, what is
 * allowed from there, and by whom (city/actor.h).
 *
 *     if (!machine_step(&lane_machine, lane->state, LANE_SIGN, ALL_VERBS, &to,
 *                       err))
 *         "本单已签收,不能签收;现在可:联系(被叫单位) …
 *          / a lane that is signed cannot take sign; allowed now: contact
 *          (office called) …"
 */
#ifndef BAODAO_CITY_MACHINE_H
#define BAODAO_CITY_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/fsm.h"

struct machine {
    const struct fsm *fsm;
    const char *prefix;             /* "task.": before a verb, its command */
    const char *word;               /* "本单" */
    const char *const *state_words; /* Chinese, as the fsm's states */
    const char *const *verb_words;  /* Chinese, as the fsm's verbs */
    /* NULL, or by verb the command that it is said with; NULL there: prefix
     * and the verb's first word. */
    const char *const *commands;
};

#define ALL_VERBS UINT64_MAX

/*
 * fsm_step with that sentence. may: bit set of verbs that what stands beside
 * the state (a hold, a request) lets through; others are not listed as
 * allowed. ERR_REJECT "illegal_transition", field "state".
 */
MUST_CHECK bool machine_step(const struct machine *m, int from, int on,
                             uint64_t may, int *ret_to, struct err *err);

/* A Markdown table for the README: state by state what may be said, what it
 * becomes, and by whom. */
void machine_print(const struct machine *m, struct buf *out);

#endif
