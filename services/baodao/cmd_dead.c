/*
 * cmd_dead.c - messages that no worker could read: looked at, said again, or
 * dropped. Whatever is done with one is a row of log.act.
 */
#include <sodium.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/city/requester.h"
#include "services/baodao/dead.h"
#include "services/baodao/file.h"
#include "services/baodao/letter.h"
#include "services/baodao/table.h"
#include "services/baodao/verbs.h"

/* ---- list ---- */

static bool take_list(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    AUTO(table)
    struct table t =
        TABLE("topic", "#part", "#offset", "at", "code", "field", "sentence");
    char at[INSTANT_TEXT_SIZE];

    (void)context;
    (void)err;
    for (int i = 0; i < rows->count; i++) {
        table_text(&t, pg_text(rows, i, 0));
        table_int(&t, pg_int(rows, i, 1));
        table_int(&t, pg_int(rows, i, 2));
        instant_print_shanghai(pg_instant(rows, i, 3), at);
        table_text(&t, (struct text){at, 19});
        for (int c = 4; c < 7; c++)
            table_text(&t, pg_text(rows, i, c));
    }
    if (rows->count > 0)
        table_print(&t, stdout);
    return true;
}

static bool list(struct cli *cli, struct err *err)
{
    return cli_words(cli, NULL, NULL, 0, 0, err) && cli_cell(cli, err) &&
           pg_query(cli->pg,
                    "SELECT topic, partition, \"offset\", at, code, field,"
                    "       sentence FROM log.dead_letter"
                    " ORDER BY at, topic, partition, \"offset\" LIMIT 10000",
                    NULL, take_list, NULL, err);
}

/* ---- one ---- */

static bool open_letter(struct cli *cli, struct cli_option *options,
                        struct letter *ret_letter, struct err *err)
{
    const char *words[3];
    int64_t partition, offset;

    return cli_words(cli, options, words, 3, 3, err) &&
           cli_int(words[1], "the partition", 0, INT32_MAX, &partition, err) &&
           cli_int(words[2], "the offset", INT64_MIN, INT64_MAX, &offset, err) &&
           cli_cell(cli, err) &&
           letter_read(cli, words[0], (int32_t)partition, offset, ret_letter,
                       err);
}

/* Bytes that are no text are shown as base64. */
static void print_bytes(const char *name, struct text bytes)
{
    size_t size =
        sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_ORIGINAL);
    char *text;

    if (text_valid(bytes)) {
        printf("%s: %.*s\n", name, TEXT_PRINT(bytes));
        return;
    }
    text = malloc(size);
    if (!text)
        abort();
    sodium_bin2base64(text, size, (const unsigned char *)bytes.bytes,
                      bytes.size, sodium_base64_VARIANT_ORIGINAL);
    printf("%s (base64): %s\n", name, text);
    free(text);
}

static bool show(struct cli *cli, struct err *err)
{
    AUTO(letter) struct letter l = {0};
    struct cli_option options[] = {{.name = "raw", .is_flag = true}, {0}};

    if (!open_letter(cli, options, &l, err))
        return false;
    if (options[0].value)
        return fwrite(l.value.bytes, 1, l.value.size, stdout) == l.value.size ||
               err_fatal(err, "stdout", "the output cannot be written");
    printf("code: %s\nfield: %s\nsentence: %s\n", l.code, l.field, l.sentence);
    print_bytes("key", l.key);
    for (size_t i = 0; i < l.header_count; i++)
        print_bytes(l.headers[i].name, l.headers[i].value);
    print_bytes("value", l.value);
    return true;
}

/* ---- said again ---- */

/* An edited message is another one: its id is new, its cause the old one. */
static bool edit(struct saying *s, const char *path, struct letter *l,
                 struct err *err)
{
    AUTO(buf) struct buf body = {0};
    AUTO(buf) struct buf sealed = {0};
    struct uuid id = uuid_new(cli_now(s->cli));
    struct digest digest;

    if (!cli_file_read(path, NULL, &body, err) ||
        !requester_seal_again(buf_text(&body), s->box, &l->arena, &sealed,
                              err))
        return false;
    requester_digest(buf_text(&body), s->body, &digest);
    letter_edit(l, &l->arena, arena_text(&l->arena, buf_text(&sealed)), &id,
                &digest);
    return true;
}

static bool replay(struct cli *cli, struct err *err)
{
    AUTO(saying) struct saying s = {0};
    AUTO(letter) struct letter l = {0};
    struct cli_option options[] = {{.name = "edit"}, {0}};
    const char *path;

    if (!open_letter(cli, options, &l, err) || !saying_open(cli, &s, err))
        return false;
    path = options[0].value;
    if ((path && !edit(&s, path, &l, err)) || !letter_say(&s, &l, err) ||
        !saying_finish(&s, err) ||
        !letter_settle(cli, &l, path ? "dead.edit" : "dead.replay", NULL, err))
        return false;
    printf("%.*s\n", TEXT_PRINT(letter_find(&l, "ce_id")));
    return true;
}

static bool drop(struct cli *cli, struct err *err)
{
    AUTO(letter) struct letter l = {0};
    struct cli_option options[] = {{.name = "why"}, {0}};

    if (!open_letter(cli, options, &l, err))
        return false;
    if (!options[0].value || !options[0].value[0])
        return cli_usage(err, "say --why it is dropped");
    return letter_settle(cli, &l, "dead.drop", options[0].value, err);
}

bool cmd_dead(struct cli *cli, struct err *err)
{
    static const struct cli_sub subs[] = {{"list", list},
                                          {"show", show},
                                          {"replay", replay},
                                          {"drop", drop},
                                          {"groups", dead_groups},
                                          {"replay-group", dead_replay_group},
                                          {"drop-group", dead_drop_group},
                                          {0}};

    return cli_run_sub(cli, subs, true, err);
}
