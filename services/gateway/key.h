/* key.h - the key of a command: its partition. */
#ifndef BAODAO_GATEWAY_KEY_H
#define BAODAO_GATEWAY_KEY_H

#include "common/io/pg.h"
#include "common/io/schema.h"
#include "services/gateway/routes.h"

struct request;

extern const struct pg_stmt key_stmts[];

/* The members of a body that are looked at for it; others are only checked. */
struct key_of_body {
    char home[61];
    char to[257];
};

/* NULL: the route needs none. */
const struct field *key_fields(const struct http_route *route);

/* Goes on with keyed, the key set, or answers why it cannot: no such issue;
 * nobody of that name there, or off duty. */
void key_choose(struct request *r, const struct key_of_body *in,
                void (*keyed)(struct request *r));

#endif
