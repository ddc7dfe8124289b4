/* base_setting_test.c - settings from the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/setting.h"

struct my {
    const char *cell;
    int64_t batch_max;
    bool replay;
    const char *note;
};

static const struct setting table[] = {
    {"T_CELL", SETTING_TEXT, AT(struct my, cell), NULL, "the cell's name"},
    {"T_BATCH_MAX", SETTING_INT, AT(struct my, batch_max), "1000",
     "messages in a batch at most"},
    {"T_REPLAY", SETTING_BOOL, AT(struct my, replay), "no", "fold anew"},
    {"T_NOTE", SETTING_TEXT, AT(struct my, note), "", "a note"},
    {0},
};

static int clear_environment(void **state)
{
    (void)state;
    for (const struct setting *s = table; s->name; s++)
        unsetenv(s->name);
    return 0;
}

static void what_is_unset_has_its_default(void **state)
{
    struct my my = {0};
    struct err err;

    (void)state;
    setenv("T_CELL", "panlong", 1);
    assert_true(settings_read(table, &my, &err));
    assert_string_equal(my.cell, "panlong");
    assert_int_equal(my.batch_max, 1000);
    assert_false(my.replay);
    assert_string_equal(my.note, "");
}

static void what_is_set_is_taken(void **state)
{
    struct my my = {0};
    struct err err;

    (void)state;
    setenv("T_CELL", "昆明", 1);
    setenv("T_BATCH_MAX", "-5", 1);
    setenv("T_REPLAY", "yes", 1);
    setenv("T_NOTE", "x y", 1);
    assert_true(settings_read(table, &my, &err));
    assert_string_equal(my.cell, "昆明");
    assert_int_equal(my.batch_max, -5);
    assert_true(my.replay);
    assert_string_equal(my.note, "x y");
}

static void an_error_names_the_setting_and_never_its_value(void **state)
{
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"T_CELL", ""},
        {"T_BATCH_MAX", "many-secret"},
        {"T_BATCH_MAX", "12secret"},
        {"T_BATCH_MAX", "9223372036854775808"},
        {"T_REPLAY", "secret"},
        {"T_REPLAY", "YES"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct my my = {0};
        struct err err = {0};

        clear_environment(NULL);
        setenv("T_CELL", "panlong", 1);
        setenv(cases[i].name, cases[i].value, 1);
        assert_false(settings_read(table, &my, &err));
        assert_int_equal(err.kind, ERR_FATAL);
        assert_string_equal(err.code, "bad_setting");
        assert_string_equal(err.field, cases[i].name);
        assert_non_null(strstr(err.sentence, cases[i].name));
        assert_null(strstr(err.sentence, "secret"));
        assert_false(settings_read(table, &my, NULL));
    }
}

static void what_has_no_default_must_be_set(void **state)
{
    struct my my = {0};
    struct err err;

    (void)state;
    assert_false(settings_read(table, &my, &err));
    assert_string_equal(err.field, "T_CELL");
    assert_string_equal(err.sentence, "T_CELL must be set");
}

static void the_words_for_yes_and_no_are_these(void **state)
{
    static const struct {
        const char *word;
        bool value;
    } cases[] = {
        {"1", true},  {"true", true},   {"yes", true},
        {"0", false}, {"false", false}, {"no", false},
    };

    (void)state;
    setenv("T_CELL", "panlong", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct my my = {.replay = !cases[i].value};
        struct err err;

        setenv("T_REPLAY", cases[i].word, 1);
        assert_true(settings_read(table, &my, &err));
        assert_int_equal(my.replay, cases[i].value);
    }
}

static void help_has_a_line_for_each(void **state)
{
    AUTO(buf) struct buf out = {0};

    (void)state;
    settings_print(table, &out);
    assert_string_equal(
        buf_string(&out),
        "  T_CELL                   the cell's name (must be set)\n"
        "  T_BATCH_MAX              messages in a batch at most (1000)\n"
        "  T_REPLAY                 fold anew (no)\n"
        "  T_NOTE                   a note\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_unset_has_its_default,
                               clear_environment),
        cmocka_unit_test_setup(what_is_set_is_taken, clear_environment),
        cmocka_unit_test_setup(an_error_names_the_setting_and_never_its_value,
                               clear_environment),
        cmocka_unit_test_setup(what_has_no_default_must_be_set,
                               clear_environment),
        cmocka_unit_test_setup(the_words_for_yes_and_no_are_these,
                               clear_environment),
        cmocka_unit_test(help_has_a_line_for_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
