/* nth_lines.c - see the header; kafka_in.h's records are ours, by --wrap. */
#include "tests/store/nth_lines.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/seal.h"

#define LINES_MAX 64

static const struct {
    const char *member, *header;
} headers[] = {
    { "id", "ce_id" },
    { "type", "ce_type" },
    { "actor", "ce_actor" },
    { "subject", "ce_subject" },
    { "holders", "ce_holders" },
    { "reply", "ce_reply" },
};

struct line {
    json_t *json; /* kept until the end */
    struct text value;
    int64_t at_us;
};

static struct line lines[LINES_MAX];
static size_t count, before;

static void must(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "line %zu: %s\n", count + 1, what);
    exit(EXIT_FAILURE);
}

static struct text member(const struct line *l, const char *name)
{
    return text_of(json_string_value(json_object_get(l->json, name)));
}

static void seal(json_t *data, const char *keys)
{
    static const char plain[] =
        "{\"name\":\"李秀英\",\"phone\":\"13800000017\","
        "\"key\":\"YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI\"}";
    AUTO(buf) struct buf box = { 0 };
    uint8_t key[KEY_SIZE];

    must(key_read(keys, "box.pub", key, NULL), "no key box.pub");
    seal_box(key, text_of(plain), &box);
    json_object_set_new(data, "sealed", json_string(buf_string(&box)));
}

static void read_line(const char *words, const char *keys)
{
    struct line *l = &lines[count];
    json_t *data;

    must(count < LINES_MAX, "too many");
    l->json = json_loads(words, 0, NULL);
    data = json_object_get(l->json, "data");
    must(l->json && data, "no JSON with data");
    must(instant_parse(member(l, "at"), &l->at_us), "no instant at");
    if (json_object_get(data, "sealed"))
        seal(data, keys);
    l->value = text_of(json_dumps(data, JSON_COMPACT));
    before += json_is_true(json_object_get(l->json, "before"));
    count++;
}

void nth_lines_read(const char *path, const char *keys)
{
    FILE *file = fopen(path, "r");
    char *words = NULL;
    size_t room = 0;

    must(file != NULL, path);
    while (getline(&words, &room, file) > 0)
        read_line(words, keys);
    free(words);
    fclose(file);
}

size_t nth_lines_count(void)
{
    return count;
}

size_t nth_lines_before(void)
{
    return before;
}

struct kafka_record nth_line(size_t i)
{
    const struct line *l = &lines[i];

    return (struct kafka_record){
        .handle = &lines[i],
        .topic = "nth",
        .offset = (int64_t)i,
        .at_us = l->at_us,
        .append_time = true,
        .key = member(l, "key"),
        .value = l->value,
    };
}

/* ---- kafka_in.h ---- */

bool __wrap_kafka_header(const struct kafka_record *record, size_t i,
                         struct text *ret_name, struct text *ret_value);
void __wrap_kafka_record_free(struct kafka_record *record);

bool __wrap_kafka_header(const struct kafka_record *record, size_t i,
                         struct text *ret_name, struct text *ret_value)
{
    if (i >= COUNT_OF(headers))
        return false;
    *ret_name = text_of(headers[i].header);
    *ret_value = member(record->handle, headers[i].member);
    return true;
}

void __wrap_kafka_record_free(struct kafka_record *record)
{
    *record = (struct kafka_record){ 0 };
}
