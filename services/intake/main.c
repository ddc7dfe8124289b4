/*
 * intake - residents' issues: triage, routing, callback.
 *
 *     issue.commands  ->  intake  ->  issue.events
 *                                 ->  issue.commands    (issue.noted)
 *                                 ->  whistle.commands  (whistle.draft, …)
 *                                 ->  match.commands    (need.publish)
 */
#include "common/city/actor.h"
#include "services/intake/issue.h"

#define ROUTE(type, word)                                                      \
    {                                                                          \
        type, issue_##word##_fields, sizeof(struct issue_##word),              \
            issue_##word, false                                                \
    }

/* clang-format off */
static const struct route routes[] = {
    ROUTE("issue.raise",        raise),
    ROUTE("issue.accept",       accept),
    ROUTE("issue.decline",      decline),
    ROUTE("issue.ask",          ask),
    ROUTE("issue.supply",       supply),
    ROUTE("issue.merge",        merge),
    ROUTE("issue.route",        route),
    ROUTE("issue.route_failed", route_failed),
    ROUTE("issue.route_done",   route_done),
    ROUTE("issue.handle",       handle),
    ROUTE("issue.callback",     callback),
    ROUTE("issue.reopen",       reopen),
    ROUTE("issue.urge",         urge),
    ROUTE("issue.void",         void),
    ROUTE("issue.noted",        noted),
    { "clock.passed",      clock_passed_fields, sizeof(struct clock_passed),
      issue_clock_passed, false },
    { "reference.changed", issue_reference_changed_fields,
      sizeof(struct issue_reference_changed), issue_reference_changed, true },
    { 0 },
};
/* clang-format on */

int main(int argc, char **argv)
{
    static const struct service intake = {
        .name = "intake",
        .topic = "issue.commands",
        .events = "issue.events",
        .thing = "issue",
        .routes = routes,
        .state_size = sizeof(struct issues),
        .begin = issues_begin,
        .load = issues_load,
        .save = issues_save,
        .statements = issues_statements,
        .allow = actor_allow,
        .due = issues_due,
        .reference = &city_reference,
        .states = issue_print_states,
        .settings = vault_settings,
        .settings_into = &vault_setting,
        .start = vault_start,
    };

    return worker_main(&intake, argc, argv);
}
