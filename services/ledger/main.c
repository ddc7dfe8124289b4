/*
 * ledger - beans: earned once for each service, in double entry.
 *
 *     ledger.commands  ->  ledger  ->  ledger.events
 *                                  ->  match.commands  (match.post_done)
 */
#include "common/city/actor.h"
#include "services/ledger/ledger.h"

static const struct pg_stmt *const statements[] = {
    ledger_loads,
    ledger_saves,
    NULL,
};

static const struct route routes[] = {
    /* clang-format off */
    { "ledger.post",       ledger_post_fields,      sizeof(struct ledger_post),      ledger_posted,   false },
    { "ledger.reverse",    ledger_reverse_fields,   sizeof(struct ledger_reverse),   ledger_reversed, false },
    { "clock.passed",      clock_passed_fields,     sizeof(struct clock_passed),     ledger_looked,   false },
    { "reference.changed", ledger_reference_fields, sizeof(struct ledger_reference), ledger_unmoved,  true  },
    { 0 },
    /* clang-format on */
};

int main(int argc, char **argv)
{
    static const struct service ledger = {
        .name = "ledger",
        .topic = "ledger.commands",
        .events = "ledger.events",
        .thing = "ledger",
        .routes = routes,
        .state_size = sizeof(struct ledger_state),
        .begin = ledger_begin,
        .load = ledger_load,
        .save = ledger_save,
        .statements = statements,
        .allow = actor_allow,
        .due = ledger_due,
        .reference = &city_reference,
    };

    return worker_main(&ledger, argc, argv);
}
