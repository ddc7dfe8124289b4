/* match_refusal_test.c - who does not want, does not answer, or may not. */
#include "tests/unit/match_trial.h"

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
    struct need_withdraw in = {.need = id_of(NEED), .why = TEXT("已解决")};
    struct trial *t = with_need(1);

    (void)state;
    next_message(t);
    assert_true(trial_says(t, "need.withdraw", CLERK, need_withdrawn, &in));
    assert_said(t, 0, "match.failed", "\"reason\":\"need_withdrawn\"");
    assert_said(t, 1, "need.withdrawn", "\"why\":\"已解决\"");
    assert_int_equal(the_partner(t, PARTNER(2))->capacity_left, 1);
    assert_false(trial_says(t, "need.withdraw", CLERK, need_withdrawn, &in));
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
    struct need_publish cases[6];
    static const char *const actors[] = {
        CLERK,           CLERK, CLERK, CLERK, "street_clerk/530103008000/c-2",
        "worker/intake/"};
    static const char *const codes[] = {"enforcement", "unknown_region",
                                        "bad_window",  "window_over",
                                        "not_yours",   "required"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cases[i] = need_of(1);
    cases[0].enforcement = true;
    snprintf(cases[1].region, REGION_BYTES, "530103003999");
    cases[2].from = cases[2].to;
    cases[3].from = at("2026-03-01T00:00Z");
    cases[3].to = at("2026-03-02T10:00+08:00");
    cases[5].issue = id_of(ISSUE);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = begin();

        trial_is(t, NEED, KEY);
        assert_false(
            trial_says(t, "need.publish", actors[i], need_published, &cases[i]));
        assert_refused(t, codes[i]);
        assert_null(the_need(t));
        trial_free(t);
    }
}

static void a_word_out_of_turn_is_refused_and_changes_nothing(void **state)
{
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2)), nobody = {0};
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

static void a_service_that_has_begun_is_seen_through(void **state)
{
    struct need_withdraw in = {.need = id_of(NEED), .why = TEXT("不要了")};
    struct trial *t = with_need(1);
    struct match *m = match_with(t, PARTNER(2));

    (void)state;
    assert_true(word(t, AS(2), match_accepted, m));
    assert_true(word(t, AS(2), match_served, m));
    assert_false(trial_says(t, "need.withdraw", CLERK, need_withdrawn, &in));
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
    assert_true(trial_says(t, "need.publish", CLERK, need_published, &in));
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
    assert_false(trial_says(t, "offer.publish", AS(1), offer_published, &in));
    assert_refused(t, "unknown_partner");
    assert_true(register_one(t, PARTNER(1), HERE, 1, 0));
    assert_false(trial_says(t, "offer.publish", AS(2), offer_published, &in));
    assert_refused(t, "not_yours");
    assert_true(trial_says(t, "offer.publish", AS(1), offer_published, &in));
    assert_said(t, 0, "offer.published", "\"quantity\":2");
    trial_at(t, "2026-03-08T17:00+08:00");
    assert_true(look(t, &id));
    assert_said(t, 0, "offer.expired", "\"state\":\"expired\"");
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declined_by_all_a_need_stays_published_and_says_so),
        cmocka_unit_test(an_unanswered_proposal_expires_and_the_next_is_asked),
        cmocka_unit_test(who_gives_up_leaves_the_need_published_again),
        cmocka_unit_test(a_window_that_ends_unserved_expires_the_need),
        cmocka_unit_test(a_window_that_ends_amid_a_service_lets_it_end),
        cmocka_unit_test(a_withdrawn_need_lets_its_partners_go),
        cmocka_unit_test(beans_that_are_refused_keep_the_match_rated_with_why),
        cmocka_unit_test(what_cannot_be_a_need_is_refused),
        cmocka_unit_test(a_word_out_of_turn_is_refused_and_changes_nothing),
        cmocka_unit_test(what_a_partner_promised_is_drawn_and_given_back),
        cmocka_unit_test(a_service_that_has_begun_is_seen_through),
        cmocka_unit_test(an_offer_is_listed_until_its_window_is_over),
    };

    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
