/*
 * act.h - what an operator does is logged: who, what, on what, why, when.
 *
 *     pg_exec(cli->pg, "BEGIN", err) && the deed &&
 *     act_log(cli, &(struct act){ .verb = "dead.drop", .subject = place,
 *                                 .why = why }, err) &&
 *     pg_exec(cli->pg, "COMMIT", err)
 */
#ifndef BAODAO_CLI_ACT_H
#define BAODAO_CLI_ACT_H

#include "services/baodao/cli.h"

struct act {
    const char *verb;    /* "topics.adopt" */
    const char *subject; /* "issue.commands/3/17": what it was done to */
    const char *why;     /* NULL: the verb asks for no reason */
    const char *detail;  /* NULL, or what came of it: "12 letters" */
};

/* A row of log.act by cli_person(cli) at the cell's time, in the transaction
 * that is open on cli->pg. cli_cell first. */
MUST_CHECK bool act_log(struct cli *cli, const struct act *act,
                        struct err *err);

#endif
