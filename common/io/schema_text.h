/*
 * schema_text.h - reads JSON's tokens from bytes, strictly by RFC 8259;
 * private to schema*.c.
 */
#ifndef BAODAO_IO_SCHEMA_TEXT_H
#define BAODAO_IO_SCHEMA_TEXT_H

#include "common/base/arena.h"
#include "common/base/attr.h"
#include "common/base/text.h"

struct scan {
    const char *at, *end;
    struct arena *arena; /* for strings with escapes */
    const char *why;     /* set by what returns false */
};

/* Skips white space. */
void scan_space(struct scan *s);
/* Skips white space and takes c if it is next. */
bool scan_take(struct scan *s, char c);
/*
 * At a quote: takes the string. Without escapes the text is a slice of the
 * input, else it lies in the arena. Refuses control characters, \u0000,
 * ill-formed UTF-8 and lone surrogates.
 */
MUST_CHECK bool scan_string(struct scan *s, struct text *ret_text);
/* Takes a number; the text is its slice. */
MUST_CHECK bool scan_number(struct scan *s, struct text *ret_text);
/* Takes exactly this word. */
MUST_CHECK bool scan_word(struct scan *s, struct text word);

#endif
