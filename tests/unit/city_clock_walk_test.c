/* city_clock_walk_test.c - random stories against the slow reckoning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/city_clock_tell.h"

/* ---- both ---- */

static void same(int n, const char *what, int64_t found, int64_t expected)
{
    if (found != expected)
        fail_msg("story %d, %s: %lld, not %lld", n, what, (long long)found,
                 (long long)expected);
}

static void same_mark(int n, const char *what, int64_t found, int64_t expected)
{
    if (expected == GAP)
        expected = INSTANT_NONE;
    if (found != expected)
        fail_msg("story %d, %s: %s, not %s", n, what, shown(found),
                 shown(expected));
}

static void same_reading(int n, struct walk *w)
{
    int64_t now_us = w->story.start_us + below(5000) * MINUTE_US;
    int64_t end_us =
        w->story.stop_us != INSTANT_NONE && w->story.stop_us < now_us
            ? w->story.stop_us
            : now_us;
    struct clock_reading reading;
    struct err err;
    int64_t used_us = 0;
    bool gap = false;
    bool read =
        clock_read(&w->limit, &calendar, &w->story, now_us, &reading, &err);

    for (int64_t at_us = w->story.start_us; at_us < end_us;
         at_us += MINUTE_US) {
        gap = gap || (w->working && !is_covered(day_of(at_us)));
        if (!gap && at_us >= w->count_from_us && ticks(w, at_us) &&
            paused_until(w, at_us, ALL) == 0)
            used_us += MINUTE_US;
    }
    same(n, "read", read, !gap);
    if (read)
        same(n, "remaining", reading.remaining_us,
             w->budget_us + w->granted_us - used_us);
}

static void same_state(int n, struct walk *w, const struct clock_state *s,
                       int64_t due_us)
{
    int64_t twice_us = percent(w, 200, ALL);
    int64_t stop_us = w->story.stop_us;

    same(n, "count_from", s->count_from_us, w->count_from_us);
    same(n, "budget", s->budget_us, w->budget_us);
    same(n, "granted", s->granted_us, w->granted_us);
    same_mark(n, "due", s->due_us, due_us);
    same_mark(n, "yellow", s->yellow_us,
              percent(w, w->limit.yellow_percent, ALL));
    same_mark(n, "urge", s->rungs[0].at_us, due_us);
    same_mark(n, "written", s->rungs[1].at_us, twice_us);
    same(n, "gap", s->rungs[1].gap != INT32_MIN, twice_us == GAP);
    same(n, "on time", s->on_time,
         stop_us != INSTANT_NONE && stop_us <= due_us);
    same_reading(n, w);
}

static void ten_thousand_stories_come_out_as_counted_by_hand(void **state)
{
    const int stories = story_count();
    int refused = 0, paused = 0;

    (void)state;
    make_calendar();
    for (int n = 0; n < stories; n++) {
        struct walk w;
        struct clock_state clock;
        struct err err = {0};
        int64_t due_us = INSTANT_NONE;
        bool expected, found;

        imagine(&w);
        expected = budget(&w) && extensions(&w) && due(&w, &due_us);
        found = clock_compute(&w.limit, &calendar, &w.story, &clock, &err);
        if (found != expected || (!found && strcmp(err.code, w.code) != 0))
            fail_msg("story %d: %s, not %s", n, found ? "fine" : err.code,
                     expected ? "fine" : w.code);
        refused += !found;
        paused += found && due_us == INSTANT_NONE;
        if (found)
            same_state(n, &w, &clock, due_us);
    }
    /* the stories are worth telling */
    assert_in_range(refused, stories / 20, stories / 2);
    assert_in_range(paused, stories / 100, stories / 4);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_stories_come_out_as_counted_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
