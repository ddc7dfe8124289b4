/* act.c - a row of log.act. */
#include "services/baodao/act.h"

static void put(struct pg_params *params, const char *text)
{
    pg_param_text(params, text_of(text ? text : ""));
}

bool act_log(struct cli *cli, const struct act *act, struct err *err)
{
    struct pg_params params = {0};
    struct uuid id = uuid_new(cli_now(cli));

    pg_param_uuid(&params, &id);
    pg_param_instant(&params, cli_now(cli));
    put(&params, cli_person(cli));
    put(&params, act->verb);
    put(&params, act->subject);
    put(&params, act->why);
    put(&params, act->detail);
    return pg_query(cli->pg,
                    "INSERT INTO log.act (act, at, who, verb, subject, why,"
                    " detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &params, NULL, NULL, err) ||
           err_in(err, "logging %s", act->verb);
}
