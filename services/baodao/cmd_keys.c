/* cmd_keys.c - the keys of a new cell. */
#include "common/base/digest.h"
#include "services/baodao/verbs.h"

bool cmd_keys(struct cli *cli, struct err *err)
{
    const char *folder;

    return cli_words(cli, NULL, &folder, 1, 1, err) && keys_create(folder, err);
}
