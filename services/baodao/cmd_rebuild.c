/* cmd_rebuild.c - has dispatch count its officers anew: it does so by itself
 * when Redis has lost the marker. */
#include "common/city/duty_key.h"
#include "common/io/redis.h"
#include "services/baodao/verbs.h"

bool cmd_rebuild(struct cli *cli, struct err *err)
{
    const struct text words[] = {TEXT("DEL"), TEXT(DUTY_MARKER)};
    struct redis_reply reply;
    struct redis *redis;
    bool done;

    if (!cli_words(cli, NULL, NULL, 0, 0, err) ||
        !cli_need(cli->redis, "REDIS", err))
        return false;
    redis = redis_new(cli->redis, 2000);
    done = redis_call(redis, words, COUNT_OF(words), &reply, err);
    redis_free(redis);
    if (done)
        printf("dispatch will count its officers anew within seconds\n");
    return done;
}
