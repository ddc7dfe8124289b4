/* alarm.c - lots whose last day is over. */
#include "services/ledger/ledger.h"

const struct pg_stmt ledger_due[] = {
    {"ledger_due",
     "SELECT partition, district, entry::text, next_due, look "
     "FROM ledger.entry WHERE open AND next_due IS NOT NULL "
     "AND next_due <= $2::timestamptz AND partition = ANY ($1::int4[]) "
     "ORDER BY next_due LIMIT $3::int4"},
    {0},
};
