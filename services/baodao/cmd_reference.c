/* cmd_reference.c - versions of the reference data. */
#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/city/reference.h"
#include "services/baodao/announce.h"
#include "services/baodao/file.h"
#include "services/baodao/verbs.h"

#define FILES_MAX 32
#define AHEAD_US (60 * SECOND_US)

/* The files of a folder, as they will be stored. */
struct set {
    struct reference_file files[FILES_MAX];
    struct buf bodies[FILES_MAX]; /* owned */
    size_t count;
    struct digest digest;
};

static void set_cleanup(struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        buf_release(&set->bodies[i]);
}

static bool read_set(const char *folder, struct set *set, struct err *err)
{
    AUTO(cli_names) struct cli_names names = {0};
    struct digest_state s;

    if (!cli_files_list(folder, ".csv", &names, err))
        return false;
    if (names.count > FILES_MAX)
        return err_fatal(err, "too_many", "%zu files in %s", names.count,
                         folder);
    digest_begin(&s, NULL);
    for (size_t i = 0; i < names.count; i++) {
        struct reference_file *f = &set->files[set->count++];

        if (!text_copy(text_of(names.items[i]), f->name, sizeof(f->name)))
            return err_fatal(err, "no_file", "%s: too long a name",
                             names.items[i]);
        if (!cli_file_read(folder, f->name, &set->bodies[i], err))
            return false;
        f->body = buf_text(&set->bodies[i]);
        digest_text(&s, text_of(f->name));
        digest_text(&s, f->body);
    }
    digest_end(&s, &set->digest);
    return true;
}

/* ---- what is there ---- */

struct newest {
    int64_t version; /* 0: none */
    struct digest digest;
};

static bool take_newest(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct newest *n = context;
    struct text digest;

    (void)err;
    if (rows->count == 0)
        return true;
    n->version = pg_int(rows, 0, 0);
    digest = pg_text(rows, 0, 1);
    if (digest.size == DIGEST_SIZE)
        memcpy(n->digest.bytes, digest.bytes, DIGEST_SIZE);
    return true;
}

/* ---- storing ---- */

static bool insert_version(struct cli *cli, int64_t version,
                           int64_t valid_from_us, const struct digest *digest,
                           struct err *err)
{
    struct pg_params params = {0};

    pg_param_int8(&params, version);
    pg_param_instant(&params, valid_from_us);
    pg_param_bytes(&params, digest->bytes, DIGEST_SIZE);
    pg_param_text(&params, text_of(cli_person(cli)));
    return pg_query(cli->pg,
                    "INSERT INTO reference.version"
                    " (version, valid_from, digest, loaded_by)"
                    " VALUES ($1, $2, $3, $4)",
                    &params, NULL, NULL, err);
}

static bool insert_file(struct cli *cli, int64_t version,
                        const struct reference_file *file, struct err *err)
{
    struct pg_params params = {0};

    pg_param_int8(&params, version);
    pg_param_text(&params, text_of(file->name));
    pg_param_text(&params, file->body);
    return pg_query(cli->pg,
                    "INSERT INTO reference.file (version, name, body)"
                    " VALUES ($1, $2, $3)",
                    &params, NULL, NULL, err);
}

static bool store(struct cli *cli, const struct set *set, int64_t version,
                  int64_t valid_from_us, struct err *err)
{
    struct reference *checked;

    if (!reference_build(version, valid_from_us, set->files, set->count,
                         &checked, err))
        return false;
    reference_free(checked);
    if (!pg_exec(cli->pg, "BEGIN", err) ||
        !insert_version(cli, version, valid_from_us, &set->digest, err))
        return false;
    for (size_t i = 0; i < set->count; i++)
        if (!insert_file(cli, version, &set->files[i], err))
            return false;
    return pg_exec(cli->pg, "COMMIT", err);
}

/* An empty cell's first version holds from the beginning; a later one only
 * for what is yet to come, so that a replay decides the same. */
static bool choose_start(const struct cli *cli, const char *at, bool first,
                         int64_t *ret_us, struct err *err)
{
    int64_t earliest_us = cli_now(cli) + AHEAD_US;

    if (first) {
        *ret_us = 0;
        return !at || cli_usage(err, "the first version holds from the "
                                     "beginning; leave --at out");
    }
    *ret_us = earliest_us + AHEAD_US; /* time to store it */
    if (at && !instant_parse(text_of(at), ret_us))
        return cli_usage(err, "--at must be like 2026-03-02T08:30+08:00");
    return *ret_us >= earliest_us ||
           err_reject(err, "too_soon", "--at",
                      "a version must begin at least 60 s ahead");
}

static bool load_set(struct cli *cli, const struct set *set, const char *at,
                     struct err *err)
{
    struct newest newest = {0};
    int64_t valid_from_us;

    if (!pg_query(cli->pg,
                  "SELECT version, digest FROM reference.version"
                  " ORDER BY version DESC LIMIT 1",
                  NULL, take_newest, &newest, err))
        return false;
    if (newest.version == 0 || !digest_equal(&newest.digest, &set->digest)) {
        if (!choose_start(cli, at, newest.version == 0, &valid_from_us, err) ||
            !store(cli, set, ++newest.version, valid_from_us, err))
            return false;
        printf("version %lld is loaded\n", (long long)newest.version);
    } else {
        printf("version %lld is the same: nothing to load\n",
               (long long)newest.version);
    }
    /* Said again when it was there: perhaps nobody could be told then. */
    return newest.version == 1 ||
           announce_reference(cli, newest.version, &set->digest, err);
}

static bool load(struct cli *cli, struct err *err)
{
    AUTO(set) struct set set = {0};
    struct cli_option options[] = {{.name = "at"}, {0}};
    const char *folder;

    return cli_words(cli, options, &folder, 1, 1, err) && cli_cell(cli, err) &&
           read_set(folder, &set, err) &&
           load_set(cli, &set, options[0].value, err);
}

static bool show(struct cli *cli, struct err *err)
{
    return cli_words(cli, NULL, NULL, 0, 0, err) && cli_cell(cli, err) &&
           cli_print_rows(
               cli,
               "SELECT format('%s  from %s  %s  %s files  by %s', v.version,"
               "  CASE WHEN v.valid_from = to_timestamp(0)"
               "       THEN 'the beginning     '"
               "       ELSE to_char(v.valid_from AT TIME ZONE interval '08:00',"
               "                    'YYYY-MM-DD HH24:MI:SS') END,"
               "  left(encode(v.digest, 'hex'), 16), count(f.name),"
               "  v.loaded_by)"
               "  FROM reference.version v LEFT JOIN reference.file f"
               " USING (version) GROUP BY v.version ORDER BY v.version",
               NULL, err);
}

bool cmd_reference(struct cli *cli, struct err *err)
{
    static const struct cli_sub subs[] = {{"load", load}, {"show", show}, {0}};

    return cli_run_sub(cli, subs, false, err);
}
