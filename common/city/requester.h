/*
 * requester.h - a requester's name and phone on their way into Kafka: sealed.
 *
 * Whoever says issue.raise (gateway, command line) calls these, so that the
 * two lie in Kafka and in the log in no other form (architecture.md §5).
 */
#ifndef BAODAO_CITY_REQUESTER_H
#define BAODAO_CITY_REQUESTER_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/text.h"

/* Compiles two schemas; once a process. folder holds common.json. */
MUST_CHECK bool requester_open(const char *folder, struct err *err);
void requester_close(void);

/*
 * Appends body with its member requester {name, phone} replaced by sealed,
 * name_masked and phone_masked: nobody but intake can read it from here on.
 * A body without one is copied. The box holds {name, phone, key}; key is 32
 * random bytes, that person's data key from now on. ERR_REJECT when requester
 * is malformed, or when the sender has written one of those three itself.
 */
MUST_CHECK bool requester_seal(struct text body, const uint8_t box[KEY_SIZE],
                               struct arena *arena, struct buf *out,
                               struct err *err);

/* The same for a body that somebody has edited after it was sealed: what is
 * sealed may stay as it is, if no requester stands beside it. */
MUST_CHECK bool requester_seal_again(struct text body,
                                     const uint8_t box[KEY_SIZE],
                                     struct arena *arena, struct buf *out,
                                     struct err *err);

/*
 * For ce_digest: keyed, of the JSON before it is sealed (a box is another one
 * each time) and without the white space between its tokens.
 */
void requester_digest(struct text json, const uint8_t key[KEY_SIZE],
                      struct digest *ret);

#endif
