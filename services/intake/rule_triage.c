/* rule_triage.c - the desk that reads an issue first: is it ours, is it clear,
 * is it new? */
#include "services/intake/issue.h"

#include "common/base/instant.h"

static bool check_raise(const struct decision *d, const struct issue_raise *in,
                        struct err *err)
{
    if (!text_is(d->message->record.key, in->home))
        return err_reject(err, "wrong_key", "home",
                          "消息的键应为 %s / the key must be home", in->home);
    return issue_check_region(d, "home", in->home, err) &&
           (!in->region[0] ||
            issue_check_region(d, "region", in->region, err)) &&
           (!in->matter[0] || issue_check_matter(d, in->matter, err)) &&
           (!in->class[0] || issue_check_class(d, in->class, err));
}

/* 诉20260302-03-0042: date, partition, counter of the day. */
static struct text number_of(struct decision *d)
{
    int year, month, day;

    date_civil(date_of(d->at_us), &year, &month, &day);
    return arena_print(d->arena, "诉%04d%02d%02d-%02d-%04lld", year, month, day,
                       (int)decision_partition(d),
                       (long long)decision_number(d));
}

static void fill_raised(struct decision *d, const struct issue_raise *in,
                        struct issue *i)
{
    i->id = d->message->id;
    i->partition = decision_partition(d);
    i->number = number_of(d);
    i->home = issue_keep(d, text_of(in->home));
    issue_place(d, i, in->region[0] ? in->region : in->home);
    i->matter = issue_keep(d, text_of(in->matter));
    i->class = issue_keep(d, text_of(in->class));
    i->title = issue_keep(d, in->title);
    i->text = issue_keep(d, in->text);
    i->place = issue_keep(d, in->place);
    i->lng = in->lng;
    i->lat = in->lat;
    i->confidential = in->confidential;
    i->person = issue_keep(d, d->message->actor.person);
    i->name_masked = issue_keep(d, in->name_masked);
    i->phone_masked = issue_keep(d, in->phone_masked);
    i->received_us = d->at_us;
    i->accepted_us = i->handled_us = INSTANT_NONE;
    i->route = -1;
    issue_move(d, i, ISSUE_RECEIVED);
}

static void say_raised(struct decision *d, struct issue *i)
{
    struct json *j = issue_say(d, i, "issue.raised");

    json_text(j, "home", i->home);
    json_text(j, "region", i->region);
    json_text(j, "street", i->street);
    json_text(j, "title", i->title);
    json_bool(j, "confidential", i->confidential);
    json_instant(j, "due", i->clock.due_us);
    json_text_if(j, "matter", i->matter);
    json_text_if(j, "class", i->class);
    json_text_if(j, "place", i->place);
    if (i->lng != INT_ABSENT)
        json_int(j, "lng", i->lng);
    if (i->lat != INT_ABSENT)
        json_int(j, "lat", i->lat);
    if (!i->confidential)
        json_text_if(j, "name_masked", i->name_masked);
}

bool issue_raise(struct decision *d, const void *said, struct err *err)
{
    const struct issue_raise *in = said;
    struct issues *state = d->state;
    struct vault_person *person = NULL;
    struct issue_clock clock;
    struct issue *i;

    if (!check_raise(d, in, err))
        return false;
    i = arena_give(d->arena, sizeof(*i));
    if (!issue_clock_plan(d, i, STAGE_TRIAGE, d->at_us, 0, &clock, err))
        return false;
    if (in->sealed.size > 0) {
        person = arena_give(d->arena, sizeof(*person));
        if (!vault_lock(d, in->sealed, person, err))
            return false;
        slots_put(&state->persons, &person->person, sizeof(person->person),
                  person);
        i->requester = person->person;
    }
    fill_raised(d, in, i);
    issue_clock_set(i, &clock);
    slots_put(&state->issues, &i->id, sizeof(i->id), i);
    say_raised(d, i);
    return true;
}

/* The partition that counts the region at the hot-spot rule's level. */
static void send_noted(struct decision *d, const struct issue *i, int64_t level)
{
    struct text subject = decision_uuid_text(d, &i->id);
    char region[REGION_SIZE];
    struct json *j;

    if (!region_up(i->region.bytes, (enum region_level)level, region))
        return; /* named above that level: it is in none of its regions */
    j = decision_command(d, d->batch->service->topic,
                         issue_keep(d, text_of(region)), "issue.noted", subject,
                         NULL);
    json_text(j, "issue", subject);
    json_text(j, "matter", i->matter);
    json_string(j, "region", region);
}

static bool check_accept(const struct decision *d,
                         const struct issue_accept *in, struct err *err)
{
    return issue_check_matter(d, in->matter, err) &&
           issue_check_class(d, in->class, err) &&
           (!in->region[0] || issue_check_region(d, "region", in->region, err));
}

bool issue_accept(struct decision *d, const void *said, struct err *err)
{
    const struct issue_accept *in = said;
    struct issue_clock clock;
    struct issue as, *i;
    struct json *j;
    int64_t level;
    int next;

    if (!issue_take(d, &in->issue, ON_ACCEPT, &i, &next, err) ||
        !check_accept(d, in, err) ||
        !reference_weight(d->reference, "issue.hot.level", &level, err))
        return false;
    as = *i;
    as.class = issue_keep(d, text_of(in->class));
    if (!issue_clock_plan(d, &as, STAGE_FEEDBACK, d->at_us, 0, &clock, err))
        return false;
    i->class = as.class;
    i->matter = issue_keep(d, text_of(in->matter));
    if (in->region[0])
        issue_place(d, i, in->region);
    i->accepted_us = d->at_us;
    issue_move(d, i, next);
    issue_clock_set(i, &clock);
    j = issue_say(d, i, "issue.accepted");
    json_text(j, "matter", i->matter);
    json_text(j, "class", i->class);
    json_text(j, "region", i->region);
    json_instant(j, "due", clock.due_us);
    send_noted(d, i, level);
    return true;
}

bool issue_decline(struct decision *d, const void *said, struct err *err)
{
    const struct issue_decline *in = said;
    struct issue *i;
    struct json *j;
    int next;

    if (!issue_take(d, &in->issue, ON_DECLINE, &i, &next, err))
        return false;
    if (!reference_reason(d->reference, "issue.decline", in->reason))
        return err_reject(err, "unknown_reason", "reason",
                          "没有不予受理理由 %s / there is no such reason",
                          in->reason);
    i->reason = issue_keep(d, text_of(in->reason));
    i->note = issue_keep(d, in->note);
    issue_move(d, i, next);
    j = issue_say(d, i, "issue.declined");
    json_text(j, "reason", i->reason);
    json_text_if(j, "note", i->note);
    return true;
}

bool issue_ask(struct decision *d, const void *said, struct err *err)
{
    const struct issue_ask *in = said;
    struct issue_clock clock;
    struct issue *i;
    struct json *j;
    int next;

    if (!issue_take(d, &in->issue, ON_ASK, &i, &next, err) ||
        !issue_clock_plan(d, i, STAGE_INFO, d->at_us, i->clock.version, &clock,
                          err))
        return false;
    i->question = issue_keep(d, in->question);
    issue_move(d, i, next);
    issue_clock_set(i, &clock);
    j = issue_say(d, i, "issue.asked");
    json_text(j, "question", i->question);
    json_instant(j, "due", clock.due_us);
    return true;
}

/* Waiting for the requester was a pause of the triage clock. */
static struct text with_pause(const struct decision *d, const struct issue *i)
{
    return arena_print(d->arena, "%s%s%lld-%lld",
                       i->pauses.size > 0 ? i->pauses.bytes : "",
                       i->pauses.size > 0 ? "," : "",
                       (long long)i->clock.start_us, (long long)d->at_us);
}

bool issue_supply(struct decision *d, const void *said, struct err *err)
{
    const struct issue_supply *in = said;
    struct issue_clock clock;
    struct issue as, *i;
    struct json *j;
    int next;

    if (!issue_take(d, &in->issue, ON_SUPPLY, &i, &next, err))
        return false;
    as = *i;
    as.pauses = with_pause(d, i);
    if (!issue_clock_plan(d, &as, STAGE_TRIAGE, i->received_us,
                          i->clock.version, &clock, err))
        return false;
    i->pauses = as.pauses;
    i->supplied = issue_keep(d, in->answer);
    issue_move(d, i, next);
    issue_clock_set(i, &clock);
    j = issue_say(d, i, "issue.supplied");
    json_instant(j, "due", clock.due_us);
    return true;
}

bool issue_merge(struct decision *d, const void *said, struct err *err)
{
    const struct issue_merge *in = said;
    struct issue *i, *into;
    struct json *j;
    int next;

    if (!issue_take(d, &in->issue, ON_MERGE, &i, &next, err) ||
        !issue_find(d, &in->into, "into", &into, err))
        return false;
    if (into == i)
        return err_reject(
            err, "same_issue", "into",
            "不能并入自身 / an issue cannot be merged into itself");
    if (!into->open)
        return err_reject(err, "into_ended", "into",
                          "目标诉求已为 %s,不能并入 / the other has ended",
                          issue_states[into->state]);
    i->merged_into = into->id;
    issue_move(d, i, next);
    j = issue_say(d, i, "issue.merged");
    json_uuid(j, "into", &into->id);
    return true;
}
