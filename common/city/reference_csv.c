/* reference_csv.c - cells of RFC 4180, then members of a struct. */
#include "common/city/reference_csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fsm.h"
#include "common/base/instant.h"

/* What stands behind a cell. */
enum cell_end { END_CELL, END_ROW };

bool csv_reject(const struct csv *csv, const char *column, struct err *err,
                const char *format, ...)
{
    char field[128];
    char why[200];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    while (!text_valid(text_of(why))) /* cut within a code point */
        why[strlen(why) - 1] = '\0';
    snprintf(field, sizeof(field), "%s:%d:%s", csv->file, csv->line, column);
    return err_reject(err, "bad_csv", field, "%s line %d, column %s: %s",
                      csv->file, csv->line, column, why);
}

static const char *column_name(const struct csv *csv, size_t at)
{
    return at < csv->width && csv->order[at] ? csv->order[at]->name : "?";
}

/* Takes one character, "\r\n" as '\n'; -1 at the end of the file. */
static int take(struct csv *csv)
{
    struct text *rest = &csv->rest;
    size_t size = 1;
    int c;

    if (rest->size == 0)
        return -1;
    c = (unsigned char)rest->bytes[0];
    if (c == '\r' && rest->size > 1 && rest->bytes[1] == '\n') {
        c = '\n';
        size = 2;
    }
    csv->next_line += c == '\n';
    *rest = (struct text){rest->bytes + size, rest->size - size};
    return c;
}

/* The rest of a cell behind its first quote, and what closes it; -2 when the
 * quote is never closed. */
static int take_quoted(struct csv *csv)
{
    for (;;) {
        int c = take(csv);

        if (c < 0)
            return -2;
        if (c == '"') {
            c = take(csv);
            if (c != '"')
                return c;
        }
        buf_put_byte(&csv->cell, (char)c);
    }
}

static bool read_cell(struct csv *csv, size_t at, enum cell_end *ret_end,
                      struct err *err)
{
    int c = take(csv);
    bool quoted = c == '"';

    buf_reset(&csv->cell);
    if (quoted)
        c = take_quoted(csv);
    else
        for (; c >= 0 && c != ',' && c != '\n' && c != '"'; c = take(csv))
            buf_put_byte(&csv->cell, (char)c);
    if (c == -2)
        return csv_reject(csv, column_name(csv, at), err,
                          "a quote is not closed");
    if (c != ',' && c != '\n' && c != -1)
        return csv_reject(csv, column_name(csv, at), err,
                          quoted ? "text behind a closing quote"
                                 : "a quote inside a cell without quotes");
    *ret_end = c == ',' ? END_CELL : END_ROW;
    return true;
}

static const struct csv_column *find_column(const struct csv *csv,
                                            struct text name)
{
    for (size_t i = 0; i < csv->count; i++)
        if (text_is(name, csv->columns[i].name))
            return &csv->columns[i];
    return NULL;
}

static bool has_column(const struct csv *csv, const struct csv_column *column)
{
    for (size_t i = 0; i < csv->width; i++)
        if (csv->order[i] == column)
            return true;
    return false;
}

static bool read_header(struct csv *csv, struct err *err)
{
    enum cell_end end = END_CELL;

    while (end == END_CELL) {
        const struct csv_column *column;

        if (csv->width == CSV_COLUMNS_MAX)
            return csv_reject(csv, "?", err, "over %d columns",
                              CSV_COLUMNS_MAX);
        if (!read_cell(csv, csv->width, &end, err))
            return false;
        column = find_column(csv, buf_text(&csv->cell));
        if (column && has_column(csv, column))
            return csv_reject(csv, column->name, err, "is there twice");
        csv->order[csv->width++] = column;
    }
    for (size_t i = 0; i < csv->count; i++)
        if (csv->columns[i].type != CSV_LATER_INT &&
            !has_column(csv, &csv->columns[i]))
            return csv_reject(csv, csv->columns[i].name, err,
                              "is not in the header line");
    return true;
}

bool csv_open(struct csv *csv, const char *file, struct text body,
              const struct csv_column *columns, size_t count, struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* spreadsheets put it first */

    *csv = (struct csv){
        .file = file,
        .columns = columns,
        .count = count,
        .rest = body,
        .line = 1,
        .next_line = 1,
    };
    if (!text_valid(body))
        return csv_reject(csv, "?", err, "the file is not UTF-8");
    if (text_starts(body, mark))
        csv->rest = (struct text){body.bytes + 3, body.size - 3};
    return read_header(csv, err);
}

void csv_close(struct csv *csv)
{
    buf_release(&csv->cell);
}

static bool fill_empty(const struct csv *csv, const struct csv_column *c,
                       void *into, struct err *err)
{
    if (c->needed)
        return csv_reject(csv, c->name, err, "is empty");
    if (c->type == CSV_DATE)
        *(int32_t *)into = INT32_MIN;
    return true;
}

static bool fill_int(const struct csv *csv, const struct csv_column *c,
                     struct text cell, int64_t *into, struct err *err)
{
    if (!text_int(cell, into) || *into < 0)
        return csv_reject(csv, c->name, err, "\"%.*s\" is no whole number",
                          TEXT_PRINT(cell));
    return true;
}

static bool fill_word(const struct csv *csv, const struct csv_column *c,
                      struct text cell, int *into, struct err *err)
{
    *into = name_index(c->words, cell);
    if (*into < 0)
        return csv_reject(csv, c->name, err, "\"%.*s\" is none of its words",
                          TEXT_PRINT(cell));
    return true;
}

static bool fill(const struct csv *csv, const struct csv_column *c, void *row,
                 struct err *err)
{
    struct text cell = buf_text(&csv->cell);
    void *into = (char *)row + c->offset;

    if (cell.size == 0)
        return fill_empty(csv, c, into, err);
    switch (c->type) {
    case CSV_TEXT:
        if (!text_copy(cell, into, c->size))
            return csv_reject(csv, c->name, err, "is over %zu bytes long",
                              c->size - 1);
        return true;
    case CSV_INT:
    case CSV_LATER_INT:
        return fill_int(csv, c, cell, into, err);
    case CSV_DATE:
        if (!date_parse(cell, into))
            return csv_reject(csv, c->name, err, "\"%.*s\" is no date",
                              TEXT_PRINT(cell));
        return true;
    case CSV_WORD:
        return fill_word(csv, c, cell, into, err);
    case CSV_YES:
        *(bool *)into = text_is(cell, "yes");
        if (!*(bool *)into && !text_is(cell, "no"))
            return csv_reject(csv, c->name, err, "\"%.*s\" is not yes or no",
                              TEXT_PRINT(cell));
        return true;
    }
    return true;
}

bool csv_next(struct csv *csv, void *row, bool *ret_more, struct err *err)
{
    enum cell_end end = END_CELL;
    size_t at = 0;

    *ret_more = csv->rest.size > 0;
    if (!*ret_more)
        return true;
    csv->line = csv->next_line;
    for (; end == END_CELL; at++) {
        if (!read_cell(csv, at, &end, err))
            return false;
        if (at == csv->width)
            return csv_reject(csv, "?", err, "more than %zu cells", csv->width);
        if (csv->order[at] && !fill(csv, csv->order[at], row, err))
            return false;
    }
    if (at < csv->width)
        return csv_reject(csv, column_name(csv, at), err, "%zu cells, not %zu",
                          at, csv->width);
    return true;
}
