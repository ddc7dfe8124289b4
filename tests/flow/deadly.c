/*
 * deadly.c - preloaded into a worker by test_skip.py: the process aborts when
 * libsodium is to digest bytes that hold $DEADLY, as if a rule had a bug that
 * one message alone meets. What is only stored is not digested.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef int hash_function(unsigned char *out, size_t out_size,
                          const unsigned char *in, unsigned long long size,
                          const unsigned char *key, size_t key_size);

hash_function crypto_generichash;

int crypto_generichash(unsigned char *out, size_t out_size,
                       const unsigned char *in, unsigned long long size,
                       const unsigned char *key, size_t key_size)
{
    static hash_function *real;
    const char *deadly = getenv("DEADLY");

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "crypto_generichash");
    if (deadly && in && memmem(in, size, deadly, strlen(deadly)))
        abort();
    return real(out, out_size, in, size, key, key_size);
}
