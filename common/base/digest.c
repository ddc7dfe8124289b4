/* digest.c - keyed BLAKE2b-256 by libsodium; key files are in key_file.c. */
#include "common/base/digest.h"

#include <assert.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(crypto_generichash_state) <=
                  sizeof(((struct digest_state *)0)->opaque),
              "room for libsodium's state");

/* Before it, libsodium hashes with its slow portable code. */
static void ready(void)
{
    static atomic_bool done;

    if (atomic_load_explicit(&done, memory_order_acquire))
        return;
    if (sodium_init() < 0)
        abort();
    atomic_store_explicit(&done, true, memory_order_release);
}

void digest_of(const uint8_t key[KEY_SIZE], const void *bytes, size_t size,
               struct digest *ret)
{
    ready();
    crypto_generichash(ret->bytes, DIGEST_SIZE, bytes, size, key,
                       key ? KEY_SIZE : 0);
}

static crypto_generichash_state *opened(struct digest_state *s)
{
    return (crypto_generichash_state *)(void *)s->opaque;
}

void digest_begin(struct digest_state *s, const uint8_t key[KEY_SIZE])
{
    ready();
    crypto_generichash_init(opened(s), key, key ? KEY_SIZE : 0, DIGEST_SIZE);
}

static void put_be64(uint8_t into[8], uint64_t n)
{
    for (int i = 0; i < 8; i++)
        into[i] = (uint8_t)(n >> (56 - 8 * i));
}

/* Length, then bytes; a short field goes in with one call, not two. */
void digest_field(struct digest_state *s, const void *bytes, size_t size)
{
    uint8_t framed[72];

    put_be64(framed, size);
    if (size > sizeof(framed) - 8) {
        crypto_generichash_update(opened(s), framed, 8);
        crypto_generichash_update(opened(s), bytes, size);
        return;
    }
    if (size > 0)
        memcpy(framed + 8, bytes, size);
    crypto_generichash_update(opened(s), framed, 8 + size);
}

void digest_text(struct digest_state *s, struct text t)
{
    digest_field(s, t.bytes, t.size);
}

void digest_int(struct digest_state *s, int64_t n)
{
    uint8_t bytes[8];

    put_be64(bytes, (uint64_t)n);
    digest_field(s, bytes, sizeof(bytes));
}

/* A length that no field can have. */
void digest_null(struct digest_state *s)
{
    uint8_t length[8];

    put_be64(length, UINT64_MAX);
    crypto_generichash_update(opened(s), length, sizeof(length));
}

void digest_end(struct digest_state *s, struct digest *ret)
{
    crypto_generichash_final(opened(s), ret->bytes, DIGEST_SIZE);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return sodium_memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

void digest_print(const struct digest *d, char into[DIGEST_HEX_SIZE])
{
    sodium_bin2hex(into, DIGEST_HEX_SIZE, d->bytes, DIGEST_SIZE);
}

bool digest_parse(struct text hex, struct digest *ret)
{
    struct digest parsed;
    size_t size;

    if (hex.size != DIGEST_HEX_SIZE - 1 ||
        sodium_hex2bin(parsed.bytes, DIGEST_SIZE, hex.bytes, hex.size, NULL,
                       &size, NULL) != 0 ||
        size != DIGEST_SIZE)
        return false;
    *ret = parsed;
    return true;
}
