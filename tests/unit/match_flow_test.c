/* match_flow_test.c - a need from its list to its beans, as all want it. */
#include "tests/unit/match_trial.h"

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
    assert_true(text_is(t->said[1].scope, HERE "," STREET "," PARTNER(2)));
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
    assert_true(
        trial_says(t, "need.publish", "worker/intake/", need_published, &in));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_partner_is_proposed_with_its_reasons),
        cmocka_unit_test(a_served_need_is_posted_and_closed),
        cmocka_unit_test(an_issue_is_told_how_its_need_ended),
        cmocka_unit_test(a_need_of_several_places_is_shared_out),
    };

    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
