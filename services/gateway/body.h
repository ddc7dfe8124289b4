/*
 * body.h - what the path says joins what the body says; sealing and digests
 * are common/city/requester.h.
 */
#ifndef BAODAO_GATEWAY_BODY_H
#define BAODAO_GATEWAY_BODY_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/text.h"
#include "services/gateway/routes.h"

/*
 * The body with the path's values as members before its own; an empty body
 * is {}. What is no object comes back as it is: the schema refuses it.
 *     {"note":"到"} + whistle, round -> {"whistle":"…","round":1,"note":"到"}
 */
void body_merge(struct text body, const struct path_value *values,
                size_t count, struct buf *out);

#endif
