/*
 * deadly.c - preloaded into a worker by test_skip.py: the process aborts when
 * libsodium is to digest bytes that hold $DEADLY, as if a rule had a bug that
 * one message alone meets (what is only stored is not digested); or when
 * Kafka's client has unpacked bytes that hold $TOO_MUCH, as if they were more
 * than memory holds.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef int hash_function(unsigned char *out, size_t out_size,
                          const unsigned char *in, unsigned long long size,
                          const unsigned char *key, size_t key_size);

typedef size_t unpack_function(void *frame, void *out, size_t *out_size,
                               const void *in, size_t *in_size,
                               const void *options);

hash_function crypto_generichash;
unpack_function LZ4F_decompress;

static void die_of(const char *name, const void *bytes, size_t size)
{
    const char *word = getenv(name);

    if (word && bytes && memmem(bytes, size, word, strlen(word)))
        abort();
}

int crypto_generichash(unsigned char *out, size_t out_size,
                       const unsigned char *in, unsigned long long size,
                       const unsigned char *key, size_t key_size)
{
    static hash_function *real;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "crypto_generichash");
    die_of("DEADLY", in, size);
    return real(out, out_size, in, size, key, key_size);
}

size_t LZ4F_decompress(void *frame, void *out, size_t *out_size,
                       const void *in, size_t *in_size, const void *options)
{
    static unpack_function *real;
    size_t wants;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "LZ4F_decompress");
    wants = real(frame, out, out_size, in, in_size, options);
    die_of("TOO_MUCH", out, *out_size);
    return wants;
}
