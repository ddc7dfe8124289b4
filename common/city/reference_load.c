/* reference_load.c - the versions of this process: read from PostgreSQL once,
 * kept for ever, since what was pinned may be asked for at any time. */
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/city/reference_table.h"

static struct {
    struct reference **versions; /* rising */
    size_t count, room;
} loaded;

/* A version on its way from the database. */
struct coming {
    int64_t version, valid_from_us; /* version 0: there is none */
    struct reference_file files[32];
    size_t count;
    struct buf bodies; /* of all files, each found by its offset until done */
    size_t offsets[33];
};

static void keep(struct reference *r)
{
    if (loaded.count == loaded.room) {
        loaded.room = loaded.room > 0 ? 2 * loaded.room : 8;
        loaded.versions =
            realloc(loaded.versions, loaded.room * sizeof(*loaded.versions));
        if (!loaded.versions)
            abort();
    }
    loaded.versions[loaded.count++] = r;
}

static int64_t newest(void)
{
    return loaded.count > 0 ? loaded.versions[loaded.count - 1]->version : 0;
}

static bool take_version(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    struct coming *c = context;

    (void)err;
    if (rows->count > 0) {
        c->version = pg_int(rows, 0, 0);
        c->valid_from_us = pg_instant(rows, 0, 1);
    }
    return true;
}

static bool take_files(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct coming *c = context;

    if ((size_t)rows->count > COUNT_OF(c->files))
        return err_fatal(err, "reference", "version %lld has %d files",
                         (long long)c->version, rows->count);
    for (int i = 0; i < rows->count; i++) {
        pg_code(rows, i, 0, c->files[i].name, sizeof(c->files[i].name));
        c->offsets[i] = c->bodies.size;
        buf_put_text(&c->bodies, pg_text(rows, i, 1));
    }
    c->count = (size_t)rows->count;
    c->offsets[c->count] = c->bodies.size;
    return true;
}

/* The oldest version that is not loaded yet, up to one; version 0 if none. */
static bool ask_version(struct pg *pg, int64_t up_to, struct coming *c,
                        struct err *err)
{
    struct pg_params params = {0};

    pg_param_int8(&params, newest());
    pg_param_int8(&params, up_to);
    return pg_query(pg,
                    "SELECT version, valid_from FROM reference.version"
                    " WHERE version > $1 AND version <= $2"
                    " ORDER BY version LIMIT 1",
                    &params, take_version, c, err);
}

static bool ask_files(struct pg *pg, struct coming *c, struct err *err)
{
    struct pg_params params = {0};

    pg_param_int8(&params, c->version);
    if (!pg_query(pg,
                  "SELECT name, body FROM reference.file WHERE version = $1"
                  " ORDER BY name",
                  &params, take_files, c, err))
        return false;
    for (size_t i = 0; i < c->count; i++)
        c->files[i].body = (struct text){
            c->bodies.bytes + c->offsets[i],
            c->offsets[i + 1] - c->offsets[i],
        };
    return true;
}

/* What was checked before it was stored, and fails now, is our fault. */
static bool build(const struct coming *c, struct err *err)
{
    struct reference *r;

    if (!reference_build(c->version, c->valid_from_us, c->files, c->count, &r,
                         err)) {
        if (err)
            err->kind = ERR_FATAL;
        return err_in(err, "reference version %lld", (long long)c->version);
    }
    keep(r);
    return true;
}

static bool load_next(struct pg *pg, int64_t up_to, bool *ret_more,
                      struct err *err)
{
    struct coming c = {0};
    bool ok = ask_version(pg, up_to, &c, err) &&
              (c.version == 0 || (ask_files(pg, &c, err) && build(&c, err)));

    *ret_more = c.version != 0;
    buf_release(&c.bodies);
    return ok;
}

static bool refresh(struct pg *pg, int64_t version, struct err *err)
{
    bool more = newest() < version;

    while (more)
        if (!load_next(pg, version, &more, err))
            return false;
    if (newest() < version)
        return err_retry(err, "no_reference",
                         "reference version %lld is not there; the newest is "
                         "%lld",
                         (long long)version, (long long)newest());
    return true;
}

/* The rows of one version from i on; where the next one begins. */
static int take_one(const struct pg_rows *rows, int i, struct coming *c)
{
    c->version = pg_int(rows, i, 0);
    c->valid_from_us = pg_instant(rows, i, 1);
    for (; i < rows->count && pg_int(rows, i, 0) == c->version; i++) {
        if (c->count == COUNT_OF(c->files))
            continue;
        pg_code(rows, i, 2, c->files[c->count].name,
                sizeof(c->files[c->count].name));
        c->files[c->count++].body = pg_text(rows, i, 3);
    }
    return i;
}

bool reference_take(const struct pg_rows *rows, struct err *err)
{
    for (int i = 0; i < rows->count;) {
        struct coming c = {0};

        i = take_one(rows, i, &c);
        if (c.version > newest() && !build(&c, err))
            return false;
    }
    return true;
}

/* The newest wins: a later version may be valid from earlier on. */
static const void *at(int64_t at_us)
{
    for (size_t i = loaded.count; i-- > 0;)
        if (loaded.versions[i]->valid_from_us <= at_us)
            return loaded.versions[i];
    return NULL;
}

const struct reference *reference_pinned(int64_t version)
{
    for (size_t i = loaded.count; i-- > 0;)
        if (loaded.versions[i]->version == version)
            return loaded.versions[i];
    return NULL;
}

const struct reference_hooks city_reference = {
    .refresh = refresh,
    .at = at,
    .loaded = newest,
};
