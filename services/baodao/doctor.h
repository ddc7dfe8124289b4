/*
 * doctor.h - looks at a cell and writes down what is wrong with it.
 *
 * A look never fails: what it cannot see is what is wrong.
 */
#ifndef BAODAO_CLI_DOCTOR_H
#define BAODAO_CLI_DOCTOR_H

#include "common/base/buf.h"
#include "common/city/ailment.h"
#include "common/io/kafka_admin.h"
#include "services/baodao/queues.h"

#define DOCTOR_TOPICS 16
#define DOCTOR_PULSES 64

struct doctor {
    struct cli *cli;
    /* by their places in ailments[] */
    enum health health[AILMENTS_MAX];
    struct buf details[AILMENTS_MAX]; /* owned; "; " between */
    /* what the looks learn from each other */
    bool has_postgres, has_kafka, has_queues;
    struct kafka_admin *admin;
    struct kafka_topic_state topics[DOCTOR_TOPICS]; /* commands first */
    size_t topic_count, command_count;
    struct queues before, now; /* two looks, two seconds apart */
    struct doctor_pulse {
        char instance[48];
        int64_t before_us, wall_us;
    } pulses[DOCTOR_PULSES];
    size_t pulse_count;
};

/* One more detail of an ailment, which makes the cell unwell. */
void doctor_says(struct doctor *d, const char *name, const char *format, ...)
    PRINTF(3, 4);
/* Nothing can be said of it. */
void doctor_cannot(struct doctor *d, const char *name, const char *why);

/* Looks at everything; takes some seconds. */
void doctor_look(struct doctor *d);
void doctor_cleanup(struct doctor *d);

/* Under a tenth of a disk is left. */
bool disk_is_full(uint64_t blocks, uint64_t available);

#endif
