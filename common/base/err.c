/* err.c - fills a struct err; vsnprintf alone, nothing allocated. */
#include "common/base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The longest cut of at most `size` bytes that ends at a code point. */
static size_t whole_points(const char *bytes, size_t size)
{
    size_t start = size;

    while (start > 0 && ((unsigned char)bytes[start] & 0xc0) == 0x80)
        start--;
    return start;
}

/* Appends to the string in a fixed array, cut at a code point. */
static void append(char *into, size_t room, const char *string)
{
    size_t used = strlen(into);
    size_t size = strlen(string);

    if (size > room - 1 - used)
        size = whole_points(string, room - 1 - used);
    memcpy(into + used, string, size);
    into[used + size] = '\0';
}

PRINTF(3, 0)
static void print(char *into, size_t room, const char *format, va_list args)
{
    /* Longer than the sentence, so that append() sees what it cuts. */
    char whole[sizeof(((struct err *)0)->sentence) + 4] = "";

    vsnprintf(whole, sizeof(whole), format, args);
    into[0] = '\0';
    append(into, room, whole);
}

PRINTF(5, 0)
static void fill(struct err *err, enum err_kind kind, const char *code,
                 const char *field, const char *format, va_list args)
{
    err->kind = kind;
    err->code[0] = '\0';
    append(err->code, sizeof(err->code), code);
    err->field[0] = '\0';
    append(err->field, sizeof(err->field), field);
    print(err->sentence, sizeof(err->sentence), format, args);
}

bool err_retry(struct err *err, const char *code, const char *format, ...)
{
    va_list args;

    if (!err)
        return false;
    va_start(args, format);
    fill(err, ERR_RETRY, code, "", format, args);
    va_end(args);
    return false;
}

bool err_fatal(struct err *err, const char *code, const char *format, ...)
{
    va_list args;

    if (!err)
        return false;
    va_start(args, format);
    fill(err, ERR_FATAL, code, "", format, args);
    va_end(args);
    return false;
}

bool err_reject(struct err *err, const char *code, const char *field,
                const char *format, ...)
{
    va_list args;

    if (!err)
        return false;
    va_start(args, format);
    fill(err, ERR_REJECT, code, field ? field : "", format, args);
    va_end(args);
    return false;
}

bool err_in(struct err *err, const char *format, ...)
{
    char cause[sizeof(err->sentence)];
    va_list args;

    if (!err)
        return false;
    memcpy(cause, err->sentence, sizeof(cause));
    va_start(args, format);
    print(err->sentence, sizeof(err->sentence), format, args);
    va_end(args);
    append(err->sentence, sizeof(err->sentence), ": ");
    append(err->sentence, sizeof(err->sentence), cause);
    return false;
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const names[] = {"none", "retry", "reject", "fatal"};

    return names[kind];
}
