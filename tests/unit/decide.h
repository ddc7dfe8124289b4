/*
 * decide.h - says messages to decide functions in a unit test and shows what
 * they said; no Kafka, no PostgreSQL.
 *
 *     struct trial *t = trial_new(&service, reference);
 *     trial_at(t, "2026-03-02T08:30+08:00");
 *     trial_is(t, "018f0000-0000-7000-8000-00000000000a", "530103003001");
 *     assert_true(trial_say(t, "issue.raise", "resident//r-17",
 *                           issue_raise, &in));
 *     assert_said(t, 0, "issue.raised", "\"state\":\"received\"");
 *     assert_false(trial_say(t, ...));
 *     assert_refused(t, "illegal_transition");
 *     trial_free(t);
 *
 * Aggregates live in t->batch.state (as the service's begin prepared it) from
 * message to message, as within one batch. trial_say() forgets what earlier
 * messages said. The service's allow is not asked.
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

struct trial {
    struct batch batch;
    struct message message;     /* the one that is said */
    struct partition partition; /* number 3 */
    struct service service;     /* a copy: without allow */
    struct reference_hooks hooks;
    struct route route;
    struct decision decision;  /* for what takes one between messages */
    const struct record *said; /* what was said, in order */
    size_t count;              /* none when it was refused */
    struct err err;            /* of the last trial_say */
};

static const void *trial_reference_now; /* of the trial that is running */

static inline const void *trial_reference_at(int64_t at_us)
{
    (void)at_us;
    return trial_reference_now;
}

/* reference: what decide finds in d->reference; the caller's, may be NULL. */
static inline struct trial *trial_new(const struct service *service,
                                      const void *reference)
{
    static const struct work_keys keys;
    struct trial *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    t->service = *service;
    t->service.allow = NULL;
    t->service.reference = &t->hooks;
    t->hooks.at = trial_reference_at;
    trial_reference_now = reference;
    t->partition.number = 3;
    t->message.partition = &t->partition;
    batch_start(&t->batch, &t->service, &keys);
    t->decision = (struct decision){
        .batch = &t->batch,
        .message = &t->message,
        .reference = reference,
        .state = t->batch.state,
        .arena = &t->batch.arena,
    };
    return t;
}

static inline void trial_free(struct trial *t)
{
    t->batch.messages = NULL;
    t->batch.count = 0;
    batch_release(&t->batch);
    free(t);
}

/* The time of the messages that follow. */
static inline void trial_at(struct trial *t, const char *instant)
{
    assert_true(instant_parse(text_of(instant), &t->message.at_us));
}

/* The ce_id and key of the messages that follow. */
static inline void trial_is(struct trial *t, const char *id, const char *key)
{
    assert_true(uuid_parse(text_of(id), &t->message.id));
    t->message.record.key = text_of(key);
}

/*
 * Says one message; actor in the wire form "role/office/person". False: it
 * was refused (or fatal), and t->err says why.
 */
static inline bool trial_say(struct trial *t, const char *type,
                             const char *actor, decide_function *decide,
                             const void *in)
{
    struct message *m = &t->message;
    struct text rest;

    t->route = (struct route){.type = type, .decide = decide};
    m->route = &t->route;
    m->type = text_of(type);
    m->actor_wire = text_of(actor);
    m->actor.role = text_cut(m->actor_wire, '/', &rest);
    m->actor.office = text_cut(rest, '/', &rest);
    m->actor.person = rest;
    m->in = (void *)in;
    m->verdict = VERDICT_DECIDE;
    m->err = NULL;
    t->err = (struct err){0};
    t->batch.messages = m;
    t->batch.count = 1;
    t->batch.record_count = t->batch.decided_count = 0;
    if (!batch_decide(&t->batch, SIZE_MAX, &t->err))
        t->batch.record_count = 0;
    else
        t->err = m->err ? *m->err : (struct err){0};
    t->said = t->batch.records;
    t->count = t->err.kind == ERR_NONE && m->record_count > 0 &&
                       t->said[0].type.size > 0
                   ? m->record_count
                   : 0;
    return t->err.kind == ERR_NONE;
}

/* The first thing said of a type; NULL when there is none. */
static inline const struct record *trial_find(const struct trial *t,
                                              const char *type)
{
    for (size_t i = 0; i < t->count; i++)
        if (text_is(t->said[i].type, type))
            return &t->said[i];
    return NULL;
}

/* The i-th thing said has this type, and its data hold the fragment (may be
 * NULL). */
static inline void assert_said(const struct trial *t, size_t i,
                               const char *type, const char *fragment)
{
    if (i >= t->count)
        fail_msg("only %zu were said (%s %s), not %s", t->count, t->err.code,
                 t->err.sentence, type);
    if (!text_is(t->said[i].type, type))
        fail_msg("said %.*s, not %s", TEXT_PRINT(t->said[i].type), type);
    if (fragment && !strstr(t->said[i].data.bytes, fragment))
        fail_msg("%s: no %s in %s", type, fragment, t->said[i].data.bytes);
}

/* Where a refusal of what was said must come back. */
static inline struct reply trial_reply(const struct record *said)
{
    struct reply reply;

    assert_true(reply_parse(said->reply, &reply, NULL));
    return reply;
}

/* The last message was refused with this code, and said nothing else. */
static inline void assert_refused(const struct trial *t, const char *code)
{
    if (t->err.kind != ERR_REJECT || strcmp(t->err.code, code) != 0)
        fail_msg("not refused as %s, but: %s %s %s", code,
                 err_kind_name(t->err.kind), t->err.code, t->err.sentence);
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

#endif
