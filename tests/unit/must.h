/* must.h - for tests of calls that fill an err: says which failed, and why. */
#ifndef BAODAO_TESTS_MUST_H
#define BAODAO_TESTS_MUST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/err.h"

/* MUST(pg_exec(pg, "BEGIN", err)); the call names its own err. */
#define MUST(call)                                                            \
    do {                                                                      \
        struct err why_ = { 0 };                                              \
        struct err *err = &why_;                                              \
        if (!(call))                                                          \
            fail_msg("%s: %s %s", #call, why_.code, why_.sentence);           \
    } while (0)

#endif
