/*
 * issue.h - a resident's issue from its first words to the last call, and
 * what stands beside it: calls, the requester's sealed row, hot spots.
 *
 * Text members live in the batch's arena and end with a zero, so that .bytes
 * is a C string; an empty text is "none".
 */
#ifndef BAODAO_INTAKE_ISSUE_H
#define BAODAO_INTAKE_ISSUE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fsm.h"
#include "common/base/slots.h"
#include "common/city/reference.h"
#include "common/work/batch.h"
#include "services/intake/messages.h"

/* deliberating and decided are entered by deliberation, not yet here. */
enum issue_state {
    ISSUE_RECEIVED,
    ISSUE_NEEDS_INFO,
    ISSUE_DECLINED,
    ISSUE_MERGED,
    ISSUE_ACCEPTED,
    ISSUE_DELIBERATING,
    ISSUE_DECIDED,
    ISSUE_ANSWERED,
    ISSUE_WHISTLED,
    ISSUE_MATCHING,
    ISSUE_SELF_GOVERNED,
    ISSUE_HANDLED,
    ISSUE_CALLBACK,
    ISSUE_CLOSED,
    ISSUE_REOPENED,
    ISSUE_VOIDED,
};
extern const char *const issue_states[];

/* The routes stand in the order of enum issue_route_name. */
enum issue_verb {
    ON_ACCEPT,
    ON_DECLINE,
    ON_ASK,
    ON_SUPPLY,
    ON_LAPSE,
    ON_MERGE,
    ON_ROUTE_ANSWERED,
    ON_ROUTE_WHISTLED,
    ON_ROUTE_MATCHING,
    ON_ROUTE_SELF_GOVERNED,
    ON_ROUTE_END,
    ON_ROUTE_DONE,
    ON_HANDLE,
    ON_CALL,
    ON_CLOSE,
    ON_REOPEN,
    ON_URGE,
    ON_VOID,
};
extern const struct fsm issue_fsm;
/* The table of --states. */
void issue_print_states(struct buf *out);

/* The one clock that runs: triage, info, feedback or callback. */
struct issue_clock {
    int stage; /* enum stage; -1 none runs */
    int64_t start_us, due_us;
    int64_t version; /* of the reference data that gave the limit */
};

struct issue {
    struct uuid id;
    int64_t version, loaded_version; /* loaded 0: not in the table yet */
    bool changed;

    int state; /* enum issue_state */
    bool open; /* may still become something else by itself or a desk */
    struct text region, street, matter, class;
    struct text reason, note;       /* the last given */
    struct text question, supplied; /* asked of the requester, and answered */
    struct text answer;             /* public */
    int route;                      /* enum issue_route_name; -1 none */
    struct uuid route_id;           /* the case or need of the last route */
    struct uuid whistle;            /* the case, once there was one */
    struct uuid merged_into;
    int64_t urges, calls, reopens;
    int64_t accepted_us, handled_us, closed_us;
    struct issue_clock clock;
    struct text pauses; /* of triage: "from-to,from-to" in µs */
    bool overdue;       /* the running clock has passed; said once */
    int64_t next_due_us, look;

    /* as raised */
    struct text number, home, title, text, place; /* text: not loaded again */
    int32_t partition;
    int64_t lng, lat; /* INT_ABSENT */
    bool confidential;
    struct text person;    /* who raised it: the person of ce_actor */
    struct uuid requester; /* in the vault; nil none */
    struct text name_masked, phone_masked;
    int64_t received_us;
};

/* One call to the requester; kept for ever. */
struct issue_call {
    struct uuid issue;
    int64_t call; /* 1, 2, … */
    int64_t at_us;
    int contacted, solved, satisfied; /* enum issue_answer, -1 */
    struct text note, person;
};

/* Accepted issues of one matter in one region. */
struct hot_spot {
    struct text region, matter;
    int64_t version;
    bool changed;
    int64_t count;      /* all that were noted */
    struct text recent; /* "at,at,…" in µs, within the window; none while a
                         * supervision is open */
    struct uuid supervision; /* nil: none is open */
    int64_t raised_us;
};

/* A requester in the vault: everything sealed. */
struct vault_person {
    struct uuid person, issue;
    struct text key, name, phone; /* ciphertext */
    int64_t at_us;
};

/* The state of a batch. */
struct issues {
    struct slots issues;    /* uuid -> struct issue */
    struct slots hot_spots; /* "region/matter" -> struct hot_spot */
    struct slots calls;     /* new ones only */
    struct slots persons;   /* new ones only */
};

void issues_begin(struct batch *batch);
bool issues_load(struct batch *batch, struct pg *pg, struct err *err);
bool issues_save(struct batch *batch, struct pg *pg, struct err *err);
/* Lists of one statement each, as pg_open takes them. */
extern const struct pg_stmt *const issues_statements[];
extern const struct pg_stmt issues_due[];

/* ---- what the rules share (issue.c) ---- */

/* ERR_REJECT "unknown_issue" (field), or "wrong_key": another partition's. */
MUST_CHECK bool issue_find(const struct decision *d, const struct uuid *id,
                           const char *field, struct issue **ret_issue,
                           struct err *err);
/*
 * The issue, when the actor may speak about it ("not_yours": a resident about
 * their own, a community or street about its region, the district about all)
 * and its state takes the verb ("illegal_transition"); *ret_next is the state
 * after it. Changes nothing.
 */
MUST_CHECK bool issue_take(const struct decision *d, const struct uuid *id,
                           int verb, struct issue **ret_issue, int *ret_next,
                           struct err *err);
/* Enters a state; one that ends the issue stops its clock. */
void issue_move(const struct decision *d, struct issue *i, int state);
/* Says an event with issue, number and state, and raises the version. */
struct json *issue_say(struct decision *d, struct issue *i, const char *type);
/* A copy in the batch's arena, with its zero. */
struct text issue_keep(const struct decision *d, struct text t);
/* ERR_REJECT "unknown_region", "unknown_matter", "unknown_class". */
MUST_CHECK bool issue_check_region(const struct decision *d, const char *field,
                                   const char *code, struct err *err);
MUST_CHECK bool issue_check_matter(const struct decision *d, const char *code,
                                   struct err *err);
MUST_CHECK bool issue_check_class(const struct decision *d, const char *code,
                                  struct err *err);
/* The place and its street; a district stands for its street. */
void issue_place(const struct decision *d, struct issue *i, const char *region);

/* The case whistles again: whistled, with its next round asked for
 * (rule_route.c). i->whistle is set. */
void issue_whistle_again(struct decision *d, struct issue *i,
                         struct text facts);

/* The region's and matter's hot spot; a new one when there is none. */
struct hot_spot *hot_spot_of(struct issues *state, struct arena *arena,
                             struct text region, struct text matter);

/* ---- clocks (rule_clock.c) ---- */

/*
 * The clock of a stage from an instant on, by the reference data of a version
 * (0: the ones of d). Changes nothing; fails as clock_compute does, or with
 * "no_limit".
 */
MUST_CHECK bool issue_clock_plan(const struct decision *d,
                                 const struct issue *i, enum stage stage,
                                 int64_t start_us, int64_t version,
                                 struct issue_clock *ret_clock,
                                 struct err *err);
void issue_clock_set(struct issue *i, const struct issue_clock *clock);
void issue_clock_stop(struct issue *i);

/* ---- the vault (vault.c) ---- */

/*
 * Opens what the gateway sealed and locks it for the vault, with keys that are
 * derived from the cell's; says nothing of it. ERR_REJECT "sealed_wrongly",
 * field "sealed".
 */
MUST_CHECK bool vault_lock(const struct decision *d, struct text sealed,
                           struct vault_person *ret_person, struct err *err);
/* Keys by hand: for tests. */
MUST_CHECK bool vault_use(const uint8_t public_key[KEY_SIZE],
                          const uint8_t secret_key[KEY_SIZE], struct err *err);
/* For struct service: reads box.pub and box.sec from KEYS. */
bool vault_start(struct err *err);
extern const struct setting vault_settings[];
extern struct vault_setting {
    const char *keys;
} vault_setting;

/* ---- decide functions, by file; contracts: domain.md §2 ---- */

/* rule_triage.c: the desk that reads it first. */
decide_function issue_raise;   /* -> received; the triage clock runs */
decide_function issue_accept;  /* feedback clock; notes the hot spot */
decide_function issue_decline; /* with a reason of "issue.decline" */
decide_function issue_ask;     /* triage pauses, the info clock runs */
decide_function issue_supply;
decide_function issue_merge; /* into one that is open, of the same partition */

/* rule_route.c: who handles it. */
decide_function issue_route;
decide_function issue_route_failed; /* worker: accepted again, reason shown */
decide_function issue_route_done;   /* worker: handled, or accepted again */
decide_function issue_handle;       /* the callback clock runs */

/* rule_callback.c: what the requester says of it. */
decide_function issue_callback; /* solved: no -> reopened; else closed */
decide_function issue_reopen;   /* a whistled one whistles again */
decide_function issue_urge;
decide_function issue_void;

/* rule_clock.c */
decide_function issue_clock_passed;
decide_function issue_reference_changed;

/* rule_hot.c */
decide_function issue_noted;

#endif
