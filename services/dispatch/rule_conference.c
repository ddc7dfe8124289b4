/* rule_conference.c - 会商: offices sit down together, and what comes of it. */
#include "services/dispatch/whistle.h"

bool whistle_confer(struct decision *d, const void *message, struct err *err)
{
    const struct confer_in *in = message;
    struct whistle *w;
    struct json *j;
    int next;

    if (!whistle_find(d, &in->whistle, &w, err) ||
        !whistle_coordinates(&d->message->actor, w, err) ||
        !whistle_step(w, ON_CONFER, &next, err) ||
        !whistle_offices_known(d, &in->offices, "offices", err))
        return false;
    w->state = next;
    w->conferred = whistle_join(d->arena, &in->offices);
    j = whistle_say(d, w, "whistle.conferred");
    whistle_write_offices(j, "offices", &in->offices);
    json_text_if(j, "place", in->place);
    if (in->at != INSTANT_NONE)
        json_instant(j, "at", in->at);
    return true;
}

static void say_concluded(struct decision *d, struct whistle *w,
                          const struct conclude_in *in)
{
    struct json *j = whistle_say(d, w, "whistle.concluded");

    json_string(j, "outcome", whistle_outcome_names[in->outcome]);
    json_text(j, "minutes", in->minutes);
    whistle_write_offices(j, "came", &in->came);
}

/* Lanes may all have ended while people met: then the round closes now. */
static void resume(struct decision *d, struct whistle *w)
{
    if (whistle_open_calls(w, w->round) > 0)
        return;
    w->state = WHISTLE_CLOSED;
    w->ended_at_us = d->at_us;
    (void)whistle_say(d, w, "whistle.closed");
    round_done(d, w, "closed");
}

/* The first receiver writes the minutes too; only whose whistle it is ends
 * it. */
static bool may_conclude(const struct decision *d, const struct whistle *w,
                         int outcome, struct err *err)
{
    const struct actor *actor = &d->message->actor;

    return outcome == OUTCOME_RESUME
               ? whistle_coordinates(actor, w, err)
               : whistle_speaks_for(actor, w->street, err);
}

bool whistle_conclude(struct decision *d, const void *message, struct err *err)
{
    static const int verbs[] = {ON_RESUME, ON_CONCLUDE, ON_ABANDON};
    const struct conclude_in *in = message;
    struct whistle *w;
    int next;

    if (!whistle_find(d, &in->whistle, &w, err) ||
        !may_conclude(d, w, in->outcome, err) ||
        !whistle_step(w, verbs[in->outcome], &next, err) ||
        !whistle_offices_known(d, &in->came, "came", err))
        return false;
    w->state = next;
    if (in->outcome != OUTCOME_RESUME)
        w->ended_at_us = d->at_us;
    if (in->outcome == OUTCOME_CANCELLED)
        w->reason = arena_text(d->arena, in->minutes);
    say_concluded(d, w, in);
    if (in->outcome == OUTCOME_RESUME) {
        resume(d, w);
    } else {
        round_cancel(d, w, in->minutes);
        round_done(d, w, whistle_outcome_names[in->outcome]);
    }
    return true;
}
