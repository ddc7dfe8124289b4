/* cmd_oracle.c - the table of oracles, and how a line is read and answered. */
#include "services/baodao/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fsm.h"
#include "common/base/instant.h"
#include "services/baodao/verbs.h"

static const struct {
    const char *name;
    oracle_answer *answer;
} oracles[] = {
    {"clock", oracle_clock},
    {"allot", oracle_allot},
};

oracle_answer *oracle_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(oracles); i++)
        if (strcmp(oracles[i].name, name) == 0)
            return oracles[i].answer;
    return NULL;
}

void oracle_cleanup(struct oracle *o)
{
    arena_release(&o->arena);
    arena_release(&o->line);
}

/* ---- members ---- */

json_t *oracle_member(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

bool oracle_int(json_t *object, const char *name, int64_t *ret)
{
    json_t *value = oracle_member(object, name);

    if (value && !json_is_integer(value))
        return false;
    if (value)
        *ret = json_integer_value(value);
    return true;
}

static struct text text_in(const json_t *string)
{
    return (struct text){json_string_value(string),
                         json_string_length(string)};
}

bool oracle_word(json_t *object, const char *name, const char *const *names,
                 int *ret)
{
    json_t *value = oracle_member(object, name);
    int index;

    if (!value)
        return true;
    index = json_is_string(value) && json_string_length(value) > 0
                ? name_index(names, text_in(value))
                : -1;
    if (index < 0)
        return false;
    *ret = index;
    return true;
}

bool oracle_date(json_t *object, const char *name, int32_t *ret)
{
    json_t *value = oracle_member(object, name);

    return json_is_string(value) && date_parse(text_in(value), ret);
}

/* ---- answers ---- */

json_t *oracle_refuse(const struct err *err)
{
    json_t *answer = json_pack("{s:s}", "error", err->code);
    char date[DATE_TEXT_SIZE];

    if (strcmp(err->code, "bad_row") == 0)
        json_object_set_new(answer, "field", json_string(err->field));
    if (strcmp(err->code, "calendar_gap") == 0) {
        snprintf(date, sizeof(date), "%.10s",
                 err->sentence + strcspn(err->sentence, "0123456789"));
        json_object_set_new(answer, "date", json_string(date));
    }
    return answer;
}

static void put(struct buf *out, json_t *answer, json_t *line)
{
    json_t *id = json_object_get(line, "id");
    char *text;

    if (id)
        json_object_set(answer, "id", id);
    text = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        abort();
    buf_put_text(out, text_of(text));
    buf_put_byte(out, '\n');
    free(text);
    json_decref(answer);
}

static bool is_blank(struct text line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!strchr(" \t\r", line.bytes[i]))
            return false;
    return true;
}

void oracle_line(struct oracle *o, oracle_answer *answer, struct text line,
                 struct buf *out)
{
    json_t *said, *found;

    if (is_blank(line))
        return;
    arena_reset(&o->line);
    said = json_loadb(line.bytes, line.size, JSON_REJECT_DUPLICATES, NULL);
    found = json_is_object(said) ? answer(o, said)
                                 : json_pack("{s:s}", "error", "bad_json");
    if (found)
        put(out, found, said);
    json_decref(said);
}

/* ---- the verb ---- */

static bool read_lines(oracle_answer *answer, struct err *err)
{
    AUTO(oracle) struct oracle o = {0};
    AUTO(buf) struct buf out = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t size;

    while ((size = getline(&line, &room, stdin)) >= 0) {
        if (size > 0 && line[size - 1] == '\n')
            size--;
        buf_reset(&out);
        oracle_line(&o, answer, (struct text){line, (size_t)size}, &out);
        if (out.size > 0 && fwrite(out.bytes, out.size, 1, stdout) != 1)
            break;
    }
    free(line);
    return !ferror(stdin) || err_fatal(err, "stdin", "cannot be read");
}

bool cmd_oracle(struct cli *cli, struct err *err)
{
    const char *words[1];
    oracle_answer *answer;

    if (!cli_words(cli, NULL, words, 1, 1, err))
        return false;
    answer = oracle_find(words[0]);
    if (!answer)
        return cli_usage(err, "there is no oracle %s", words[0]);
    return read_lines(answer, err);
}
