/*
 * verify_chain.c - the hash chains, read once: windows of seq over all
 * partitions together, since the log's index on seq (BRIN) knows no
 * partitions.
 */
#include <string.h>

#include "common/base/id.h"
#include "common/base/instant.h"
#include "common/work/record.h"
#include "services/baodao/verify.h"

#define WINDOW 1000 /* seqs */
#define CHAINS_MAX 256

struct chain {
    char topic[64];
    int32_t partition;
    int64_t head_seq;
    struct digest head;
    /* as far as it is read */
    int64_t seq;
    struct digest hash;
    struct uuid cause; /* of the last row */
    uint32_t n;        /* rows of that cause so far */
};

struct chains {
    struct chain items[CHAINS_MAX];
    size_t count;
    int64_t last_seq; /* of the longest */
    uint8_t chain_key[KEY_SIZE], body_key[KEY_SIZE];
};

static bool broken(const struct chain *c, int64_t seq, const char *what,
                   struct err *err)
{
    return err_fatal(err, "broken", "log row %s/%d seq %lld: %s", c->topic,
                     (int)c->partition, (long long)seq, what);
}

/* ---- heads ---- */

static bool take_heads(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct chains *all = context;

    if (rows->count > CHAINS_MAX)
        return err_fatal(err, "too_many", "more than %d partitions",
                         CHAINS_MAX);
    for (int i = 0; i < rows->count; i++) {
        struct chain *c = &all->items[all->count++];
        struct text hash = pg_text(rows, i, 3);

        pg_code(rows, i, 0, c->topic, sizeof(c->topic));
        c->partition = (int32_t)pg_int(rows, i, 1);
        c->head_seq = pg_int(rows, i, 2);
        if (hash.size == DIGEST_SIZE)
            memcpy(c->head.bytes, hash.bytes, DIGEST_SIZE);
        if (c->head_seq > all->last_seq)
            all->last_seq = c->head_seq;
    }
    return true;
}

static bool check_heads(const struct chains *all, struct err *err)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct chain *c = &all->items[i];

        if (c->seq != c->head_seq)
            return broken(c, c->seq + 1, "is missing", err);
        if (c->seq > 0 && !digest_equal(&c->hash, &c->head))
            return broken(c, c->seq, "is not the head of its chain", err);
    }
    return true;
}

/* ---- rows ---- */

static struct digest digest_at(const struct pg_rows *rows, int i, int column)
{
    struct text t = pg_text(rows, i, column);
    struct digest d = {0};

    if (t.size == DIGEST_SIZE)
        memcpy(d.bytes, t.bytes, DIGEST_SIZE);
    return d;
}

/* The columns of ROWS below. */
static void read_record(const struct pg_rows *rows, int i, char service[32],
                        const struct chain *c, struct record *r)
{
    pg_code(rows, i, 4, service, 32);
    r->source_topic = c->topic;
    r->partition = c->partition;
    r->seq = pg_int(rows, i, 2);
    r->id = pg_uuid(rows, i, 3);
    r->service = service;
    r->cause = pg_uuid(rows, i, 5);
    r->cause_digest = digest_at(rows, i, 6);
    r->topic = pg_text(rows, i, 7);
    r->key = pg_text(rows, i, 8);
    r->type = pg_text(rows, i, 9);
    r->subject = pg_text(rows, i, 10);
    r->version = pg_int(rows, i, 11);
    r->actor = pg_text(rows, i, 12);
    r->scope = pg_text(rows, i, 13);
    r->reply = pg_text(rows, i, 14);
    r->at_us = pg_instant(rows, i, 15);
    r->data = pg_text(rows, i, 16);
    r->digest = digest_at(rows, i, 17);
}

static const char ROWS[] =
    "SELECT source_topic, partition, seq, id, service, cause, cause_digest,"
    "       topic, key, type, subject, version, actor, scope, reply, at,"
    "       data, digest, hash"
    "  FROM log.entry WHERE seq > $1 AND seq <= $2 ORDER BY seq";

static bool check_id(struct chain *c, const struct record *r, struct err *err)
{
    struct uuid derived;

    c->n = c->seq > 0 && uuid_equal(&c->cause, &r->cause) ? c->n + 1 : 0;
    c->cause = r->cause;
    derived = uuid_derive(c->topic, &r->cause, c->n);
    return uuid_equal(&derived, &r->id) ||
           broken(c, r->seq,
                  "its id does not follow from its cause: a command has taken "
                  "effect twice, or a row was made by other hands",
                  err);
}

static bool check_row(const struct chains *all, struct chain *c,
                      struct record *r, bool erased,
                      const struct digest *stored, struct err *err)
{
    struct digest digest;

    if (r->seq != c->seq + 1)
        return broken(c, c->seq + 1,
                      r->seq == c->seq ? "is there twice" : "is missing", err);
    if (!check_id(c, r, err))
        return false;
    digest_of(all->body_key, r->data.bytes, r->data.size, &digest);
    if (!erased && !digest_equal(&digest, &r->digest))
        return broken(c, r->seq, "its data were changed", err);
    record_link(r, all->chain_key, &c->hash);
    if (!digest_equal(&r->hash, stored))
        return broken(c, r->seq,
                      "its hash does not follow from the row "
                      "before",
                      err);
    c->seq = r->seq;
    c->hash = r->hash;
    return true;
}

static struct chain *chain_of(struct chains *all, struct text topic,
                              int64_t partition)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].partition == partition &&
            text_is(topic, all->items[i].topic))
            return &all->items[i];
    return NULL;
}

static bool take_rows(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct chains *all = context;

    for (int i = 0; i < rows->count; i++) {
        struct chain *c =
            chain_of(all, pg_text(rows, i, 0), pg_int(rows, i, 1));
        struct digest stored = digest_at(rows, i, 18);
        struct record r = {0};
        char service[32];
        bool erased;

        if (!c)
            return err_fatal(
                err, "broken", "a log row of %.*s/%lld has no consumer",
                TEXT_PRINT(pg_text(rows, i, 0)), (long long)pg_int(rows, i, 1));
        read_record(rows, i, service, c, &r);
        /* What said something and has no data was erased; its digest stays. */
        erased = r.topic.size > 0 && pg_null(rows, i, 16);
        if (!check_row(all, c, &r, erased, &stored, err))
            return false;
    }
    return true;
}

/* ---- all of it ---- */

static bool read_keys(const struct cli *cli, struct chains *all,
                      struct err *err)
{
    uint8_t derive[KEY_SIZE];

    if (!key_read(cli->keys, "chain", all->chain_key, err) ||
        !key_read(cli->keys, "body", all->body_key, err) ||
        !key_read(cli->keys, "derive", derive, err))
        return false;
    uuid_derive_key(derive);
    return true;
}

static bool check_window(struct cli *cli, struct chains *all, int64_t after,
                         int64_t until, struct err *err)
{
    struct pg_params params = {0};

    pg_param_int8(&params, after);
    pg_param_int8(&params, until);
    return pg_query(cli->pg, ROWS, &params, take_rows, all, err);
}

bool verify_chains(struct cli *cli, struct err *err)
{
    static struct chains all; /* too large for a stack */

    memset(&all, 0, sizeof(all));
    if (!read_keys(cli, &all, err) ||
        !pg_query(cli->pg,
                  "SELECT topic, partition, seq, hash FROM log.consumer"
                  " ORDER BY topic, partition",
                  NULL, take_heads, &all, err))
        return false;
    for (int64_t seq = 0; seq < all.last_seq; seq += WINDOW)
        if (!check_window(cli, &all, seq, seq + WINDOW, err))
            return false;
    /* Behind every head, and before the first. */
    return check_window(cli, &all, all.last_seq, INT64_MAX, err) &&
           check_window(cli, &all, INT64_MIN, 0, err) && check_heads(&all, err);
}
