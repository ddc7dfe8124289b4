/* track_messages_test.c - the tables of track fit the schemas; examples. */
#include "tests/unit/decide.h"

#include "common/io/schema.h"
#include "services/track/messages.h"

#define FOLDER "schemas/messages"

static const struct {
    const char *type;
    const struct field *fields;
    size_t size;
} tables[] = {
    {"task.assign", task_assign_fields, sizeof(struct task_assign)},
    {"task.hand", task_hand_fields, sizeof(struct task_hand)},
    {"task.cancel", task_cancel_fields, sizeof(struct task_cancel)},
    {"task.sign", task_sign_fields, sizeof(struct task_stage)},
    {"task.contact", task_sign_fields, sizeof(struct task_stage)},
    {"task.arrive", task_arrive_fields, sizeof(struct task_stage)},
    {"task.start", task_start_fields, sizeof(struct task_stage)},
    {"task.report", task_report_fields, sizeof(struct task_report)},
    {"task.return", task_return_fields, sizeof(struct task_return)},
    {"task.rule", task_rule_fields, sizeof(struct task_rule)},
    {"task.accept", task_accept_fields, sizeof(struct task_accept)},
    {"task.rework", task_rework_fields, sizeof(struct task_rework)},
    {"task.excuse", task_excuse_fields, sizeof(struct task_excuse)},
    {"task.reassign_failed", task_reassign_failed_fields,
     sizeof(struct task_reassign_failed)},
    {"reference.changed", task_reference_changed_fields,
     sizeof(struct reference_changed)},
};

struct fault {
    char why[65], field[257];
    struct text data;
};
static const struct field fault_fields[] = {
    F_CODE(struct fault, why),
    F_CODE(struct fault, field),
    F_RAW(struct fault, data),
    {0},
};
static const char fault_schema[] =
    "{\"type\":\"object\",\"required\":[\"why\",\"field\",\"data\"],"
    "\"properties\":{\"why\":{\"type\":\"string\",\"maxLength\":16},"
    "\"field\":{\"type\":\"string\",\"maxLength\":64},\"data\":{}}}";

static void each_table_of_fields_fits_its_schema(void **state)
{
    AUTO(arena) struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct schema *s = NULL;
        struct err err = {0};
        AUTO(buf) struct buf example = {0};
        char path[200];

        if (!schema_load(FOLDER, tables[i].type, tables[i].fields, &s, &err))
            fail_msg("%s: %s", tables[i].type, err.sentence);
        snprintf(path, sizeof(path), FOLDER "/examples/good/%s.1.json",
                 tables[i].type);
        trial_read(path, &example);
        if (!schema_fill(s, buf_text(&example), true, &arena,
                         arena_give(&arena, tables[i].size), &err))
            fail_msg("%s: %s %s", path, err.field, err.sentence);
        schema_free(s);
    }
}

/* Calls check for each file of a folder that begins with "task.". */
static int each_example(const char *folder,
                        void (*check)(const struct schema *, struct text,
                                      const char *))
{
    DIR *dir = opendir(folder);
    int count = 0;

    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        AUTO(buf) struct buf body = {0};
        struct schema *s = NULL;
        struct err err = {0};
        char path[512], type[256];

        if (strncmp(e->d_name, "task.", 5) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        trial_read(path, &body);
        snprintf(type, sizeof(type), "%s", e->d_name);
        *strchr(strchr(type, '.') + 1, '.') = '\0';
        if (!schema_load(FOLDER, type, NULL, &s, &err))
            fail_msg("%s: %s", type, err.sentence);
        check(s, buf_text(&body), path);
        schema_free(s);
        count++;
    }
    closedir(dir);
    return count;
}

static void check_good(const struct schema *s, struct text json,
                       const char *path)
{
    AUTO(arena) struct arena arena = {0};
    struct err err = {0};

    if (!schema_fill(s, json, true, &arena, NULL, &err))
        fail_msg("%s: %s %s", path, err.field, err.sentence);
}

static void check_bad(const struct schema *s, struct text json,
                      const char *path)
{
    AUTO(arena) struct arena arena = {0};
    struct schema *wrapper = NULL;
    struct fault fault;
    struct err err = {0};

    assert_true(schema_compile(text_of(fault_schema), NULL, fault_fields,
                               &wrapper, &err));
    if (!schema_fill(wrapper, json, true, &arena, &fault, &err))
        fail_msg("%s: %s %s", path, err.field, err.sentence);
    if (schema_fill(s, fault.data, true, &arena, NULL, &err))
        fail_msg("%s was taken", path);
    if (strcmp(err.code, fault.why) != 0 || strcmp(err.field, fault.field) != 0)
        fail_msg("%s: %s at %s: %s", path, err.code, err.field, err.sentence);
    schema_free(wrapper);
}

static void each_good_example_is_taken(void **state)
{
    (void)state;
    assert_true(each_example(FOLDER "/examples/good", check_good) >= 34);
}

static void each_bad_example_is_refused_for_what_it_says(void **state)
{
    (void)state;
    assert_true(each_example(FOLDER "/examples/bad", check_bad) >= 68);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_of_fields_fits_its_schema),
        cmocka_unit_test(each_good_example_is_taken),
        cmocka_unit_test(each_bad_example_is_refused_for_what_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
