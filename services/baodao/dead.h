/* dead.h - sub-verbs of `baodao dead` that take a whole group: those of a
 * topic with the same code, and field if one is given. */
#ifndef BAODAO_CLI_DEAD_H
#define BAODAO_CLI_DEAD_H

#include "services/baodao/cli.h"

cli_verb dead_groups, dead_replay_group, dead_drop_group;

#endif
