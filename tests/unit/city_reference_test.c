/* city_reference_test.c - the reference data as they are, and each way in
 * which a CSV can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/city/actor.h"
#include "tests/unit/city_reference_test.h"

static struct reference_set set;
static const struct reference *real;

static int build_real(void **state)
{
    struct reference *r = NULL;

    (void)state;
    reference_read(&set);
    MUST(reference_build(7, INSTANT_NONE, set.files, REFERENCE_FILES, &r, err));
    real = r;
    return 0;
}

static int free_real(void **state)
{
    (void)state;
    reference_free((struct reference *)real);
    reference_release(&set);
    return 0;
}

static void the_real_rows_are_found_by_code(void **state)
{
    const struct region *region = reference_region(real, "530103003001");
    const struct office *office = reference_office(real, "CGJ");
    const struct kind *kind = reference_kind(real, "enforcement");

    (void)state;
    assert_int_equal(reference_version(real), 7);
    assert_non_null(region);
    assert_int_equal(region->level, REGION_COMMUNITY);
    assert_int_equal(region->to_us, INSTANT_NONE);
    assert_null(reference_region(real, "530103999000"));
    assert_non_null(office);
    assert_int_equal(office->kind, OFFICE_DEPARTMENT);
    assert_ptr_equal(reference_catch_all(real), office);
    assert_non_null(kind);
    assert_true(kind->needs_approval);
    assert_true(kind->approve_roles & 1U << ROLE_STREET_LEAD);
    assert_false(kind->issue_roles & 1U << ROLE_RESIDENT);
    assert_int_equal(kind->required_stages, 1U << STAGE_SIGN |
                                                1U << STAGE_CONTACT |
                                                1U << STAGE_ARRIVE);
    assert_false(reference_kind(real, "emergency")->needs_approval);
    assert_non_null(reference_reason(real, "task.return", "not_our_duty"));
    assert_null(reference_reason(real, "task.return", "litigation"));
    assert_string_equal(reference_matter(real, "E0403")->issue_class, "danger");
    assert_string_equal(reference_matter(real, "P0118")->name_en,
                        "Street light");
}

static void streets_communities_and_the_district_are_offices(void **state)
{
    static const struct {
        const char *code, *kind;
    } cases[] = {
        {"530103", "district"},
        {"530103003000", "street"},
        {"530103003001", "community"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct office *o = reference_office(real, cases[i].code);

        assert_non_null(o);
        assert_string_equal(office_kind_names[o->kind], cases[i].kind);
        assert_string_equal(o->region, cases[i].code);
        assert_false(o->catch_all);
    }
}

static void every_matter_has_its_duty(void **state)
{
    struct text rest = set.files[4].body;

    (void)state;
    assert_string_equal(set.files[4].name, "matters.csv");
    text_cut(rest, '\n', &rest);
    while (rest.size > 0) {
        struct text cell, line = text_cut(rest, '\n', &rest);
        char code[MATTER_SIZE];
        const struct duty *duty;

        assert_true(text_copy(text_cut(line, ',', &cell), code, sizeof(code)));
        duty = reference_duty(real, code, "530103003001007");
        if (!duty || duty->matter[0] == '\0')
            fail_msg("%s has no duty of its class", code);
    }
}

static void the_nearest_duty_is_the_longest_prefix_then_the_region(void **s)
{
    struct reference_set own;
    struct reference *r = NULL;
    static const struct {
        const char *matter, *region, *lead;
    } cases[] = {
        {"P0118", "530103003001", "CGJ"}, {"P0105", "530103003001", "GDJ"},
        {"E0502", "530103001001", "MZJ"}, {"E0501", "530103001001", "CGJ"},
        {"E0501", "530103003001", "SFJ"}, /* street row */
        {"E0501", "530103003002", "RSJ"}, /* community row */
        {"E0502", "530103003002", "MZJ"}, /* longer prefix wins */
        {"X9999", "530103003002", "CGJ"}, /* every matter */
    };

    (void)s;
    reference_read(&own);
    reference_change(&own, "duties.csv", "E05,530103,CGJ,GAFJ,governance,\n",
                     "E05,530103,CGJ,GAFJ,governance,\n"
                     "E05,530103003000,SFJ,,governance,\n"
                     "E05,530103003002,RSJ,,governance,\n");
    MUST(reference_build(1, 0, own.files, REFERENCE_FILES, &r, err));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct duty *d =
            reference_duty(r, cases[i].matter, cases[i].region);

        if (!d || strcmp(d->lead, cases[i].lead) != 0)
            fail_msg("%s in %s: %s", cases[i].matter, cases[i].region,
                     d ? d->lead : "nobody");
    }
    assert_null(reference_duty(r, "E0501", "530102003002"));
    reference_free(r);
    reference_release(&own);
}

static void the_default_limits_are_those_of_the_domain(void **state)
{
    static const struct {
        const char *kind;
        enum stage stage;
        enum clock_unit unit;
        int limit, rungs;
    } rows[] = {
        {"emergency", STAGE_SIGN, UNIT_MINUTE, 10, 2},
        {"emergency", STAGE_CONTACT, UNIT_MINUTE, 15, 2},
        {"emergency", STAGE_ARRIVE, UNIT_MINUTE, 30, 4},
        {"emergency", STAGE_RESOLVE, UNIT_URGENT_HOUR, 24, 4},
        {"emergency", STAGE_REWORK, UNIT_URGENT_HOUR, 24, 4},
        {"enforcement", STAGE_SIGN, UNIT_WORKING_HOUR, 1, 2},
        {"enforcement", STAGE_CONTACT, UNIT_URGENT_HOUR, 24, 2},
        {"enforcement", STAGE_ARRIVE, UNIT_WORKING_DAY, 3, 4},
        {"enforcement", STAGE_RESOLVE, UNIT_WORKING_DAY, 10, 4},
        {"enforcement", STAGE_REWORK, UNIT_WORKING_DAY, 10, 4},
        {"priority", STAGE_SIGN, UNIT_WORKING_HOUR, 1, 2},
        {"priority", STAGE_CONTACT, UNIT_URGENT_HOUR, 24, 2},
        {"priority", STAGE_ARRIVE, UNIT_WORKING_DAY, 5, 4},
        {"priority", STAGE_RESOLVE, UNIT_WORKING_DAY, 15, 4},
        {"issue", STAGE_TRIAGE, UNIT_URGENT_HOUR, 2, 4},
        {"danger", STAGE_FEEDBACK, UNIT_URGENT_HOUR, 2, 4},
        {"utilities", STAGE_FEEDBACK, UNIT_URGENT_HOUR, 24, 4},
        {"ordinary", STAGE_FEEDBACK, UNIT_CALENDAR_DAY, 7, 4},
        {"complex", STAGE_FEEDBACK, UNIT_CALENDAR_DAY, 15, 4},
        {"issue", STAGE_CALLBACK, UNIT_WORKING_DAY, 1, 4},
        /* a class and a kind fall back on their family */
        {"danger", STAGE_CALLBACK, UNIT_WORKING_DAY, 1, 4},
        {"priority", STAGE_RULE, UNIT_WORKING_DAY, 1, 4},
        {"emergency", STAGE_RULE, UNIT_URGENT_HOUR, 1, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct clock_limit *l =
            reference_limit(real, rows[i].kind, rows[i].stage);

        if (!l || l->unit != rows[i].unit || l->limit != rows[i].limit ||
            l->rung_count != rows[i].rungs || l->yellow_percent != 80)
            fail_msg("%s %s", rows[i].kind, stage_names[rows[i].stage]);
    }
    assert_null(reference_limit(real, "task", STAGE_TRIAGE));
    assert_null(reference_limit(real, "enforcement", STAGE_TRIAGE));
    assert_null(reference_limit(real, "nonsense", STAGE_TRIAGE));
}

static void stages_of_a_matter_follow_in_the_order_of_the_file(void **state)
{
    const struct matter_stage *s = reference_matter_stages(real, "E0402");

    (void)state;
    assert_string_equal(s->stage, "fence");
    assert_int_equal(s->limit.unit, UNIT_URGENT_HOUR);
    assert_string_equal(s->next->stage, "repair");
    assert_string_equal(s->next->next->stage, "reinstate");
    assert_null(s->next->next->next);
    assert_null(reference_matter_stages(real, "P0101"));
}

static void a_weight_that_is_missing_is_our_fault(void **state)
{
    struct err err;
    int64_t value = -1;

    (void)state;
    assert_true(reference_weight(real, "match.weights.near", &value, &err));
    assert_int_equal(value, 30);
    assert_false(reference_weight(real, "match.weights.luck", &value, &err));
    assert_int_equal(err.kind, ERR_FATAL);
    assert_string_equal(err.code, "no_weight");
    assert_int_equal(reference_weight_or(real, "ledger.day_cap", -1), -1);
    assert_int_equal(reference_earn_rule(real, "service_hour")->max_minutes,
                     120);
}

static int64_t due_of(const struct reference *r, const char *start)
{
    struct clock_story story = {.stop_us = INSTANT_NONE};
    struct clock_state clock;

    assert_true(instant_parse(text_of(start), &story.start_us));
    MUST(clock_compute(reference_limit(r, "enforcement", STAGE_SIGN),
                       reference_calendar(r), &story, &clock, err));
    return clock.due_us;
}

static void a_changed_row_moves_the_due(void **state)
{
    static const struct {
        const char *file, *from, *to, *due;
    } cases[] = {
        {"limits.csv", "enforcement,sign,working_hour,1,",
         "enforcement,sign,working_hour,2,", "2026-02-28T10:10:00+08:00"},
        {"calendar_weeks.csv",
         "09:00-12:00 13:30-17:30,09:00-12:00 13:30-17:30,,",
         "09:00-12:00 13:30-17:30,09:00-12:00 13:30-17:00,,",
         "2026-02-28T09:40:00+08:00"},
        {"holidays.csv", "2026-02-28,workday,", "2026-02-28,holiday,",
         "2026-03-02T09:10:00+08:00"},
    };
    /* a Friday; the Saturday after is a make-up day */
    const char *start = "2026-02-27T16:40+08:00";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reference_set own;
        struct reference *r = NULL;
        int64_t before_us, due_us;
        char text[INSTANT_TEXT_SIZE];

        before_us = due_of(real, start);
        reference_read(&own);
        reference_change(&own, cases[i].file, cases[i].from, cases[i].to);
        MUST(reference_build(8, 0, own.files, REFERENCE_FILES, &r, err));
        due_us = due_of(r, start);
        instant_print_shanghai(due_us, text);
        assert_int_not_equal(due_us, before_us);
        assert_string_equal(text, cases[i].due);
        reference_free(r);
        reference_release(&own);
    }
}

/* "day night": the shifts that are on, in the order of the file. */
static void shifts_follow_the_hours_and_the_calendar(void **state)
{
    static const struct {
        const char *at, *on;
    } cases[] = {
        {"2026-03-02T08:59+08:00", "night"}, /* a Monday */
        {"2026-03-02T09:00+08:00", "day"},
        {"2026-03-02T12:00+08:00", ""}, /* noon */
        {"2026-03-02T17:30+08:00", "night"},
        {"2026-02-28T10:00+08:00", "day"}, /* a make-up Saturday */
        {"2026-03-01T10:00+08:00", "rest_day"},
        {"2026-02-17T02:00+08:00", "night"}, /* Spring Festival */
        {"2046-02-17T10:00+08:00", "day rest_day"}, /* no calendar yet */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *codes[8];
        char on[80] = "";
        int64_t at_us;
        size_t count;

        assert_true(instant_parse(text_of(cases[i].at), &at_us));
        count = reference_shifts_on(real, at_us, codes, COUNT_OF(codes));
        for (size_t k = 0; k < count; k++)
            snprintf(on + strlen(on), sizeof(on) - strlen(on), "%s%s",
                     k > 0 ? " " : "", codes[k]);
        if (strcmp(on, cases[i].on) != 0)
            fail_msg("%s: %s, not %s", cases[i].at, on, cases[i].on);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_real_rows_are_found_by_code),
        cmocka_unit_test(streets_communities_and_the_district_are_offices),
        cmocka_unit_test(every_matter_has_its_duty),
        cmocka_unit_test(
            the_nearest_duty_is_the_longest_prefix_then_the_region),
        cmocka_unit_test(the_default_limits_are_those_of_the_domain),
        cmocka_unit_test(stages_of_a_matter_follow_in_the_order_of_the_file),
        cmocka_unit_test(a_weight_that_is_missing_is_our_fault),
        cmocka_unit_test(a_changed_row_moves_the_due),
        cmocka_unit_test(shifts_follow_the_hours_and_the_calendar),
    };

    return cmocka_run_group_tests(tests, build_real, free_real);
}
