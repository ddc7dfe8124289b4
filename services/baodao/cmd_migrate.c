/*
 * cmd_migrate.c - from an empty database to a cell, and forward from there:
 * roles, schemas/sql in order, the cell's row, months of the log. Whoever runs
 * it is the owner of all tables; the roles own nothing.
 */
#include <ctype.h>

#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/city/region.h"
#include "services/baodao/file.h"
#include "services/baodao/verbs.h"

enum { TEST_CLOCK, DISTRICT, OPTIONS };

/* ---- the database ---- */

static bool take_database(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    (void)context;
    if (!pg_bool(rows, 0, 0))
        return err_fatal(err, "not_superuser",
                         "POSTGRES must be of a superuser to migrate");
    if (!pg_bool(rows, 0, 1))
        return err_fatal(err, "bad_locale",
                         "the database must have encoding UTF8 and locale "
                         "C.UTF-8, not %.*s",
                         TEXT_PRINT(pg_text(rows, 0, 2)));
    return true;
}

static bool check_database(struct cli *cli, struct err *err)
{
    return pg_query(
        cli->pg,
        "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
        "       pg_encoding_to_char(encoding) = 'UTF8'"
        "       AND datctype ~* '^C\\.utf-?8$'"
        "       AND datcollate ~* '^C\\.utf-?8$',"
        "       concat(pg_encoding_to_char(encoding), ' ', datcollate, ' ',"
        "              datctype)"
        "  FROM pg_database WHERE datname = current_database()",
        NULL, take_database, NULL, err);
}

/* Roles are of the whole server: another cell may be making them too. */
static const char roles_sql[] =
    "SELECT pg_advisory_lock(hashtext('baodao migrate'));"
    "DO $$ DECLARE s text; BEGIN"
    " FOREACH s IN ARRAY ARRAY['intake', 'dispatch', 'track', 'match',"
    "                          'ledger', 'gateway', 'operator'] LOOP"
    "  BEGIN"
    "   IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'baodao_' || s)"
    "   THEN EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB"
    "    NOCREATEROLE', 'baodao_' || s); END IF;"
    "  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;"
    "  END;"
    " END LOOP; END $$;"
    "CREATE TABLE IF NOT EXISTS public.migration"
    " (name text PRIMARY KEY, digest bytea NOT NULL);"
    "GRANT SELECT ON public.migration TO PUBLIC;";

/* ---- schemas/sql ---- */

static bool is_migration(const char *name)
{
    return isdigit((unsigned char)name[0]) && isdigit((unsigned char)name[1]) &&
           isdigit((unsigned char)name[2]) && name[3] == '_';
}

struct known {
    bool applied, changed;
    const struct digest *digest;
};

static bool take_known(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct known *k = context;
    struct text digest;

    (void)err;
    if (rows->count == 0)
        return true;
    digest = pg_text(rows, 0, 0);
    k->applied = true;
    k->changed = digest.size != DIGEST_SIZE ||
                 memcmp(digest.bytes, k->digest->bytes, DIGEST_SIZE) != 0;
    return true;
}

static bool record(struct cli *cli, const char *name,
                   const struct digest *digest, struct err *err)
{
    struct pg_params params = {0};

    pg_param_text(&params, text_of(name));
    pg_param_bytes(&params, digest->bytes, DIGEST_SIZE);
    return pg_query(cli->pg,
                    "INSERT INTO public.migration (name, digest)"
                    " VALUES ($1, $2)",
                    &params, NULL, NULL, err);
}

static bool apply(struct cli *cli, const char *name, struct buf *sql,
                  const struct digest *digest, struct err *err)
{
    printf("%s\n", name);
    return pg_exec(cli->pg, "BEGIN", err) &&
           pg_exec(cli->pg, buf_string(sql), err) &&
           record(cli, name, digest, err) && pg_exec(cli->pg, "COMMIT", err);
}

static bool migrate_one(struct cli *cli, const char *folder, const char *name,
                        struct err *err)
{
    AUTO(buf) struct buf sql = {0};
    struct pg_params params = {0};
    struct digest digest;
    struct known known = {.digest = &digest};

    if (!cli_file_read(folder, name, &sql, err))
        return false;
    digest_of(NULL, sql.bytes, sql.size, &digest);
    pg_param_text(&params, text_of(name));
    if (!pg_query(cli->pg,
                  "SELECT digest FROM public.migration WHERE name = $1",
                  &params, take_known, &known, err))
        return false;
    if (known.changed)
        return err_fatal(err, "changed_migration",
                         "%s was changed after it had been applied; write a "
                         "new migration instead",
                         name);
    return known.applied || apply(cli, name, &sql, &digest, err) ||
           err_in(err, "%s", name);
}

static bool migrate_all(struct cli *cli, struct err *err)
{
    AUTO(cli_names) struct cli_names names = {0};
    char folder[512];

    snprintf(folder, sizeof(folder), "%s/sql", cli->schemas);
    if (!cli_files_list(folder, ".sql", &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (is_migration(names.items[i]) &&
            !migrate_one(cli, folder, names.items[i], err))
            return false;
    return true;
}

/* ---- the cell ---- */

static bool be_born(struct cli *cli, const struct cli_option *options,
                    struct err *err)
{
    struct pg_params params = {0};
    int64_t test_clock_us = INSTANT_NONE;
    struct err not_yet = {0};

    if (cli_cell(cli, &not_yet))
        return true;
    if (region_level_of(options[DISTRICT].value) != REGION_DISTRICT)
        return cli_usage(err, "a cell is born for a district: "
                              "--district=CODE, six digits");
    if (options[TEST_CLOCK].value &&
        !instant_parse(text_of(options[TEST_CLOCK].value), &test_clock_us))
        return cli_usage(err, "--test-clock must be like "
                              "2026-03-02T08:30+08:00");
    pg_param_text(&params, text_of(cli->name));
    pg_param_text(&params, text_of(options[DISTRICT].value));
    pg_param_instant(&params, test_clock_us == INSTANT_NONE ? instant_now()
                                                            : test_clock_us);
    pg_param_instant(&params, test_clock_us);
    return pg_query(cli->pg,
                    "INSERT INTO log.cell (name, district, born, test_clock)"
                    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    &params, NULL, NULL, err);
}

/* A clock is given once, at birth. */
static bool check_clock(const struct cli *cli, const char *wanted,
                        struct err *err)
{
    return !wanted || cli->test_clock_us != INSTANT_NONE ||
           err_fatal(err, "no_test_clock",
                     "the cell %s was born without a test clock and cannot "
                     "get one",
                     cli->name);
}

bool cmd_migrate(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {
        [TEST_CLOCK] = {.name = "test-clock"},
        [DISTRICT] = {.name = "district", .value = cli->district},
        [OPTIONS] = {0},
    };

    return cli_words(cli, options, NULL, 0, 0, err) &&
           cli_need(cli->name, "CELL", err) && cli_pg(cli, err) &&
           check_database(cli, err) && pg_exec(cli->pg, roles_sql, err) &&
           migrate_all(cli, err) && be_born(cli, options, err) &&
           cli_cell(cli, err) &&
           check_clock(cli, options[TEST_CLOCK].value, err) &&
           cli_make_months(cli, cli_now(cli), err);
}
