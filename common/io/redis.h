/*
 * redis.h - Redis over a Unix socket: scripts by digest, with a deadline.
 *
 * After any error the context is dead: the call fails with ERR_RETRY and the
 * next one connects anew, at most once a second. Nothing here blocks longer
 * than the deadline. Codes begin with "redis_".
 */
#ifndef BAODAO_IO_REDIS_H
#define BAODAO_IO_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"

struct redis;

/* Does not connect yet; the path is borrowed. */
struct redis *redis_new(const char *socket_path, int deadline_ms);
void redis_free(struct redis *r);

/* A reply tree; valid until the next call on this connection. */
struct redis_reply {
    const void *reply; /* redisReply */
};

/* One command of arguments. */
MUST_CHECK bool redis_call(struct redis *r, const struct text *arguments,
                           size_t count, struct redis_reply *ret_reply,
                           struct err *err);
/*
 * EVALSHA, loading the script when Redis does not know it. sha is computed
 * here once and kept in the struct.
 */
struct redis_script {
    const char *source;
    char sha1[41]; /* filled at first use */
};
MUST_CHECK bool redis_eval(struct redis *r, struct redis_script *script,
                           const struct text *keys, size_t key_count,
                           const struct text *arguments,
                           size_t argument_count,
                           struct redis_reply *ret_reply, struct err *err);

/*
 * The same in two steps: what was asked is answered later, and nothing else
 * may be asked in between. wait: until the deadline, which counts from the
 * asking; else *ret_ready may be false. ERR_RETRY "redis_noscript": Redis
 * was restarted; ask it anew, by redis_eval.
 */
MUST_CHECK bool redis_eval_ask(struct redis *r, struct redis_script *script,
                               const struct text *keys, size_t key_count,
                               const struct text *arguments,
                               size_t argument_count, struct err *err);
MUST_CHECK bool redis_answer(struct redis *r, bool wait, bool *ret_ready,
                             struct redis_reply *ret_reply, struct err *err);

size_t redis_count(const struct redis_reply *reply); /* of an array */
struct redis_reply redis_item(const struct redis_reply *reply, size_t i);
bool redis_is_nil(const struct redis_reply *reply);
int64_t redis_int(const struct redis_reply *reply); /* integer or digits */
struct text redis_text(const struct redis_reply *reply);

#endif
