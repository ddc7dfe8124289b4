/* json.c - writes JSON by appending to a buffer. */
#include "common/io/json.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/json_bytes.h"

/* The letter behind the backslash, 'u' for the long form. */
static char escape_letter(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 'u';
    }
}

static void put_escape(struct buf *out, unsigned char c)
{
    char letter = escape_letter(c);

    if (letter == 'u') {
        buf_print(out, "\\u%04x", c);
        return;
    }
    buf_put_byte(out, '\\');
    buf_put_byte(out, letter);
}

/* How many bytes from here on stand for themselves. */
static size_t plain_run(const char *p, size_t size)
{
    size_t i = 0;
    uint64_t word;

    for (; size - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, p + i, sizeof(word));
        if (json_special_bytes(word))
            break;
    }
    while (i < size && (unsigned char)p[i] >= 0x20 && p[i] != '"' &&
           p[i] != '\\')
        i++;
    return i;
}

static void put_quoted(struct buf *out, struct text t)
{
    buf_put_byte(out, '"');
    for (;;) {
        size_t plain = plain_run(t.bytes, t.size);

        buf_put(out, t.bytes, plain);
        if (plain == t.size)
            break;
        put_escape(out, (unsigned char)t.bytes[plain]);
        t = (struct text){t.bytes + plain + 1, t.size - plain - 1};
    }
    buf_put_byte(out, '"');
}

/* What stands before a value: the comma and the name. */
static void put_name(struct json *j, const char *name)
{
    if (j->comma)
        buf_put_byte(j->out, ',');
    j->comma = true;
    if (!name)
        return;
    put_quoted(j->out, text_of(name));
    buf_put_byte(j->out, ':');
}

static void open_with(struct json *j, char open, char close)
{
    if (j->depth == JSON_DEPTH)
        abort();
    buf_put_byte(j->out, open);
    j->close[j->depth++] = close;
    j->comma = false;
}

void json_begin(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out};
    open_with(j, '{', '}');
}

void json_end(struct json *j)
{
    while (j->depth > 0)
        json_close(j);
}

void json_object(struct json *j, const char *name)
{
    put_name(j, name);
    open_with(j, '{', '}');
}

void json_array(struct json *j, const char *name)
{
    put_name(j, name);
    open_with(j, '[', ']');
}

void json_close(struct json *j)
{
    if (j->depth == 0)
        abort();
    buf_put_byte(j->out, j->close[--j->depth]);
    j->comma = true;
}

void json_text(struct json *j, const char *name, struct text value)
{
    put_name(j, name);
    put_quoted(j->out, value.size > 0 ? value : TEXT(""));
}

void json_string(struct json *j, const char *name, const char *value)
{
    json_text(j, name, text_of(value));
}

void json_text_if(struct json *j, const char *name, struct text value)
{
    if (value.size > 0)
        json_text(j, name, value);
}

void json_string_if(struct json *j, const char *name, const char *value)
{
    json_text_if(j, name, text_of(value));
}

void json_int(struct json *j, const char *name, int64_t value)
{
    char digits[INT_TEXT_SIZE];

    put_name(j, name);
    buf_put_text(j->out, int_print(value, digits));
}

void json_bool(struct json *j, const char *name, bool value)
{
    json_raw(j, name, value ? TEXT("true") : TEXT("false"));
}

void json_uuid(struct json *j, const char *name, const struct uuid *value)
{
    char text[UUID_TEXT_SIZE];

    uuid_print(value, text);
    json_string(j, name, text);
}

void json_null(struct json *j, const char *name)
{
    json_raw(j, name, TEXT("null"));
}

void json_instant(struct json *j, const char *name, int64_t at_us)
{
    char text[INSTANT_TEXT_SIZE];

    if (at_us == INSTANT_NONE) {
        json_null(j, name);
        return;
    }
    instant_print(at_us, text);
    json_string(j, name, text);
}

void json_date(struct json *j, const char *name, int32_t day)
{
    char text[DATE_TEXT_SIZE];

    if (day == INT32_MIN) {
        json_null(j, name);
        return;
    }
    date_print(day, text);
    json_string(j, name, text);
}

void json_raw(struct json *j, const char *name, struct text value)
{
    put_name(j, name);
    buf_put_text(j->out, value.size > 0 ? value : TEXT("null"));
}
