/* sim_log.h - the statements of the log on the server's side. */
#ifndef BAODAO_TESTS_SIM_LOG_H
#define BAODAO_TESTS_SIM_LOG_H

#include "tests/sim/db.h"

enum answer_kind log_seen(struct session *s, const struct statement *st,
                          struct answer *a);
enum answer_kind log_add(struct session *s, const struct statement *st,
                         struct answer *a);
enum answer_kind log_add_dead(struct session *s, const struct statement *st,
                              struct answer *a);
enum answer_kind log_unpublished(struct session *s, const struct statement *st,
                                 struct answer *a);

#endif
