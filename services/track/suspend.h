/* suspend.h - what the clock does to a suspended lane. */
#ifndef BAODAO_TRACK_SUSPEND_H
#define BAODAO_TRACK_SUSPEND_H

#include "services/track/clocks.h"

/* Its review date has come: it is back, as of that date. Else nothing. */
void lane_wake(struct decision *d, struct lane *lane,
               const struct lane_pins *pins);

#endif
