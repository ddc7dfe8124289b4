/* document.c - numbers and words of a supervision document; what a step is
 * called and asks for is reference data ("task.step"). */
#include "services/track/document.h"

#include "services/track/move.h"

static const char *const stage_words[LANE_CLOCKS] = {
    [LANE_CLOCK_SIGN] = "签收",   [LANE_CLOCK_CONTACT] = "联系",
    [LANE_CLOCK_ARRIVE] = "到场", [LANE_CLOCK_RESOLVE] = "办结",
    [LANE_CLOCK_REWORK] = "返工", [LANE_CLOCK_ACCEPT] = "验收",
    [LANE_CLOCK_RULE] = "裁定",
};

/* Whose clock it is: the office's, but the street accepts and the district
 * rules. */
static const char *answerable(const struct decision *d, const struct lane *lane,
                              enum lane_clock_name which)
{
    if (which == LANE_CLOCK_ACCEPT)
        return lane_office_name(d, lane->street);
    return which == LANE_CLOCK_RULE ? "区指挥中心 / the district"
                                    : lane_office_name(d, lane->name.office);
}

/* "办结"; a stage of the matter has its name in the reference data. */
static const char *stage_word(const struct decision *d, const struct lane *lane,
                              enum lane_clock_name which)
{
    const struct matter_stage *s =
        which == LANE_CLOCK_STAGE
            ? reference_matter_stage(d->reference, lane->matter,
                                     text_of(lane->stage))
            : NULL;

    if (s)
        return s->name;
    return stage_words[which] ? stage_words[which] : lane->stage;
}

/* 督20260303-03-0001 */
static struct text number_of(struct decision *d)
{
    int year, month, day;

    date_civil(date_of(d->at_us), &year, &month, &day);
    return arena_print(d->arena, "督%04d%02d%02d-%02d-%04lld", year, month, day,
                       (int)decision_partition(d),
                       (long long)decision_number(d));
}

static struct text text_of_step(struct decision *d, const struct lane *lane,
                                enum lane_clock_name which, const char *step,
                                int percent)
{
    const struct reason *reason =
        reference_reason(d->reference, "task.step", step);
    const char *who = answerable(d, lane, which);
    char due[INSTANT_TEXT_SIZE];

    instant_print_shanghai(lane->clocks[which].due_us, due);
    return arena_print(
        d->arena,
        "%s:%s,%s%s时限%.10s %.5s已到,用时达时限的%d%% / %s: %s, %s of %s was "
        "due at %.16s; %d %% of its limit is used",
        reason ? reason->name : step, who, lane->number,
        stage_word(d, lane, which),
        due, due + 11, percent, reason ? reason->name_en : step, who,
        lane_clock_word(lane, which), lane->number, due, percent);
}

const struct lane_document *document_write(struct decision *d,
                                           const struct lane *lane,
                                           enum lane_clock_name which,
                                           const char *step, int percent)
{
    struct lane_batch *b = d->state;
    struct lane_document *doc = arena_give(d->arena, sizeof(*doc));

    *doc = (struct lane_document){
        .next = b->documents,
        .lane = lane,
        .stage = arena_print(d->arena, "%s", lane_clock_word(lane, which)).bytes,
        .step = step,
        .number = number_of(d),
        .text = text_of_step(d, lane, which, step, percent),
        .at_us = d->at_us,
        .due_us = lane->clocks[which].due_us,
    };
    b->documents = doc;
    return doc;
}
