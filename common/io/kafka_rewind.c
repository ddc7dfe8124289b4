/* kafka_rewind.c - where a group of readers stands, and where it shall. */
#include "common/io/kafka_rewind.h"

#include <stdio.h>

#include "common/base/instant.h"

#define ANSWER_MS 10000

bool kafka_rewind_to(struct text to, struct kafka_rewind *r)
{
    if (text_int(to, &r->offset) && r->offset >= 0)
        return true;
    r->offset = -1;
    return instant_parse(to, &r->at_us);
}

static bool check_members(struct kafka_admin *a, const struct kafka_rewind *r,
                          struct err *err)
{
    size_t members;

    return kafka_admin_members(a, r->group, &members, err) &&
           (members == 0 ||
            err_reject(err, "has_members", "",
                       "请先停止读者 / %s has %zu living members: stop them "
                       "first", r->group, members));
}

static bool count_partitions(struct kafka_admin *a, struct kafka_rewind *r,
                             struct err *err)
{
    struct kafka_topic_state topic = { 0 };
    int brokers;

    snprintf(topic.name, sizeof(topic.name), "%s", r->topic);
    if (!kafka_admin_topics(a, &topic, 1, ANSWER_MS, &brokers, err))
        return false;
    if (topic.partitions < 1 || topic.partitions > REWIND_PARTITIONS)
        return err_reject(err, "no_topic", "topic",
                          "没有这个主题 / there is no topic %s", r->topic);
    r->count = (size_t)topic.partitions;
    return true;
}

static bool put_offset(struct kafka_admin *a, struct kafka_rewind *r,
                       struct err *err)
{
    int64_t low, high;

    for (size_t i = 0; i < r->count; i++) {
        if (!kafka_admin_marks(a, r->topic, (int32_t)i, &low, &high, err))
            return false;
        r->target[i] = r->offset < low    ? low
                       : r->offset > high ? high
                                          : r->offset;
    }
    return true;
}

bool kafka_rewind_plan(struct kafka_admin *a, struct kafka_rewind *r,
                       struct err *err)
{
    if (!count_partitions(a, r, err) || !check_members(a, r, err))
        return false;
    if (r->offset >= 0 ? !put_offset(a, r, err)
                       : !kafka_admin_at(a, r->topic, r->at_us, r->target,
                                         r->count, err))
        return false;
    return kafka_admin_committed(a, r->group, r->topic, r->committed, r->count,
                                 err);
}

bool kafka_rewind_move(struct kafka_admin *a, const struct kafka_rewind *r,
                       struct err *err)
{
    return kafka_admin_commit(a, r->group, r->topic, r->target, r->count, err);
}
