/* setting.c - settings from the environment. */
#include "common/base/setting.h"

#include <stdlib.h>
#include <string.h>

static bool bad_setting(struct err *err, const char *name, const char *what)
{
    err_fatal(err, "bad_setting", "%s %s", name, what);
    if (err)
        snprintf(err->field, sizeof(err->field), "%s", name);
    return false;
}

static bool parse_bool(const char *value, bool *ret)
{
    static const char *const words[] = {"0", "1", "false", "true", "no", "yes"};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(value, words[i]) == 0) {
            *ret = i % 2 == 1;
            return true;
        }
    }
    return false;
}

/* Set but empty is as good as unset: "FOO=" is what compose files leave. */
static const char *value_of(const struct setting *s)
{
    const char *value = getenv(s->name);

    return value && value[0] != '\0' ? value : s->standard;
}

static bool read_one(const struct setting *s, void *into, struct err *err)
{
    const char *value = value_of(s);
    void *member = (char *)into + s->at;

    if (!value)
        return bad_setting(err, s->name, "must be set");
    switch (s->kind) {
    case SETTING_TEXT:
        memcpy(member, &value, sizeof(value));
        return true;
    case SETTING_INT:
        return text_int(text_of(value), member) ||
               bad_setting(err, s->name, "must be a whole number");
    case SETTING_BOOL:
        return parse_bool(value, member) ||
               bad_setting(err, s->name, "must be yes or no");
    }
    return bad_setting(err, s->name, "has no such kind");
}

bool settings_read(const struct setting *table, void *into, struct err *err)
{
    for (const struct setting *s = table; s->name; s++)
        if (!read_one(s, into, err))
            return false;
    return true;
}

void settings_print(const struct setting *table, struct buf *out)
{
    for (const struct setting *s = table; s->name; s++) {
        buf_print(out, "  %-24s %s", s->name, s->help);
        if (!s->standard)
            buf_print(out, " (must be set)");
        else if (s->standard[0] != '\0')
            buf_print(out, " (%s)", s->standard);
        buf_put_byte(out, '\n');
    }
}
