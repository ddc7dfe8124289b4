/*
 * err.h - what went wrong, and what to do about it.
 *
 * The caller owns a struct err and passes it last. Nothing in it is
 * allocated, so an error path cannot leak. A function that returns false has
 * filled it; one that returns true has not touched it.
 *
 *     if (!pg_flush(pg, err))
 *         return err_in(err, "saving whistle %s", id);
 */
#ifndef BAODAO_BASE_ERR_H
#define BAODAO_BASE_ERR_H

#include <stdbool.h>

#include "common/base/attr.h"

enum err_kind {
    ERR_NONE,
    ERR_RETRY,  /* the world is briefly wrong: roll back, wait, try again */
    ERR_REJECT, /* the message is wrong for ever: refuse it, go on */
    ERR_FATAL,  /* we are wrong: roll back, log, exit non-zero */
};

struct err {
    enum err_kind kind;
    char code[32];      /* stable word for programs: "not_signed" */
    char field[64];     /* the field at fault, dotted: "requester.phone" */
    char sentence[512]; /* for people; UTF-8, cut at a code point */
};

/* Each fills *err and returns false. err may be NULL (nobody asks why). */
bool err_retry(struct err *err, const char *code, const char *format, ...)
    PRINTF(3, 4);
bool err_fatal(struct err *err, const char *code, const char *format, ...)
    PRINTF(3, 4);
bool err_reject(struct err *err, const char *code, const char *field,
                const char *format, ...) PRINTF(4, 5);

/*
 * Puts the place before the sentence ("saving whistle 7f3a: refused"), leaves
 * kind, code and field as they are, and returns false.
 */
bool err_in(struct err *err, const char *format, ...) PRINTF(2, 3);

/* "retry", "reject", "fatal", "none". */
const char *err_kind_name(enum err_kind kind);

#endif
