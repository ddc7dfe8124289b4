/*
 * street.h - a street in a box: one whistle, the rules of dispatch and track as
 * they are, and the topics between the two, in this process.
 *
 *     struct street s;
 *     street_open(&s, "enforcement", "E0101");
 *     (void)street_says(&s, s.track, "task.sign", actor, task_sign, &in);
 *     street_carry(&s);          until nothing is under way
 *     street_close(&s);
 *
 * What a rule says to the other side waits in that side's topic, in order,
 * until it is carried; a refusal that must come back does. s.look, if any, is
 * asked after each message that was folded.
 */
#ifndef BAODAO_TESTS_STREET_H
#define BAODAO_TESTS_STREET_H

#include "services/dispatch/whistle.h"
#include "tests/unit/track_trial.h"

#define STREET_START "2026-02-09T08:40+08:00"
#define APPROVER "street_lead/" STREET "/l-1"
#define DISTRICT_LEAD "district_lead/530103/d-2"
#define CARRY_MOST 1000

/* A command under way from one worker to the other. */
struct parcel {
    struct parcel *next;
    char type[48];
    struct text data, reply;
};
struct parcels {
    struct parcel *first, **end;
};

struct street {
    struct trial *dispatch, *track;
    struct parcels to_dispatch, to_track;
    struct arena arena;
    bool accepted;      /* the message just folded was not refused */
    const char *broken; /* what does not hold, of the first time */
    void (*before)(struct street *s);
    const char *(*look)(struct street *s, const struct trial *folded);
};

static const struct service street_dispatch = {
    .name = "dispatch",
    .topic = "whistle.commands",
    .events = "whistle.events",
    .thing = "whistle",
    .state_size = sizeof(struct dispatch_state),
    .begin = whistles_begin,
};

/* What workers say to each other, as the routes decode it. */
static struct carried {
    const char *type;
    const struct field *fields;
    size_t size;
    decide_function *decide;
    const char *actor;
    struct schema *schema; /* loaded when first used */
} street_carried[] = {
    {"task.assign", task_assign_fields, sizeof(struct task_assign),
     task_assign, WORKER, NULL},
    {"task.cancel", task_cancel_fields, sizeof(struct task_cancel),
     task_cancel, WORKER, NULL},
    {"task.reassign_failed", task_reassign_failed_fields,
     sizeof(struct task_reassign_failed), task_reassign_failed, WORKER, NULL},
    {"whistle.lane", whistle_lane_fields, sizeof(struct lane_in),
     whistle_lane, "worker/track/", NULL},
    {"whistle.add_lane", whistle_add_lane_fields, sizeof(struct add_lane_in),
     whistle_add_lane, "worker/track/", NULL},
};

/* ---- looking at it ---- */

static inline const struct whistle *street_whistle(struct street *s)
{
    const struct dispatch_state *d = s->dispatch->batch.state;
    struct uuid id = lane_called("").whistle;

    return slots_find(&d->whistles, &id, sizeof(id));
}

static inline const struct lane_case *street_lanes(struct street *s)
{
    const struct lane_batch *b = s->track->batch.state;
    struct uuid id = lane_called("").whistle;

    return slots_find(&b->cases, &id, sizeof(id));
}

static inline bool street_is_quiet(const struct street *s)
{
    return !s->to_dispatch.first && !s->to_track.first;
}

/* ---- saying ---- */

static inline void street_post(struct street *s, const struct record *r)
{
    struct parcels *to = text_is(r->topic, "whistle.commands")
                             ? &s->to_dispatch
                             : &s->to_track;
    struct parcel *p;

    if (!text_is(r->topic, "task.commands") &&
        !text_is(r->topic, "whistle.commands"))
        return;
    p = arena_give(&s->arena, sizeof(*p));
    assert_true(text_copy(r->type, p->type, sizeof(p->type)));
    p->data = arena_text(&s->arena, r->data);
    p->reply = arena_text(&s->arena, r->reply);
    *to->end = p;
    to->end = &p->next;
}

/* One message is folded; in must outlive the street. */
static inline bool street_folds(struct street *s, struct trial *t,
                                const char *type, const char *actor,
                                decide_function *decide, const void *in,
                                struct text reply)
{
    struct text rest;
    struct actor who;
    struct message *m = &t->message;

    who.role = text_cut(text_of(actor), '/', &rest);
    who.office = text_cut(rest, '/', &rest);
    who.person = rest;
    t->count = 0;
    t->err = (struct err){0};
    if (!actor_may(text_of(type), &who, &t->err))
        return false;
    if (s->before)
        s->before(s);
    m->reply = (struct reply){0};
    if (reply.size > 0)
        assert_true(reply_parse(reply, &m->reply, NULL));
    s->accepted = trial_say(t, type, actor, decide, in);
    for (size_t i = 0; i < m->record_count; i++)
        street_post(s, &t->batch.records[m->first_record + i]);
    if (!s->accepted && t->err.kind != ERR_REJECT && !s->broken)
        s->broken = "neither taken nor refused";
    if (s->look && !s->broken)
        s->broken = s->look(s, t);
    return s->accepted;
}

static inline bool street_says(struct street *s, struct trial *t,
                               const char *type, const char *actor,
                               decide_function *decide, const void *in,
                               size_t size)
{
    return street_folds(s, t, type, arena_print(&s->arena, "%s", actor).bytes,
                        decide, arena_copy(&s->arena, in, size),
                        text_of(""));
}

/* ---- carrying ---- */

static inline struct carried *street_route(const char *type)
{
    for (size_t i = 0; i < COUNT_OF(street_carried); i++)
        if (strcmp(street_carried[i].type, type) == 0)
            return &street_carried[i];
    fail_msg("nobody takes %s", type);
    return NULL;
}

static inline void street_deliver(struct street *s, struct parcels *from,
                                  struct trial *to)
{
    const struct parcel *p = from->first;
    struct carried *route = street_route(p->type);
    void *in = arena_give(&s->arena, route->size);
    struct err err = {0};

    from->first = p->next;
    if (!from->first)
        from->end = &from->first;
    if ((!route->schema && !schema_load("schemas/messages", route->type,
                                        route->fields, &route->schema, &err)) ||
        !schema_fill(route->schema, p->data, true, &s->arena, in, &err))
        fail_msg("%s: %s %s in %.*s", p->type, err.field, err.sentence,
                 TEXT_PRINT(p->data));
    (void)street_folds(s, to, p->type, route->actor, route->decide, in,
                       p->reply);
}

/* Until nothing is under way. */
static inline void street_carry(struct street *s)
{
    for (int i = 0; !street_is_quiet(s) && !s->broken; i++) {
        if (i == CARRY_MOST)
            s->broken = "the two never come to rest";
        else if (s->to_dispatch.first)
            street_deliver(s, &s->to_dispatch, s->dispatch);
        else
            street_deliver(s, &s->to_track, s->track);
    }
}

static inline void street_at(struct street *s, int64_t at_us)
{
    s->dispatch->message.at_us = s->track->message.at_us = at_us;
}

/* ---- opening and closing ---- */

static inline struct trial *street_trial(const struct service *service)
{
    struct trial *t = trial_new(service, track_reference);

    trial_is(t, WHISTLE, WHISTLE);
    trial_at(t, STREET_START);
    return t;
}

/* The clerk drafts it, another approves it where the kind asks for that. */
static inline void street_blow(struct street *s, const char *kind,
                               const char *matter)
{
    static struct wire_office assist = {ASSIST};
    static const struct approve_in yes;
    struct approve_in approve = yes;
    struct draft_in draft = {
        .region = "530103003001",
        .street = STREET,
        .facts = TEXT("围墙倾斜"),
        .lng = INT_ABSENT,
        .lat = INT_ABSENT,
        .lead = LEAD,
        .assists = {&assist, 1},
        .meet_at = INSTANT_NONE,
        .submit = true,
    };

    memcpy(draft.kind, kind, strlen(kind) + 1);
    memcpy(draft.matter, matter, strlen(matter) + 1);
    approve.whistle = lane_called("").whistle;
    if (!street_says(s, s->dispatch, "whistle.draft", CLERK, whistle_draft,
                     &draft, sizeof(draft)))
        fail_msg("%s %s", s->dispatch->err.field, s->dispatch->err.sentence);
    if (street_whistle(s)->state == WHISTLE_AWAITING)
        assert_true(street_says(s, s->dispatch, "whistle.approve", APPROVER,
                                whistle_approve, &approve, sizeof(approve)));
    street_carry(s);
}

static inline void street_open(struct street *s, const char *kind,
                               const char *matter)
{
    struct uuid whistle = lane_called("").whistle;
    struct lane_batch *b;

    *s = (struct street){0};
    s->to_dispatch.end = &s->to_dispatch.first;
    s->to_track.end = &s->to_track.first;
    s->dispatch = street_trial(&street_dispatch);
    s->track = street_trial(&track_service);
    b = s->track->batch.state;
    (void)slots_get(&b->cases, &whistle, sizeof(whistle),
                    sizeof(struct lane_case), NULL);
    s->track->message.holders = text_of(LEAD "=o-CGJ-1;" ASSIST "=o-ZRZY-1");
    street_blow(s, kind, matter);
}

static inline void street_close(struct street *s)
{
    trial_free(s->dispatch);
    trial_free(s->track);
    arena_release(&s->arena);
}

/* After the last one: what the carriers keep. */
static inline int street_teardown(void **state)
{
    for (size_t i = 0; i < COUNT_OF(street_carried); i++)
        schema_free(street_carried[i].schema);
    return track_teardown(state);
}

#endif
