/* rule_draft.c - a street writes down what it whistles about and submits it. */
#include "services/dispatch/whistle.h"

/* ---- is the draft sound? ---- */

static bool words_known(const struct decision *d, const struct draft_in *in,
                        struct err *err)
{
    const struct reference *r = d->reference;

    if (!reference_kind(r, in->kind))
        return err_reject(err, "unknown_kind", "kind",
                          "没有哨种%s / there is no kind %s", in->kind,
                          in->kind);
    if (!reference_matter(r, in->matter))
        return err_reject(err, "unknown_matter", "matter",
                          "没有事项%s / there is no matter %s", in->matter,
                          in->matter);
    if (!reference_region(r, in->region))
        return err_reject(err, "unknown_region", "region",
                          "没有区域%s / there is no region %s", in->region,
                          in->region);
    return whistle_office_known(d, in->street, "street", err);
}

/* An office may stand in the proposal once. */
bool whistle_proposal_sound(const struct decision *d, const char *lead,
                            const struct list *list, struct err *err)
{
    const struct wire_office *assists = list->items;

    if (lead[0] && !whistle_office_known(d, lead, "lead", err))
        return false;
    if (!whistle_offices_known(d, list, "assists", err))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        bool twice = strcmp(assists[i].code, lead) == 0;

        for (size_t k = 0; k < i; k++)
            twice = twice || strcmp(assists[i].code, assists[k].code) == 0;
        if (twice)
            return err_reject(err, "office_twice", "assists",
                              "单位%s重复 / office %s is named twice",
                              assists[i].code, assists[i].code);
    }
    return true;
}

bool whistle_may_issue(const struct decision *d, const char *kind_code,
                       struct text street, struct err *err)
{
    const struct actor *actor = &d->message->actor;
    const struct kind *kind = reference_kind(d->reference, kind_code);
    int role = role_of(actor->role);

    if (!kind)
        return err_reject(err, "unknown_kind", "kind",
                          "没有哨种%s / there is no kind %s", kind_code,
                          kind_code);
    if (role < 0 || !(kind->issue_roles & 1u << role))
        return err_reject(err, "not_allowed", "actor",
                          "%.*s不能吹%s / a %.*s may not blow this kind",
                          TEXT_PRINT(actor->role), kind->name,
                          TEXT_PRINT(actor->role));
    return whistle_speaks_for(actor, street, err);
}

static bool draft_sound(const struct decision *d, const struct draft_in *in,
                        struct err *err)
{
    const struct office *street;

    if (!words_known(d, in, err) ||
        !whistle_proposal_sound(d, in->lead, &in->assists, err) ||
        !whistle_may_issue(d, in->kind, text_of(in->street), err))
        return false;
    street = reference_office(d->reference, in->street);
    if (!region_holds(street->region, in->region))
        return err_reject(err, "region_outside", "region",
                          "%s不在%s辖区 / %s is not in %s", in->region,
                          in->street, in->region, in->street);
    if (!uuid_is_nil(&in->issue) && !in->home[0])
        return err_reject(err, "required", "home",
                          "来自诉求的哨须带home / a whistle from an issue "
                          "needs its home");
    return true;
}

/* ---- the aggregate ---- */

/* 哨20261123-03-0042 */
static struct text number_of(struct decision *d, const struct kind *kind)
{
    int year, month, day;

    date_civil(date_of(d->at_us), &year, &month, &day);
    return arena_print(d->arena, "%s%04d%02d%02d-%02d-%04lld", kind->letter,
                       year, month, day, (int)decision_partition(d),
                       (long long)decision_number(d));
}

struct text whistle_join(struct arena *arena, const struct list *offices)
{
    const struct wire_office *items = offices->items;
    struct text all = text_of("");

    for (size_t i = 0; i < offices->count; i++)
        all = arena_print(arena, "%s%s%s", all.bytes, i > 0 ? "," : "",
                          items[i].code);
    return all;
}

static struct whistle *whistle_of(struct decision *d, const struct draft_in *in)
{
    struct whistle *w = arena_give(d->arena, sizeof(*w));
    struct arena *a = d->arena;

    w->id = d->message->id;
    w->id_text = decision_uuid_text(d, &w->id);
    w->partition = decision_partition(d);
    w->state = WHISTLE_DRAFT;
    w->number = text_of("");
    w->kind = text_of(in->kind);
    w->matter = text_of(in->matter);
    w->region = text_of(in->region);
    w->street = text_of(in->street);
    w->facts = arena_text(a, in->facts);
    w->tried = arena_text(a, in->tried);
    w->place = arena_text(a, in->place);
    w->lng = in->lng;
    w->lat = in->lat;
    w->lead = text_of(in->lead);
    w->assists = whistle_join(a, &in->assists);
    w->contact = arena_text(a, in->contact);
    w->meet_at_us = in->meet_at;
    w->meet_place = arena_text(a, in->meet_place);
    w->issue = in->issue;
    w->home = text_of(in->home);
    w->drafted_by = d->message->actor_wire;
    if (role_of(d->message->actor.role) == ROLE_WORKER && in->by.size > 0)
        w->drafted_by = arena_text(a, in->by);
    w->submitted_by = w->approved_by = text_of("");
    w->reason = w->round_facts = text_of("");
    w->conferred = w->escalation = text_of("");
    w->escalated_at_us = INSTANT_NONE;
    w->drafted_at_us = d->at_us;
    w->issued_at_us = w->ended_at_us = INSTANT_NONE;
    return w;
}

static void say_drafted(struct decision *d, struct whistle *w,
                        const struct draft_in *in)
{
    struct json *j = whistle_say(d, w, "whistle.drafted");

    json_text(j, "kind", w->kind);
    json_text(j, "matter", w->matter);
    json_text(j, "region", w->region);
    json_text(j, "street", w->street);
    json_text(j, "facts", w->facts);
    json_text_if(j, "place", w->place);
    json_text_if(j, "lead", w->lead);
    whistle_write_offices(j, "assists", &in->assists);
    if (!uuid_is_nil(&w->issue))
        json_uuid(j, "issue", &w->issue);
}

/* Goes on from draft: to the second pair of eyes, or out at once. */
static void go_on(struct decision *d, struct whistle *w, bool needs_approval,
                  const struct roll *roll)
{
    w->submitted_by = d->message->actor_wire;
    if (needs_approval) {
        w->state = WHISTLE_AWAITING;
        (void)whistle_say(d, w, "whistle.submitted");
    } else {
        w->state = WHISTLE_ISSUED;
        round_issue(d, w, roll);
    }
}

bool whistle_draft(struct decision *d, const void *message, struct err *err)
{
    const struct draft_in *in = message;
    struct dispatch_state *s = d->state;
    const struct kind *kind;
    struct whistle *w;
    struct roll roll;

    if (!draft_sound(d, in, err))
        return false;
    w = whistle_of(d, in);
    if (!text_equal(d->message->record.key, w->id_text))
        return err_reject(err, "wrong_key", "key",
                          "消息的键应为哨的编号 / the key must be %s",
                          w->id_text.bytes);
    if (slots_find(&s->whistles, &w->id, sizeof(w->id)))
        return err_reject(err, "exists", "id",
                          "这个哨已经有了 / this whistle is there already");
    if (!round_roll(d, w, &roll, err))
        return false;
    kind = reference_kind(d->reference, in->kind);
    slots_put(&s->whistles, &w->id, sizeof(w->id), w);
    w->number = number_of(d, kind);
    say_drafted(d, w, in);
    if (in->submit)
        go_on(d, w, kind->needs_approval, &roll);
    return true;
}

/* A draft that came back is written better as it goes out again. */
static bool amend(struct decision *d, struct whistle *w,
                  const struct submit_in *in, struct err *err)
{
    if (!whistle_proposal_sound(d, in->lead, &in->assists, err))
        return false;
    if (in->facts.size > 0)
        w->facts = arena_text(d->arena, in->facts);
    if (in->tried.size > 0)
        w->tried = arena_text(d->arena, in->tried);
    if (in->lead[0] || in->assists.count > 0) {
        w->lead = text_of(in->lead);
        w->assists = whistle_join(d->arena, &in->assists);
    }
    return true;
}

bool whistle_submit(struct decision *d, const void *message, struct err *err)
{
    const struct submit_in *in = message;
    struct whistle *w, better;
    const struct kind *kind;
    struct roll roll;
    int next;

    if (!whistle_find(d, &in->whistle, &w, err) ||
        !whistle_may_issue(d, w->kind.bytes, w->street, err) ||
        !whistle_step(w, ON_SUBMIT, &next, err))
        return false;
    better = *w;
    if (!amend(d, &better, in, err) || !round_roll(d, &better, &roll, err))
        return false;
    *w = better;
    kind = reference_kind(d->reference, w->kind.bytes);
    go_on(d, w, kind->needs_approval, &roll);
    return true;
}
