/*
 * decide.h - says messages to decide functions in a unit test and shows what
 * they said; no Kafka, no PostgreSQL, no loop.
 *
 * The decision_* functions of service.h are defined here, as the loop does
 * them: what a refused message said is taken back. Include it in one file of
 * a test program only.
 *
 *     struct trial *t = trial_new(&service, reference);
 *     trial_at(t, "2026-03-02T08:30+08:00");
 *     trial_is(t, "018f0000-0000-7000-8000-00000000000a", "530103003001");
 *     assert_true(trial_say(t, "issue.raise", "resident//r-17",
 *                           issue_raise, &in));
 *     assert_said(t, 0, "issue.raised", "\"state\":\"received\"");
 *     assert_false(trial_say(t, …));   assert_refused(t, "illegal_transition");
 *     trial_free(t);
 *
 * Aggregates live in t->batch.state (as the service's begin prepared it) from
 * message to message, as within one batch. trial_say() forgets what earlier
 * messages said.
 */
#ifndef BAODAO_TESTS_DECIDE_H
#define BAODAO_TESTS_DECIDE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/city/reference.h"
#include "common/work/batch.h"
#include "common/work/service.h"

#define TRIAL_SAID_MAX 64

/* What was said: an event or a command. */
struct trial_said {
    struct uuid id;
    struct text topic, key, type, subject, scope;
    int64_t version; /* 0 for commands */
    struct reply reply;
    struct buf data; /* JSON */
    struct json json;
};

struct trial {
    struct batch batch;
    struct message message;
    struct decision decision;
    struct trial_said said[TRIAL_SAID_MAX];
    size_t count;
    int64_t number;    /* the last number for people */
    int32_t partition; /* 3 unless a test says otherwise */
    struct err err;    /* of the last trial_say */
};

static struct trial *trial_now; /* whose decide function is running */

static inline struct trial *trial_new(const struct service *service,
                                      const void *reference)
{
    struct trial *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    t->partition = 3;
    t->batch.service = service;
    t->batch.state = arena_give(&t->batch.arena, service->state_size);
    t->decision = (struct decision){
        .batch = &t->batch,
        .message = &t->message,
        .reference = reference,
        .state = t->batch.state,
        .arena = &t->batch.arena,
    };
    if (service->begin)
        service->begin(&t->batch);
    return t;
}

static inline void trial_forget(struct trial *t)
{
    for (size_t i = 0; i < TRIAL_SAID_MAX; i++)
        buf_reset(&t->said[i].data);
    t->count = 0;
}

static inline void trial_free(struct trial *t)
{
    for (size_t i = 0; i < TRIAL_SAID_MAX; i++)
        buf_release(&t->said[i].data);
    arena_release(&t->batch.arena);
    free(t);
}

/* The time of the messages that follow. */
static inline void trial_at(struct trial *t, const char *instant)
{
    assert_true(instant_parse(text_of(instant), &t->message.at_us));
    t->decision.at_us = t->message.at_us;
}

/* The ce_id and key of the messages that follow. */
static inline void trial_is(struct trial *t, const char *id, const char *key)
{
    assert_true(uuid_parse(text_of(id), &t->message.id));
    t->message.record.key = text_of(key);
}

/* Closes the data of what was said last. */
static inline void trial_close(struct trial *t)
{
    if (t->count > 0 && t->said[t->count - 1].json.depth > 0)
        json_end(&t->said[t->count - 1].json);
}

/*
 * Says one message; actor on the wire form "role/office/person". False: it
 * was refused (or fatal), t->err says why, and nothing was said.
 */
static inline bool trial_say(struct trial *t, const char *type,
                             const char *actor, decide_function *decide,
                             const void *in)
{
    struct text rest;
    bool done;

    trial_forget(t);
    t->err = (struct err){0};
    t->message.type = text_of(type);
    t->message.actor_wire = text_of(actor);
    t->message.actor.role = text_cut(text_of(actor), '/', &rest);
    t->message.actor.office = text_cut(rest, '/', &rest);
    t->message.actor.person = rest;
    trial_now = t;
    done = decide(&t->decision, in, &t->err);
    trial_close(t);
    trial_now = NULL;
    if (!done)
        trial_forget(t);
    return done;
}

/* The first thing said of a type; NULL when there is none. */
static inline const struct trial_said *trial_find(const struct trial *t,
                                                  const char *type)
{
    for (size_t i = 0; i < t->count; i++)
        if (text_is(t->said[i].type, type))
            return &t->said[i];
    return NULL;
}

/* The i-th thing said has this type, and its data hold the fragment (may be
 * NULL). */
static inline void assert_said(struct trial *t, size_t i, const char *type,
                               const char *fragment)
{
    if (i >= t->count)
        fail_msg("only %zu were said (%s %s), not %s", t->count, t->err.code,
                 t->err.sentence, type);
    if (!text_is(t->said[i].type, type))
        fail_msg("said %.*s, not %s", TEXT_PRINT(t->said[i].type), type);
    if (fragment && !strstr(buf_string(&t->said[i].data), fragment))
        fail_msg("%s: no %s in %s", type, fragment,
                 buf_string(&t->said[i].data));
}

/* The last message was refused with this code. */
static inline void assert_refused(const struct trial *t, const char *code)
{
    assert_int_equal(t->err.kind, ERR_REJECT);
    assert_string_equal(t->err.code, code);
    assert_true(t->err.sentence[0] != '\0');
    assert_int_equal(t->count, 0);
}

/* Reads a whole file into the buffer. */
static inline void trial_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f)
        fail_msg("cannot read %s", path);
    while ((n = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
        out->size += n;
    fclose(f);
}

/*
 * The reference data of the repository (schemas/reference), as version 1;
 * tests run from the top of the checkout. edit (may be NULL) may change a
 * file's body before it is built. Ends with reference_free().
 */
static inline struct reference *trial_reference(void (*edit)(const char *name,
                                                             struct buf *body))
{
    static const char folder[] = "schemas/reference";
    struct reference_file files[32] = {0};
    struct buf bodies[32] = {0};
    struct reference *r = NULL;
    struct err err = {0};
    size_t count = 0;
    char path[512];
    DIR *dir = opendir(folder);

    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) && count < 32;) {
        size_t size = strlen(e->d_name);

        if (size < 5 || size > 63 || strcmp(e->d_name + size - 4, ".csv") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        trial_read(path, &bodies[count]);
        if (edit)
            edit(e->d_name, &bodies[count]);
        memcpy(files[count].name, e->d_name, size + 1);
        files[count].body = buf_text(&bodies[count]);
        count++;
    }
    closedir(dir);
    if (!reference_build(1, 0, files, count, &r, &err))
        fail_msg("%s: %s %s", folder, err.field, err.sentence);
    for (size_t i = 0; i < count; i++)
        buf_release(&bodies[i]);
    return r;
}

/* ---- what the loop gives to decide ---- */

static inline struct trial_said *trial_add(struct decision *d, const char *type,
                                           struct text subject)
{
    struct trial *t = trial_now;
    struct trial_said *s;

    assert_non_null(t);
    assert_ptr_equal(d, &t->decision);
    assert_true(t->count < TRIAL_SAID_MAX);
    trial_close(t);
    s = &t->said[t->count];
    s->id = decision_next_id(d);
    s->key = t->message.record.key;
    s->type = text_of(type);
    s->subject = arena_text(d->arena, subject);
    s->scope = text_of("");
    s->version = 0;
    s->reply = (struct reply){0};
    json_begin(&s->json, &s->data);
    t->count++;
    return s;
}

struct json *decision_event(struct decision *d, const char *type,
                            struct text subject, int64_t version,
                            struct text scope)
{
    struct trial_said *s = trial_add(d, type, subject);

    s->topic = text_of(d->batch->service->events);
    s->version = version;
    s->scope = scope;
    return &s->json;
}

struct json *decision_command(struct decision *d, const char *topic,
                              struct text key, const char *type,
                              struct text subject, const struct reply *reply)
{
    struct trial_said *s = trial_add(d, type, subject);

    s->topic = text_of(topic);
    s->key = arena_text(d->arena, key);
    if (reply)
        s->reply = *reply;
    return &s->json;
}

struct uuid decision_next_id(const struct decision *d)
{
    assert_non_null(trial_now);
    return uuid_derive(d->batch->service->topic, &d->message->id,
                       (uint32_t)trial_now->count);
}

int64_t decision_number(struct decision *d)
{
    (void)d;
    return ++trial_now->number;
}

int32_t decision_partition(const struct decision *d)
{
    (void)d;
    return trial_now->partition;
}

struct text decision_uuid_text(struct decision *d, const struct uuid *id)
{
    char into[UUID_TEXT_SIZE];

    uuid_print(id, into);
    return arena_text(d->arena, text_of(into));
}

#endif
