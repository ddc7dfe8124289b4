/* seal.c - sealed boxes, values encrypted under a person's key, masks. */
#include "common/base/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define BASE64 sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

static_assert(KEY_SIZE == crypto_box_PUBLICKEYBYTES &&
                  KEY_SIZE == crypto_box_SECRETKEYBYTES &&
                  KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
              "one size for every key");
static_assert(NONCE_SIZE <= DIGEST_SIZE, "the nonce is cut from a digest");

static unsigned char *room(struct buf *b, size_t size)
{
    return (unsigned char *)buf_reserve(b, size);
}

static const unsigned char *bytes_of(struct text t)
{
    return (const unsigned char *)t.bytes;
}

static bool sealed_wrongly(struct err *err, const char *sentence)
{
    return err_reject(err, "sealed_wrongly", "", "%s", sentence);
}

void seal_box(const uint8_t public_key[KEY_SIZE], struct text plain,
              struct buf *out)
{
    AUTO(buf) struct buf box = {0};
    size_t size = plain.size + crypto_box_SEALBYTES;
    size_t encoded = sodium_base64_encoded_len(size, BASE64); /* with zero */

    if (sodium_init() < 0 || crypto_box_seal(room(&box, size), bytes_of(plain),
                                             plain.size, public_key) != 0)
        abort(); /* only for a public key that no secret key has */
    sodium_bin2base64(buf_reserve(out, encoded), encoded,
                      (unsigned char *)box.bytes, size, BASE64);
    out->size += encoded - 1;
}

bool seal_open(const uint8_t public_key[KEY_SIZE],
               const uint8_t secret_key[KEY_SIZE], struct text box_base64,
               struct buf *out, struct err *err)
{
    AUTO(buf) struct buf box = {0};
    size_t most = box_base64.size / 4 * 3 + 3;
    size_t size;

    if (sodium_base642bin(room(&box, most), most, box_base64.bytes,
                          box_base64.size, NULL, &size, NULL, BASE64) != 0)
        return sealed_wrongly(err, "the sealed box is not base64");
    if (size < crypto_box_SEALBYTES ||
        crypto_box_seal_open(room(out, size), (unsigned char *)box.bytes, size,
                             public_key, secret_key) != 0)
        return sealed_wrongly(err, "the box was not sealed to this cell");
    out->size += size - crypto_box_SEALBYTES;
    return true;
}

/*
 * Where the value stands, unambiguously: it is bound to the place as
 * associated data, and its keyed digest is the nonce. A place's version is
 * written once, so a nonce is never used for two values.
 */
static void put_place(struct buf *place, struct text row, struct text column,
                      int64_t version)
{
    buf_put_be64(place, row.size);
    buf_put_text(place, row);
    buf_put_be64(place, column.size);
    buf_put_text(place, column);
    buf_put_be64(place, (uint64_t)version);
}

void seal_value(const uint8_t key[KEY_SIZE], struct text row,
                struct text column, int64_t version, struct text plain,
                struct buf *out)
{
    AUTO(buf) struct buf place = {0};
    struct digest nonce;
    unsigned long long size;

    put_place(&place, row, column, version);
    digest_of(key, place.bytes, place.size, &nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        room(out, plain.size + TAG_SIZE), &size, bytes_of(plain), plain.size,
        (unsigned char *)place.bytes, place.size, NULL, nonce.bytes, key);
    out->size += size;
}

bool seal_value_open(const uint8_t key[KEY_SIZE], struct text row,
                     struct text column, int64_t version, struct text cipher,
                     struct buf *out, struct err *err)
{
    AUTO(buf) struct buf place = {0};
    struct digest nonce;
    unsigned long long size;

    put_place(&place, row, column, version);
    digest_of(key, place.bytes, place.size, &nonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            room(out, cipher.size), &size, NULL, bytes_of(cipher), cipher.size,
            (unsigned char *)place.bytes, place.size, nonce.bytes, key) != 0)
        return sealed_wrongly(err, "the value does not belong to its place");
    out->size += size;
    return true;
}

/* The first letter alone; of a name of one letter not even that. */
struct text seal_mask_name(struct text name, char into[64])
{
    size_t first = 0;

    if (name.size == 0)
        return text_of("");
    if (text_valid(name) && text_length(name) > 1) {
        first = 1;
        while (((unsigned char)name.bytes[first] & 0xc0) == 0x80)
            first++;
    }
    memcpy(into, name.bytes, first);
    memcpy(into + first, "*", 2);
    return text_of(into);
}

/* Three and four digits stay of a whole number, less of a short one; at
 * least four are hidden. */
struct text seal_mask_phone(struct text phone, char into[64])
{
    size_t head = phone.size >= 11 ? 3 : 0;
    size_t tail = phone.size >= 8 ? 4 : 0;

    if (phone.size == 0)
        return text_of("");
    if (text_length(phone) != phone.size)
        head = tail = 0; /* not a plain number: nothing is known of it */
    memcpy(into, phone.bytes, head);
    memcpy(into + head, "****", 4);
    memcpy(into + head + 4, phone.bytes + phone.size - tail, tail);
    into[head + 4 + tail] = '\0';
    return text_of(into);
}
