/* message.c - from a Kafka record's headers to a message's envelope. */
#include "common/work/message.h"

#include <string.h>

bool actor_parse(struct text wire, struct actor *ret_actor, struct err *err)
{
    struct text rest;
    struct actor a;

    a.role = text_cut(wire, '/', &rest);
    a.office = text_cut(rest, '/', &a.person);
    if (a.role.size == 0)
        return err_reject(err, "bad_actor", "ce_actor",
                          "ce_actor 没有角色 / ce_actor has no role");
    *ret_actor = a;
    return true;
}

bool reply_parse(struct text wire, struct reply *ret_reply, struct err *err)
{
    struct reply r;
    struct text rest;

    r.topic = text_cut(wire, '|', &rest);
    r.key = text_cut(rest, '|', &rest);
    r.type = text_cut(rest, '|', &r.subject);
    if (r.topic.size == 0 || r.key.size == 0 || r.type.size == 0)
        return err_reject(err, "bad_reply", "ce_reply",
                          "ce_reply 不完整 / ce_reply is incomplete");
    *ret_reply = r;
    return true;
}

struct text reply_print(struct arena *arena, const struct reply *reply)
{
    if (!reply || reply->topic.size == 0)
        return (struct text){ "", 0 };
    return arena_join(arena,
                      (const struct text[]){
                          reply->topic, TEXT("|"), reply->key, TEXT("|"),
                          reply->type, TEXT("|"), reply->subject },
                      7);
}

/* Where a header goes; the rest of the envelope is carried in the record. */
static const struct {
    struct text name;
    size_t at;
} text_headers[] = {
#define HEADER(name, member) \
    { { name, sizeof(name) - 1 }, offsetof(struct message, member) }
    /* clang-format off */
    HEADER("ce_type",     type),
    HEADER("ce_subject",  subject),
    HEADER("ce_actor",    actor_wire),
    HEADER("ce_scope",    scope),
    HEADER("ce_reply",    reply_wire),
    HEADER("traceparent", trace),
    HEADER("ce_holders",  holders),
    /* clang-format on */
#undef HEADER
};

static bool bad_header(struct err *err, const char *name)
{
    return err_reject(err, "bad_header", name,
                      "消息头 %s 缺失或有误 / header %s is missing or wrong",
                      name, name);
}

static bool take_header(struct message *m, struct text name,
                        struct text value, bool *has_digest, struct err *err)
{
    if (!text_valid(value))
        return err_reject(err, "bad_header", "headers",
                          "消息头不是 UTF-8 / a header is not UTF-8");
    for (size_t i = 0; i < COUNT_OF(text_headers); i++) {
        if (text_equal(name, text_headers[i].name)) {
            memcpy((char *)m + text_headers[i].at, &value, sizeof(value));
            return true;
        }
    }
    if (text_is(name, "ce_id") && !uuid_parse(value, &m->id))
        return bad_header(err, "ce_id");
    if (text_is(name, "ce_digest")) {
        *has_digest = digest_parse(value, &m->digest);
        return *has_digest || bad_header(err, "ce_digest");
    }
    return true;
}

bool message_open(struct message *m, struct err *err)
{
    struct text name, value;
    bool has_digest = false;

    for (size_t i = 0; kafka_header(&m->record, i, &name, &value); i++) {
        if (!take_header(m, name, value, &has_digest, err))
            return false;
    }
    if (uuid_is_nil(&m->id))
        return bad_header(err, "ce_id");
    if (m->type.size == 0)
        return bad_header(err, "ce_type");
    if (!actor_parse(m->actor_wire, &m->actor, err))
        return false;
    if (m->reply_wire.size > 0 && !reply_parse(m->reply_wire, &m->reply, err))
        return false;
    if (!has_digest)
        digest_of(NULL, m->record.value.bytes, m->record.value.size,
                  &m->digest);
    return text_valid(m->record.key) || bad_header(err, "key");
}
