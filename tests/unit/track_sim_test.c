/*
 * track_sim_test.c - a seeded simulation of lanes: whistles live through random
 * words, times and losses by the pure rules, in this process. After each step
 * the invariants of domain.md §2 are looked at; a failure is shrunk to a short
 * story that can be read.
 *
 *     STEPS=1000000 SEED=7 build/release/unit/track_sim_test
 */
#include "services/track/story.h"
#include "tests/unit/track_trial.h"

#define STORY_STEPS 60
#define OFFICES 5
#define START "2026-02-09T08:40+08:00"

static const char *const offices[OFFICES] = {LEAD, ASSIST, "GAFJ", "ZJJ",
                                             "SWJ"};

static int64_t taken[32]; /* steps that were not refused, by verb */

/* One step, all of it chosen before it is taken: it can be left out. */
struct step {
    int verb;   /* index in verbs */
    int office; /* whose lane */
    int64_t after_us;
    uint32_t dice; /* what else there is to choose */
};

static uint64_t seed;

static uint32_t roll(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

/* ---- a world of one whistle ---- */

struct world {
    struct trial *t;
    const char *kind;
    char wanted[LANE_OFFICE_SIZE]; /* asked of dispatch: the next lane … */
    char leaves[LANE_OFFICE_SIZE]; /* … and whom it replaces */
    const char *broken;            /* the invariant that does not hold */
    bool accepted;                 /* the last step was not refused */
    bool (*forbids)(const struct world *w); /* NULL, or one more invariant */
};

static bool say(struct world *w, const char *type, const char *actor,
                decide_function *decide, const void *in)
{
    struct trial *t = w->t;
    struct text rest;
    struct actor who;

    who.role = text_cut(text_of(actor), '/', &rest);
    who.office = text_cut(rest, '/', &rest);
    who.person = rest;
    t->count = 0;
    t->err = (struct err){0};
    return actor_may(text_of(type), &who, &t->err) &&
           trial_say(t, type, arena_text(&t->batch.arena, text_of(actor)).bytes,
                     decide, in);
}

static const char *officer(struct world *w, const char *office)
{
    return officer_of(w->t, office);
}

/* ---- what may be said ---- */

typedef bool word(struct world *w, const char *office, uint32_t dice);

static bool stage(struct world *w, const char *office, const char *type,
                  decide_function *decide)
{
    const struct task_stage in = stage_in(office);

    return say(w, type, officer(w, office), decide, &in);
}

static bool sign(struct world *w, const char *office, uint32_t dice)
{
    (void)dice;
    return stage(w, office, "task.sign", task_sign);
}

static bool contact(struct world *w, const char *office, uint32_t dice)
{
    (void)dice;
    return stage(w, office, "task.contact", task_contact);
}

static bool arrive(struct world *w, const char *office, uint32_t dice)
{
    (void)dice;
    return stage(w, office, "task.arrive", task_arrive);
}

static bool start(struct world *w, const char *office, uint32_t dice)
{
    (void)dice;
    return stage(w, office, "task.start", task_start);
}

static bool report(struct world *w, const char *office, uint32_t dice)
{
    const struct task_report in = report_in(office);

    (void)dice;
    return say(w, "task.report", officer(w, office), task_report, &in);
}

static bool back(struct world *w, const char *office, uint32_t dice)
{
    const struct task_return in = return_in(office);

    (void)dice;
    return say(w, "task.return", officer(w, office), task_return, &in);
}

static bool rule(struct world *w, const char *office, uint32_t dice)
{
    const struct task_rule in =
        rule_in(office, dice % 2 ? LANE_FORCE : LANE_TO_OTHER,
                offices[dice / 2 % OFFICES]);

    return say(w, "task.rule", DISTRICT, task_rule, &in);
}

static bool accept(struct world *w, const char *office, uint32_t dice)
{
    const struct task_accept in = accept_in(office);

    (void)dice;
    return say(w, "task.accept", CLERK, task_accept, &in);
}

static bool rework(struct world *w, const char *office, uint32_t dice)
{
    const struct task_rework in = {lane_called(office), TEXT("再办")};

    (void)dice;
    return say(w, "task.rework", CLERK, task_rework, &in);
}

static bool excuse(struct world *w, const char *office, uint32_t dice)
{
    const struct task_excuse in = {lane_called(office), "not_needed",
                                   TEXT("")};

    (void)dice;
    return say(w, "task.excuse", CLERK, task_excuse, &in);
}

static bool suspend(struct world *w, const char *office, uint32_t dice)
{
    struct task_suspend in = {.lane = lane_called(office), .reason = "winter"};

    in.review = date_of(w->t->message.at_us) + (int32_t)(dice % 20);
    return say(w, "task.suspend", dice % 3 ? CLERK : DISTRICT, task_suspend,
               &in);
}

static bool resume(struct world *w, const char *office, uint32_t dice)
{
    const struct task_note in = {lane_called(office), TEXT("")};

    (void)dice;
    return say(w, "task.resume", CLERK, task_resume, &in);
}

static bool extend(struct world *w, const char *office, uint32_t dice)
{
    struct task_extend in = {.lane = lane_called(office),
                             .reason = "parts",
                             .to_date = INT32_MIN,
                             .add = INT_ABSENT};

    if (dice % 2)
        in.to_date = date_of(w->t->message.at_us) + (int32_t)(dice / 2 % 40);
    else
        in.add = 1 + dice / 2 % 30;
    return say(w, "task.extend", officer(w, office), task_extend, &in);
}

static bool grant(struct world *w, const char *office, uint32_t dice)
{
    const struct task_note in = {lane_called(office), TEXT("")};

    return say(w, "task.grant", dice % 2 ? CLERK : DISTRICT, task_grant, &in);
}

static bool deny(struct world *w, const char *office, uint32_t dice)
{
    const struct task_note in = {lane_called(office), TEXT("不足")};

    (void)dice;
    return say(w, "task.deny", DISTRICT, task_deny, &in);
}

static bool hand(struct world *w, const char *office, uint32_t dice)
{
    struct task_hand in = {.lane = lane_called(office), .why = (int)dice % 3};

    snprintf(in.officer, sizeof(in.officer), "o-%s-%u", office, dice / 3 % 3);
    return say(w, "task.hand", WORKER, task_hand, &in);
}

static bool look(struct world *w, const char *office, uint32_t dice)
{
    struct lane_name name = lane_called(office);
    const struct clock_passed in = {
        .subject = lane_subject(&w->t->batch.arena, &name)};

    (void)dice;
    return say(w, "clock.passed", "worker/track/", task_clock_passed, &in);
}

static bool assign(struct world *w, const char *office, enum lane_role role,
                   const char *replaces)
{
    struct task_call call = {.role = role};
    struct task_assign in = {
        .round = 1,
        .number = "哨20260302-03-0042",
        .matter = "E0101",
        .region = "530103003001",
        .street = STREET,
        .reference_version = 1,
        .start = w->t->message.at_us,
        .lanes = {&call, 1},
    };

    in.whistle = lane_called("").whistle;
    memcpy(in.kind, w->kind, strlen(w->kind) + 1);
    memcpy(call.office, office, strlen(office) + 1);
    memcpy(call.replaces, replaces, strlen(replaces) + 1);
    return say(w, "task.assign", WORKER, task_assign, &in);
}

/* Dispatch answers what was asked of it: one more lane, or that it cannot. */
static bool answer(struct world *w, const char *office, uint32_t dice)
{
    struct lane_name name = lane_called(w->leaves);
    struct task_reassign_failed failed = {
        .code = TEXT("closed"), .sentence = TEXT("已结案 / closed")};
    bool said;

    if (!w->wanted[0])
        return assign(w, office, LANE_ADDED, "");
    failed.subject = lane_subject(&w->t->batch.arena, &name);
    said = dice % 4 ? assign(w, w->wanted, LANE_ADDED, w->leaves)
                    : say(w, "task.reassign_failed", WORKER,
                          task_reassign_failed, &failed);
    w->wanted[0] = '\0';
    return said;
}

static bool cancel(struct world *w, const char *office, uint32_t dice)
{
    struct task_cancel in = {.round = 1, .why = TEXT("已整改")};

    (void)office;
    if (dice % 8) /* seldom: it ends the story */
        return false;
    in.whistle = lane_called("").whistle;
    return say(w, "task.cancel", WORKER, task_cancel, &in);
}

static const struct {
    const char *name;
    word *word;
} verbs[] = {
    {"sign", sign},       {"contact", contact}, {"arrive", arrive},
    {"start", start},     {"report", report},   {"return", back},
    {"rule", rule},       {"accept", accept},   {"rework", rework},
    {"excuse", excuse},   {"suspend", suspend}, {"resume", resume},
    {"extend", extend},   {"grant", grant},     {"deny", deny},
    {"hand", hand},       {"look", look},       {"look again", look},
    {"dispatch", answer}, {"cancel", cancel},   {"sign too", sign},
    {"report too", report},
};

/* ---- invariants ---- */

static struct lane_case *lanes_of(struct world *w)
{
    struct lane_batch *b = w->t->batch.state;
    struct lane_name name = lane_called("");

    return slots_find(&b->cases, &name.whistle, sizeof(name.whistle));
}

/* Events of a lane in this step; of one type, or (NULL) of all. */
static int64_t told(const struct world *w, const struct lane *lane,
                    const char *type)
{
    int64_t count = 0;

    for (size_t i = 0; i < w->t->count; i++) {
        const struct record *r = &w->t->said[i];
        struct text office;

        (void)text_cut(r->subject, '/', &office);
        (void)text_cut(office, '/', &office);
        count += text_starts(r->type, "task.") && r->version > 0 &&
                 text_is(office, lane->name.office) &&
                 (!type || text_is(r->type, type));
    }
    return count;
}

static bool said_of(const struct world *w, const struct lane *lane,
                    const char *type)
{
    return told(w, lane, type) > 0;
}

static const char *one_lane_an_office(struct world *w)
{
    for (const struct lane *a = lanes_of(w)->first; a; a = a->next)
        for (const struct lane *b = a->next; b; b = b->next)
            if (strcmp(a->name.office, b->name.office) == 0)
                return "an office has two lanes in a round";
    return NULL;
}

static const char *whole(const struct lane *lane)
{
    if (lane->open != (lane->state < LANE_ACCEPTED))
        return "open is not what the state says";
    if (!lane->open && (lane->hold != LANE_NO_HOLD || lane->story.asks ||
                        lane->next_due_us != INSTANT_NONE ||
                        lane->ended_us == INSTANT_NONE))
        return "an ended lane waits for something";
    if ((lane->hold == LANE_HOLD_SUSPENDED) !=
        (lane->review_us != INSTANT_NONE))
        return "suspended without a review date, or a date without it";
    if (lane->open && lane->hold == LANE_HOLD_RETURN &&
        lane->ruling == LANE_UNRULED &&
        !lane_clock_runs(lane, LANE_CLOCK_RULE))
        return "a return that no clock rules";
    return NULL;
}

static const char *due_moves(const struct world *w, const struct lane *before,
                             const struct lane *now)
{
    for (int i = 0; i < LANE_CLOCKS; i++) {
        const struct lane_clock *a = &before->clocks[i], *b = &now->clocks[i];

        if (a->start_us != b->start_us || a->start_us == INSTANT_NONE)
            continue;
        if (b->passed < a->passed)
            return "a mark is unsaid";
        if (a->due_us == b->due_us)
            continue;
        /* a grant may move a due that was reached into the suspension */
        if (b->due_us == INSTANT_NONE && !said_of(w, now, "task.suspended") &&
            !(said_of(w, now, "task.extended") &&
              now->hold == LANE_HOLD_SUSPENDED))
            return "a due went away by no rule";
        if (a->due_us != INSTANT_NONE && b->due_us != INSTANT_NONE &&
            b->due_us < a->due_us)
            return "a due moved backwards";
        if (a->due_us != INSTANT_NONE && b->due_us > a->due_us &&
            !said_of(w, now, "task.extended") &&
            !said_of(w, now, "task.resumed"))
            return "a due moved by no rule";
    }
    return NULL;
}

static const char *went_on(const struct world *w, const struct lane *before,
                           const struct lane *now)
{
    if (now->version - before->version != told(w, now, NULL))
        return "the version does not count what was said";
    if (strcmp(before->holder, now->holder) != 0 &&
        !said_of(w, now, "task.handed") && !said_of(w, now, "task.signed"))
        return "the holder changed and nobody was told";
    if (before->state != now->state && now->version == before->version)
        return "the state changed and nothing was said";
    if (!before->open && now->version != before->version)
        return "an ended lane changed";
    if (before->forced && !now->forced)
        return "what was forced is returnable again";
    return due_moves(w, before, now);
}

static const char *looked(const struct world *w, const struct lane *lane)
{
    int64_t now_us = w->t->message.at_us;

    return lane->open && lane->next_due_us != INSTANT_NONE &&
                   lane->next_due_us <= now_us
               ? "looked at, and still due"
               : NULL;
}

/* A refusal leaves every byte; what was taken keeps the promises. */
static const char *compare(struct world *w, const struct lane *before,
                           size_t count, const struct step *step)
{
    const char *broken = one_lane_an_office(w);

    for (struct lane *lane = lanes_of(w)->first; lane && !broken;
         lane = lane->next) {
        const struct lane *old = NULL;

        for (size_t i = 0; i < count; i++)
            if (strcmp(before[i].name.office, lane->name.office) == 0)
                old = &before[i];
        broken = whole(lane);
        if (!broken && old && !w->accepted &&
            memcmp((const char *)old + sizeof(old->next),
                   (const char *)lane + sizeof(old->next),
                   sizeof(*old) - sizeof(old->next)) != 0)
            broken = "a refusal changed something";
        if (!broken && old && w->accepted)
            broken = went_on(w, old, lane);
        if (!broken && verbs[step->verb].word == look && w->accepted &&
            strcmp(lane->name.office, offices[step->office]) == 0)
            broken = looked(w, lane);
    }
    return broken;
}

/* ---- a story ---- */

static void remember_asks(struct world *w)
{
    for (const struct lane *l = lanes_of(w)->first; l; l = l->next)
        if (l->open && l->ruling == LANE_TO_OTHER) {
            memcpy(w->wanted, l->ruling_to, sizeof(w->wanted));
            memcpy(w->leaves, l->name.office, sizeof(w->leaves));
        }
}

static size_t copy_lanes(struct world *w, struct lane into[OFFICES + 1])
{
    size_t count = 0;

    for (const struct lane *l = lanes_of(w)->first; l; l = l->next)
        if (count <= OFFICES)
            into[count++] = *l;
    return count;
}

static void take(struct world *w, const struct step *step)
{
    struct lane before[OFFICES + 1];
    size_t count = copy_lanes(w, before);

    w->t->message.at_us += step->after_us;
    w->accepted =
        verbs[step->verb].word(w, offices[step->office], step->dice);
    if (!w->accepted && w->t->err.kind != ERR_REJECT &&
        w->t->err.kind != ERR_NONE)
        w->broken = "neither taken nor refused";
    if (!w->broken)
        w->broken = compare(w, before, count, step);
    if (!w->broken && w->forbids && w->forbids(w))
        w->broken = "what the test forbids";
    if (w->accepted)
        remember_asks(w);
    taken[step->verb] += w->accepted;
}

/* No state without a way out: the street excuses, dispatch takes away. */
static void end_all(struct world *w)
{
    for (struct lane *l = lanes_of(w)->first; l && !w->broken; l = l->next) {
        if (l->open && !excuse(w, l->name.office, 0))
            w->broken = "an open lane that nobody can end";
        if (!w->broken)
            w->broken = whole(l);
    }
}

static const char *tell(const char *kind, const struct step *steps,
                        size_t count, bool (*forbids)(const struct world *))
{
    struct world w = {.t = track_issued(kind, START),
                      .kind = kind,
                      .forbids = forbids};

    w.t->message.at_us += MINUTE_US;
    for (size_t i = 0; i < count && !w.broken; i++)
        take(&w, &steps[i]);
    if (!w.broken)
        end_all(&w);
    trial_free(w.t);
    return w.broken;
}

static void imagine(struct step steps[STORY_STEPS])
{
    static const int64_t spans[] = {
        0, 0, MINUTE_US, 5 * MINUTE_US, HOUR_US, 7 * HOUR_US, DAY_US,
        4 * DAY_US};

    for (size_t i = 0; i < STORY_STEPS; i++)
        steps[i] = (struct step){
            .verb = (int)roll(COUNT_OF(verbs)),
            .office = (int)(roll(10) < 8 ? roll(2) : roll(OFFICES)),
            .after_us = spans[roll(COUNT_OF(spans))] * (1 + roll(2)),
            .dice = roll(1U << 30),
        };
}

/* Leaves out whatever the failure does not need; the count that is left. */
static size_t shrink(const char *kind, struct step *steps, size_t count,
                     bool (*forbids)(const struct world *))
{
    for (size_t size = count / 2; size > 0; size /= 2) {
        size_t at = 0;

        while (at + size <= count) {
            struct step fewer[STORY_STEPS];

            memcpy(fewer, steps, at * sizeof(*steps));
            memcpy(fewer + at, steps + at + size,
                   (count - at - size) * sizeof(*steps));
            if (!tell(kind, fewer, count - size, forbids)) {
                at++;
                continue;
            }
            count -= size;
            memcpy(steps, fewer, count * sizeof(*steps));
        }
    }
    return count;
}

static void print_story(const char *kind, const struct step *steps,
                        size_t count, const char *broken)
{
    print_error("%s whistle from %s: %s\n", kind, START, broken);
    for (size_t i = 0; i < count; i++)
        print_error("  +%lld min  %s  %s  (%u)\n",
                    (long long)(steps[i].after_us / MINUTE_US),
                    offices[steps[i].office], verbs[steps[i].verb].name,
                    steps[i].dice);
}

static int64_t number(const char *name, int64_t otherwise)
{
    const char *told = getenv(name);

    return told ? strtoll(told, NULL, 10) : otherwise;
}

static void lanes_keep_their_promises_whatever_is_said(void **state)
{
    static const char *const kinds[] = {"enforcement", "priority",
                                        "emergency"};
    int64_t steps = number("STEPS", 60000);

    (void)state;
    seed = (uint64_t)number("SEED", 20260306);
    for (int64_t n = 0; n < steps; n += STORY_STEPS) {
        const char *kind = kinds[roll(3)];
        struct step story[STORY_STEPS];
        const char *broken;
        size_t left;

        imagine(story);
        broken = tell(kind, story, STORY_STEPS, NULL);
        if (!broken)
            continue;
        left = shrink(kind, story, STORY_STEPS, NULL);
        print_story(kind, story, left,
                    tell(kind, story, left, NULL));
        fail_msg("step %lld: %s", (long long)n, broken);
    }
    /* the stories are worth telling: each word was taken now and then */
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (taken[i] < steps / 10000)
            fail_msg("%s was taken %lld times", verbs[i].name,
                     (long long)taken[i]);
}

static bool is_late_and_suspended(const struct world *w)
{
    for (const struct lane *l = lanes_of((struct world *)w)->first; l;
         l = l->next)
        if (l->late && l->hold == LANE_HOLD_SUSPENDED)
            return true;
    return false;
}

/* The shrinker itself: a late office whose lane is suspended needs a late
 * signature and the suspension, and nothing else. */
static void a_failure_is_shrunk_to_a_short_story(void **state)
{
    struct step story[STORY_STEPS];
    size_t left = STORY_STEPS;

    (void)state;
    seed = 7;
    do
        imagine(story);
    while (!tell("emergency", story, STORY_STEPS, is_late_and_suspended));
    left = shrink("emergency", story, STORY_STEPS, is_late_and_suspended);
    assert_non_null(tell("emergency", story, left, is_late_and_suspended));
    assert_in_range(left, 2, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_keep_their_promises_whatever_is_said),
        cmocka_unit_test(a_failure_is_shrunk_to_a_short_story),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
