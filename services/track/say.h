/* say.h - what track says of a lane: events, and facts to dispatch. */
#ifndef BAODAO_TRACK_SAY_H
#define BAODAO_TRACK_SAY_H

#include "services/track/lane.h"

/*
 * An event of the lane: raises its version and writes what every event
 * carries (whistle, round, office, number, role, state, hold, holder, issue),
 * so state must be set before. Returns the writer for the rest.
 */
struct json *lane_say(struct decision *d, struct lane *lane, const char *type);

/* whistle.lane to dispatch; fact: "signed", "unsigned_half", … */
void lane_tell(struct decision *d, const struct lane *lane, const char *fact);

/* whistle.add_lane to dispatch; a refusal comes back as
 * task.reassign_failed. */
void lane_ask_other(struct decision *d, const struct lane *lane);

#endif
