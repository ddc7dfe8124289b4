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
    { "task.assign",   task_assign_fields, IN(task_assign), task_assign, false },
    { "task.hand",     task_hand_fields,   IN(task_hand),   task_hand,   false },
    { "task.cancel",   task_cancel_fields, IN(task_cancel), task_cancel, false },
    { "task.sign",     task_sign_fields,   IN(task_stage),  task_sign,   false },
    { "task.contact",  task_sign_fields,   IN(task_stage),  task_contact, false },
    { "task.arrive",   task_arrive_fields, IN(task_stage),  task_arrive, false },
    { "task.start",    task_start_fields,  IN(task_stage),  task_start,  false },
    { "task.report",   task_report_fields, IN(task_report), task_report, false },
    { "task.return",   task_return_fields, IN(task_return), task_return, false },
    { "task.rule",     task_rule_fields,   IN(task_rule),   task_rule,   false },
    { "task.accept",   task_accept_fields, IN(task_accept), task_accept, false },
    { "task.rework",   task_rework_fields, IN(task_rework), task_rework, false },
    { "task.excuse",   task_excuse_fields, IN(task_excuse), task_excuse, false },
    { "task.reassign_failed", task_reassign_failed_fields,
      IN(task_reassign_failed), task_reassign_failed, false },
    { "clock.passed",  clock_passed_fields, IN(clock_passed),
      task_clock_passed, false },
    { "reference.changed", task_reference_changed_fields,
      IN(reference_changed), task_reference_changed, true },
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
        .due = &lanes_due,
        .reference = &city_reference,
    };

    return worker_main(&track, argc, argv);
}
