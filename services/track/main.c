/*
 * track - keeps each called office's lane and its clocks.
 *
 *     task.commands  ->  track  ->  task.events
 *                               ->  whistle.commands  (whistle.lane, add_lane)
 */
#include "common/city/actor.h"
#include "common/city/reference.h"
#include "services/track/task.h"

#define IN(type) sizeof(struct type)

static const struct route routes[] = {
    /* clang-format off */
    /* type            fields              size               decide */
    { "task.assign",   task_assign_fields, IN(task_assign),   task_assign, 0 },
    { "task.hand",     task_hand_fields,   IN(task_hand),     task_hand, 0 },
    { "task.claim",    task_claim_fields,  IN(task_hold),     task_claim, 0 },
    { "task.hand_over", task_hand_over_fields, IN(task_hold), task_hand_over, 0 },
    { "task.take_back", task_claim_fields, IN(task_hold),     task_take_back, 0 },
    { "task.cancel",   task_cancel_fields, IN(task_cancel),   task_cancel, 0 },
    { "task.sign",     task_sign_fields,   IN(task_stage),    task_sign, 0 },
    { "task.contact",  task_sign_fields,   IN(task_stage),    task_contact, 0 },
    { "task.arrive",   task_arrive_fields, IN(task_stage),    task_arrive, 0 },
    { "task.start",    task_start_fields,  IN(task_stage),    task_start, 0 },
    { "task.complete_stage", task_complete_fields, IN(task_complete),
      task_complete_stage, 0 },
    { "task.report",   task_report_fields, IN(task_report),   task_report, 0 },
    { "task.return",   task_return_fields, IN(task_return),   task_return, 0 },
    { "task.rule",     task_rule_fields,   IN(task_rule),     task_rule, 0 },
    { "task.accept",   task_accept_fields, IN(task_accept),   task_accept, 0 },
    { "task.rework",   task_rework_fields, IN(task_rework),   task_rework, 0 },
    { "task.excuse",   task_excuse_fields, IN(task_excuse),   task_excuse, 0 },
    { "task.suspend",  task_suspend_fields, IN(task_suspend), task_suspend, 0 },
    { "task.resume",   task_note_fields,   IN(task_note),     task_resume, 0 },
    { "task.extend",   task_extend_fields, IN(task_extend),   task_extend, 0 },
    { "task.grant",    task_note_fields,   IN(task_note),     task_grant, 0 },
    { "task.deny",     task_note_fields,   IN(task_note),     task_deny, 0 },
    { "task.reassign_failed", task_reassign_failed_fields,
      IN(task_reassign_failed), task_reassign_failed, 0 },
    { "clock.passed",  clock_passed_fields, IN(clock_passed),
      task_clock_passed, 0 },
    { "reference.changed", task_reference_changed_fields,
      IN(reference_changed), task_reference_changed, .every_partition = true },
    { 0 },
    /* clang-format on */
};

int main(int argc, char **argv)
{
    static const struct service track = {
        .name = "track",
        .topic = "task.commands",
        .events = "task.events",
        .thing = "task",
        .routes = routes,
        .state_size = sizeof(struct lane_batch),
        .begin = lanes_begin,
        .load = lanes_load,
        .save = lanes_save,
        .statements = lane_statements,
        .allow = actor_allow,
        .due = lanes_due,
        .reference = &city_reference,
        .states = lane_print_states,
    };

    return worker_main(&track, argc, argv);
}
