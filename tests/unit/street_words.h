/*
 * street_words.h - what people and clocks may say in a street: each word takes
 * an office and dice for what else there is to choose. It is said by who may
 * say it; whether it is its turn is for the rules to judge.
 */
#ifndef BAODAO_TESTS_STREET_WORDS_H
#define BAODAO_TESTS_STREET_WORDS_H

#include "tests/unit/street.h"

#define OFFICES 5

static const char *const offices[OFFICES] = {LEAD, ASSIST, "GAFJ", "ZJJ",
                                             "SWJ"};

typedef bool word(struct street *s, const char *office, uint32_t dice);

/* ---- to track: of the round that is open, now and then of the one before -- */

/* The command begins with its lane. */
#define TO_TRACK(s, type, actor, decide, in)                                   \
    street_says(s, (s)->track, type, actor, decide, &(in), sizeof(in))

static struct lane_name lane_of(struct street *s, const char *office,
                                uint32_t dice)
{
    struct lane_name name = lane_called(office);

    name.round = street_whistle(s)->round;
    if (name.round > 1 && dice % 16 == 15)
        name.round--;
    return name;
}

static const char *officer(struct street *s, const char *office)
{
    return arena_print(&s->arena, "officer/%s/o-%s-1", office, office).bytes;
}

static bool stage(struct street *s, const char *office, uint32_t dice,
                  const char *type, decide_function *decide)
{
    struct task_stage in = stage_in(office);

    in.lane = lane_of(s, office, dice);
    return TO_TRACK(s, type, officer(s, office), decide, in);
}

static bool sign(struct street *s, const char *office, uint32_t dice)
{
    return stage(s, office, dice, "task.sign", task_sign);
}

static bool contact(struct street *s, const char *office, uint32_t dice)
{
    return stage(s, office, dice, "task.contact", task_contact);
}

static bool arrive(struct street *s, const char *office, uint32_t dice)
{
    return stage(s, office, dice, "task.arrive", task_arrive);
}

static bool start(struct street *s, const char *office, uint32_t dice)
{
    return stage(s, office, dice, "task.start", task_start);
}

/* The stage that runs, now and then another. */
static bool complete(struct street *s, const char *office, uint32_t dice)
{
    struct task_complete in = {.lane = lane_of(s, office, dice)};
    const struct lane *lane =
        lane_find(street_lanes(s), in.lane.round, office);

    memcpy(in.stage, "repair", sizeof("repair"));
    if (lane && dice / 16 % 8)
        memcpy(in.stage, lane->stage, sizeof(in.stage));
    return TO_TRACK(s, "task.complete_stage", officer(s, office),
                    task_complete_stage, in);
}

static bool report(struct street *s, const char *office, uint32_t dice)
{
    struct task_report in = report_in(office);

    in.lane = lane_of(s, office, dice);
    return TO_TRACK(s, "task.report", officer(s, office), task_report, in);
}

static bool back(struct street *s, const char *office, uint32_t dice)
{
    struct task_return in = return_in(office);

    in.lane = lane_of(s, office, dice);
    return TO_TRACK(s, "task.return", officer(s, office), task_return, in);
}

static bool rule(struct street *s, const char *office, uint32_t dice)
{
    struct task_rule in = rule_in(office, dice % 2 ? LANE_FORCE : LANE_TO_OTHER,
                                  offices[dice / 2 % OFFICES]);

    in.lane = lane_of(s, office, dice / 16);
    return TO_TRACK(s, "task.rule", DISTRICT, task_rule, in);
}

static bool accept(struct street *s, const char *office, uint32_t dice)
{
    struct task_accept in = accept_in(office);

    in.lane = lane_of(s, office, dice);
    return TO_TRACK(s, "task.accept", CLERK, task_accept, in);
}

static bool rework(struct street *s, const char *office, uint32_t dice)
{
    const struct task_rework in = {lane_of(s, office, dice), TEXT("再办")};

    return TO_TRACK(s, "task.rework", CLERK, task_rework, in);
}

/* What the lane's state calls for: most people do their work. */
static bool go_on(struct street *s, const char *office, uint32_t dice)
{
    static word *const next[] = {
        [LANE_ASSIGNED] = sign,    [LANE_SIGNED] = contact,
        [LANE_CONTACTED] = arrive, [LANE_ARRIVED] = start,
        [LANE_WORKING] = report,   [LANE_REPORTED] = accept,
        [LANE_REWORK] = report,
    };
    const struct lane *lane =
        lane_find(street_lanes(s), street_whistle(s)->round, office);

    if (!lane || !lane->open)
        return false;
    if (lane->stage[0] && lane->state == LANE_WORKING)
        return complete(s, office, 16);
    return next[lane->state](s, office, dice - dice % 16);
}

static bool excuse(struct street *s, const char *office, uint32_t dice)
{
    const struct task_excuse in = {lane_of(s, office, dice), "not_needed",
                                   TEXT("")};

    return TO_TRACK(s, "task.excuse", CLERK, task_excuse, in);
}

static bool suspend(struct street *s, const char *office, uint32_t dice)
{
    struct task_suspend in = {.lane = lane_of(s, office, dice),
                              .reason = "winter"};

    in.review = date_of(s->track->message.at_us) + (int32_t)(dice / 16 % 20);
    return TO_TRACK(s, "task.suspend", dice % 3 ? CLERK : DISTRICT,
                    task_suspend, in);
}

static bool resume(struct street *s, const char *office, uint32_t dice)
{
    const struct task_note in = {lane_of(s, office, dice), TEXT("")};

    return TO_TRACK(s, "task.resume", CLERK, task_resume, in);
}

static bool extend(struct street *s, const char *office, uint32_t dice)
{
    struct task_extend in = {.lane = lane_of(s, office, dice / 2),
                             .reason = "parts",
                             .to_date = INT32_MIN,
                             .add = INT_ABSENT};

    if (dice % 2)
        in.to_date =
            date_of(s->track->message.at_us) + (int32_t)(dice / 32 % 40);
    else
        in.add = 1 + dice / 32 % 30;
    return TO_TRACK(s, "task.extend", officer(s, office), task_extend, in);
}

static bool grant(struct street *s, const char *office, uint32_t dice)
{
    const struct task_note in = {lane_of(s, office, dice / 2), TEXT("")};

    return TO_TRACK(s, "task.grant", dice % 2 ? CLERK : DISTRICT, task_grant,
                    in);
}

static bool deny(struct street *s, const char *office, uint32_t dice)
{
    const struct task_note in = {lane_of(s, office, dice), TEXT("不足")};

    return TO_TRACK(s, "task.deny", DISTRICT, task_deny, in);
}

static bool seldom(struct street *s, const char *office, uint32_t dice)
{
    return dice / 16 % 8 == 0 && excuse(s, office, dice);
}

/* The allotment: Redis chooses, no rule does. */
static bool hand(struct street *s, const char *office, uint32_t dice)
{
    struct task_hand in = {.lane = lane_of(s, office, dice),
                           .why = (int)(dice / 16 % 3)};

    snprintf(in.officer, sizeof(in.officer), "o-%s-%u", office, dice / 64 % 3);
    return TO_TRACK(s, "task.hand", WORKER, task_hand, in);
}

static bool hold(struct street *s, const char *office, uint32_t dice,
                 const char *type, const char *role, decide_function *decide)
{
    struct task_hold in = {.lane = lane_of(s, office, dice)};
    const char *actor = arena_print(&s->arena, "%s/%s/o-%s-%u", role, office,
                                    office, dice / 16 % 3).bytes;

    snprintf(in.to, sizeof(in.to), "o-%s-%u", office, dice / 64 % 3);
    return TO_TRACK(s, type, actor, decide, in);
}

static bool claim(struct street *s, const char *office, uint32_t dice)
{
    return hold(s, office, dice, "task.claim", "officer", task_claim);
}

static bool hand_over(struct street *s, const char *office, uint32_t dice)
{
    return hold(s, office, dice, "task.hand_over",
                dice % 2 ? "officer" : "office_lead", task_hand_over);
}

static bool take_back(struct street *s, const char *office, uint32_t dice)
{
    return hold(s, office, dice, "task.take_back", "office_lead",
                task_take_back);
}

static bool look(struct street *s, const char *office, uint32_t dice)
{
    struct lane_name name = lane_of(s, office, dice);
    const struct clock_passed in = {.subject = lane_subject(&s->arena, &name)};

    return TO_TRACK(s, "clock.passed", "worker/track/", task_clock_passed, in);
}

/* ---- to dispatch ---- */

#define TO_DISPATCH(s, type, actor, decide, in)                                \
    street_says(s, (s)->dispatch, type, actor, decide, &(in), sizeof(in))

static bool again(struct street *s, const char *office, uint32_t dice)
{
    struct again_in in = {.whistle = lane_called("").whistle};

    if (dice % 3 == 0)
        memcpy(in.lead, office, strlen(office) + 1);
    return TO_DISPATCH(s, "whistle.again", CLERK, whistle_again, in);
}

static bool add_lane(struct street *s, const char *office, uint32_t dice)
{
    struct add_lane_in in = {.whistle = lane_called("").whistle,
                             .round = INT_ABSENT,
                             .start = INSTANT_NONE};

    memcpy(in.office, office, strlen(office) + 1);
    return TO_DISPATCH(s, "whistle.add_lane",
                       dice % 2 ? CLERK : "office_lead/" LEAD "/c-1",
                       whistle_add_lane, in);
}

static bool confer(struct street *s, const char *office, uint32_t dice)
{
    static struct wire_office asked = {LEAD};
    const struct confer_in in = {.whistle = lane_called("").whistle,
                                 .offices = {&asked, 1},
                                 .at = INSTANT_NONE};

    (void)office;
    return dice % 3 == 0 &&
           TO_DISPATCH(s, "whistle.confer", CLERK, whistle_confer, in);
}

static bool conclude(struct street *s, const char *office, uint32_t dice)
{
    const struct conclude_in in = {
        .whistle = lane_called("").whistle,
        .minutes = TEXT("三日内清理"),
        .outcome = dice % 16 < 14 ? OUTCOME_RESUME
                                  : OUTCOME_CLOSED + (int)(dice % 16 == 15),
    };

    (void)office;
    return TO_DISPATCH(s, "whistle.conclude", CLERK, whistle_conclude, in);
}

static bool escalate(struct street *s, const char *office, uint32_t dice)
{
    const struct escalate_in in = {lane_called("").whistle, TEXT("产权不清")};

    (void)office;
    (void)dice;
    return TO_DISPATCH(s, "whistle.escalate", CLERK, whistle_escalate, in);
}

/* Seldom: it ends the story. */
static bool cancel(struct street *s, const char *office, uint32_t dice)
{
    const struct cancel_in in = {lane_called("").whistle, TEXT("已整改")};

    (void)office;
    return dice % 16 == 0 &&
           TO_DISPATCH(s, "whistle.cancel", CLERK, whistle_cancel, in);
}

/* What is said often stands here more than once. */
static const struct {
    const char *name;
    word *word;
} words[] = {
    {"go on", go_on},         {"go on 2", go_on},       {"go on 3", go_on},
    {"go on 4", go_on},       {"go on 5", go_on},       {"go on 6", go_on},
    {"go on 7", go_on},       {"go on 8", go_on},       {"go on 9", go_on},
    {"sign", sign},           {"contact", contact},     {"arrive", arrive},
    {"start", start},         {"complete", complete},   {"report", report},
    {"return", back},         {"rule", rule},           {"accept", accept},
    {"rework", rework},       {"rework too", rework},   {"excuse", seldom},
    {"suspend", suspend},     {"resume", resume},       {"extend", extend},
    {"grant", grant},         {"deny", deny},           {"hand", hand},
    {"claim", claim},         {"hand over", hand_over}, {"take back", take_back},
    {"look", look},           {"look too", look},       {"again", again},
    {"add lane", add_lane},   {"confer", confer},       {"conclude", conclude},
    {"escalate", escalate},   {"cancel", cancel},
};

#endif
