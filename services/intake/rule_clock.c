/*
 * rule_clock.c - the one clock that runs in an issue, and what happens when it
 * has passed.
 *
 * The limit is pinned: it comes from the version that was valid when the clock
 * began. Triage with its questions is one such story, from raising on. The
 * calendar is not pinned.
 */
#include "services/intake/issue.h"

#include "common/base/instant.h"

/* What limits the stage: of the issue's class, or of issues. */
static const char *kind_of(const struct issue *i, int stage)
{
    return stage == STAGE_FEEDBACK ? i->class.bytes : "issue";
}

/* "from-to,from-to" in µs, as rule_triage.c writes them. */
static struct clock_pause *read_pauses(struct arena *arena, struct text pauses,
                                       size_t *ret_count)
{
    struct clock_pause *list = arena_array(
        arena, pauses.size / 3 + 1, sizeof(*list)); /* "1-2" is three bytes */

    *ret_count = 0;
    while (pauses.size > 0) {
        struct text one = text_cut(pauses, ',', &pauses), to;
        struct text from = text_cut(one, '-', &to);
        struct clock_pause *p = &list[*ret_count];

        if (text_int(from, &p->from_us) && text_int(to, &p->to_us))
            ++*ret_count;
    }
    return list;
}

static bool compute(const struct decision *d, const struct issue *i,
                    const struct reference *limits,
                    const struct reference *calendars,
                    struct issue_clock *clock, struct err *err)
{
    const struct clock_limit *limit = reference_limit(
        limits, kind_of(i, clock->stage), (enum stage)clock->stage);
    struct clock_story story = {
        .start_us = clock->start_us,
        .stop_us = INSTANT_NONE,
    };
    struct clock_state state;

    if (!limit)
        return err_reject(err, "no_limit", "class",
                          "没有 %s 的 %s 时限 / there is no such limit",
                          kind_of(i, clock->stage), stage_names[clock->stage]);
    if (clock->stage == STAGE_TRIAGE)
        story.pauses = read_pauses(d->arena, i->pauses, &story.pause_count);
    if (!clock_compute(limit, reference_calendar(calendars), &story, &state,
                       err))
        return err_in(err, "%s", stage_names[clock->stage]);
    clock->due_us = state.due_us;
    return true;
}

static bool version_of(const struct decision *d, int64_t version,
                       const struct reference **ret, struct err *err)
{
    *ret = version == 0 || reference_version(d->reference) == version
               ? d->reference
               : reference_pinned(version);
    return *ret || err_retry(err, "no_reference",
                             "version %lld of the reference data is not here",
                             (long long)version);
}

bool issue_clock_plan(const struct decision *d, const struct issue *i,
                      enum stage stage, int64_t start_us, int64_t version,
                      struct issue_clock *ret_clock, struct err *err)
{
    const struct reference *limits;
    struct issue_clock clock = {.stage = (int)stage, .start_us = start_us};

    if (!version_of(d, version, &limits, err))
        return false;
    clock.version = reference_version(limits);
    if (!compute(d, i, limits, d->reference, &clock, err))
        return false;
    *ret_clock = clock;
    return true;
}

void issue_clock_set(struct issue *i, const struct issue_clock *clock)
{
    i->clock = *clock;
    i->overdue = false;
    i->next_due_us = clock->due_us;
    i->look++;
}

void issue_clock_stop(struct issue *i)
{
    i->clock.stage = -1;
    i->clock.start_us = i->clock.due_us = i->next_due_us = INSTANT_NONE;
    i->overdue = false;
}

/* The requester did not answer in time. */
static void lapse(struct decision *d, struct issue *i)
{
    issue_move(d, i, ISSUE_CLOSED);
    json_string(issue_say(d, i, "issue.closed"), "why", "no_info");
}

static void say_overdue(struct decision *d, struct issue *i)
{
    struct json *j;

    i->overdue = true;
    i->next_due_us = INSTANT_NONE;
    j = issue_say(d, i, "issue.overdue");
    json_string(j, "stage", stage_names[i->clock.stage]);
    json_instant(j, "due", i->clock.due_us);
}

/* It only says look: what has passed is judged by the time of d. */
bool issue_clock_passed(struct decision *d, const void *said, struct err *err)
{
    const struct clock_passed *in = said;
    const struct issues *state = d->state;
    struct issue *i;
    struct uuid id;

    (void)err;
    if (!uuid_parse(in->subject, &id))
        return true;
    i = slots_find(&state->issues, &id, sizeof(id));
    if (!i || i->look != in->look || i->next_due_us == INSTANT_NONE)
        return true; /* that clock has stopped */
    if (d->at_us < i->next_due_us) {
        i->look++; /* folded too early: the next look has another id */
        i->changed = true;
    } else if (i->clock.stage == STAGE_INFO) {
        lapse(d, i);
    } else {
        say_overdue(d, i);
    }
    return true;
}

/* A new calendar moves the dues of the clocks that run. */
bool issue_reference_changed(struct decision *d, const void *said,
                             struct err *err)
{
    const struct issue_reference_changed *in = said;
    const struct issues *state = d->state;
    const struct reference *limits, *calendars;

    if (!version_of(d, in->version, &calendars, err))
        return false;
    for (size_t n = 0; n < state->issues.count; n++) {
        struct issue *i = state->issues.items[n].thing;
        struct issue_clock clock = i->clock;

        if (i->partition != decision_partition(d) ||
            i->next_due_us == INSTANT_NONE)
            continue;
        if (!version_of(d, clock.version, &limits, err))
            return false;
        if (!compute(d, i, limits, calendars, &clock, err)) {
            if (err->kind != ERR_REJECT)
                return false;
            *err = (struct err){0};
            continue; /* the new calendar has no answer: the old due stays */
        }
        if (clock.due_us == i->clock.due_us)
            continue;
        issue_clock_set(i, &clock);
        i->changed = true;
    }
    return true;
}
