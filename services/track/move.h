/*
 * move.h - a lane about to take a command: all that may refuse comes first.
 *
 *     if (!move_begin(d, &in->lane, OWNER_OFFICE, LANE_SIGN, &move, err))
 *         return false;
 *     move_enter(d, &move);
 *     ... change, say ...
 *     move_end(&move);
 */
#ifndef BAODAO_TRACK_MOVE_H
#define BAODAO_TRACK_MOVE_H

#include "services/track/clocks.h"
#include "services/track/messages.h"
#include "services/track/say.h"

/* Whose word a command is; a worker's counts everywhere, the district's in
 * all of its regions. Roles were checked by city/actor. */
enum lane_owner {
    OWNER_OFFICE,   /* the office that was called */
    OWNER_STREET,   /* the office that whistled */
    OWNER_DISTRICT, /* the district of the lane's region */
};

struct move {
    struct lane *lane;
    struct lane_case *of; /* all lanes of the whistle */
    struct lane_pins pins;
    int to; /* enum lane_state */
};

/* The lanes of a whistle of this batch; ERR_REJECT "wrong_key" when the
 * message's key names another. */
MUST_CHECK bool move_case(const struct decision *d, const struct uuid *whistle,
                          struct lane_case **ret_case, struct err *err);

/* The lane and the actor's right to it; to is the state it is in. ERR_REJECT
 * "no_such_lane", "other_office"; ERR_RETRY "no_reference". */
MUST_CHECK bool move_take(const struct decision *d,
                          const struct lane_name *name, enum lane_owner owner,
                          struct move *ret_move, struct err *err);
/* The step alone: ERR_REJECT "illegal_transition" in both languages. */
MUST_CHECK bool move_step(const struct lane *lane, enum lane_verb on,
                          int *ret_to, struct err *err);
/* Both. */
MUST_CHECK bool move_begin(const struct decision *d,
                           const struct lane_name *name, enum lane_owner owner,
                           enum lane_verb on, struct move *ret_move,
                           struct err *err);

/* The required stages before this one are done; rule_stage.c. ERR_REJECT
 * "stage_missing" names the first that is not. */
MUST_CHECK bool move_passed(const struct move *move,
                            enum lane_clock_name before, struct err *err);

/* The last stage of the matter is done; rule_stage.c. ERR_REJECT
 * "stage_missing" names the one that runs. */
MUST_CHECK bool move_completed(const struct move *move, struct err *err);

/* Says what the clocks passed before now and enters the new state. */
void move_enter(struct decision *d, const struct move *move);
/* The lane has ended: nothing runs, nothing is held. */
void move_close(struct decision *d, struct lane *lane);
/* Sets next_due; the last act. */
void move_end(const struct move *move);

/* "城管局"; the code where the reference data do not know it. */
const char *lane_office_name(const struct decision *d, const char *code);

#endif
