/*
 * body.h - what a client sent becomes what goes into Kafka.
 */
#ifndef BAODAO_GATEWAY_BODY_H
#define BAODAO_GATEWAY_BODY_H

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "services/gateway/routes.h"

/* Compiles the two schemas below; once. folder holds common.json. */
MUST_CHECK bool body_open(const char *folder, struct err *err);
void body_close(void);

/*
 * The body with the path's values as members before its own; an empty body
 * is {}. What is no object comes back as it is: the schema refuses it.
 *     {"note":"到"} + whistle, round -> {"whistle":"…","round":1,"note":"到"}
 */
void body_merge(struct text body, const struct path_value *values,
                size_t count, struct buf *out);

/*
 * The member requester {name, phone} is replaced by sealed, name_masked and
 * phone_masked: nobody but intake can read it from here on. A body without
 * one is copied. ERR_REJECT when requester is malformed, or when the client
 * has sent one of those three itself.
 */
MUST_CHECK bool body_seal(struct text body, const uint8_t box[KEY_SIZE],
                          struct arena *arena, struct buf *out,
                          struct err *err);

/* Keyed digest of the JSON without the white space between its tokens. */
void body_digest(struct text json, const uint8_t key[KEY_SIZE],
                 struct digest *ret);

#endif
