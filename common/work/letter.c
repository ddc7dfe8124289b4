/* letter.c - the bytes that fence.c has put down. */
#include "common/work/letter.h"

#include <endian.h>
#include <string.h>

bool letter_unpack(struct text bytes, struct letter *l)
{
    while (bytes.size > 0) {
        size_t name = strnlen(bytes.bytes, bytes.size);
        uint32_t size;

        if (name + 1 + sizeof(size) > bytes.size ||
            l->header_count == LETTER_HEADERS_MAX)
            return false;
        memcpy(&size, bytes.bytes + name + 1, sizeof(size));
        size = be32toh(size);
        if (size > bytes.size - name - 1 - sizeof(size))
            return false;
        l->headers[l->header_count++] = (struct kafka_out_header){
            bytes.bytes, {bytes.bytes + name + 1 + sizeof(size), size}};
        bytes.bytes += name + 1 + sizeof(size) + size;
        bytes.size -= name + 1 + sizeof(size) + size;
    }
    return true;
}

bool letter_take(const struct pg_rows *rows, struct arena *arena,
                 struct letter *l, struct err *err)
{
    struct text columns[6];

    for (int i = 0; i < 6; i++)
        columns[i] = arena_text(arena, pg_text(rows, 0, i));
    l->code = columns[0].bytes;
    l->field = columns[1].bytes;
    l->sentence = columns[2].bytes;
    l->key = columns[3];
    l->value = columns[4];
    return letter_unpack(columns[5], l) ||
           err_fatal(err, "bad_headers", "its headers are cut off");
}

struct text letter_find(const struct letter *l, const char *name)
{
    for (size_t i = 0; i < l->header_count; i++)
        if (strcmp(l->headers[i].name, name) == 0)
            return l->headers[i].value;
    return TEXT("");
}

void letter_header(struct letter *l, struct arena *arena, const char *name,
                   struct text value)
{
    size_t i = 0;

    if (value.size == 0)
        return;
    value = arena_text(arena, value);
    while (i < l->header_count && strcmp(l->headers[i].name, name) != 0)
        i++;
    if (i == LETTER_HEADERS_MAX)
        return;
    l->headers[i] = (struct kafka_out_header){name, value};
    if (i == l->header_count)
        l->header_count++;
}

void letter_edit(struct letter *l, struct arena *arena, struct text value,
                 const struct uuid *id, const struct digest *digest)
{
    char text[UUID_TEXT_SIZE], hex[DIGEST_HEX_SIZE];

    uuid_print(id, text);
    digest_print(digest, hex);
    l->value = value;
    letter_header(l, arena, "ce_cause", letter_find(l, "ce_id"));
    letter_header(l, arena, "ce_id", text_of(text));
    letter_header(l, arena, "ce_digest", text_of(hex));
}

struct kafka_out_message letter_message(const struct letter *l,
                                        const char *topic, int64_t at_us)
{
    return (struct kafka_out_message){
        .topic = topic,
        .partition = text_starts(l->key, "#") ? l->partition : -1,
        .key = l->key,
        .value = l->value,
        .headers = l->headers,
        .header_count = l->header_count,
        .at_us = at_us,
    };
}
