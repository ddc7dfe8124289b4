/*
 * clocks.h - the clocks of a lane: starting, stopping, what they passed.
 *
 * Limits are of the version pinned at dispatch; dates are of the newest
 * calendar that the lane has met. Pure.
 */
#ifndef BAODAO_TRACK_CLOCKS_H
#define BAODAO_TRACK_CLOCKS_H

#include "common/city/reference.h"
#include "services/track/lane.h"

/* What a lane's clocks are computed by. */
struct lane_pins {
    const struct reference *limits;
    const struct calendar *calendar;
    int64_t calendar_version;
    int half_percent; /* of the sign limit: allotted to the next officer */
};

/*
 * at_least: a version whose calendar must be looked at, or 0.
 * ERR_RETRY "no_reference": this worker lacks a version that it needs.
 */
MUST_CHECK bool lane_pin(const struct decision *d, int64_t reference_version,
                         int64_t at_least, struct lane_pins *ret_pins,
                         struct err *err);

/* "sign", "contact" … as in the reference data; "stage". */
const char *lane_clock_stage(enum lane_clock_name which);
/* The same, but a stage of the matter by its own name: "repair". */
const char *lane_clock_word(const struct lane *lane,
                            enum lane_clock_name which);
bool lane_clock_runs(const struct lane *lane, enum lane_clock_name which);
/* It runs and its due has come. */
bool lane_is_overdue(const struct lane *lane, enum lane_clock_name which,
                     int64_t at_us);
/* A stage without a limit gets no clock. */
void lane_clock_start(struct lane *lane, enum lane_clock_name which,
                      int64_t at_us, const struct lane_pins *pins);
/* Notes when the stage was done, and lateness of the office's own stages. */
void lane_clock_stop(struct lane *lane, enum lane_clock_name which,
                     int64_t at_us, const struct lane_pins *pins);
/* The first stage of the matter begins (after == NULL), or the one after; none
 * is left: no clock. */
void lane_stage_start(struct lane *lane, const struct matter_stage *after,
                      int64_t at_us, const struct lane_pins *pins);
/* The report that is due: of the latest rework, or of the case itself. */
enum lane_clock_name lane_report_clock(const struct lane *lane);

/* Suspended and not yet to come back at this instant. */
bool lane_is_suspended(const struct lane *lane, int64_t at_us);
/* Ends a suspension: at its review date at the latest. Dues are new. */
void lane_come_back(struct lane *lane, int64_t at_us,
                    const struct lane_pins *pins);
/* Would this extension be granted? ERR_REJECT says why not. */
MUST_CHECK bool lane_can_extend(struct lane *lane,
                                const struct lane_extension *extension,
                                const struct lane_pins *pins,
                                struct err *err);
/* New dues of what runs; report_too: of the report clock even when it has
 * stopped, and of its lateness. True when a due moved. */
bool lane_recompute(struct lane *lane, const struct lane_pins *pins,
                    bool report_too);
/* Due instants by stage of what runs: "due":{"resolve":…}. */
void lane_write_dues(struct json *j, const struct lane *lane);

/* The limit of a clock, NULL when it has none; its story into the caller's
 * room, as of the stop that the clock has. */
const struct clock_limit *lane_clock_limit(const struct lane *lane,
                                           enum lane_clock_name which,
                                           const struct lane_pins *pins);
struct clock_story
lane_clock_story(const struct lane *lane, enum lane_clock_name which,
                 struct clock_extension room[LANE_EXTENSIONS_MAX]);

/* marks.c */

/*
 * Says every mark of a running clock that lies at or before until, once:
 * task.yellow, task.overdue, task.supervised; at half of the sign limit
 * whistle.lane unsigned_half, unless the lane is being signed.
 */
void lane_say_marks(struct decision *d, struct lane *lane,
                    const struct lane_pins *pins, int64_t until_us,
                    bool signing);

/*
 * The last act of every change: recomputes dues when the calendar is newer,
 * notes the first missing date, sets next_due. True when a due moved.
 */
bool lane_settle(struct lane *lane, const struct lane_pins *pins);

#endif
