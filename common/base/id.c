/* id.c - ids: derive, print, parse; no clock and no chance (see id_new.c). */
#include "common/base/id.h"

#include <string.h>

#include "common/base/digest.h"
#include "common/base/hex.h"

#define TIME_SIZE 6
#define VERSION_BYTE 6
#define VARIANT_BYTE 8

static uint8_t derive_key[KEY_SIZE];

void uuid_derive_key(const uint8_t key[KEY_SIZE])
{
    memcpy(derive_key, key, KEY_SIZE);
}

struct uuid uuid_derive(const char *topic, const struct uuid *cause, uint32_t n)
{
    struct digest_state state;
    struct digest hash;
    struct uuid id;

    digest_begin(&state, derive_key);
    digest_text(&state, text_of(topic));
    digest_field(&state, cause->bytes, sizeof(cause->bytes));
    digest_int(&state, n);
    digest_end(&state, &hash);
    memcpy(id.bytes, cause->bytes, TIME_SIZE);
    memcpy(id.bytes + TIME_SIZE, hash.bytes, sizeof(id.bytes) - TIME_SIZE);
    id.bytes[VERSION_BYTE] = (id.bytes[VERSION_BYTE] & 0x0f) | 0x80;
    id.bytes[VARIANT_BYTE] = (id.bytes[VARIANT_BYTE] & 0x3f) | 0x80;
    return id;
}

/* What stands between the dashes. */
static const struct {
    size_t at, size; /* bytes */
} groups[] = { { 0, 4 }, { 4, 2 }, { 6, 2 }, { 8, 2 }, { 10, 6 } };

void uuid_print(const struct uuid *id, char into[UUID_TEXT_SIZE])
{
    char *p = into;

    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (i > 0)
            *p++ = '-';
        p = hex_print(id->bytes + groups[i].at, groups[i].size, p);
    }
    *p = '\0';
}

bool uuid_parse(struct text t, struct uuid *ret_id)
{
    const char *p = t.bytes;
    struct uuid id;

    if (t.size != UUID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if ((i > 0 && *p++ != '-') ||
            !hex_parse(p, groups[i].size, id.bytes + groups[i].at))
            return false;
        p += 2 * groups[i].size;
    }
    *ret_id = id;
    return true;
}

int uuid_version(const struct uuid *id)
{
    return id->bytes[VERSION_BYTE] >> 4;
}

int64_t uuid_time_us(const struct uuid *id)
{
    int64_t ms = 0;

    for (size_t i = 0; i < TIME_SIZE; i++)
        ms = ms << 8 | id->bytes[i];
    return ms * 1000;
}

bool uuid_is_nil(const struct uuid *id)
{
    return uuid_equal(id, &(struct uuid){{0}});
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct uuid uuid_first(int64_t at_us)
{
    uint64_t ms = at_us > 0 ? (uint64_t)at_us / 1000 : 0;
    struct uuid id = {{0}};

    for (size_t i = 0; i < TIME_SIZE; i++)
        id.bytes[i] = (uint8_t)(ms >> (8 * (TIME_SIZE - 1 - i)));
    return id;
}
