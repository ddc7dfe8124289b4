/* sim_consumer.c - kafka_in.h over the topics of sim_kafka.c: fetches come
 * late, and some calls fail. */
#include <string.h>

#include "common/io/kafka_in.h"
#include "tests/sim/db.h"
#include "tests/sim/sim_kafka.h"

struct kafka_in {
    struct kafka_in_settings settings;
    struct member *member;
};

bool kafka_in_open(const struct kafka_in_settings *settings,
                   struct kafka_in **ret_in, struct err *err)
{
    struct kafka_in *in = give(sizeof(*in));
    struct member *m = &world->members[world->self];

    (void)err;
    engine("kafka_in_open");
    in->settings = *settings;
    in->member = m;
    m->silent_since_us = NEVER;
    m->holding = 0;
    m->must_revoke = false;
    m->revoke_lost = false;
    m->life = ALIVE;
    if (m->in_group && !world->rebalancing) {
        m->must_assign = true; /* static membership: the same again */
    } else {
        m->in_group = true;
        kafka_rebalance("a member comes");
    }
    *ret_in = in;
    return true;
}

void kafka_in_close(struct kafka_in *in, int timeout_ms)
{
    (void)timeout_ms;
    engine("kafka_in_close");
    /* A static member does not say that it goes. */
    in->member->holding = 0;
    in->member->silent_since_us = world->now_us;
}

static size_t list_of(uint32_t bits, struct kafka_partition *list)
{
    size_t count = 0;

    for (int i = 0; i < world->partitions; i++) {
        if (!(bits >> i & 1))
            continue;
        memset(&list[count], 0, sizeof(*list));
        memcpy(list[count].topic, "sim.toy.commands", 17);
        list[count++].partition = i;
    }
    return count;
}

static void revoke(struct kafka_in *in)
{
    struct member *m = in->member;
    struct kafka_partition list[PARTS_MAX];
    bool lost = m->revoke_lost;

    m->must_revoke = m->revoke_lost = false;
    if (m->holding)
        in->settings.revoked(in->settings.context, list,
                             list_of(m->holding, list), lost);
    m->holding = 0;
    m->paused = 0;
    if (lost && world->seed % 3 == 1) {
        tell("is fenced for good");
        m->life = FENCED;
    } else if (!m->in_group) {
        m->in_group = true;
        kafka_rebalance("a member comes back");
        m->must_revoke = false;
    }
    m->ready = true;
}

/* librdkafka says once what is fatal, and then nothing. */
static bool be_fenced(struct member *m, int timeout_ms, struct err *err)
{
    if (m->life == FENCED) {
        m->life = TOLD;
        return err_fatal(err, "fenced_instance", "another has its name");
    }
    pass(timeout_ms * 1000);
    return true;
}

static bool assign(struct kafka_in *in, struct err *err)
{
    struct member *m = in->member;
    struct kafka_partition list[PARTS_MAX];
    size_t count = list_of(m->assigned, list);

    m->must_assign = false;
    m->holding = 0;
    m->paused = 0;
    if (!in->settings.assigned(in->settings.context, list, count, err))
        return false;
    m->holding = m->assigned;
    for (size_t i = 0; i < count; i++) {
        if (list[i].offset > world->topics[0].high[list[i].partition])
            broken("begins beyond Kafka's end");
        m->position[list[i].partition] = list[i].offset;
    }
    return true;
}

static struct record_in *fetch(struct member *m)
{
    int first = (int)chance((uint32_t)world->partitions);

    if (kafka_away() || befalls(world->odds.slow_kafka))
        return NULL;
    for (int i = 0; i < world->partitions; i++) {
        int p = (first + i) % world->partitions;
        struct record_in *r = world->topics[0].first[p];

        if (!((m->holding & ~m->paused) >> p & 1))
            continue;
        while (r && r->offset < m->position[p])
            r = r->next;
        if (!r)
            continue;
        m->position[p] = r->offset + 1;
        return r;
    }
    return NULL;
}

static int partition_of(const struct record_in *r)
{
    for (int p = 0; p < world->partitions; p++)
        for (struct record_in *o = world->topics[0].first[p]; o; o = o->next)
            if (o == r)
                return p;
    return 0;
}

/* Another topic: where the last message folded lay, a later one lies. */
static int64_t anew_us(const struct record_in *r)
{
    const struct consumer *c = &world->db->consumers[partition_of(r)].kept;

    return world->lie == LIE_TOPIC_ANEW && r->offset == c->next_offset - 1
               ? 1000000
               : 0;
}

bool kafka_in_poll(struct kafka_in *in, int timeout_ms,
                   struct kafka_record *record, struct err *err)
{
    struct member *m = in->member;
    struct record_in *r;

    engine("kafka_in_poll");
    *record = (struct kafka_record){ 0 };
    if (m->cut_until_us != 0) {
        pass(timeout_ms * 1000);
        return true;
    }
    if (m->life != ALIVE)
        return be_fenced(m, timeout_ms, err);
    if (m->must_revoke || !m->in_group) {
        revoke(in);
        return true;
    }
    if (m->must_assign)
        return assign(in, err);
    if ((kafka_away() && chance(20) == 0) || nth(NTH_KAFKA))
        return err_retry(err, "_ALL_BROKERS_DOWN", "all brokers are down");
    r = fetch(m);
    if (!r && timeout_ms > 0)
        pass(timeout_ms * 1000);
    if (!r)
        return true;
    *record = (struct kafka_record){
        .handle = r,
        .topic = "sim.toy.commands",
        .partition = partition_of(r),
        .offset = r->offset,
        .at_us = r->at_us + anew_us(r),
        .append_time = true,
        .key = r->key,
        .value = r->value,
    };
    return true;
}

void kafka_record_free(struct kafka_record *record)
{
    *record = (struct kafka_record){ 0 };
}

bool kafka_header(const struct kafka_record *record, size_t i,
                  struct text *ret_name, struct text *ret_value)
{
    const struct record_in *r = record->handle;

    if (i >= r->header_count)
        return false;
    *ret_name = r->headers[i].name;
    *ret_value = r->headers[i].value;
    return true;
}

bool kafka_in_assign(struct kafka_in *in, const struct kafka_partition *list,
                     size_t count, struct err *err)
{
    (void)in;
    (void)list;
    (void)count;
    return err_fatal(err, "sim", "no replay here");
}

void kafka_in_commit(struct kafka_in *in UNUSED,
                     const struct kafka_partition *list UNUSED,
                     size_t count UNUSED)
{
    engine("kafka_in_commit");
}

bool kafka_in_pause(struct kafka_in *in, const struct kafka_partition *list,
                    size_t count, bool paused, struct err *err)
{
    engine("kafka_in_pause");
    if (nth(NTH_KAFKA))
        return err_retry(err, "_TRANSPORT", "brokers are away");
    for (size_t i = 0; i < count; i++) {
        if (paused)
            in->member->paused |= 1u << list[i].partition;
        else
            in->member->paused &= ~(1u << list[i].partition);
    }
    return true;
}

bool kafka_in_seek(struct kafka_in *in, const struct kafka_partition *p,
                   struct err *err)
{
    engine("kafka_in_seek");
    if (kafka_away() || nth(NTH_KAFKA))
        return err_retry(err, "_TRANSPORT", "brokers are away");
    in->member->position[p->partition] = p->offset;
    return true;
}

bool kafka_in_marks(struct kafka_in *in, const char *topic, int32_t partition,
                    int64_t *ret_low, int64_t *ret_high, struct err *err)
{
    (void)in;
    (void)topic;
    engine("kafka_in_marks");
    if (kafka_away() || nth(NTH_KAFKA))
        return err_retry(err, "_TRANSPORT", "brokers are away");
    *ret_low = 0;
    *ret_high = world->topics[0].high[partition];
    return true;
}

int64_t kafka_in_high(struct kafka_in *in, const char *topic,
                      int32_t partition)
{
    (void)in;
    (void)topic;
    return world->topics[0].high[partition];
}

bool kafka_in_partition_count(struct kafka_in *in, const char *topic,
                              int32_t *ret_count, struct err *err)
{
    (void)in;
    (void)topic;
    engine("kafka_in_partition_count");
    if (kafka_away() || nth(NTH_KAFKA))
        return err_retry(err, "_TRANSPORT", "brokers are away");
    *ret_count = world->partitions;
    return true;
}
