/* issue.c - states of an issue, who may speak about it, how it speaks. */
#include "services/intake/issue.h"

#include <string.h>

#include "common/city/actor.h"
#include "common/city/machine.h"

const char *const issue_states[] = {
    "received",      "needs_info", "declined", "merged",   "accepted",
    "deliberating",  "decided",    "answered", "whistled", "matching",
    "self_governed", "handled",    "callback", "closed",   "reopened",
    "voided",        NULL};

static const char *const issue_verbs[] = {"accept",
                                          "decline",
                                          "ask",
                                          "supply",
                                          "lapse",
                                          "merge",
                                          "route answered",
                                          "route whistled",
                                          "route matching",
                                          "route self_governed",
                                          "route_failed",
                                          "route_done",
                                          "handle",
                                          "callback",
                                          "close",
                                          "reopen",
                                          "urge",
                                          "void",
                                          NULL};

/* clang-format off */
static const struct fsm_edge edges[] = {
    { ISSUE_RECEIVED,      ON_ACCEPT,              ISSUE_ACCEPTED      },
    { ISSUE_RECEIVED,      ON_DECLINE,             ISSUE_DECLINED      },
    { ISSUE_RECEIVED,      ON_ASK,                 ISSUE_NEEDS_INFO    },
    { ISSUE_RECEIVED,      ON_MERGE,               ISSUE_MERGED        },
    { ISSUE_RECEIVED,      ON_URGE,                ISSUE_RECEIVED      },
    { ISSUE_RECEIVED,      ON_VOID,                ISSUE_VOIDED        },
    { ISSUE_NEEDS_INFO,    ON_SUPPLY,              ISSUE_RECEIVED      },
    { ISSUE_NEEDS_INFO,    ON_LAPSE,               ISSUE_CLOSED        },
    { ISSUE_NEEDS_INFO,    ON_URGE,                ISSUE_NEEDS_INFO    },
    { ISSUE_NEEDS_INFO,    ON_VOID,                ISSUE_VOIDED        },
    { ISSUE_ACCEPTED,      ON_ROUTE_ANSWERED,      ISSUE_ANSWERED      },
    { ISSUE_ACCEPTED,      ON_ROUTE_WHISTLED,      ISSUE_WHISTLED      },
    { ISSUE_ACCEPTED,      ON_ROUTE_MATCHING,      ISSUE_MATCHING      },
    { ISSUE_ACCEPTED,      ON_ROUTE_SELF_GOVERNED, ISSUE_SELF_GOVERNED },
    { ISSUE_ACCEPTED,      ON_URGE,                ISSUE_ACCEPTED      },
    { ISSUE_ACCEPTED,      ON_VOID,                ISSUE_VOIDED        },
    { ISSUE_ANSWERED,      ON_HANDLE,              ISSUE_HANDLED       },
    { ISSUE_ANSWERED,      ON_URGE,                ISSUE_ANSWERED      },
    { ISSUE_ANSWERED,      ON_VOID,                ISSUE_VOIDED        },
    { ISSUE_WHISTLED,      ON_ROUTE_END,           ISSUE_ACCEPTED      },
    { ISSUE_WHISTLED,      ON_ROUTE_DONE,          ISSUE_HANDLED       },
    { ISSUE_WHISTLED,      ON_URGE,                ISSUE_WHISTLED      },
    { ISSUE_MATCHING,      ON_ROUTE_END,           ISSUE_ACCEPTED      },
    { ISSUE_MATCHING,      ON_ROUTE_DONE,          ISSUE_HANDLED       },
    { ISSUE_MATCHING,      ON_URGE,                ISSUE_MATCHING      },
    { ISSUE_SELF_GOVERNED, ON_HANDLE,              ISSUE_HANDLED       },
    { ISSUE_SELF_GOVERNED, ON_URGE,                ISSUE_SELF_GOVERNED },
    { ISSUE_SELF_GOVERNED, ON_VOID,                ISSUE_VOIDED        },
    { ISSUE_HANDLED,       ON_CALL,                ISSUE_CALLBACK      },
    { ISSUE_HANDLED,       ON_URGE,                ISSUE_HANDLED       },
    { ISSUE_CALLBACK,      ON_CALL,                ISSUE_CALLBACK      },
    { ISSUE_CALLBACK,      ON_CLOSE,               ISSUE_CLOSED        },
    { ISSUE_CALLBACK,      ON_REOPEN,              ISSUE_REOPENED      },
    { ISSUE_CALLBACK,      ON_URGE,                ISSUE_CALLBACK      },
    { ISSUE_CLOSED,        ON_REOPEN,              ISSUE_REOPENED      },
    { ISSUE_REOPENED,      ON_ROUTE_ANSWERED,      ISSUE_ANSWERED      },
    { ISSUE_REOPENED,      ON_ROUTE_WHISTLED,      ISSUE_WHISTLED      },
    { ISSUE_REOPENED,      ON_ROUTE_MATCHING,      ISSUE_MATCHING      },
    { ISSUE_REOPENED,      ON_ROUTE_SELF_GOVERNED, ISSUE_SELF_GOVERNED },
    { ISSUE_REOPENED,      ON_URGE,                ISSUE_REOPENED      },
    { ISSUE_REOPENED,      ON_VOID,                ISSUE_VOIDED        },
};
/* clang-format on */

const struct fsm issue_fsm = {"issue", issue_states, issue_verbs, edges,
                              COUNT_OF(edges)};

static const char *const state_words[] = {
    [ISSUE_RECEIVED] = "已收到",      [ISSUE_NEEDS_INFO] = "待补充",
    [ISSUE_DECLINED] = "不予受理",    [ISSUE_MERGED] = "已并单",
    [ISSUE_ACCEPTED] = "已受理",      [ISSUE_DELIBERATING] = "议事中",
    [ISSUE_DECIDED] = "已议定",       [ISSUE_ANSWERED] = "已答复",
    [ISSUE_WHISTLED] = "已吹哨",      [ISSUE_MATCHING] = "匹配中",
    [ISSUE_SELF_GOVERNED] = "自治处理", [ISSUE_HANDLED] = "已办结",
    [ISSUE_CALLBACK] = "待回访",      [ISSUE_CLOSED] = "已关闭",
    [ISSUE_REOPENED] = "已重开",      [ISSUE_VOIDED] = "已作废",
};
static const char *const verb_words[] = {
    [ON_ACCEPT] = "受理",           [ON_DECLINE] = "不予受理",
    [ON_ASK] = "请补充",            [ON_SUPPLY] = "补充",
    [ON_LAPSE] = "逾期未补",        [ON_MERGE] = "并单",
    [ON_ROUTE_ANSWERED] = "直接答复", [ON_ROUTE_WHISTLED] = "吹哨",
    [ON_ROUTE_MATCHING] = "匹配",   [ON_ROUTE_SELF_GOVERNED] = "自治",
    [ON_ROUTE_END] = "分派未成",    [ON_ROUTE_DONE] = "分派办结",
    [ON_HANDLE] = "办结",           [ON_CALL] = "回访",
    [ON_CLOSE] = "关闭",            [ON_REOPEN] = "重开",
    [ON_URGE] = "催办",             [ON_VOID] = "作废",
};
static const struct machine machine = {&issue_fsm,  "issue.",   "本件",
                                       state_words, verb_words, NULL};

void issue_print_states(struct buf *out)
{
    machine_print(&machine, out);
}

bool issue_find(const struct decision *d, const struct uuid *id,
                const char *field, struct issue **ret_issue, struct err *err)
{
    const struct issues *state = d->state;
    struct issue *i = slots_find(&state->issues, id, sizeof(*id));

    if (!i)
        return err_reject(err, "unknown_issue", field,
                          "没有这件诉求 / there is no such issue");
    if (i->partition != decision_partition(d))
        return err_reject(err, "wrong_key", field,
                          "消息的键应为 %s / the key must be the issue's home",
                          i->home.bytes);
    *ret_issue = i;
    return true;
}

/* The actor's office is the place's community or street, or above it. */
static bool holds_place(const struct actor *actor, const struct issue *i)
{
    char office[OFFICE_BYTES];

    return text_copy(actor->office, office, sizeof(office)) &&
           (region_holds(office, i->region.bytes) ||
            region_holds(office, i->home.bytes));
}

static bool may_speak(const struct actor *actor, const struct issue *i)
{
    switch (role_of(actor->role)) {
    case ROLE_WORKER:
    case ROLE_DISTRICT_DISPATCH:
    case ROLE_DISTRICT_LEAD:
    case ROLE_REVIEWER:
    case ROLE_OPERATOR:
        return true;
    case ROLE_COMMUNITY:
    case ROLE_STREET_CLERK:
    case ROLE_STREET_LEAD:
        return holds_place(actor, i);
    default:
        return actor->person.size > 0 && text_equal(actor->person, i->person);
    }
}

bool issue_take(const struct decision *d, const struct uuid *id, int verb,
                struct issue **ret_issue, int *ret_next, struct err *err)
{
    struct issue *i;

    if (!issue_find(d, id, "issue", &i, err))
        return false;
    if (!may_speak(&d->message->actor, i))
        return err_reject(err, "not_yours", "actor",
                          "这件诉求不归您处理 / the issue is not yours");
    if (!machine_step(&machine, i->state, verb, ALL_VERBS, ret_next, err))
        return false;
    *ret_issue = i;
    return true;
}

void issue_move(const struct decision *d, struct issue *i, int state)
{
    i->state = state;
    i->open = state != ISSUE_DECLINED && state != ISSUE_MERGED &&
              state != ISSUE_CLOSED && state != ISSUE_VOIDED;
    i->closed_us = i->open ? INSTANT_NONE : d->at_us;
    if (!i->open)
        issue_clock_stop(i);
}

/* Where the issue is, and the community where it was raised. */
static struct text scope_of(const struct decision *d, const struct issue *i)
{
    if (text_equal(i->region, i->home))
        return i->region;
    return arena_print(d->arena, "%s,%s", i->region.bytes, i->home.bytes);
}

struct json *issue_say(struct decision *d, struct issue *i, const char *type)
{
    struct text subject = decision_uuid_text(d, &i->id);
    struct json *j =
        decision_event(d, type, subject, ++i->version, scope_of(d, i));

    i->changed = true;
    json_text(j, "issue", subject);
    json_text(j, "number", i->number);
    json_string(j, "state", issue_states[i->state]);
    return j;
}

struct text issue_keep(const struct decision *d, struct text t)
{
    return arena_text(d->arena, t);
}

bool issue_check_region(const struct decision *d, const char *field,
                        const char *code, struct err *err)
{
    return reference_region(d->reference, code) ||
           err_reject(err, "unknown_region", field,
                      "没有区划 %s / there is no such region", code);
}

bool issue_check_matter(const struct decision *d, const char *code,
                        struct err *err)
{
    return reference_matter(d->reference, code) ||
           err_reject(err, "unknown_matter", "matter",
                      "没有事项 %s / there is no such matter", code);
}

bool issue_check_class(const struct decision *d, const char *code,
                       struct err *err)
{
    return reference_limit(d->reference, code, STAGE_FEEDBACK) ||
           err_reject(err, "unknown_class", "class",
                      "没有类别 %s / there is no such class", code);
}

void issue_place(const struct decision *d, struct issue *i, const char *region)
{
    char street[REGION_SIZE];

    i->region = issue_keep(d, text_of(region));
    i->street = region_up(region, REGION_STREET, street)
                    ? issue_keep(d, text_of(street))
                    : i->region;
}
