/*
 * cli.h - what every verb of the command line holds: settings, its words, the
 * connection, the cell and its time.
 *
 *     static bool cmd_x(struct cli *cli, struct err *err)
 *     {
 *         struct cli_option options[] = { { .name = "days" }, { 0 } };
 *
 *         return cli_words(cli, options, NULL, 0, err) && cli_cell(cli, err);
 *     }
 */
#ifndef BAODAO_CLI_CLI_H
#define BAODAO_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/io/kafka_in.h"
#include "common/io/pg.h"

struct cli {
    /* settings; "" when not set */
    const char *name, *kafka, *postgres, *redis, *keys, *schemas, *district;
    const char *person;
    /* the words behind the verb */
    char **words;
    size_t word_count;
    /* owned; opened by what needs them */
    struct pg *pg;
    struct kafka_in *in;
    /* the row of log.cell */
    char cell_district[16];
    int64_t test_clock_us; /* INSTANT_NONE in production */
};

void cli_release(struct cli *cli);

/* A verb's own: false with an err, whose sentence is printed. */
typedef bool cli_verb(struct cli *cli, struct err *err);

/* ---- words ---- */

struct cli_option {
    const char *name;  /* without "--" */
    bool is_flag;      /* has no value */
    const char *value; /* "--name=value" or "--name value"; keeps what stood
                        * here when it is not given. A flag's is "yes". */
};

/*
 * Sorts the words into options and the others, of which there must be from
 * `least` to `most`; those that are not given stay NULL. ERR_REJECT "usage".
 */
MUST_CHECK bool cli_words(const struct cli *cli, struct cli_option *options,
                          const char **words, size_t least, size_t most,
                          struct err *err);
/* ERR_REJECT "usage", which makes the exit code 2. */
bool cli_usage(struct err *err, const char *format, ...) PRINTF(2, 3);
/* A whole number from least to most; ERR_REJECT "usage" names what it is. */
MUST_CHECK bool cli_int(const char *value, const char *what, int64_t least,
                        int64_t most, int64_t *ret, struct err *err);
/* Looks a word up in a NULL-terminated table of sub-verbs. */
struct cli_sub {
    const char *name;
    cli_verb *run;
};
/* Runs the sub-verb that the first word names and takes it away; the first
 * of the table when there are no words and `standard` says so. */
MUST_CHECK bool cli_run_sub(struct cli *cli, const struct cli_sub *subs,
                            bool standard, struct err *err);

/* ---- the cell ---- */

/* The setting must be set. */
MUST_CHECK bool cli_need(const char *value, const char *name, struct err *err);
/* Opens cli->pg, once. */
MUST_CHECK bool cli_pg(struct cli *cli, struct err *err);
/* cli_pg, and reads log.cell; refuses a database of another cell. */
MUST_CHECK bool cli_cell(struct cli *cli, struct err *err);
/* Opens cli->in, once: a consumer without group. */
MUST_CHECK bool cli_kafka(struct cli *cli, struct err *err);
/* The cell's time, after cli_cell. */
int64_t cli_now(const struct cli *cli);
/* Makes what months the log lacks around an instant (002_months.sql). */
MUST_CHECK bool cli_make_months(struct cli *cli, int64_t at_us,
                                struct err *err);
/* Who sits here: OPERATOR, else $USER, else "operator". */
const char *cli_person(const struct cli *cli);

/* ---- a query whose one row or whole table is wanted ---- */

/* Runs SQL and copies the first column of its first row; *ret stays when
 * there is none. */
MUST_CHECK bool cli_ask_int(struct cli *cli, const char *sql,
                            const struct pg_params *params, int64_t *ret,
                            struct err *err);
/* Prints the first column, a text, of each row. */
MUST_CHECK bool cli_print_rows(struct cli *cli, const char *sql,
                               const struct pg_params *params, struct err *err);

#endif
