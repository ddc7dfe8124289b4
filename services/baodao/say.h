/*
 * say.h - commands of the command line on their way into Kafka: checked,
 * sealed, digested, with the headers of architecture.md's envelope.
 *
 *     AUTO(saying) struct saying s = { 0 };
 *     if (!saying_open(cli, &s, err) || !saying_say(&s, &c, err) ||
 *         !saying_finish(&s, err))
 */
#ifndef BAODAO_CLI_SAY_H
#define BAODAO_CLI_SAY_H

#include <jansson.h>

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/slots.h"
#include "common/io/kafka_out.h"
#include "common/io/schema.h"
#include "services/baodao/cli.h"

struct said {
    const char *type;   /* "task.sign" */
    const char *key;    /* NULL: as messages of this type have it */
    const char *actor;  /* "role/office/person" */
    const char *reply;  /* NULL: none */
    const char *time;   /* ce_time; NULL: now */
    struct uuid id;     /* nil: a new one, which is put here */
    int64_t at_us;      /* of a test-clock cell; others pass it over */
    const json_t *data; /* or NULL, and: */
    const char *raw;    /* bytes that nobody checks */
    size_t raw_size;
    const json_t *headers; /* NULL, or an object: null takes one away */
};

struct saying {
    struct cli *cli;
    struct kafka_out *out;
    struct arena arena;   /* of one message */
    struct arena schemas; /* of all */
    struct slots types;   /* type -> struct schema * */
    uint8_t box[KEY_SIZE], body[KEY_SIZE];
    struct homes *homes;
    uint64_t sent, delivered;
    struct err failed; /* the first that Kafka refused */
};

/* cli_cell first. */
MUST_CHECK bool saying_open(struct cli *cli, struct saying *s, struct err *err);
/* Waits for room in the queue, not for Kafka's answer. ERR_REJECT: it does
 * not fit its schema, or its key is not known. */
MUST_CHECK bool saying_say(struct saying *s, struct said *c, struct err *err);
/* Puts a message into the queue as it is, to a partition or by its key. */
MUST_CHECK bool saying_put(struct saying *s,
                           const struct kafka_out_message *message,
                           struct err *err);
/* Kafka has all that was said, or an error. */
MUST_CHECK bool saying_finish(struct saying *s, struct err *err);
void saying_cleanup(struct saying *s);

/* "issue.raise" -> "issue.commands"; NULL when it is nobody's. */
const char *say_topic_of(const char *type);

#endif
