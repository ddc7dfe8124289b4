/*
 * digest.h - keyed BLAKE2b-256 (libsodium's generichash): links of the log's
 * chain, digests of bodies, hashes of tokens.
 */
#ifndef BAODAO_BASE_DIGEST_H
#define BAODAO_BASE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/err.h"
#include "common/base/text.h"

#define DIGEST_SIZE 32
#define KEY_SIZE 32
#define DIGEST_HEX_SIZE (2 * DIGEST_SIZE + 1)

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

/* Of one piece of bytes. key may be NULL: unkeyed. */
void digest_of(const uint8_t key[KEY_SIZE], const void *bytes, size_t size,
               struct digest *ret);

/*
 * Of several fields, each with its length before it, so that no two lists of
 * fields give the same bytes.
 *
 *     struct digest_state s;
 *     digest_begin(&s, key);
 *     digest_field(&s, previous.bytes, DIGEST_SIZE);
 *     digest_null(&s);                  (a NULL is not an empty field)
 *     digest_end(&s, &link);
 */
struct digest_state {
    _Alignas(64) uint8_t opaque[384];
    uint8_t pending[1024]; /* fields that libsodium has not been given yet */
    size_t pending_size;
};

void digest_begin(struct digest_state *s, const uint8_t key[KEY_SIZE]);
void digest_field(struct digest_state *s, const void *bytes, size_t size);
void digest_text(struct digest_state *s, struct text t);
void digest_int(struct digest_state *s, int64_t n);
void digest_null(struct digest_state *s);
void digest_end(struct digest_state *s, struct digest *ret);

bool digest_equal(const struct digest *a, const struct digest *b);
void digest_print(const struct digest *d, char into[DIGEST_HEX_SIZE]);
MUST_CHECK bool digest_parse(struct text hex, struct digest *ret);

/*
 * The keys of a cell: files of exactly 32 bytes in one folder, readable by
 * their owner alone. A daemon reads only the ones it needs.
 *   chain    links of the log          derive   ids that workers make
 *   body     ce_digest of bodies       token    hashes of bearer tokens
 *   box.pub / box.sec   sealed boxes (seal.h); box.sec for intake alone
 * ERR_FATAL "bad_key" names the file when it is missing, of another length,
 * or readable by others.
 */
MUST_CHECK bool key_read(const char *folder, const char *name,
                         uint8_t ret_key[KEY_SIZE], struct err *err);
/* Makes the files that are missing (0600; box.pub 0644); never overwrites. */
MUST_CHECK bool keys_create(const char *folder, struct err *err);

#endif
