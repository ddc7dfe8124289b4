/* cmd_send.c - one command from stdin. */
#include "services/baodao/file.h"
#include "services/baodao/say.h"
#include "services/baodao/verbs.h"

enum { KEY, ACTOR, ID, REPLY, OPTIONS };

static bool read_data(json_t **ret_data, struct err *err)
{
    AUTO(buf) struct buf in = {0};
    json_error_t why;

    if (!cli_stream_read(stdin, &in, err))
        return false;
    *ret_data =
        json_loadb(in.size > 0 ? in.bytes : "{}", in.size > 0 ? in.size : 2,
                   JSON_REJECT_DUPLICATES, &why);
    return *ret_data ||
           err_reject(err, "malformed", "", "stdin is no JSON: line %d: %s",
                      why.line, why.text);
}

static bool say(struct cli *cli, struct said *c, struct err *err)
{
    AUTO(saying) struct saying s = {0};

    return saying_open(cli, &s, err) && saying_say(&s, c, err) &&
           saying_finish(&s, err);
}

static bool send_one(struct cli *cli, const struct cli_option *options,
                     struct said *c, struct err *err)
{
    char id[UUID_TEXT_SIZE], actor[96];
    json_t *data = NULL;
    bool done;

    snprintf(actor, sizeof(actor), "operator//%s", cli_person(cli));
    c->key = options[KEY].value;
    c->actor = options[ACTOR].value ? options[ACTOR].value : actor;
    c->reply = options[REPLY].value;
    if (options[ID].value && !uuid_parse(text_of(options[ID].value), &c->id))
        return cli_usage(err, "--id must be a UUID");
    if (!cli_cell(cli, err) || !read_data(&data, err))
        return false;
    c->data = data;
    c->at_us = cli_now(cli);
    done = say(cli, c, err);
    json_decref(data);
    if (!done)
        return err_in(err, "%s", c->type);
    uuid_print(&c->id, id);
    printf("%s\n", id);
    return true;
}

bool cmd_send(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {
        [KEY] = {.name = "key"}, [ACTOR] = {.name = "actor"},
        [ID] = {.name = "id"},   [REPLY] = {.name = "reply"},
        [OPTIONS] = {0},
    };
    struct said c = {0};

    return cli_words(cli, options, &c.type, 1, 1, err) &&
           send_one(cli, options, &c, err);
}
