/* cli_say_test.c - where a command goes by its type, and what a dead letter's
 * bytes hold. */
#include "services/baodao/say_key.h"

#include <dirent.h>
#include <string.h>

#include "common/city/actor.h"
#include "services/baodao/letter.h"
#include "tests/unit/must.h"

#define ID "019cd50b-2676-79d5-a2e6-750a3f13091d"
#define OTHER "019cd50b-2676-79d5-a2e6-750a3f13091e"

static struct cli cli = {.name = "panlong", .cell_district = "530103"};
static struct saying saying;

static int open_all(void **state)
{
    (void)state;
    saying.cli = &cli;
    cli.postgres = "";
    saying.homes = homes_new();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    homes_free(saying.homes);
    arena_release(&saying.arena);
    return 0;
}

static bool place(const char *type, const char *key, const char *json,
                  struct place *ret_place, struct err *err)
{
    json_t *data = json_loads(json, 0, NULL);
    struct said c = {.type = type, .key = key, .data = data};
    bool done;

    assert_non_null(data);
    assert_true(uuid_parse(text_of(ID), &c.id));
    arena_reset(&saying.arena);
    done = say_place(&saying, &c, ret_place, err);
    if (done) { /* they point into the data */
        ret_place->key = arena_text(&saying.arena, ret_place->key);
        ret_place->subject = arena_text(&saying.arena, ret_place->subject);
    }
    json_decref(data);
    return done;
}

static void each_command_has_its_topic_key_and_subject(void **state)
{
    static const struct {
        const char *type, *data, *topic, *key, *subject;
    } cases[] = {
        {"issue.raise", "{\"home\":\"530103003001\"}", "panlong.issue.commands",
         "530103003001", ID},
        /* raised above: its home is known without asking */
        {"issue.accept", "{\"issue\":\"" ID "\"}", "panlong.issue.commands",
         "530103003001", ID},
        {"whistle.draft", "{}", "panlong.whistle.commands", ID, ID},
        {"whistle.approve", "{\"whistle\":\"" OTHER "\"}",
         "panlong.whistle.commands", OTHER, OTHER},
        {"office.duty", "{\"office\":\"CGJ\"}", "panlong.whistle.commands",
         "CGJ", "CGJ"},
        {"task.sign",
         "{\"whistle\":\"" OTHER "\",\"round\":2,\"office\":\"CGJ\"}",
         "panlong.task.commands", OTHER, OTHER "/2/CGJ"},
        {"partner.register", "{\"partner\":\"" OTHER "\"}",
         "panlong.match.commands", "530103", OTHER},
        {"need.publish", "{}", "panlong.match.commands", "530103", ID},
        {"need.withdraw", "{\"need\":\"" OTHER "\"}", "panlong.match.commands",
         "530103", OTHER},
        {"match.rate", "{\"match\":\"" OTHER "\"}", "panlong.match.commands",
         "530103", OTHER},
        {"ledger.reverse", "{\"entry\":\"" OTHER "\"}",
         "panlong.ledger.commands", "530103", OTHER},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place p;

        MUST(place(cases[i].type, NULL, cases[i].data, &p, err));
        assert_string_equal(p.topic.bytes, cases[i].topic);
        assert_true(text_is(p.key, cases[i].key));
        assert_true(text_is(p.subject, cases[i].subject));
    }
}

static void a_key_that_is_given_stands(void **state)
{
    struct place p;

    (void)state;
    MUST(place("issue.accept", "530103", "{\"issue\":\"" OTHER "\"}", &p, err));
    assert_true(text_is(p.key, "530103"));
}

static void without_a_key_nothing_is_said(void **state)
{
    struct err err = {0};
    struct place p;

    (void)state;
    assert_false(place("task.sign", NULL, "{}", &p, &err));
    assert_string_equal(err.code, "no_key");
    assert_false(place("issue.accept", NULL, "{}", &p, &err));
    assert_string_equal(err.code, "no_key");
    assert_false(place("road.build", NULL, "{}", &p, &err));
    assert_string_equal(err.code, "unknown_type");
}

/* Types that go into every partition name no topic. */
static bool is_everywhere(const char *type)
{
    return strcmp(type, "clock.passed") == 0 ||
           strcmp(type, "reference.changed") == 0;
}

static void every_command_with_a_schema_has_a_topic(void **state)
{
    DIR *dir = opendir("schemas/messages");
    struct dirent *entry;
    int commands = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char type[256];
        char *end;

        snprintf(type, sizeof(type), "%s", entry->d_name);
        end = strstr(type, ".json");
        if (!end)
            continue;
        *end = '\0';
        if (actor_roles(text_of(type)) == 0 || is_everywhere(type))
            continue;
        commands++;
        if (!say_topic_of(type))
            fail_msg("%s has no topic", type);
    }
    closedir(dir);
    assert_true(commands > 40);
}

static void headers_of_a_dead_letter_are_read_to_their_last_byte(void **state)
{
    static const char bytes[] = "ce_id\0\0\0\0\3abcceX\0\0\0\0\0";
    const size_t size = sizeof(bytes) - 1;
    struct letter l = {0};

    (void)state;
    assert_true(letter_unpack((struct text){bytes, size}, &l));
    assert_int_equal(l.header_count, 2);
    assert_true(text_is(letter_find(&l, "ce_id"), "abc"));
    assert_int_equal(letter_find(&l, "ceX").size, 0);
    for (size_t cut = 1; cut < size; cut++) {
        struct letter part = {0};

        if (cut != 13) /* the end of the first header */
            assert_false(letter_unpack((struct text){bytes, cut}, &part));
    }
}

static void an_edited_header_takes_the_old_ones_place(void **state)
{
    struct letter l = {.header_count = 1, .headers = {{"ce_id", TEXT("old")}}};

    (void)state;
    letter_header(&l, &l.arena, "ce_cause", letter_find(&l, "ce_id"));
    letter_header(&l, &l.arena, "ce_id", TEXT("new"));
    letter_header(&l, &l.arena, "ce_none", TEXT(""));
    assert_int_equal(l.header_count, 2);
    assert_true(text_is(letter_find(&l, "ce_id"), "new"));
    assert_true(text_is(letter_find(&l, "ce_cause"), "old"));
    letter_cleanup(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_has_its_topic_key_and_subject),
        cmocka_unit_test(a_key_that_is_given_stands),
        cmocka_unit_test(without_a_key_nothing_is_said),
        cmocka_unit_test(every_command_with_a_schema_has_a_topic),
        cmocka_unit_test(headers_of_a_dead_letter_are_read_to_their_last_byte),
        cmocka_unit_test(an_edited_header_takes_the_old_ones_place),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
