/* match_flow_test.c - a need from its list to its beans, and every refusal on
 * the way, said to the decide functions. */
#include "services/match/match.h"
#include "tests/unit/match_said.h"

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

static struct uuid id_of(const char *text)
{
    struct uuid id;

    assert_true(uuid_parse(text_of(text), &id));
    return id;
}

static int64_t at(const char *text)
{
    int64_t us;

    assert_true(instant_parse(text_of(text), &us));
    return us;
}

/* A market partner with one skill, here from March to December. */
static bool register_one(struct trial *t, const char *id, const char *home,
                         int64_t capacity, int64_t commitment)
{
    static struct text skill = TEXT("plumbing");
    static struct region_said serves = { KEY };
    struct window_said window = { at("2026-03-01T00:00+08:00"),
                                  at("2027-01-01T00:00+08:00") };
    struct partner_register in = {
        .partner = id_of(id),
        .name = text_of(id + 34),
        .kind = PARTNER_MARKET,
        .brand = BRAND_PROPERTY,
        .skills = { &skill, 1 },
        .serves = { &serves, 1 },
        .windows = { &window, 1 },
        .capacity = capacity,
        .commitment = commitment,
    };

    snprintf(in.home, sizeof(in.home), "%s", home);
    return say(t, "partner.register", DISPATCH, partner_registered,
                     &in);
}

static struct need_publish need_of(int64_t quantity)
{
    static struct text skill = TEXT("plumbing");

    return (struct need_publish){
        .title = TEXT("水管漏水"),
        .region = HERE,
        .skills = { &skill, 1 },
        .from = at("2026-03-04T09:00+08:00"),
        .to = at("2026-03-10T18:00+08:00"),
        .quantity = quantity,
    };
}

static struct trial *begin(void)
{
    struct trial *t = trial_new(&match, reference);

    trial_at(t, "2026-03-02T10:00+08:00"); /* a Monday */
    trial_is(t, PARTNER(1), KEY);
    return t;
}

/* Published by the street's clerk; a2 lives nearer than a1. */
static struct trial *with_need(int64_t quantity)
{
    struct need_publish in = need_of(quantity);
    struct trial *t = begin();

    assert_true(register_one(t, PARTNER(1), NEXT_DOOR, 2, 0));
    assert_true(register_one(t, PARTNER(2), HERE, 1, 0));
    trial_is(t, NEED, KEY);
    assert_true(say(t, "need.publish", CLERK, need_published, &in));
    return t;
}

static struct need *the_need(struct trial *t)
{
    struct match_state *state = t->batch.state;
    struct uuid id = id_of(NEED);

    return slots_find(&state->needs, &id, sizeof(id));
}

static struct partner *the_partner(struct trial *t, const char *text)
{
    struct match_state *state = t->batch.state;
    struct uuid id = id_of(text);

    return slots_find(&state->partners, &id, sizeof(id));
}

/* The match that this partner has of the need. */
static struct match *match_with(struct trial *t, const char *partner)
{
    for (struct match *m = the_need(t)->matches; m; m = m->next)
        if (m->partner == the_partner(t, partner))
            return m;
    fail_msg("no match with %s", partner);
    return NULL;
}

/* Each message has an id of its own: what it proposes is derived from it. */
static void next_message(struct trial *t)
{
    t->message.id.bytes[15]++;
}

static bool word(struct trial *t, const char *actor, decide_function *decide,
                 const struct match *m)
{
    struct match_word in = { .match = m->id };

    next_message(t);
    return say(t, "match.word", actor, decide, &in);
}

static bool decline(struct trial *t, const char *actor, const struct match *m,
                    const char *reason)
{
    struct match_decline in = { .match = m->id };

    snprintf(in.reason, sizeof(in.reason), "%s", reason);
    next_message(t);
    return say(t, "match.decline", actor, match_declined, &in);
}

static bool deliver(struct trial *t, const char *actor, const struct match *m)
{
    struct match_deliver in = { .match = m->id, .minutes = 95 };

    next_message(t);
    return say(t, "match.deliver", actor, match_delivered, &in);
}

static bool rate(struct trial *t, const char *actor, const struct match *m,
                 int64_t stars)
{
    struct match_rate in = { .match = m->id, .stars = stars };

    next_message(t);
    return say(t, "match.rate", actor, match_rated, &in);
}

static bool answer(struct trial *t, const struct match *m, const char *code)
{
    struct match_post_done in = {
        .subject = decision_uuid_text(&t->decision, &m->id),
        .code = text_of(code),
        .sentence = text_of(code[0] ? "已达上限" : ""),
        .beans = code[0] ? INT_ABSENT : 15,
    };

    next_message(t);
    return say(t, "match.post_done", "worker/ledger/",
                     match_post_answered, &in);
}

static bool look(struct trial *t, const struct uuid *subject)
{
    struct clock_passed in = {
        .subject = decision_uuid_text(&t->decision, subject),
    };

    next_message(t);
    return say(t, "clock.passed", "worker/match/", match_looked, &in);
}

/* Up to the rating, for its partner. */
static void serve_out(struct trial *t, struct match *m, const char *actor)
{
    assert_true(word(t, actor, match_accepted, m));
    assert_true(word(t, actor, match_served, m));
    assert_true(deliver(t, actor, m));
    assert_true(rate(t, CLERK, m, 5));
}

/* ---- the way that all want ---- */

static void the_best_partner_is_proposed_with_its_reasons(void **state)
{
    struct trial *t = with_need(1);

    (void)state;
    assert_said(t, 0, "need.published", "\"state\":\"published\"");
    /* (20*1000 + 30*900 + 10*1000 + 0 + 20*800) / 100 */
    assert_said(t, 1, "match.proposed", "\"score\":730");
    assert_said(t, 1, "match.proposed", "\"partner\":\"" PARTNER(2) "\"");
    assert_said(t, 1, "match.proposed",
                "{\"name\":\"near\",\"value\":900,\"weight\":30}");
    /* one working day, next day's close */
    assert_said(t, 1, "match.proposed", "\"due\":\"2026-03-03T09:30:00Z\"");
    assert_int_equal(t->count, 2);
    assert_true(text_is(t->said[1].scope,
                        HERE "," STREET "," PARTNER(2)));
    assert_true(uuid_equal(&t->said[1].id, &match_with(t, PARTNER(2))->id));
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 0);
    assert_int_equal(the_partner(t, PARTNER(1))->capacity_left, 2);
    trial_free(t);
}

static void a_served_need_is_posted_and_closed(void **state)
{
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2));

    (void)state;
    assert_true(word(t, AS(2), match_accepted, m));
    assert_said(t, 0, "match.accepted", "\"state\":\"accepted\"");
    assert_said(t, 1, "need.matched", "\"state\":\"matched\"");
    assert_true(word(t, AS(2), match_served, m));
    assert_said(t, 0, "match.serving", NULL);
    assert_true(the_partner(t, PARTNER(2))->last_served_us == t->message.at_us);
    assert_true(deliver(t, AS(2), m));
    assert_said(t, 0, "match.delivered", "\"minutes\":95");
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 1);
    assert_true(rate(t, CLERK, m, 4));
    assert_said(t, 0, "match.rated", "\"stars\":4");
    assert_said(t, 1, "ledger.post", "\"minutes\":95");
    assert_said(t, 1, "ledger.post", "\"member\":\"" PARTNER(2) "\"");
    assert_said(t, 1, "ledger.post", "\"activity\":\"" NEED "\"");
    assert_said(t, 1, "ledger.post", "\"reviewer\":\"c-1\"");
    assert_true(text_is(t->said[1].topic, "ledger.commands"));
    assert_true(text_is(trial_reply(&t->said[1]).type, "match.post_done"));
    assert_true(text_is(trial_reply(&t->said[1]).key, KEY));
    assert_int_equal(the_partner(t, PARTNER(2))->rating_sum, 4);
    assert_true(answer(t, m, ""));
    assert_said(t, 0, "match.posted", "\"beans\":15");
    assert_said(t, 1, "need.closed", "\"state\":\"closed\"");
    assert_int_equal(t->count, 2); /* no issue waits */
    trial_free(t);
}

static void an_issue_is_told_how_its_need_ended(void **state)
{
    struct need_publish in = need_of(1);
    struct trial *t = begin();

    (void)state;
    in.issue = id_of(ISSUE);
    snprintf(in.home, sizeof(in.home), HERE);
    assert_true(register_one(t, PARTNER(1), HERE, 1, 0));
    trial_is(t, NEED, KEY);
    assert_true(say(t, "need.publish", "worker/intake/",
                          need_published, &in));
    serve_out(t, match_with(t, PARTNER(1)), AS(1));
    assert_true(answer(t, match_with(t, PARTNER(1)), ""));
    assert_said(t, 2, "issue.route_done", "\"issue\":\"" ISSUE "\"");
    assert_said(t, 2, "issue.route_done", "\"route_id\":\"" NEED "\"");
    assert_said(t, 2, "issue.route_done", "\"outcome\":\"closed\"");
    assert_true(text_is(t->said[2].topic, "issue.commands"));
    assert_true(text_is(t->said[2].key, HERE));
    trial_free(t);
}

static void a_need_of_several_places_is_shared_out(void **state)
{
    struct trial *t = with_need(3);

    (void)state;
    /* a2 has one of three places: (20000 + 27000 + 3330 + 16000) / 100 = 663;
     * a1 two of three, but farther: (20000 + 18000 + 6660 + 16000) / 100 */
    assert_said(t, 1, "match.proposed", "\"partner\":\"" PARTNER(2) "\"");
    assert_said(t, 1, "match.proposed", "\"score\":663");
    assert_said(t, 1, "match.proposed", "\"takes\":1");
    assert_said(t, 2, "match.proposed", "\"partner\":\"" PARTNER(1) "\"");
    assert_said(t, 2, "match.proposed", "\"takes\":2");
    assert_int_equal(t->count, 3);
    assert_true(word(t, AS(2), match_accepted, match_with(t, PARTNER(2))));
    assert_int_equal(the_need(t)->state, NEED_PUBLISHED);
    assert_true(word(t, AS(1), match_accepted, match_with(t, PARTNER(1))));
    assert_int_equal(the_need(t)->state, NEED_MATCHED);
    trial_free(t);
}

/* ---- who does not want, or does not answer ---- */

static void declined_by_all_a_need_stays_published_and_says_so(void **state)
{
    struct trial *t = with_need(1);

    (void)state;
    assert_true(decline(t, AS(2), match_with(t, PARTNER(2)), "no_time"));
    assert_said(t, 0, "match.declined", "\"reason\":\"no_time\"");
    assert_said(t, 1, "match.proposed", "\"partner\":\"" PARTNER(1) "\"");
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 1);
    assert_true(decline(t, AS(1), match_with(t, PARTNER(1)), "too_far"));
    assert_said(t, 0, "match.declined", NULL);
    assert_said(t, 1, "need.waiting", "\"against\":{\"declined\":2}");
    assert_int_equal(t->count, 2);
    assert_int_equal(the_need(t)->state, NEED_PUBLISHED);
    assert_int_equal(the_partner(t, PARTNER(1))->capacity_left, 2);
    trial_free(t);
}

static void an_unanswered_proposal_expires_and_the_next_is_asked(void **state)
{
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2));
    int64_t look_before = m->waiting.look;

    (void)state;
    trial_at(t, "2026-03-03T17:29:59.999999+08:00");
    assert_true(look(t, &m->id));
    assert_int_equal(t->count, 0);
    assert_int_equal(m->waiting.look, look_before + 1);
    assert_true(m->changed);
    trial_at(t, "2026-03-03T17:30+08:00");
    assert_false(word(t, AS(2), match_accepted, m));
    assert_refused(t, "too_late");
    assert_true(look(t, &m->id));
    assert_said(t, 0, "match.expired", "\"reason\":\"no_answer\"");
    assert_said(t, 1, "match.proposed", "\"partner\":\"" PARTNER(1) "\"");
    assert_true(look(t, &m->id)); /* told twice */
    assert_int_equal(t->count, 0);
    trial_free(t);
}

static void who_gives_up_leaves_the_need_published_again(void **state)
{
    struct trial *t = with_need(1);

    (void)state;
    assert_true(word(t, AS(2), match_accepted, match_with(t, PARTNER(2))));
    assert_true(decline(t, AS(2), match_with(t, PARTNER(2)), "no_capacity"));
    assert_said(t, 0, "match.failed", "\"state\":\"failed\"");
    assert_said(t, 1, "need.reopened", "\"state\":\"published\"");
    assert_said(t, 2, "match.proposed", "\"partner\":\"" PARTNER(1) "\"");
    trial_free(t);
}

static void a_window_that_ends_unserved_expires_the_need(void **state)
{
    struct trial *t = with_need(2);

    (void)state;
    assert_true(word(t, AS(1), match_accepted, match_with(t, PARTNER(1))));
    trial_at(t, "2026-03-10T18:00+08:00");
    assert_true(look(t, &the_need(t)->id));
    assert_non_null(trial_find(t, "match.expired"));
    assert_non_null(trial_find(t, "match.failed"));
    assert_said(t, t->count - 1, "need.expired", "\"state\":\"expired\"");
    assert_int_equal(the_partner(t, PARTNER(1))->capacity_left, 2);
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 1);
    trial_free(t);
}

static void a_window_that_ends_amid_a_service_lets_it_end(void **state)
{
    struct trial *t = with_need(3);
    struct match *m = match_with(t, PARTNER(2));

    (void)state;
    assert_true(word(t, AS(2), match_accepted, m));
    assert_true(word(t, AS(2), match_served, m));
    trial_at(t, "2026-03-10T18:00+08:00");
    assert_true(look(t, &the_need(t)->id));
    assert_said(t, 0, "match.expired", "\"reason\":\"window_over\"");
    assert_said(t, 1, "need.matched", NULL);
    assert_int_equal(the_need(t)->quantity, 1);
    assert_true(deliver(t, AS(2), m));
    assert_true(rate(t, CLERK, m, 5));
    assert_true(answer(t, m, ""));
    assert_said(t, 1, "need.closed", NULL);
    trial_free(t);
}

static void a_withdrawn_need_lets_its_partners_go(void **state)
{
    struct need_withdraw in = { .need = id_of(NEED), .why = TEXT("已解决") };
    struct trial *t = with_need(1);

    (void)state;
    next_message(t);
    assert_true(say(t, "need.withdraw", CLERK, need_withdrawn, &in));
    assert_said(t, 0, "match.failed", "\"reason\":\"need_withdrawn\"");
    assert_said(t, 1, "need.withdrawn", "\"why\":\"已解决\"");
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 1);
    assert_false(say(t, "need.withdraw", CLERK, need_withdrawn, &in));
    assert_refused(t, "illegal_transition");
    trial_free(t);
}

static void beans_that_are_refused_keep_the_match_rated_with_why(void **state)
{
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2));

    (void)state;
    serve_out(t, m, AS(2));
    assert_false(rate(t, CLERK, m, 1));
    assert_refused(t, "already_rated");
    assert_true(answer(t, m, "cap"));
    assert_said(t, 0, "match.post_refused", "\"code\":\"cap\"");
    assert_int_equal(m->state, MATCH_RATED);
    assert_int_equal(the_need(t)->state, NEED_MATCHED);
    assert_true(rate(t, DISPATCH, m, 3));
    assert_non_null(trial_find(t, "ledger.post"));
    assert_int_equal(m->partner->rating_sum, 3);
    assert_int_equal(m->partner->rating_count, 1);
    assert_true(answer(t, m, ""));
    assert_int_equal(m->state, MATCH_POSTED);
    trial_free(t);
}

/* ---- refusals ---- */

static void what_cannot_be_a_need_is_refused(void **state)
{
    struct need_publish cases[5];
    static const char *const actors[] = {
        CLERK, CLERK, CLERK, CLERK, "street_clerk/530103008000/c-2" };
    static const char *const codes[] = {
        "enforcement", "unknown_region", "bad_window", "window_over",
        "not_yours" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cases[i] = need_of(1);
    cases[0].enforcement = true;
    snprintf(cases[1].region, REGION_BYTES, "530103003999");
    cases[2].from = cases[2].to;
    cases[3].from = at("2026-03-01T00:00Z");
    cases[3].to = at("2026-03-02T10:00+08:00");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = begin();

        trial_is(t, NEED, KEY);
        assert_false(say(t, "need.publish", actors[i], need_published,
                               &cases[i]));
        assert_refused(t, codes[i]);
        assert_null(the_need(t));
        trial_free(t);
    }
}

static void a_word_out_of_turn_is_refused_and_changes_nothing(void **state)
{
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2)), nobody = { 0 };
    int64_t version = m->version;

    (void)state;
    assert_false(word(t, AS(1), match_accepted, m));
    assert_refused(t, "not_yours");
    assert_false(word(t, AS(2), match_accepted, &nobody));
    assert_refused(t, "unknown_match");
    assert_false(word(t, AS(2), match_served, m));
    assert_refused(t, "illegal_transition");
    assert_false(deliver(t, AS(2), m));
    assert_refused(t, "illegal_transition");
    assert_false(rate(t, CLERK, m, 5));
    assert_refused(t, "illegal_transition");
    assert_false(decline(t, AS(2), m, "bored"));
    assert_refused(t, "unknown_reason");
    assert_int_equal(m->version, version);
    assert_int_equal(m->state, MATCH_PROPOSED);
    assert_true(word(t, AS(2), match_accepted, m));
    assert_true(word(t, AS(2), match_served, m));
    assert_true(deliver(t, AS(2), m));
    assert_false(rate(t, "community/530103008001/x", m, 5));
    assert_refused(t, "not_yours");
    trial_free(t);
}

static void a_service_that_has_begun_holds_its_need_and_its_partner(
    void **state)
{
    struct need_withdraw in = { .need = id_of(NEED), .why = TEXT("不要了") };
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2));

    (void)state;
    assert_true(word(t, AS(2), match_accepted, m));
    assert_true(word(t, AS(2), match_served, m));
    assert_false(say(t, "need.withdraw", CLERK, need_withdrawn, &in));
    assert_refused(t, "service_begun");
    assert_false(register_one(t, PARTNER(2), HERE, 0, 0));
    assert_refused(t, "capacity_in_use");
    assert_true(register_one(t, PARTNER(2), HERE, 4, 9));
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 3);
    assert_int_equal(the_partner(t, PARTNER(2))->commitment_left, 9);
    trial_free(t);
}

static void what_a_partner_promised_is_drawn_and_given_back(void **state)
{
    struct need_publish in = need_of(2);
    struct trial *t = begin();
    struct partner *p;

    (void)state;
    assert_true(register_one(t, PARTNER(1), HERE, 5, 1));
    p = the_partner(t, PARTNER(1));
    trial_is(t, NEED, KEY);
    assert_true(say(t, "need.publish", CLERK, need_published, &in));
    assert_said(t, 1, "match.proposed",
                "{\"name\":\"commitment\",\"value\":500,\"weight\":20}");
    assert_int_equal(p->commitment_left, 0);
    assert_true(decline(t, AS(1), match_with(t, PARTNER(1)), "other"));
    assert_int_equal(p->commitment_left, 1);
    assert_int_equal(p->capacity_left, 5);
    trial_free(t);
}

static void an_offer_is_listed_until_its_window_is_over(void **state)
{
    struct offer_publish in = {
        .partner = id_of(PARTNER(1)),
        .title = TEXT("义诊"),
        .quantity = 2,
        .from = at("2026-03-07T09:00+08:00"),
        .to = at("2026-03-08T17:00+08:00"),
        .region = STREET,
    };
    struct trial *t = begin();
    struct uuid id = id_of(NEED);

    (void)state;
    trial_is(t, NEED, KEY);
    assert_false(say(t, "offer.publish", AS(1), offer_published, &in));
    assert_refused(t, "unknown_partner");
    assert_true(register_one(t, PARTNER(1), HERE, 1, 0));
    assert_false(say(t, "offer.publish", AS(2), offer_published, &in));
    assert_refused(t, "not_yours");
    assert_true(say(t, "offer.publish", AS(1), offer_published, &in));
    assert_said(t, 0, "offer.published", "\"quantity\":2");
    trial_at(t, "2026-03-08T17:00+08:00");
    assert_true(look(t, &id));
    assert_said(t, 0, "offer.expired", "\"state\":\"expired\"");
    trial_free(t);
}

static int load_reference(void **state)
{
    (void)state;
    reference = trial_reference(NULL);
    return reference ? 0 : -1;
}

static int free_reference(void **state)
{
    (void)state;
    reference_free(reference);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_partner_is_proposed_with_its_reasons),
        cmocka_unit_test(a_served_need_is_posted_and_closed),
        cmocka_unit_test(an_issue_is_told_how_its_need_ended),
        cmocka_unit_test(a_need_of_several_places_is_shared_out),
        cmocka_unit_test(declined_by_all_a_need_stays_published_and_says_so),
        cmocka_unit_test(an_unanswered_proposal_expires_and_the_next_is_asked),
        cmocka_unit_test(who_gives_up_leaves_the_need_published_again),
        cmocka_unit_test(a_window_that_ends_unserved_expires_the_need),
        cmocka_unit_test(a_window_that_ends_amid_a_service_lets_it_end),
        cmocka_unit_test(a_withdrawn_need_lets_its_partners_go),
        cmocka_unit_test(beans_that_are_refused_keep_the_match_rated_with_why),
        cmocka_unit_test(what_cannot_be_a_need_is_refused),
        cmocka_unit_test(a_word_out_of_turn_is_refused_and_changes_nothing),
        cmocka_unit_test(
            a_service_that_has_begun_holds_its_need_and_its_partner),
        cmocka_unit_test(what_a_partner_promised_is_drawn_and_given_back),
        cmocka_unit_test(an_offer_is_listed_until_its_window_is_over),
    };

    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
