/* track_report_test.c - lanes opened and handed, reports, the street's
 * judgement. */
#include "tests/unit/track_trial.h"

#define START "2026-03-02T08:40+08:00"

/* The only command to dispatch among what was said, or NULL. */
static const char *told(const struct trial *t, const char *fact)
{
    for (size_t i = 0; i < t->count; i++)
        if (text_is(t->said[i].type, "whistle.lane") &&
            text_is(t->said[i].topic, "whistle.commands") &&
            text_is(t->said[i].key, WHISTLE) &&
            strstr(t->said[i].data.bytes, fact))
            return t->said[i].data.bytes;
    return NULL;
}

/* ---- opening and handing ---- */

static void a_repeated_assign_changes_nothing(void **state)
{
    struct trial *t = track_issued("enforcement", START);
    struct task_call calls[] = {
        {.office = LEAD, .role = LANE_LEAD},
        {.office = ASSIST, .role = LANE_ASSIST},
    };
    struct lane before = *lane_in(t, LEAD);

    (void)state;
    assert_said(t, 0, "task.assigned", "\"holder\":\"o-CGJ-1\"");
    assert_said(t, 1, "task.assigned", "\"role\":\"assist\"");
    assert_int_equal(t->count, 2);
    t->message.holders = text_of(LEAD "=o-CGJ-9");
    trial_at(t, "2026-03-02T08:50+08:00");
    assert_true(track_assign(t, "enforcement", t->message.at_us, calls, 2));
    assert_int_equal(t->count, 0);
    assert_memory_equal(&before, lane_in(t, LEAD), sizeof(before));
    trial_free(t);
}

static void a_holder_is_set_only_while_the_lane_is_unsigned(void **state)
{
    static const struct {
        int why;
        const char *officer, *holder; /* after it */
        size_t said;
    } hands[] = {
        {HAND_ALLOTTED, "o-CGJ-2", "o-CGJ-1", 0}, /* the first stays */
        {HAND_UNSIGNED_HALF, "o-CGJ-3", "o-CGJ-3", 1},
        {HAND_GONE, "o-CGJ-3", "o-CGJ-3", 0},
        {HAND_GONE, "o-CGJ-4", "o-CGJ-4", 1},
    };
    struct trial *t = track_issued("enforcement", START);
    const struct task_stage sign = stage_in(LEAD);
    struct task_hand in = {.lane = lane_called(LEAD)};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hands); i++) {
        in.why = hands[i].why;
        assert_true(text_copy(text_of(hands[i].officer), in.officer,
                              sizeof(in.officer)));
        MUST_SAY(t, "task.hand", WORKER, &in);
        assert_int_equal(t->count, hands[i].said);
        assert_string_equal(lane_in(t, LEAD)->holder, hands[i].holder);
    }
    MUST_SAY(t, "task.sign", "officer/CGJ/o-CGJ-5", &sign);
    assert_string_equal(lane_in(t, LEAD)->holder, "o-CGJ-5");
    MUST_SAY(t, "task.hand", WORKER, &in);
    assert_string_equal(lane_in(t, LEAD)->holder, "o-CGJ-5");
    assert_int_equal(t->count, 0);
    trial_free(t);
}

static void
cancelling_ends_each_lane_and_an_ended_one_answers_again(void **state)
{
    struct trial *t = track_issued("enforcement", START);
    const struct task_excuse excuse = {lane_called(ASSIST), "not_needed",
                                       TEXT("")};
    struct task_cancel in = {.round = 1, .why = TEXT("已整改")};

    (void)state;
    in.whistle = lane_called("").whistle;
    MUST_SAY(t, "task.excuse", CLERK, &excuse);
    assert_non_null(told(t, "\"fact\":\"excused\",\"officer\":\"o-ZRZY-1\""));
    MUST_SAY(t, "task.cancel", WORKER, &in);
    assert_said(t, 0, "task.cancelled", "\"why\":\"已整改\"");
    assert_said(t, 1, "whistle.lane", "\"fact\":\"cancelled\"");
    assert_said(t, 2, "whistle.lane", "\"fact\":\"excused\"");
    assert_int_equal(t->count, 3);
    MUST_SAY(t, "task.cancel", WORKER, &in);
    assert_int_equal(t->count, 2);
    assert_null(trial_find(t, "task.cancelled"));
    trial_free(t);
}

/* ---- reports ---- */

static void the_lead_reports_when_all_assists_have(void **state)
{
    static const enum lane_state done[] = {
        LANE_REPORTED,
        LANE_ACCEPTED,
        LANE_EXCUSED,
        LANE_REASSIGNED,
    };
    static const enum lane_state open[] = {
        LANE_ASSIGNED,
        LANE_WORKING,
        LANE_REWORK,
    };
    const struct task_report in = report_in(LEAD);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(done) + COUNT_OF(open); i++) {
        bool is_done = i < COUNT_OF(done);
        struct trial *t = track_issued("enforcement", START);
        struct lane *assist = lane_in(t, ASSIST);

        assist->state = is_done ? done[i] : open[i - COUNT_OF(done)];
        assist->open = assist->state < LANE_ACCEPTED;
        track_arrive(t, LEAD);
        assert_int_equal(track_say(t, "task.report", OFFICER_OF(LEAD), &in),
                         is_done);
        if (!is_done) {
            assert_refused(t, "assists_open");
            assert_non_null(
                strstr(t->err.sentence, lane_states[assist->state]));
        }
        trial_free(t);
    }
}

static void a_report_keeps_the_internal_note_apart(void **state)
{
    struct trial *t = track_issued("enforcement", START);
    const struct lane_batch *b = t->batch.state;

    (void)state;
    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    assert_said(t, 0, "task.reported", "\"answer\":\"公开答复\"");
    assert_null(strstr(t->said[0].data.bytes, "内部说明"));
    assert_said(t, 1, "whistle.lane", "\"fact\":\"reported\"");
    assert_true(text_is(b->reports->internal, "内部说明"));
    assert_true(text_is(b->reports->answer, "公开答复"));
    assert_int_equal(b->reports->n, 1);
    assert_null(b->reports->next);
    trial_free(t);
}

static void the_street_scores_what_it_accepts(void **state)
{
    struct trial *t = track_issued("enforcement", START);
    const struct lane_batch *b = t->batch.state;
    struct task_accept in = accept_in(ASSIST);

    (void)state;
    in.deduction = 10;
    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    assert_false(track_say(t, "task.accept", "street_lead/" ASSIST "/x", &in));
    assert_refused(t, "other_office");
    MUST_SAY(t, "task.accept", CLERK, &in);
    assert_said(t, 0, "task.accepted", "\"bonus\":0,\"deduction\":10");
    assert_said(t, 1, "whistle.lane", "\"fact\":\"accepted\"");
    assert_int_equal(b->scores->handling, 90);
    assert_false(lane_in(t, ASSIST)->open);
    assert_int_equal(lane_in(t, ASSIST)->next_due_us, INSTANT_NONE);
    trial_free(t);
}

static void only_a_coded_reason_counts(void **state)
{
    struct trial *t = track_issued("enforcement", START);
    struct task_excuse excuse = {lane_called(LEAD), "tired", TEXT("")};
    struct task_return back = return_in(LEAD);

    (void)state;
    assert_false(track_say(t, "task.excuse", CLERK, &excuse));
    assert_refused(t, "unknown_reason");
    memcpy(back.reason, "tired", sizeof("tired"));
    assert_false(track_say(t, "task.return", OFFICER_OF(LEAD), &back));
    assert_refused(t, "unknown_reason");
    assert_string_equal(t->err.field, "reason");
    assert_int_equal(lane_in(t, LEAD)->returns, 0);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_assign_changes_nothing),
        cmocka_unit_test(a_holder_is_set_only_while_the_lane_is_unsigned),
        cmocka_unit_test(
            cancelling_ends_each_lane_and_an_ended_one_answers_again),
        cmocka_unit_test(the_lead_reports_when_all_assists_have),
        cmocka_unit_test(a_report_keeps_the_internal_note_apart),
        cmocka_unit_test(the_street_scores_what_it_accepts),
        cmocka_unit_test(only_a_coded_reason_counts),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
