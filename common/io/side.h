/*
 * side.h - the side port: /livez, /readyz, /metrics, on a thread of its own.
 */
#ifndef BAODAO_IO_SIDE_H
#define BAODAO_IO_SIDE_H

#include <stdbool.h>

#include "common/base/err.h"

struct side;

/* address is "127.0.0.1:9101", in a container "0.0.0.0:9101"; NULL or "" opens nothing and succeeds. */
MUST_CHECK bool side_open(const char *address, struct side **ret_side,
                          struct err *err);
void side_close(struct side *s);

/* /livez answers 503 when side_alive was not called for 30 s. */
void side_alive(struct side *s);
/* /readyz answers 503 with this sentence; NULL makes it 200. Copied. */
void side_ready(struct side *s, const char *why_not);

#endif
