/* alarm.c - who waits: unanswered proposals, windows that end. */
#include "services/match/match.h"

#define DUE(table, id)                                                         \
    "(SELECT partition, district, " id "::text, next_due, look"                \
    "  FROM match." table                                                      \
    "  WHERE open AND next_due IS NOT NULL AND next_due <= $2::timestamptz"    \
    "    AND partition = ANY ($1::int4[])"                                     \
    "  ORDER BY next_due LIMIT $3::int4)"

const struct pg_stmt match_due[] = {
    {"match_due",
     DUE("match", "match") " UNION ALL " DUE("need", "need") " UNION ALL " DUE(
         "offer", "offer") " LIMIT $3::int4"},
    {0},
};
