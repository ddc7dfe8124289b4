/*
 * lane.h - a lane: one called office's part of a round, with its clocks.
 *
 * Primary key (whistle, round, office). All lanes of a whistle are loaded
 * together: the lead's report asks for the others of its round.
 */
#ifndef BAODAO_TRACK_LANE_H
#define BAODAO_TRACK_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fsm.h"
#include "common/base/instant.h"
#include "common/base/slots.h"
#include "common/city/clock.h"
#include "common/city/machine.h"
#include "common/work/service.h"

/* Bytes of a string of so many code points, with its zero. */
#define LANE_ROOM(points) (4 * (points) + 1)
#define LANE_OFFICE_SIZE LANE_ROOM(24)
#define LANE_CODE_SIZE LANE_ROOM(32)
#define LANE_PERSON_SIZE LANE_ROOM(64)
#define LANE_REGION_SIZE LANE_ROOM(15)
#define LANE_MATTER_SIZE LANE_ROOM(12)

enum lane_state {
    LANE_ASSIGNED,
    LANE_SIGNED,
    LANE_CONTACTED,
    LANE_ARRIVED,
    LANE_WORKING,
    LANE_REPORTED,
    LANE_REWORK,
    LANE_ACCEPTED,
    LANE_REASSIGNED,
    LANE_CANCELLED,
    LANE_EXCUSED,
};
extern const char *const lane_states[]; /* "assigned" …; NULL-terminated */

enum lane_verb {
    LANE_SIGN,
    LANE_CONTACT,
    LANE_ARRIVE,
    LANE_START,
    LANE_COMPLETE, /* a stage of the matter; leaves the state */
    LANE_REPORT,
    LANE_RETURN, /* leaves the state; the hold says it */
    LANE_ACCEPT,
    LANE_SEND_BACK, /* task.rework */
    LANE_EXCUSE,
    LANE_CANCEL,
    LANE_REASSIGN,
    LANE_RULE, /* these leave the state too */
    LANE_SUSPEND,
    LANE_RESUME,
    LANE_EXTEND,
    LANE_GRANT,
    LANE_DENY,
    LANE_CLAIM,
    LANE_HAND_OVER,
    LANE_TAKE_BACK,
};
extern const char *const lane_verbs[];
extern const struct fsm lane_fsm;
extern const struct machine lane_machine;

enum lane_role { LANE_LEAD, LANE_ASSIST, LANE_ADDED };
extern const char *const lane_roles[];

/* Stands beside the state and forbids no report. */
enum lane_hold { LANE_NO_HOLD, LANE_HOLD_RETURN, LANE_HOLD_SUSPENDED };
extern const char *const lane_holds[]; /* "" is none */

enum lane_ruling { LANE_UNRULED, LANE_FORCE, LANE_TO_OTHER };
extern const char *const lane_rulings[]; /* "" is none */

enum lane_clock_name {
    LANE_CLOCK_SIGN,
    LANE_CLOCK_CONTACT,
    LANE_CLOCK_ARRIVE,
    LANE_CLOCK_RESOLVE,
    LANE_CLOCK_REWORK,
    LANE_CLOCK_ACCEPT,
    LANE_CLOCK_RULE, /* a return awaits its ruling */
    LANE_CLOCK_STAGE, /* lane->stage: of the matter, one after the other */
    LANE_CLOCKS
};

/*
 * Runs from start until stop or until the lane ends. due and yellow are empty
 * when the calendar has no answer (lane->gap). A stage that no limit bounds
 * has no start, but its stop says when it was done.
 */
struct lane_clock {
    int64_t start_us, yellow_us, due_us, stop_us; /* INSTANT_NONE: not */
    int passed; /* marks that were said: half, yellow, red, rungs */
};

/* A granted or asked extension of one clock (rules.md §2.4). */
struct lane_extension {
    enum lane_clock_name of;
    struct clock_extension clock;
    struct text reason;
};
#define LANE_EXTENSIONS_MAX 8 /* of one clock; the reference data say less */

/*
 * What a lane's clocks have been through, in order of time; the arrays are in
 * the batch's arena. The last pause is open while the lane is suspended.
 */
struct lane_story {
    struct clock_pause *pauses;
    struct text *pause_reasons;
    size_t pause_count;
    struct lane_extension *extensions;
    size_t extension_count;
    bool asks; /* an extension is asked and neither granted nor denied */
    struct lane_extension ask;
};

/* Every command about a lane begins with these members. */
struct lane_name {
    struct uuid whistle;
    int64_t round;
    char office[LANE_OFFICE_SIZE];
};

struct lane {
    struct lane *next; /* of the same whistle */
    struct lane_name name;
    int32_t partition;
    /* as task.assign said */
    char number[LANE_CODE_SIZE];
    char kind[LANE_CODE_SIZE];
    char matter[LANE_MATTER_SIZE];
    char region[LANE_REGION_SIZE];
    char street[LANE_OFFICE_SIZE]; /* the office that whistled */
    struct uuid issue;             /* nil: none */
    enum lane_role role;
    int64_t start_us;          /* issued, or ruled for an added lane */
    int64_t reference_version; /* limits are of this one */

    enum lane_state state;
    enum lane_hold hold;
    char holder[LANE_PERSON_SIZE]; /* officer; "" waits at the desk */
    struct lane_clock clocks[LANE_CLOCKS];
    int64_t calendar_version; /* dues were computed by its calendar */
    int32_t gap;              /* first date without calendar, or INT32_MIN */
    bool late;                /* a clock stopped after its due */
    bool forced;              /* never returnable after */
    int returns, reworks;
    char return_reason[LANE_CODE_SIZE];
    struct text evidence;
    enum lane_ruling ruling;
    char ruling_to[LANE_OFFICE_SIZE];
    char excuse[LANE_CODE_SIZE];
    char stage[LANE_CODE_SIZE]; /* of its matter, now: "fence"; "" none */
    bool stage_late;            /* one of them stopped after its due */
    struct lane_story story;
    int64_t review_us;   /* a suspended lane comes back; INSTANT_NONE */
    bool open;           /* not ended */
    int64_t ended_us;    /* INSTANT_NONE: open */
    int64_t next_due_us; /* next mark of a running clock; INSTANT_NONE */
    int look;
    int64_t version;

    int64_t saved_version; /* as the row has it; 0: no row yet */
    bool changed;          /* may differ from its row */
};

/* The lanes of a whistle, by round and office when loaded, new ones last. */
struct lane_case {
    struct lane *first;
};

/* A report as the office gave it, one row each time. */
struct lane_report {
    struct lane_report *next;
    const struct lane *lane;
    int n; /* 1, then one more after each rework */
    int64_t at_us, received_at_us;
    struct text internal, answer, contacted, measure, limit_note;
    struct text attachments, officer;
};

/* The street's scores at its acceptance. */
struct lane_score {
    struct lane_score *next;
    const struct lane *lane;
    int64_t at_us;
    int64_t report_in, handling, result, bonus, deduction;
    struct text note, officer;
};

/* A stage of the matter that is done. */
struct lane_stage {
    struct lane_stage *next;
    const struct lane *lane;
    char stage[LANE_CODE_SIZE];
    int64_t start_us, due_us, stop_us; /* due: INSTANT_NONE, see gap */
};

/* A step of the ladder as it is handed out (督办单). */
struct lane_document {
    struct lane_document *next;
    const struct lane *lane;
    const char *stage, *step;
    struct text number, text;
    int64_t at_us, due_us;
};

/* What a batch of track works on: struct service.state_size. */
struct lane_batch {
    struct slots cases; /* whistle -> struct lane_case */
    struct lane_report *reports;
    struct lane_score *scores;
    struct lane_document *documents;
    struct lane_stage *stages;
};

/* NULL when the whistle has no such lane. */
struct lane *lane_find(const struct lane_case *c, int64_t round,
                       const char *office);
/* A new one with empty clocks, open, in its place by round, then office by
 * bytes. */
struct lane *lane_add(struct lane_case *c, struct arena *arena,
                      const struct lane_name *name);
/* Starts with nothing that an int of zero would not say. */
void lane_blank(struct lane *lane);

/* "<whistle>/<round>/<office>" in the arena, and back. */
struct text lane_subject(struct arena *arena, const struct lane_name *name);
MUST_CHECK bool lane_parse(struct text subject, struct lane_name *ret_name);

/* True when the office still owes a report. */
bool lane_owes(const struct lane *lane);
/* Verbs that hold, ruling and request let through: for lane_machine. */
uint64_t lane_may(const struct lane *lane);

/* The table of --states. */
void lane_print_states(struct buf *out);

/* load.c and save.c: the hooks of struct service. */
void lanes_begin(struct batch *batch);
bool lanes_load(struct batch *batch, struct pg *pg, struct err *err);
bool lanes_save(struct batch *batch, struct pg *pg, struct err *err);
extern const struct pg_stmt lane_load_named[], lane_load_open[];
extern const struct pg_stmt *const lane_statements[];
extern const struct pg_stmt lanes_due[]; /* alarm.c */

#endif
