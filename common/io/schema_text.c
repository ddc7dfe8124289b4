/* schema_text.c - reads JSON's tokens from bytes. */
#include "common/io/schema_text.h"

#include <string.h>

#include "common/io/json_bytes.h"

static bool fail(struct scan *s, const char *why)
{
    s->why = why;
    return false;
}

void scan_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' ||
                              *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

bool scan_take(struct scan *s, char c)
{
    scan_space(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/*
 * Runs to the closing quote; *ret_high collects the bytes' high bits, so that
 * plain ASCII is not looked at again.
 */
static const char *run_to_quote(const char *p, const char *end,
                                bool *ret_escapes, uint64_t *ret_high)
{
    uint64_t high = 0;

    *ret_escapes = false;
    for (;;) {
        uint64_t word;

        while (end - p >= 8) {
            memcpy(&word, p, sizeof(word));
            if (json_special_bytes(word))
                break;
            high |= word;
            p += 8;
        }
        while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
            high |= (unsigned char)*p++;
        if (p == end || *p != '\\' || end - p < 2)
            break;
        *ret_escapes = true;
        high |= (unsigned char)p[1];
        p += 2;
    }
    *ret_high = high & UINT64_C(0x8080808080808080);
    return p;
}

/* Four hex digits, -1 when they are not. */
static int hex4(const char *p, const char *end)
{
    int n = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];

        if (c >= '0' && c <= '9')
            n = n << 4 | (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            n = n << 4 | ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return n;
}

static char *put_point(char *out, uint32_t point)
{
    if (point < 0x80) {
        *out++ = (char)point;
        return out;
    }
    if (point < 0x800) {
        *out++ = (char)(0xc0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *out++ = (char)(0xe0 | point >> 12);
        } else {
            *out++ = (char)(0xf0 | point >> 18);
            *out++ = (char)(0x80 | (point >> 12 & 0x3f));
        }
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (point & 0x3f));
    return out;
}

/* Behind "\u": takes one code point, also of two surrogates. */
static bool take_point(struct scan *s, const char **p, const char *end,
                       char **out)
{
    int high = hex4(*p, end);
    int low;

    if (high < 0)
        return fail(s, "\\u without four hex digits");
    if (high == 0)
        return fail(s, "\\u0000 in a string");
    *p += 4;
    if (high < 0xd800 || high > 0xdfff) {
        *out = put_point(*out, (uint32_t)high);
        return true;
    }
    low = end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u' ? hex4(*p + 2, end)
                                                             : -1;
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return fail(s, "lone surrogate in a string");
    *p += 6;
    *out = put_point(*out, 0x10000 + (((uint32_t)high & 0x3ff) << 10 |
                                      ((uint32_t)low & 0x3ff)));
    return true;
}

static bool unescape(struct scan *s, struct text raw, struct text *ret_text)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *p = raw.bytes;
    const char *end = raw.bytes + raw.size;
    char *start = arena_give(s->arena, raw.size);
    char *out = start;

    while (p < end) {
        const char *letter;

        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        p += 2; /* run_to_quote has seen both */
        if (p[-1] == 'u') {
            if (!take_point(s, &p, end, &out))
                return false;
            continue;
        }
        letter = p[-1] ? strchr(letters, p[-1]) : NULL;
        if (!letter)
            return fail(s, "unknown escape in a string");
        *out++ = meanings[letter - letters];
    }
    *ret_text = (struct text){start, (size_t)(out - start)};
    return true;
}

bool scan_string(struct scan *s, struct text *ret_text)
{
    const char *start = s->at + 1;
    bool escapes;
    uint64_t high;
    const char *p = run_to_quote(start, s->end, &escapes, &high);
    struct text raw = {start, (size_t)(p - start)};

    if (p == s->end || (*p == '\\'))
        return fail(s, "string without an end");
    if (*p != '"')
        return fail(s, "control character in a string");
    if (high && !text_valid(raw))
        return fail(s, "ill-formed UTF-8 in a string");
    s->at = p + 1;
    if (escapes)
        return unescape(s, raw, ret_text);
    *ret_text = raw;
    return true;
}

static bool take_digits(struct scan *s)
{
    const char *start = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > start;
}

/* Takes c if it is the very next byte. */
static bool next_is(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

bool scan_number(struct scan *s, struct text *ret_text)
{
    const char *start = s->at;

    next_is(s, '-');
    if (!next_is(s, '0') && !take_digits(s))
        return fail(s, "value expected");
    if (next_is(s, '.') && !take_digits(s))
        return fail(s, "digit expected behind the point");
    if (next_is(s, 'e') || next_is(s, 'E')) {
        if (!next_is(s, '-'))
            next_is(s, '+');
        if (!take_digits(s))
            return fail(s, "digit expected in the exponent");
    }
    *ret_text = (struct text){start, (size_t)(s->at - start)};
    return true;
}

bool scan_word(struct scan *s, struct text word)
{
    if ((size_t)(s->end - s->at) < word.size ||
        memcmp(s->at, word.bytes, word.size) != 0)
        return fail(s, "value expected");
    s->at += word.size;
    return true;
}
