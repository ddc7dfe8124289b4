/* dispatch_rule_round_test.c - who is called, lanes counted, rounds ended and
 * blown again. P0105 is GDJ's with CGJ in the duty list. */
#include "tests/unit/dispatch_trial.h"

static void issuing_sends_one_assign_with_all_lanes(void **state)
{
    struct trial *t = begin_issued(true);

    (void)state;
    assert_int_equal(t->count, 2);
    assert_said(t, 0, "whistle.issued",
                "\"lead\":\"GDJ\",\"assists\":[\"CGJ\"]");
    assert_true(text_is(t->said[0].scope, COMMUNITY "," STREET ",CGJ,GDJ"));
    assert_said(t, 1, "task.assign",
                "\"lanes\":[{\"office\":\"GDJ\",\"role\":\"lead\"},"
                "{\"office\":\"CGJ\",\"role\":\"assist\"}]");
    assert_said(t, 1, "task.assign", "\"reference_version\":1");
    assert_said(t, 1, "task.assign", "\"start\":\"2026-03-02T00:30:00Z\"");
    assert_said(t, 1, "task.assign", "\"issue\":\"" ISSUE "\"");
    assert_true(text_is(t->said[1].topic, "task.commands"));
    assert_true(text_is(t->said[1].key, WHISTLE));
    trial_free(t);
}

static void the_allotment_is_told_whom_to_find(void **state)
{
    struct trial *t = begin_issued(false);
    const struct dispatch_state *s = t->batch.state;

    (void)state;
    assert_non_null(s->wanted);
    assert_true(text_is(s->wanted->subject, WHISTLE));
    assert_true(text_is(s->wanted->offices, "GDJ,CGJ"));
    assert_true(text_is(s->wanted->pools,
                        "@" COMMUNITY "=public_service @" STREET
                        "=public_service"));
    assert_null(s->wanted->next);
    trial_free(t);
}

static void proposal_then_duty_list_then_catch_all(void **state)
{
    static const struct {
        const char *matter, *lead, *assist, *lanes;
    } rows[] = {
        {"P0105", "", NULL, "GDJ CGJ"},     {"P0105", "ZJJ", NULL, "ZJJ"},
        {"P0105", "ZJJ", "SWJ", "ZJJ SWJ"}, {"P0105", "", "SWJ", "GDJ SWJ"},
        {"P0105", "", "GDJ", "GDJ"},        {"P0101", "", NULL, "SWJ CGJ"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct wire_office assist = {""};
        struct draft_in in = a_draft();
        struct trial *t = begin();
        struct roll roll;
        char lanes[256] = "";

        assert_true(
            text_copy(text_of(rows[i].matter), in.matter, sizeof(in.matter)));
        assert_true(text_copy(text_of(rows[i].lead), in.lead, sizeof(in.lead)));
        if (rows[i].assist) {
            assert_true(text_copy(text_of(rows[i].assist), assist.code,
                                  sizeof(assist.code)));
            in.assists = (struct list){&assist, 1};
        }
        say_draft(t, &in, CLERK);
        assert_true(round_roll(&t->decision, the_whistle(t), &roll, &t->err));
        for (size_t k = 0; k < roll.count; k++)
            snprintf(lanes + strlen(lanes), sizeof(lanes) - strlen(lanes),
                     "%s%.*s", k > 0 ? " " : "", TEXT_PRINT(roll.offices[k]));
        assert_string_equal(lanes, rows[i].lanes);
        trial_free(t);
    }
}

/* A duty list that knows nothing but the manhole. */
static void forget_duties(const char *name, struct buf *body)
{
    if (strcmp(name, "duties.csv") != 0)
        return;
    buf_reset(body);
    buf_print(body, "matter,region,lead,assists,line,skills\n"
                    "P0101,530103,SWJ,,governance,\n");
}

static void what_nobody_holds_goes_to_the_catch_all(void **state)
{
    struct reference *bare = trial_reference(forget_duties);
    struct draft_in in = a_draft();
    struct trial *t = begin();
    struct roll roll;

    (void)state;
    say_draft(t, &in, CLERK);
    t->decision.reference = bare;
    assert_true(round_roll(&t->decision, the_whistle(t), &roll, &t->err));
    assert_int_equal(roll.count, 1);
    assert_true(text_is(roll.offices[0], reference_catch_all(bare)->code));
    trial_free(t);
    reference_free(bare);
}

/* ---- lanes ---- */

static void the_last_lanes_end_closes_the_round(void **state)
{
    struct trial *t = begin_issued(true);

    (void)state;
    assert_true(say_lane(t, 1, "GDJ", FACT_SIGNED));
    assert_true(say_lane(t, 1, "GDJ", FACT_REPORTED));
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED));
    assert_int_equal(t->count, 0);
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED)); /* once more */
    assert_int_equal(t->count, 0);
    assert_true(say_lane(t, 1, "CGJ", FACT_EXCUSED));
    assert_said(t, 0, "whistle.closed", "\"state\":\"closed\",\"round\":1");
    assert_said(t, 1, "issue.route_done", "\"outcome\":\"closed\"");
    assert_int_equal(t->count, 2);
    trial_free(t);
}

static void a_street_whistle_closes_without_an_issue(void **state)
{
    struct trial *t = begin_issued(false);

    (void)state;
    assert_true(say_lane(t, 1, "GDJ", FACT_REASSIGNED));
    assert_true(say_lane(t, 1, "CGJ", FACT_CANCELLED));
    assert_said(t, 0, "whistle.closed", NULL);
    assert_int_equal(t->count, 1);
    trial_free(t);
}

static void an_unknown_lane_is_fatal(void **state)
{
    struct trial *t = begin_issued(false);
    struct trial *empty = begin();

    (void)state;
    assert_false(say_lane(t, 1, "SWJ", FACT_ACCEPTED));
    assert_int_equal(t->err.kind, ERR_FATAL);
    assert_string_equal(t->err.code, "unknown_lane");
    assert_false(say_lane(t, 2, "CGJ", FACT_ACCEPTED));
    assert_int_equal(t->err.kind, ERR_FATAL);
    assert_false(say_lane(empty, 1, "CGJ", FACT_ACCEPTED));
    assert_int_equal(empty->err.kind, ERR_FATAL);
    trial_free(t);
    trial_free(empty);
}

static void who_did_not_sign_in_time_is_passed_over(void **state)
{
    struct trial *t = begin_issued(false);
    struct dispatch_state *s = t->batch.state;
    struct call *c;

    (void)state;
    assert_true(say_lane(t, 1, "CGJ", FACT_UNSIGNED_HALF));
    assert_said(t, 0, "whistle.passed_over", "\"officer\":\"o-1\"");
    c = whistle_call(the_whistle(t), 1, TEXT("CGJ"));
    assert_true(text_is(c->passed_over, "o-1"));
    assert_true(s->passed_over);
    assert_true(c->open);
    assert_null(s->freed);
    assert_true(say_lane(t, 1, "CGJ", FACT_ACCEPTED));
    assert_true(text_is(s->freed->officer, "o-1"));
    trial_free(t);
}

/* Claims and lanes that are claimed are for those who are on their way. */
static void a_pools_lane_is_claimed_and_not_allotted(void **state)
{
    static struct wire_office team[] = {{"BBT"}};
    struct draft_in in = a_draft();
    struct trial *t = begin();
    const struct dispatch_state *s = t->batch.state;

    (void)state;
    assert_true(text_copy(TEXT("emergency"), in.kind, sizeof(in.kind)));
    in.assists = (struct list){team, 1};
    in.submit = true;
    say_draft(t, &in, CLERK);
    assert_true(text_is(s->wanted->offices, "GDJ"));
    assert_true(say_lane(t, 1, "BBT", FACT_CLAIMED));
    assert_true(text_is(s->claimed->lane, WHISTLE "/1/BBT"));
    assert_true(text_is(s->claimed->officer, "o-1"));
    assert_int_equal(s->claimed->until_us,
                     t->message.at_us + 15 * MINUTE_US); /* weights.csv */
    trial_free(t);
}

/* ---- the next round ---- */

static bool say_again(struct trial *t, const char *issue)
{
    struct again_in in = {.whistle = id_of(WHISTLE),
                          .issue = id_of(issue),
                          .facts = TEXT("又回来了")};

    return say(t, "whistle.again", INTAKE, whistle_again, &in);
}

static void a_closed_case_is_blown_again(void **state)
{
    struct trial *t = begin_issued(true);

    (void)state;
    assert_false(say_again(t, ISSUE));
    assert_refused(t, "illegal_transition"); /* never two open rounds */
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, 1, "CGJ", FACT_ACCEPTED));
    assert_false(say_again(t, WHISTLE));
    assert_refused(t, "other_issue");
    assert_true(say_again(t, ISSUE));
    assert_said(t, 0, "whistle.issued", "\"round\":2");
    assert_said(t, 1, "task.assign", "\"facts\":\"又回来了\"");
    assert_false(say_again(t, ISSUE));
    assert_refused(t, "illegal_transition");
    assert_true(say_lane(t, 2, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, 2, "CGJ", FACT_ACCEPTED));
    assert_said(t, 0, "whistle.closed", "\"round\":2");
    trial_free(t);
}

/* ---- one more office ---- */

static bool say_add(struct trial *t, int64_t round, const char *office,
                    const char *replaces)
{
    struct add_lane_in *in = arena_give(&t->batch.arena, sizeof(*in));

    in->whistle = id_of(WHISTLE);
    in->round = round;
    in->start = t->message.at_us - MINUTE_US;
    assert_true(text_copy(text_of(office), in->office, sizeof(in->office)));
    assert_true(
        text_copy(text_of(replaces), in->replaces, sizeof(in->replaces)));
    return say(t, "whistle.add_lane", TRACK, whistle_add_lane, in);
}

static void a_ruling_adds_one_lane_to_the_round(void **state)
{
    static const struct {
        const char *replaces, *role;
    } rows[] = {{"GDJ", "lead"}, {"CGJ", "added"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial *t = begin_issued(false);
        const char *other = i == 0 ? "CGJ" : "GDJ";

        assert_true(say_add(t, 1, "ZJJ", rows[i].replaces));
        assert_said(t, 0, "whistle.lane_added", rows[i].role);
        assert_said(t, 1, "task.assign", "\"lanes\":[{\"office\":\"ZJJ\"");
        assert_said(t, 1, "task.assign", rows[i].replaces);
        assert_said(t, 1, "task.assign", "2026-03-02T00:29:00Z");
        assert_true(say_lane(t, 1, rows[i].replaces, FACT_REASSIGNED));
        assert_true(say_lane(t, 1, other, FACT_ACCEPTED));
        assert_int_equal(t->count, 0);
        assert_true(say_lane(t, 1, "ZJJ", FACT_ACCEPTED));
        assert_said(t, 0, "whistle.closed", NULL);
        trial_free(t);
    }
}

static void an_office_that_cannot_be_added_is_refused(void **state)
{
    static const struct {
        int64_t round;
        const char *office, *replaces, *code, *field;
    } rows[] = {
        {1, "CGJ", "GDJ", "in_round", "office"},
        {1, "GDJ", "GDJ", "in_round", "office"},
        {2, "ZJJ", "GDJ", "old_round", "round"},
        {1, "ZJJ", "SWJ", "unknown_lane", "replaces"},
        {1, "NOBODY", "GDJ", "unknown_office", "office"},
    };
    struct trial *t = begin_issued(false);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_false(
            say_add(t, rows[i].round, rows[i].office, rows[i].replaces));
        assert_refused(t, rows[i].code);
        assert_string_equal(t->err.field, rows[i].field);
    }
    assert_int_equal(whistle_open_calls(the_whistle(t), 1), 2);
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, 1, "CGJ", FACT_ACCEPTED));
    assert_false(say_add(t, 1, "ZJJ", "GDJ"));
    assert_refused(t, "illegal_transition");
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuing_sends_one_assign_with_all_lanes),
        cmocka_unit_test(the_allotment_is_told_whom_to_find),
        cmocka_unit_test(proposal_then_duty_list_then_catch_all),
        cmocka_unit_test(what_nobody_holds_goes_to_the_catch_all),
        cmocka_unit_test(the_last_lanes_end_closes_the_round),
        cmocka_unit_test(a_street_whistle_closes_without_an_issue),
        cmocka_unit_test(an_unknown_lane_is_fatal),
        cmocka_unit_test(who_did_not_sign_in_time_is_passed_over),
        cmocka_unit_test(a_pools_lane_is_claimed_and_not_allotted),
        cmocka_unit_test(a_closed_case_is_blown_again),
        cmocka_unit_test(a_ruling_adds_one_lane_to_the_round),
        cmocka_unit_test(an_office_that_cannot_be_added_is_refused),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
