/* track_hold_test.c - officers among themselves: claim, hand over, take back. */
#include "tests/unit/track_trial.h"

#define START "2026-03-02T08:40+08:00"
#define CHIEF "office_lead/" LEAD "/chief"

static struct trial *begin_held(const char *holder)
{
    struct trial *t = track_issued("enforcement", START);
    struct lane *lane = lane_in(t, LEAD);

    memset(lane->holder, 0, sizeof(lane->holder));
    memcpy(lane->holder, holder, strlen(holder));
    return t;
}

static void who_may_do_what_with_a_lane(void **state)
{
    static const struct {
        const char *type, *actor, *holder, *to;
        const char *after; /* the holder; NULL: as before */
        const char *code;  /* NULL: taken */
    } rows[] = {
        {"task.claim", "officer/" LEAD "/x", "", "", "x", NULL},
        {"task.claim", "officer/" LEAD "/x", "x", "", NULL, NULL},
        {"task.claim", "officer/" LEAD "/x", "y", "", NULL, "held"},
        {"task.claim", "officer/" ASSIST "/x", "", "", NULL, "other_office"},
        {"task.claim", "officer/" LEAD "/", "", "", NULL, "no_person"},
        {"task.hand_over", "officer/" LEAD "/x", "x", "y", "y", NULL},
        {"task.hand_over", "officer/" LEAD "/x", "x", "x", NULL, NULL},
        {"task.hand_over", "officer/" LEAD "/z", "x", "y", NULL, "not_holder"},
        {"task.hand_over", CHIEF, "x", "y", "y", NULL},
        {"task.hand_over", CHIEF, "", "y", "y", NULL},
        {"task.take_back", CHIEF, "x", "", "chief", NULL},
        {"task.take_back", CHIEF, "chief", "", NULL, NULL},
        {"task.take_back", "officer/" LEAD "/z", "x", "", NULL, "not_allowed"},
        {"task.take_back", CLERK, "x", "", NULL, "other_office"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial *t = begin_held(rows[i].holder);
        struct task_hold in = {.lane = lane_called(LEAD)};
        bool done;

        assert_true(text_copy(text_of(rows[i].to), in.to, sizeof(in.to)));
        done = track_say(t, rows[i].type, rows[i].actor, &in);
        if (done != !rows[i].code)
            fail_msg("row %zu: %s", i, t->err.sentence);
        if (rows[i].code)
            assert_refused(t, rows[i].code);
        assert_string_equal(lane_in(t, LEAD)->holder, rows[i].after
                                                          ? rows[i].after
                                                          : rows[i].holder);
        assert_int_equal(t->count > 0, rows[i].after != NULL);
        trial_free(t);
    }
}

static void a_claim_is_told_to_dispatch(void **state)
{
    struct trial *t = begin_held("");
    struct task_hold in = {.lane = lane_called(LEAD)};

    (void)state;
    MUST_SAY(t, "task.claim", "officer/" LEAD "/x", &in);
    assert_said(t, 0, "task.handed", "\"why\":\"claimed\"");
    assert_said(t, 1, "whistle.lane", "\"fact\":\"claimed\",\"officer\":\"x\"");
    trial_free(t);
}

static void a_lane_changes_hands_until_it_is_reported(void **state)
{
    (void)state;
    for (int s = LANE_ASSIGNED; s <= LANE_EXCUSED; s++) {
        struct trial *t = begin_held("x");
        struct task_hold in = {.lane = lane_called(LEAD), .to = "y"};
        bool may = s < LANE_REPORTED || s == LANE_REWORK;

        lane_in(t, LEAD)->state = s;
        lane_in(t, LEAD)->open = s < LANE_ACCEPTED;
        if (track_say(t, "task.hand_over", "officer/" LEAD "/x", &in) != may)
            fail_msg("%s: %s", lane_states[s], t->err.sentence);
        if (!may)
            assert_refused(t, "illegal_transition");
        trial_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_do_what_with_a_lane),
        cmocka_unit_test(a_claim_is_told_to_dispatch),
        cmocka_unit_test(a_lane_changes_hands_until_it_is_reported),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
