/* cli_words_test.c - what an operator may type, and what a table looks like. */
#include <string.h>

#include "common/base/instant.h"
#include "services/baodao/clock.h"
#include "services/baodao/table.h"
#include "tests/unit/must.h"

enum { AT_TIME, JSON, OPTIONS };

static struct cli_option options[OPTIONS + 1];
static const char *words[2];
static struct err why;

static bool read_words(char **typed, size_t count)
{
    struct cli cli = {.words = typed, .word_count = count};

    memset(options, 0, sizeof(options));
    options[AT_TIME] = (struct cli_option){.name = "at", .value = "noon"};
    options[JSON] = (struct cli_option){.name = "json", .is_flag = true};
    memset(&why, 0, sizeof(why));
    return cli_words(&cli, options, words, 1, 2, &why);
}

#define READ(...)                                                              \
    read_words((char *[]){__VA_ARGS__},                                        \
               sizeof((char *[]){__VA_ARGS__}) / sizeof(char *))

static void options_stand_anywhere_with_or_without_an_equals_sign(void **state)
{
    (void)state;
    assert_true(READ("--at=now", "one", "--json"));
    assert_string_equal(options[AT_TIME].value, "now");
    assert_string_equal(options[JSON].value, "yes");
    assert_string_equal(words[0], "one");
    assert_null(words[1]);
    assert_true(READ("one", "--at", "now", "two"));
    assert_string_equal(options[AT_TIME].value, "now");
    assert_null(options[JSON].value);
    assert_string_equal(words[1], "two");
    assert_true(READ("one"));
    assert_string_equal(options[AT_TIME].value, "noon");
}

static void what_is_typed_wrongly_is_named(void **state)
{
    (void)state;
    assert_false(READ("--att=now", "one"));
    assert_string_equal(why.code, "usage");
    assert_non_null(strstr(why.sentence, "--att"));
    assert_false(READ("one", "--at"));
    assert_non_null(strstr(why.sentence, "--at needs a value"));
    assert_false(READ("one", "--json=1"));
    assert_non_null(strstr(why.sentence, "--json takes no value"));
    assert_false(READ("one", "two", "three"));
    assert_non_null(strstr(why.sentence, "three"));
    assert_false(READ("--json"));
    assert_string_equal(why.code, "usage");
}

static void numbers_keep_their_bounds(void **state)
{
    int64_t n = -1;

    (void)state;
    assert_true(cli_int("3", "--n", 1, 9, &n, &why));
    assert_int_equal(n, 3);
    assert_false(cli_int("10", "--n", 1, 9, &n, &why));
    assert_string_equal(why.code, "usage");
    assert_false(cli_int("three", "--n", 1, 9, &n, &why));
    assert_int_equal(n, 3);
}

static bool take(struct cli *cli, struct err *err)
{
    (void)err;
    return cli->word_count == 1 && strcmp(cli->words[0], "rest") == 0;
}

static void a_sub_verb_gets_the_words_behind_it(void **state)
{
    static const struct cli_sub subs[] = {{"take", take}, {0}};
    struct cli cli = {.words = (char *[]){"take", "rest"}, .word_count = 2};

    (void)state;
    assert_true(cli_run_sub(&cli, subs, false, &why));
    cli.words = (char *[]){"give"};
    cli.word_count = 1;
    assert_false(cli_run_sub(&cli, subs, false, &why));
    assert_string_equal(why.code, "usage");
    cli.word_count = 0;
    assert_false(cli_run_sub(&cli, subs, false, &why));
    assert_string_equal(why.code, "usage");
}

static void a_span_is_a_sum_of_numbers_with_units(void **state)
{
    static const struct {
        const char *span;
        int64_t us; /* 0: is none */
    } cases[] = {
        {"3d", 3 * DAY_US},
        {"2h", 2 * HOUR_US},
        {"90m", 90 * MINUTE_US},
        {"30s", 30 * SECOND_US},
        {"1d12h", 36 * HOUR_US},
        {"3660d", 3660 * DAY_US},
        {"", 0},
        {"3", 0},
        {"d", 0},
        {"3x", 0},
        {"-3d", 0},
        {"0d", 0},
        {"3d4", 0},
        {"3661d", 0},
        {"99999999999999999999d", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t us = 0;

        assert_int_equal(clock_span(text_of(cases[i].span), &us),
                         cases[i].us != 0);
        if (cases[i].us)
            assert_int_equal(us, cases[i].us);
    }
}

static void a_chinese_character_is_two_columns_wide(void **state)
{
    (void)state;
    assert_int_equal(table_width(text_of("")), 0);
    assert_int_equal(table_width(text_of("lag")), 3);
    assert_int_equal(table_width(text_of("积压 lag")), 8);
    assert_int_equal(table_width(text_of("\xff")), 1); /* is no UTF-8 */
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    AUTO(table) struct table t = TABLE("名 name", "#lag", "end");
    char *out = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&out, &size);

    (void)state;
    table_string(&t, "盘龙区指挥");
    table_int(&t, 7);
    table_string(&t, "a");
    table_string(&t, "x");
    table_int(&t, 12345);
    table_string(&t, "");
    table_print(&t, to);
    fclose(to);
    assert_string_equal(out, "名 name       lag  end\n"
                             "盘龙区指挥      7  a\n"
                             "x           12345  \n");
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere_with_or_without_an_equals_sign),
        cmocka_unit_test(what_is_typed_wrongly_is_named),
        cmocka_unit_test(numbers_keep_their_bounds),
        cmocka_unit_test(a_sub_verb_gets_the_words_behind_it),
        cmocka_unit_test(a_span_is_a_sum_of_numbers_with_units),
        cmocka_unit_test(a_chinese_character_is_two_columns_wide),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
