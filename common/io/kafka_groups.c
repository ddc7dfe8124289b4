/* kafka_groups.c - an operator's questions to Kafka: groups of readers. */
#include <stdlib.h>

#include "common/io/kafka_ask.h"

static rd_kafka_topic_partition_list_t *
list_of(const char *topic, const int64_t *offsets, size_t count)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)count);

    for (size_t i = 0; i < count; i++)
        if (!offsets || offsets[i] >= 0)
            rd_kafka_topic_partition_list_add(list, topic, (int32_t)i)
                ->offset = offsets ? offsets[i] : RD_KAFKA_OFFSET_INVALID;
    return list;
}

/* ---- members ---- */

static bool take_members(struct kafka_admin *a, rd_kafka_event_t *event,
                         size_t *ret_count, struct err *err)
{
    size_t count;
    const rd_kafka_ConsumerGroupDescription_t **groups =
        rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event), &count);
    const rd_kafka_error_t *failed;

    *ret_count = 0;
    if (count != 1)
        return true;
    failed = rd_kafka_ConsumerGroupDescription_error(groups[0]);
    if (failed &&
        rd_kafka_error_code(failed) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
        return kafka_fail(a->rk, rd_kafka_error_code(failed),
                          rd_kafka_error_string(failed), err);
    *ret_count = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
    return true;
}

bool kafka_admin_members(struct kafka_admin *a, const char *group,
                         size_t *ret_count, struct err *err)
{
    rd_kafka_event_t *event;
    bool fine;

    rd_kafka_DescribeConsumerGroups(a->rk, &group, 1, NULL, a->queue);
    event = kafka_ask_event(a, err);
    if (!event)
        return false;
    fine = take_members(a, event, ret_count, err);
    rd_kafka_event_destroy(event);
    return fine;
}

/* ---- what they have committed ---- */

static bool take_group(struct kafka_admin *a,
                       const rd_kafka_group_result_t **groups, size_t found,
                       int64_t *offsets, size_t count, struct err *err)
{
    const rd_kafka_topic_partition_list_t *list;

    if (found != 1)
        return err_retry(err, "away", "Kafka told of %zu groups", found);
    if (rd_kafka_group_result_error(groups[0]))
        return kafka_fail(
            a->rk,
            rd_kafka_error_code(rd_kafka_group_result_error(groups[0])),
            rd_kafka_error_string(rd_kafka_group_result_error(groups[0])),
            err);
    list = rd_kafka_group_result_partitions(groups[0]);
    for (int i = 0; list && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *p = &list->elems[i];

        if (p->err)
            return kafka_fail(a->rk, p->err, NULL, err);
        if (offsets && p->partition >= 0 && (size_t)p->partition < count)
            offsets[p->partition] = p->offset < 0 ? -1 : p->offset;
    }
    return true;
}

bool kafka_admin_committed(struct kafka_admin *a, const char *group,
                           const char *topic, int64_t *offsets, size_t count,
                           struct err *err)
{
    rd_kafka_topic_partition_list_t *list = list_of(topic, NULL, count);
    rd_kafka_ListConsumerGroupOffsets_t *asked =
        rd_kafka_ListConsumerGroupOffsets_new(group, list);
    const rd_kafka_group_result_t **groups;
    rd_kafka_event_t *event;
    size_t found;
    bool fine;

    for (size_t i = 0; i < count; i++)
        offsets[i] = -1;
    rd_kafka_ListConsumerGroupOffsets(a->rk, &asked, 1, NULL, a->queue);
    rd_kafka_ListConsumerGroupOffsets_destroy(asked);
    rd_kafka_topic_partition_list_destroy(list);
    event = kafka_ask_event(a, err);
    if (!event)
        return false;
    groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &found);
    fine = take_group(a, groups, found, offsets, count, err);
    rd_kafka_event_destroy(event);
    return fine;
}

bool kafka_admin_commit(struct kafka_admin *a, const char *group,
                        const char *topic, const int64_t *offsets,
                        size_t count, struct err *err)
{
    rd_kafka_topic_partition_list_t *list = list_of(topic, offsets, count);
    rd_kafka_AlterConsumerGroupOffsets_t *asked =
        rd_kafka_AlterConsumerGroupOffsets_new(group, list);
    const rd_kafka_group_result_t **groups;
    rd_kafka_event_t *event;
    size_t found;
    bool fine;

    rd_kafka_AlterConsumerGroupOffsets(a->rk, &asked, 1, NULL, a->queue);
    rd_kafka_AlterConsumerGroupOffsets_destroy(asked);
    rd_kafka_topic_partition_list_destroy(list);
    event = kafka_ask_event(a, err);
    if (!event)
        return false;
    groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event), &found);
    fine = take_group(a, groups, found, NULL, count, err);
    rd_kafka_event_destroy(event);
    return fine;
}

/* ---- where an instant lies ---- */

bool kafka_admin_marks(struct kafka_admin *a, const char *topic,
                       int32_t partition, int64_t *ret_low, int64_t *ret_high,
                       struct err *err)
{
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        a->rk, topic, partition, ret_low, ret_high, KAFKA_ASK_MS);

    return !error || kafka_fail(a->rk, error, NULL, err);
}

bool kafka_admin_at(struct kafka_admin *a, const char *topic, int64_t at_us,
                    int64_t *offsets, size_t count, struct err *err)
{
    rd_kafka_topic_partition_list_t *list = list_of(topic, NULL, count);
    rd_kafka_resp_err_t error;
    int64_t low;
    bool fine = true;

    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = at_us / 1000;
    error = rd_kafka_offsets_for_times(a->rk, list, KAFKA_ASK_MS);
    for (int i = 0; i < list->cnt && !error; i++) {
        error = list->elems[i].err;
        offsets[i] = list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (error)
        return kafka_fail(a->rk, error, NULL, err);
    for (size_t i = 0; i < count && fine; i++)
        if (offsets[i] < 0)
            fine = kafka_admin_marks(a, topic, (int32_t)i, &low, &offsets[i],
                                     err);
    return fine;
}
