/*
 * letters.c - a dead letter with its bytes.
 *
 * A replay is settled once Kafka has the message. When that fails the letter
 * stays and may be replayed anew: its id is the same, so it counts once.
 */
#include "services/gateway/letters.h"

#include <sodium.h>

#include "common/base/log.h"
#include "common/city/requester.h"
#include "common/io/json.h"
#include "common/work/letter.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operate.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/view.h"

/* Of one that is larger PostgreSQL gives but the size: Kafka would not take it
 * again, and a gateway has not the memory. */
#define LETTER_BYTES "1000000"

enum { FIND };
const struct pg_stmt letters_stmts[] = {
    [FIND] = { "letters_find",
               "SELECT l.code, l.field, l.sentence, b.key, b.value, b.headers,"
               " l.at, s.size FROM operate.http_letter($1, $2::text::int,"
               " $3::text::bigint) l CROSS JOIN LATERAL (SELECT"
               " octet_length(key)::bigint + octet_length(value)"
               " + octet_length(headers) AS size) s LEFT JOIN LATERAL"
               " (SELECT l.key, l.value, l.headers"
               " WHERE s.size <= " LETTER_BYTES ") b ON true" },
    { 0 },
};

struct found {
    struct letter letter; /* first: r->page is it, too; in the request's arena */
    int64_t at_us;
    int64_t size;   /* of its key, value and headers */
    bool too_large; /* which are not here then */
};

static bool take_letter(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct request *r = context;
    struct found *f;

    r->page = NULL;
    if (rows->count == 0)
        return true;
    f = arena_give(&r->arena, sizeof(*f));
    *f = (struct found){ .at_us = pg_instant(rows, 0, 6),
                         .size = pg_int(rows, 0, 7),
                         .too_large = pg_null(rows, 0, 3) };
    r->page = f;
    return f->too_large || letter_take(rows, &r->arena, &f->letter, err);
}

void letters_find(struct request *r, struct text topic, struct text partition,
                  struct text offset,
                  void (*done)(void *context, const struct err *err))
{
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &letters_stmts[FIND],
                                .take = take_letter,
                                .done = done,
                                .context = r };
    pg_param_text(&r->ask.params, topic);
    pg_param_text(&r->ask.params, partition);
    pg_param_text(&r->ask.params, offset);
    pool_ask(r->gateway->pool, &r->ask);
}

/* The one that the path names. */
static void find(struct request *r,
                 void (*done)(void *context, const struct err *err))
{
    letters_find(r, r->values[0].text, r->values[1].text, r->values[2].text,
                 done);
}

bool letters_hold(const struct request *r)
{
    const struct found *f = r->page;

    return f && !f->too_large;
}

static void too_large(struct request *r)
{
    const struct found *f = r->page;
    const char *sentence =
        arena_print(&r->arena,
                    "这封死信有 %lld 字节,这里装不下,也发不回去:在终端用 baodao "
                    "dead show 加 --raw 看 / it has %lld bytes, too many to be "
                    "held here or said again: `baodao dead show … --raw` "
                    "prints it",
                    (long long)f->size, (long long)f->size)
            .bytes;

    problem_answer(r, 422, "too_large", NULL, sentence);
}

/* True: there is one. Else it is answered. */
static bool is_found(struct request *r, const struct err *err)
{
    buf_reset(&r->answer);
    if (err)
        problem_from(r, err);
    else if (!r->page)
        view_done(r, NULL);
    else if (!letters_hold(r))
        too_large(r);
    else
        return true;
    return false;
}

/* ---- shown ---- */

/* Bytes that are no text become {"base64": …}. */
static void write_bytes(struct request *r, struct json *j, const char *name,
                        struct text bytes)
{
    size_t size =
        sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_ORIGINAL);
    char *text;

    if (text_valid(bytes)) {
        json_text(j, name, bytes);
        return;
    }
    text = arena_give(&r->arena, size);
    sodium_bin2base64(text, size, (const unsigned char *)bytes.bytes,
                      bytes.size, sodium_base64_VARIANT_ORIGINAL);
    json_object(j, name);
    json_string(j, "base64", text);
    json_close(j);
}

static void show(void *context, const struct err *err)
{
    struct request *r = context;
    const struct found *f = r->page;
    const struct letter *l;
    struct json j;

    if (!is_found(r, err))
        return;
    l = &f->letter;
    json_begin(&j, &r->answer);
    json_text(&j, "topic", r->values[0].text);
    json_raw(&j, "partition", r->values[1].text);
    json_raw(&j, "offset", r->values[2].text);
    json_instant(&j, "at", f->at_us);
    json_string(&j, "code", l->code);
    json_string(&j, "field", l->field);
    json_string(&j, "sentence", l->sentence);
    write_bytes(r, &j, "key", l->key);
    json_array(&j, "headers");
    for (size_t i = 0; i < l->header_count; i++) {
        json_object(&j, NULL);
        write_bytes(r, &j, "name", text_of(l->headers[i].name));
        write_bytes(r, &j, "value", l->headers[i].value);
        json_close(&j);
    }
    json_close(&j);
    write_bytes(r, &j, "value", l->value);
    json_end(&j);
    request_answer(r, 200, "application/json");
}

void letters_start(struct request *r)
{
    find(r, show);
}

/* ---- said again ---- */

static void sent(struct request *r, const struct err *err)
{
    if (!err) {
        operate_settle(r);
        return;
    }
    log_error(LOG_WARN, "not_delivered", err, LOG_END);
    problem_from(r, err);
}

void letters_say(struct request *r, struct text topic, const struct letter *l,
                 void (*sent_)(struct request *r, const struct err *err))
{
    struct gateway *g = r->gateway;
    struct kafka_out_message message;
    struct err why = { 0 };

    message = letter_message(
        l, arena_print(&r->arena, "%s.%.*s", g->name, TEXT_PRINT(topic)).bytes,
        g->cell.test_clock_us == INSTANT_NONE ? 0 : gateway_now(g));
    message.cookie = (uintptr_t)r;
    r->sent = sent_;
    if (kafka_out_send(g->out, &message, &why))
        admit_sent(r);
    else
        problem_from(r, &why);
}

/* Where its outcome can be asked for: its id is another one. */
static bool edit(struct request *r, struct letter *l, struct err *err)
{
    AUTO(buf) struct buf sealed = { 0 };
    const struct said *s = r->deed;
    struct uuid id = uuid_new(gateway_now(r->gateway));
    char text[UUID_TEXT_SIZE];
    struct digest digest;

    if (!requester_seal_again(s->value, r->gateway->keys.box, &r->arena,
                              &sealed, err))
        return false;
    uuid_print(&id, text);
    requester_digest(s->value, r->gateway->keys.body, &digest);
    letter_edit(l, &r->arena, arena_text(&r->arena, buf_text(&sealed)), &id,
                &digest);
    request_add_header(r, "Location", "/v1/commands/%s", text);
    return true;
}

static void say(void *context, const struct err *err)
{
    struct request *r = context;
    struct found *f = r->page;
    const struct said *s = r->deed;
    struct err why = { 0 };

    if (!is_found(r, err))
        return;
    if (s->value.size > 0 && !edit(r, &f->letter, &why)) {
        problem_from(r, &why);
        return;
    }
    letters_say(r, r->values[0].text, &f->letter, sent);
}

bool letters_can_say(struct request *r)
{
    struct err err = { 0 };

    if (kafka_out_connected(r->gateway->out))
        return true;
    err_retry(&err, "away", "Kafka is away");
    problem_from(r, &err);
    return false;
}

void letters_replay(struct request *r)
{
    if (operate_hear(r) && letters_can_say(r))
        find(r, say);
}
