/*
 * dispatch - decides who is called when a street whistles.
 *
 *     whistle.commands  ->  dispatch  ->  whistle.events
 *                                     ->  task.commands   (task.assign, …)
 *                                     ->  issue.commands  (issue.route_done)
 */
#include "services/dispatch/allot.h"
#include "services/dispatch/whistle.h"

#define ROUTE(type, fields, in, decide)                                        \
    {                                                                          \
        type, fields, sizeof(struct in), decide, false                         \
    }

/* clang-format off */
static const struct route routes[] = {
    ROUTE("whistle.draft",    whistle_draft_fields,    draft_in,    whistle_draft),
    ROUTE("whistle.submit",   whistle_submit_fields,   submit_in,   whistle_submit),
    ROUTE("whistle.approve",  whistle_approve_fields,  approve_in,  whistle_approve),
    ROUTE("whistle.reject",   whistle_reject_fields,   reject_in,   whistle_reject),
    ROUTE("whistle.redraft",  whistle_redraft_fields,  redraft_in,  whistle_redraft),
    ROUTE("whistle.cancel",   whistle_cancel_fields,   cancel_in,   whistle_cancel),
    ROUTE("whistle.confer",   whistle_confer_fields,   confer_in,   whistle_confer),
    ROUTE("whistle.conclude", whistle_conclude_fields, conclude_in, whistle_conclude),
    ROUTE("whistle.again",    whistle_again_fields,    again_in,    whistle_again),
    ROUTE("whistle.lane",     whistle_lane_fields,     lane_in,     whistle_lane),
    ROUTE("whistle.add_lane", whistle_add_lane_fields, add_lane_in, whistle_add_lane),
    ROUTE("whistle.escalate", whistle_escalate_fields, escalate_in, whistle_escalate),
    ROUTE("office.duty",      office_duty_fields,      duty_in,     office_duty),
    ROUTE("office.leave",     office_leave_fields,     leave_in,    office_leave),
    { "reference.changed", dispatch_reference_fields,
      sizeof(struct reference_in), dispatch_reference, true },
    { 0 },
};
/* clang-format on */

static const struct pg_stmt *const statements[] = {
    whistle_load_statements,
    whistle_save_statements,
    NULL,
};

int main(int argc, char **argv)
{
    static const struct service dispatch = {
        .name = "dispatch",
        .topic = "whistle.commands",
        .events = "whistle.events",
        .thing = "whistle",
        .routes = routes,
        .state_size = sizeof(struct dispatch_state),
        .begin = whistles_begin,
        .load = whistles_load,
        .save = whistles_save,
        .statements = statements,
        .allow = actor_allow,
        .after_commit = allot_batch,
        .idle = allot_idle,
        .reference = &city_reference,
        .states = whistle_print_states,
        .settings = allot_setting_table,
        .settings_into = &allot_settings,
        .start = allot_start,
    };

    return worker_main(&dispatch, argc, argv);
}
