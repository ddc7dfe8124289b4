/* reference_build.c - a version from its CSV files: first every row of every
 * file is taken, then each is checked against the others. */
#include "common/city/reference_table.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/fsm.h"

static const struct reference_table *const tables[] = {
    &calendar_table,   &calendar_weeks_table, &holidays_table,
    &regions_table,    &offices_table,        &kinds_table,
    &matters_table,    &matter_limits_table,  &duties_table,
    &limits_table,     &reasons_table,        &weights_table,
    &earn_rules_table, &shifts_table,
};

bool reference_add(const struct csv *csv, const char *column,
                   struct slots *slots, const char *code, const void *thing,
                   size_t size, struct err *err)
{
    bool is_new;
    void *into = slots_get(slots, code, strlen(code), size, &is_new);

    if (!is_new)
        return csv_reject(csv, column, err, "%s is there twice", code);
    memcpy(into, thing, size);
    return true;
}

bool reference_word_set(const char *words, const char *const *names,
                        unsigned *ret_set)
{
    struct text rest = text_of(words);
    unsigned set = 0;

    while (rest.size > 0) {
        struct text word = text_cut(rest, ' ', &rest);
        int index = word.size > 0 ? name_index(names, word) : -1;

        if (index < 0)
            return false;
        set |= 1U << index;
    }
    *ret_set = set;
    return true;
}

static bool each_row(struct reference *r, const struct reference_table *table,
                     struct csv *csv, void *row, reference_row *act,
                     struct err *err)
{
    bool more = true;

    while (more) {
        memset(row, 0, table->row_size);
        if (!csv_next(csv, row, &more, err))
            return false;
        if (more && !act(r, csv, row, err))
            return false;
    }
    return true;
}

static bool walk(struct reference *r, const struct reference_table *table,
                 const struct reference_file *file, reference_row *act,
                 struct err *err)
{
    struct csv csv;
    void *row = malloc(table->row_size);
    bool ok;

    if (!row)
        abort();
    ok = csv_open(&csv, table->file, file->body, table->columns,
                  table->column_count, err) &&
         each_row(r, table, &csv, row, act, err);
    csv_close(&csv);
    free(row);
    return ok;
}

static const struct reference_file *
find_file(const struct reference_file *files, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

static bool walk_all(struct reference *r, const struct reference_file *files,
                     size_t count, bool check, struct err *err)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        const struct reference_table *table = tables[i];
        const struct reference_file *file =
            find_file(files, count, table->file);
        reference_row *act = check ? table->check : table->take;

        if (!file)
            return err_reject(err, "bad_csv", table->file,
                              "the file %s is missing", table->file);
        if (act && !walk(r, table, file, act, err))
            return false;
    }
    return true;
}

/* The calendar's rows, which slots keep apart, as the arrays that it wants. */
static bool build_calendar(struct reference *r, struct err *err)
{
    struct calendar *c = &r->calendar;

    c->week_count = r->weeks.count;
    c->weeks = arena_array(&r->arena, c->week_count, sizeof(*c->weeks));
    for (size_t i = 0; i < c->week_count; i++)
        memcpy(&c->weeks[i], r->weeks.items[i].thing, sizeof(*c->weeks));
    c->day_count = r->days.count;
    c->days = arena_array(&r->arena, c->day_count, sizeof(*c->days));
    for (size_t i = 0; i < c->day_count; i++)
        memcpy(&c->days[i], r->days.items[i].thing, sizeof(*c->days));
    if (!calendar_compile(c, &r->arena, err))
        return err_in(err, "%s", calendar_table.file);
    return true;
}

static bool build(struct reference *r, const struct reference_file *files,
                  size_t count, struct err *err)
{
    if (!walk_all(r, files, count, false, err) || !build_calendar(r, err) ||
        !walk_all(r, files, count, true, err))
        return false;
    if (!r->catch_all)
        return err_reject(err, "bad_csv", "offices.csv:1:catch_all",
                          "%s: no office takes what nobody holds",
                          offices_table.file);
    return true;
}

static void start(struct reference *r)
{
    struct slots *all[] = {
        &r->regions, &r->offices, &r->matters, &r->matter_stages,
        &r->duties,  &r->kinds,   &r->limits,  &r->classes,
        &r->reasons, &r->weights, &r->weeks,   &r->earn_rules,
        &r->days,    &r->shifts,
    };

    for (size_t i = 0; i < COUNT_OF(all); i++)
        slots_start(all[i], &r->arena);
}

bool reference_build(int64_t version, int64_t valid_from_us,
                     const struct reference_file *files, size_t count,
                     struct reference **ret, struct err *err)
{
    struct reference *r = calloc(1, sizeof(*r));

    if (!r)
        abort();
    r->version = version;
    r->valid_from_us = valid_from_us;
    start(r);
    if (!build(r, files, count, err)) {
        reference_free(r);
        return false;
    }
    *ret = r;
    return true;
}

void reference_free(struct reference *r)
{
    if (!r)
        return;
    arena_release(&r->arena);
    free(r);
}
