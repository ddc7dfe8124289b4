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
/* Whose whistle it is: a street, a department, the district. */
#define ISSUER (STREET | R(OFFICE_LEAD) | R(DISTRICT_DISPATCH))
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
    { "task.claim",            CALLED },
    { "task.hand_over",        CALLED },
    { "task.take_back",        CALLED },
    { "task.sign",             CALLED },
    { "task.contact",          CALLED },
    { "task.arrive",           CALLED },
    { "task.start",            CALLED },
    { "task.complete_stage",   CALLED },
    { "task.report",           CALLED },
    { "task.return",           CALLED },
    { "task.rule",             DISTRICT },
    { "task.accept",           ISSUER },
    { "task.rework",           ISSUER },
    { "task.excuse",           ISSUER },
    { "task.suspend",          ISSUER | R(DISTRICT_LEAD) },
    { "task.resume",           ISSUER | R(DISTRICT_LEAD) },
    { "task.extend",           CALLED },
    { "task.grant",            ISSUER | R(DISTRICT_LEAD) },
    { "task.deny",             ISSUER | R(DISTRICT_LEAD) },

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

/* Whole groups first, the largest first; what is left by role. */
static const struct {
    unsigned roles;
    const char *word, *zh;
} groups[] = {
    {CALLED, "office called", "被叫单位"},
    {ISSUER, "who whistled", "吹哨单位"},
    {DESK, "desk", "受理台"},
    {STREET, "street", "街道"},
    {OFFICE, "office", "部门"},
    {DISTRICT, "district", "区"},
};

static const char *const role_words[] = {
    [ROLE_RESIDENT] = "居民",
    [ROLE_COMMUNITY] = "社区",
    [ROLE_STREET_CLERK] = "街道经办",
    [ROLE_STREET_LEAD] = "街道负责人",
    [ROLE_OFFICER] = "经办人",
    [ROLE_OFFICE_LEAD] = "部门负责人",
    [ROLE_DISTRICT_DISPATCH] = "区指挥中心",
    [ROLE_DISTRICT_LEAD] = "区领导",
    [ROLE_PARTNER] = "合作方",
    [ROLE_REVIEWER] = "评审",
    [ROLE_AUDITOR] = "审计",
    [ROLE_OPERATOR] = "运维",
    [ROLE_WORKER] = "系统",
};

void actor_print(unsigned roles, bool chinese, struct buf *out)
{
    const char *comma = chinese ? "、" : ", ", *gap = "";

    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if ((roles & groups[i].roles) != groups[i].roles)
            continue;
        buf_print(out, "%s%s", gap, chinese ? groups[i].zh : groups[i].word);
        roles &= ~groups[i].roles;
        gap = comma;
    }
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (!(roles & 1U << role))
            continue;
        buf_print(out, "%s%s", gap, chinese ? role_words[role] : role_names[role]);
        gap = comma;
    }
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
