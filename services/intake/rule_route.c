/* rule_route.c - who handles an issue, what is sent there, and what comes of
 * it. */
#include "services/intake/issue.h"

#include "common/base/instant.h"

/* A refusal of what we send comes back as issue.route_failed. */
static struct reply reply_of(const struct decision *d, const struct issue *i,
                             struct text subject)
{
    return (struct reply){
        .topic = text_of(d->batch->service->topic),
        .key = i->home,
        .type = TEXT("issue.route_failed"),
        .subject = subject,
    };
}

static void put_codes(struct json *j, const char *name, const struct list *list)
{
    const struct text *codes = list->items;

    if (list->count == 0)
        return;
    json_array(j, name);
    for (size_t n = 0; n < list->count; n++)
        json_text(j, NULL, codes[n]);
    json_close(j);
}

/* Masked; and not even so when the issue is confidential. */
static struct text contact_of(const struct decision *d, const struct issue *i)
{
    if (i->confidential || i->name_masked.size + i->phone_masked.size == 0)
        return text_of("");
    return arena_print(d->arena, "%.*s %.*s", TEXT_PRINT(i->name_masked),
                       TEXT_PRINT(i->phone_masked));
}

static void send_draft(struct decision *d, const struct issue *i,
                       const struct issue_whistle *in)
{
    struct text subject = decision_uuid_text(d, &i->id);
    struct reply reply = reply_of(d, i, subject);
    struct text key = decision_uuid_text(d, &i->route_id);
    struct json *j = decision_command(d, "whistle.commands", key,
                                      "whistle.draft", key, &reply);

    json_string(j, "kind", in->kind);
    json_text(j, "matter", i->matter);
    json_text(j, "region", i->region);
    json_text(j, "facts", in->facts);
    json_text_if(j, "tried", in->tried);
    json_text_if(j, "place", i->place);
    if (i->lng != INT_ABSENT)
        json_int(j, "lng", i->lng);
    if (i->lat != INT_ABSENT)
        json_int(j, "lat", i->lat);
    json_text_if(j, "lead", in->lead);
    put_codes(j, "assists", &in->assists);
    json_text_if(j, "contact", contact_of(d, i));
    json_text(j, "issue", subject);
    json_text(j, "home", i->home);
    json_text(j, "street", i->street);
    json_text_if(j, "by", d->message->actor_wire);
    json_bool(j, "submit", true);
}

/* The next round of the case that there was. */
static void send_again(struct decision *d, const struct issue *i,
                       struct text facts)
{
    struct text subject = decision_uuid_text(d, &i->id);
    struct reply reply = reply_of(d, i, subject);
    struct text key = decision_uuid_text(d, &i->whistle);
    struct json *j = decision_command(d, "whistle.commands", key,
                                      "whistle.again", key, &reply);

    json_text(j, "whistle", key);
    json_text(j, "issue", subject);
    json_text(j, "facts", facts);
}

static void send_need(struct decision *d, const struct issue *i,
                      const struct issue_need *in, const char *district)
{
    struct text subject = decision_uuid_text(d, &i->id);
    struct reply reply = reply_of(d, i, subject);
    struct json *j = decision_command(
        d, "match.commands", issue_keep(d, text_of(district)), "need.publish",
        decision_uuid_text(d, &i->route_id), &reply);

    json_text(j, "title", in->title);
    json_text(j, "region", i->region);
    json_array(j, "skills");
    for (size_t n = 0; n < in->skills.count; n++)
        json_text(j, NULL, ((const struct text *)in->skills.items)[n]);
    json_close(j);
    put_codes(j, "prefers", &in->prefers);
    json_instant(j, "from", in->from);
    json_instant(j, "to", in->to);
    json_int(j, "quantity", in->quantity);
    json_text(j, "issue", subject);
    json_text(j, "home", i->home);
}

/* What each route needs beside its name. */
static bool check_route(const struct decision *d, const struct issue_route *in,
                        struct err *err)
{
    const struct issue_need *need = &in->need;

    if (in->route == ROUTE_WHISTLED) {
        if (!in->whistle.kind[0])
            return err_reject(err, "required", "whistle",
                              "吹哨需写明哨 / tell kind and facts");
        if (!reference_kind(d->reference, in->whistle.kind))
            return err_reject(err, "unknown_kind", "whistle.kind",
                              "没有哨种 %s / there is no such kind",
                              in->whistle.kind);
    }
    if (in->route == ROUTE_MATCHING) {
        if (need->title.size == 0)
            return err_reject(err, "required", "need",
                              "匹配需写明需求 / tell what is needed");
        if (need->from >= need->to)
            return err_reject(err, "bad_window", "need.to",
                              "结束须晚于开始 / the end must follow the start");
    }
    return true;
}

static void say_routed(struct decision *d, struct issue *i, const char *kind)
{
    struct json *j = issue_say(d, i, "issue.routed");

    json_string(j, "route", issue_route_names[i->route]);
    if (!uuid_is_nil(&i->route_id))
        json_uuid(j, "route_id", &i->route_id);
    json_string_if(j, "kind", kind);
}

void issue_whistle_again(struct decision *d, struct issue *i, struct text facts)
{
    i->route = ROUTE_WHISTLED;
    i->route_id = i->whistle;
    issue_move(d, i, ISSUE_WHISTLED);
    send_again(d, i, facts);
    say_routed(d, i, "");
}

/* What we send has the id that its record gets: it is the next one. */
static void take_route(struct decision *d, struct issue *i,
                       const struct issue_route *in, const char *district)
{
    i->route_id = (struct uuid){0};
    switch (in->route) {
    case ROUTE_WHISTLED:
        i->route_id = i->whistle = decision_next_id(d);
        send_draft(d, i, &in->whistle);
        break;
    case ROUTE_MATCHING:
        i->route_id = decision_next_id(d);
        send_need(d, i, &in->need, district);
        break;
    default:
        if (in->answer.size > 0)
            i->answer = issue_keep(d, in->answer);
        break;
    }
}

bool issue_route(struct decision *d, const void *said, struct err *err)
{
    const struct issue_route *in = said;
    char district[REGION_SIZE];
    struct issue *i;
    int next;

    if (!issue_take(d, &in->issue, ON_ROUTE_ANSWERED + in->route, &i, &next,
                    err) ||
        !check_route(d, in, err))
        return false;
    if (!region_up(i->region.bytes, REGION_DISTRICT, district))
        return err_fatal(err, "bad_region", "no district holds %s",
                         i->region.bytes);
    if (in->route == ROUTE_WHISTLED && !uuid_is_nil(&i->whistle)) {
        issue_whistle_again(d, i, in->whistle.facts);
        return true;
    }
    i->route = in->route;
    issue_move(d, i, next);
    take_route(d, i, in, district);
    say_routed(d, i, in->route == ROUTE_WHISTLED ? in->whistle.kind : "");
    return true;
}

/* Accepted again; another whistle would be another case. */
static struct json *say_unrouted(struct decision *d, struct issue *i,
                                 const char *outcome)
{
    struct json *j;

    i->whistle = (struct uuid){0};
    issue_move(d, i, ISSUE_ACCEPTED);
    j = issue_say(d, i, "issue.unrouted");
    json_string(j, "route", issue_route_names[i->route]);
    json_string(j, "outcome", outcome);
    json_uuid(j, "route_id", &i->route_id);
    return j;
}

bool issue_route_failed(struct decision *d, const void *said, struct err *err)
{
    const struct issue_route_failed *in = said;
    struct uuid id;
    struct issue *i;
    struct json *j;

    if (!uuid_parse(in->subject, &id))
        return err_reject(err, "unknown_issue", "subject",
                          "没有这件诉求 / there is no such issue");
    if (!issue_find(d, &id, "subject", &i, err))
        return false;
    if (!fsm_allows(&issue_fsm, i->state, ON_ROUTE_END))
        return true; /* it is on no route any more */
    i->reason = issue_keep(d, in->code);
    i->note = issue_keep(d, in->sentence);
    j = say_unrouted(d, i, "failed");
    json_text(j, "code", i->reason);
    json_text(j, "sentence", i->note);
    return true;
}

static bool handled(struct decision *d, struct issue *i, struct text answer,
                    struct err *err)
{
    struct issue_clock clock;
    struct json *j;

    if (!issue_clock_plan(d, i, STAGE_CALLBACK, d->at_us, 0, &clock, err))
        return false;
    if (answer.size > 0)
        i->answer = issue_keep(d, answer);
    i->handled_us = d->at_us;
    issue_move(d, i, ISSUE_HANDLED);
    issue_clock_set(i, &clock);
    j = issue_say(d, i, "issue.handled");
    json_text_if(j, "answer", i->answer);
    json_instant(j, "due", clock.due_us);
    return true;
}

bool issue_route_done(struct decision *d, const void *said, struct err *err)
{
    const struct issue_route_done *in = said;
    struct issue *i;

    if (!issue_find(d, &in->issue, "issue", &i, err))
        return false;
    if (!fsm_allows(&issue_fsm, i->state, ON_ROUTE_DONE) ||
        !uuid_equal(&i->route_id, &in->route_id))
        return true; /* of a route that it is not on */
    if (in->outcome == OUTCOME_CLOSED)
        return handled(d, i, in->answer, err);
    say_unrouted(d, i, issue_outcome_names[in->outcome]);
    return true;
}

bool issue_handle(struct decision *d, const void *said, struct err *err)
{
    const struct issue_handle *in = said;
    struct issue *i;
    int next;

    return issue_take(d, &in->issue, ON_HANDLE, &i, &next, err) &&
           handled(d, i, in->answer, err);
}
