/*
 * actor.h - one table: message type -> the roles that may say it. The gateway
 * asks it sooner, the worker truly.
 */
#ifndef BAODAO_CITY_ACTOR_H
#define BAODAO_CITY_ACTOR_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/work/message.h"

enum role {
    ROLE_RESIDENT, ROLE_COMMUNITY, ROLE_STREET_CLERK, ROLE_STREET_LEAD,
    ROLE_OFFICER, ROLE_OFFICE_LEAD, ROLE_DISTRICT_DISPATCH,
    ROLE_DISTRICT_LEAD, ROLE_PARTNER, ROLE_REVIEWER, ROLE_AUDITOR,
    ROLE_OPERATOR, ROLE_WORKER,
    ROLE_COUNT
};

extern const char *const role_names[]; /* "resident" …; NULL-terminated */

/* -1 when it is none. */
int role_of(struct text name);

/* The roles that may say a type, as a bit set of 1 << enum role; 0 when the
 * type is unknown. */
unsigned actor_roles(struct text type);

/* "office called", "street, district": groups where a whole one may, else
 * roles. */
void actor_print(unsigned roles, bool chinese, struct buf *out);

/* ERR_REJECT "not_allowed", field "actor", with a sentence that says who may.
 */
MUST_CHECK bool actor_may(struct text type, const struct actor *actor,
                          struct err *err);
/* For struct service.allow. */
MUST_CHECK bool actor_allow(const struct message *m, struct err *err);

#endif
