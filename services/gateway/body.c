/* body.c - the path's values become members of the body. */
#include "services/gateway/body.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct text skip_space(struct text t)
{
    while (t.size > 0 && is_space(t.bytes[0])) {
        t.bytes++;
        t.size--;
    }
    return t;
}

void body_merge(struct text body, const struct path_value *values,
                size_t count, struct buf *out)
{
    struct text rest = skip_space(body);

    if (rest.size == 0)
        rest = TEXT("{}");
    if (rest.bytes[0] != '{' || count == 0) {
        buf_put_text(out, rest);
        return;
    }
    rest.bytes++;
    rest.size--;
    buf_put_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        const char *quote = values[i].number ? "" : "\"";

        buf_print(out, "%s\"%.*s\":%s%.*s%s", i > 0 ? "," : "",
                  (int)values[i].name_size, values[i].name, quote,
                  TEXT_PRINT(values[i].text), quote);
    }
    rest = skip_space(rest);
    if (rest.size > 0 && rest.bytes[0] != '}')
        buf_put_byte(out, ',');
    buf_put_text(out, rest);
}
