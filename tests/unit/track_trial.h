/* track_trial.h - says task commands to the rules of track, as the loop does:
 * rights first, and what was said must fit its schema. */
#ifndef BAODAO_TESTS_TRACK_TRIAL_H
#define BAODAO_TESTS_TRACK_TRIAL_H

#include "tests/unit/fits.h"

#include "common/city/actor.h"
#include "services/track/clocks.h"
#include "services/track/messages.h"
#include "services/track/task.h"

#define WHISTLE "019cab12-3400-7000-8000-0000000000a1"
#define STREET "530103003000"
#define LEAD "CGJ"
#define ASSIST "ZRZY"
#define OFFICER_OF(office) "officer/" office "/o-" office "-1"
#define CLERK "street_clerk/" STREET "/s-1"
#define DISTRICT "district_dispatch/530103/d-1"
#define WORKER "worker/dispatch/"

static const struct service track_service = {
    .name = "track",
    .topic = "task.commands",
    .events = "task.events",
    .thing = "task",
    .state_size = sizeof(struct lane_batch),
    .begin = lanes_begin,
};

static const struct {
    const char *type;
    decide_function *decide;
} track_rules[] = {
    {"task.assign", task_assign},
    {"task.hand", task_hand},
    {"task.cancel", task_cancel},
    {"task.claim", task_claim},
    {"task.hand_over", task_hand_over},
    {"task.take_back", task_take_back},
    {"task.reassign_failed", task_reassign_failed},
    {"task.sign", task_sign},
    {"task.contact", task_contact},
    {"task.arrive", task_arrive},
    {"task.start", task_start},
    {"task.complete_stage", task_complete_stage},
    {"task.report", task_report},
    {"task.return", task_return},
    {"task.rule", task_rule},
    {"task.accept", task_accept},
    {"task.rework", task_rework},
    {"task.excuse", task_excuse},
    {"task.suspend", task_suspend},
    {"task.resume", task_resume},
    {"task.extend", task_extend},
    {"task.grant", task_grant},
    {"task.deny", task_deny},
    {"clock.passed", task_clock_passed},
    {"reference.changed", task_reference_changed},
};

static const char *track_matter = "E0101"; /* of what is assigned */
static struct reference *track_reference; /* the repository's, version 1 */

static inline bool track_say(struct trial *t, const char *type,
                             const char *actor, const void *in)
{
    struct text rest;
    struct actor who;
    size_t i = 0;

    who.role = text_cut(text_of(actor), '/', &rest);
    who.office = text_cut(rest, '/', &rest);
    who.person = rest;
    t->err = (struct err){0};
    t->count = 0;
    if (!actor_may(text_of(type), &who, &t->err))
        return false;
    while (strcmp(track_rules[i].type, type) != 0)
        assert_true(++i < COUNT_OF(track_rules));
    return trial_says(t, type, actor, track_rules[i].decide, in);
}

#define MUST_SAY(t, type, actor, in)                                           \
    do {                                                                       \
        if (!track_say(t, type, actor, in))                                    \
            fail_msg("%s: %s %s", type, (t)->err.code, (t)->err.sentence);     \
    } while (0)

static inline struct lane_name lane_called(const char *office)
{
    struct lane_name name = {.round = 1};

    assert_true(uuid_parse(text_of(WHISTLE), &name.whistle));
    assert_true(text_copy(text_of(office), name.office, sizeof(name.office)));
    return name;
}

static inline struct lane *lane_in(struct trial *t, const char *office)
{
    struct lane_name name = lane_called(office);
    struct lane_batch *b = t->batch.state;

    return lane_find(slots_find(&b->cases, &name.whistle, sizeof(name.whistle)),
                     1, office);
}

/* A task.assign of one round; replaces may be "". */
static inline bool track_assign(struct trial *t, const char *kind,
                                int64_t start_us, struct task_call *calls,
                                size_t count)
{
    struct task_assign in = {
        .round = 1,
        .number = "哨20260302-03-0042",
        .region = "530103003001",
        .street = STREET,
        .reference_version = 1,
        .start = start_us,
        .lanes = {calls, count},
    };

    in.whistle = lane_called("").whistle;
    assert_true(text_copy(text_of(kind), in.kind, sizeof(in.kind)));
    assert_true(text_copy(text_of(track_matter), in.matter,
                          sizeof(in.matter)));
    return track_say(t, "task.assign", WORKER, &in);
}

/* A whistle of a kind, issued at a time: LEAD and ASSIST are called. */
static inline struct trial *track_issued(const char *kind, const char *at)
{
    static struct task_call calls[] = {
        {.office = LEAD, .role = LANE_LEAD},
        {.office = ASSIST, .role = LANE_ASSIST},
    };
    struct trial *t = trial_new(&track_service, track_reference);
    struct uuid whistle = lane_called("").whistle;
    struct lane_batch *b = t->batch.state;

    trial_is(t, WHISTLE, WHISTLE);
    trial_at(t, at);
    (void)slots_get(&b->cases, &whistle, sizeof(whistle),
                    sizeof(struct lane_case), NULL);
    t->message.holders = text_of(LEAD "=o-CGJ-1;" ASSIST "=o-ZRZY-1");
    if (!track_assign(t, kind, t->message.at_us, calls, COUNT_OF(calls)))
        fail_msg("%s %s", t->err.code, t->err.sentence);
    t->message.holders = text_of("");
    return t;
}

static inline struct task_stage stage_in(const char *office)
{
    return (struct task_stage){
        .lane = lane_called(office),
        .lng = INT_ABSENT,
        .lat = INT_ABSENT,
    };
}

static inline struct task_report report_in(const char *office)
{
    return (struct task_report){
        .lane = lane_called(office),
        .internal = TEXT("内部说明"),
        .answer = TEXT("公开答复"),
        .received_at = INT64_C(1772412300000000),
        .contacted = TEXT("社区网格员"),
        .measure = TEXT("现场处置"),
        .limit_note = TEXT("三个工作日"),
    };
}

static inline struct task_return return_in(const char *office)
{
    return (struct task_return){
        .lane = lane_called(office),
        .reason = "not_our_duty",
        .evidence = TEXT("三定方案"),
    };
}

static inline struct task_rule rule_in(const char *office, int ruling,
                                       const char *to)
{
    struct task_rule in = {
        .lane = lane_called(office),
        .ruling = ruling,
        .note = TEXT("裁定"),
    };

    assert_true(text_copy(text_of(to), in.to, sizeof(in.to)));
    return in;
}

static inline struct task_accept accept_in(const char *office)
{
    return (struct task_accept){
        .lane = lane_called(office),
        .score_report_in = 95,
        .score_handling = 90,
        .score_result = 100,
        .bonus = INT_ABSENT,
        .deduction = INT_ABSENT,
    };
}

static inline struct task_suspend suspend_in(const char *office,
                                             const char *review)
{
    struct task_suspend in = {.lane = lane_called(office), .reason = "winter"};

    assert_true(date_parse(text_of(review), &in.review));
    return in;
}

static inline struct task_extend extend_in(const char *office,
                                           const char *to_date)
{
    struct task_extend in = {.lane = lane_called(office),
                             .reason = "parts",
                             .add = INT_ABSENT};

    assert_true(date_parse(text_of(to_date), &in.to_date));
    return in;
}

/* Lives as long as the batch: a report keeps who gave it. */
static inline const char *officer_of(struct trial *t, const char *office)
{
    return arena_print(&t->batch.arena, "officer/%s/o-%s-1", office, office)
        .bytes;
}

/* Sign, contact and arrive of an office, at the trial's time. */
static inline void track_arrive(struct trial *t, const char *office)
{
    const struct task_stage in = stage_in(office);
    const char *actor = officer_of(t, office);

    MUST_SAY(t, "task.sign", actor, &in);
    MUST_SAY(t, "task.contact", actor, &in);
    MUST_SAY(t, "task.arrive", actor, &in);
}

static inline void track_report(struct trial *t, const char *office)
{
    const struct task_report in = report_in(office);
    const char *actor = officer_of(t, office);

    MUST_SAY(t, "task.report", actor, &in);
}

static inline int track_setup(void **state)
{
    (void)state;
    track_reference = trial_reference(NULL);
    return 0;
}

static inline int track_teardown(void **state)
{
    (void)state;
    reference_free(track_reference);
    return 0;
}

#endif
