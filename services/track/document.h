/* document.h - what is handed out at a step of the ladder (督办单). */
#ifndef BAODAO_TRACK_DOCUMENT_H
#define BAODAO_TRACK_DOCUMENT_H

#include "services/track/clocks.h"

/* A new document of this partition's day, kept with the batch: number and
 * text in both languages; percent is the step's. */
const struct lane_document *document_write(struct decision *d,
                                           const struct lane *lane,
                                           enum lane_clock_name which,
                                           const char *step, int percent);

#endif
