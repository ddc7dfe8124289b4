/*
 * vault.c - the only place that opens a requester's sealed fields.
 *
 * Each person has a data key of their own, made by the gateway; it is kept
 * wrapped by a key that only intake can derive, so destroying that one row's
 * key erases the person. Nothing here is random: a replay writes the same
 * bytes.
 */
#include "services/intake/issue.h"

#include <sodium.h>

#include "common/base/seal.h"

struct vault_setting vault_setting;

const struct setting vault_settings[] = {
    {"KEYS", SETTING_TEXT, AT(struct vault_setting, keys), NULL,
     "folder of the cell's keys; intake reads box.pub and box.sec"},
    {0},
};

static struct {
    uint8_t box_public[KEY_SIZE], box_secret[KEY_SIZE];
    uint8_t wrap[KEY_SIZE];
    struct schema *schema; /* of what is in a box */
} vault;

struct boxed {
    struct text name, phone, key;
};

static const struct field boxed_fields[] = {
    F_TEXT(struct boxed, name),
    F_TEXT(struct boxed, phone),
    F_TEXT(struct boxed, key),
    {0},
};

static const char boxed_schema[] =
    "{\"type\":\"object\",\"required\":[\"key\"],\"properties\":{"
    "\"name\":{\"type\":\"string\",\"maxLength\":200},"
    "\"phone\":{\"type\":\"string\",\"maxLength\":200},"
    "\"key\":{\"type\":\"string\",\"maxLength\":64}}}";

bool vault_use(const uint8_t public_key[KEY_SIZE],
               const uint8_t secret_key[KEY_SIZE], struct err *err)
{
    static const char purpose[] = "vault";
    struct digest wrap;

    memcpy(vault.box_public, public_key, KEY_SIZE);
    memcpy(vault.box_secret, secret_key, KEY_SIZE);
    digest_of(secret_key, purpose, sizeof(purpose), &wrap);
    memcpy(vault.wrap, wrap.bytes, KEY_SIZE);
    return vault.schema || schema_compile(TEXT(boxed_schema), NULL,
                                          boxed_fields, &vault.schema, err);
}

bool vault_start(struct err *err)
{
    uint8_t public_key[KEY_SIZE], secret_key[KEY_SIZE];
    bool done;

    done = key_read(vault_setting.keys, "box.pub", public_key, err) &&
           key_read(vault_setting.keys, "box.sec", secret_key, err) &&
           vault_use(public_key, secret_key, err);
    sodium_memzero(secret_key, sizeof(secret_key));
    return done;
}

static bool sealed_wrongly(struct err *err)
{
    return err_reject(err, "sealed_wrongly", "sealed",
                      "封装的联系方式打不开 / the sealed contact cannot be "
                      "opened");
}

static struct text lock(const struct decision *d, const uint8_t key[KEY_SIZE],
                        struct text row, const char *column, struct text plain)
{
    AUTO(buf) struct buf out = {0};

    if (plain.size == 0)
        return plain;
    seal_value(key, row, text_of(column), 1, plain, &out);
    return issue_keep(d, buf_text(&out));
}

static bool lock_boxed(const struct decision *d, const struct boxed *in,
                       struct vault_person *p, struct err *err)
{
    struct text row = decision_uuid_text((struct decision *)d, &p->person);
    uint8_t key[KEY_SIZE];
    size_t size;

    if (sodium_base642bin(key, sizeof(key), in->key.bytes, in->key.size, NULL,
                          &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
        size != sizeof(key))
        return sealed_wrongly(err);
    p->name = lock(d, key, row, "name", in->name);
    p->phone = lock(d, key, row, "phone", in->phone);
    p->key = lock(d, vault.wrap, row, "key",
                  (struct text){(const char *)key, sizeof(key)});
    sodium_memzero(key, sizeof(key));
    return true;
}

/* In an arena of its own, so that no plain byte stays in the batch's. */
static bool open_box(const struct decision *d, struct text plain,
                     struct vault_person *p, struct err *err)
{
    struct arena arena = {0};
    struct boxed in;
    bool done;

    done = schema_fill(vault.schema, plain, false, &arena, &in, NULL)
               ? lock_boxed(d, &in, p, err)
               : sealed_wrongly(err);
    arena_release(&arena);
    return done;
}

bool vault_lock(const struct decision *d, struct text sealed,
                struct vault_person *ret_person, struct err *err)
{
    AUTO(buf) struct buf plain = {0};
    struct vault_person p = {
        .person = uuid_derive("vault.person", &d->message->id, 0),
        .issue = d->message->id,
        .at_us = d->at_us,
    };
    bool done;

    if (!vault.schema ||
        !seal_open(vault.box_public, vault.box_secret, sealed, &plain, NULL))
        return sealed_wrongly(err);
    done = open_box(d, buf_text(&plain), &p, err);
    sodium_memzero(plain.bytes, plain.size);
    if (done)
        *ret_person = p;
    return done;
}
