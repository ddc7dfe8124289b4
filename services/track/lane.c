/* lane.c - the machine of a lane as a table, its names, finding one. */
#include "services/track/lane.h"

#include <string.h>

const char *const lane_states[] = {
    "assigned", "signed",   "contacted",  "arrived",   "working", "reported",
    "rework",   "accepted", "reassigned", "cancelled", "excused", NULL,
};
const char *const lane_verbs[] = {
    "sign",   "contact",   "arrive",    "start",  "complete_stage", "report",
    "return", "accept",    "rework",    "excuse", "cancel",         "reassign",
    "rule",   "suspend",   "resume",    "extend", "grant",          "deny",
    "claim",  "hand_over", "take_back", NULL,
};
const char *const lane_roles[] = {"lead", "assist", "added", NULL};
const char *const lane_holds[] = {"", "return", "suspended", NULL};
const char *const lane_rulings[] = {"", "force", "reassign", NULL};

/* People's verbs come first: a refusal lists them in this order. */
static const struct fsm_edge edges[] = {
    /* clang-format off */
    /* from            on              to              */
    { LANE_ASSIGNED,   LANE_SIGN,      LANE_SIGNED     },
    { LANE_SIGNED,     LANE_CONTACT,   LANE_CONTACTED  },
    { LANE_SIGNED,     LANE_ARRIVE,    LANE_ARRIVED    },
    { LANE_CONTACTED,  LANE_ARRIVE,    LANE_ARRIVED    },
    { LANE_SIGNED,     LANE_START,     LANE_WORKING    },
    { LANE_CONTACTED,  LANE_START,     LANE_WORKING    },
    { LANE_ARRIVED,    LANE_START,     LANE_WORKING    },
    { LANE_REWORK,     LANE_START,     LANE_WORKING    },
    { LANE_SIGNED,     LANE_COMPLETE,  LANE_SIGNED    },
    { LANE_CONTACTED,  LANE_COMPLETE,  LANE_CONTACTED },
    { LANE_ARRIVED,    LANE_COMPLETE,  LANE_ARRIVED   },
    { LANE_WORKING,    LANE_COMPLETE,  LANE_WORKING   },
    { LANE_REWORK,     LANE_COMPLETE,  LANE_REWORK    },
    { LANE_SIGNED,     LANE_REPORT,    LANE_REPORTED   },
    { LANE_CONTACTED,  LANE_REPORT,    LANE_REPORTED   },
    { LANE_ARRIVED,    LANE_REPORT,    LANE_REPORTED   },
    { LANE_WORKING,    LANE_REPORT,    LANE_REPORTED   },
    { LANE_REWORK,     LANE_REPORT,    LANE_REPORTED   },
    { LANE_REPORTED,   LANE_ACCEPT,    LANE_ACCEPTED   },
    { LANE_REPORTED,   LANE_SEND_BACK, LANE_REWORK     },
    { LANE_ASSIGNED,   LANE_RETURN,    LANE_ASSIGNED   },
    { LANE_SIGNED,     LANE_RETURN,    LANE_SIGNED     },
    { LANE_CONTACTED,  LANE_RETURN,    LANE_CONTACTED  },
    { LANE_ARRIVED,    LANE_RETURN,    LANE_ARRIVED    },
    { LANE_WORKING,    LANE_RETURN,    LANE_WORKING    },
    { LANE_REWORK,     LANE_RETURN,    LANE_REWORK     },
    { LANE_SIGNED,      LANE_EXTEND,    LANE_SIGNED     },
    { LANE_CONTACTED,   LANE_EXTEND,    LANE_CONTACTED  },
    { LANE_ARRIVED,     LANE_EXTEND,    LANE_ARRIVED    },
    { LANE_WORKING,     LANE_EXTEND,    LANE_WORKING    },
    { LANE_REWORK,      LANE_EXTEND,    LANE_REWORK     },
    { LANE_SIGNED,      LANE_SUSPEND,   LANE_SIGNED     },
    { LANE_CONTACTED,   LANE_SUSPEND,   LANE_CONTACTED  },
    { LANE_ARRIVED,     LANE_SUSPEND,   LANE_ARRIVED    },
    { LANE_WORKING,     LANE_SUSPEND,   LANE_WORKING    },
    { LANE_REWORK,      LANE_SUSPEND,   LANE_REWORK     },
    { LANE_SIGNED,      LANE_RESUME,    LANE_SIGNED     },
    { LANE_CONTACTED,   LANE_RESUME,    LANE_CONTACTED  },
    { LANE_ARRIVED,     LANE_RESUME,    LANE_ARRIVED    },
    { LANE_WORKING,     LANE_RESUME,    LANE_WORKING    },
    { LANE_REWORK,      LANE_RESUME,    LANE_REWORK     },
    { LANE_SIGNED,      LANE_GRANT,     LANE_SIGNED     },
    { LANE_CONTACTED,   LANE_GRANT,     LANE_CONTACTED  },
    { LANE_ARRIVED,     LANE_GRANT,     LANE_ARRIVED    },
    { LANE_WORKING,     LANE_GRANT,     LANE_WORKING    },
    { LANE_REPORTED,    LANE_GRANT,     LANE_REPORTED   },
    { LANE_REWORK,      LANE_GRANT,     LANE_REWORK     },
    { LANE_SIGNED,      LANE_DENY,      LANE_SIGNED     },
    { LANE_CONTACTED,   LANE_DENY,      LANE_CONTACTED  },
    { LANE_ARRIVED,     LANE_DENY,      LANE_ARRIVED    },
    { LANE_WORKING,     LANE_DENY,      LANE_WORKING    },
    { LANE_REPORTED,    LANE_DENY,      LANE_REPORTED   },
    { LANE_REWORK,      LANE_DENY,      LANE_REWORK     },
    { LANE_ASSIGNED,     LANE_CLAIM,     LANE_ASSIGNED   },
    { LANE_SIGNED,       LANE_CLAIM,     LANE_SIGNED     },
    { LANE_CONTACTED,    LANE_CLAIM,     LANE_CONTACTED  },
    { LANE_ARRIVED,      LANE_CLAIM,     LANE_ARRIVED    },
    { LANE_WORKING,      LANE_CLAIM,     LANE_WORKING    },
    { LANE_REWORK,       LANE_CLAIM,     LANE_REWORK     },
    { LANE_ASSIGNED,     LANE_HAND_OVER, LANE_ASSIGNED   },
    { LANE_SIGNED,       LANE_HAND_OVER, LANE_SIGNED     },
    { LANE_CONTACTED,    LANE_HAND_OVER, LANE_CONTACTED  },
    { LANE_ARRIVED,      LANE_HAND_OVER, LANE_ARRIVED    },
    { LANE_WORKING,      LANE_HAND_OVER, LANE_WORKING    },
    { LANE_REWORK,       LANE_HAND_OVER, LANE_REWORK     },
    { LANE_ASSIGNED,     LANE_TAKE_BACK, LANE_ASSIGNED   },
    { LANE_SIGNED,       LANE_TAKE_BACK, LANE_SIGNED     },
    { LANE_CONTACTED,    LANE_TAKE_BACK, LANE_CONTACTED  },
    { LANE_ARRIVED,      LANE_TAKE_BACK, LANE_ARRIVED    },
    { LANE_WORKING,      LANE_TAKE_BACK, LANE_WORKING    },
    { LANE_REWORK,       LANE_TAKE_BACK, LANE_REWORK     },
    { LANE_ASSIGNED,    LANE_RULE,      LANE_ASSIGNED   },
    { LANE_SIGNED,      LANE_RULE,      LANE_SIGNED     },
    { LANE_CONTACTED,   LANE_RULE,      LANE_CONTACTED  },
    { LANE_ARRIVED,     LANE_RULE,      LANE_ARRIVED    },
    { LANE_WORKING,     LANE_RULE,      LANE_WORKING    },
    { LANE_REPORTED,    LANE_RULE,      LANE_REPORTED   },
    { LANE_REWORK,      LANE_RULE,      LANE_REWORK     },
    { LANE_ASSIGNED,   LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_SIGNED,     LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_CONTACTED,  LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_ARRIVED,    LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_WORKING,    LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_REPORTED,   LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_REWORK,     LANE_EXCUSE,    LANE_EXCUSED    },
    { LANE_ASSIGNED,   LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_SIGNED,     LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_CONTACTED,  LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_ARRIVED,    LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_WORKING,    LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_REPORTED,   LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_REWORK,     LANE_CANCEL,    LANE_CANCELLED  },
    { LANE_ASSIGNED,   LANE_REASSIGN,  LANE_REASSIGNED },
    { LANE_SIGNED,     LANE_REASSIGN,  LANE_REASSIGNED },
    { LANE_CONTACTED,  LANE_REASSIGN,  LANE_REASSIGNED },
    { LANE_ARRIVED,    LANE_REASSIGN,  LANE_REASSIGNED },
    { LANE_WORKING,    LANE_REASSIGN,  LANE_REASSIGNED },
    { LANE_REWORK,     LANE_REASSIGN,  LANE_REASSIGNED },
    /* clang-format on */
};

const struct fsm lane_fsm = {
    "lane", lane_states, lane_verbs, edges, COUNT_OF(edges),
};

static const char *const state_words[] = {
    [LANE_ASSIGNED] = "待签收",   [LANE_SIGNED] = "已签收",
    [LANE_CONTACTED] = "已联系",  [LANE_ARRIVED] = "已到场",
    [LANE_WORKING] = "办理中",    [LANE_REPORTED] = "已回告",
    [LANE_REWORK] = "返工中",     [LANE_ACCEPTED] = "已验收",
    [LANE_REASSIGNED] = "已改派", [LANE_CANCELLED] = "已取消",
    [LANE_EXCUSED] = "已免办",
};
static const char *const verb_words[] = {
    [LANE_SIGN] = "签收",     [LANE_CONTACT] = "联系",
    [LANE_ARRIVE] = "到场",   [LANE_START] = "开工",
    [LANE_COMPLETE] = "完成阶段",
    [LANE_REPORT] = "回告",   [LANE_RETURN] = "退单",
    [LANE_ACCEPT] = "验收",   [LANE_SEND_BACK] = "退回返工",
    [LANE_EXCUSE] = "免办",   [LANE_CANCEL] = "取消",
    [LANE_REASSIGN] = "改派", [LANE_RULE] = "裁定",
    [LANE_SUSPEND] = "挂账",  [LANE_RESUME] = "恢复",
    [LANE_EXTEND] = "延期",   [LANE_GRANT] = "准予延期",
    [LANE_DENY] = "不予延期", [LANE_CLAIM] = "领办",
    [LANE_HAND_OVER] = "转交", [LANE_TAKE_BACK] = "收回",
};

const struct machine lane_machine = {&lane_fsm,  "task.",    "本单",
                                     state_words, verb_words, NULL};

void lane_print_states(struct buf *out)
{
    machine_print(&lane_machine, out);
}

uint64_t lane_may(const struct lane *lane)
{
    bool unruled =
        lane->hold == LANE_HOLD_RETURN && lane->ruling == LANE_UNRULED;
    const struct {
        enum lane_verb verb;
        bool may;
    } verbs[] = {
        {LANE_RETURN, lane->hold == LANE_NO_HOLD && !lane->forced},
        {LANE_RULE, unruled},
        {LANE_COMPLETE, lane->stage[0] != '\0'},
        {LANE_REPORT, lane->ruling != LANE_TO_OTHER},
        {LANE_SUSPEND, lane->hold == LANE_NO_HOLD},
        {LANE_RESUME, lane->hold == LANE_HOLD_SUSPENDED},
        {LANE_EXTEND, !lane->story.asks},
        {LANE_GRANT, lane->story.asks},
        {LANE_DENY, lane->story.asks},
        /* among its officers: rule_hold.c; a refusal of others is silent */
        {LANE_CLAIM, false},
        {LANE_HAND_OVER, false},
        {LANE_TAKE_BACK, false},
    };
    uint64_t may = ALL_VERBS;

    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (!verbs[i].may)
            may &= ~(UINT64_C(1) << verbs[i].verb);
    return may;
}

struct lane *lane_find(const struct lane_case *c, int64_t round,
                       const char *office)
{
    struct lane *lane = c ? c->first : NULL;

    while (lane && (lane->name.round != round ||
                    strcmp(lane->name.office, office) != 0))
        lane = lane->next;
    return lane;
}

void lane_blank(struct lane *lane)
{
    for (int i = 0; i < LANE_CLOCKS; i++)
        lane->clocks[i] = (struct lane_clock){
            INSTANT_NONE, INSTANT_NONE, INSTANT_NONE, INSTANT_NONE, 0,
        };
    lane->gap = INT32_MIN;
    lane->ended_us = INSTANT_NONE;
    lane->next_due_us = INSTANT_NONE;
    lane->review_us = INSTANT_NONE;
    lane->open = true;
}

/* Lanes stand as PostgreSQL gives them back, whoever added them: what is said
 * of all of them must not depend on where a batch ended. */
static bool comes_before(const struct lane_name *a, const struct lane_name *b)
{
    return a->round < b->round ||
           (a->round == b->round && strcmp(a->office, b->office) < 0);
}

struct lane *lane_add(struct lane_case *c, struct arena *arena,
                      const struct lane_name *name)
{
    struct lane *lane = arena_give(arena, sizeof(*lane));
    struct lane **end = &c->first;

    lane->name = *name;
    lane_blank(lane);
    while (*end && comes_before(&(*end)->name, name))
        end = &(*end)->next;
    lane->next = *end;
    *end = lane;
    return lane;
}

struct text lane_subject(struct arena *arena, const struct lane_name *name)
{
    char whistle[UUID_TEXT_SIZE], round[INT_TEXT_SIZE];

    uuid_print(&name->whistle, whistle);
    return arena_join(arena,
                      (const struct text[]){
                          text_of(whistle), TEXT("/"),
                          int_print(name->round, round), TEXT("/"),
                          text_of(name->office)},
                      5);
}

bool lane_parse(struct text subject, struct lane_name *ret_name)
{
    struct text rest;
    struct text whistle = text_cut(subject, '/', &rest);
    struct text round = text_cut(rest, '/', &rest);
    struct lane_name name;

    if (!uuid_parse(whistle, &name.whistle) || !text_int(round, &name.round) ||
        rest.size == 0 || !text_copy(rest, name.office, sizeof(name.office)))
        return false;
    *ret_name = name;
    return true;
}

bool lane_owes(const struct lane *lane)
{
    return lane->open && lane->state != LANE_REPORTED;
}
