/* redis.c - one connection to Redis, made anew after any error. */
#include "common/io/redis.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/instant.h"

#define TRY_EVERY_US SECOND_US

struct redis {
    const char *path; /* borrowed */
    int deadline_ms;
    redisContext *context; /* NULL: not connected */
    int64_t tried_us;      /* the last time we connected; 0: never */
    int64_t until_us;      /* the deadline of what was asked */
    redisReply *reply;     /* of the last call */
    const char **words;    /* of the command that is being put together */
    size_t *sizes;
    size_t count, room;
};

struct redis *redis_new(const char *socket_path, int deadline_ms)
{
    struct redis *r = calloc(1, sizeof(*r));

    if (!r)
        abort();
    r->path = socket_path;
    r->deadline_ms = deadline_ms;
    return r;
}

static void drop_reply(struct redis *r)
{
    if (r->reply)
        freeReplyObject(r->reply);
    r->reply = NULL;
}

/* After an error the context knows no more which answer belongs to what. */
static void disconnect(struct redis *r)
{
    if (r->context)
        redisFree(r->context);
    r->context = NULL;
}

void redis_free(struct redis *r)
{
    if (!r)
        return;
    drop_reply(r);
    disconnect(r);
    free(r->words);
    free(r->sizes);
    free(r);
}

/* ---- connecting ---- */

static bool connect_again(struct redis *r, struct err *err)
{
    struct timeval deadline = { r->deadline_ms / 1000,
                                r->deadline_ms % 1000 * 1000 };
    int64_t now_us = instant_monotonic();

    if (r->tried_us && now_us - r->tried_us < TRY_EVERY_US)
        return err_retry(err, "redis_away", "redis was away a moment ago");
    r->tried_us = now_us;
    r->context = redisConnectUnixWithTimeout(r->path, deadline);
    if (!r->context)
        abort();
    if (r->context->err || redisSetTimeout(r->context, deadline)) {
        err_retry(err, "redis_away", "redis: %s", r->context->errstr);
        disconnect(r);
        return false;
    }
    return true;
}

/* ---- one command ---- */

static void add_word(struct redis *r, struct text word)
{
    if (r->count == r->room) {
        r->room = r->room > 0 ? 2 * r->room : 16;
        r->words = reallocarray(r->words, r->room, sizeof(*r->words));
        r->sizes = reallocarray(r->sizes, r->room, sizeof(*r->sizes));
        if (!r->words || !r->sizes)
            abort();
    }
    r->words[r->count] = word.bytes ? word.bytes : "";
    r->sizes[r->count] = word.size;
    r->count++;
}

static bool lost(struct redis *r, const char *why, struct err *err)
{
    err_retry(err, "redis_away", "redis: %s", why);
    disconnect(r);
    return false;
}

static bool write_all(struct redis *r, struct err *err)
{
    int done = 0;

    if (redisAppendCommandArgv(r->context, (int)r->count, r->words,
                               r->sizes) != REDIS_OK)
        return lost(r, r->context->errstr, err);
    while (!done)
        if (redisBufferWrite(r->context, &done) != REDIS_OK)
            return lost(r, r->context->errstr, err);
    return true;
}

/* hiredis counts the timeout anew with each read; the deadline is for all.
 * Without waiting r->reply may stay NULL. */
static bool read_reply(struct redis *r, bool wait, struct err *err)
{
    void *reply = NULL;

    for (;;) {
        struct pollfd fd = { .fd = r->context->fd, .events = POLLIN };
        int64_t left_us = r->until_us - instant_monotonic();
        int wait_ms = wait && left_us > 0 ? (int)(left_us / 1000) + 1 : 0;

        if (redisGetReplyFromReader(r->context, &reply) != REDIS_OK)
            return lost(r, r->context->errstr, err);
        if (reply)
            break;
        if (poll(&fd, 1, wait_ms) == 0) {
            if (left_us <= 0 || wait)
                return lost(r, "no answer in time", err);
            return true;
        }
        if (redisBufferRead(r->context) != REDIS_OK)
            return lost(r, r->context->errstr, err);
    }
    r->reply = reply;
    return true;
}

/* Errors that pass by themselves; the others are mistakes of ours. */
static bool passes(const char *said)
{
    static const char *const words[] = { "LOADING",  "BUSY",      "OOM",
                                         "MISCONF",  "READONLY",  "MASTERDOWN",
                                         "TRYAGAIN", "NOREPLICAS" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strncmp(said, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static bool check_reply(const redisReply *reply, struct err *err)
{
    if (reply->type != REDIS_REPLY_ERROR)
        return true;
    if (strncmp(reply->str, "NOSCRIPT", 8) == 0)
        return err_retry(err, "redis_noscript", "redis: %s", reply->str);
    if (passes(reply->str))
        return err_retry(err, "redis_error", "redis: %s", reply->str);
    return err_fatal(err, "redis_error", "redis: %s", reply->str);
}

/* Sends the words that were put together. */
static bool ask(struct redis *r, struct err *err)
{
    drop_reply(r);
    if (!r->context && !connect_again(r, err))
        return false;
    r->until_us = instant_monotonic() + r->deadline_ms * INT64_C(1000);
    return write_all(r, err);
}

bool redis_answer(struct redis *r, bool wait, bool *ret_ready,
                  struct redis_reply *ret_reply, struct err *err)
{
    if (!r->context)
        return err_retry(err, "redis_away", "redis: nothing was asked");
    if (!read_reply(r, wait, err))
        return false;
    *ret_ready = r->reply != NULL;
    ret_reply->reply = r->reply;
    return !r->reply || check_reply(r->reply, err);
}

static bool call(struct redis *r, struct redis_reply *ret_reply,
                 struct err *err)
{
    bool ready;

    return ask(r, err) && redis_answer(r, true, &ready, ret_reply, err);
}

bool redis_call(struct redis *r, const struct text *arguments, size_t count,
                struct redis_reply *ret_reply, struct err *err)
{
    r->count = 0;
    for (size_t i = 0; i < count; i++)
        add_word(r, arguments[i]);
    return call(r, ret_reply, err);
}

/* ---- scripts ---- */

static bool load(struct redis *r, struct redis_script *script, struct err *err)
{
    const struct text words[] = { TEXT("SCRIPT"), TEXT("LOAD"),
                                  text_of(script->source) };
    struct redis_reply reply;

    if (!redis_call(r, words, COUNT_OF(words), &reply, err))
        return false;
    if (!text_copy(redis_text(&reply), script->sha1, sizeof(script->sha1)))
        return err_fatal(err, "redis_error", "redis: no digest of a script");
    return true;
}

static void put_eval(struct redis *r, const struct redis_script *script,
                     const char *number, const struct text *keys,
                     size_t key_count, const struct text *arguments,
                     size_t argument_count)
{
    r->count = 0;
    add_word(r, TEXT("EVALSHA"));
    add_word(r, text_of(script->sha1));
    add_word(r, text_of(number));
    for (size_t i = 0; i < key_count; i++)
        add_word(r, keys[i]);
    for (size_t i = 0; i < argument_count; i++)
        add_word(r, arguments[i]);
}

bool redis_eval_ask(struct redis *r, struct redis_script *script,
                    const struct text *keys, size_t key_count,
                    const struct text *arguments, size_t argument_count,
                    struct err *err)
{
    char number[24];

    if (!script->sha1[0] && !load(r, script, err))
        return false;
    snprintf(number, sizeof(number), "%zu", key_count);
    put_eval(r, script, number, keys, key_count, arguments, argument_count);
    return ask(r, err);
}

bool redis_eval(struct redis *r, struct redis_script *script,
                const struct text *keys, size_t key_count,
                const struct text *arguments, size_t argument_count,
                struct redis_reply *ret_reply, struct err *err)
{
    for (bool again = false;; again = true) {
        struct err why = { 0 };
        bool ready;

        if (!redis_eval_ask(r, script, keys, key_count, arguments,
                            argument_count, err))
            return false;
        if (redis_answer(r, true, &ready, ret_reply, &why))
            return true;
        if (again || strcmp(why.code, "redis_noscript") != 0) {
            *err = why;
            return false;
        }
        script->sha1[0] = '\0'; /* a Redis that was restarted knows none */
    }
}

/* ---- replies ---- */

size_t redis_count(const struct redis_reply *reply)
{
    const redisReply *r = reply->reply;

    return r && r->type == REDIS_REPLY_ARRAY ? r->elements : 0;
}

struct redis_reply redis_item(const struct redis_reply *reply, size_t i)
{
    const redisReply *r = reply->reply;

    if (i >= redis_count(reply))
        return (struct redis_reply){ 0 };
    return (struct redis_reply){ r->element[i] };
}

bool redis_is_nil(const struct redis_reply *reply)
{
    const redisReply *r = reply->reply;

    return !r || r->type == REDIS_REPLY_NIL;
}

int64_t redis_int(const struct redis_reply *reply)
{
    const redisReply *r = reply->reply;
    int64_t value;

    if (r && r->type == REDIS_REPLY_INTEGER)
        return r->integer;
    return text_int(redis_text(reply), &value) ? value : 0;
}

struct text redis_text(const struct redis_reply *reply)
{
    const redisReply *r = reply->reply;

    if (!r || (r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS))
        return (struct text){ 0 };
    return (struct text){ r->str, (size_t)r->len };
}
