/* verify.h - what must hold of a cell's records. */
#ifndef BAODAO_CLI_VERIFY_H
#define BAODAO_CLI_VERIFY_H

#include "services/baodao/cli.h"

/*
 * Every row of the log, in the order of its partition: numbered without a gap,
 * its id derived from its cause, its data as digested, linked to the row
 * before; the last one is the consumer's head. ERR_FATAL "broken" names the
 * first row that is not so. Inside a transaction of the caller.
 */
MUST_CHECK bool verify_chains(struct cli *cli, struct err *err);

/* The promises and the steps between workers, as SQL; the same error. Only
 * true of a quiet cell: what is on its way looks as if it were lost. */
MUST_CHECK bool verify_steps(struct cli *cli, struct err *err);

#endif
