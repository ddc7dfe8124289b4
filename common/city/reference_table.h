/*
 * reference_table.h - what a version is made of: for reference*.c alone.
 */
#ifndef BAODAO_CITY_REFERENCE_TABLE_H
#define BAODAO_CITY_REFERENCE_TABLE_H

#include "common/base/arena.h"
#include "common/base/slots.h"
#include "common/city/reference.h"
#include "common/city/reference_csv.h"

struct limit_set {
    char kind[CODE_SIZE];
    bool has[STAGE_COUNT];
    struct clock_limit limits[STAGE_COUNT];
};

struct duty_key {
    char matter[MATTER_SIZE];
    char region[REGION_SIZE];
};

struct reason_key {
    char list[CODE_SIZE];
    char code[CODE_SIZE];
};

struct stage_list {
    struct matter_stage *first, *last;
    int64_t count;
};

/* Slots are keyed by code, without its zero, but for the two keys above. */
struct reference {
    int64_t version, valid_from_us;
    struct arena arena; /* owns all below */
    struct slots regions, offices, matters, duties, kinds;
    struct slots matter_stages; /* matter -> struct stage_list */
    struct slots limits;        /* kind -> struct limit_set */
    struct slots classes;       /* issue classes that matters have */
    struct slots reasons, weights, earn_rules, shifts;
    struct slots weeks, days; /* of the calendar, by date */
    const struct office *catch_all;
    struct calendar calendar;
};

/*
 * One file: each row is taken; when all files were, each row is checked
 * against the others (NULL: nothing to check).
 */
typedef bool reference_row(struct reference *r, const struct csv *csv,
                           const void *row, struct err *err);

struct reference_table {
    const char *file;
    const struct csv_column *columns;
    size_t column_count, row_size;
    reference_row *take, *check;
};

extern const struct reference_table regions_table, offices_table, matters_table,
    matter_limits_table, duties_table, kinds_table, limits_table, reasons_table,
    weights_table, earn_rules_table, calendar_table, calendar_weeks_table,
    holidays_table, shifts_table;

/* A new thing at a code; refuses the row, naming the column, when it is there
 * already. */
MUST_CHECK bool reference_add(const struct csv *csv, const char *column,
                              struct slots *slots, const char *code,
                              const void *thing, size_t size, struct err *err);
void *reference_find(const struct slots *slots, const char *code);

/* "sign contact" as a bit set of the indices of the names; false on a word
 * that is none. */
MUST_CHECK bool reference_word_set(const char *words, const char *const *names,
                                   unsigned *ret_set);

#endif
