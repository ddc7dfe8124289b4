/* sim.h - runs of the simulation. */
#ifndef BAODAO_TESTS_SIM_H
#define BAODAO_TESTS_SIM_H

#include "tests/sim/world.h"

/* Once: shared memory, keys, settings in the environment. */
void sim_start(void);
void sim_stop(void);
/* NULL: all held; else what did not. The story is in world->story. */
const char *sim_run(uint64_t seed, enum lie lie);
/* A small run whose n-th call of the family fails; world->nth_count < n when
 * there was none. */
const char *sim_run_nth(uint64_t seed, enum family family, int64_t n);

#endif
