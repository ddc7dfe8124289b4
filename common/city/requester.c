/* requester.c - seals who asks, and digests what they said. */
#include "common/city/requester.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "common/base/seal.h"
#include "common/io/json.h"
#include "common/io/schema.h"

#define BASE64 sodium_base64_VARIANT_ORIGINAL_NO_PADDING

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- sealing ---- */

/* Where requester stands in the body, and that nothing of ours does. */
struct marked {
    struct text requester, sealed, name_masked, phone_masked;
};
static const struct field marked_fields[] = {
    F_RAW(struct marked, requester),
    F_RAW(struct marked, sealed),
    F_RAW(struct marked, name_masked),
    F_RAW(struct marked, phone_masked),
    {0},
};
static const char marked_json[] =
    "{\"type\":\"object\",\"properties\":{\"requester\":{},\"sealed\":{},"
    "\"name_masked\":{},\"phone_masked\":{}}}";

struct requester {
    struct text name, phone;
};
static const struct field requester_fields[] = {
    F_TEXT(struct requester, name),
    F_TEXT(struct requester, phone),
    {0},
};
static const char requester_json[] =
    "{\"type\":\"object\",\"required\":[\"name\",\"phone\"],\"properties\":{"
    "\"name\":{\"$ref\":\"common.json#/$defs/name\"},"
    "\"phone\":{\"type\":\"string\",\"minLength\":5,\"maxLength\":20}}}";

static struct schema *marked_schema, *requester_schema;

bool requester_open(const char *folder, struct err *err)
{
    return schema_compile(text_of(marked_json), NULL, marked_fields,
                          &marked_schema, err) &&
           schema_compile(text_of(requester_json), folder, requester_fields,
                          &requester_schema, err);
}

void requester_close(void)
{
    schema_free(marked_schema);
    schema_free(requester_schema);
    marked_schema = requester_schema = NULL;
}

/* The field at fault as the client knows it. */
static bool name_requester(struct err *err)
{
    char field[sizeof(err->field)];

    if (!err)
        return false;
    snprintf(field, sizeof(field), "requester%s%.*s", err->field[0] ? "." : "",
             (int)sizeof(field) - 11, err->field);
    memcpy(err->field, field, sizeof(field));
    return false;
}

static bool check_phone(struct text phone, struct err *err)
{
    for (size_t i = 0; i < phone.size; i++)
        if (!isdigit((unsigned char)phone.bytes[i]) &&
            !strchr("+- ", phone.bytes[i]))
            return err_reject(err, "bad_phone", "requester.phone",
                              "电话只能有数字、+ 和 - / a phone number is "
                              "digits, + and -");
    return true;
}

/* {name, phone, key} in a box; key is the person's data key from now on. */
static void seal_person(const struct requester *who,
                        const uint8_t box[KEY_SIZE], struct buf *out)
{
    AUTO(buf) struct buf plain = {0};
    uint8_t key[KEY_SIZE];
    char key_text[sodium_base64_ENCODED_LEN(KEY_SIZE, BASE64)];
    struct json j;

    randombytes_buf(key, sizeof(key));
    sodium_bin2base64(key_text, sizeof(key_text), key, sizeof(key), BASE64);
    json_begin(&j, &plain);
    json_text(&j, "name", who->name);
    json_text(&j, "phone", who->phone);
    json_string(&j, "key", key_text);
    json_end(&j);
    seal_box(box, buf_text(&plain), out);
    sodium_memzero(plain.bytes, plain.size);
    sodium_memzero(key, sizeof(key));
    sodium_memzero(key_text, sizeof(key_text));
}

static void put_sealed(const struct requester *who, const uint8_t box[KEY_SIZE],
                       struct buf *out)
{
    AUTO(buf) struct buf members = {0};
    AUTO(buf) struct buf sealed = {0};
    char name[64], phone[64];
    struct json j;

    seal_person(who, box, &sealed);
    json_begin(&j, &members);
    json_text(&j, "sealed", buf_text(&sealed));
    json_text(&j, "name_masked", seal_mask_name(who->name, name));
    json_text(&j, "phone_masked", seal_mask_phone(who->phone, phone));
    json_end(&j);
    buf_put(out, members.bytes + 1, members.size - 2); /* without { } */
}

/* The quote at which the name of the member begins whose value is given. */
static const char *name_before(const char *value)
{
    const char *c = value - 1;

    while (is_space(*c) || *c == ':')
        c--;
    do { /* c is the closing quote; the name has no quote in it */
        c--;
    } while (*c != '"');
    return c;
}

bool requester_seal(struct text body, const uint8_t box[KEY_SIZE],
                    struct arena *arena, struct buf *out, struct err *err)
{
    struct marked found;
    struct requester who;
    const char *begin, *end;

    if (!schema_fill(marked_schema, body, false, arena, &found, err))
        return false;
    if (found.sealed.size + found.name_masked.size + found.phone_masked.size >
        0)
        return err_reject(err, "unknown_field", "sealed",
                          "请在 requester 中写姓名和电话 / give name and "
                          "phone in requester");
    if (found.requester.size == 0) {
        buf_put_text(out, body);
        return true;
    }
    if (!schema_fill(requester_schema, found.requester, true, arena, &who, err))
        return name_requester(err);
    if (!check_phone(who.phone, err))
        return false;
    begin = name_before(found.requester.bytes);
    end = found.requester.bytes + found.requester.size;
    buf_put(out, body.bytes, (size_t)(begin - body.bytes));
    put_sealed(&who, box, out);
    buf_put(out, end, (size_t)(body.bytes + body.size - end));
    return true;
}

bool requester_seal_again(struct text body, const uint8_t box[KEY_SIZE],
                          struct arena *arena, struct buf *out,
                          struct err *err)
{
    struct marked found;

    if (!schema_fill(marked_schema, body, false, arena, &found, err))
        return false;
    if (found.requester.size > 0)
        return requester_seal(body, box, arena, out, err);
    buf_put_text(out, body);
    return true;
}

/* ---- the digest ---- */

void requester_digest(struct text json, const uint8_t key[KEY_SIZE],
                      struct digest *ret)
{
    AUTO(buf) struct buf plain = {0};
    bool in_string = false;

    buf_reserve(&plain, json.size + 1);
    for (size_t i = 0; i < json.size; i++) {
        char c = json.bytes[i];

        if (!in_string && is_space(c))
            continue;
        buf_put_byte(&plain, c);
        if (in_string && c == '\\' && i + 1 < json.size)
            buf_put_byte(&plain, json.bytes[++i]);
        else if (c == '"')
            in_string = !in_string;
    }
    digest_of(key, plain.bytes, plain.size, ret);
    sodium_memzero(plain.bytes, plain.size);
}
