/* kafka_consumer.h - what kafka_in.c and kafka_steer.c share. */
#ifndef BAODAO_IO_KAFKA_CONSUMER_H
#define BAODAO_IO_KAFKA_CONSUMER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/io/kafka_in.h"

struct kafka_in {
    struct kafka_in_settings settings;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue; /* the one queue that all is redirected to */
    int fd;                  /* -1 until somebody asks for it */
    bool holds;              /* something is assigned */
    unsigned unprompted;     /* messages read since the fetcher was woken */
    struct err heard;        /* what a callback has to say to the poll */
};

/* The caller destroys it. */
rd_kafka_topic_partition_list_t *kafka_list(const struct kafka_partition *list,
                                            size_t count);

#endif
