/*
 * feed.c - puts a backlog of commands into Kafka, as fast as it takes them.
 *
 *     feed TOPIC TYPE ACTOR KEYS COUNT REPLY <data.json
 *
 * KEYS are used in turn, with commas between; "@" is each command's own id.
 * REPLY is ce_reply, "" none. In it and in the data, @id and @key stand for the command's id and key. Settings:
 * CELL, KAFKA, KEYS as for every program of ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/instant.h"
#include "common/base/setting.h"
#include "common/io/kafka_out.h"

#define KEYS_MAX 64
#define PATIENCE_US (60 * SECOND_US)

struct feed_settings {
    const char *cell, *brokers, *keys;
};

struct feed {
    struct feed_settings set;
    struct kafka_out *out;
    uint8_t body_key[KEY_SIZE];
    char topic[96];
    const char *type, *actor;
    struct text keys[KEYS_MAX], form, reply;
    size_t key_count;
    int64_t sent, done, failed;
};

/* clang-format off */
static const struct setting settings[] = {
    { "CELL", SETTING_TEXT, AT(struct feed_settings, cell), NULL,
      "the cell's name" },
    { "KAFKA", SETTING_TEXT, AT(struct feed_settings, brokers), NULL,
      "brokers" },
    { "KEYS", SETTING_TEXT, AT(struct feed_settings, keys), NULL,
      "folder of the cell's keys" },
    { 0 },
};
/* clang-format on */

static void delivered(void *context, const struct kafka_out_report *report)
{
    struct feed *f = context;

    f->done++;
    f->failed += report->err != NULL;
}

/* The form with its @words replaced. */
static void fill(struct text rest, struct text id, struct text key,
                 struct buf *into)
{
    const char *at;

    buf_reset(into);
    while ((at = memchr(rest.bytes, '@', rest.size))) {
        size_t before = (size_t)(at - rest.bytes), behind = rest.size - before;
        bool is_id = behind >= 3 && memcmp(at, "@id", 3) == 0;
        bool is_key = behind >= 4 && memcmp(at, "@key", 4) == 0;
        size_t word = is_id ? 3 : is_key ? 4 : 1;

        buf_put(into, rest.bytes, before);
        buf_put_text(into, is_id    ? id
                           : is_key ? key
                                    : (struct text){ at, 1 });
        rest = (struct text){ at + word, behind - word };
    }
    buf_put_text(into, rest);
}

static bool send_one(struct feed *f, const struct kafka_out_message *message,
                     struct err *err)
{
    while (!kafka_out_send(f->out, message, err)) {
        if (err->kind != ERR_RETRY)
            return false;
        kafka_out_poll(f->out, 20);
    }
    f->sent++;
    kafka_out_poll(f->out, 0);
    return true;
}

static bool say(struct feed *f, int64_t n, struct buf *data, struct buf *reply,
                struct err *err)
{
    char id_text[UUID_TEXT_SIZE], time[INSTANT_TEXT_SIZE];
    char digest_text[DIGEST_HEX_SIZE];
    int64_t now_us = instant_now();
    struct uuid id = uuid_new(now_us);
    struct text key = f->keys[(size_t)n % f->key_count];
    struct digest digest;

    uuid_print(&id, id_text);
    instant_print(now_us, time);
    if (text_is(key, "@"))
        key = text_of(id_text);
    fill(f->form, text_of(id_text), key, data);
    fill(f->reply, text_of(id_text), key, reply);
    digest_of(f->body_key, data->bytes, data->size, &digest);
    digest_print(&digest, digest_text);
    return send_one(f, &(struct kafka_out_message){
        .topic = f->topic,
        .partition = -1,
        .key = key,
        .value = buf_text(data),
        .headers = (const struct kafka_out_header[]){
            { "ce_specversion", text_of("1.0") },
            { "ce_id", text_of(id_text) },
            { "ce_type", text_of(f->type) },
            { "ce_source", text_of("/bench") },
            { "ce_time", text_of(time) },
            { "ce_actor", text_of(f->actor) },
            { "ce_digest", text_of(digest_text) },
            { "content-type", text_of("application/json") },
            { "ce_reply", buf_text(reply) },
        },
        .header_count = reply->size > 0 ? 9 : 8,
    }, err);
}

static bool feed(struct feed *f, int64_t count, struct err *err)
{
    AUTO(buf) struct buf data = { 0 };
    AUTO(buf) struct buf reply = { 0 };
    int64_t until_us;

    for (int64_t n = 0; n < count; n++) {
        if (!say(f, n, &data, &reply, err))
            return false;
    }
    until_us = instant_monotonic() + PATIENCE_US;
    while (f->done < f->sent && instant_monotonic() < until_us)
        kafka_out_poll(f->out, 100);
    if (f->done < f->sent || f->failed > 0)
        return err_fatal(err, "undelivered", "%lld of %lld got through",
                         (long long)(f->done - f->failed), (long long)count);
    return true;
}

static void read_form(struct buf *into)
{
    size_t got;

    while ((got = fread(buf_reserve(into, 4096), 1, 4096, stdin)) > 0)
        into->size += got;
}

static void split_keys(struct feed *f, struct text list)
{
    while (list.size > 0 && f->key_count < KEYS_MAX)
        f->keys[f->key_count++] = text_cut(list, ',', &list);
}

static bool open_feed(struct feed *f, struct err *err)
{
    const struct kafka_out_settings out = {
        .linger_ms = 5,
        .message_timeout_ms = 60000,
        .queue_kbytes = 65536,
        .queue_messages = 1000000,
        .delivered = delivered,
        .context = f,
    };
    struct kafka_out_settings with = out;

    if (!settings_read(settings, &f->set, err) ||
        !key_read(f->set.keys, "body", f->body_key, err))
        return false;
    with.brokers = f->set.brokers;
    return kafka_out_open(&with, &f->out, err);
}

int main(int argc, char **argv)
{
    AUTO(buf) struct buf form = { 0 };
    struct feed f = { 0 };
    struct err err = { 0 };

    if (argc != 7) {
        fprintf(stderr,
                "usage: feed TOPIC TYPE ACTOR KEYS COUNT REPLY <data\n");
        return 2;
    }
    read_form(&form);
    f.form = buf_text(&form);
    f.type = argv[2];
    f.actor = argv[3];
    f.reply = text_of(argv[6]);
    split_keys(&f, text_of(argv[4]));
    if (!open_feed(&f, &err)) {
        fprintf(stderr, "feed: %s\n", err.sentence);
        return 1;
    }
    snprintf(f.topic, sizeof(f.topic), "%s.%s", f.set.cell, argv[1]);
    if (!feed(&f, strtoll(argv[5], NULL, 10), &err)) {
        fprintf(stderr, "feed: %s\n", err.sentence);
        return 1;
    }
    kafka_out_close(f.out, 1000);
    return 0;
}
