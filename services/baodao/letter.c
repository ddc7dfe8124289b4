/* letter.c - reads a dead letter and settles it. */
#include "services/baodao/letter.h"

#include <string.h>

#include "common/base/instant.h"
#include "services/baodao/act.h"
#include "services/baodao/topics.h"

static bool take_letter(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct letter *l = context;

    if (rows->count == 0)
        return err_reject(err, "no_letter", "",
                          "no dead letter lies at %s/%d offset %lld", l->topic,
                          (int)l->partition, (long long)l->offset);
    return letter_take(rows, &l->arena, l, err);
}

static void put_place(const struct letter *l, struct pg_params *params)
{
    pg_param_text(params, text_of(l->topic));
    pg_param_int4(params, l->partition);
    pg_param_int8(params, l->offset);
}

bool letter_read(struct cli *cli, const char *topic, int32_t partition,
                 int64_t offset, struct letter *ret_letter, struct err *err)
{
    struct letter *l = ret_letter;
    struct pg_params params = {0};

    l->topic = arena_text(&l->arena, text_of(topic)).bytes;
    l->partition = partition;
    l->offset = offset;
    put_place(l, &params);
    return pg_query(cli->pg,
                    "SELECT code, field, sentence, key, value, headers"
                    "  FROM log.dead_letter"
                    " WHERE topic = $1 AND partition = $2 AND \"offset\" = $3",
                    &params, take_letter, l, err);
}

void letter_cleanup(struct letter *l)
{
    arena_release(&l->arena);
}

bool letter_say(struct saying *s, const struct letter *l, struct err *err)
{
    char name[CLI_TOPIC_SIZE];
    struct kafka_out_message message;

    cli_topic_name(s->cli->name, l->topic, name);
    message = letter_message(
        l, name, s->cli->test_clock_us == INSTANT_NONE ? 0 : cli_now(s->cli));
    return saying_put(s, &message, err);
}

static bool take_gone(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    const struct letter *l = context;

    return rows->affected == 1 ||
           err_reject(err, "no_letter", "",
                      "%s/%d offset %lld was settled by somebody else",
                      l->topic, (int)l->partition, (long long)l->offset);
}

bool letter_settle(struct cli *cli, struct letter *l, const char *verb,
                   const char *why, struct err *err)
{
    struct pg_params params = {0};
    struct act act = {.verb = verb, .why = why, .detail = l->code};

    act.subject = arena_print(&l->arena, "%s/%d/%lld", l->topic,
                              (int)l->partition, (long long)l->offset)
                      .bytes;
    put_place(l, &params);
    return pg_exec(cli->pg, "BEGIN", err) &&
           pg_query(cli->pg,
                    "DELETE FROM log.dead_letter WHERE topic = $1"
                    " AND partition = $2 AND \"offset\" = $3",
                    &params, take_gone, l, err) &&
           act_log(cli, &act, err) && pg_exec(cli->pg, "COMMIT", err);
}
