/* alarm.c - the clocks of issues that have run out. */
#include "services/intake/issue.h"

const struct pg_stmt issues_due[] = {
    {"issues_due",
     "SELECT partition, home, issue::text, next_due, look FROM intake.issue "
     "WHERE open AND next_due <= $2::timestamptz "
     "AND partition = ANY($1::int[]) ORDER BY next_due LIMIT $3::int"},
    {0}};
