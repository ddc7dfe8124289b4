/* kafka_steer.c - a consumer's seek, pause and commit; questions to Kafka. */
#include "common/io/kafka_in.h"

#include "common/io/kafka_conf.h"
#include "common/io/kafka_consumer.h"

#define ASK_MS 3000 /* a program told to stop has 5 s in all */

rd_kafka_topic_partition_list_t *kafka_list(const struct kafka_partition *list,
                                            size_t count)
{
    rd_kafka_topic_partition_list_t *ours =
        rd_kafka_topic_partition_list_new((int)count);

    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(ours, list[i].topic,
                                          list[i].partition)
            ->offset = list[i].offset;
    return ours;
}

/* ---- steering ---- */

bool kafka_in_assign(struct kafka_in *in, const struct kafka_partition *list,
                     size_t count, struct err *err)
{
    rd_kafka_topic_partition_list_t *theirs = kafka_list(list, count);
    rd_kafka_resp_err_t error = rd_kafka_assign(in->rk, theirs);

    rd_kafka_topic_partition_list_destroy(theirs);
    in->holds = count > 0 && error == RD_KAFKA_RESP_ERR_NO_ERROR;
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ||
           kafka_fail(in->rk, error, NULL, err);
}

bool kafka_in_seek(struct kafka_in *in, const struct kafka_partition *p,
                   struct err *err)
{
    rd_kafka_topic_partition_list_t *list = kafka_list(p, 1);
    rd_kafka_error_t *failed = rd_kafka_seek_partitions(in->rk, list, ASK_MS);
    rd_kafka_resp_err_t error =
        failed ? rd_kafka_error_code(failed) : list->elems[0].err;

    rd_kafka_error_destroy(failed);
    rd_kafka_topic_partition_list_destroy(list);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    kafka_fail(in->rk, error, NULL, err);
    return err_in(err, "seeking %s[%d]", p->topic, (int)p->partition);
}

bool kafka_in_pause(struct kafka_in *in, const struct kafka_partition *list,
                    size_t count, bool paused, struct err *err)
{
    rd_kafka_topic_partition_list_t *theirs = kafka_list(list, count);
    rd_kafka_resp_err_t error =
        paused ? rd_kafka_pause_partitions(in->rk, theirs)
               : rd_kafka_resume_partitions(in->rk, theirs);

    for (int i = 0; i < theirs->cnt && !error; i++)
        error = theirs->elems[i].err;
    rd_kafka_topic_partition_list_destroy(theirs);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ||
           kafka_fail(in->rk, error, NULL, err);
}

void kafka_in_commit(struct kafka_in *in, const struct kafka_partition *list,
                     size_t count)
{
    rd_kafka_topic_partition_list_t *theirs = kafka_list(list, count);

    rd_kafka_commit(in->rk, theirs, 1);
    rd_kafka_topic_partition_list_destroy(theirs);
}

/* ---- asking ---- */

bool kafka_in_marks(struct kafka_in *in, const char *topic, int32_t partition,
                    int64_t *ret_low, int64_t *ret_high, struct err *err)
{
    int64_t low, high;
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        in->rk, topic, partition, &low, &high, ASK_MS);

    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_fail(in->rk, error, NULL, err);
        return err_in(err, "marks of %s[%d]", topic, (int)partition);
    }
    *ret_low = low;
    *ret_high = high;
    return true;
}

int64_t kafka_in_high(struct kafka_in *in, const char *topic,
                      int32_t partition)
{
    int64_t low, high;

    if (rd_kafka_get_watermark_offsets(in->rk, topic, partition, &low,
                                       &high) ||
        high < 0)
        return -1;
    return high;
}

bool kafka_in_partition_count(struct kafka_in *in, const char *topic,
                              int32_t *ret_count, struct err *err)
{
    return kafka_count_partitions(in->rk, topic, ret_count, err);
}

int kafka_in_fd(struct kafka_in *in)
{
    if (in->fd < 0)
        in->fd = kafka_fd_open(in->queue);
    return in->fd;
}
