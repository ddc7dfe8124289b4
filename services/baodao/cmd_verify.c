/* cmd_verify.c - recomputes what must hold; silent when it does. */
#include "services/baodao/queues.h"
#include "services/baodao/verbs.h"
#include "services/baodao/verify.h"

#define TRIES 3
#define PATIENCE_S 5

/* One snapshot for all that is compared. */
static bool in_snapshot(struct cli *cli,
                        bool (*verify)(struct cli *, struct err *),
                        struct err *err)
{
    struct err why;
    bool holds;

    if (!pg_exec(cli->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                 err))
        return false;
    holds = verify(cli, err);
    return pg_exec(cli->pg, "ROLLBACK", &why) && holds;
}

static bool has_moved(struct cli *cli, struct queues *before)
{
    struct queues now;
    struct err ignored;

    if (!queues_read(cli, &now, &ignored))
        return false;
    for (size_t i = 0; i < now.count; i++)
        if (now.items[i].high != before->items[i].high ||
            now.items[i].next != before->items[i].next)
            return true;
    return false;
}

/* A clock may pass between the look and the snapshot: then once more. */
static bool verify_quiet(struct cli *cli, struct err *err)
{
    struct queues before;
    struct err why;

    for (int i = 0; i < TRIES; i++) {
        if (!queues_wait(cli, PATIENCE_S, NULL, err))
            return err_in(err, "the chains hold; the steps between workers "
                               "can be seen only in a quiet cell");
        if (!queues_read(cli, &before, err))
            return false;
        if (in_snapshot(cli, verify_steps, &why))
            return true;
        if (!has_moved(cli, &before))
            break;
    }
    *err = why;
    return false;
}

bool cmd_verify(struct cli *cli, struct err *err)
{
    return cli_words(cli, NULL, NULL, 0, 0, err) && cli_cell(cli, err) &&
           cli_kafka(cli, err) && in_snapshot(cli, verify_chains, err) &&
           verify_quiet(cli, err);
}
