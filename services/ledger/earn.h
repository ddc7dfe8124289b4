/*
 * earn.h - how many beans a service gives: rules.md §4, pure arithmetic.
 *
 *     struct earning got;
 *     if (!ledger_earn(rule, &caps, &claim, &tally, &got, err)) ...
 */
#ifndef BAODAO_LEDGER_EARN_H
#define BAODAO_LEDGER_EARN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/city/reference.h"

/* What a member may earn over all rules; 0: no cap. */
struct earn_caps {
    int64_t day, month;
};

struct earn_claim {
    struct text member, reviewer;
    int64_t minutes;
    int64_t served_us; /* the end of the service */
    int64_t at_us;     /* of the posting */
};

/* What stands already, without what was reversed. */
struct earn_tally {
    int64_t minutes, times;         /* of this activity and rule */
    int64_t day_beans, month_beans; /* by the date served */
    bool duplicate;                 /* activity, rule and date */
};

enum earn_cut { EARN_CUT_ACTIVITY = 1, EARN_CUT_DAY = 2, EARN_CUT_MONTH = 4 };

struct earning {
    int64_t minutes; /* that count */
    int64_t beans;
    int64_t expires_us; /* INSTANT_NONE: never */
    unsigned cut;       /* bit set of enum earn_cut */
};

/*
 * ERR_REJECT with the first of: no_rule (rule is NULL), not_yet_served,
 * reviewer_is_beneficiary, duplicate, bad_minutes, too_short, cap,
 * already_expired. The excess over a cap is cut, not refused.
 */
MUST_CHECK bool ledger_earn(const struct earn_rule *rule,
                            const struct earn_caps *caps,
                            const struct earn_claim *claim,
                            const struct earn_tally *tally, struct earning *ret,
                            struct err *err);

/* The instant at which beans served then are gone. */
int64_t ledger_expiry(const struct earn_rule *rule, int64_t served_us);

#endif
