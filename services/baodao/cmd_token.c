/* cmd_token.c - a bearer token, kept as a keyed hash alone. */
#include <sodium.h>

#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/city/actor.h"
#include "services/baodao/verbs.h"

enum { ROLE, OFFICE, PERSON, DAYS, NAME, OPTIONS };

/* 256 random bits; the prefix tells people and scanners what it is. */
static void make_token(char into[64])
{
    uint8_t bytes[KEY_SIZE];

    randombytes_buf(bytes, sizeof(bytes));
    memcpy(into, "bd_", 3);
    sodium_bin2base64(into + 3, 61, bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof(bytes));
}

static bool insert(struct cli *cli, const struct cli_option *options,
                   const struct digest *hash, int64_t days, struct err *err)
{
    struct pg_params params = {0};
    int64_t now_us = instant_now();

    pg_param_bytes(&params, hash->bytes, DIGEST_SIZE);
    pg_param_text(&params, text_of(options[ROLE].value));
    pg_param_text(&params, text_of(options[OFFICE].value));
    pg_param_text(&params, text_of(options[PERSON].value));
    pg_param_text(&params, text_of(options[NAME].value));
    pg_param_instant(&params, now_us);
    pg_param_instant(&params, now_us + days * DAY_US);
    return pg_query(cli->pg,
                    "INSERT INTO gateway.token"
                    " (hash, role, office, person, name, made, expires)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &params, NULL, NULL, err);
}

static bool check(const struct cli_option *options, struct err *err)
{
    int role = role_of(text_of(options[ROLE].value));

    if (role < 0)
        return cli_usage(err, "--role must be one of domain.md's roles");
    if (role == ROLE_WORKER)
        return cli_usage(err, "no person is a worker");
    for (int i = OFFICE; i <= PERSON; i++)
        if (strchr(options[i].value, '/'))
            return cli_usage(err, "--%s may not hold a /", options[i].name);
    return true;
}

bool cmd_token(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {
        [ROLE] = {.name = "role"},
        [OFFICE] = {.name = "office", .value = ""},
        [PERSON] = {.name = "person", .value = ""},
        [DAYS] = {.name = "days", .value = "30"},
        [NAME] = {.name = "name", .value = ""},
        [OPTIONS] = {0},
    };
    uint8_t key[KEY_SIZE];
    struct digest hash;
    char token[64];
    int64_t days;

    if (!cli_words(cli, options, NULL, 0, 0, err) || !check(options, err) ||
        !cli_int(options[DAYS].value, "--days", 1, 3650, &days, err) ||
        !key_read(cli->keys, "token", key, err) || !cli_pg(cli, err))
        return false;
    make_token(token);
    digest_of(key, token, strlen(token), &hash);
    sodium_memzero(key, sizeof(key));
    if (!insert(cli, options, &hash, days, err))
        return false;
    printf("%s\n", token);
    return true;
}
