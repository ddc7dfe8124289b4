/* actor.c - who may say what, as one table. */
#include "common/city/actor.h"

#include <stdio.h>
#include <string.h>

#include "common/base/fsm.h"

const char *const role_names[] = {
    [ROLE_RESIDENT] = "resident",
    [ROLE_COMMUNITY] = "community",
    [ROLE_STREET_CLERK] = "street_clerk",
    [ROLE_STREET_LEAD] = "street_lead",
    [ROLE_OFFICER] = "officer",
    [ROLE_OFFICE_LEAD] = "office_lead",
    [ROLE_DISTRICT_DISPATCH] = "district_dispatch",
    [ROLE_DISTRICT_LEAD] = "district_lead",
    [ROLE_PARTNER] = "partner",
    [ROLE_REVIEWER] = "reviewer",
    [ROLE_AUDITOR] = "auditor",
    [ROLE_OPERATOR] = "operator",
    [ROLE_WORKER] = "worker",
    [ROLE_COUNT] = NULL,
};

#define R(role) (1U << ROLE_##role)
#define STREET (R(STREET_CLERK) | R(STREET_LEAD))
#define OFFICE (R(OFFICER) | R(OFFICE_LEAD))
#define DISTRICT (R(DISTRICT_DISPATCH) | R(DISTRICT_LEAD))
/* Who sits where an issue is taken. */
#define DESK (R(COMMUNITY) | STREET | R(DISTRICT_DISPATCH))
/* Whoever is called is an office: a department, a street, a community. */
#define CALLED (OFFICE | R(COMMUNITY) | STREET)
#define WORKER R(WORKER)

static const struct {
    const char *type;
    unsigned roles;
} table[] = {
    /* clang-format off */
    { "clock.passed",          WORKER },
    { "reference.changed",     WORKER | R(OPERATOR) },

    { "issue.raise",           R(RESIDENT) | DESK | OFFICE | R(PARTNER) },
    { "issue.accept",          DESK },
    { "issue.decline",         DESK },
    { "issue.ask",             DESK },
    { "issue.supply",          R(RESIDENT) | DESK },
    { "issue.merge",           DESK },
    { "issue.route",           DESK },
    { "issue.handle",          DESK },
    { "issue.callback",        DESK | R(REVIEWER) },
    { "issue.reopen",          R(RESIDENT) | DESK | R(REVIEWER) },
    { "issue.urge",            R(RESIDENT) | DESK },
    { "issue.void",            R(STREET_LEAD) | DISTRICT },
    { "issue.noted",           WORKER },
    { "issue.route_failed",    WORKER },
    { "issue.route_done",      WORKER },

    { "whistle.draft",         STREET | R(OFFICE_LEAD) |
                               R(DISTRICT_DISPATCH) | WORKER },
    { "whistle.submit",        STREET | R(OFFICE_LEAD) |
                               R(DISTRICT_DISPATCH) },
    { "whistle.approve",       R(STREET_LEAD) | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.reject",        R(STREET_LEAD) | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.redraft",       STREET | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.cancel",        STREET | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.confer",        STREET | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.conclude",      STREET | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.again",         STREET | R(OFFICE_LEAD) | DISTRICT | WORKER },
    { "whistle.escalate",      STREET | R(OFFICE_LEAD) | DISTRICT },
    { "whistle.lane",          WORKER },
    { "whistle.add_lane",      STREET | R(OFFICE_LEAD) | DISTRICT | WORKER },
    { "office.duty",           CALLED | R(DISTRICT_DISPATCH) | R(OPERATOR) },
    { "office.leave",          CALLED | R(DISTRICT_DISPATCH) | R(OPERATOR) },

    { "task.assign",           WORKER },
    { "task.hand",             WORKER },
    { "task.cancel",           WORKER },
    { "task.reassign_failed",  WORKER },
    { "task.sign",             CALLED },
    { "task.contact",          CALLED },
    { "task.arrive",           CALLED },
    { "task.start",            CALLED },
    { "task.report",           CALLED },
    { "task.return",           CALLED },
    { "task.rule",             DISTRICT },
    /* whose whistle it is: a street, a department, the district */
    { "task.accept",           STREET | R(OFFICE_LEAD) | R(DISTRICT_DISPATCH) },
    { "task.rework",           STREET | R(OFFICE_LEAD) | R(DISTRICT_DISPATCH) },
    { "task.excuse",           STREET | R(OFFICE_LEAD) | R(DISTRICT_DISPATCH) },

    { "partner.register",      DESK | R(OPERATOR) },
    { "need.publish",          DESK | WORKER },
    { "need.withdraw",         DESK },
    { "offer.publish",         DESK | R(PARTNER) },
    { "match.accept",          R(PARTNER) },
    { "match.decline",         R(PARTNER) },
    { "match.serve",           R(PARTNER) },
    { "match.deliver",         R(PARTNER) },
    { "match.rate",            DESK | R(REVIEWER) },
    { "match.post_done",       WORKER },

    { "ledger.post",           WORKER },
    { "ledger.reverse",        R(REVIEWER) | R(DISTRICT_LEAD) },
    /* clang-format on */
};

int role_of(struct text name)
{
    return name_index(role_names, name);
}

unsigned actor_roles(struct text type)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (text_is(type, table[i].type))
            return table[i].roles;
    return 0;
}

/* "street_clerk, street_lead" */
static void print_roles(unsigned roles, char *into, size_t size)
{
    size_t used = 0;

    into[0] = '\0';
    for (int role = 0; role < ROLE_COUNT && used < size; role++)
        if (roles & 1U << role)
            used += (size_t)snprintf(into + used, size - used, "%s%s",
                                     used > 0 ? ", " : "", role_names[role]);
}

bool actor_may(struct text type, const struct actor *actor, struct err *err)
{
    unsigned roles = actor_roles(type);
    int role = role_of(actor->role);
    char who[160];

    if (role >= 0 && roles & 1U << role)
        return true;
    print_roles(roles, who, sizeof(who));
    return err_reject(err, "not_allowed", "actor",
                      "%.*s 无权提出 %.*s / %.*s may be said by: %s",
                      TEXT_PRINT(actor->role), TEXT_PRINT(type),
                      TEXT_PRINT(type), roles ? who : "nobody");
}

bool actor_allow(const struct message *m, struct err *err)
{
    return actor_may(m->type, &m->actor, err);
}
