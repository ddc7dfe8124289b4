/* kafka_conf.c - librdkafka's properties, errors and event descriptors. */
#include "common/io/kafka_conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ASK_MS 3000 /* a program told to stop has 5 s in all */

static bool set(rd_kafka_conf_t *conf, const struct kafka_property *p,
                struct err *err)
{
    char number[24], why[200];

    snprintf(number, sizeof(number), "%" PRId64, p->number);
    if (rd_kafka_conf_set(conf, p->name, p->value ? p->value : number, why,
                          sizeof(why)) != RD_KAFKA_CONF_OK)
        return err_fatal(err, "bad_property", "%s", why);
    return true;
}

/* It would be printed; what matters comes as an error too. */
static void drop_log(const rd_kafka_t *rk, int level, const char *facility,
                     const char *said)
{
    (void)rk;
    (void)level;
    (void)facility;
    (void)said;
}

bool kafka_conf(const struct kafka_property *properties, size_t count,
                rd_kafka_conf_t **ret_conf, struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set_log_cb(conf, drop_log);
    for (size_t i = 0; i < count; i++) {
        if (!set(conf, &properties[i], err)) {
            rd_kafka_conf_destroy(conf);
            return false;
        }
    }
    *ret_conf = conf;
    return true;
}

bool kafka_client(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                  rd_kafka_t **ret_rk, struct err *err)
{
    char why[200];
    rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof(why));

    if (!rk) {
        rd_kafka_conf_destroy(conf);
        return err_fatal(err, "bad_property", "%s", why);
    }
    *ret_rk = rk;
    return true;
}

/* What is not here is away or will be mended by somebody: retry. */
static const struct {
    rd_kafka_resp_err_t error;
    enum err_kind kind;
    const char *code;
} kinds[] = {
    /* clang-format off */
    { RD_KAFKA_RESP_ERR__FATAL, ERR_FATAL, "fatal" },
    { RD_KAFKA_RESP_ERR__FENCED, ERR_FATAL, "fenced_instance" },
    { RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, ERR_FATAL, "fenced_instance" },
    { RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, ERR_FATAL,
      "offset_out_of_range" },
    { RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, ERR_FATAL,
      "offset_out_of_range" },
    { RD_KAFKA_RESP_ERR__INVALID_ARG, ERR_FATAL, "invalid_argument" },
    { RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, ERR_FATAL, "no_partition" },
    { RD_KAFKA_RESP_ERR__STATE, ERR_FATAL, "wrong_state" },
    { RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ERR_REJECT, "too_large" },
    { RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, ERR_REJECT, "too_large" },
    { RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, ERR_REJECT, "bad_timestamp" },
    { RD_KAFKA_RESP_ERR_INVALID_RECORD, ERR_REJECT, "invalid_record" },
    { RD_KAFKA_RESP_ERR__QUEUE_FULL, ERR_RETRY, "queue_full" },
    { RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, ERR_RETRY, "away" },
    { RD_KAFKA_RESP_ERR__TRANSPORT, ERR_RETRY, "away" },
    { RD_KAFKA_RESP_ERR__TIMED_OUT, ERR_RETRY, "away" },
    { RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, ERR_RETRY, "away" },
    { RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, ERR_RETRY, "no_topic" },
    { RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ERR_RETRY, "no_topic" },
    /* clang-format on */
};

bool kafka_fail(rd_kafka_t *rk, rd_kafka_resp_err_t error, const char *said,
                struct err *err)
{
    char why[200];

    if (error == RD_KAFKA_RESP_ERR__FATAL && rk) {
        rd_kafka_resp_err_t reason =
            rd_kafka_fatal_error(rk, why, sizeof(why));

        if (reason == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
            return err_fatal(err, "fenced_instance", "%s", why);
        return err_fatal(err, "fatal", "%s", why);
    }
    said = said ? said : rd_kafka_err2str(error);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].error != error)
            continue;
        if (kinds[i].kind == ERR_FATAL)
            return err_fatal(err, kinds[i].code, "%s", said);
        if (kinds[i].kind == ERR_REJECT)
            return err_reject(err, kinds[i].code, NULL, "%s", said);
        return err_retry(err, kinds[i].code, "%s", said);
    }
    return err_retry(err, rd_kafka_err2name(error), "%s", said);
}

bool kafka_count_partitions(rd_kafka_t *rk, const char *topic,
                            int32_t *ret_count, struct err *err)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, topic, NULL);
    const struct rd_kafka_metadata *found = NULL;
    rd_kafka_resp_err_t error =
        rd_kafka_metadata(rk, 0, handle, &found, ASK_MS);

    rd_kafka_topic_destroy(handle);
    if (!error)
        error = found->topics[0].err;
    if (!error)
        *ret_count = found->topics[0].partition_cnt;
    if (found)
        rd_kafka_metadata_destroy(found);
    if (!error)
        return true;
    kafka_fail(rk, error, NULL, err);
    return err_in(err, "partitions of %s", topic);
}

static const uint64_t one = 1;

int kafka_fd_open(rd_kafka_queue_t *queue)
{
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0)
        abort();
    rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof(one));
    return fd;
}

void kafka_fd_signal(int fd)
{
    if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
        return; /* full: readable already */
}

void kafka_fd_drain(int fd)
{
    uint64_t n;

    if (fd >= 0 && read(fd, &n, sizeof(n)) < 0)
        return; /* was not readable */
}
