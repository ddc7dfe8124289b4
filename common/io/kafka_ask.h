/* kafka_ask.h - what kafka_admin.c and kafka_groups.c share. */
#ifndef BAODAO_IO_KAFKA_ASK_H
#define BAODAO_IO_KAFKA_ASK_H

#include <librdkafka/rdkafka.h>

#include "common/io/kafka_admin.h"
#include "common/io/kafka_conf.h"

#define KAFKA_ASK_MS 10000

struct kafka_admin {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue; /* answers */
};

/* The next answer, which the caller destroys; NULL when it is an error. */
rd_kafka_event_t *kafka_ask_event(struct kafka_admin *a, struct err *err);

#endif
