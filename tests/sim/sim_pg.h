/* sim_pg.h - what the simulated libpq asks of the simulated server. */
#ifndef BAODAO_TESTS_SIM_PG_H
#define BAODAO_TESTS_SIM_PG_H

#include "tests/sim/db.h"

struct session *session_open(void);
/* Runs the first statement in line; false: it waits for a lock. */
bool session_step(struct session *s);
void session_execute(struct session *s, const struct statement *st,
                     struct answer *a);
void session_kill(struct session *s);
void session_orphan(struct session *s);
enum answer_kind answer_error(struct answer *a, const char *state,
                              const char *sentence);

#endif
