/*
 * clock_bench.c - what a due time costs: 30 working days away by Panlong's
 * calendar, alone and with a suspension; and what a lane costs that waits.
 *
 *     build/release/bench/clock_bench            (from the top of the checkout)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/city/clock.h"
#include "common/city/reference.h"

#define ROUNDS 1000000

static bool read_file(struct buf *out, const char *name)
{
    char path[256];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "schemas/reference/%s", name);
    f = fopen(path, "rb");
    if (!f)
        return false;
    while ((n = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
        out->size += n;
    fclose(f);
    return true;
}

static struct reference *load(void)
{
    static const char *const names[] = {
        "calendar.csv",      "calendar_weeks.csv", "duties.csv",
        "earn_rules.csv",    "holidays.csv",       "kinds.csv",
        "limits.csv",        "matters.csv",        "matter_limits.csv",
        "offices.csv",       "reasons.csv",        "regions.csv",
        "shifts.csv",        "weights.csv",
    };
    static struct buf bodies[COUNT_OF(names)];
    struct reference_file files[COUNT_OF(names)] = {0};
    struct reference *r = NULL;
    struct err err = {0};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!read_file(&bodies[i], names[i]))
            return NULL;
        snprintf(files[i].name, sizeof(files[i].name), "%s", names[i]);
        files[i].body = buf_text(&bodies[i]);
    }
    if (!reference_build(1, 0, files, COUNT_OF(names), &r, &err))
        fprintf(stderr, "%s: %s\n", err.field, err.sentence);
    return r;
}

static void measure(const char *what, const struct clock_limit *limit,
                    const struct calendar *calendar, struct clock_story story)
{
    int64_t from_us = story.start_us, began_us = instant_monotonic();
    uint64_t sum = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct clock_state state;

        story.start_us = from_us + i % 1000 * MINUTE_US;
        if (!clock_compute(limit, calendar, &story, &state, NULL))
            exit(1);
        sum += (uint64_t)state.due_us;
    }
    printf("%-44s %6.3f us  (%llx)\n", what,
           (double)(instant_monotonic() - began_us) / ROUNDS,
           (unsigned long long)sum);
}

int main(void)
{
    struct reference *r = load();
    struct clock_limit limit = {
        .unit = UNIT_WORKING_DAY,
        .limit = 30,
        .yellow_percent = 80,
        .rung_count = 4,
        .ladder = {{"urge", 100}, {"written", 200}, {"joint", 300},
                   {"bulletin", 400}},
    };
    struct clock_story story = {.stop_us = INSTANT_NONE};
    struct clock_pause pause;

    if (!r || !instant_parse(TEXT("2026-03-06T16:40+08:00"), &story.start_us))
        return 1;
    pause = (struct clock_pause){story.start_us + 3 * DAY_US,
                                 story.start_us + 9 * DAY_US};
    measure("due, yellow and ladder, 30 working days", &limit,
            reference_calendar(r), story);
    limit.rung_count = 0;
    measure("due and yellow, 30 working days", &limit, reference_calendar(r),
            story);
    story.pauses = &pause;
    story.pause_count = 1;
    measure("the same with a suspension", &limit, reference_calendar(r), story);
    reference_free(r);
    return 0;
}
