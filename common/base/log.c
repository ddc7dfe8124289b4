/* log.c - one JSON line a fact, written with one write(). */
#include "common/base/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/instant.h"

static struct {
    char service[32];
    char instance[64];
    enum log_level least;
} line_head = {.least = LOG_INFO};

void log_start(const char *service, const char *instance, enum log_level least)
{
    line_head.least = least;
    snprintf(line_head.service, sizeof(line_head.service), "%s", service);
    snprintf(line_head.instance, sizeof(line_head.instance), "%s", instance);
}

static void put_char(struct buf *line, unsigned char c, bool valid)
{
    if (c == '"' || c == '\\')
        buf_print(line, "\\%c", c);
    else if (c == '\n')
        buf_put_text(line, TEXT("\\n"));
    else if (c < 0x20 || c == 0x7f)
        buf_print(line, "\\u%04x", c);
    else if (c >= 0x80 && !valid)
        buf_put_text(line, TEXT("\\ufffd"));
    else
        buf_put_byte(line, (char)c);
}

/* What is not UTF-8 must not break the line: its bytes become U+FFFD. */
static void put_string(struct buf *line, struct text t)
{
    bool valid = text_valid(t);

    buf_put_byte(line, '"');
    for (size_t i = 0; i < t.size; i++)
        put_char(line, (unsigned char)t.bytes[i], valid);
    buf_put_byte(line, '"');
}

static void put_name(struct buf *line, const char *name)
{
    if (line->size > 1)
        buf_put_byte(line, ',');
    put_string(line, text_of(name));
    buf_put_byte(line, ':');
}

static void put_field(struct buf *line, const char *name, const char *value)
{
    put_name(line, name);
    if (value)
        put_string(line, text_of(value));
    else
        buf_put_text(line, TEXT("null"));
}

static void put_head(struct buf *line, enum log_level level, const char *fact)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    char at[INSTANT_TEXT_SIZE];

    instant_print(instant_now(), at);
    buf_put_byte(line, '{');
    put_field(line, "at", at);
    put_field(line, "level", levels[level]);
    put_field(line, "service", line_head.service);
    put_field(line, "instance", line_head.instance);
    put_field(line, "fact", fact);
}

static void put_fields(struct buf *line, va_list args)
{
    for (;;) {
        const char *name = va_arg(args, const char *);

        if (!name)
            return;
        switch (va_arg(args, int)) {
        case LOG_KIND_INT:
            put_name(line, name);
            buf_print(line, "%lld", (long long)va_arg(args, int64_t));
            break;
        case LOG_KIND_STRING:
            put_field(line, name, va_arg(args, const char *));
            break;
        case LOG_KIND_TEXT:
            put_name(line, name);
            put_string(line, va_arg(args, struct text));
            break;
        default:
            return; /* not one of the macros: nothing behind it is safe */
        }
    }
}

/* Nobody can be told that the log is full or closed. */
static void write_line(struct buf *line)
{
    buf_put_text(line, TEXT("}\n"));
    if (write(STDERR_FILENO, line->bytes, line->size) < 0)
        return;
}

void log_fact(enum log_level level, const char *fact, ...)
{
    AUTO(buf) struct buf line = {0};
    va_list args;

    if (level < line_head.least)
        return;
    put_head(&line, level, fact);
    va_start(args, fact);
    put_fields(&line, args);
    va_end(args);
    write_line(&line);
}

void log_error(enum log_level level, const char *fact, const struct err *err,
               ...)
{
    AUTO(buf) struct buf line = {0};
    va_list args;

    if (level < line_head.least)
        return;
    put_head(&line, level, fact);
    put_field(&line, "kind", err_kind_name(err->kind));
    put_field(&line, "code", err->code);
    if (err->field[0] != '\0')
        put_field(&line, "field", err->field);
    put_field(&line, "sentence", err->sentence);
    va_start(args, err);
    put_fields(&line, args);
    va_end(args);
    write_line(&line);
}
