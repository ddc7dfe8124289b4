/*
 * reference.h - the versioned reference data of a cell, as decide sees them.
 *
 * A version is a set of CSV files (schemas/reference/), checked when loaded
 * and never changed after. Lookups are by code; NULL when there is none.
 *
 *     const struct reference *r = d->reference;
 *     const struct kind *kind = reference_kind(r, in->kind);
 */
#ifndef BAODAO_CITY_REFERENCE_H
#define BAODAO_CITY_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"
#include "common/city/calendar.h"
#include "common/city/clock.h"
#include "common/city/region.h"
#include "common/io/pg.h"
#include "common/work/service.h"

#define OFFICE_SIZE 25 /* 24 bytes of code and the zero */
#define MATTER_SIZE 13
#define CODE_SIZE 33 /* reason, rule, kind … */

enum office_kind {
    OFFICE_DEPARTMENT, OFFICE_TEAM, OFFICE_DISTRICT, OFFICE_STREET,
    OFFICE_COMMUNITY, OFFICE_KIND_COUNT
};
extern const char *const office_kind_names[]; /* NULL-terminated */

/* The five lines of work (五条线). */
extern const char *const work_line_names[]; /* NULL-terminated */

struct office {
    char code[OFFICE_SIZE]; /* "CGJ"; of regions their region code */
    char name[64];
    char short_name[64];
    enum office_kind kind;
    char region[REGION_SIZE];   /* where it answers for */
    bool catch_all;
    bool pool; /* its officers claim lanes; others are allotted them */
};

struct matter {
    char code[MATTER_SIZE];
    char name[64], name_en[64];
    char major[64];
    char issue_class[16]; /* danger utilities ordinary complex */
};

/* Who is called for a matter (职责清单). */
struct duty {
    char matter[MATTER_SIZE];   /* or a prefix "E01" for a whole class */
    char region[REGION_SIZE];   /* where it holds */
    char lead[OFFICE_SIZE];
    char assists[8][OFFICE_SIZE];
    size_t assist_count;
    int line;         /* of work_line_names */
    char skills[100]; /* "photo mediation": who has one is asked first */
};

enum stage {
    STAGE_SIGN, STAGE_CONTACT, STAGE_ARRIVE, STAGE_RESOLVE, STAGE_REWORK,
    STAGE_ACCEPT, STAGE_TRIAGE, STAGE_FEEDBACK, STAGE_CALLBACK, STAGE_RULE,
    STAGE_CONFIRM, /* a proposed match awaits its partner's answer */
    STAGE_INFO,    /* waiting for the requester's answer */
    STAGE_COUNT
};
extern const char *const stage_names[]; /* NULL-terminated */

/* A kind of whistle. */
struct kind {
    char code[CODE_SIZE];  /* enforcement priority emergency */
    char name[64];
    char letter[8];        /* before the number for people: "哨" */
    bool needs_approval;
    unsigned issue_roles;  /* bit set of enum role */
    unsigned approve_roles;
    unsigned required_stages; /* bit set of 1 << enum stage */
    /* whom each kind of office may call: bit sets of 1 << enum office_kind */
    unsigned calls[OFFICE_KIND_COUNT];
};

/* A coded reason: of a decline, a return, an excuse, a suspension … */
struct reason {
    char list[CODE_SIZE]; /* "issue.decline", "task.return" */
    char code[CODE_SIZE];
    char name[128], name_en[128];
};

/* Hours of duty: an officer's shift (班次). */
enum shift_days { SHIFT_ALL, SHIFT_WORKING, SHIFT_REST };
struct shift {
    char code[CODE_SIZE];
    char name[64];
    int days; /* enum shift_days, by the calendar */
    struct day_hours hours;
};

/* A number or word that a rule needs: "match.weights.skill" = 20. */
struct weight {
    char name[48];
    int64_t value;
};

/* A stage of a matter's own that its lanes go through here (matter_limits.csv,
 * the rows with a number to follow): fence, repair, reinstate … */
struct matter_stage {
    char matter[MATTER_SIZE];
    char stage[CODE_SIZE];
    char name[64];
    char source[8];
    struct clock_limit limit;
    const struct matter_stage *next; /* of the same matter */
};

/* How a member earns beans (rules.md §4). */
enum earn_expiry { EXPIRES_YEAR_END, EXPIRES_MONTHS, EXPIRES_NEVER };
struct earn_rule {
    char code[CODE_SIZE]; /* "service_hour" */
    char name[64];
    int64_t beans_per_hour; /* 0: a fixed rule */
    int64_t max_minutes;    /* per member and activity; 0: no end */
    int64_t beans;          /* of a fixed rule */
    int64_t max_times;      /* of a fixed rule, per activity; 0: no end */
    int expiry;             /* enum earn_expiry */
    int64_t expires_n;      /* years or months */
};

struct reference; /* opaque; owned by reference_load.c, lives for ever */

int64_t reference_version(const struct reference *r);
const struct region *reference_region(const struct reference *r,
                                      const char *code);
const struct office *reference_office(const struct reference *r,
                                      const char *code);
/* The office that takes what nobody holds. */
const struct office *reference_catch_all(const struct reference *r);
const struct matter *reference_matter(const struct reference *r,
                                      const char *code);
/* Its first own stage, or NULL. */
const struct matter_stage *reference_matter_stages(const struct reference *r,
                                                   const char *code);
/* NULL: the matter has no such stage. */
const struct matter_stage *reference_matter_stage(const struct reference *r,
                                                  const char *code,
                                                  struct text stage);
/* The nearest row: longest matter prefix, then nearest region. */
const struct duty *reference_duty(const struct reference *r,
                                  const char *matter, const char *region);
const struct kind *reference_kind(const struct reference *r,
                                  const char *code);
/*
 * The limit of a stage: of a whistle kind ("enforcement"), an issue class
 * ("danger") or "task"/"issue"/"match". A kind without a row of its own has
 * that of "task", a class that of "issue". NULL when there is no such clock.
 */
const struct clock_limit *reference_limit(const struct reference *r,
                                          const char *kind,
                                          enum stage stage);
const struct calendar *reference_calendar(const struct reference *r);
const struct reason *reference_reason(const struct reference *r,
                                      const char *list, const char *code);
const struct earn_rule *reference_earn_rule(const struct reference *r,
                                            const char *code);
const struct shift *reference_shift(const struct reference *r,
                                    const char *code);
/*
 * Writes the codes of the shifts that are on at an instant; returns how many.
 * On a date that the calendar does not know, those of working and of rest
 * days both are: rather too many on duty than nobody.
 */
size_t reference_shifts_on(const struct reference *r, int64_t at_us,
                           const char *codes[], size_t max);
/* The codes of offices whose lanes are claimed, not allotted. */
size_t reference_pools(const struct reference *r, const char *codes[],
                       size_t max);
/* ERR_FATAL "no_weight" when the row is missing. */
MUST_CHECK bool reference_weight(const struct reference *r, const char *name,
                                 int64_t *ret_value, struct err *err);
/* For what may be absent: "ledger.day_cap", "allot.ceiling_percent". */
int64_t reference_weight_or(const struct reference *r, const char *name,
                            int64_t otherwise);

/*
 * From CSV bodies by file name (regions.csv …): all checks. ERR_REJECT
 * "bad_csv" names file, line and column ("limits.csv:12:unit"). files are
 * copied from; other names than those of schemas/reference/ are passed over.
 */
struct reference_file {
    char name[64];
    struct text body;
};
MUST_CHECK bool reference_build(int64_t version, int64_t valid_from_us,
                                const struct reference_file *files,
                                size_t count, struct reference **ret,
                                struct err *err);
void reference_free(struct reference *r);

/* For struct service.reference. */
extern const struct reference_hooks city_reference;

/* For who cannot wait: keeps the versions of rows (version, valid_from, name,
 * body) in the order of version that are not loaded yet. */
MUST_CHECK bool reference_take(const struct pg_rows *rows, struct err *err);

/* The version itself, for what was pinned; NULL when not loaded. */
const struct reference *reference_pinned(int64_t version);

#endif
