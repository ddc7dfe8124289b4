/*
 * sim_kafka.c - the brokers: topics in memory, a group with static members,
 * and what producers have on its way. sim_consumer.c and sim_producer.c are
 * the workers' sides.
 */
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "common/base/instant.h"
#include "common/io/kafka_out.h"
#include "tests/sim/db.h"
#include "tests/sim/sim_kafka.h"

#define SESSION_US (1500 * 1000)

/* ---- topics ---- */

void kafka_begin(void)
{
    static const char *const names[TOPICS] = {
        "sim.toy.commands", "sim.toy.events", "sim.other.commands"
    };

    for (int i = 0; i < TOPICS; i++) {
        world->topics[i].name = names[i];
        world->topics[i].partitions = i == 2 ? 2 : world->partitions;
    }
    for (int i = 0; i < WORKERS_MAX; i++)
        world->members[i].silent_since_us = NEVER;
}

struct record_in *kafka_append(struct topic *t, int32_t partition,
                               const struct record_in *like)
{
    struct record_in *r = give(sizeof(*r));

    *r = *like;
    r->next = NULL;
    r->offset = t->high[partition]++;
    /* Broker clocks step back now and then. */
    r->at_us = (instant_now() - (int64_t)chance(2) * chance(300000)) / 1000 *
               1000;
    if (t->last[partition])
        t->last[partition]->next = r;
    else
        t->first[partition] = r;
    t->last[partition] = r;
    return r;
}

int32_t kafka_partition_of(struct text key, int32_t partition_count)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key.bytes, key.size,
                                            partition_count, NULL, NULL);
}

bool kafka_away(void)
{
    return world->now_us < world->kafka_away_until_us;
}

/* ---- the group ---- */

void kafka_rebalance(const char *why)
{
    tell("rebalance: %s", why);
    world->rebalancing = true;
    for (int i = 0; i < WORKERS_MAX; i++) {
        struct member *m = &world->members[i];

        m->ready = false;
        m->must_assign = false;
        m->must_revoke = m->in_group;
    }
}

/* range: the lower slot gets the lower partitions, and one more */
static void spread(void)
{
    int members = 0, next = 0, nth = 0;

    for (int i = 0; i < WORKERS_MAX; i++)
        members += world->members[i].in_group;
    for (int i = 0; i < WORKERS_MAX; i++) {
        struct member *m = &world->members[i];
        int share;

        if (!m->in_group)
            continue;
        share = world->partitions / members +
                (nth++ < world->partitions % members);
        m->assigned = 0;
        while (share-- > 0)
            m->assigned |= 1u << next++;
        m->ready = false;
        m->must_assign = true;
    }
    world->rebalancing = false;
}

static void group_moves(void)
{
    bool all = true;

    for (int i = 0; i < WORKERS_MAX; i++) {
        struct member *m = &world->members[i];

        if (m->in_group && m->silent_since_us != NEVER &&
            world->now_us - m->silent_since_us > SESSION_US) {
            m->in_group = false;
            m->must_revoke = m->revoke_lost = m->holding != 0;
            m->must_assign = false;
            kafka_rebalance("a member is silent");
            m->must_revoke = m->revoke_lost;
        }
    }
    for (int i = 0; i < WORKERS_MAX; i++)
        all &= !world->members[i].in_group || world->members[i].ready;
    if (world->rebalancing && all)
        spread();
}

void kafka_worker_died(int slot)
{
    struct member *m = &world->members[slot];

    m->holding = 0;
    m->paused = 0;
    m->must_revoke = false;
    m->cut_until_us = 0;
    if (m->in_group && m->silent_since_us == NEVER)
        m->silent_since_us = world->now_us;
    for (struct producer *p = world->producers; p; p = p->next)
        if (p->life == slot)
            p->orphan = true;
}

/* ---- what is on its way ---- */

/* The producer is gapless: what stands behind a failure is not written. */
static void fail_from(struct producer *p, struct outgoing *o)
{
    p->fatal = true;
    o->failed = true;
    while ((o = o->next))
        o->written = o->failed = true;
}

static void write_one(struct producer *p, struct outgoing *o)
{
    bool fails = befalls(world->odds.report_fails) || nth(NTH_KAFKA);

    if (fails) {
        fail_from(p, o);
        tell("Kafka reports a failure of %.*s", TEXT_PRINT(o->record->type));
        if (chance(2) == 0)
            return;
    }
    if (world->lie == LIE_REPORT_FALSE && !calm() && chance(50) == 0)
        return;
    check_published(o->record);
    kafka_append(o->topic, o->partition, o->record);
}

/* In order of sending; a dead worker's messages may still come, or not. */
static void producer_moves(struct producer *p)
{
    for (struct outgoing *o = p->first; o; o = o->next) {
        if (o->written)
            continue;
        if (kafka_away() || world->now_us < o->write_at_us)
            return;
        o->written = true;
        if (p->orphan && (o->dies_at_us < world->now_us || chance(4) == 0)) {
            for (; o; o = o->next)
                o->written = true; /* never */
            return;
        }
        write_one(p, o);
    }
}

void kafka_moves(void)
{
    if (!kafka_away() && befalls(world->odds.kafka_away)) {
        world->kafka_away_until_us = world->now_us + chance(4000) * 1000;
        tell("Kafka goes away");
    }
    group_moves();
    for (struct producer *p = world->producers; p; p = p->next)
        producer_moves(p);
}

bool kafka_idle(void)
{
    for (struct producer *p = world->producers; p; p = p->next)
        for (struct outgoing *o = p->first; o; o = o->next)
            if (!o->written)
                return false;
    return true;
}
