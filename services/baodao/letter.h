/* letter.h - a dead letter, found, edited and settled. */
#ifndef BAODAO_CLI_LETTER_H
#define BAODAO_CLI_LETTER_H

#include "common/work/letter.h"
#include "services/baodao/say.h"

/* ERR_REJECT "no_letter" when none lies there. */
MUST_CHECK bool letter_read(struct cli *cli, const char *topic,
                            int32_t partition, int64_t offset,
                            struct letter *ret_letter, struct err *err);
void letter_cleanup(struct letter *l);
/* Puts it into the queue as it is, to where its key belongs; saying_finish
 * tells when Kafka has it. */
MUST_CHECK bool letter_say(struct saying *s, const struct letter *l,
                           struct err *err);
/*
 * Takes it away and logs the act ("dead.drop"), at once; why may be NULL. A
 * fold is not touched: the letter was and stays one, so a replay brings it
 * back, and no row of log.skip is needed.
 */
MUST_CHECK bool letter_settle(struct cli *cli, struct letter *l,
                              const char *verb, const char *why,
                              struct err *err);

#endif
