/* rule_callback.c - what the requester says of it: calls, reopening, urging,
 * taking back. */
#include "services/intake/issue.h"

static void keep_call(struct decision *d, const struct issue *i,
                      const struct issue_callback *in)
{
    struct issues *state = d->state;
    struct issue_call *call = arena_give(d->arena, sizeof(*call));

    call->issue = i->id;
    call->call = i->calls;
    call->at_us = d->at_us;
    call->contacted = in->contacted;
    call->solved = in->solved;
    call->satisfied = in->satisfied;
    call->note = issue_keep(d, in->note);
    call->person = issue_keep(d, d->message->actor.person);
    slots_put(&state->calls, call, sizeof(call->issue) + sizeof(call->call),
              call);
}

static void put_answer(struct json *j, const char *name,
                       const char *const *names, int answer)
{
    if (answer >= 0)
        json_string(j, name, names[answer]);
}

static void say_called(struct decision *d, struct issue *i,
                       const struct issue_callback *in)
{
    struct json *j = issue_say(d, i, "issue.called");

    json_int(j, "call", i->calls);
    put_answer(j, "contacted", issue_contacted_names, in->contacted);
    put_answer(j, "solved", issue_solved_names, in->solved);
    put_answer(j, "satisfied", issue_satisfied_names, in->satisfied);
}

static void close_issue(struct decision *d, struct issue *i, const char *why)
{
    issue_move(d, i, ISSUE_CLOSED);
    json_string(issue_say(d, i, "issue.closed"), "why", why);
}

/* The feedback clock runs again; a whistled one goes back to its case. */
static void reopen(struct decision *d, struct issue *i, struct text why,
                   const struct issue_clock *clock)
{
    struct json *j;

    i->reopens++;
    issue_move(d, i, ISSUE_REOPENED);
    issue_clock_set(i, clock);
    j = issue_say(d, i, "issue.reopened");
    json_int(j, "reopens", i->reopens);
    json_instant(j, "due", clock->due_us);
    json_text_if(j, "why", why);
    if (i->route == ROUTE_WHISTLED && !uuid_is_nil(&i->whistle))
        issue_whistle_again(d, i, why.size > 0 ? why : i->title);
}

/*
 * Nobody answered: the issue waits in callback for one more call, and a
 * second call in vain ends it. Silence is no answer to anything.
 */
bool issue_callback(struct decision *d, const void *said, struct err *err)
{
    const struct issue_callback *in = said;
    bool silent = in->contacted < 0 && in->solved < 0 && in->satisfied < 0;
    struct issue_clock clock = {.stage = -1};
    struct issue *i;
    int before, next;

    if (!issue_take(d, &in->issue, ON_CALL, &i, &next, err))
        return false;
    if (in->solved == ANSWER_NO &&
        !issue_clock_plan(d, i, STAGE_FEEDBACK, d->at_us, 0, &clock, err))
        return false;
    before = i->state;
    i->calls++;
    keep_call(d, i, in);
    issue_move(d, i, next);
    say_called(d, i, in);
    if (in->solved == ANSWER_NO)
        reopen(d, i, in->note, &clock);
    else if (!silent || before == ISSUE_CALLBACK)
        close_issue(d, i, silent ? "no_answer" : "callback");
    return true;
}

bool issue_reopen(struct decision *d, const void *said, struct err *err)
{
    const struct issue_reopen *in = said;
    struct issue_clock clock;
    struct issue *i;
    int next;

    if (!issue_take(d, &in->issue, ON_REOPEN, &i, &next, err) ||
        !issue_clock_plan(d, i, STAGE_FEEDBACK, d->at_us, 0, &clock, err))
        return false;
    reopen(d, i, issue_keep(d, in->why), &clock);
    return true;
}

bool issue_urge(struct decision *d, const void *said, struct err *err)
{
    const struct issue_urge *in = said;
    struct issue *i;
    struct json *j;
    int next;

    if (!issue_take(d, &in->issue, ON_URGE, &i, &next, err))
        return false;
    i->urges++;
    j = issue_say(d, i, "issue.urged");
    json_int(j, "urges", i->urges);
    json_text_if(j, "note", in->note);
    return true;
}

bool issue_void(struct decision *d, const void *said, struct err *err)
{
    const struct issue_void *in = said;
    struct issue *i;
    int next;

    if (!issue_take(d, &in->issue, ON_VOID, &i, &next, err))
        return false;
    i->note = issue_keep(d, in->why);
    issue_move(d, i, next);
    json_text(issue_say(d, i, "issue.voided"), "why", in->why);
    return true;
}
