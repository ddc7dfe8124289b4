/* people.c - who says commands: good ones, repeats, poison, and the like. */
#include <stdio.h>
#include <string.h>

#include "common/base/id.h"
#include "common/base/instant.h"
#include "common/io/kafka_out.h"
#include "tests/sim/db.h"

static struct text new_id(int64_t at_us)
{
    struct uuid id = uuid_first(at_us);
    char text[UUID_TEXT_SIZE];

    for (int i = 6; i < 16; i++)
        id.bytes[i] = (uint8_t)chance(256);
    id.bytes[6] = 0x70 | (id.bytes[6] & 0x0f);
    id.bytes[8] = 0x80 | (id.bytes[8] & 0x3f);
    uuid_print(&id, text);
    return keep(text_of(text));
}

static void header(struct record_in *r, const char *name, struct text value)
{
    r->headers[r->header_count++] =
        (struct header){ keep(text_of(name)), value };
}

static struct text body(int amount, const char *note)
{
    return keep_print("{\"amount\":%d,\"note\":\"%s\"}", amount, note);
}

static enum kind kind_by_chance(void)
{
    static const enum kind rare[] = { KIND_POISON, KIND_MISROUTED,
                                      KIND_REFUSED, KIND_OLD };

    if (world->seed % 8 == 3 && chance(60) == 0)
        return KIND_BOMB;
    return chance(12) ? KIND_GOOD : rare[chance(COUNT_OF(rare))];
}

static struct record_in *make(void)
{
    struct record_in *r = give(sizeof(*r));
    int64_t age_us = 0;
    bool takes = chance(3) == 0;

    r->kind = kind_by_chance();
    r->headers = give(6 * sizeof(*r->headers));
    if (r->kind == KIND_OLD)
        age_us = 91 * DAY_US;
    r->key = keep_print("k%d", (int)chance((uint32_t)world->keys));
    r->id = new_id(instant_now() - age_us);
    r->type = keep(text_of(r->kind == KIND_BOMB ? "toy.bomb"
                           : takes              ? "toy.take"
                                                : "toy.add"));
    r->value = r->kind == KIND_POISON
                   ? keep_print("{\"amount\":\"%d\"}", (int)chance(9))
                   : body((int)chance(50), r->kind == KIND_REFUSED
                                               ? "refuse me"
                                               : "good");
    header(r, "ce_id", r->id);
    header(r, "ce_type", r->type);
    header(r, "ce_actor", TEXT("resident//r"));
    header(r, "ce_subject", r->key);
    if (takes && chance(3) == 0)
        header(r, "ce_reply",
               keep_print("other.commands|%.*s|other.refused|%.*s",
                          TEXT_PRINT(r->key), TEXT_PRINT(r->key)));
    return r;
}

/* Again, the same or (now and then) with another body. */
static struct record_in *repeat(void)
{
    uint32_t most = COUNT_OF(world->said);
    uint32_t count = (uint32_t)world->command_count;
    struct record_in *r = give(sizeof(*r));

    *r = *world->said[chance(count < most ? count : most)];
    if (r->kind == KIND_GOOD && chance(6) == 0)
        r->value = body((int)chance(50), "another body");
    return r;
}

static void say(void)
{
    struct topic *t = &world->topics[0];
    struct record_in *r =
        world->command_count > 0 && chance(7) == 0 ? repeat() : make();
    int32_t partition = kafka_partition_of(r->key, t->partitions);

    if (r->kind == KIND_MISROUTED) {
        if (t->partitions == 1)
            r->kind = KIND_GOOD;
        else
            partition = (partition + 1) % t->partitions;
    }
    world->said[world->command_count++ % (int)COUNT_OF(world->said)] = r;
    kafka_append(t, partition, r);
}

void people_move(void)
{
    while (world->commands_left > 0 &&
           world->now_us >= world->next_command_us) {
        int together = chance(5) ? 1 : 1 + (int)chance(12);

        for (; together > 0 && world->commands_left > 0; together--) {
            say();
            world->commands_left--;
        }
        world->next_command_us =
            world->now_us + (int64_t)chance((uint32_t)(world->calm_at_us / 8));
    }
}
