/* dispatch_trial.h - a whistle of Donghua street for tests of dispatch's
 * rules, and who acts in them. Include in one file of a test program. */
#ifndef BAODAO_TESTS_DISPATCH_TRIAL_H
#define BAODAO_TESTS_DISPATCH_TRIAL_H

#include "tests/unit/fits.h"

#include "services/dispatch/whistle.h"

#define WHISTLE "019cab12-3400-7000-8000-0000000000b1"
#define ISSUE "019cab12-3400-7000-8000-00000000000a"
#define STREET "530103003000"
#define COMMUNITY "530103003001"

#define CLERK "street_clerk/" STREET "/k-1"
#define LEAD "street_lead/" STREET "/l-1"
#define OTHER_LEAD "street_lead/530103001000/l-9"
#define DISTRICT "district_lead/530103/d-1"
#define INTAKE "worker/intake/"
#define TRACK "worker/track/"

static const struct service dispatch = {
    .name = "dispatch",
    .topic = "whistle.commands",
    .events = "whistle.events",
    .thing = "whistle",
    .state_size = sizeof(struct dispatch_state),
    .begin = whistles_begin,
};

static struct reference *reference;

static int begin_reference(void **state)
{
    (void)state;
    reference = trial_reference(NULL);
    return 0;
}

static int end_reference(void **state)
{
    (void)state;
    reference_free(reference);
    return 0;
}

static inline struct trial *begin(void)
{
    struct trial *t = trial_new(&dispatch, reference);

    trial_at(t, "2026-03-02T08:30+08:00");
    trial_is(t, WHISTLE, WHISTLE);
    return t;
}

static inline bool say(struct trial *t, const char *type, const char *actor,
                       decide_function *decide, const void *in)
{
    return trial_says(t, type, actor, decide, in);
}

static inline struct uuid id_of(const char *text)
{
    struct uuid id = {{0}};

    assert_true(uuid_parse(text_of(text), &id));
    return id;
}

/* A sound draft of kind enforcement. */
static inline struct draft_in a_draft(void)
{
    return (struct draft_in){
        .kind = "enforcement",
        .matter = "P0105",
        .region = COMMUNITY,
        .street = STREET,
        .facts = TEXT("夜间占道烧烤,屡劝不改。"),
        .lng = INT_ABSENT,
        .lat = INT_ABSENT,
        .meet_at = INSTANT_NONE,
    };
}

static inline void say_draft(struct trial *t, const struct draft_in *in,
                             const char *actor)
{
    const void *kept = arena_copy(&t->batch.arena, in, sizeof(*in));

    if (!say(t, "whistle.draft", actor, whistle_draft, kept))
        fail_msg("draft: %s %s", t->err.code, t->err.sentence);
}

static inline struct whistle *the_whistle(struct trial *t)
{
    struct dispatch_state *s = t->batch.state;
    struct uuid id = id_of(WHISTLE);

    return slots_find(&s->whistles, &id, sizeof(id));
}

/* The longest command has less behind its whistle. */
struct plain {
    struct uuid whistle;
    char rest[4096];
};

/* A command that needs no more than its whistle. */
static inline bool say_plain(struct trial *t, const char *type,
                             const char *actor, decide_function *decide)
{
    static struct plain in;

    in.whistle = id_of(WHISTLE);
    return say(t, type, actor, decide, &in);
}

/* Submitted by the clerk, approved by the lead: round 1 is open. */
static inline struct trial *begin_issued(bool from_issue)
{
    struct draft_in in = a_draft();
    struct trial *t = begin();

    if (from_issue) {
        in.issue = id_of(ISSUE);
        assert_true(text_copy(TEXT(COMMUNITY), in.home, sizeof(in.home)));
    }
    in.submit = true;
    say_draft(t, &in, CLERK);
    assert_true(say_plain(t, "whistle.approve", LEAD, whistle_approve));
    return t;
}

static inline bool say_lane(struct trial *t, int64_t round, const char *office,
                            enum lane_fact fact)
{
    struct lane_in *in = arena_give(&t->batch.arena, sizeof(*in));

    in->whistle = id_of(WHISTLE);
    in->round = round;
    in->fact = fact;
    assert_true(text_copy(text_of(office), in->office, sizeof(in->office)));
    assert_true(text_copy(TEXT("o-1"), in->officer, sizeof(in->officer)));
    return say(t, "whistle.lane", TRACK, whistle_lane, in);
}

static inline bool say_conclude(struct trial *t, enum outcome outcome)
{
    struct conclude_in in = {
        .whistle = id_of(WHISTLE),
        .minutes = TEXT("三日内清理"),
        .outcome = outcome,
    };

    return say(t, "whistle.conclude", CLERK, whistle_conclude, &in);
}

#endif
