/* reference.c - look-ups in one version: pure, by code. */
#include "common/city/reference_table.h"

#include <string.h>

#include "common/base/instant.h"

const char *const stage_names[] = {
    [STAGE_SIGN] = "sign",         [STAGE_CONTACT] = "contact",
    [STAGE_ARRIVE] = "arrive",     [STAGE_RESOLVE] = "resolve",
    [STAGE_REWORK] = "rework",     [STAGE_ACCEPT] = "accept",
    [STAGE_TRIAGE] = "triage",     [STAGE_FEEDBACK] = "feedback",
    [STAGE_CALLBACK] = "callback", [STAGE_RULE] = "rule",
    [STAGE_CONFIRM] = "confirm",   [STAGE_INFO] = "info",
    [STAGE_COUNT] = NULL,
};

const char *const work_line_names[] = {
    "supervision", "public_service", "social_safety",
    "governance",  "mobilisation",   NULL,
};

void *reference_find(const struct slots *slots, const char *code)
{
    return slots_find(slots, code, strlen(code));
}

int64_t reference_version(const struct reference *r)
{
    return r->version;
}

const struct region *reference_region(const struct reference *r,
                                      const char *code)
{
    return reference_find(&r->regions, code);
}

const struct office *reference_office(const struct reference *r,
                                      const char *code)
{
    return reference_find(&r->offices, code);
}

const struct office *reference_catch_all(const struct reference *r)
{
    return r->catch_all;
}

const struct matter *reference_matter(const struct reference *r,
                                      const char *code)
{
    return reference_find(&r->matters, code);
}

const struct matter_stage *reference_matter_stages(const struct reference *r,
                                                   const char *code)
{
    const struct stage_list *list = reference_find(&r->matter_stages, code);

    return list ? list->first : NULL;
}

const struct matter_stage *reference_matter_stage(const struct reference *r,
                                                  const char *code,
                                                  struct text stage)
{
    const struct matter_stage *s = reference_matter_stages(r, code);

    while (s && !text_is(stage, s->stage))
        s = s->next;
    return s;
}

/* The row of a matter's prefix in the nearest region. */
static const struct duty *duty_near(const struct reference *r,
                                    struct text prefix, const char *region)
{
    for (int level = REGION_GRID; level > REGION_NONE; level--) {
        struct duty_key key = {0};
        const struct duty *duty;

        if (!region_up(region, (enum region_level)level, key.region) ||
            !text_copy(prefix, key.matter, sizeof(key.matter)))
            continue;
        /* Behind the zero of a shorter code stay zeroes: the key is bytes. */
        duty = slots_find(&r->duties, &key, sizeof(key));
        if (duty)
            return duty;
    }
    return NULL;
}

const struct duty *reference_duty(const struct reference *r, const char *matter,
                                  const char *region)
{
    struct text prefix = text_of(matter);
    const struct duty *duty = duty_near(r, prefix, region);

    while (!duty && prefix.size > 0) {
        prefix.size--;
        duty = duty_near(r, prefix, region);
    }
    return duty;
}

const struct kind *reference_kind(const struct reference *r, const char *code)
{
    return reference_find(&r->kinds, code);
}

static const struct clock_limit *own_limit(const struct reference *r,
                                           const char *kind, enum stage stage)
{
    const struct limit_set *set = reference_find(&r->limits, kind);

    return set && set->has[stage] ? &set->limits[stage] : NULL;
}

const struct clock_limit *reference_limit(const struct reference *r,
                                          const char *kind, enum stage stage)
{
    const struct clock_limit *limit = own_limit(r, kind, stage);

    if (!limit && reference_kind(r, kind))
        return own_limit(r, "task", stage);
    if (!limit && reference_find(&r->classes, kind))
        return own_limit(r, "issue", stage);
    return limit;
}

const struct calendar *reference_calendar(const struct reference *r)
{
    return &r->calendar;
}

const struct reason *reference_reason(const struct reference *r,
                                      const char *list, const char *code)
{
    struct reason_key key = {0};

    if (!text_copy(text_of(list), key.list, sizeof(key.list)) ||
        !text_copy(text_of(code), key.code, sizeof(key.code)))
        return NULL;
    return slots_find(&r->reasons, &key, sizeof(key));
}

const struct earn_rule *reference_earn_rule(const struct reference *r,
                                            const char *code)
{
    return reference_find(&r->earn_rules, code);
}

const struct shift *reference_shift(const struct reference *r, const char *code)
{
    return reference_find(&r->shifts, code);
}

static bool shift_is_on(const struct calendar *c, const struct shift *s,
                        int64_t at_us)
{
    int32_t date = date_of(at_us);
    int minute = (int)((at_us - date_start_us(date)) / MINUTE_US);
    bool known = calendar_gap(c, date) != date;
    bool works = calendar_close(c, date) > 0;

    if (known && s->days != SHIFT_ALL && works != (s->days == SHIFT_WORKING))
        return false;
    for (int i = 0; i < s->hours.count; i++)
        if (minute >= s->hours.segments[i].from &&
            minute < s->hours.segments[i].to)
            return true;
    return false;
}

size_t reference_shifts_on(const struct reference *r, int64_t at_us,
                           const char *codes[], size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < r->shifts.count && count < max; i++) {
        const struct shift *s = r->shifts.items[i].thing;

        if (shift_is_on(&r->calendar, s, at_us))
            codes[count++] = s->code;
    }
    return count;
}

size_t reference_pools(const struct reference *r, const char *codes[],
                       size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < r->offices.count && count < max; i++) {
        const struct office *o = r->offices.items[i].thing;

        if (o->pool)
            codes[count++] = o->code;
    }
    return count;
}

bool reference_weight(const struct reference *r, const char *name,
                      int64_t *ret_value, struct err *err)
{
    const struct weight *weight = reference_find(&r->weights, name);

    if (!weight)
        return err_fatal(err, "no_weight",
                         "version %lld of the reference data has no weight %s",
                         (long long)r->version, name);
    *ret_value = weight->value;
    return true;
}

int64_t reference_weight_or(const struct reference *r, const char *name,
                            int64_t otherwise)
{
    const struct weight *weight = reference_find(&r->weights, name);

    return weight ? weight->value : otherwise;
}
