/* announce.h - tells every partition that reference data have changed. */
#ifndef BAODAO_CLI_ANNOUNCE_H
#define BAODAO_CLI_ANNOUNCE_H

#include "common/base/digest.h"
#include "services/baodao/cli.h"

/* reference.changed {version, digest} with key "#N" to each partition N of
 * each command topic; returns when Kafka has all. */
MUST_CHECK bool announce_reference(struct cli *cli, int64_t version,
                                   const struct digest *digest,
                                   struct err *err);

#endif
