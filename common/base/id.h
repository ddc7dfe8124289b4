/*
 * id.h - identifiers: UUIDv7 for people's commands, UUIDv8 derived for ours.
 *
 * Both begin with 48 bits of Unix milliseconds (RFC 9562), so rows with
 * neighbouring times are neighbours in an index, and a month of the log is a
 * range of ids.
 */
#ifndef BAODAO_BASE_ID_H
#define BAODAO_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/text.h"

struct uuid {
    uint8_t bytes[16];
};

#define UUID_TEXT_SIZE 37 /* with its zero */

/*
 * A new UUIDv7 for the instant: random bits from getrandom(), growing within
 * the process even when the millisecond does not move or steps back. Aborts
 * when the kernel gives no randomness. Used by gateway and CLI, never by a
 * rule.
 */
struct uuid uuid_new(int64_t at_us);

/*
 * The n-th id that follows from a cause: UUIDv8 with the cause's 48 bits of
 * time, then 74 bits of keyed BLAKE2b over (topic, cause, n). Same in, same
 * out. The key is the cell's, set once by uuid_derive_key() before the first
 * call (32 bytes; a fixed key of zeros until then).
 *
 *     struct uuid row0 = uuid_derive("whistle.commands", &message_id, 0);
 */
struct uuid uuid_derive(const char *topic, const struct uuid *cause,
                        uint32_t n);
void uuid_derive_key(const uint8_t key[32]);

/* Canonical form, 36 characters, lower case; parse takes either case. */
void uuid_print(const struct uuid *id, char into[UUID_TEXT_SIZE]);
MUST_CHECK bool uuid_parse(struct text t, struct uuid *ret_id);

int uuid_version(const struct uuid *id);
int64_t uuid_time_us(const struct uuid *id); /* of its milliseconds */
bool uuid_is_nil(const struct uuid *id);
bool uuid_equal(const struct uuid *a, const struct uuid *b);

/* The smallest id of an instant: where a partition of the log begins. */
struct uuid uuid_first(int64_t at_us);

#endif
