/*
 * issue_columns.h - which member of an issue is which column of intake.issue;
 * the lists in SQL follow the order of issue_columns.
 */
#ifndef BAODAO_INTAKE_ISSUE_COLUMNS_H
#define BAODAO_INTAKE_ISSUE_COLUMNS_H

#include "services/intake/column.h"
#include "services/intake/issue.h"

#define ISSUE_CHANGING 31 /* the first so many change; then as raised */
#define ISSUE_LOADED 44   /* all but the long text */

extern const struct column issue_columns[];
extern const struct column hot_spot_columns[];
extern const struct pg_stmt issues_by_id[], issues_waiting[],
    hot_spots_by_key[];

#define CHANGING_COLUMNS                                                       \
    "issue, version, state, open, region, street, matter, class, reason, "     \
    "note, question, supplied, answer, route, route_id, whistle, "             \
    "merged_into, urges, calls, reopens, accepted_at, handled_at, "            \
    "closed_at, stage, clock_start, due, reference_version, pauses, "          \
    "overdue, next_due, look"
#define RAISED_COLUMNS                                                         \
    "number, partition, home, title, place, lng, lat, confidential, "          \
    "person, requester, name_masked, phone_masked, received_at"

#endif
