/*
 * record.h - one row of the log: an event, a command or a refusal said, and
 * its link in the hash chain.
 */
#ifndef BAODAO_WORK_RECORD_H
#define BAODAO_WORK_RECORD_H

#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/text.h"

struct record {
    struct uuid id;      /* derive(source topic, cause, n) */
    const char *service;
    const char *source_topic; /* without the cell's prefix */
    int32_t partition;
    int64_t seq; /* 1, 2, … in (source_topic, partition) */
    struct uuid cause;
    struct digest cause_digest;
    struct text topic; /* where it is published; empty: nowhere */
    struct text key;
    struct text type; /* empty: the command called for nothing */
    struct text subject;
    int64_t version; /* of the aggregate; 0 for commands */
    struct text actor;
    struct text scope;
    struct text reply;
    int64_t at_us;
    struct text data;     /* JSON; empty when topic is */
    struct digest digest; /* of data, keyed */
    struct digest hash;   /* over the previous hash and all but data */

    struct record *next; /* of its batch and way */
    struct text trace;   /* traceparent, carried but not logged */
    struct text holders; /* ce_holders: set after the commit, not logged */
};

/*
 * hash = keyed BLAKE2b-256 over the previous hash and every column but data,
 * length-prefixed; an empty text is hashed as NULL. Fills r->hash; r->digest
 * must be there.
 */
void record_link(struct record *r, const uint8_t chain_key[KEY_SIZE],
                 const struct digest *previous);

#endif
