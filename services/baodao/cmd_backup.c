/* cmd_backup.c - notes that a backup was made, so that the doctor knows for
 * how long a restore would have to fold again. */
#include "services/baodao/act.h"
#include "services/baodao/verbs.h"

bool cmd_backed_up(struct cli *cli, struct err *err)
{
    struct act act = {.verb = "backup"};

    return cli_words(cli, NULL, &act.subject, 1, 1, err) &&
           cli_cell(cli, err) && act_log(cli, &act, err);
}
