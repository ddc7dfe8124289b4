/* dispatch_rule_roster_test.c - duty and leave of officers. */
/* before ours: it has functions of the same names */
#include <jansson.h>

#include "tests/unit/dispatch_trial.h"
#include "tests/unit/must.h"

static struct duty_in a_duty(const char *office)
{
    struct duty_in in = {.line = -1,
                         .officer = "cgj-01",
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
        if (say(t, "office.duty", rows[i].actor, office_duty, &in) !=
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

static void a_place_has_its_line_and_a_shift_is_one_of_the_list(void **state)
{
    static const struct {
        const char *place;
        int line;
        const char *shift, *code;
    } rows[] = {
        {COMMUNITY, 3, "night", NULL},
        {COMMUNITY "007", 0, "", NULL}, /* a grid */
        {"", -1, "rest_day", NULL},
        {COMMUNITY, -1, "", "required"},
        {"", 3, "", "required"},
        {"530103", 3, "", "region_outside"},
        {"530102001000", 3, "", "region_outside"},
        {"", -1, "siesta", "unknown_shift"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct duty_in in = a_duty("CGJ");
        struct trial *t = begin();
        bool done;

        trial_is(t, WHISTLE, "CGJ");
        in.line = rows[i].line;
        assert_true(
            text_copy(text_of(rows[i].place), in.place, sizeof(in.place)));
        assert_true(
            text_copy(text_of(rows[i].shift), in.shift, sizeof(in.shift)));
        done = say(t, "office.duty", "office_lead/CGJ/o", office_duty, &in);
        if (done != !rows[i].code)
            fail_msg("row %zu: %s", i, t->err.sentence);
        if (rows[i].code)
            assert_refused(t, rows[i].code);
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
    assert_true(say(t, "office.duty", lead, office_duty, &duty));
    assert_false(say(t, "office.leave", lead, office_leave, &unknown));
    assert_refused(t, "unknown_officer");
    assert_false(say(t, "office.leave", lead, office_leave, &backwards));
    assert_refused(t, "bad_range");
    assert_true(say(t, "office.leave", lead, office_leave, &good));
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
    assert_false(
        say(t, "reference.changed", "operator//op", dispatch_reference, &in));
    assert_int_equal(t->err.kind, ERR_RETRY);
    trial_free(t);
}

/* One line of the sample: what it says is taken, for a name that is marked. */
static void say_sample(struct trial *t, const struct schema *schema,
                       const json_t *line)
{
    char *data = json_dumps(json_object_get(line, "data"), JSON_COMPACT);
    struct duty_in *in = arena_give(&t->batch.arena, sizeof(*in));
    struct text kept = arena_text(&t->batch.arena, text_of(data));
    const char *id = json_string_value(json_object_get(line, "id"));
    const char *key = json_string_value(json_object_get(line, "key"));
    const char *actor = json_string_value(json_object_get(line, "actor"));

    free(data);
    MUST(schema_fill(schema, kept, true, &t->batch.arena, in, err));
    trial_is(t, id, arena_text(&t->batch.arena, text_of(key)).bytes);
    if (!say(t, "office.duty",
             arena_text(&t->batch.arena, text_of(actor)).bytes, office_duty,
             in))
        fail_msg("%s: %s", id, t->err.sentence);
    assert_non_null(strstr(in->name, "样例"));
}

static void the_sample_roster_is_taken_and_marked(void **state)
{
    FILE *f = fopen("schemas/reference/sample/rosters.ndjson", "r");
    struct trial *t = begin();
    const struct dispatch_state *s = t->batch.state;
    struct schema *schema = NULL;
    json_t *line;
    size_t lines = 0;

    (void)state;
    assert_non_null(f);
    MUST(schema_load("schemas/messages", "office.duty", office_duty_fields,
                     &schema, err));
    for (; (line = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)); lines++) {
        say_sample(t, schema, line);
        json_decref(line);
    }
    assert_int_equal(s->officers.count, lines);
    assert_non_null(officer_find(t->batch.state, TEXT("CGJ"), TEXT("cgj-01")));
    assert_non_null(
        officer_find(t->batch.state, TEXT(STREET), TEXT(STREET "-01")));
    assert_true(lines > 100);
    schema_free(schema);
    fclose(f);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offices_own_lead_sets_its_duty),
        cmocka_unit_test(
            a_place_has_its_line_and_a_shift_is_one_of_the_list),
        cmocka_unit_test(leave_is_for_officers_that_are_known),
        cmocka_unit_test(the_sample_roster_is_taken_and_marked),
        cmocka_unit_test(an_unknown_reference_version_is_waited_for),
    };

    return cmocka_run_group_tests(tests, begin_reference, end_reference);
}
