/* table.c - a table for a terminal. */
#include "services/baodao/table.h"

#include <string.h>
#include <utf8proc.h>

size_t table_width(struct text t)
{
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)t.bytes;
    size_t width = 0;

    for (size_t i = 0; i < t.size;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t size =
            utf8proc_iterate(bytes + i, (utf8proc_ssize_t)(t.size - i), &point);

        if (size < 1)
            return width + t.size - i;
        width += (size_t)utf8proc_charwidth(point);
        i += (size_t)size;
    }
    return width;
}

static size_t column_count(const struct table *t)
{
    size_t n = 0;

    while (t->heads[n])
        n++;
    return n;
}

void table_text(struct table *t, struct text cell)
{
    struct text *more;

    if (t->count == t->room) {
        t->room = t->room > 0 ? 2 * t->room : 256;
        more = arena_array(&t->arena, t->room, sizeof(*more));
        if (t->count > 0)
            memcpy(more, t->cells, t->count * sizeof(*more));
        t->cells = more;
    }
    t->cells[t->count++] = arena_text(&t->arena, cell);
}

void table_string(struct table *t, const char *cell)
{
    table_text(t, text_of(cell));
}

void table_int(struct table *t, int64_t cell)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)cell);
    table_string(t, text);
}

static void put_cell(FILE *to, struct text cell, size_t width, bool right,
                     bool last)
{
    size_t own = table_width(cell);
    int space = own < width ? (int)(width - own) : 0;

    if (right)
        fprintf(to, "%*s%.*s", space, "", TEXT_PRINT(cell));
    else
        fprintf(to, "%.*s%*s", TEXT_PRINT(cell), last ? 0 : space, "");
    fputs(last ? "\n" : "  ", to);
}

void table_print(const struct table *t, FILE *to)
{
    size_t columns = column_count(t);
    size_t widths[TABLE_COLUMNS];

    for (size_t c = 0; c < columns; c++) {
        widths[c] = table_width(text_of(t->heads[c] + (*t->heads[c] == '#')));
        for (size_t i = c; i < t->count; i += columns)
            if (table_width(t->cells[i]) > widths[c])
                widths[c] = table_width(t->cells[i]);
    }
    for (size_t c = 0; c < columns; c++)
        put_cell(to, text_of(t->heads[c] + (*t->heads[c] == '#')), widths[c],
                 *t->heads[c] == '#', c + 1 == columns);
    for (size_t i = 0; i < t->count; i++)
        put_cell(to, t->cells[i], widths[i % columns],
                 *t->heads[i % columns] == '#', i % columns + 1 == columns);
}

void table_cleanup(struct table *t)
{
    arena_release(&t->arena);
}
