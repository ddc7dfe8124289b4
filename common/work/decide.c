/*
 * decide.c - what a rule may say, and what becomes of it: records in the
 * batch, linked into their partition's chain.
 *
 * Pure: no clock, no I/O, no chance. A refusal takes back what was said and
 * says instead that, and why.
 */
#include <string.h>

#include "common/base/instant.h"
#include "common/work/batch.h"

static struct record *new_record(struct batch *b)
{
    struct record *bigger;

    if (b->record_count == b->record_room) {
        b->record_room = b->record_room ? 2 * b->record_room : 3 * b->count;
        bigger = arena_array(&b->arena, b->record_room, sizeof(*bigger));
        if (b->record_count > 0)
            memcpy(bigger, b->records, b->record_count * sizeof(*bigger));
        b->records = bigger;
    }
    memset(&b->records[b->record_count], 0, sizeof(*b->records));
    return &b->records[b->record_count++];
}

/* The record whose data is being written gets it. */
static void finish_writing(struct batch *b)
{
    struct record *r;

    if (!b->is_writing)
        return;
    json_end(&b->writer);
    r = &b->records[b->record_count - 1];
    r->data = arena_text(&b->arena, buf_text(&b->writing));
    b->is_writing = false;
}

/* The id of the next record of this message; the first is known already. */
static struct uuid next_id(const struct batch *b, const struct message *m)
{
    size_t n = b->record_count - m->first_record;

    return n == 0 && !uuid_is_nil(&m->row0)
               ? m->row0
               : uuid_derive(b->service->topic, &m->id, (uint32_t)n);
}

static struct record *begin_record(struct decision *d)
{
    struct batch *b = d->batch;
    const struct message *m = d->message;
    struct uuid id;
    struct record *r;

    finish_writing(b);
    id = next_id(b, m);
    r = new_record(b);
    r->id = id;
    r->service = b->service->name;
    r->source_topic = b->service->topic;
    r->partition = m->partition->number;
    r->cause = m->id;
    r->cause_digest = m->digest;
    r->at_us = m->at_us;
    r->trace = m->trace;
    return r;
}

static struct json *begin_writing(struct batch *b)
{
    buf_reset(&b->writing);
    json_begin(&b->writer, &b->writing);
    b->is_writing = true;
    return &b->writer;
}

struct uuid decision_next_id(const struct decision *d)
{
    return next_id(d->batch, d->message);
}

struct json *decision_event(struct decision *d, const char *type,
                            struct text subject, int64_t version,
                            struct text scope)
{
    struct record *r = begin_record(d);

    r->topic = text_of(d->batch->service->events);
    r->key = d->message->record.key;
    r->type = text_of(type);
    r->subject = subject;
    r->version = version;
    r->actor = d->message->actor_wire;
    r->scope = scope;
    return begin_writing(d->batch);
}

struct json *decision_command(struct decision *d, const char *topic,
                              struct text key, const char *type,
                              struct text subject, const struct reply *reply)
{
    struct record *r = begin_record(d);

    r->topic = text_of(topic);
    r->key = key;
    r->type = text_of(type);
    r->subject = subject;
    r->actor = arena_join(d->arena,
                          (const struct text[]){
                              TEXT("worker/"),
                              text_of(d->batch->service->name), TEXT("/") },
                          3);
    r->reply = reply_print(d->arena, reply);
    return begin_writing(d->batch);
}

int64_t decision_number(struct decision *d)
{
    struct mark *now = &d->message->partition->now;
    int32_t day = date_of(d->at_us);

    if (now->number_day != day) {
        now->number_day = day;
        now->number_last = 0;
    }
    return ++now->number_last;
}

int32_t decision_partition(const struct decision *d)
{
    return d->message->partition->number;
}

struct text decision_uuid_text(struct decision *d, const struct uuid *id)
{
    char text[UUID_TEXT_SIZE];

    uuid_print(id, text);
    return arena_text(d->arena, text_of(text));
}

/* ---- refusals ---- */

static void write_refusal(struct json *j, const struct message *m,
                          const struct err *why)
{
    json_text(j, "command", m->type);
    json_string(j, "code", why->code);
    json_string_if(j, "field", why->field);
    json_string(j, "sentence", why->sentence);
}

static void say_refusal(struct decision *d, const struct err *why)
{
    const struct message *m = d->message;
    struct batch *b = d->batch;
    const char *topic, *type;
    struct json *j;

    if (m->reply.topic.size > 0) {
        topic = arena_text(d->arena, m->reply.topic).bytes;
        type = arena_text(d->arena, m->reply.type).bytes;
        j = decision_command(d, topic, m->reply.key, type, m->reply.subject,
                             NULL);
        json_text(j, "subject", m->reply.subject);
    } else {
        type = arena_print(d->arena, "%s.refused", b->service->thing).bytes;
        j = decision_event(d, type, m->subject, 0,
                           m->scope.size > 0 ? m->scope : m->actor.office);
    }
    write_refusal(j, m, why);
}

/* ---- a batch ---- */

static void link_records(struct batch *b, struct message *m)
{
    struct mark *now = &m->partition->now;

    for (size_t i = m->first_record; i < b->record_count; i++) {
        struct record *r = &b->records[i];

        r->seq = ++now->seq;
        digest_of(b->keys->body, r->data.bytes, r->data.size, &r->digest);
        record_link(r, b->keys->chain, &now->hash);
        now->hash = r->hash;
    }
    m->record_count = b->record_count - m->first_record;
}

/* Who may not say it, or says it far too late, is refused before the rule. */
static bool judge(struct decision *d, struct err *err)
{
    const struct message *m = d->message;
    const struct service *service = d->batch->service;

    if (m->err) {
        *err = *m->err;
        return false;
    }
    if (service->allow && !service->allow(m, err))
        return false;
    return m->route->decide(d, m->in, err);
}

static bool decide_one(struct batch *b, struct message *m, struct err *err)
{
    const struct service *service = b->service;
    struct err why = { 0 };
    struct decision d = {
        .batch = b,
        .message = m,
        .at_us = m->at_us,
        .reference = service->reference ? service->reference->at(m->at_us)
                                        : NULL,
        .state = b->state,
        .arena = &b->arena,
    };

    m->first_record = b->record_count;
    if (!judge(&d, &why)) {
        if (why.kind != ERR_REJECT) {
            *err = why;
            return err_in(err, "%.*s", TEXT_PRINT(m->type));
        }
        b->is_writing = false;
        b->record_count = m->first_record;
        m->err = arena_copy(&b->arena, &why, sizeof(why));
        m->partition->now.refused++;
        say_refusal(&d, &why);
    }
    finish_writing(b);
    if (b->record_count == m->first_record)
        begin_record(&d);
    link_records(b, m);
    m->verdict = VERDICT_DONE;
    return true;
}

/*
 * The same command again, in the log or earlier in the batch: nothing happens
 * twice. With another body under the same id it is nobody's command.
 */
static void judge_repeat(struct batch *b, struct message *m)
{
    const struct message *first = batch_first(b, &m->row0);
    const struct digest *said;
    struct err why;

    if (!first || (first == m && !m->known))
        return;
    if (!first->known && first->verdict != VERDICT_DONE)
        return; /* the first one never took effect */
    said = first->known ? &first->known_digest : &first->digest;
    m->verdict = VERDICT_SEEN;
    if (digest_equal(said, &m->digest))
        return;
    m->verdict = VERDICT_DEAD;
    err_reject(&why, "id_reused", "ce_id",
               "同一编号,内容不同 / same id, another body");
    m->err = arena_copy(&b->arena, &why, sizeof(why));
}

bool batch_decide(struct batch *b, size_t most, struct err *err)
{
    for (; most > 0 && b->decided_count < b->count; most--) {
        struct message *m = &b->messages[b->decided_count];
        struct mark *now = &m->partition->now;

        if (m->verdict == VERDICT_DECIDE)
            judge_repeat(b, m);
        if (m->verdict == VERDICT_DECIDE && !decide_one(b, m, err))
            return false;
        now->seen += m->verdict == VERDICT_SEEN;
        now->dead += m->verdict == VERDICT_DEAD;
        now->messages++;
        now->next_offset = m->record.offset + 1;
        now->at_us = m->at_us;
        b->decided_count++;
    }
    return true;
}
