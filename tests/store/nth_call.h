/*
 * nth_call.h - calls that may fail, by -Wl,--wrap: the n-th of a kind does,
 * and no other.
 */
#ifndef BAODAO_TESTS_NTH_CALL_H
#define BAODAO_TESTS_NTH_CALL_H

#include <stdbool.h>
#include <stdint.h>

enum nth_call {
    NTH_ALLOCATION, /* malloc, calloc, realloc of our own objects */
    NTH_SEND,
    NTH_SYNC,
    NTH_FLUSH,
    NTH_CONSUME,
    NTH_RESULT, /* one that is a result: the NULL behind it cannot fail */
};

struct nth {
    enum nth_call call;
    bool cut; /* the call goes on, over a connection that is cut before it */
    int64_t n; /* 0: nothing fails */
    int64_t count; /* >= n: it has failed */
};
extern struct nth nth;

/* Which statements were ever sent, by name. */
bool nth_was_sent(const char *statement);

#endif
