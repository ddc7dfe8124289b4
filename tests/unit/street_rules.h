/*
 * street_rules.h - what must hold of a street whatever is said (domain.md §2,
 * architecture.md §7): street_remember() before a message, street_look()
 * after it.
 */
#ifndef BAODAO_TESTS_STREET_RULES_H
#define BAODAO_TESTS_STREET_RULES_H

#include "tests/unit/street.h"

#define LANES_MOST 160

static struct {
    struct lane lanes[LANES_MOST];
    size_t lane_count;
    struct whistle whistle;
    struct call calls[LANES_MOST];
    size_t call_count;
} street_past;

static bool same_lane(const struct lane *a, const struct lane *b)
{
    return a->name.round == b->name.round &&
           strcmp(a->name.office, b->name.office) == 0;
}

static void street_remember(struct street *s)
{
    const struct whistle *w = street_whistle(s);

    street_past.lane_count = street_past.call_count = 0;
    street_past.whistle = w ? *w : (struct whistle){0};
    for (const struct lane *l = street_lanes(s)->first; l; l = l->next) {
        assert_true(street_past.lane_count < LANES_MOST);
        street_past.lanes[street_past.lane_count++] = *l;
    }
    for (const struct call *c = w ? w->calls : NULL; c; c = c->next) {
        assert_true(street_past.call_count < LANES_MOST);
        street_past.calls[street_past.call_count++] = *c;
    }
}

/* ---- a lane ---- */

/* Events of a lane by this message; of one type, or (NULL) of all. */
static int64_t told(const struct street *s, const struct lane *lane,
                    const char *type)
{
    int64_t count = 0, round;

    for (size_t i = 0; i < s->track->count; i++) {
        const struct record *r = &s->track->said[i];
        struct text rest, number;

        (void)text_cut(r->subject, '/', &rest);
        number = text_cut(rest, '/', &rest);
        count += text_starts(r->type, "task.") && r->version > 0 &&
                 text_is(rest, lane->name.office) &&
                 text_int(number, &round) && round == lane->name.round &&
                 (!type || text_is(r->type, type));
    }
    return count;
}

static bool said_of(const struct street *s, const struct lane *lane,
                    const char *type)
{
    return told(s, lane, type) > 0;
}

static const char *lane_is_whole(const struct lane *lane)
{
    if (lane->open != (lane->state < LANE_ACCEPTED))
        return "open is not what the state says";
    if (!lane->open && (lane->hold != LANE_NO_HOLD || lane->story.asks ||
                        lane->next_due_us != INSTANT_NONE ||
                        lane->ended_us == INSTANT_NONE))
        return "an ended lane waits for something";
    if ((lane->hold == LANE_HOLD_SUSPENDED) !=
        (lane->review_us != INSTANT_NONE))
        return "suspended without a review date, or a date without it";
    if (lane->open && lane->hold == LANE_HOLD_RETURN &&
        lane->ruling == LANE_UNRULED &&
        !lane_clock_runs(lane, LANE_CLOCK_RULE))
        return "a return that no clock rules";
    if (lane->open && (lane->stage[0] != '\0') !=
                          lane_clock_runs(lane, LANE_CLOCK_STAGE))
        return "a stage without a clock, or a clock without a stage";
    if (lane->state == LANE_REPORTED && lane->stage[0])
        return "reported before the last stage was done";
    return NULL;
}

static const char *due_moves(const struct street *s, const struct lane *before,
                             const struct lane *now)
{
    for (int i = 0; i < LANE_CLOCKS; i++) {
        const struct lane_clock *a = &before->clocks[i], *b = &now->clocks[i];

        if (a->start_us != b->start_us || a->start_us == INSTANT_NONE ||
            (i == LANE_CLOCK_STAGE && strcmp(before->stage, now->stage) != 0))
            continue;
        if (b->passed < a->passed)
            return "a mark is unsaid";
        if (a->due_us == b->due_us)
            continue;
        /* a grant may move a due that was reached into the suspension */
        if (b->due_us == INSTANT_NONE && !said_of(s, now, "task.suspended") &&
            !(said_of(s, now, "task.extended") &&
              now->hold == LANE_HOLD_SUSPENDED))
            return "a due went away by no rule";
        if (a->due_us != INSTANT_NONE && b->due_us != INSTANT_NONE &&
            b->due_us < a->due_us)
            return "a due moved backwards";
        if (a->due_us != INSTANT_NONE && b->due_us > a->due_us &&
            !said_of(s, now, "task.extended") &&
            !said_of(s, now, "task.resumed"))
            return "a due moved by no rule";
    }
    return NULL;
}

static const char *lane_went_on(const struct street *s,
                                const struct lane *before,
                                const struct lane *now)
{
    if (now->version - before->version != told(s, now, NULL))
        return "a lane's version does not count what was said";
    if (strcmp(before->holder, now->holder) != 0 &&
        !said_of(s, now, "task.handed") && !said_of(s, now, "task.signed"))
        return "the holder changed and nobody was told";
    if (before->state != now->state && now->version == before->version)
        return "the state changed and nothing was said";
    if (!before->open && now->version != before->version)
        return "an ended lane changed";
    if (before->forced && !now->forced)
        return "what was forced is returnable again";
    if (before->stage_late && !(now->stage_late && now->late))
        return "a late stage is forgotten";
    return due_moves(s, before, now);
}

static const char *look_at_lane(const struct street *s, const struct lane *lane)
{
    const char *broken = lane_is_whole(lane);
    const struct lane *old = NULL;

    for (size_t i = 0; i < street_past.lane_count; i++)
        if (same_lane(&street_past.lanes[i], lane))
            old = &street_past.lanes[i];
    if (broken || !old)
        return broken;
    if (!s->accepted && memcmp((const char *)old + sizeof(old->next),
                               (const char *)lane + sizeof(old->next),
                               sizeof(*old) - sizeof(old->next)) != 0)
        return "a refusal changed a lane";
    return s->accepted ? lane_went_on(s, old, lane) : NULL;
}

static const char *look_at_lanes(struct street *s)
{
    const char *broken = NULL;

    for (const struct lane *a = street_lanes(s)->first; a && !broken;
         a = a->next) {
        broken = look_at_lane(s, a);
        for (const struct lane *b = a->next; b; b = b->next)
            if (same_lane(a, b))
                broken = "an office has two lanes in a round";
            else if (a->name.round != b->name.round && a->open && b->open)
                broken = "two rounds are open";
    }
    return broken;
}

/* ---- the whistle ---- */

static const char *look_at_calls(const struct whistle *w)
{
    int leads = 0;

    for (const struct call *a = w->calls; a; a = a->next) {
        for (const struct call *b = a->next; b; b = b->next)
            if (a->round == b->round && text_equal(a->office, b->office))
                return "an office was called twice in a round";
        leads += a->round == w->round && a->role == CALL_LEAD &&
                 a->replaces.size == 0;
    }
    return w->round > 0 && leads != 1 ? "a round without its one lead" : NULL;
}

static const char *refused_whistle(const struct whistle *w)
{
    size_t i = 0;

    if (memcmp(&street_past.whistle, w, sizeof(*w)) != 0)
        return "a refusal changed the whistle";
    for (const struct call *c = w->calls; c; c = c->next, i++)
        if (i == street_past.call_count ||
            memcmp(&street_past.calls[i], c, sizeof(*c)) != 0)
            return "a refusal changed who is called";
    return NULL;
}

static const char *look_at_whistle(const struct street *s,
                                   const struct whistle *w)
{
    const struct whistle *old = &street_past.whistle;
    int64_t events = 0;

    if (!s->accepted)
        return old->version > 0 ? refused_whistle(w) : NULL;
    for (size_t i = 0; i < s->dispatch->count; i++)
        events += s->dispatch->said[i].version > 0;
    if (w->version - old->version != events)
        return "the whistle's version does not count what was said";
    if (w->state != old->state && events == 0)
        return "the whistle's state changed and nothing was said";
    if (w->round != old->round &&
        (w->round != old->round + 1 ||
         (old->round > 0 && old->state != WHISTLE_CLOSED)))
        return "a round began before the last one had ended";
    return look_at_calls(w);
}

/* ---- both sides, once nothing is under way ---- */

static const char *call_and_lane(struct street *s, const struct whistle *w,
                                 const struct call *c)
{
    const struct lane *lane =
        lane_find(street_lanes(s), c->round, c->office.bytes);

    if (!lane)
        return "an office was called and has no lane";
    if (lane->open != c->open)
        return "dispatch and track differ about whether a lane is open";
    if ((int)lane->role != (int)c->role)
        return "dispatch and track differ about a role";
    if (c->open && (c->round != w->round ||
                    (w->state != WHISTLE_ISSUED &&
                     w->state != WHISTLE_CONFERENCE)))
        return "a lane outlives its round";
    return NULL;
}

static const char *street_agrees(struct street *s)
{
    const struct whistle *w = street_whistle(s);
    const char *broken = NULL;
    size_t calls = 0, lanes = 0;

    for (const struct call *c = w->calls; c && !broken; c = c->next, calls++)
        broken = call_and_lane(s, w, c);
    for (const struct lane *l = street_lanes(s)->first; l; l = l->next)
        lanes++;
    if (!broken && calls != lanes)
        broken = "a lane that nobody called";
    if (!broken && w->state == WHISTLE_ISSUED &&
        whistle_open_calls(w, w->round) == 0)
        broken = "a round whose lanes have all ended is still open";
    return broken;
}

static const char *street_look(struct street *s, const struct trial *folded)
{
    const char *broken = folded == s->track
                             ? look_at_lanes(s)
                             : look_at_whistle(s, street_whistle(s));

    return !broken && street_is_quiet(s) ? street_agrees(s) : broken;
}

#endif
