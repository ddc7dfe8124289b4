/* say.c - the data of events and of commands to dispatch. */
#include "services/track/say.h"

/* The place, the street that whistled and the office may see it. */
static struct text scope_of(struct decision *d, const struct lane *lane)
{
    return arena_join(d->arena,
                      (const struct text[]){
                          text_of(lane->region), TEXT(","),
                          text_of(lane->street), TEXT(","),
                          text_of(lane->name.office)},
                      5);
}

static void write_name(struct json *j, const struct lane *lane)
{
    json_uuid(j, "whistle", &lane->name.whistle);
    json_int(j, "round", lane->name.round);
}

struct json *lane_say(struct decision *d, struct lane *lane, const char *type)
{
    struct json *j =
        decision_event(d, type, lane_subject(d->arena, &lane->name),
                       ++lane->version, scope_of(d, lane));

    lane->changed = true;
    write_name(j, lane);
    json_string(j, "office", lane->name.office);
    json_string(j, "number", lane->number);
    json_string(j, "role", lane_roles[lane->role]);
    json_string(j, "state", lane_states[lane->state]);
    json_string_if(j, "hold", lane_holds[lane->hold]);
    json_string_if(j, "holder", lane->holder);
    if (!uuid_is_nil(&lane->issue))
        json_uuid(j, "issue", &lane->issue);
    return j;
}

void lane_tell(struct decision *d, const struct lane *lane, const char *fact)
{
    struct text whistle = decision_uuid_text(d, &lane->name.whistle);
    struct json *j =
        decision_command(d, "whistle.commands", whistle, "whistle.lane",
                         lane_subject(d->arena, &lane->name), NULL);

    write_name(j, lane);
    json_string(j, "office", lane->name.office);
    json_string(j, "fact", fact);
    json_string_if(j, "officer", lane->holder);
}

void lane_ask_other(struct decision *d, const struct lane *lane)
{
    struct text whistle = decision_uuid_text(d, &lane->name.whistle);
    struct text subject = lane_subject(d->arena, &lane->name);
    const struct reply reply = {
        .topic = TEXT("task.commands"),
        .key = whistle,
        .type = TEXT("task.reassign_failed"),
        .subject = subject,
    };
    struct json *j = decision_command(d, "whistle.commands", whistle,
                                      "whistle.add_lane", subject, &reply);

    write_name(j, lane);
    json_string(j, "office", lane->ruling_to);
    json_string(j, "replaces", lane->name.office);
    json_instant(j, "start", d->at_us);
}
