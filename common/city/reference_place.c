/* reference_place.c - rows of regions.csv, offices.csv, matters.csv,
 * duties.csv: who is where, and who is called for what. */
#include "common/city/reference_table.h"

#include <string.h>

const char *const office_kind_names[] = {
    [OFFICE_DEPARTMENT] = "department", [OFFICE_TEAM] = "team",
    [OFFICE_DISTRICT] = "district",     [OFFICE_STREET] = "street",
    [OFFICE_COMMUNITY] = "community",   [OFFICE_KIND_COUNT] = NULL,
};

static const char *const level_names[] = {
    [REGION_NONE] = "none",     [REGION_DISTRICT] = "district",
    [REGION_STREET] = "street", [REGION_COMMUNITY] = "community",
    [REGION_GRID] = "grid",     NULL,
};

/* ---- regions.csv ---- */

struct region_row {
    char code[REGION_SIZE];
    char name[64];
    int level;
    char parent[REGION_SIZE];
    int32_t valid_from, valid_to;
    char successor[REGION_SIZE];
};

static const struct csv_column region_columns[] = {
    CSV_CELL(CSV_TEXT, region_row, code, true),
    CSV_CELL(CSV_TEXT, region_row, name, true),
    {"level", CSV_WORD, true, CSV_AT(struct region_row, level), level_names},
    CSV_CELL(CSV_TEXT, region_row, parent, true),
    CSV_CELL(CSV_DATE, region_row, valid_from, false),
    CSV_CELL(CSV_DATE, region_row, valid_to, false),
    CSV_CELL(CSV_TEXT, region_row, successor, false),
};

static int64_t start_of(int32_t date)
{
    return date == INT32_MIN ? INSTANT_NONE : date_start_us(date);
}

/* A region is an office too: streets and communities are called. */
static bool add_office_of(struct reference *r, const struct csv *csv,
                          const struct region_row *in, struct err *err)
{
    struct office office = {0};

    if (in->level == REGION_GRID)
        return true;
    memcpy(office.code, in->code, sizeof(in->code));
    memcpy(office.name, in->name, sizeof(in->name));
    memcpy(office.short_name, in->name, sizeof(in->name));
    memcpy(office.region, in->code, sizeof(in->code));
    office.kind = (enum office_kind)(OFFICE_DISTRICT + in->level -
                                     REGION_DISTRICT);
    return reference_add(csv, "code", &r->offices, in->code, &office,
                         sizeof(office), err);
}

static bool take_region(struct reference *r, const struct csv *csv,
                        const void *row, struct err *err)
{
    const struct region_row *in = row;
    struct region region = {
        .level = (enum region_level)in->level,
        .from_us = start_of(in->valid_from),
        .to_us = start_of(in->valid_to),
    };

    if (in->level == REGION_NONE || region_level_of(in->code) != region.level)
        return csv_reject(csv, "code", err, "%s is no code of a %s", in->code,
                          level_names[in->level]);
    memcpy(region.code, in->code, sizeof(in->code));
    memcpy(region.name, in->name, sizeof(in->name));
    memcpy(region.successor, in->successor, sizeof(in->successor));
    return reference_add(csv, "code", &r->regions, in->code, &region,
                         sizeof(region), err) &&
           add_office_of(r, csv, in, err);
}

static bool check_region(struct reference *r, const struct csv *csv,
                         const void *row, struct err *err)
{
    const struct region_row *in = row;
    char up[REGION_SIZE];

    if (in->level > REGION_DISTRICT &&
        (!region_up(in->code, (enum region_level)(in->level - 1), up) ||
         strcmp(up, in->parent) != 0 || !reference_region(r, up)))
        return csv_reject(csv, "parent", err, "%s does not hold %s", in->parent,
                          in->code);
    if (in->valid_to != INT32_MIN && in->valid_to <= in->valid_from)
        return csv_reject(csv, "valid_to", err, "ends before it begins");
    if (in->successor[0] != '\0' && !reference_region(r, in->successor))
        return csv_reject(csv, "successor", err, "there is no region %s",
                          in->successor);
    return true;
}

const struct reference_table regions_table = {
    "regions.csv",
    region_columns,
    COUNT_OF(region_columns),
    sizeof(struct region_row),
    take_region,
    check_region,
};

/* ---- offices.csv ---- */

/* The first of office_kind_names: the others are regions. */
static const char *const office_kinds[] = {"department", "team", NULL};

struct office_row {
    char code[OFFICE_SIZE];
    char name[64];
    char short_name[64];
    int kind;
    char region[REGION_SIZE];
    bool catch_all;
    int allot;
};

static const char *const allot_ways[] = {"least", "pool", NULL};

static const struct csv_column office_columns[] = {
    CSV_CELL(CSV_TEXT, office_row, code, true),
    CSV_CELL(CSV_TEXT, office_row, name, true),
    {"short", CSV_TEXT, true, CSV_AT(struct office_row, short_name), NULL},
    {"kind", CSV_WORD, true, CSV_AT(struct office_row, kind), office_kinds},
    CSV_CELL(CSV_TEXT, office_row, region, true),
    CSV_CELL(CSV_YES, office_row, catch_all, true),
    {"allot", CSV_WORD, true, CSV_AT(struct office_row, allot), allot_ways},
};

static bool take_office(struct reference *r, const struct csv *csv,
                        const void *row, struct err *err)
{
    const struct office_row *in = row;
    struct office office = {.kind = (enum office_kind)in->kind,
                            .catch_all = in->catch_all,
                            .pool = in->allot == 1};

    if (strpbrk(in->code, "/,;|= ") != NULL)
        return csv_reject(csv, "code", err, "%s: / , ; | = separate codes",
                          in->code);
    if (in->catch_all && r->catch_all)
        return csv_reject(csv, "catch_all", err, "%s takes it already",
                          r->catch_all->code);
    memcpy(office.code, in->code, sizeof(in->code));
    memcpy(office.name, in->name, sizeof(in->name));
    memcpy(office.short_name, in->short_name, sizeof(in->short_name));
    memcpy(office.region, in->region, sizeof(in->region));
    if (!reference_add(csv, "code", &r->offices, in->code, &office,
                       sizeof(office), err))
        return false;
    if (in->catch_all)
        r->catch_all = reference_office(r, in->code);
    return true;
}

static bool check_office(struct reference *r, const struct csv *csv,
                         const void *row, struct err *err)
{
    const struct office_row *in = row;

    if (!reference_region(r, in->region))
        return csv_reject(csv, "region", err, "there is no region %s",
                          in->region);
    return true;
}

const struct reference_table offices_table = {
    "offices.csv",
    office_columns,
    COUNT_OF(office_columns),
    sizeof(struct office_row),
    take_office,
    check_office,
};

/* ---- matters.csv ---- */

static const struct csv_column matter_columns[] = {
    CSV_CELL(CSV_TEXT, matter, code, true),
    {"minor_zh", CSV_TEXT, true, CSV_AT(struct matter, name), NULL},
    {"minor_en", CSV_TEXT, true, CSV_AT(struct matter, name_en), NULL},
    {"major_zh", CSV_TEXT, true, CSV_AT(struct matter, major), NULL},
    CSV_CELL(CSV_TEXT, matter, issue_class, true),
};

static bool take_matter(struct reference *r, const struct csv *csv,
                        const void *row, struct err *err)
{
    const struct matter *in = row;

    slots_get(&r->classes, in->issue_class, strlen(in->issue_class), 1, NULL);
    return reference_add(csv, "code", &r->matters, in->code, in, sizeof(*in),
                         err);
}

static bool check_matter(struct reference *r, const struct csv *csv,
                         const void *row, struct err *err)
{
    const struct matter *in = row;

    if (!reference_limit(r, in->issue_class, STAGE_FEEDBACK))
        return csv_reject(csv, "issue_class", err,
                          "limits.csv has no feedback of %s", in->issue_class);
    return true;
}

const struct reference_table matters_table = {
    "matters.csv",         matter_columns, COUNT_OF(matter_columns),
    sizeof(struct matter), take_matter,    check_matter,
};

/* ---- duties.csv ---- */

struct duty_row {
    char matter[MATTER_SIZE]; /* a prefix; empty: every matter */
    char region[REGION_SIZE];
    char lead[OFFICE_SIZE];
    char assists[8 * OFFICE_SIZE];
    int line;
    char skills[100];
};

static const struct csv_column duty_columns[] = {
    CSV_CELL(CSV_TEXT, duty_row, matter, false),
    CSV_CELL(CSV_TEXT, duty_row, region, true),
    CSV_CELL(CSV_TEXT, duty_row, lead, true),
    CSV_CELL(CSV_TEXT, duty_row, assists, false),
    {"line", CSV_WORD, true, CSV_AT(struct duty_row, line), work_line_names},
    CSV_CELL(CSV_TEXT, duty_row, skills, false),
};

static bool is_called(const struct duty *duty, const char *office)
{
    bool called = strcmp(duty->lead, office) == 0;

    for (size_t i = 0; i < duty->assist_count; i++)
        called = called || strcmp(duty->assists[i], office) == 0;
    return called;
}

static bool take_assists(const struct csv *csv, const char *cell,
                         struct duty *duty, struct err *err)
{
    struct text rest = text_of(cell);

    while (rest.size > 0) {
        struct text code = text_cut(rest, ' ', &rest);
        char *into = duty->assists[duty->assist_count];
        char one[OFFICE_SIZE];

        if (duty->assist_count == COUNT_OF(duty->assists))
            return csv_reject(csv, "assists", err, "over %zu offices",
                              COUNT_OF(duty->assists));
        if (code.size == 0 || !text_copy(code, one, sizeof(one)) ||
            is_called(duty, one))
            return csv_reject(csv, "assists", err,
                              "\"%.*s\" is no code, or is called twice",
                              TEXT_PRINT(code));
        memcpy(into, one, sizeof(one));
        duty->assist_count++;
    }
    return true;
}

static bool take_duty(struct reference *r, const struct csv *csv,
                      const void *row, struct err *err)
{
    const struct duty_row *in = row;
    struct duty_key key;
    struct duty *duty;
    bool is_new;

    memcpy(key.matter, in->matter, sizeof(in->matter));
    memcpy(key.region, in->region, sizeof(in->region));
    duty = slots_get(&r->duties, &key, sizeof(key), sizeof(*duty), &is_new);
    if (!is_new)
        return csv_reject(csv, "matter", err, "%s is there twice in %s",
                          in->matter, in->region);
    memcpy(duty->matter, in->matter, sizeof(in->matter));
    memcpy(duty->region, in->region, sizeof(in->region));
    memcpy(duty->lead, in->lead, sizeof(in->lead));
    memcpy(duty->skills, in->skills, sizeof(in->skills));
    duty->line = in->line;
    return take_assists(csv, in->assists, duty, err);
}

static bool has_matter(const struct reference *r, const char *prefix)
{
    bool found = false;

    for (size_t i = 0; i < r->matters.count && !found; i++) {
        const struct matter *m = r->matters.items[i].thing;

        found = strncmp(m->code, prefix, strlen(prefix)) == 0;
    }
    return found;
}

static bool check_duty(struct reference *r, const struct csv *csv,
                       const void *row, struct err *err)
{
    const struct duty_row *in = row;
    struct duty_key key;
    const struct duty *duty;

    memcpy(key.matter, in->matter, sizeof(in->matter));
    memcpy(key.region, in->region, sizeof(in->region));
    duty = slots_find(&r->duties, &key, sizeof(key));
    if (!has_matter(r, in->matter))
        return csv_reject(csv, "matter", err, "no matter begins with %s",
                          in->matter);
    if (!reference_region(r, in->region))
        return csv_reject(csv, "region", err, "there is no region %s",
                          in->region);
    if (!reference_office(r, in->lead))
        return csv_reject(csv, "lead", err, "there is no office %s", in->lead);
    for (size_t i = 0; i < duty->assist_count; i++)
        if (!reference_office(r, duty->assists[i]))
            return csv_reject(csv, "assists", err, "there is no office %s",
                              duty->assists[i]);
    return true;
}

const struct reference_table duties_table = {
    "duties.csv", duty_columns, COUNT_OF(duty_columns), sizeof(struct duty_row),
    take_duty,    check_duty,
};
