/*
 * seal.h - people's data: sealed on the way, encrypted at rest.
 *
 * The gateway seals a requester's fields with a fresh data key to the cell's
 * public key (crypto_box_seal); only intake, which holds box.sec, opens them.
 * At rest a value is XChaCha20-Poly1305 under the person's data key, with
 * (row, column, version) as associated data and as source of the nonce, so
 * that a replay writes the same bytes. Erasing a person is destroying the key.
 */
#ifndef BAODAO_BASE_SEAL_H
#define BAODAO_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/text.h"

/* Appends the sealed box, base64 without padding, to out. */
void seal_box(const uint8_t public_key[KEY_SIZE], struct text plain,
              struct buf *out);
/* Opens such a box; ERR_REJECT "sealed_wrongly" when it is not ours. */
MUST_CHECK bool seal_open(const uint8_t public_key[KEY_SIZE],
                          const uint8_t secret_key[KEY_SIZE],
                          struct text box_base64, struct buf *out,
                          struct err *err);

/*
 * Encrypts under a data key; the nonce is BLAKE2b keyed with the data key
 * over (row, column, version), never random. Appends nonce-less ciphertext.
 */
void seal_value(const uint8_t key[KEY_SIZE], struct text row,
                struct text column, int64_t version, struct text plain,
                struct buf *out);
MUST_CHECK bool seal_value_open(const uint8_t key[KEY_SIZE], struct text row,
                                struct text column, int64_t version,
                                struct text cipher, struct buf *out,
                                struct err *err);

/* What everybody may see: "李*", "138****0017"; empty stays empty. */
struct text seal_mask_name(struct text name, char into[64]);
struct text seal_mask_phone(struct text phone, char into[64]);

#endif
