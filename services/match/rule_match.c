/* rule_match.c - a match on its way: accepted, served, rated, posted. */
#include <string.h>

#include "common/base/instant.h"
#include "services/match/match.h"

const char *const match_stage_names[] = {
    "proposed",  "accepted", "declined", "expired", "serving",
    "delivered", "rated",    "posted",   "failed",  NULL,
};
static const char *const verbs[] = {
    "accept", "decline", "expire", "serve", "deliver",
    "rate",   "post",    "fail",   NULL,
};
static const struct fsm_edge edges[] = {
    /* clang-format off */
    { MATCH_PROPOSED,  MATCH_ACCEPT,  MATCH_ACCEPTED  },
    { MATCH_PROPOSED,  MATCH_DECLINE, MATCH_DECLINED  },
    { MATCH_PROPOSED,  MATCH_EXPIRE,  MATCH_EXPIRED   },
    { MATCH_PROPOSED,  MATCH_FAIL,    MATCH_FAILED    },
    { MATCH_ACCEPTED,  MATCH_SERVE,   MATCH_SERVING   },
    { MATCH_ACCEPTED,  MATCH_DECLINE, MATCH_FAILED    },
    { MATCH_ACCEPTED,  MATCH_FAIL,    MATCH_FAILED    },
    { MATCH_SERVING,   MATCH_DELIVER, MATCH_DELIVERED },
    { MATCH_SERVING,   MATCH_DECLINE, MATCH_FAILED    },
    { MATCH_DELIVERED, MATCH_RATE,    MATCH_RATED     },
    { MATCH_RATED,     MATCH_RATE,    MATCH_RATED     },
    { MATCH_RATED,     MATCH_POST,    MATCH_POSTED    },
    /* clang-format on */
};
const struct fsm match_fsm = {
    "match", match_stage_names, verbs, edges, COUNT_OF(edges),
};

static struct match *find(const struct decision *d, const struct uuid *id,
                          struct err *err)
{
    struct match_state *state = d->state;
    struct match *m = slots_find(&state->matches, id, sizeof(*id));

    if (!m)
        err_reject(err, "unknown_match", "match",
                   "没有这个匹配 / there is no such match");
    return m;
}

/* The partner's own match, and whether the verb may be said now. */
static bool take_step(const struct decision *d, const struct uuid *id,
                      enum match_verb verb, struct match **ret_match,
                      int *ret_next, struct err *err)
{
    struct match *m = find(d, id, err);

    if (!m || !partner_is_self(d, &m->partner->id, err) ||
        !fsm_step(&match_fsm, m->state, verb, ret_next, err))
        return false;
    *ret_match = m;
    return true;
}

void wait_until(struct waiting *w, int64_t due_us)
{
    w->due_us = due_us;
    w->look++;
}

void match_join(struct need *n, struct match *m)
{
    struct match **at = &n->matches;

    while (*at && memcmp(&(*at)->id, &m->id, sizeof(m->id)) < 0)
        at = &(*at)->next;
    m->next = *at;
    *at = m;
}

void match_release(struct match *m, bool kept)
{
    struct partner *p = m->partner;

    p->capacity_left += m->takes;
    if (!kept)
        p->commitment_left += m->commits;
    p->version++;
    p->changed = true;
}

void match_end(struct decision *d, struct match *m, enum match_stage state,
               struct text reason, struct text note)
{
    struct json *j;

    m->state = state;
    m->reason = reason;
    m->note = note;
    wait_until(&m->waiting, INSTANT_NONE);
    match_release(m, false);
    j = match_say(
        d, m,
        arena_print(d->arena, "match.%s", match_stage_names[state]).bytes);
    json_text_if(j, "reason", reason);
    json_text_if(j, "note", note);
}

bool match_accepted(struct decision *d, const void *message, struct err *err)
{
    const struct match_word *in = message;
    struct match *m;
    int next;

    if (!take_step(d, &in->match, MATCH_ACCEPT, &m, &next, err))
        return false;
    if (d->at_us >= m->waiting.due_us)
        return err_reject(err, "too_late", "match",
                          "已过应答时限 / the time to answer is over");
    m->state = (enum match_stage)next;
    m->accepted_us = d->at_us;
    wait_until(&m->waiting, INSTANT_NONE);
    json_text_if(match_say(d, m, "match.accepted"), "note", in->note);
    need_settle(d, m->need);
    return true;
}

bool match_declined(struct decision *d, const void *message, struct err *err)
{
    const struct match_decline *in = message;
    struct match *m;
    int next;

    if (!take_step(d, &in->match, MATCH_DECLINE, &m, &next, err))
        return false;
    if (!reference_reason(d->reference, "match.decline", in->reason))
        return err_reject(
            err, "unknown_reason", "reason",
            "请用列表中的原因 / not a reason of the list match.decline");
    match_end(d, m, (enum match_stage)next, text_of(in->reason), in->note);
    need_settle(d, m->need);
    return match_propose(d, m->need, err);
}

bool match_served(struct decision *d, const void *message, struct err *err)
{
    const struct match_word *in = message;
    struct match *m;
    int next;

    if (!take_step(d, &in->match, MATCH_SERVE, &m, &next, err))
        return false;
    m->state = (enum match_stage)next;
    m->serving_us = d->at_us;
    m->partner->last_served_us = d->at_us;
    m->partner->version++;
    m->partner->changed = true;
    json_text_if(match_say(d, m, "match.serving"), "note", in->note);
    return true;
}

bool match_delivered(struct decision *d, const void *message, struct err *err)
{
    const struct match_deliver *in = message;
    struct match *m;
    struct json *j;
    int next;

    if (!take_step(d, &in->match, MATCH_DELIVER, &m, &next, err))
        return false;
    m->state = (enum match_stage)next;
    m->delivered_us = d->at_us;
    m->minutes = in->minutes;
    match_release(m, true);
    j = match_say(d, m, "match.delivered");
    json_int(j, "minutes", m->minutes);
    json_text_if(j, "note", in->note);
    return true;
}

/* ---- rated, and what the ledger makes of it ---- */

static void send_post(struct decision *d, const struct match *m)
{
    struct text id = decision_uuid_text(d, &m->id);
    const struct reply reply = {
        .topic = TEXT("match.commands"),
        .key = m->need->key,
        .type = TEXT("match.post_done"),
        .subject = id,
    };
    struct json *j = decision_command(d, "ledger.commands", m->need->key,
                                      "ledger.post", id, &reply);

    json_text(j, "match", id);
    json_uuid(j, "member", &m->partner->id);
    json_string(j, "rule", "service_hour");
    json_uuid(j, "activity", &m->need->id);
    json_int(j, "minutes", m->minutes);
    json_instant(j, "served", m->delivered_us);
    json_text(j, "reviewer", m->reviewer);
}

static void count_stars(struct match *m, int64_t stars)
{
    struct partner *p = m->partner;

    if (m->stars == INT_ABSENT)
        p->rating_count++;
    else
        p->rating_sum -= m->stars;
    p->rating_sum += stars;
    p->version++;
    p->changed = true;
    m->stars = stars;
}

/* A second rating only where the ledger has refused the first one's beans:
 * another reviewer can put it right. */
static bool check_rate(const struct decision *d, const struct match *m,
                       struct err *err)
{
    int next;

    if (!need_on_side(d, m->need->office, m->need->region, err) ||
        !fsm_step(&match_fsm, m->state, MATCH_RATE, &next, err))
        return false;
    if (m->state == MATCH_RATED && m->post_code.size == 0)
        return err_reject(err, "already_rated", "match",
                          "已评价,正在记豆 / rated; its beans are on the way");
    return true;
}

bool match_rated(struct decision *d, const void *message, struct err *err)
{
    const struct match_rate *in = message;
    const struct actor *actor = &d->message->actor;
    struct match *m = find(d, &in->match, err);
    struct json *j;

    if (!m || !check_rate(d, m, err))
        return false;
    m->state = MATCH_RATED;
    count_stars(m, in->stars);
    m->reviewer = actor->person.size > 0   ? actor->person
                  : actor->office.size > 0 ? actor->office
                                           : actor->role;
    m->post_code = m->post_why = text_of("");
    j = match_say(d, m, "match.rated");
    json_int(j, "stars", m->stars);
    json_text_if(j, "note", in->note);
    send_post(d, m);
    return true;
}

static void say_post_refused(struct decision *d, struct match *m,
                             const struct match_post_done *in)
{
    struct json *j;

    m->post_code = in->code;
    m->post_why = in->sentence;
    j = match_say(d, m, "match.post_refused");
    json_text(j, "code", m->post_code);
    json_text(j, "sentence", m->post_why);
}

bool match_post_answered(struct decision *d, const void *message,
                         struct err *err)
{
    const struct match_post_done *in = message;
    struct match *m;
    struct uuid id;

    if (!uuid_parse(in->subject, &id))
        return err_reject(err, "unknown_match", "subject",
                          "没有这个匹配 / the subject is no match");
    m = find(d, &id, err);
    if (!m)
        return false;
    if (m->state != MATCH_RATED)
        return true; /* a repeat */
    if (in->code.size > 0) {
        say_post_refused(d, m, in);
        return true;
    }
    m->state = MATCH_POSTED;
    m->beans = in->beans;
    json_int(match_say(d, m, "match.posted"), "beans",
             m->beans == INT_ABSENT ? 0 : m->beans);
    need_settle(d, m->need);
    return true;
}
