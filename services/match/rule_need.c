/* rule_need.c - a need is published, withdrawn, served, over. */
#include "common/base/instant.h"
#include "services/match/match.h"

const char *const need_state_names[] = {
    "published", "matched", "closed", "expired", "withdrawn", NULL,
};

static bool check_publish(const struct decision *d,
                          const struct need_publish *in, struct err *err)
{
    if (in->enforcement)
        return err_reject(
            err, "enforcement", "enforcement",
            "执法事项不得交由合伙人 / law enforcement is never matched");
    if (!uuid_is_nil(&in->issue) && !in->home[0])
        return err_reject(
            err, "required", "home",
            "缺少工单的归属社区 / an issue's need tells its home");
    if (!match_region(d, in->region, "region", err) ||
        !need_on_side(d, text_of(in->home), in->region, err))
        return false;
    if (in->from >= in->to)
        return err_reject(
            err, "bad_window", "to",
            "时段须先始后终 / the window must begin before it ends");
    if (in->to <= d->at_us)
        return err_reject(
            err, "window_over", "to",
            "时段已过,请另定时间 / the window is over; name a later one");
    return true;
}

/* Ids of partners as raw bytes, as candidates have them. */
static struct texts conflict_ids(struct decision *d, const struct list *in)
{
    const struct uuid *ids = in->items;
    struct text *items = arena_array(d->arena, in->count, sizeof(*items));

    for (size_t i = 0; i < in->count; i++)
        items[i] =
            (struct text){(const char *)ids[i].bytes, sizeof(ids[i].bytes)};
    return (struct texts){items, in->count};
}

static struct need *new_need(struct decision *d, const struct need_publish *in)
{
    struct match_state *state = d->state;
    const struct message *m = d->message;
    struct need *n =
        slots_get(&state->needs, &m->id, sizeof(m->id), sizeof(*n), NULL);

    n->id = m->id;
    n->key = m->record.key;
    n->title = in->title;
    n->text = in->text;
    snprintf(n->region, sizeof(n->region), "%.15s", in->region);
    n->home = text_of(in->home);
    n->office = m->actor.office.size > 0 && uuid_is_nil(&in->issue)
                    ? m->actor.office
                    : n->home;
    n->skills = (struct texts){in->skills.items, in->skills.count};
    n->prefers = (struct texts){in->prefers.items, in->prefers.count};
    n->conflicts = conflict_ids(d, &in->conflicts);
    n->from_us = in->from;
    n->to_us = in->to;
    n->quantity = in->quantity;
    n->issue = in->issue;
    n->waiting = (struct waiting){decision_partition(d), in->to, 0};
    return n;
}

bool need_published(struct decision *d, const void *message, struct err *err)
{
    const struct need_publish *in = message;
    struct need *n;
    struct json *j;

    if (!check_publish(d, in, err))
        return false;
    n = new_need(d, in);
    j = need_say(d, n, "need.published");
    json_int(j, "quantity", n->quantity);
    json_instant(j, "from", n->from_us);
    json_instant(j, "to", n->to_us);
    json_array(j, "skills");
    for (size_t i = 0; i < n->skills.count; i++)
        json_text(j, NULL, n->skills.items[i]);
    json_close(j);
    return match_propose(d, n, err);
}

void need_end(struct decision *d, struct need *n, enum need_state state,
              struct text answer)
{
    struct json *j;

    n->state = state;
    wait_until(&n->waiting, INSTANT_NONE);
    j = need_say(
        d, n, arena_print(d->arena, "need.%s", need_state_names[state]).bytes);
    json_text_if(j, "why", n->why);
    if (uuid_is_nil(&n->issue))
        return;
    j = decision_command(d, "issue.commands", n->home, "issue.route_done",
                         decision_uuid_text(d, &n->issue), NULL);
    json_uuid(j, "issue", &n->issue);
    json_uuid(j, "route_id", &n->id);
    json_string(j, "outcome", need_state_names[state]);
    json_text_if(j, "answer", answer);
}

/* What the requester is told: who served. */
static struct text answer_of(struct decision *d, const struct need *n)
{
    struct text names = {0};

    for (const struct match *m = n->matches; m; m = m->next)
        if (m->state == MATCH_POSTED)
            names = names.size == 0 ? m->partner->name
                                    : arena_print(d->arena, "%.*s、%.*s",
                                                  TEXT_PRINT(m->partner->name),
                                                  TEXT_PRINT(names));
    return arena_print(d->arena, "“%.*s”已由%.*s提供服务。",
                       TEXT_PRINT(n->title), TEXT_PRINT(names));
}

void need_settle(struct decision *d, struct need *n)
{
    int64_t accepted = 0, posted = 0;

    if (n->state != NEED_PUBLISHED && n->state != NEED_MATCHED)
        return;
    for (const struct match *m = n->matches; m; m = m->next) {
        if (m->state == MATCH_POSTED)
            posted += m->takes;
        if (m->state == MATCH_ACCEPTED || m->state == MATCH_SERVING ||
            m->state == MATCH_DELIVERED || m->state == MATCH_RATED ||
            m->state == MATCH_POSTED)
            accepted += m->takes;
    }
    if (posted >= n->quantity) {
        need_end(d, n, NEED_CLOSED, answer_of(d, n));
    } else if (accepted >= n->quantity && n->state == NEED_PUBLISHED) {
        n->state = NEED_MATCHED;
        need_say(d, n, "need.matched");
    } else if (accepted < n->quantity && n->state == NEED_MATCHED) {
        n->state = NEED_PUBLISHED;
        if (n->waiting.due_us == INSTANT_NONE)
            wait_until(&n->waiting, n->to_us);
        need_say(d, n, "need.reopened");
    }
}

/* ---- withdrawn ---- */

/* A service that has begun is seen through, unless its beans were refused. */
static bool may_be_let_go(const struct match *m)
{
    switch (m->state) {
    case MATCH_SERVING:
    case MATCH_DELIVERED:
        return false;
    case MATCH_RATED:
        return m->post_code.size > 0;
    default:
        return true;
    }
}

static bool check_withdraw(const struct decision *d, const struct need *n,
                           struct err *err)
{
    if (!n)
        return err_reject(err, "unknown_need", "need",
                          "没有这项需求 / there is no such need");
    if (!need_on_side(d, n->office, n->region, err))
        return false;
    if (n->state != NEED_PUBLISHED && n->state != NEED_MATCHED)
        return err_reject(err, "illegal_transition", "state",
                          "需求已结束 / a need that is %s cannot be withdrawn",
                          need_state_names[n->state]);
    for (const struct match *m = n->matches; m; m = m->next)
        if (!may_be_let_go(m))
            return err_reject(
                err, "service_begun", "state",
                "服务已开始,请待其办结 / a match is %s: see it through first",
                match_stage_names[m->state]);
    return true;
}

bool need_withdrawn(struct decision *d, const void *message, struct err *err)
{
    const struct need_withdraw *in = message;
    struct match_state *state = d->state;
    struct need *n = slots_find(&state->needs, &in->need, sizeof(in->need));

    if (!check_withdraw(d, n, err))
        return false;
    for (struct match *m = n->matches; m; m = m->next)
        if (m->state == MATCH_PROPOSED || m->state == MATCH_ACCEPTED)
            match_end(d, m, MATCH_FAILED, text_of("need_withdrawn"), in->why);
    n->why = in->why;
    need_end(d, n, NEED_WITHDRAWN, text_of(""));
    return true;
}
