/* explain.h - `baodao show clock WHISTLE/ROUND/OFFICE`. */
#ifndef BAODAO_CLI_EXPLAIN_H
#define BAODAO_CLI_EXPLAIN_H

#include "services/baodao/cli.h"

/* Prints each clock and its sentences; cli_cell first. */
MUST_CHECK bool show_clock(struct cli *cli, const char *subject,
                           struct err *err);

#endif
