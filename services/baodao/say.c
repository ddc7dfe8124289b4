/* say.c - says commands, and counts what Kafka answers. */
#include "services/baodao/say.h"

#include <sodium.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/slots.h"
#include "common/city/actor.h"
#include "common/city/requester.h"
#include "services/baodao/say_key.h"

#define HEADERS_MAX 32
#define ANSWER_MS 30000

static void delivered(void *context, const struct kafka_out_report *report)
{
    struct saying *s = context;

    s->delivered++;
    if (report->err && s->failed.kind == ERR_NONE)
        s->failed = *report->err;
}

static bool open_out(struct cli *cli, struct saying *s, struct err *err)
{
    const struct kafka_out_settings settings = {
        .brokers = cli->kafka,
        .linger_ms = 5,
        .message_timeout_ms = ANSWER_MS,
        .queue_kbytes = 16384,
        .queue_messages = 100000,
        .delivered = delivered,
        .context = s,
    };

    return cli_need(cli->kafka, "KAFKA", err) &&
           kafka_out_open(&settings, &s->out, err);
}

static struct text messages_folder(struct saying *s)
{
    return arena_print(&s->schemas, "%s/messages", s->cli->schemas);
}

bool saying_open(struct cli *cli, struct saying *s, struct err *err)
{
    s->cli = cli;
    slots_start(&s->types, &s->schemas);
    s->homes = homes_new();
    return key_read(cli->keys, "body", s->body, err) &&
           key_read(cli->keys, "box.pub", s->box, err) &&
           requester_open(messages_folder(s).bytes, err) &&
           open_out(cli, s, err);
}

void saying_cleanup(struct saying *s)
{
    kafka_out_close(s->out, 0);
    for (size_t i = 0; i < s->types.count; i++)
        schema_free(s->types.items[i].thing);
    requester_close();
    homes_free(s->homes);
    arena_release(&s->arena);
    arena_release(&s->schemas);
    sodium_memzero(s->body, sizeof(s->body));
}

/* ---- the body ---- */

static bool schema_of(struct saying *s, const char *type,
                      struct schema **ret_schema, struct err *err)
{
    *ret_schema = slots_find(&s->types, type, strlen(type));
    if (*ret_schema)
        return true;
    if (actor_roles(text_of(type)) == 0)
        return err_reject(err, "unknown_type", "type", "there is no command %s",
                          type);
    if (!schema_load(messages_folder(s).bytes, type, NULL, ret_schema, err))
        return false;
    slots_put(&s->types, type, strlen(type), *ret_schema);
    return true;
}

struct body {
    struct text value;
    char digest[DIGEST_HEX_SIZE]; /* "": none */
};

static bool compose(struct saying *s, const struct said *c,
                    struct body *ret_body, struct err *err)
{
    char *plain = json_dumps(c->data, JSON_COMPACT | JSON_ENCODE_ANY);
    AUTO(buf) struct buf sealed = {0};
    struct schema *schema;
    struct digest digest;
    bool fine;

    if (!plain)
        abort();
    requester_digest(text_of(plain), s->body, &digest);
    digest_print(&digest, ret_body->digest);
    if (strcmp(c->type, "issue.raise") == 0) {
        fine = requester_seal(text_of(plain), s->box, &s->arena, &sealed, err);
        ret_body->value = arena_text(&s->arena, buf_text(&sealed));
    } else {
        fine = true;
        ret_body->value = arena_text(&s->arena, text_of(plain));
    }
    sodium_memzero(plain, strlen(plain));
    free(plain);
    return fine && schema_of(s, c->type, &schema, err) &&
           schema_fill(schema, ret_body->value, true, &s->arena, NULL, err);
}

/* ---- the headers ---- */

struct headers {
    struct kafka_out_header items[HEADERS_MAX];
    size_t count;
};

static struct kafka_out_header *find_header(struct headers *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++)
        if (strcmp(h->items[i].name, name) == 0)
            return &h->items[i];
    return NULL;
}

static void put_header(struct headers *h, const char *name, struct text value)
{
    if (value.size > 0 && h->count < HEADERS_MAX)
        h->items[h->count++] = (struct kafka_out_header){name, value};
}

/* What the line says itself stands over what we make. */
static void put_own(struct headers *h, const json_t *own)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)own, name, value)
    {
        struct kafka_out_header *there = find_header(h, name);

        if (there)
            *there = h->items[--h->count];
        if (json_is_string(value) && h->count < HEADERS_MAX)
            h->items[h->count++] = (struct kafka_out_header){
                name,
                {json_string_value(value), json_string_length(value)},
            };
    }
}

static void put_headers(struct saying *s, const struct said *c,
                        const struct body *body, struct text subject,
                        struct headers *h)
{
    char id[UUID_TEXT_SIZE], now[INSTANT_TEXT_SIZE];

    uuid_print(&c->id, id);
    instant_print(instant_now(), now);
    put_header(h, "ce_specversion", TEXT("1.0"));
    put_header(h, "ce_id", arena_text(&s->arena, text_of(id)));
    put_header(h, "ce_type", text_of(c->type));
    put_header(h, "ce_source",
               arena_print(&s->arena, "/%s/baodao", s->cli->name));
    put_header(h, "ce_subject", subject);
    put_header(h, "ce_time",
               arena_text(&s->arena, text_of(c->time ? c->time : now)));
    put_header(h, "ce_actor", text_of(c->actor));
    put_header(h, "ce_reply", text_of(c->reply));
    put_header(h, "ce_digest", text_of(body->digest));
    put_header(h, "content-type", TEXT("application/json"));
    put_own(h, c->headers);
}

/* ---- on its way ---- */

bool saying_put(struct saying *s, const struct kafka_out_message *message,
                struct err *err)
{
    struct err why = {0};

    while (!kafka_out_send(s->out, message, &why)) {
        if (why.kind != ERR_RETRY || s->failed.kind != ERR_NONE) {
            *err = s->failed.kind != ERR_NONE ? s->failed : why;
            return false;
        }
        kafka_out_poll(s->out, 100);
    }
    s->sent++;
    kafka_out_poll(s->out, 0);
    return true;
}

bool saying_say(struct saying *s, struct said *c, struct err *err)
{
    struct body body = {{c->raw, c->raw_size}, ""};
    struct headers headers = {.count = 0};
    struct kafka_out_message message = {.partition = -1};
    struct place place;

    arena_reset(&s->arena);
    if (uuid_is_nil(&c->id))
        c->id = uuid_new(s->cli->test_clock_us == INSTANT_NONE ? instant_now()
                                                               : c->at_us);
    if ((!c->raw && !compose(s, c, &body, err)) ||
        !say_place(s, c, &place, err))
        return false;
    put_headers(s, c, &body, place.subject, &headers);
    message.topic = place.topic.bytes;
    message.key = place.key;
    message.value = body.value;
    message.headers = headers.items;
    message.header_count = headers.count;
    if (s->cli->test_clock_us != INSTANT_NONE)
        message.at_us = c->at_us;
    return saying_put(s, &message, err);
}

bool saying_finish(struct saying *s, struct err *err)
{
    int64_t until_us = instant_monotonic() + ANSWER_MS * INT64_C(1000);

    while (kafka_out_waiting(s->out) > 0) {
        if (kafka_out_poll(s->out, 200) > 0)
            until_us = instant_monotonic() + ANSWER_MS * INT64_C(1000);
        else if (instant_monotonic() > until_us)
            return err_retry(err, "away", "Kafka does not answer");
    }
    if (s->failed.kind == ERR_NONE)
        return true;
    *err = s->failed;
    return err_in(err, "Kafka did not take all");
}
