/* baodao - the operator's command line; a verb's work is in cmd_<verb>.c. */
#include <sodium.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/setting.h"
#include "common/io/supervise.h"
#include "services/baodao/verbs.h"

static const struct verb {
    const char *name, *words, *help;
    cli_verb *run;
} verbs[] = {
    /* clang-format off */
    { "keys", "DIR", "makes the keys of a cell that are missing", cmd_keys },
    { "migrate", "[--test-clock=INSTANT] [--district=CODE]",
      "makes roles, tables and months of the log; POSTGRES is a superuser's",
      cmd_migrate },
    { "topics", "create | adopt TOPIC --why W [--replicas=1] "
      "[--retention-days=30]",
      "makes the cell's topics; takes one on that Kafka has lost", cmd_topics },
    { "offsets", "accept-gap TOPIC PARTITION --why W",
      "passes over what Kafka deleted before it was folded", cmd_offsets },
    { "reference", "load DIR [--at=INSTANT] | show",
      "a new version of the reference data; which there are", cmd_reference },
    { "token", "--role ROLE [--office O] [--person P] [--days 30] [--name N]",
      "a bearer token, printed once", cmd_token },
    { "send", "TYPE [--key K] [--actor R/O/P] [--id UUID] [--reply …] < DATA",
      "one command; prints its id", cmd_send },
    { "replay", "FILE.ndjson",
      "commands at full speed, and what became of them", cmd_replay },
    { "show", "issue|whistle|task|match ID [--json] | clock WHISTLE/ROUND/OFFICE",
      "what it is now and how it came to that", cmd_show },
    { "tail", "[--topic issue.events]", "events as they come", cmd_tail },
    { "lag", "[--over SECONDS] [--watch] [--json]",
      "how far each partition is folded, how fast, and who has paused it",
      cmd_lag },
    { "doctor", "[--json]", "why is nothing moving? and the next step; exit 1 "
      "when something is wrong", cmd_doctor },
    { "pause", "PROGRAM[/PARTITION] --why W | --type TYPE --why W",
      "stands still at once; a type is refused at the gateway", cmd_pause },
    { "drain", "PROGRAM[/PARTITION] --why W",
      "folds what is there by now, then stands still", cmd_drain },
    { "resume", "PROGRAM[/PARTITION] [--why W] | --type TYPE", "goes on",
      cmd_resume },
    { "rewind", "GROUP TOPIC --to INSTANT|OFFSET [--yes --why W]",
      "lets a group of readers read again; without --yes only says what would "
      "move", cmd_rewind },
    { "dead", "list | groups | show T P O [--raw] | replay T P O [--edit FILE] |"
      " drop T P O --why W |\n        replay-group TOPIC CODE [FIELD] [--rate 50]"
      " --why W | drop-group TOPIC CODE [FIELD] --why W",
      "messages that could not be read", cmd_dead },
    { "verify", "", "recomputes chains and promises; silent when they hold",
      cmd_verify },
    { "rebuild", "", "has dispatch count its officers anew", cmd_rebuild },
    { "time", "[show] | advance 3d|2h|90m | to INSTANT",
      "the time of a test-clock cell", cmd_time },
    { "anchor", "[FILE]", "heads of the chains, to be kept elsewhere",
      cmd_anchor },
    { "backed-up", "PLACE", "notes that a base backup lies there now",
      cmd_backed_up },
    { "oracle", "clock < LINES", "answers cases by the rules: a line in, a "
      "line out", cmd_oracle },
    { 0 },
    /* clang-format on */
};

#define IN(member) AT(struct cli, member)

static const struct setting settings[] = {
    /* clang-format off */
    { "CELL", SETTING_TEXT, IN(name), "", "name of the cell: topic prefix" },
    { "KAFKA", SETTING_TEXT, IN(kafka), "", "brokers, host:port,…" },
    { "POSTGRES", SETTING_TEXT, IN(postgres), "",
      "conninfo, role baodao_operator" },
    { "REDIS", SETTING_TEXT, IN(redis), "", "socket of Redis" },
    { "KEYS", SETTING_TEXT, IN(keys), "keys", "folder of the cell's keys" },
    { "SCHEMAS", SETTING_TEXT, IN(schemas), "schemas",
      "folder with messages/ sql/ reference/" },
    { "DISTRICT", SETTING_TEXT, IN(district), "",
      "region code of a cell that is born" },
    { "OPERATOR", SETTING_TEXT, IN(person), "",
      "who sits here, as log.act shall know it; $USER" },
    { 0 },
    /* clang-format on */
};

static void print_help(FILE *to)
{
    AUTO(buf) struct buf out = {0};

    fprintf(to, "baodao VERB …: looks after a cell of Baodao\n\n");
    for (const struct verb *v = verbs; v->name; v++)
        fprintf(to, "  baodao %s %s\n        %s\n", v->name, v->words, v->help);
    settings_print(settings, &out);
    fprintf(to,
            "\nSettings, from the environment:\n%s\n"
            "Exit codes: 0 done, 1 failed, 2 not understood.\n",
            buf_string(&out));
}

static const struct verb *find_verb(const char *name)
{
    for (const struct verb *v = verbs; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0;
}

static int run(const struct verb *verb, int argc, char **argv)
{
    struct cli cli = {.words = argv,
                      .word_count = (size_t)argc,
                      .test_clock_us = INSTANT_NONE};
    struct err err = {0};
    bool done = settings_read(settings, &cli, &err) && verb->run(&cli, &err);

    cli_release(&cli);
    if (fflush(stdout) != 0 && done)
        done = err_fatal(&err, "stdout", "the output cannot be written");
    if (done)
        return EXIT_OK;
    fprintf(stderr, "baodao %s: %s%s%s%s\n", verb->name, err.sentence,
            err.field[0] ? " (" : "", err.field, err.field[0] ? ")" : "");
    if (strcmp(err.code, "usage") != 0)
        return EXIT_FATAL;
    fprintf(stderr, "usage: baodao %s %s\n", verb->name, verb->words);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const struct verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;

    supervise_start();
    if (sodium_init() < 0)
        return EXIT_FATAL;
    if (verb && argc == 3 && strcmp(argv[2], "--help") == 0) {
        printf("usage: baodao %s %s\n%s\n", verb->name, verb->words,
               verb->help);
        return EXIT_OK;
    }
    if (verb)
        return run(verb, argc - 2, argv + 2);
    if (argc > 1 && is_help(argv[1])) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (argc > 1)
        fprintf(stderr, "baodao: there is no verb %s\n", argv[1]);
    print_help(stderr);
    return EXIT_USAGE;
}
