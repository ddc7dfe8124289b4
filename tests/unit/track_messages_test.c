/* track_messages_test.c - the tables of track fit the schemas. */
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
    {"task.claim", task_claim_fields, sizeof(struct task_hold)},
    {"task.hand_over", task_hand_over_fields, sizeof(struct task_hold)},
    {"task.take_back", task_claim_fields, sizeof(struct task_hold)},
    {"task.cancel", task_cancel_fields, sizeof(struct task_cancel)},
    {"task.sign", task_sign_fields, sizeof(struct task_stage)},
    {"task.contact", task_sign_fields, sizeof(struct task_stage)},
    {"task.arrive", task_arrive_fields, sizeof(struct task_stage)},
    {"task.start", task_start_fields, sizeof(struct task_stage)},
    {"task.complete_stage", task_complete_fields,
     sizeof(struct task_complete)},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_of_fields_fits_its_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
