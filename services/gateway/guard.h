/*
 * guard.h - refuses what libmicrohttpd 0.9.75 lets through: requests that
 * another server on the way might read differently.
 */
#ifndef BAODAO_GATEWAY_GUARD_H
#define BAODAO_GATEWAY_GUARD_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/text.h"

struct MHD_Connection;

/* One header, as it came. */
struct guard_header {
    struct text name, value;
};

/*
 * Checks headers: token names, no control characters, one Host, at most one
 * Content-Length of digits and not beside Transfer-Encoding, which may only
 * be "chunked"; nothing that is said once may be said twice. ERR_REJECT
 * "bad_request" names the header as its field.
 */
MUST_CHECK bool guard_headers(const struct guard_header *headers,
                              size_t count, bool http_1_1, struct err *err);
/*
 * Checks a request's raw target: it begins with "/", is at most 2,048 bytes,
 * its path is of [A-Za-z0-9._~/-] with no empty, "." or ".." segment, its
 * query of printable ASCII with whole escapes and no %00.
 */
MUST_CHECK bool guard_target(struct text raw, struct err *err);
/* Both of them for a connection. */
MUST_CHECK bool guard_check(struct MHD_Connection *connection,
                            struct text raw, const char *version,
                            struct err *err);

#endif
