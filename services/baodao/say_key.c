/* say_key.c - topics, keys and subjects of commands, as one table. */
#include "services/baodao/say_key.h"

#include <stdlib.h>
#include <string.h>

enum key_is {
    KEY_MEMBER,   /* a member of the data */
    KEY_ID,       /* the command's own id */
    KEY_HOME,     /* the home of the issue that the data name */
    KEY_DISTRICT, /* one key for all */
};

/* The first row whose type the type begins with. */
static const struct row {
    const char *type, *topic;
    enum key_is key_is;
    const char *member;  /* of the key */
    const char *subject; /* member; NULL: the command's own id */
} table[] = {
    /* clang-format off */
    { "issue.raise",   "issue.commands",   KEY_MEMBER,   "home",    NULL      },
    { "issue.",        "issue.commands",   KEY_HOME,     "issue",   "issue"   },
    { "whistle.draft", "whistle.commands", KEY_ID,       NULL,      NULL      },
    { "whistle.",      "whistle.commands", KEY_MEMBER,   "whistle", "whistle" },
    { "office.",       "whistle.commands", KEY_MEMBER,   "office",  "office"  },
    { "task.",         "task.commands",    KEY_MEMBER,   "whistle", "whistle" },
    { "partner.",      "match.commands",   KEY_DISTRICT, NULL,      "partner" },
    { "need.publish",  "match.commands",   KEY_DISTRICT, NULL,      NULL      },
    { "need.",         "match.commands",   KEY_DISTRICT, NULL,      "need"    },
    { "offer.",        "match.commands",   KEY_DISTRICT, NULL,      NULL      },
    { "match.",        "match.commands",   KEY_DISTRICT, NULL,      "match"   },
    { "ledger.",       "ledger.commands",  KEY_DISTRICT, NULL,      "entry"   },
    { 0 },
    /* clang-format on */
};

static const struct row *row_of(const char *type)
{
    for (const struct row *r = table; r->type; r++)
        if (text_starts(text_of(type), r->type))
            return r;
    return NULL;
}

const char *say_topic_of(const char *type)
{
    const struct row *row = row_of(type);

    return row ? row->topic : NULL;
}

/* ---- homes of issues ---- */

#define HOMES 65536 /* a power of two */

struct homes {
    struct home {
        struct uuid issue;
        char home[61]; /* as wide as the schema lets it be */
    } items[HOMES];
};

struct homes *homes_new(void)
{
    struct homes *homes = calloc(1, sizeof(*homes));

    if (!homes)
        abort();
    return homes;
}

void homes_free(struct homes *homes)
{
    free(homes);
}

/* The last bytes of an id are its most random ones. */
static struct home *home_at(struct homes *homes, const struct uuid *issue)
{
    return &homes->items[(issue->bytes[14] << 8 | issue->bytes[15]) % HOMES];
}

static void keep_home(struct homes *homes, const struct uuid *issue,
                      struct text home)
{
    struct home *place = home_at(homes, issue);

    place->issue = *issue;
    if (!text_copy(home, place->home, sizeof(place->home)))
        place->issue = (struct uuid){0};
}

static bool take_home(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct home *home = context;

    (void)err;
    if (rows->count > 0)
        pg_code(rows, 0, 0, home->home, sizeof(home->home));
    return true;
}

static bool find_home(struct saying *s, const struct uuid *issue,
                      struct text *ret_home, struct err *err)
{
    struct home *place = home_at(s->homes, issue);
    struct home found = {.issue = *issue};
    struct pg_params params = {0};

    if (!uuid_equal(&place->issue, issue)) {
        pg_param_uuid(&params, issue);
        if (!cli_pg(s->cli, err) ||
            !pg_query(s->cli->pg,
                      "SELECT home FROM intake.issue WHERE issue = $1", &params,
                      take_home, &found, err))
            return false;
        if (!found.home[0])
            return err_reject(err, "no_key", "issue",
                              "the issue is not known, or not folded yet: "
                              "wait, or give its home as key");
        *place = found;
    }
    *ret_home = text_of(place->home);
    return true;
}

/* ---- a command's place ---- */

static struct text member_of(const struct said *c, const char *name)
{
    return text_of(json_string_value(json_object_get(c->data, name)));
}

static bool key_by_type(struct saying *s, const struct said *c,
                        const struct row *row, struct text id,
                        struct text *ret_key, struct err *err)
{
    struct text member = row->member ? member_of(c, row->member) : TEXT("");
    struct uuid issue;

    switch (row->key_is) {
    case KEY_ID:
        *ret_key = id;
        break;
    case KEY_DISTRICT:
        *ret_key = text_of(s->cli->cell_district);
        break;
    case KEY_HOME:
        if (uuid_parse(member, &issue))
            return find_home(s, &issue, ret_key, err);
        break;
    case KEY_MEMBER:
        *ret_key = member;
        break;
    }
    return ret_key->size > 0 ||
           err_reject(err, "no_key", row->member ? row->member : "",
                      "%s has no key: give one", c->type);
}

/* "whistle/round/office" of whoever speaks about a lane. */
static struct text lane_subject(struct saying *s, const struct said *c)
{
    const json_t *round = json_object_get(c->data, "round");
    struct text office = member_of(c, "office");

    if (!json_is_integer(round) || office.size == 0)
        return member_of(c, "whistle");
    return arena_print(
        &s->arena, "%.*s/%lld/%.*s", TEXT_PRINT(member_of(c, "whistle")),
        (long long)json_integer_value(round), TEXT_PRINT(office));
}

static struct text subject_of(struct saying *s, const struct said *c,
                              const struct row *row, struct text id)
{
    struct text subject = {"", 0};

    if (strncmp(c->type, "task.", 5) == 0)
        return lane_subject(s, c);
    if (row->subject)
        subject = member_of(c, row->subject);
    return subject.size > 0 ? subject : id;
}

bool say_place(struct saying *s, const struct said *c, struct place *ret_place,
               struct err *err)
{
    const struct row *row = row_of(c->type);
    struct place p = {0};
    char id[UUID_TEXT_SIZE];
    struct text id_text;

    if (!row)
        return err_reject(err, "unknown_type", "type", "there is no command %s",
                          c->type);
    uuid_print(&c->id, id);
    id_text = arena_text(&s->arena, text_of(id));
    p.key = text_of(c->key);
    if (!c->key && !key_by_type(s, c, row, id_text, &p.key, err))
        return false;
    p.topic = arena_print(&s->arena, "%s.%s", s->cli->name, row->topic);
    p.subject = subject_of(s, c, row, id_text);
    if (strcmp(c->type, "issue.raise") == 0)
        keep_home(s->homes, &c->id, p.key);
    *ret_place = p;
    return true;
}
