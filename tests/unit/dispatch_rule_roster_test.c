/* dispatch_rule_roster_test.c - duty and leave of officers. */
#include "tests/unit/dispatch_trial.h"

static struct duty_in a_duty(const char *office)
{
    struct duty_in in = {.officer = "cgj-01",
                         .name = "李雯(样例)",
                         .on_duty = true,
                         .capacity = 4};

    assert_true(text_copy(text_of(office), in.office, sizeof(in.office)));
    return in;
}

static struct leave_in a_leave(const char *officer, int64_t to)
{
    struct leave_in in = {.office = "CGJ", .from = HOUR_US, .to = to};

    assert_true(text_copy(text_of(officer), in.officer, sizeof(in.officer)));
    return in;
}

static void an_offices_own_lead_sets_its_duty(void **state)
{
    static const struct {
        const char *office, *key, *actor, *code;
    } rows[] = {
        {"CGJ", "CGJ", "office_lead/CGJ/o-1", NULL},
        {"CGJ", "CGJ", "district_dispatch/530103/d-1", NULL},
        {"CGJ", "CGJ", "operator//op", NULL},
        {STREET, STREET, LEAD, NULL},
        {"CGJ", "CGJ", "office_lead/ZJJ/o-2", "not_yours"},
        {STREET, STREET, OTHER_LEAD, "not_yours"},
        {"CGJ", "ZJJ", "office_lead/CGJ/o-1", "wrong_key"},
        {"NOBODY", "NOBODY", "operator//op", "unknown_office"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct duty_in in = a_duty(rows[i].office);
        struct trial *t = begin();
        const struct dispatch_state *s = t->batch.state;

        trial_is(t, WHISTLE, rows[i].key);
        if (trial_say(t, "office.duty", rows[i].actor, office_duty, &in) !=
            !rows[i].code)
            fail_msg("row %zu: %s", i, t->err.code);
        if (rows[i].code)
            assert_refused(t, rows[i].code);
        else
            assert_said(t, 0, "office.duty_set", "\"capacity\":4");
        assert_int_equal(s->roster_changed, !rows[i].code);
        trial_free(t);
    }
}

static void leave_is_for_officers_that_are_known(void **state)
{
    struct trial *t = begin();
    struct duty_in duty = a_duty("CGJ");
    struct leave_in unknown = a_leave("cgj-99", DAY_US);
    struct leave_in backwards = a_leave("cgj-01", HOUR_US);
    struct leave_in good = a_leave("cgj-01", DAY_US);
    const char *lead = "office_lead/CGJ/o-1";

    (void)state;
    trial_is(t, WHISTLE, "CGJ");
    assert_true(trial_say(t, "office.duty", lead, office_duty, &duty));
    assert_false(trial_say(t, "office.leave", lead, office_leave, &unknown));
    assert_refused(t, "unknown_officer");
    assert_false(trial_say(t, "office.leave", lead, office_leave, &backwards));
    assert_refused(t, "bad_range");
    assert_true(trial_say(t, "office.leave", lead, office_leave, &good));
    assert_said(t, 0, "office.leave_set", "\"from\":\"1970-01-01T01:00:00Z\"");
    assert_int_equal(t->said[0].version, 2);
    assert_true(text_is(t->said[0].subject, "CGJ/cgj-01"));
    trial_free(t);
}

static void an_unknown_reference_version_is_waited_for(void **state)
{
    struct reference_in in = {.version = 7};
    struct trial *t = begin();

    (void)state;
    assert_false(trial_say(t, "reference.changed", "operator//op",
                           dispatch_reference, &in));
    assert_int_equal(t->err.kind, ERR_RETRY);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offices_own_lead_sets_its_duty),
        cmocka_unit_test(leave_is_for_officers_that_are_known),
        cmocka_unit_test(an_unknown_reference_version_is_waited_for),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
