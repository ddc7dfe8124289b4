/* announce.c - reference.changed, into every partition. */
#include "services/baodao/announce.h"

#include "common/base/id.h"
#include "common/base/instant.h"
#include "services/baodao/say.h"
#include "services/baodao/topics.h"

static struct text new_id(struct saying *s)
{
    struct uuid id = uuid_new(cli_now(s->cli));
    char text[UUID_TEXT_SIZE];

    uuid_print(&id, text);
    return arena_text(&s->arena, text_of(text));
}

static struct text wall_time(struct saying *s)
{
    char text[INSTANT_TEXT_SIZE];

    instant_print(instant_now(), text);
    return arena_text(&s->arena, text_of(text));
}

static bool tell(struct saying *s, const char *topic, int32_t partition,
                 struct text data, struct err *err)
{
    char name[CLI_TOPIC_SIZE];
    const struct kafka_out_header headers[] = {
        {"ce_specversion", TEXT("1.0")},
        {"ce_id", new_id(s)},
        {"ce_type", TEXT("reference.changed")},
        {"ce_source", arena_print(&s->arena, "/%s/baodao", s->cli->name)},
        {"ce_time", wall_time(s)},
        {"ce_actor", arena_print(&s->arena, "operator//%s", cli_person(s->cli))},
        {"content-type", TEXT("application/json")},
    };
    const struct kafka_out_message message = {
        .topic = name,
        .partition = partition,
        .key = arena_print(&s->arena, "#%d", (int)partition),
        .value = data,
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .at_us = s->cli->test_clock_us == INSTANT_NONE ? 0 : cli_now(s->cli),
    };

    cli_topic_name(s->cli->name, topic, name);
    return saying_put(s, &message, err);
}

bool announce_reference(struct cli *cli, int64_t version,
                        const struct digest *digest, struct err *err)
{
    AUTO(saying) struct saying s = {0};
    char hex[DIGEST_HEX_SIZE];
    struct text data;

    if (!saying_open(cli, &s, err))
        return false;
    digest_print(digest, hex);
    data = arena_print(&s.arena, "{\"version\":%lld,\"digest\":\"%s\"}",
                       (long long)version, hex);
    for (const struct cli_topic *t = cli_topics; t->commands; t++)
        for (int32_t p = 0; p < t->partitions; p++)
            if (!tell(&s, t->commands, p, data, err))
                return false;
    return saying_finish(&s, err);
}
