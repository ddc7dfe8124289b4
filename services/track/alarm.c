/* alarm.c - which lanes have a mark that has come. */
#include "services/track/lane.h"

/* clang-format off */
const struct pg_stmt lanes_due[] = {
    { "lanes_due",
      "SELECT partition, whistle::text,"
      " whistle || '/' || round || '/' || office, next_due, look"
      " FROM track.lane WHERE open AND next_due <= $2::timestamptz"
      " AND partition = ANY ($1::int[]) ORDER BY next_due LIMIT $3::int" },
    { 0 },
};
/* clang-format on */
