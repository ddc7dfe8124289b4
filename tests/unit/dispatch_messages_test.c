/* dispatch_messages_test.c - the schemas of whistle.* and office.* fit their
 * tables, take the good examples and refuse the bad by keyword and field. */
#include <glob.h>
#include <string.h>

/* before ours: it has functions of the same names */
#include <jansson.h>

#include "common/base/buf.h"
#include "services/dispatch/messages.h"
#include "tests/unit/must.h"

#define FOLDER "schemas/messages"

/* clang-format off */
static const struct {
    const char *type;
    const struct field *fields; /* NULL: an event, nobody fills a struct */
    size_t size;
} types[] = {
    { "whistle.draft",    whistle_draft_fields,    sizeof(struct draft_in) },
    { "whistle.submit",   whistle_submit_fields,   sizeof(struct submit_in) },
    { "whistle.approve",  whistle_approve_fields,  sizeof(struct approve_in) },
    { "whistle.reject",   whistle_reject_fields,   sizeof(struct reject_in) },
    { "whistle.redraft",  whistle_redraft_fields,  sizeof(struct redraft_in) },
    { "whistle.cancel",   whistle_cancel_fields,   sizeof(struct cancel_in) },
    { "whistle.confer",   whistle_confer_fields,   sizeof(struct confer_in) },
    { "whistle.conclude", whistle_conclude_fields, sizeof(struct conclude_in) },
    { "whistle.again",    whistle_again_fields,    sizeof(struct again_in) },
    { "whistle.lane",     whistle_lane_fields,     sizeof(struct lane_in) },
    { "whistle.add_lane", whistle_add_lane_fields, sizeof(struct add_lane_in) },
    { "whistle.escalate", whistle_escalate_fields, sizeof(struct escalate_in) },
    { "office.duty",      office_duty_fields,      sizeof(struct duty_in) },
    { "office.leave",     office_leave_fields,     sizeof(struct leave_in) },
    { "reference.changed", dispatch_reference_fields, sizeof(struct reference_in) },
    { "whistle.drafted", NULL, 0 },    { "whistle.submitted", NULL, 0 },
    { "whistle.issued", NULL, 0 },     { "whistle.rejected", NULL, 0 },
    { "whistle.redrafted", NULL, 0 },  { "whistle.cancelled", NULL, 0 },
    { "whistle.conferred", NULL, 0 },  { "whistle.concluded", NULL, 0 },
    { "whistle.escalated", NULL, 0 },  { "whistle.passed_over", NULL, 0 },
    { "whistle.lane_added", NULL, 0 }, { "whistle.closed", NULL, 0 },
    { "whistle.refused", NULL, 0 },    { "office.duty_set", NULL, 0 },
    { "office.leave_set", NULL, 0 },
};
/* clang-format on */

static struct text print(struct arena *arena, const json_t *value)
{
    char *dump = json_dumps(value, JSON_COMPACT);
    struct text text = arena_text(arena, text_of(dump));

    free(dump);
    return text;
}

static void try_good(const struct schema *s, struct arena *arena,
                     const json_t *file, void *into, const char *path)
{
    struct err err = {0};

    if (!schema_fill(s, print(arena, file), true, arena, into, &err))
        fail_msg("%s: %s %s %s", path, err.code, err.field, err.sentence);
}

static void try_bad(const struct schema *s, struct arena *arena,
                    const json_t *file, void *into, const char *path)
{
    struct err err = {0};

    if (schema_fill(s, print(arena, json_object_get(file, "data")), true, arena,
                    into, &err))
        fail_msg("%s was taken", path);
    assert_string_equal(err.code,
                        json_string_value(json_object_get(file, "why")));
    assert_string_equal(err.field,
                        json_string_value(json_object_get(file, "field")));
}

/* How many examples of a type there were. */
static size_t try_all(const struct schema *s, const char *type, size_t size,
                      bool good)
{
    AUTO(arena) struct arena arena = {0};
    void *into = size > 0 ? arena_give(&arena, size) : NULL;
    char pattern[256];
    glob_t found;
    size_t count;

    snprintf(pattern, sizeof(pattern), FOLDER "/examples/%s/%s.[0-9].json",
             good ? "good" : "bad", type);
    if (glob(pattern, 0, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        json_t *file = json_load_file(found.gl_pathv[i], 0, NULL);

        assert_non_null(file);
        (good ? try_good : try_bad)(s, &arena, file, into, found.gl_pathv[i]);
        json_decref(file);
    }
    count = found.gl_pathc;
    globfree(&found);
    return count;
}

static void every_type_has_examples_and_they_are_judged_rightly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct schema *s = NULL;

        MUST(schema_load(FOLDER, types[i].type, types[i].fields, &s, err));
        if (try_all(s, types[i].type, types[i].size, true) == 0 ||
            try_all(s, types[i].type, types[i].size, false) == 0)
            fail_msg("%s: no good or no bad example", types[i].type);
        schema_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_examples_and_they_are_judged_rightly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
