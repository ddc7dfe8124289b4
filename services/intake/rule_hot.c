/*
 * rule_hot.c - many issues of one matter in one region within a time raise
 * one supervision, and none further while it is open (rules.md §8).
 */
#include "services/intake/issue.h"

#include "common/base/instant.h"

struct hot_rule {
    int64_t count, within_us;
};

static bool read_rule(const struct reference *r, struct hot_rule *ret,
                      struct err *err)
{
    int64_t hours;

    if (!reference_weight(r, "issue.hot.count", &ret->count, err) ||
        !reference_weight(r, "issue.hot.within_hours", &hours, err))
        return false;
    ret->within_us = hours * HOUR_US;
    return true;
}

/* The instants that still lie in the window, with this one behind them; how
 * many they are. */
static int64_t note(const struct decision *d, struct hot_spot *hot,
                    int64_t within_us)
{
    struct text rest = hot->recent;
    int64_t count = 1, at_us;

    while (rest.size > 0) {
        struct text after, first = text_cut(rest, ',', &after);

        if (text_int(first, &at_us) && at_us > d->at_us - within_us)
            break;
        rest = after;
    }
    for (size_t n = 0; n < rest.size; n++)
        count += rest.bytes[n] == ',';
    count += rest.size > 0;
    hot->recent = arena_print(d->arena, "%.*s%s%lld", TEXT_PRINT(rest),
                              rest.size > 0 ? "," : "", (long long)d->at_us);
    return count;
}

static void raise_supervision(struct decision *d, struct hot_spot *hot,
                              const struct uuid *issue, int64_t count)
{
    struct text subject =
        arena_print(d->arena, "%s/%s", hot->region.bytes, hot->matter.bytes);
    struct json *j;

    hot->supervision = decision_next_id(d);
    hot->raised_us = d->at_us;
    hot->recent = text_of("");
    j = decision_event(d, "issue.hot_spot", subject, hot->version, hot->region);
    json_text(j, "region", hot->region);
    json_text(j, "matter", hot->matter);
    json_uuid(j, "issue", issue);
    json_int(j, "count", count);
    json_uuid(j, "supervision", &hot->supervision);
}

struct hot_spot *hot_spot_of(struct issues *state, struct arena *arena,
                             struct text region, struct text matter)
{
    struct text key =
        arena_print(arena, "%.*s/%.*s", TEXT_PRINT(region), TEXT_PRINT(matter));
    struct hot_spot *hot;
    bool new;

    hot = slots_get(&state->hot_spots, key.bytes, key.size, sizeof(*hot), &new);
    if (new) {
        hot->region = arena_text(arena, region);
        hot->matter = arena_text(arena, matter);
        hot->raised_us = INSTANT_NONE;
    }
    return hot;
}

bool issue_noted(struct decision *d, const void *said, struct err *err)
{
    const struct issue_noted *in = said;
    struct issues *state = d->state;
    struct hot_rule rule;
    struct hot_spot *hot;
    int64_t count;

    if (!read_rule(d->reference, &rule, err))
        return false;
    hot = hot_spot_of(state, d->arena, in->region, in->matter);
    hot->count++;
    hot->version++;
    hot->changed = true;
    if (!uuid_is_nil(&hot->supervision))
        return true;
    count = note(d, hot, rule.within_us);
    if (count >= rule.count)
        raise_supervision(d, hot, &in->issue, count);
    return true;
}
