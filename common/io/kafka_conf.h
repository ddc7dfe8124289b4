/* kafka_conf.h - what consumer, producer and admin share of librdkafka. */
#ifndef BAODAO_IO_KAFKA_CONF_H
#define BAODAO_IO_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

/* A property; value NULL: the number is printed. */
struct kafka_property {
    const char *name;
    const char *value;
    int64_t number;
};

/* The configuration with these properties set; the caller gives it to
 * kafka_client. */
MUST_CHECK bool kafka_conf(const struct kafka_property *properties,
                           size_t count, rd_kafka_conf_t **ret_conf,
                           struct err *err);
/* rd_kafka_new, which takes the configuration or it is destroyed here. */
MUST_CHECK bool kafka_client(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                             rd_kafka_t **ret_rk, struct err *err);

/*
 * Fills err by librdkafka's error and returns false. A fatal error of the
 * client (rk may be NULL) is told with its reason.
 */
bool kafka_fail(rd_kafka_t *rk, rd_kafka_resp_err_t error, const char *said,
                struct err *err);

/* Asks the brokers; ERR_RETRY "no_topic" when there is none. */
MUST_CHECK bool kafka_count_partitions(rd_kafka_t *rk, const char *topic,
                                       int32_t *ret_count, struct err *err);

/* An eventfd that is written to when the queue has something. */
int kafka_fd_open(rd_kafka_queue_t *queue);
void kafka_fd_signal(int fd);
void kafka_fd_drain(int fd);

#endif
