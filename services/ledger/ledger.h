/*
 * ledger.h - beans: entries that earn them, accounts that hold them, and
 * transfers between accounts, which nobody ever changes.
 *
 *     entry    posted -> expired | reversed
 *
 * A transfer names both its sides, so every operation sums to zero because
 * it cannot be written otherwise. Members earn from "mint" (negative); what
 * dies goes to "expired"; a reversal gives back to "mint".
 */
#ifndef BAODAO_LEDGER_LEDGER_H
#define BAODAO_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/slots.h"
#include "common/city/reference.h"
#include "common/work/batch.h"
#include "services/ledger/earn.h"
#include "services/ledger/messages.h"

#define ACCOUNT_MINT "mint"
#define ACCOUNT_EXPIRED "expired"
#define ACCOUNT_MEMBER "member/" /* before the member's id */

enum entry_state { ENTRY_POSTED, ENTRY_EXPIRED, ENTRY_REVERSED };
extern const char *const entry_state_names[];

/* One earn, and the lot of beans that it gave. */
struct entry {
    struct uuid id;
    int64_t version;
    bool changed;
    enum entry_state state;
    struct text key; /* the district's code: of all messages about it */
    struct uuid match;
    struct text member;
    char rule[CODE_SIZE];
    struct text activity;
    int64_t minutes; /* that counted */
    int64_t beans;
    int64_t available; /* of the beans, still the member's */
    int64_t served_us;
    struct text reviewer;
    int64_t expires_us; /* INSTANT_NONE: never */
    struct text why;    /* reversed */
    int32_t partition;
    int64_t look;
    struct entry *next; /* of the same account */
};

struct account {
    struct text name;
    int64_t version;
    bool changed;
    int64_t balance;
    struct entry *entries; /* of the batch, not all there ever were */
};

struct transfer {
    struct uuid operation; /* the message that moved them */
    int32_t n;             /* 0, 1 … in the operation */
    struct uuid entry;
    struct account *from, *to;
    int64_t amount; /* over 0 */
    int64_t at_us;
    struct transfer *next;
};

struct ledger_state {
    struct slots entries;              /* by struct uuid */
    struct slots accounts;             /* by name */
    struct transfer *transfers, *last; /* in order */
    size_t transfer_count;
};

/* ---- deciding ---- */
decide_function ledger_posted, ledger_reversed, ledger_looked, ledger_unmoved;

/* ---- accounts (rule_account.c) ---- */
/* The account of a name; a new one is empty. */
struct account *ledger_account(struct ledger_state *state, struct text name);
struct account *ledger_member(struct decision *d, struct text member);
/* Puts the entry into its member's account. */
void ledger_join(struct account *a, struct entry *e);
/* Moves beans of an entry; amount 0 moves nothing. */
void ledger_move(struct decision *d, const struct entry *e,
                 struct account *from, struct account *to, int64_t amount);
/* Beans of an entry that have died by d->at_us leave the member. True when
 * there were some. */
bool ledger_expire(struct decision *d, struct entry *e);

/* ---- what the loop calls ---- */
void ledger_begin(struct batch *b);
MUST_CHECK bool ledger_load(struct batch *b, struct pg *pg, struct err *err);
MUST_CHECK bool ledger_save(struct batch *b, struct pg *pg, struct err *err);
extern const struct pg_stmt ledger_loads[], ledger_saves[];
extern const struct pg_stmt ledger_due[];

#endif
