/*
 * match - finds who could do it best, and sees it through.
 *
 *     match.commands  ->  match  ->  match.events
 *                                ->  ledger.commands  (ledger.post)
 *                                ->  issue.commands   (issue.route_done)
 */
#include "common/city/actor.h"
#include "services/match/match.h"

static const struct pg_stmt *const statements[] = {
    match_loads,
    match_saves,
    NULL,
};

#define SAID(s) sizeof(struct s)

static const struct route routes[] = {
    /* clang-format off */
    { "partner.register", partner_register_fields, SAID(partner_register), partner_registered, false },
    { "need.publish",     need_publish_fields,     SAID(need_publish),     need_published, false },
    { "need.withdraw",    need_withdraw_fields,    SAID(need_withdraw),    need_withdrawn, false },
    { "offer.publish",    offer_publish_fields,    SAID(offer_publish),    offer_published, false },
    { "match.accept",     match_word_fields,       SAID(match_word),       match_accepted, false },
    { "match.decline",    match_decline_fields,    SAID(match_decline),    match_declined, false },
    { "match.serve",      match_word_fields,       SAID(match_word),       match_served, false },
    { "match.deliver",    match_deliver_fields,    SAID(match_deliver),    match_delivered, false },
    { "match.rate",       match_rate_fields,       SAID(match_rate),       match_rated, false },
    { "match.post_done",  match_post_done_fields,  SAID(match_post_done),  match_post_answered, false },
    { "clock.passed",     clock_passed_fields,     SAID(clock_passed),     match_looked, false },
    { "reference.changed", match_reference_fields, SAID(reference_changed), match_recomputed, true },
    { 0 },
    /* clang-format on */
};

int main(int argc, char **argv)
{
    static const struct service match = {
        .name = "match",
        .topic = "match.commands",
        .events = "match.events",
        .thing = "match",
        .routes = routes,
        .state_size = sizeof(struct match_state),
        .begin = matches_begin,
        .load = matches_load,
        .save = matches_save,
        .statements = statements,
        .allow = actor_allow,
        .due = match_due,
        .reference = &city_reference,
    };

    return worker_main(&match, argc, argv);
}
