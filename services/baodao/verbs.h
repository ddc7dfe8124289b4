/* verbs.h - what `baodao` can do; one file a verb, the table is in main.c. */
#ifndef BAODAO_CLI_VERBS_H
#define BAODAO_CLI_VERBS_H

#include "services/baodao/cli.h"

cli_verb cmd_keys, cmd_migrate, cmd_topics, cmd_reference, cmd_token, cmd_send,
    cmd_replay, cmd_show, cmd_tail, cmd_lag, cmd_dead, cmd_verify, cmd_rebuild,
    cmd_time, cmd_anchor, cmd_oracle, cmd_pause, cmd_resume, cmd_drain,
    cmd_doctor, cmd_rewind, cmd_offsets, cmd_backed_up;

#endif
