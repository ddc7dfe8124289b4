/* sim_toy.h - the toy's statements on the server's side. */
#ifndef BAODAO_TESTS_SIM_TOY_H
#define BAODAO_TESTS_SIM_TOY_H

#include "tests/sim/db.h"

enum answer_kind toy_load(struct session *s, const struct statement *st,
                          struct answer *a);
enum answer_kind toy_save(struct session *s, const struct statement *st,
                          struct answer *a);
enum answer_kind toy_notes(struct session *s, const struct statement *st,
                           struct answer *a);
enum answer_kind toy_due(struct session *s, const struct statement *st,
                         struct answer *a);

#endif
