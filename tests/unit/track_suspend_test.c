/* track_suspend_test.c - suspended lanes and extensions: whose word, which
 * dues, what is refused. */
#include "services/track/story.h"
#include "tests/unit/track_trial.h"

#define START "2026-02-09T08:40+08:00" /* a Monday; the Festival is 15 to 23 */

static const char *shown(int64_t at_us)
{
    static char text[INSTANT_TEXT_SIZE];

    if (at_us == INSTANT_NONE)
        return "none";
    instant_print_shanghai(at_us, text);
    text[16] = '\0';
    return text;
}

static int64_t due_of(struct trial *t, enum lane_clock_name which)
{
    return lane_in(t, LEAD)->clocks[which].due_us;
}

static bool look(struct trial *t, const char *when)
{
    struct lane_name name = lane_called(LEAD);
    const struct clock_passed in = {
        .subject = lane_subject(&t->batch.arena, &name),
    };

    trial_at(t, when);
    return track_say(t, "clock.passed", "worker/track/", &in);
}

/* Arrived on the first morning; the assist has reported. */
static struct trial *working(const char *kind)
{
    struct trial *t = track_issued(kind, START);

    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    track_arrive(t, LEAD);
    return t;
}

static const struct task_note *note_in(const char *words)
{
    static struct task_note in;

    in = (struct task_note){lane_called(LEAD), text_of(words)};
    return &in;
}

/* ---- suspension ---- */

static void a_suspension_over_the_festival_gives_back_what_it_covered(void **s)
{
    struct trial *t = working("enforcement");
    const struct task_suspend in = suspend_in(LEAD, "2026-02-26");
    const struct lane *lane = lane_in(t, LEAD);

    (void)s;
    /* 10 working days: 10-14 (Saturday 14 is worked), 24-28 (28 too) */
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-02-28T17:30");
    trial_at(t, "2026-02-12T09:00+08:00");
    MUST_SAY(t, "task.suspend", CLERK, &in);
    assert_said(t, 0, "task.suspended", "\"review\":\"2026-02-26\"");
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)), "none");
    assert_string_equal(shown(lane->next_due_us), "2026-02-26T00:00");
    assert_int_equal(lane->gap, INT32_MIN); /* paused is not missing */

    /* too early: nothing; at the date it is back, as of the date */
    assert_true(look(t, "2026-02-25T23:59:59+08:00"));
    assert_int_equal(t->count, 0);
    assert_true(look(t, "2026-02-26T10:00+08:00"));
    assert_said(t, 0, "task.resumed", "\"by\":\"time\"");
    assert_int_equal(lane->hold, LANE_NO_HOLD);
    /* covered: 12, 13, 14, 24, 25 = 5 days; 2 used, 8 left from the 26th */
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-03-06T17:30");
    assert_string_equal(story_print(&lane->story, &t->batch.arena).bytes,
                        "pause/2026-02-12T01:00:00Z/2026-02-25T16:00:00Z/"
                        "winter");
    trial_free(t);
}

static void it_is_resumed_by_a_word_and_the_used_part_is_kept(void **s)
{
    struct trial *t = working("emergency"); /* resolve: 24 hours */
    const struct task_suspend in = suspend_in(LEAD, "2026-02-26");

    (void)s;
    trial_at(t, "2026-02-09T18:40+08:00");
    MUST_SAY(t, "task.suspend", DISTRICT, &in);
    trial_at(t, "2026-02-10T18:40+08:00");
    MUST_SAY(t, "task.resume", CLERK, note_in("解冻"));
    assert_said(t, 0, "task.resumed", "\"by\":\"street\"");
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-02-11T08:40");
    assert_false(track_say(t, "task.resume", CLERK, note_in("再来")));
    assert_refused(t, "not_suspended");
    trial_free(t);
}

static void a_suspended_lane_may_be_reported_and_is_on_time(void **s)
{
    struct trial *t = working("emergency");
    const struct task_suspend in = suspend_in(LEAD, "2026-02-26");

    (void)s;
    trial_at(t, "2026-02-09T18:40+08:00");
    MUST_SAY(t, "task.suspend", CLERK, &in);
    trial_at(t, "2026-02-20T18:40+08:00");
    track_report(t, LEAD);
    assert_said(t, 0, "task.reported", "\"on_time\":true");
    assert_false(lane_in(t, LEAD)->late);
    assert_int_equal(lane_in(t, LEAD)->hold, LANE_NO_HOLD);
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-02-21T08:40");
    trial_free(t);
}

static void what_was_red_stays_red_and_the_ladder_waits(void **s)
{
    struct trial *t = working("emergency");
    const struct task_suspend in = suspend_in(LEAD, "2026-02-26");

    (void)s;
    trial_at(t, "2026-02-10T09:00+08:00"); /* due at 08:40 */
    MUST_SAY(t, "task.suspend", CLERK, &in);
    assert_said(t, 1, "task.overdue", "\"stage\":\"resolve\"");
    assert_said(t, 2, "task.supervised", "\"step\":\"urge\"");
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-02-10T08:40");
    assert_string_equal(shown(lane_in(t, LEAD)->next_due_us),
                        "2026-02-26T00:00");
    assert_true(look(t, "2026-02-26T00:00+08:00"));
    /* 24 h 20 min were used: 23 h 40 min to the next rung */
    assert_string_equal(shown(lane_in(t, LEAD)->next_due_us),
                        "2026-02-26T23:40");
    trial_free(t);
}

static void what_cannot_be_suspended_says_why(void **s)
{
    static const struct {
        const char *review, *code;
        bool returned, twice;
    } cases[] = {
        {"2026-02-09", "bad_review", false, false},
        {"2026-08-09", "bad_review", false, false},
        {"2026-02-20", "already_returned", true, false},
        {"2026-02-20", "already_suspended", false, true},
    };

    (void)s;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = working("enforcement");
        struct task_suspend in = suspend_in(LEAD, cases[i].review);
        const struct task_return back = return_in(LEAD);

        if (cases[i].returned)
            MUST_SAY(t, "task.return", OFFICER_OF(LEAD), &back);
        if (cases[i].twice)
            MUST_SAY(t, "task.suspend", CLERK, &in);
        assert_false(track_say(t, "task.suspend", CLERK, &in));
        assert_refused(t, cases[i].code);
        assert_false(track_say(t, "task.suspend", OFFICER_OF(LEAD), &in));
        assert_refused(t, "not_allowed");
        if (cases[i].twice) {
            assert_false(
                track_say(t, "task.return", OFFICER_OF(LEAD), &back));
            assert_refused(t, "suspended");
        }
        trial_free(t);
    }
}

static void an_unknown_reason_is_no_reason(void **s)
{
    struct trial *t = working("enforcement");
    struct task_suspend in = suspend_in(LEAD, "2026-02-20");
    struct task_extend more = extend_in(LEAD, "2026-03-20");

    (void)s;
    memcpy(in.reason, "parts", sizeof("parts"));
    assert_false(track_say(t, "task.suspend", CLERK, &in));
    assert_refused(t, "unknown_reason");
    memcpy(more.reason, "winter", sizeof("winter"));
    assert_false(track_say(t, "task.extend", OFFICER_OF(LEAD), &more));
    assert_refused(t, "unknown_reason");
    trial_free(t);
}

static void a_lane_that_ends_is_suspended_no_more(void **s)
{
    struct trial *t = working("enforcement");
    const struct task_suspend in = suspend_in(LEAD, "2026-02-20");
    const struct task_excuse excuse = {lane_called(LEAD), "not_needed",
                                       TEXT("")};

    (void)s;
    MUST_SAY(t, "task.suspend", CLERK, &in);
    trial_at(t, "2026-02-10T09:00+08:00");
    MUST_SAY(t, "task.excuse", CLERK, &excuse);
    assert_int_equal(lane_in(t, LEAD)->hold, LANE_NO_HOLD);
    assert_int_equal(lane_in(t, LEAD)->story.pauses[0].to_us,
                     t->message.at_us);
    assert_string_equal(shown(lane_in(t, LEAD)->next_due_us), "none");
    trial_free(t);
}

/* ---- extension ---- */

static void an_extension_is_asked_granted_and_the_second_is_the_districts(
    void **s)
{
    struct trial *t = working("enforcement"); /* due 2026-02-28 17:30 */
    const struct task_extend first = extend_in(LEAD, "2026-03-05");
    const struct task_extend second = extend_in(LEAD, "2026-03-07");

    (void)s;
    trial_at(t, "2026-02-28T17:29+08:00");
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &first);
    assert_said(t, 1, "task.extension_asked", "\"to_date\":\"2026-03-05\"");
    assert_false(track_say(t, "task.extend", OFFICER_OF(LEAD), &second));
    assert_refused(t, "extension_pending");
    /* granted later than the due: it was red meanwhile, and is green again */
    assert_true(look(t, "2026-03-01T09:00+08:00"));
    assert_said(t, 0, "task.overdue", "\"stage\":\"resolve\"");
    MUST_SAY(t, "task.grant", CLERK, note_in("同意"));
    assert_said(t, 0, "task.extended", "\"late\":false");
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-03-05T17:30");
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &second);
    assert_false(track_say(t, "task.grant", CLERK, note_in("同意")));
    assert_refused(t, "district_only");
    MUST_SAY(t, "task.grant", DISTRICT, note_in("同意"));
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-03-09T17:30"); /* the 7th is a Saturday */
    assert_false(track_say(t, "task.extend", OFFICER_OF(LEAD), &second));
    assert_refused(t, "extensions_used_up");
    trial_free(t);
}

static void a_grant_after_a_late_report_makes_it_on_time(void **s)
{
    struct trial *t = working("emergency"); /* due on the 10th at 08:40 */
    struct task_extend in = extend_in(LEAD, "2026-03-05");

    (void)s;
    in.to_date = INT32_MIN;
    in.add = 3;
    trial_at(t, "2026-02-10T08:00+08:00");
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &in);
    trial_at(t, "2026-02-10T11:00+08:00");
    track_report(t, LEAD);
    assert_true(lane_in(t, LEAD)->late);
    MUST_SAY(t, "task.grant", CLERK, note_in("同意"));
    assert_said(t, 0, "task.extended", "\"late\":false");
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-02-10T11:40");
    assert_false(lane_in(t, LEAD)->late);
    trial_free(t);
}

static void what_cannot_be_extended_says_why(void **s)
{
    static const struct {
        const char *when, *to_date, *code;
        int64_t add;
    } cases[] = {
        {"2026-02-28T17:30+08:00", "2026-03-05", "extension_late",
         INT_ABSENT},
        {"2026-02-27T09:00+08:00", "2026-02-28", "extension_not_later",
         INT_ABSENT},
        {"2026-02-27T09:00+08:00", "2027-01-04", "calendar_gap", INT_ABSENT},
        {"2026-02-27T09:00+08:00", "2026-03-05", "bad_extension", 3},
    };

    (void)s;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *t = working("enforcement");
        struct task_extend in = extend_in(LEAD, cases[i].to_date);

        in.add = cases[i].add;
        trial_at(t, cases[i].when);
        assert_false(track_say(t, "task.extend", OFFICER_OF(LEAD), &in));
        assert_refused(t, cases[i].code);
        assert_false(track_say(t, "task.grant", CLERK, note_in("同意")));
        assert_refused(t, "nothing_asked");
        trial_free(t);
    }
}

static void a_suspended_lane_is_resumed_before_it_is_extended(void **s)
{
    struct trial *t = working("enforcement");
    const struct task_suspend in = suspend_in(LEAD, "2026-02-20");
    const struct task_extend more = extend_in(LEAD, "2026-03-20");

    (void)s;
    MUST_SAY(t, "task.suspend", CLERK, &in);
    trial_at(t, "2026-02-12T09:00+08:00");
    assert_false(track_say(t, "task.extend", OFFICER_OF(LEAD), &more));
    assert_refused(t, "extension_paused");
    /* its date has come, though nobody has looked yet */
    trial_at(t, "2026-02-20T09:00+08:00");
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &more);
    assert_said(t, 0, "task.resumed", "\"by\":\"time\"");
    assert_said(t, 1, "task.extension_asked", NULL);
    trial_free(t);
}

static void a_denied_extension_changes_nothing_but_may_be_asked_again(void **s)
{
    struct trial *t = working("enforcement");
    const struct task_extend in = extend_in(LEAD, "2026-03-05");

    (void)s;
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &in);
    MUST_SAY(t, "task.deny", CLERK, note_in("材料不足"));
    assert_said(t, 0, "task.extension_denied", "\"note\":\"材料不足\"");
    assert_string_equal(shown(due_of(t, LANE_CLOCK_RESOLVE)),
                        "2026-02-28T17:30");
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &in);
    trial_free(t);
}

/* ---- the column ---- */

static void a_story_reads_as_it_was_written(void **s)
{
    static const char *const stories[] = {
        "",
        "pause/2026-02-12T01:00:00Z//winter",
        "pause/2026-02-12T01:00:00Z/2026-02-25T16:00:00Z/winter "
        "pause/2026-02-26T01:00:00.000001Z//funds",
        "extend/resolve/2026-03-02T00:30:00Z/2026-03-20/parts "
        "extend/rework/2026-03-02T00:30:00Z/24/survey "
        "ask/rework/2026-03-03T00:30:00Z/8/owners",
    };
    static const char *const broken[] = {
        "pause/yesterday//winter", "extend/lunch/2026-03-02T00:30:00Z/3/x",
        "ask/resolve/2026-03-02T00:30:00Z/soon/x", "riddle"};
    AUTO(arena) struct arena arena = {0};
    struct lane_story story;

    (void)s;
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        assert_true(story_parse(text_of(stories[i]), &arena, &story));
        assert_true(text_is(story_print(&story, &arena), stories[i]));
    }
    for (size_t i = 0; i < COUNT_OF(broken); i++)
        assert_false(story_parse(text_of(broken[i]), &arena, &story));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_suspension_over_the_festival_gives_back_what_it_covered),
        cmocka_unit_test(it_is_resumed_by_a_word_and_the_used_part_is_kept),
        cmocka_unit_test(a_suspended_lane_may_be_reported_and_is_on_time),
        cmocka_unit_test(what_was_red_stays_red_and_the_ladder_waits),
        cmocka_unit_test(what_cannot_be_suspended_says_why),
        cmocka_unit_test(an_unknown_reason_is_no_reason),
        cmocka_unit_test(a_lane_that_ends_is_suspended_no_more),
        cmocka_unit_test(
            an_extension_is_asked_granted_and_the_second_is_the_districts),
        cmocka_unit_test(a_grant_after_a_late_report_makes_it_on_time),
        cmocka_unit_test(what_cannot_be_extended_says_why),
        cmocka_unit_test(a_suspended_lane_is_resumed_before_it_is_extended),
        cmocka_unit_test(
            a_denied_extension_changes_nothing_but_may_be_asked_again),
        cmocka_unit_test(a_story_reads_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, track_setup, track_teardown);
}
