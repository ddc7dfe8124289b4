/* digest.c - keyed BLAKE2b-256 by libsodium; key files are in key_file.c. */
#include "common/base/digest.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"

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
    s->pending_size = 0;
}

static void put_be64(uint8_t into[8], uint64_t n)
{
    n = htobe64(n);
    memcpy(into, &n, sizeof(n));
}

static void flush(struct digest_state *s)
{
    crypto_generichash_update(opened(s), s->pending, s->pending_size);
    s->pending_size = 0;
}

/* A call of libsodium costs more than the hashing of a short field: they are
 * gathered. */
static void put(struct digest_state *s, const void *bytes, size_t size)
{
    if (size > sizeof(s->pending) - s->pending_size)
        flush(s);
    if (size > sizeof(s->pending)) {
        crypto_generichash_update(opened(s), bytes, size);
        return;
    }
    if (size > 0)
        memcpy(s->pending + s->pending_size, bytes, size);
    s->pending_size += size;
}

/* Length, then bytes. */
void digest_field(struct digest_state *s, const void *bytes, size_t size)
{
    uint8_t length[8];

    put_be64(length, size);
    put(s, length, sizeof(length));
    put(s, bytes, size);
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
    put(s, length, sizeof(length));
}

void digest_end(struct digest_state *s, struct digest *ret)
{
    flush(s);
    crypto_generichash_final(opened(s), ret->bytes, DIGEST_SIZE);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return sodium_memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

void digest_print(const struct digest *d, char into[DIGEST_HEX_SIZE])
{
    hex_print(d->bytes, DIGEST_SIZE, into);
    into[DIGEST_HEX_SIZE - 1] = '\0';
}

bool digest_parse(struct text hex, struct digest *ret)
{
    struct digest parsed;

    if (hex.size != DIGEST_HEX_SIZE - 1 ||
        !hex_parse(hex.bytes, DIGEST_SIZE, parsed.bytes))
        return false;
    *ret = parsed;
    return true;
}
