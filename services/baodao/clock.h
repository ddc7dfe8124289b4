/* clock.h - moves a test-clock cell's time; forward only. */
#ifndef BAODAO_CLI_CLOCK_H
#define BAODAO_CLI_CLOCK_H

#include "services/baodao/cli.h"

/* ERR_REJECT "no_test_clock" in a production cell; cli_cell first. */
MUST_CHECK bool clock_check(const struct cli *cli, struct err *err);
/* Makes the log's months and sets log.cell; an earlier instant changes
 * nothing. Nobody is waited for. */
MUST_CHECK bool clock_set(struct cli *cli, int64_t to_us, struct err *err);
/* Waits, at most 30 s, until each daemon that lives has taken it. */
MUST_CHECK bool clock_await(struct cli *cli, struct err *err);
/* "3d", "2h", "90m", "30s", "1d12h" in microseconds. */
MUST_CHECK bool clock_span(struct text span, int64_t *ret_us);

#endif
