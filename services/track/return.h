/* return.h - what the clock does to a return that nobody ruled. */
#ifndef BAODAO_TRACK_RETURN_H
#define BAODAO_TRACK_RETURN_H

#include "services/track/clocks.h"

/* The catch-all office takes the lane; where it cannot, being called already
 * or the lane reported, the lane's own office is forced. Nothing when ruled. */
void lane_lapse(struct decision *d, struct lane *lane,
                const struct lane_case *c, const struct lane_pins *pins);

#endif
