/*
 * proof.h - is this the topic that was folded? Offsets alone do not tell when
 * somebody has deleted a topic and made it anew.
 */
#ifndef BAODAO_WORK_PROOF_H
#define BAODAO_WORK_PROOF_H

#include "common/base/digest.h"
#include "common/io/kafka_in.h"

/* Keyed digest of a message as Kafka has it: time, key, headers, value. */
void record_proof(const struct kafka_record *record,
                  const uint8_t body_key[KEY_SIZE], struct digest *ret);

#endif
