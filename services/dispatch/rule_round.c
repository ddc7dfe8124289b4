/* rule_round.c - a round: who is called, their lanes counted, its end. */
#include "services/dispatch/pool.h"
#include "services/dispatch/whistle.h"

/* ---- who is called ---- */

/* Each office once, and never the one that whistles: nobody judges itself. */
static void call_in(struct roll *roll, const struct whistle *w,
                    struct text office)
{
    if (office.size == 0 || text_equal(office, w->street))
        return;
    for (size_t i = 0; i < roll->count; i++)
        if (text_equal(roll->offices[i], office))
            return;
    if (roll->count < ROUND_OFFICES_MAX)
        roll->offices[roll->count++] = office;
}

static void call_in_list(struct roll *roll, const struct whistle *w,
                         struct text list)
{
    struct text rest = list;

    while (rest.size > 0)
        call_in(roll, w, text_cut(rest, ',', &rest));
}

/* The lead that the reference data name: the duty list's, else the first of
 * its assists, else the catch-all office. */
static void call_in_duty(struct roll *roll, const struct whistle *w,
                         const struct duty *duty,
                         const struct office *catch_all)
{
    if (duty)
        call_in(roll, w, text_of(duty->lead));
    for (size_t i = 0; duty && i < duty->assist_count; i++)
        if (roll->count == 0 || w->assists.size == 0)
            call_in(roll, w, text_of(duty->assists[i]));
    if (roll->count == 0 && catch_all)
        call_in(roll, w, text_of(catch_all->code));
}

bool round_may_call(const struct decision *d, const struct whistle *w,
                    const char *code, struct err *err)
{
    const struct kind *kind = reference_kind(d->reference, w->kind.bytes);
    const struct office *from = reference_office(d->reference, w->street.bytes);
    const struct office *to = reference_office(d->reference, code);

    if (kind && from && to && kind->calls[from->kind] & 1U << to->kind)
        return true;
    return err_reject(err, "wrong_direction", "office",
                      "%s不能由%s吹向%s / a whistle of kind %s does not go "
                      "from %s to %s",
                      kind ? kind->name : w->kind.bytes,
                      from ? from->name : w->street.bytes,
                      to ? to->name : code, w->kind.bytes, w->street.bytes,
                      code);
}

static bool names_itself(const struct whistle *w)
{
    struct text rest = w->assists;
    bool named = text_equal(w->lead, w->street);

    while (rest.size > 0)
        named = text_equal(text_cut(rest, ',', &rest), w->street) || named;
    return named;
}

bool round_roll(const struct decision *d, const struct whistle *w,
                struct roll *ret_roll, struct err *err)
{
    const struct reference *r = d->reference;
    struct roll roll = {.count = 0};

    if (names_itself(w))
        return err_reject(err, "calls_itself", "assists",
                          "%s不能吹自己 / %s may not call itself: leave it out",
                          w->street.bytes, w->street.bytes);
    call_in(&roll, w, w->lead);
    if (roll.count == 0)
        call_in_duty(&roll, w,
                     reference_duty(r, w->matter.bytes, w->region.bytes),
                     reference_catch_all(r));
    call_in_list(&roll, w, w->assists);
    if (roll.count == 0)
        return err_reject(err, "no_office", "matter",
                          "职责清单没有%s的责任单位 / the duty list names no "
                          "other office for %s",
                          w->matter.bytes, w->matter.bytes);
    for (size_t i = 0; i < roll.count; i++) {
        struct text code = arena_text(d->arena, roll.offices[i]);

        if (!round_may_call(d, w, code.bytes, err))
            return false;
    }
    *ret_roll = roll;
    return true;
}

/* ---- blowing it ---- */

/* One more in "CGJ,GAJ"; not an office whose officers claim lanes. */
static struct text wants(struct decision *d, struct text all,
                         struct text office)
{
    const struct office *o = reference_office(d->reference, office.bytes);

    if (o && o->pool)
        return all;
    return arena_print(d->arena, "%s%s%s", all.bytes, all.size > 0 ? "," : "",
                       office.bytes);
}

/* Asks the allotment for officers once this is committed. */
static void want_officers(struct decision *d, const struct whistle *w,
                          struct text offices)
{
    struct dispatch_state *s = d->state;
    struct wanted *made = arena_give(d->arena, sizeof(*made));

    if (offices.size == 0)
        return;
    made->subject = w->id_text;
    made->offices = offices;
    made->pools = pools_of_lane(d->arena, d->reference, w->matter.bytes,
                                w->region.bytes);
    *s->wanted_end = made;
    s->wanted_end = &made->next;
}

static void write_lane(struct json *j, const struct call *c)
{
    json_object(j, NULL);
    json_text(j, "office", c->office);
    json_string(j, "role", call_roles[c->role]);
    json_text_if(j, "replaces", c->replaces);
    json_close(j);
}

/* The members that a task.assign has beside its lanes; opens the lanes. */
static struct json *begin_assign(struct decision *d, const struct whistle *w,
                                 int64_t start_us)
{
    struct json *j = decision_command(d, "task.commands", w->id_text,
                                      "task.assign", w->id_text, NULL);

    json_uuid(j, "whistle", &w->id);
    json_int(j, "round", w->round);
    json_text(j, "number", w->number);
    json_text(j, "kind", w->kind);
    json_text(j, "matter", w->matter);
    json_text(j, "region", w->region);
    json_text(j, "street", w->street);
    json_text(j, "facts", w->round_facts.size > 0 ? w->round_facts : w->facts);
    json_int(j, "reference_version", reference_version(d->reference));
    json_instant(j, "start", start_us);
    if (!uuid_is_nil(&w->issue)) {
        json_uuid(j, "issue", &w->issue);
        json_text(j, "home", w->home);
    }
    json_array(j, "lanes");
    return j;
}

static void say_issued(struct decision *d, struct whistle *w,
                       const struct roll *roll)
{
    struct json *j = whistle_say(d, w, "whistle.issued");

    json_text(j, "kind", w->kind);
    json_text(j, "matter", w->matter);
    json_text(j, "region", w->region);
    json_text(j, "street", w->street);
    json_text_if(j, "facts", w->round_facts);
    json_instant(j, "start", d->at_us);
    json_int(j, "reference_version", w->reference_version);
    json_text(j, "lead", roll->offices[0]);
    json_array(j, "assists");
    for (size_t i = 1; i < roll->count; i++)
        json_text(j, NULL, roll->offices[i]);
    json_close(j);
    if (!uuid_is_nil(&w->issue))
        json_uuid(j, "issue", &w->issue);
}

void round_issue(struct decision *d, struct whistle *w, const struct roll *roll)
{
    struct text all = text_of("");
    struct json *j;

    w->round++;
    w->issued_at_us = d->at_us;
    w->ended_at_us = INSTANT_NONE;
    w->reference_version = reference_version(d->reference);
    for (size_t i = 0; i < roll->count; i++) {
        struct text office = arena_text(d->arena, roll->offices[i]);

        whistle_add_call(d->arena, w, w->round, office,
                         i == 0 ? CALL_LEAD : CALL_ASSIST)
            ->fresh = true;
        all = wants(d, all, office);
    }
    say_issued(d, w, roll);
    j = begin_assign(d, w, d->at_us);
    for (size_t i = 0; i < roll->count; i++)
        write_lane(j, whistle_call(w, w->round, roll->offices[i]));
    json_close(j);
    want_officers(d, w, all);
}

void round_add(struct decision *d, struct whistle *w, struct call *call,
               int64_t start_us)
{
    struct json *j = begin_assign(d, w, start_us);

    write_lane(j, call);
    json_close(j);
    want_officers(d, w, wants(d, text_of(""), call->office));
}

/* ---- ending it ---- */

void round_cancel(struct decision *d, const struct whistle *w, struct text why)
{
    struct json *j;

    if (w->round == 0 || whistle_open_calls(w, w->round) == 0)
        return;
    j = decision_command(d, "task.commands", w->id_text, "task.cancel",
                         w->id_text, NULL);
    json_uuid(j, "whistle", &w->id);
    json_int(j, "round", w->round);
    json_text(j, "why", why);
}

void round_done(struct decision *d, const struct whistle *w,
                const char *outcome)
{
    struct json *j;

    if (uuid_is_nil(&w->issue))
        return;
    j = decision_command(d, "issue.commands", w->home, "issue.route_done",
                         decision_uuid_text(d, &w->issue), NULL);
    json_uuid(j, "issue", &w->issue);
    json_uuid(j, "route_id", &w->id);
    json_string(j, "outcome", outcome);
}

static bool is_end(int fact)
{
    return fact == FACT_ACCEPTED || fact == FACT_REASSIGNED ||
           fact == FACT_CANCELLED || fact == FACT_EXCUSED;
}

static void free_officer(struct decision *d, const struct lane_in *in)
{
    struct dispatch_state *s = d->state;
    struct freed *made = arena_give(d->arena, sizeof(*made));

    made->office = text_of(in->office);
    made->officer = text_of(in->officer);
    *s->freed_end = made;
    s->freed_end = &made->next;
}

/* In a conference the meeting ends the case, not the last lane. */
static void lane_ended(struct decision *d, struct whistle *w, int64_t round)
{
    if (round != w->round || whistle_open_calls(w, round) > 0 ||
        !fsm_allows(&whistle_fsm, w->state, ON_LAST_LANE))
        return;
    w->state = WHISTLE_CLOSED;
    w->ended_at_us = d->at_us;
    (void)whistle_say(d, w, "whistle.closed");
    round_done(d, w, "closed");
}

/* The desk is told, and the allotment looks for another officer. */
static void pass_over(struct decision *d, struct whistle *w, struct call *c,
                      struct text officer)
{
    struct dispatch_state *s = d->state;
    struct json *j = whistle_say(d, w, "whistle.passed_over");

    json_text(j, "office", c->office);
    json_text_if(j, "officer", officer);
    c->passed_over = officer;
    c->half = true;
    c->changed = true;
    s->passed_over = true;
}

/* An officer took the lane and is on the way: nobody else is sent for so
 * long. */
static void note_claim(struct decision *d, const struct whistle *w,
                       struct call *c, struct text officer)
{
    struct dispatch_state *s = d->state;
    struct claimed *made = arena_give(d->arena, sizeof(*made));
    int64_t minutes = reference_weight_or(d->reference, "claim.minutes", 0);

    *made = (struct claimed){
        .office = c->office,
        .officer = officer,
        .lane = arena_print(d->arena, "%s/%lld/%s", w->id_text.bytes,
                            (long long)c->round, c->office.bytes),
        .until_us = d->at_us + minutes * MINUTE_US,
    };
    *s->claimed_end = made;
    s->claimed_end = &made->next;
    c->claimed_by = officer;
    c->changed = true;
}

bool whistle_lane(struct decision *d, const void *message, struct err *err)
{
    const struct lane_in *in = message;
    struct whistle *w;
    struct call *c;

    if (!whistle_find(d, &in->whistle, &w, err))
        return err_fatal(err, "unknown_lane", "a lane of no whistle of ours");
    c = whistle_call(w, in->round, text_of(in->office));
    if (!c)
        return err_fatal(err, "unknown_lane", "%s/%lld/%s was never called",
                         w->id_text.bytes, (long long)in->round, in->office);
    if (in->fact == FACT_UNSIGNED_HALF && c->open)
        pass_over(d, w, c, text_of(in->officer));
    if (in->fact == FACT_CLAIMED && c->open)
        note_claim(d, w, c, text_of(in->officer));
    if (!is_end(in->fact) || !c->open)
        return true;
    c->open = false;
    c->changed = true;
    if (in->officer[0])
        free_officer(d, in);
    lane_ended(d, w, in->round);
    return true;
}
