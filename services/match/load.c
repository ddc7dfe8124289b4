/*
 * load.c - what a batch names, with its family, in four queries of one flight.
 *
 * $1 of each is every id that the batch names. An id names one thing only, so
 * the same array serves all tables: a need brings its matches, a match its
 * need and that need's other matches, all of them their partners. Where the
 * batch may propose, every active partner comes along ($2).
 */
#include <string.h>

#include "common/base/instant.h"
#include "services/match/match.h"
#include "services/match/rows.h"

#define JOINED(column) "array_to_string(" column ", " SQL_SEPARATOR ")"
#define NAMED_NEEDS                                                            \
    "SELECT unnest($1::uuid[]) UNION "                                         \
    "SELECT need FROM match.match WHERE match = ANY ($1::uuid[])"
/* $2: every match that awaits an answer, too. */
#define NAMED_MATCHES                                                          \
    "SELECT match FROM match.match WHERE need IN (" NAMED_NEEDS ") UNION ALL " \
    "SELECT match FROM match.match WHERE $2 AND open AND next_due IS NOT NULL"

enum { LOAD_NEED, LOAD_PARTNER, LOAD_OFFER, LOAD_MATCH };

/* clang-format off */
const struct pg_stmt match_loads[] = {
    [LOAD_NEED] = { "match_load_need",
      "SELECT need, version, state, district, title, body, region, office, "
      JOINED("skills") ", " JOINED("prefers") ", " JOINED("conflicts") ", "
      "starts, ends, quantity, issue, home, why, partition, next_due, look "
      "FROM match.need WHERE need IN (" NAMED_NEEDS " UNION "
      "SELECT need FROM match.match WHERE $2 AND open AND next_due IS NOT NULL"
      ")" },
    [LOAD_PARTNER] = { "match_load_partner",
      "SELECT partner, version, name, kind, brand, " JOINED("skills") ", "
      JOINED("serves") ", home, " JOINED("windows") ", active, capacity, "
      "capacity_left, commitment, commitment_left, rating_sum, rating_count, "
      "last_served FROM match.partner WHERE partner IN ("
      "SELECT unnest($1::uuid[]) UNION "
      "SELECT partner FROM match.partner WHERE $3 AND active UNION "
      "SELECT partner FROM match.match WHERE match IN (" NAMED_MATCHES "))" },
    [LOAD_OFFER] = { "match_load_offer",
      "SELECT offer, version, state, district, partner, title, "
      JOINED("skills") ", quantity, starts, ends, region, partition, "
      "next_due, look FROM match.offer WHERE offer = ANY ($1::uuid[])" },
    [LOAD_MATCH] = { "match_load_match",
      "SELECT match, version, state, need, partner, takes, commits, score, "
      "terms, proposed, accepted, serving, delivered, minutes, stars, reason, "
      "note, reviewer, beans, post_code, post_why, reference_version, "
      "partition, next_due, look FROM match.match "
      "WHERE match IN (" NAMED_MATCHES ")" },
    { 0 },
};
/* clang-format on */

void matches_begin(struct batch *b)
{
    struct match_state *state = b->state;

    slots_start(&state->partners, &b->arena);
    slots_start(&state->needs, &b->arena);
    slots_start(&state->offers, &b->arena);
    slots_start(&state->matches, &b->arena);
}

/* ---- what the batch names ---- */

/* How a message names what it is about; $3: its decision may propose. */
static const struct naming {
    decide_function *decide;
    bool is_text;
    size_t at;
    bool proposes;
} namings[] = {
    /* clang-format off */
    { partner_registered,  false, offsetof(struct partner_register, partner), false },
    { need_withdrawn,      false, offsetof(struct need_withdraw, need),       false },
    { offer_published,     false, offsetof(struct offer_publish, partner),    false },
    { match_accepted,      false, offsetof(struct match_word, match),         false },
    { match_declined,      false, offsetof(struct match_decline, match),      true  },
    { match_served,        false, offsetof(struct match_word, match),         false },
    { match_delivered,     false, offsetof(struct match_deliver, match),      false },
    { match_rated,         false, offsetof(struct match_rate, match),         false },
    { match_post_answered, true,  offsetof(struct match_post_done, subject),  false },
    { match_looked,        true,  offsetof(struct clock_passed, subject),     true  },
    /* clang-format on */
};

struct named {
    struct pg_array ids;
    bool awaiting; /* all open proposals */
    bool proposes;
};

static void named_cleanup(struct named *named)
{
    pg_array_cleanup(&named->ids);
}

static void name_one(struct named *named, const struct message *m)
{
    const char *in = m->in;
    struct uuid id;

    named->awaiting |= m->route->decide == match_recomputed;
    named->proposes |= m->route->decide == need_published;
    for (size_t i = 0; i < COUNT_OF(namings); i++) {
        const struct naming *how = &namings[i];

        if (how->decide != m->route->decide)
            continue;
        named->proposes |= how->proposes;
        if (!how->is_text)
            memcpy(&id, in + how->at, sizeof(id));
        else if (!uuid_parse(*(const struct text *)(in + how->at), &id))
            return; /* the rule refuses it */
        pg_put_uuid(&named->ids, &id);
    }
}

bool matches_load(struct batch *b, struct pg *pg, struct err *err)
{
    static pg_take *const takes[] = {
        [LOAD_NEED] = match_take_needs,
        [LOAD_PARTNER] = match_take_partners,
        [LOAD_OFFER] = match_take_offers,
        [LOAD_MATCH] = match_take_matches,
    };
    AUTO(named) struct named named = {.ids = PG_ARRAY(PG_UUID)};

    for (size_t i = 0; i < b->count; i++)
        if (batch_message(b, i))
            name_one(&named, batch_message(b, i));
    for (int i = 0; i < (int)COUNT_OF(takes); i++) {
        struct pg_params p = {0};

        pg_param_array(&p, &named.ids);
        if (i != LOAD_OFFER)
            pg_param_bool(&p, named.awaiting);
        if (i == LOAD_PARTNER)
            pg_param_bool(&p, named.proposes);
        if (!pg_send(pg, &match_loads[i], &p, takes[i], b, err))
            return false;
    }
    return true;
}
