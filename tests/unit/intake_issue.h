/*
 * intake_issue.h - a desk, a resident and one issue, for tests of intake's
 * rules; with the repository's own reference data.
 */
#ifndef BAODAO_TESTS_INTAKE_ISSUE_H
#define BAODAO_TESTS_INTAKE_ISSUE_H

#include "services/intake/issue.h"
#include "tests/unit/fits.h"
#include "tests/unit/must.h"

#define HOME "530103003001"
#define STREET "530103003000"
#define ELSEWHERE "530103001000"
#define ISSUE_ID "019cab12-3400-7000-8000-00000000000a"
#define OTHER_ID "019cab12-3400-7000-8000-00000000000b"
#define STRANGE_ID "019cab12-3400-7000-8000-0000000000ff"
#define RESIDENT "resident//r-17"
#define COMMUNITY "community/" HOME "/c-1"
#define CLERK "street_clerk/" STREET "/k-1"
#define WORKER "worker/dispatch/"

static struct reference *reference;
static struct trial *t;

static const struct service intake_trial = {
    .name = "intake",
    .topic = "issue.commands",
    .events = "issue.events",
    .thing = "issue",
    .state_size = sizeof(struct issues),
    .begin = issues_begin,
};

static inline int desk_opens(void **state)
{
    (void)state;
    reference = trial_reference(NULL);
    return 0;
}

static inline int desk_closes(void **state)
{
    (void)state;
    reference_free(reference);
    return 0;
}

static inline bool say(const char *type, const char *actor,
                       decide_function *decide, const void *in)
{
    return trial_says(t, type, actor, decide, in);
}

/* A Monday morning; messages are about ISSUE_ID from here on. */
static inline int morning(void **state)
{
    (void)state;
    t = trial_new(&intake_trial, reference);
    trial_at(t, "2026-03-02T08:30+08:00");
    trial_is(t, ISSUE_ID, HOME);
    return 0;
}

static inline int evening(void **state)
{
    (void)state;
    trial_free(t);
    return 0;
}

static inline struct uuid id_of(const char *text)
{
    struct uuid id;

    assert_true(uuid_parse(text_of(text), &id));
    return id;
}

static inline struct issue *issue_of(const char *id)
{
    const struct issues *state = t->batch.state;
    struct uuid key = id_of(id);

    return slots_find(&state->issues, &key, sizeof(key));
}

static inline void assert_instant(int64_t at_us, const char *expected)
{
    char text[INSTANT_TEXT_SIZE] = "none";

    if (at_us != INSTANT_NONE)
        instant_print_shanghai(at_us, text);
    assert_string_equal(text, expected);
}

static inline struct issue_raise words(void)
{
    return (struct issue_raise){
        .home = HOME,
        .title = TEXT("楼下夜间烧烤油烟扰民"),
        .text = TEXT("每晚十点以后油烟很大。"),
        .place = TEXT("晓东路 12 号"),
        .lng = 102745000,
        .lat = INT_ABSENT,
        .name_masked = TEXT("李*"),
        .phone_masked = TEXT("138****0017"),
    };
}

static inline bool raise_it(void)
{
    struct issue_raise in = words();

    return say("issue.raise", RESIDENT, issue_raise, &in);
}

static inline bool accept_it(const char *actor)
{
    struct issue_accept in = {
        .issue = id_of(ISSUE_ID), .matter = "E0102", .class = "ordinary"};

    return say("issue.accept", actor, issue_accept, &in);
}

static inline bool route_it(int route)
{
    static struct text assists[] = {{"GAJ", 3}};
    static struct text skills[] = {{"electrician", 11}};
    struct issue_route in = {.issue = id_of(ISSUE_ID), .route = route};

    if (route == ROUTE_WHISTLED)
        in.whistle = (struct issue_whistle){
            .kind = "enforcement",
            .facts = TEXT("夜间占道烧烤。"),
            .assists = {assists, 1},
        };
    if (route == ROUTE_MATCHING)
        in.need = (struct issue_need){
            .title = TEXT("家电维修"),
            .skills = {skills, 1},
            .from = 1,
            .to = 2,
            .quantity = 1,
        };
    return say("issue.route", CLERK, issue_route, &in);
}

static inline bool handle_it(void)
{
    struct issue_handle in = {.issue = id_of(ISSUE_ID),
                              .answer = TEXT("已修复。")};

    return say("issue.handle", COMMUNITY, issue_handle, &in);
}

/* An answer of -1 is none. */
static inline bool call_back(int contacted, int solved, int satisfied)
{
    struct issue_callback in = {.issue = id_of(ISSUE_ID),
                                .contacted = contacted,
                                .solved = solved,
                                .satisfied = satisfied};

    return say("issue.callback", COMMUNITY, issue_callback, &in);
}

static inline bool reopen_it(const char *actor)
{
    struct issue_reopen in = {.issue = id_of(ISSUE_ID),
                              .why = TEXT("又出现了。")};

    return say("issue.reopen", actor, issue_reopen, &in);
}

/* The case or need of the issue has ended. */
static inline bool route_ends(int outcome)
{
    struct issue_route_done in = {.issue = id_of(ISSUE_ID),
                                  .route_id = issue_of(ISSUE_ID)->route_id,
                                  .outcome = outcome,
                                  .answer = TEXT("摊位已清理。")};

    return say("issue.route_done", WORKER, issue_route_done, &in);
}

static inline bool clock_passes(int64_t look)
{
    struct clock_passed in = {.subject = TEXT(ISSUE_ID),
                              .due = issue_of(ISSUE_ID)->next_due_us,
                              .look = look};

    return say("clock.passed", "worker/intake/", issue_clock_passed, &in);
}

#define A_MORNING(test) cmocka_unit_test_setup_teardown(test, morning, evening)

#endif
