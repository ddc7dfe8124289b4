/* reference_rules.c - rows of kinds.csv, limits.csv, matter_limits.csv,
 * reasons.csv, weights.csv, earn_rules.csv. */
#include "common/city/reference_table.h"

#include <string.h>

#include "common/base/fsm.h"
#include "common/city/actor.h"

#define WORD(row, name, needed, words)                                         \
    {                                                                          \
#name, CSV_WORD, needed, CSV_AT(struct row, name), words               \
    }

/* ---- kinds.csv ---- */

struct kind_row {
    char code[CODE_SIZE];
    char name[64];
    char letter[8];
    bool needs_approval;
    char issue_roles[160], approve_roles[160], required_stages[160];
    char directions[400];
};

static const struct csv_column kind_columns[] = {
    CSV_CELL(CSV_TEXT, kind_row, code, true),
    CSV_CELL(CSV_TEXT, kind_row, name, true),
    CSV_CELL(CSV_TEXT, kind_row, letter, true),
    CSV_CELL(CSV_YES, kind_row, needs_approval, true),
    CSV_CELL(CSV_TEXT, kind_row, issue_roles, true),
    CSV_CELL(CSV_TEXT, kind_row, approve_roles, false),
    CSV_CELL(CSV_TEXT, kind_row, required_stages, false),
    CSV_CELL(CSV_TEXT, kind_row, directions, true),
};

static bool take_set(const struct csv *csv, const char *column,
                     const char *cell, const char *const *names,
                     unsigned *ret_set, struct err *err)
{
    if (!reference_word_set(cell, names, ret_set))
        return csv_reject(csv, column, err, "\"%s\" has an unknown word", cell);
    return true;
}

/* "street>department department>street": who may call whom. */
static bool take_directions(const struct csv *csv, const char *cell,
                            struct kind *kind, struct err *err)
{
    struct text rest = text_of(cell);

    while (rest.size > 0) {
        struct text to;
        struct text from = text_cut(text_cut(rest, ' ', &rest), '>', &to);
        int caller = name_index(office_kind_names, from);
        int called = name_index(office_kind_names, to);

        if (caller < 0 || called < 0)
            return csv_reject(csv, "directions", err,
                              "\"%s\" is not like street>department", cell);
        kind->calls[caller] |= 1U << called;
    }
    return true;
}

static bool take_kind(struct reference *r, const struct csv *csv,
                      const void *row, struct err *err)
{
    const struct kind_row *in = row;
    struct kind kind = {.needs_approval = in->needs_approval};

    memcpy(kind.code, in->code, sizeof(in->code));
    memcpy(kind.name, in->name, sizeof(in->name));
    memcpy(kind.letter, in->letter, sizeof(in->letter));
    if (!take_set(csv, "issue_roles", in->issue_roles, role_names,
                  &kind.issue_roles, err) ||
        !take_set(csv, "approve_roles", in->approve_roles, role_names,
                  &kind.approve_roles, err) ||
        !take_set(csv, "required_stages", in->required_stages, stage_names,
                  &kind.required_stages, err) ||
        !take_directions(csv, in->directions, &kind, err))
        return false;
    if (kind.needs_approval != (kind.approve_roles != 0))
        return csv_reject(csv, "approve_roles", err,
                          "roles stand here if approval is needed, only then");
    return reference_add(csv, "code", &r->kinds, in->code, &kind, sizeof(kind),
                         err);
}

static bool check_kind(struct reference *r, const struct csv *csv,
                       const void *row, struct err *err)
{
    const struct kind_row *in = row;
    const struct kind *kind = reference_kind(r, in->code);

    for (int stage = 0; stage < STAGE_COUNT; stage++)
        if (kind->required_stages & 1U << stage &&
            !reference_limit(r, in->code, (enum stage)stage))
            return csv_reject(csv, "required_stages", err,
                              "limits.csv has no %s of %s", stage_names[stage],
                              in->code);
    return true;
}

const struct reference_table kinds_table = {
    "kinds.csv", kind_columns, COUNT_OF(kind_columns), sizeof(struct kind_row),
    take_kind,   check_kind,
};

/* ---- limits.csv and matter_limits.csv ---- */

struct limit_row {
    char kind[CODE_SIZE]; /* of matter_limits.csv: the matter */
    int stage;
    int unit, counting, day_end;
    int64_t limit, yellow_percent, follow;
    char ladder[160];
    char stage_word[CODE_SIZE], stage_name[64], source[8];
};

#define LIMIT_CELLS                                                            \
    WORD(limit_row, unit, true, clock_unit_names),                             \
        CSV_CELL(CSV_INT, limit_row, limit, true),                             \
        WORD(limit_row, counting, false, clock_counting_names),                \
        WORD(limit_row, day_end, false, clock_day_end_names),                  \
        CSV_CELL(CSV_INT, limit_row, yellow_percent, true),                    \
        CSV_CELL(CSV_TEXT, limit_row, ladder, false)

static const struct csv_column limit_columns[] = {
    CSV_CELL(CSV_TEXT, limit_row, kind, true),
    WORD(limit_row, stage, true, stage_names),
    LIMIT_CELLS,
};

static const struct csv_column matter_limit_columns[] = {
    {"code", CSV_TEXT, true, CSV_AT(struct limit_row, kind), NULL},
    {"stage", CSV_TEXT, true, CSV_AT(struct limit_row, stage_word), NULL},
    {"stage_zh", CSV_TEXT, true, CSV_AT(struct limit_row, stage_name), NULL},
    CSV_CELL(CSV_TEXT, limit_row, source, true),
    {"follow", CSV_LATER_INT, false, CSV_AT(struct limit_row, follow), NULL},
    LIMIT_CELLS,
};

/* "urge:100 written:200" */
static bool parse_ladder(const char *cell, struct clock_limit *limit)
{
    struct text rest = text_of(cell);

    while (rest.size > 0) {
        struct text percent;
        struct text step = text_cut(text_cut(rest, ' ', &rest), ':', &percent);
        struct clock_rung *rung = &limit->ladder[limit->rung_count];
        int64_t number;

        if (limit->rung_count == LADDER_MAX || step.size == 0 ||
            !text_copy(step, rung->step, sizeof(rung->step)) ||
            !text_int(percent, &number) || number < 1 || number > INT16_MAX)
            return false;
        rung->percent = (int)number;
        limit->rung_count++;
    }
    return true;
}

static bool take_clock(const struct csv *csv, const struct limit_row *in,
                       struct clock_limit *ret, struct err *err)
{
    struct err why;

    *ret = (struct clock_limit){
        .unit = (enum clock_unit)in->unit,
        .limit = in->limit,
        .counting = (enum clock_counting)in->counting,
        .day_end = (enum clock_day_end)in->day_end,
        .yellow_percent =
            in->yellow_percent > 100 ? 101 : (int)in->yellow_percent,
    };
    if (!parse_ladder(in->ladder, ret))
        return csv_reject(csv, "ladder", err,
                          "\"%s\" is not like urge:100 written:200",
                          in->ladder);
    if (!clock_limit_check(ret, &why))
        return csv_reject(csv, why.field, err, "%s", why.sentence);
    return true;
}

static bool take_limit(struct reference *r, const struct csv *csv,
                       const void *row, struct err *err)
{
    const struct limit_row *in = row;
    struct limit_set *set =
        slots_get(&r->limits, in->kind, strlen(in->kind), sizeof(*set), NULL);

    memcpy(set->kind, in->kind, sizeof(in->kind));
    if (set->has[in->stage])
        return csv_reject(csv, "stage", err, "%s of %s is there twice",
                          stage_names[in->stage], in->kind);
    set->has[in->stage] = true;
    return take_clock(csv, in, &set->limits[in->stage], err);
}

static bool check_limit(struct reference *r, const struct csv *csv,
                        const void *row, struct err *err)
{
    static const char *const families[] = {"task", "issue", "match", NULL};
    const struct limit_row *in = row;

    if (!reference_kind(r, in->kind) &&
        !reference_find(&r->classes, in->kind) &&
        name_index(families, text_of(in->kind)) < 0)
        return csv_reject(csv, "kind", err,
                          "%s is no kind of whistle, no class of issue",
                          in->kind);
    return true;
}

const struct reference_table limits_table = {
    "limits.csv",
    limit_columns,
    COUNT_OF(limit_columns),
    sizeof(struct limit_row),
    take_limit,
    check_limit,
};

/* The first is 1, each other one more than the one before. */
static bool may_follow(const struct csv *csv, const struct limit_row *in,
                       const struct stage_list *list, struct err *err)
{
    if (in->follow != list->count + 1)
        return csv_reject(csv, "follow", err,
                          "the next stage of %s is number %lld", in->kind,
                          (long long)list->count + 1);
    for (const struct matter_stage *s = list->first; s; s = s->next)
        if (strcmp(s->stage, in->stage_word) == 0)
            return csv_reject(csv, "follow", err, "%s of %s is there twice",
                              in->stage_word, in->kind);
    return true;
}

static bool take_matter_limit(struct reference *r, const struct csv *csv,
                              const void *row, struct err *err)
{
    const struct limit_row *in = row;
    struct matter_stage *stage = arena_give(&r->arena, sizeof(*stage));
    struct stage_list *list;

    if (!text_copy(text_of(in->kind), stage->matter, sizeof(stage->matter)))
        return csv_reject(csv, "code", err, "is too long");
    memcpy(stage->stage, in->stage_word, sizeof(in->stage_word));
    memcpy(stage->name, in->stage_name, sizeof(in->stage_name));
    memcpy(stage->source, in->source, sizeof(in->source));
    if (!take_clock(csv, in, &stage->limit, err))
        return false;
    if (in->follow == 0)
        return true;
    list = slots_get(&r->matter_stages, in->kind, strlen(in->kind),
                     sizeof(*list), NULL);
    if (!may_follow(csv, in, list, err))
        return false;
    list->count++;
    if (list->last)
        list->last->next = stage;
    else
        list->first = stage;
    list->last = stage;
    return true;
}

static bool check_matter_limit(struct reference *r, const struct csv *csv,
                               const void *row, struct err *err)
{
    const struct limit_row *in = row;

    if (!reference_matter(r, in->kind))
        return csv_reject(csv, "code", err, "there is no matter %s", in->kind);
    return true;
}

const struct reference_table matter_limits_table = {
    "matter_limits.csv",
    matter_limit_columns,
    COUNT_OF(matter_limit_columns),
    sizeof(struct limit_row),
    take_matter_limit,
    check_matter_limit,
};

/* ---- reasons.csv ---- */

static const struct csv_column reason_columns[] = {
    CSV_CELL(CSV_TEXT, reason, list, true),
    CSV_CELL(CSV_TEXT, reason, code, true),
    {"name_zh", CSV_TEXT, true, CSV_AT(struct reason, name), NULL},
    CSV_CELL(CSV_TEXT, reason, name_en, true),
};

static bool take_reason(struct reference *r, const struct csv *csv,
                        const void *row, struct err *err)
{
    const struct reason *in = row;
    struct reason_key key;
    struct reason *reason;
    bool is_new;

    memcpy(key.list, in->list, sizeof(key.list));
    memcpy(key.code, in->code, sizeof(key.code));
    reason =
        slots_get(&r->reasons, &key, sizeof(key), sizeof(*reason), &is_new);
    if (!is_new)
        return csv_reject(csv, "code", err, "%s is there twice in %s", in->code,
                          in->list);
    *reason = *in;
    return true;
}

const struct reference_table reasons_table = {
    "reasons.csv",         reason_columns, COUNT_OF(reason_columns),
    sizeof(struct reason), take_reason,    NULL,
};

/* ---- weights.csv ---- */

static const struct csv_column weight_columns[] = {
    CSV_CELL(CSV_TEXT, weight, name, true),
    CSV_CELL(CSV_INT, weight, value, true),
};

static bool take_weight(struct reference *r, const struct csv *csv,
                        const void *row, struct err *err)
{
    const struct weight *in = row;

    return reference_add(csv, "name", &r->weights, in->name, in, sizeof(*in),
                         err);
}

const struct reference_table weights_table = {
    "weights.csv",         weight_columns, COUNT_OF(weight_columns),
    sizeof(struct weight), take_weight,    NULL,
};

/* ---- earn_rules.csv ---- */

static const char *const expiry_names[] = {"year_end", "months", "never", NULL};

static const struct csv_column earn_columns[] = {
    CSV_CELL(CSV_TEXT, earn_rule, code, true),
    CSV_CELL(CSV_TEXT, earn_rule, name, true),
    CSV_CELL(CSV_INT, earn_rule, beans_per_hour, false),
    CSV_CELL(CSV_INT, earn_rule, max_minutes, false),
    CSV_CELL(CSV_INT, earn_rule, beans, false),
    CSV_CELL(CSV_INT, earn_rule, max_times, false),
    {"expires", CSV_WORD, true, CSV_AT(struct earn_rule, expiry), expiry_names},
    CSV_CELL(CSV_INT, earn_rule, expires_n, false),
};

static bool take_earn_rule(struct reference *r, const struct csv *csv,
                           const void *row, struct err *err)
{
    const struct earn_rule *in = row;

    if ((in->beans_per_hour == 0) == (in->beans == 0))
        return csv_reject(csv, "beans", err,
                          "either beans_per_hour or beans, not both");
    if ((in->expiry == EXPIRES_NEVER) != (in->expires_n == 0))
        return csv_reject(csv, "expires_n", err,
                          "so many years or months; none with never");
    return reference_add(csv, "code", &r->earn_rules, in->code, in, sizeof(*in),
                         err);
}

const struct reference_table earn_rules_table = {
    "earn_rules.csv",         earn_columns,   COUNT_OF(earn_columns),
    sizeof(struct earn_rule), take_earn_rule, NULL,
};
