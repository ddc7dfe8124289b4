/* rule_post.c - beans are posted, taken back, or die. */
#include <string.h>

#include "common/base/instant.h"
#include "services/ledger/ledger.h"

static struct json *say(struct decision *d, struct entry *e, const char *type)
{
    struct text id = decision_uuid_text(d, &e->id);
    struct json *j;

    e->changed = true;
    /* Nobody but the member, and who sees all, is told of its beans. */
    j = decision_event(d, type, id, ++e->version, e->member);
    json_text(j, "entry", id);
    json_uuid(j, "match", &e->match);
    json_text(j, "member", e->member);
    json_string(j, "state", entry_state_names[e->state]);
    json_int(j, "balance", ledger_member(d, e->member)->balance);
    return j;
}

static bool same_month(int32_t a, int32_t b)
{
    int years[2], months[2], day;

    date_civil(a, &years[0], &months[0], &day);
    date_civil(b, &years[1], &months[1], &day);
    return years[0] == years[1] && months[0] == months[1];
}

static struct earn_tally tally_of(struct decision *d,
                                  const struct ledger_post *in)
{
    struct earn_tally tally = {0};
    int32_t date = date_of(in->served);

    for (const struct entry *e = ledger_member(d, in->member)->entries; e;
         e = e->next) {
        int32_t other = date_of(e->served_us);
        bool same = text_equal(e->activity, in->activity) &&
                    strcmp(e->rule, in->rule) == 0;

        if (e->state == ENTRY_REVERSED)
            continue;
        tally.minutes += same ? e->minutes : 0;
        tally.times += same;
        tally.duplicate |= same && date == other;
        tally.day_beans += date == other ? e->beans : 0;
        tally.month_beans += same_month(date, other) ? e->beans : 0;
    }
    return tally;
}

static struct entry *new_entry(struct decision *d, const struct ledger_post *in,
                               const struct earning *got)
{
    struct ledger_state *state = d->state;
    const struct message *m = d->message;
    struct entry *e =
        slots_get(&state->entries, &m->id, sizeof(m->id), sizeof(*e), NULL);

    e->id = m->id;
    e->key = m->record.key;
    e->match = in->match;
    e->member = in->member;
    snprintf(e->rule, sizeof(e->rule), "%.32s", in->rule);
    e->activity = in->activity;
    e->minutes = got->minutes;
    e->beans = e->available = got->beans;
    e->served_us = in->served;
    e->reviewer = in->reviewer;
    e->expires_us = got->expires_us;
    e->partition = decision_partition(d);
    ledger_join(ledger_member(d, e->member), e);
    return e;
}

static void say_posted(struct decision *d, struct entry *e, unsigned cut)
{
    static const char *const names[] = {"activity", "day", "month"};
    struct json *j = say(d, e, "ledger.posted");

    json_string(j, "rule", e->rule);
    json_text(j, "activity", e->activity);
    json_int(j, "minutes", e->minutes);
    json_int(j, "beans", e->beans);
    json_array(j, "cut");
    for (int i = 0; i < 3; i++)
        if (cut & 1U << i)
            json_string(j, NULL, names[i]);
    json_close(j);
    json_instant(j, "served", e->served_us);
    if (e->expires_us != INSTANT_NONE)
        json_instant(j, "expires", e->expires_us);
}

/* Whoever asked waits for it: only ok moves a match to posted. */
static void answer(struct decision *d, const struct entry *e)
{
    const struct reply *to = &d->message->reply;
    struct json *j;

    if (to->topic.size == 0)
        return;
    j = decision_command(d, arena_text(d->arena, to->topic).bytes, to->key,
                         arena_text(d->arena, to->type).bytes, to->subject,
                         NULL);
    json_text(j, "subject", to->subject);
    json_uuid(j, "entry", &e->id);
    json_int(j, "beans", e->beans);
}

bool ledger_posted(struct decision *d, const void *message, struct err *err)
{
    const struct ledger_post *in = message;
    const struct earn_caps caps = {
        .day = reference_weight_or(d->reference, "ledger.day_cap", 0),
        .month = reference_weight_or(d->reference, "ledger.month_cap", 0),
    };
    const struct earn_claim claim = {
        in->member, in->reviewer, in->minutes, in->served, d->at_us,
    };
    struct earn_tally tally = tally_of(d, in);
    struct earning got;
    struct entry *e;

    if (!ledger_earn(reference_earn_rule(d->reference, in->rule), &caps, &claim,
                     &tally, &got, err))
        return false;
    e = new_entry(d, in, &got);
    ledger_move(d, e, ledger_account(d->state, TEXT(ACCOUNT_MINT)),
                ledger_member(d, e->member), e->beans);
    say_posted(d, e, got.cut);
    answer(d, e);
    return true;
}

static struct entry *find(const struct decision *d, const struct uuid *id)
{
    const struct ledger_state *state = d->state;

    return slots_find(&state->entries, id, sizeof(*id));
}

static bool check_reverse(const struct decision *d, const struct entry *e,
                          struct err *err)
{
    if (!e)
        return err_reject(err, "no_such_earn", "entry",
                          "没有这笔记豆 / there is no such entry");
    if (e->state == ENTRY_REVERSED)
        return err_reject(err, "already_reversed", "entry",
                          "已冲销 / it has been reversed before");
    if (text_equal(d->message->actor.person, e->member) ||
        text_equal(d->message->actor.office, e->member))
        return err_reject(err, "reviewer_is_beneficiary", "actor",
                          "冲销人不得是受益人 / the reviewer is the member");
    return true;
}

/* What has expired need not be taken back. Nothing spends beans yet; what is
 * not expired is there. */
bool ledger_reversed(struct decision *d, const void *message, struct err *err)
{
    const struct ledger_reverse *in = message;
    struct entry *e = find(d, &in->entry);
    int64_t taken;
    struct json *j;

    if (!check_reverse(d, e, err))
        return false;
    ledger_expire(d, e);
    taken = e->available;
    ledger_move(d, e, ledger_member(d, e->member),
                ledger_account(d->state, TEXT(ACCOUNT_MINT)), taken);
    e->available = 0;
    e->state = ENTRY_REVERSED;
    e->why = in->why;
    e->look++;
    j = say(d, e, "ledger.reversed");
    json_int(j, "beans", taken);
    json_text(j, "why", e->why);
    return true;
}

/* A lot's end may have come. */
bool ledger_looked(struct decision *d, const void *message, struct err *err)
{
    const struct clock_passed *in = message;
    struct uuid id;
    struct entry *e;
    int64_t died;

    if (!uuid_parse(in->subject, &id) || !(e = find(d, &id)))
        return err_reject(err, "no_such_earn", "subject",
                          "没有这笔记豆 / there is no such entry");
    if (e->available == 0)
        return true;
    died = e->available;
    e->look++;
    if (ledger_expire(d, e)) {
        e->state = ENTRY_EXPIRED;
        json_int(say(d, e, "ledger.expired"), "beans", died);
    } else {
        e->version++;
        e->changed = true;
    }
    return true;
}

/* No due of the ledger hangs on a calendar. */
bool ledger_unmoved(struct decision *d, const void *message, struct err *err)
{
    (void)d;
    (void)message;
    (void)err;
    return true;
}
