/* intake_messages_test.c - the schemas of intake fit its structs, and their
 * examples are what they are said to be. */
#include <jansson.h>

#include "services/intake/issue.h"
#include "services/intake/issue_columns.h"
#include "tests/unit/decide.h"

#define FOLDER "schemas/messages"

static const struct {
    const char *type;
    const struct field *fields; /* NULL: an event */
    size_t size;
} types[] = {
    {"issue.raise", issue_raise_fields, sizeof(struct issue_raise)},
    {"issue.accept", issue_accept_fields, sizeof(struct issue_accept)},
    {"issue.decline", issue_decline_fields, sizeof(struct issue_decline)},
    {"issue.ask", issue_ask_fields, sizeof(struct issue_ask)},
    {"issue.supply", issue_supply_fields, sizeof(struct issue_supply)},
    {"issue.merge", issue_merge_fields, sizeof(struct issue_merge)},
    {"issue.route", issue_route_fields, sizeof(struct issue_route)},
    {"issue.route_failed", issue_route_failed_fields,
     sizeof(struct issue_route_failed)},
    {"issue.route_done", issue_route_done_fields,
     sizeof(struct issue_route_done)},
    {"issue.handle", issue_handle_fields, sizeof(struct issue_handle)},
    {"issue.callback", issue_callback_fields, sizeof(struct issue_callback)},
    {"issue.reopen", issue_reopen_fields, sizeof(struct issue_reopen)},
    {"issue.urge", issue_urge_fields, sizeof(struct issue_urge)},
    {"issue.void", issue_void_fields, sizeof(struct issue_void)},
    {"issue.noted", issue_noted_fields, sizeof(struct issue_noted)},
    {"reference.changed", issue_reference_changed_fields,
     sizeof(struct issue_reference_changed)},
    {"clock.passed", NULL, 0},
    {"issue.raised", NULL, 0},
    {"issue.accepted", NULL, 0},
    {"issue.declined", NULL, 0},
    {"issue.asked", NULL, 0},
    {"issue.supplied", NULL, 0},
    {"issue.merged", NULL, 0},
    {"issue.routed", NULL, 0},
    {"issue.unrouted", NULL, 0},
    {"issue.handled", NULL, 0},
    {"issue.called", NULL, 0},
    {"issue.closed", NULL, 0},
    {"issue.reopened", NULL, 0},
    {"issue.urged", NULL, 0},
    {"issue.voided", NULL, 0},
    {"issue.overdue", NULL, 0},
    {"issue.hot_spot", NULL, 0},
    {"issue.refused", NULL, 0},
};

static void check_good(const struct schema *schema, size_t size,
                       const char *path)
{
    AUTO(buf) struct buf json = {0};
    AUTO(arena) struct arena arena = {0};
    struct err err = {0};

    trial_read(path, &json);
    if (!schema_fill(schema, buf_text(&json), true, &arena,
                     arena_give(&arena, size), &err))
        fail_msg("%s: %s %s", path, err.field, err.sentence);
}

static void check_bad(const struct schema *schema, size_t size,
                      const char *path)
{
    AUTO(arena) struct arena arena = {0};
    struct err err = {0};
    json_t *example = json_load_file(path, 0, NULL);
    char *data = json_dumps(json_object_get(example, "data"), 0);

    assert_non_null(data);
    if (schema_fill(schema, text_of(data), true, &arena,
                    arena_give(&arena, size), &err))
        fail_msg("%s was taken", path);
    assert_string_equal(err.code,
                        json_string_value(json_object_get(example, "why")));
    assert_string_equal(err.field,
                        json_string_value(json_object_get(example, "field")));
    free(data);
    json_decref(example);
}

static size_t
check_examples(size_t n, const struct schema *schema, const char *kind,
               void (*check)(const struct schema *, size_t, const char *))
{
    char path[256];
    size_t count = 0;

    for (;; count++) {
        FILE *f;

        snprintf(path, sizeof(path), FOLDER "/examples/%s/%s.%zu.json", kind,
                 types[n].type, count + 1);
        f = fopen(path, "rb");
        if (!f)
            return count;
        fclose(f);
        check(schema, types[n].size, path);
    }
}

static void every_type_has_examples_that_are_good_and_bad(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(types); n++) {
        struct schema *schema;
        struct err err = {0};

        if (!schema_load(FOLDER, types[n].type, types[n].fields, &schema, &err))
            fail_msg("%s: %s", types[n].type, err.sentence);
        if (check_examples(n, schema, "good", check_good) == 0 ||
            check_examples(n, schema, "bad", check_bad) == 0)
            fail_msg("%s has no examples", types[n].type);
        schema_free(schema);
    }
}

static size_t count_words(const char *list)
{
    size_t count = 1;

    for (; *list; list++)
        count += *list == ',';
    return count;
}

static void the_lists_of_columns_are_as_long_as_their_table(void **state)
{
    size_t all = 0;

    (void)state;
    while (issue_columns[all].kind != COLUMN_NONE)
        all++;
    assert_int_equal(count_words(CHANGING_COLUMNS), ISSUE_CHANGING);
    assert_int_equal(count_words(RAISED_COLUMNS) + ISSUE_CHANGING,
                     ISSUE_LOADED);
    assert_int_equal(all, ISSUE_LOADED + 1); /* and the long text */
    assert_true(all <= PG_PARAMS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_examples_that_are_good_and_bad),
        cmocka_unit_test(the_lists_of_columns_are_as_long_as_their_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
