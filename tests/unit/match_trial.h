/*
 * match_trial.h - a need, two partners and their words, for the tests of
 * match's rules. Include it in one file of a program only.
 */
#ifndef BAODAO_TESTS_MATCH_TRIAL_H
#define BAODAO_TESTS_MATCH_TRIAL_H

#include "services/match/match.h"
#include "tests/unit/fits.h"

#define HERE "530103003001"
#define STREET "530103003000"
#define NEXT_DOOR "530103003002"
#define KEY "530103"
#define NEED "0199a0c1-7000-7000-8000-0000000000b1"
#define ISSUE "0199a0c1-7000-7000-8000-0000000000f1"
#define CLERK "street_clerk/" STREET "/c-1"
#define DISPATCH "district_dispatch/" KEY "/d-1"
#define PARTNER(n) "0199a0c1-7000-7000-8000-0000000000a" #n
#define AS(n) "partner/" PARTNER(n) "/p-" #n

static struct reference *reference;

static const struct service match = {
    .name = "match",
    .topic = "match.commands",
    .events = "match.events",
    .thing = "match",
    .state_size = sizeof(struct match_state),
    .begin = matches_begin,
};

static inline struct uuid id_of(const char *text)
{
    struct uuid id;

    assert_true(uuid_parse(text_of(text), &id));
    return id;
}

static inline int64_t at(const char *text)
{
    int64_t us;

    assert_true(instant_parse(text_of(text), &us));
    return us;
}

/* A market partner with one skill, here from March to December. */
static inline bool register_one(struct trial *t, const char *id,
                                const char *home, int64_t capacity,
                                int64_t commitment)
{
    static struct text skill = TEXT("plumbing");
    static struct region_said serves = {KEY};
    struct window_said window = {at("2026-03-01T00:00+08:00"),
                                 at("2027-01-01T00:00+08:00")};
    struct partner_register in = {
        .partner = id_of(id),
        .name = text_of(id + 34),
        .kind = PARTNER_MARKET,
        .brand = BRAND_PROPERTY,
        .skills = {&skill, 1},
        .serves = {&serves, 1},
        .windows = {&window, 1},
        .capacity = capacity,
        .commitment = commitment,
    };

    snprintf(in.home, sizeof(in.home), "%s", home);
    return trial_says(t, "partner.register", DISPATCH, partner_registered, &in);
}

static inline struct need_publish need_of(int64_t quantity)
{
    static struct text skill = TEXT("plumbing");

    return (struct need_publish){
        .title = TEXT("水管漏水"),
        .region = HERE,
        .skills = {&skill, 1},
        .from = at("2026-03-04T09:00+08:00"),
        .to = at("2026-03-10T18:00+08:00"),
        .quantity = quantity,
    };
}

static inline struct trial *begin(void)
{
    struct trial *t = trial_new(&match, reference);

    trial_at(t, "2026-03-02T10:00+08:00"); /* a Monday */
    trial_is(t, PARTNER(1), KEY);
    return t;
}

/* Published by the street's clerk; a2 lives nearer than a1. */
static inline struct trial *with_need(int64_t quantity)
{
    struct need_publish in = need_of(quantity);
    struct trial *t = begin();

    assert_true(register_one(t, PARTNER(1), NEXT_DOOR, 2, 0));
    assert_true(register_one(t, PARTNER(2), HERE, 1, 0));
    trial_is(t, NEED, KEY);
    assert_true(trial_says(t, "need.publish", CLERK, need_published, &in));
    return t;
}

static inline struct need *the_need(struct trial *t)
{
    struct match_state *state = t->batch.state;
    struct uuid id = id_of(NEED);

    return slots_find(&state->needs, &id, sizeof(id));
}

static inline struct partner *the_partner(struct trial *t, const char *text)
{
    struct match_state *state = t->batch.state;
    struct uuid id = id_of(text);

    return slots_find(&state->partners, &id, sizeof(id));
}

/* The match that this partner has of the need. */
static inline struct match *match_with(struct trial *t, const char *partner)
{
    for (struct match *m = the_need(t)->matches; m; m = m->next)
        if (m->partner == the_partner(t, partner))
            return m;
    fail_msg("no match with %s", partner);
    return NULL;
}

/* Each message has an id of its own: what it proposes is derived from it. */
static inline void next_message(struct trial *t)
{
    t->message.id.bytes[15]++;
}

static inline bool word(struct trial *t, const char *actor,
                        decide_function *decide, const struct match *m)
{
    struct match_word in = {.match = m->id};

    next_message(t);
    return trial_says(t, "match.word", actor, decide, &in);
}

static inline bool decline(struct trial *t, const char *actor,
                           const struct match *m, const char *reason)
{
    struct match_decline in = {.match = m->id};

    snprintf(in.reason, sizeof(in.reason), "%s", reason);
    next_message(t);
    return trial_says(t, "match.decline", actor, match_declined, &in);
}

static inline bool deliver(struct trial *t, const char *actor,
                           const struct match *m)
{
    struct match_deliver in = {.match = m->id, .minutes = 95};

    next_message(t);
    return trial_says(t, "match.deliver", actor, match_delivered, &in);
}

static inline bool rate(struct trial *t, const char *actor,
                        const struct match *m, int64_t stars)
{
    struct match_rate in = {.match = m->id, .stars = stars};

    next_message(t);
    return trial_says(t, "match.rate", actor, match_rated, &in);
}

static inline bool answer(struct trial *t, const struct match *m,
                          const char *code)
{
    struct match_post_done in = {
        .subject = decision_uuid_text(&t->decision, &m->id),
        .code = text_of(code),
        .sentence = text_of(code[0] ? "已达上限" : ""),
        .beans = code[0] ? INT_ABSENT : 15,
    };

    next_message(t);
    return trial_says(t, "match.post_done", "worker/ledger/", match_post_answered,
               &in);
}

static inline bool look(struct trial *t, const struct uuid *subject)
{
    struct clock_passed in = {
        .subject = decision_uuid_text(&t->decision, subject),
    };

    next_message(t);
    return trial_says(t, "clock.passed", "worker/match/", match_looked, &in);
}

/* Up to the rating, for its partner. */
static inline void serve_out(struct trial *t, struct match *m,
                             const char *actor)
{
    assert_true(word(t, actor, match_accepted, m));
    assert_true(word(t, actor, match_served, m));
    assert_true(deliver(t, actor, m));
    assert_true(rate(t, CLERK, m, 5));
}

static inline int load_reference(void **state)
{
    (void)state;
    reference = trial_reference(NULL);
    return reference ? 0 : -1;
}

static inline int free_reference(void **state)
{
    (void)state;
    reference_free(reference);
    return 0;
}

#endif
