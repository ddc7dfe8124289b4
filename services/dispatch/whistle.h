/*
 * whistle.h - the case that a street whistles about, its rounds, the offices
 * called, and the officers who can be sent.
 *
 * A case is `issued` while a round is open. How far a round has come is told
 * by track's lanes; dispatch only counts which of its calls are still open.
 *
 * The text members of aggregates live in the batch's arena and end with a
 * zero, so that .bytes is a C string.
 */
#ifndef BAODAO_DISPATCH_WHISTLE_H
#define BAODAO_DISPATCH_WHISTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fsm.h"
#include "common/city/machine.h"
#include "common/base/slots.h"
#include "common/city/actor.h"
#include "common/city/reference.h"
#include "common/work/batch.h"
#include "services/dispatch/messages.h"

enum whistle_state {
    WHISTLE_DRAFT,
    WHISTLE_AWAITING,
    WHISTLE_ISSUED,
    WHISTLE_CONFERENCE,
    WHISTLE_CLOSED,
    WHISTLE_REJECTED,
    WHISTLE_CANCELLED,
};
enum whistle_verb {
    ON_SUBMIT,
    ON_ISSUE,
    ON_APPROVE,
    ON_REJECT,
    ON_REDRAFT,
    ON_CANCEL,
    ON_CONFER,
    ON_RESUME,
    ON_CONCLUDE,
    ON_ABANDON,
    ON_LAST_LANE,
    ON_AGAIN,
    ON_ADD_LANE, /* these two leave the state */
    ON_ESCALATE,
};
extern const struct fsm whistle_fsm;
struct whistle;
/* ERR_REJECT "illegal_transition": what is allowed, and by whom. */
MUST_CHECK bool whistle_step(const struct whistle *w, int on, int *ret_to,
                             struct err *err);
/* The table of --states. */
void whistle_print_states(struct buf *out);
extern const char *const whistle_states[];

enum call_role { CALL_LEAD, CALL_ASSIST, CALL_ADDED };
extern const char *const call_roles[];

/* One office called in one round. */
struct call {
    int64_t round;
    struct text office, replaces; /* replaces: empty, or the office it is for */
    enum call_role role;
    bool open;
    struct text passed_over; /* the officer who did not sign; may be empty */
    struct text claimed_by;  /* who of the pool took it; may be empty */
    bool half;               /* half of the sign limit went by */
    bool fresh, changed;
    struct call *next; /* by round, then office by bytes */
};

/* A round that another has followed: kept for who is called next. */
struct past_round {
    int64_t round;
    struct text facts; /* empty: the case's */
    int64_t issued_at_us, ended_at_us;
    struct past_round *next;
};

struct whistle {
    struct uuid id;
    struct text id_text;
    int64_t version, loaded_version; /* loaded 0: not in the table yet */
    bool changed;
    int32_t partition;
    int state; /* enum whistle_state */
    struct text number, kind, matter, region, street;
    struct text facts, tried, place;
    int64_t lng, lat;
    struct text lead, assists; /* the street's proposal; assists "A,B" */
    struct text contact, meet_place;
    int64_t meet_at_us;
    struct uuid issue;
    struct text home;
    struct text drafted_by, submitted_by, approved_by; /* actors, wire form */
    struct text reason;        /* of the rejection or the cancellation */
    struct text conferred;     /* asked to the last conference: "A,B" */
    struct text escalation;    /* why the district was asked; empty: not */
    int64_t escalated_at_us;
    int64_t round;             /* the last one blown, 0 none */
    struct text round_facts;   /* of a round after the first */
    int64_t reference_version; /* that the round was issued under */
    int64_t drafted_at_us, issued_at_us, ended_at_us;
    struct call *calls;
    struct past_round *past; /* of this batch alone */
};

struct officer {
    struct text office, officer, name, skills; /* skills "a,b" */
    struct text place, line, shift;            /* each may be empty */
    int64_t version, capacity;
    bool on_duty, changed;
    int64_t leave_from_us, leave_to_us; /* INSTANT_NONE: none */
};

/* For the allotment after the commit: a task.assign that was said, … */
struct wanted {
    struct text subject;
    struct text offices; /* "CGJ,GAJ" */
    struct text pools;   /* as pool.h has them */
    struct wanted *next;
    struct demand **demands; /* demand.c: of each of its offices */
};
/* … officers who claimed one … */
struct claimed {
    struct text office, officer, lane;
    int64_t until_us;
    struct claimed *next;
};
/* … and officers whose lane ended. */
struct freed {
    struct text office, officer;
    struct freed *next;
};

struct dispatch_state {
    struct slots whistles; /* struct uuid -> struct whistle */
    struct slots officers; /* "office/officer" -> struct officer */
    struct wanted *wanted, **wanted_end;
    struct freed *freed, **freed_end;
    struct claimed *claimed, **claimed_end;
    bool asked; /* Redis, for officers: see allot.c */
    struct slots demands;
    bool roster_changed;
    bool passed_over; /* an officer did not sign in time */
};

/* ---- the aggregate (whistle.c) ---- */

/*
 * The whistle that a command names. ERR_REJECT "not_found"; "wrong_key" when
 * the message's key is not the whistle's id (another partition owns it).
 */
MUST_CHECK bool whistle_find(struct decision *d, const struct uuid *id,
                             struct whistle **ret_whistle, struct err *err);
/*
 * Says an event: raises the version, writes whistle, number, state and round;
 * the caller adds members to what is returned.
 */
struct json *whistle_say(struct decision *d, struct whistle *w,
                         const char *type);
/* NULL when the office is not in the round. */
struct call *whistle_call(const struct whistle *w, int64_t round,
                          struct text office);
/* Adds a call in its place; office lives as long as the batch. */
struct call *whistle_add_call(struct arena *arena, struct whistle *w,
                              int64_t round, struct text office,
                              enum call_role role);
int whistle_open_calls(const struct whistle *w, int64_t round);

/*
 * May the actor speak for this office? Workers and the district may for each;
 * others for their own and the regions below it. ERR_REJECT "not_yours".
 */
MUST_CHECK bool whistle_speaks_for(const struct actor *actor,
                                   struct text office, struct err *err);
/*
 * The same for the whistle's own office, or the lead of the first receiver:
 * whoever was called first coordinates (首接负责), whatever becomes of its
 * own lane.
 */
MUST_CHECK bool whistle_coordinates(const struct actor *actor,
                                    const struct whistle *w, struct err *err);
/* ERR_REJECT "unknown_office" with the field. */
MUST_CHECK bool whistle_office_known(const struct decision *d,
                                     const char *office, const char *field,
                                     struct err *err);
/* The same for a list of struct wire_office: the field is "came[1]". */
MUST_CHECK bool whistle_offices_known(const struct decision *d,
                                      const struct list *offices,
                                      const char *field, struct err *err);
/* Writes a list of struct wire_office as an array. */
void whistle_write_offices(struct json *j, const char *name,
                           const struct list *offices);

/* ---- steps that several rules take (rule_round.c) ---- */

/* What one task.assign carries (its schema): a lead and what
 * common.json#offices takes beside it. Offices that are added in mid-round
 * come by an assign of their own, and are not counted. */
#define ROUND_OFFICES_MAX 16

/* Who is called in a round: the lead first. */
struct roll {
    struct text offices[ROUND_OFFICES_MAX];
    size_t count;
};

/*
 * The street's proposal where it made one, else the duty list, else the
 * catch-all office; never the office that whistles. ERR_REJECT "calls_itself"
 * when the proposal names it, "no_office" when nobody is left, "wrong_direction" when the kind of whistle does not go
 * from this office to one of them.
 */
MUST_CHECK bool round_roll(const struct decision *d, const struct whistle *w,
                           struct roll *ret_roll, struct err *err);
/* May this whistle call that office? ERR_REJECT "wrong_direction". */
MUST_CHECK bool round_may_call(const struct decision *d,
                               const struct whistle *w, const char *office,
                               struct err *err);
/*
 * Blows the next round: one task.assign with all lanes, whistle.issued. The
 * state has been stepped to ISSUED by the caller.
 */
void round_issue(struct decision *d, struct whistle *w,
                 const struct roll *roll);
/* One more lane of the open round, from start_us on. */
void round_add(struct decision *d, struct whistle *w, struct call *call,
               int64_t start_us);
/* Tells track to end what is open in the current round. */
void round_cancel(struct decision *d, const struct whistle *w, struct text why);
/* Tells intake how the route ended, when the whistle came from an issue. */
void round_done(struct decision *d, const struct whistle *w,
                const char *outcome);

/* ---- rules; see struct route's contract of decide ---- */

/* May the actor blow this kind for this office? */
MUST_CHECK bool whistle_may_issue(const struct decision *d,
                                  const char *kind_code, struct text street,
                                  struct err *err);
/* ERR_REJECT when an office of the proposal is unknown or named twice. */
MUST_CHECK bool whistle_proposal_sound(const struct decision *d,
                                       const char *lead,
                                       const struct list *assists,
                                       struct err *err);
/* "A,B" */
struct text whistle_join(struct arena *arena, const struct list *offices);

decide_function whistle_draft, whistle_submit; /* rule_draft */
decide_function whistle_approve, whistle_reject, whistle_redraft,
    whistle_cancel; /* rule_approval */
decide_function whistle_lane; /* rule_round */
decide_function whistle_again, whistle_add_lane,
    whistle_escalate; /* rule_again */
decide_function whistle_confer, whistle_conclude; /* rule_conference */
decide_function office_duty, office_leave, dispatch_reference; /* rule_roster */

/* ---- the service ---- */

void whistles_begin(struct batch *batch);
bool whistles_load(struct batch *batch, struct pg *pg, struct err *err);
bool whistles_save(struct batch *batch, struct pg *pg, struct err *err);
extern const struct pg_stmt whistle_load_statements[];
extern const struct pg_stmt whistle_save_statements[];

/* The slot of an officer; made when `make`. */
struct officer *officer_find(struct dispatch_state *s, struct text office,
                             struct text officer);
struct officer *officer_get(struct dispatch_state *s, struct text office,
                            struct text officer);

#endif
