/*
 * match.h - partners, needs, offers and the matches between them.
 *
 *     need    published -> matched -> closed | expired | withdrawn
 *     offer   published -> expired
 *     match   proposed -> accepted -> serving -> delivered -> rated -> posted
 *                      -> declined | expired;  failed
 *
 * A need of several places is shared out: each match takes some, and whatever
 * no match holds is proposed again. All that a batch names lies in struct
 * match_state with its whole family: a need with all its matches and their
 * partners; and with every active partner where something may be proposed.
 */
#ifndef BAODAO_MATCH_MATCH_H
#define BAODAO_MATCH_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fsm.h"
#include "common/base/slots.h"
#include "common/city/reference.h"
#include "common/work/batch.h"
#include "services/match/messages.h"
#include "services/match/rank.h"

/* What waits for an instant: a need's or offer's end, a partner's answer. */
struct waiting {
    int32_t partition;
    int64_t due_us; /* INSTANT_NONE: waits for nothing */
    int64_t look;
};

struct partner {
    struct uuid id;
    int64_t version; /* one more with each change */
    bool changed;
    struct text name;
    int kind, brand;
    struct texts skills;
    struct regions serves;
    char home[REGION_SIZE];
    struct windows windows;
    bool active;
    /* what is left is what no match between proposal and delivery holds */
    int64_t capacity, capacity_left;
    int64_t commitment, commitment_left; /* 0: promised nothing */
    int64_t rating_sum, rating_count;
    int64_t last_served_us; /* INSTANT_NONE: never */
};

enum need_state {
    NEED_PUBLISHED,
    NEED_MATCHED,
    NEED_CLOSED,
    NEED_EXPIRED,
    NEED_WITHDRAWN
};
extern const char *const need_state_names[];

struct need {
    struct uuid id;
    int64_t version;
    bool changed;
    enum need_state state;
    struct text key; /* the district's code: of all messages about it */
    struct text title, text;
    char region[REGION_SIZE];
    struct text office; /* of whoever published it */
    struct texts skills, prefers;
    struct texts conflicts; /* raw uuids of partners */
    int64_t from_us, to_us;
    int64_t quantity;
    struct uuid issue; /* nil: none */
    struct text home;  /* the issue's */
    struct text why;   /* withdrawn */
    struct waiting waiting;
    struct match *matches; /* its family, linked by next */
};

struct offer {
    struct uuid id;
    int64_t version;
    bool changed;
    bool expired;
    struct text key;
    struct uuid partner;
    struct text title;
    struct texts skills;
    int64_t quantity, from_us, to_us;
    char region[REGION_SIZE];
    struct waiting waiting;
};

enum match_stage {
    MATCH_PROPOSED,
    MATCH_ACCEPTED,
    MATCH_DECLINED,
    MATCH_EXPIRED,
    MATCH_SERVING,
    MATCH_DELIVERED,
    MATCH_RATED,
    MATCH_POSTED,
    MATCH_FAILED
};
enum match_verb {
    MATCH_ACCEPT,
    MATCH_DECLINE,
    MATCH_EXPIRE,
    MATCH_SERVE,
    MATCH_DELIVER,
    MATCH_RATE,
    MATCH_POST,
    MATCH_FAIL
};
extern const char *const match_stage_names[];
extern const struct fsm match_fsm;

struct match {
    struct uuid id;
    int64_t version;
    bool changed;
    enum match_stage state;
    struct need *need;
    struct partner *partner;
    struct match *next; /* in its need's family */
    int64_t takes;      /* places of the need */
    int64_t commits;    /* how much of the partner's commitment */
    int64_t score;
    struct text terms; /* JSON: why this partner */
    int64_t proposed_us, accepted_us, serving_us, delivered_us;
    int64_t minutes, stars;   /* INT_ABSENT: none yet */
    struct text reason, note; /* of a decline or failure */
    struct text reviewer;
    int64_t beans;                   /* INT_ABSENT: not posted */
    struct text post_code, post_why; /* the ledger refused */
    int64_t reference_version;       /* whose limit is pinned */
    struct waiting waiting;
};

struct match_state {
    struct slots partners, needs, offers, matches; /* by struct uuid */
    /* reused by every proposal of the batch */
    struct rank_partner *candidates;
    struct rank_result *results;
    size_t room;
};

/* ---- deciding (rule_*.c); in is the struct of messages.h ---- */
decide_function partner_registered, need_published, need_withdrawn,
    offer_published, match_accepted, match_declined, match_served,
    match_delivered, match_rated, match_post_answered, match_looked,
    match_recomputed;

/* ---- parts that rules share ---- */

/*
 * Proposes what no match of the need holds yet, best partner first, until
 * nothing is left or nobody fits; the latter is said as need.waiting. Does
 * nothing unless the need is published and its window open. ERR_FATAL when a
 * row of reference data is missing.
 */
MUST_CHECK bool match_propose(struct decision *d, struct need *need,
                              struct err *err);
/* The pinned confirm limit from the proposal on, never beyond the window. */
int64_t match_confirm_due(const struct reference *pinned,
                          const struct reference *now, const struct match *m);
/*
 * Brings the need's state in line with its matches: matched when all places
 * are accepted, published again when some are given back, closed when all are
 * posted (an issue is told).
 */
void need_settle(struct decision *d, struct need *need);
/* Ends a need and tells the issue that waits for it. answer may be empty. */
void need_end(struct decision *d, struct need *need, enum need_state state,
              struct text answer);
/* Ends a match that will not be served and gives back what it held. */
void match_end(struct decision *d, struct match *m, enum match_stage state,
               struct text reason, struct text note);
/* The partner has its places back, and what was drawn of its commitment when
 * it was not kept. */
void match_release(struct match *m, bool kept);
/* Puts the match into its need's family, in order of id: what is said of a
 * family must not depend on how it was loaded. */
void match_join(struct need *n, struct match *m);
/* Another instant to wait for; INSTANT_NONE: none. The next look has an id of
 * its own. */
void wait_until(struct waiting *w, int64_t due_us);
/* ERR_REJECT "unknown_region" when the reference data have no such code. */
MUST_CHECK bool match_region(const struct decision *d, const char *code,
                             const char *field, struct err *err);

/* ---- saying (say.c): event with the members that all of them have ---- */
struct json *need_say(struct decision *d, struct need *need, const char *type);
struct json *offer_say(struct decision *d, struct offer *offer,
                       const char *type);
struct json *match_say(struct decision *d, struct match *m, const char *type);
struct json *partner_say(struct decision *d, struct partner *p,
                         const char *type);

/* ---- who may (rule_who.c): ERR_REJECT "not_yours" ---- */
/* The publisher's side: its office, whose region holds the need's, district,
 * worker. */
MUST_CHECK bool need_on_side(const struct decision *d, struct text need_office,
                             const char *region, struct err *err);
/* A partner speaks for itself: actor.office is its id. Other roles pass. */
MUST_CHECK bool partner_is_self(const struct decision *d,
                                const struct uuid *partner, struct err *err);

/* ---- what the loop calls (load.c, save.c, alarm.c) ---- */
void matches_begin(struct batch *b);
MUST_CHECK bool matches_load(struct batch *b, struct pg *pg, struct err *err);
MUST_CHECK bool matches_save(struct batch *b, struct pg *pg, struct err *err);
extern const struct pg_stmt match_loads[], match_saves[];
extern const struct pg_stmt match_due[];

#endif
