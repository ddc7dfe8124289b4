/* cli.c - words, connections and the time of a cell. */
#include "services/baodao/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"

void cli_release(struct cli *cli)
{
    pg_close(cli->pg);
    kafka_in_close(cli->in, 1000);
    cli->pg = NULL;
    cli->in = NULL;
}

/* ---- words ---- */

bool cli_usage(struct err *err, const char *format, ...)
{
    char said[256];
    va_list args;

    va_start(args, format);
    vsnprintf(said, sizeof(said), format, args);
    va_end(args);
    return err_reject(err, "usage", "", "%s", said);
}

static struct cli_option *find_option(struct cli_option *options,
                                      struct text name)
{
    for (; options && options->name; options++)
        if (text_is(name, options->name))
            return options;
    return NULL;
}

/* Takes words[*at], which begins with "--", and perhaps the next. */
static bool take_option(const struct cli *cli, size_t *at,
                        struct cli_option *options, struct err *err)
{
    const char *word = cli->words[*at];
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : strlen(word);
    struct cli_option *option =
        find_option(options, (struct text){word + 2, size - 2});

    if (!option)
        return cli_usage(err, "unknown option %.*s", (int)size, word);
    if (option->is_flag && equals)
        return cli_usage(err, "--%s takes no value", option->name);
    if (option->is_flag)
        option->value = "yes";
    else if (equals)
        option->value = equals + 1;
    else if (*at + 1 < cli->word_count)
        option->value = cli->words[++*at];
    else
        return cli_usage(err, "--%s needs a value", option->name);
    return true;
}

bool cli_words(const struct cli *cli, struct cli_option *options,
               const char **words, size_t least, size_t most, struct err *err)
{
    size_t count = 0;

    for (size_t i = 0; i < most; i++)
        words[i] = NULL;
    for (size_t i = 0; i < cli->word_count; i++) {
        if (strncmp(cli->words[i], "--", 2) == 0) {
            if (!take_option(cli, &i, options, err))
                return false;
        } else if (count < most) {
            words[count++] = cli->words[i];
        } else {
            return cli_usage(err, "one word too many: %s", cli->words[i]);
        }
    }
    return count >= least || cli_usage(err, "a word is missing");
}

bool cli_int(const char *value, const char *what, int64_t least, int64_t most,
             int64_t *ret, struct err *err)
{
    int64_t n;

    if (!text_int(text_of(value), &n) || n < least || n > most)
        return cli_usage(err, "%s must be a number from %lld to %lld", what,
                         (long long)least, (long long)most);
    *ret = n;
    return true;
}

bool cli_run_sub(struct cli *cli, const struct cli_sub *subs, bool standard,
                 struct err *err)
{
    const char *word = cli->word_count > 0 ? cli->words[0] : NULL;

    if (!word || strncmp(word, "--", 2) == 0) {
        if (standard)
            return subs[0].run(cli, err);
        return cli_usage(err, "say what: %s …", subs[0].name);
    }
    for (; subs->name; subs++) {
        if (strcmp(word, subs->name) == 0) {
            cli->words++;
            cli->word_count--;
            return subs->run(cli, err);
        }
    }
    return cli_usage(err, "there is no %s here", word);
}

/* ---- the cell ---- */

bool cli_need(const char *value, const char *name, struct err *err)
{
    return value[0] || err_fatal(err, "bad_setting", "%s must be set", name);
}

bool cli_pg(struct cli *cli, struct err *err)
{
    return cli->pg || (cli_need(cli->postgres, "POSTGRES", err) &&
                       pg_open(cli->postgres, "baodao", NULL, &cli->pg, err));
}

static bool take_cell(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct cli *cli = context;
    char name[64];

    if (rows->count == 0)
        return err_fatal(err, "no_cell",
                         "the cell is not born yet: run baodao migrate");
    pg_code(rows, 0, 0, name, sizeof(name));
    if (strcmp(name, cli->name) != 0)
        return err_fatal(err, "other_cell",
                         "this database is of the cell %s, CELL says %s", name,
                         cli->name);
    pg_code(rows, 0, 1, cli->cell_district, sizeof(cli->cell_district));
    cli->test_clock_us = pg_instant(rows, 0, 2);
    return true;
}

bool cli_cell(struct cli *cli, struct err *err)
{
    return cli_need(cli->name, "CELL", err) && cli_pg(cli, err) &&
           pg_query(cli->pg, "SELECT name, district, test_clock FROM log.cell",
                    NULL, take_cell, cli, err);
}

bool cli_kafka(struct cli *cli, struct err *err)
{
    struct kafka_in_settings settings = {.brokers = cli->kafka,
                                         .session_ms = 10000};

    return cli->in || (cli_need(cli->kafka, "KAFKA", err) &&
                       kafka_in_open(&settings, &cli->in, err));
}

int64_t cli_now(const struct cli *cli)
{
    return cli->test_clock_us == INSTANT_NONE ? instant_now()
                                              : cli->test_clock_us;
}

bool cli_make_months(struct cli *cli, int64_t at_us, struct err *err)
{
    struct pg_params params = {0};

    pg_param_instant(&params, at_us);
    return pg_query(cli->pg, "SELECT log.make_months($1)", &params, NULL, NULL,
                    err) ||
           err_in(err, "making the log's months");
}

static bool is_person(const char *name)
{
    return name && name[0] && !strchr(name, '/');
}

const char *cli_person(const struct cli *cli)
{
    const char *user = getenv("USER");

    if (is_person(cli->person))
        return cli->person;
    return is_person(user) ? user : "operator";
}

/* ---- queries ---- */

static bool take_int(const struct pg_rows *rows, void *context, struct err *err)
{
    (void)err;
    if (rows->count > 0)
        *(int64_t *)context = pg_int(rows, 0, 0);
    return true;
}

bool cli_ask_int(struct cli *cli, const char *sql,
                 const struct pg_params *params, int64_t *ret, struct err *err)
{
    return pg_query(cli->pg, sql, params, take_int, ret, err);
}

static bool print_rows(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    (void)context;
    (void)err;
    for (int i = 0; i < rows->count; i++)
        printf("%.*s\n", TEXT_PRINT(pg_text(rows, i, 0)));
    return true;
}

bool cli_print_rows(struct cli *cli, const char *sql,
                    const struct pg_params *params, struct err *err)
{
    return pg_query(cli->pg, sql, params, print_rows, NULL, err);
}
