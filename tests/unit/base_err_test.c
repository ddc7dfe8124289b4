/* base_err_test.c - errors: kinds, places, and cuts at a code point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/err.h"
#include "common/base/text.h"

static void each_maker_fills_its_kind_and_returns_false(void **state)
{
    struct err err;

    (void)state;
    assert_false(err_retry(&err, "no_link", "port %d is closed", 5432));
    assert_int_equal(err.kind, ERR_RETRY);
    assert_string_equal(err.code, "no_link");
    assert_string_equal(err.field, "");
    assert_string_equal(err.sentence, "port 5432 is closed");
    assert_false(err_reject(&err, "too_long", "title", "%s", "cut it"));
    assert_int_equal(err.kind, ERR_REJECT);
    assert_string_equal(err.field, "title");
    assert_false(err_fatal(&err, "bad_setting", "no"));
    assert_int_equal(err.kind, ERR_FATAL);
    assert_string_equal(err.field, "");
}

static void nobody_needs_to_ask_why(void **state)
{
    (void)state;
    assert_false(err_retry(NULL, "a", "b"));
    assert_false(err_reject(NULL, "a", "f", "b"));
    assert_false(err_fatal(NULL, "a", "b"));
    assert_false(err_in(NULL, "there"));
}

static void a_place_stands_before_the_sentence_and_changes_no_more(void **state)
{
    struct err err;

    (void)state;
    err_reject(&err, "taken", "lane", "refused");
    assert_false(err_in(&err, "saving whistle %s", "7f3a"));
    assert_false(err_in(&err, "batch"));
    assert_string_equal(err.sentence, "batch: saving whistle 7f3a: refused");
    assert_int_equal(err.kind, ERR_REJECT);
    assert_string_equal(err.code, "taken");
    assert_string_equal(err.field, "lane");
}

/* Moves a run of three-byte letters over the end of each array. */
static void what_is_too_long_is_cut_at_a_code_point(void **state)
{
    char long_text[900];
    struct err err;

    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        memset(long_text, 'x', lead);
        for (size_t i = lead; i + 3 < sizeof(long_text); i += 3)
            memcpy(long_text + i, "哨\0", 4);
        err_reject(&err, long_text, long_text, "%s", long_text);
        err_in(&err, "%s", "place");
        assert_true(text_valid(text_of(err.code)));
        assert_true(text_valid(text_of(err.field)));
        assert_true(text_valid(text_of(err.sentence)));
        assert_true(strlen(err.code) >= sizeof(err.code) - 4);
        assert_true(strlen(err.field) >= sizeof(err.field) - 4);
        assert_true(strlen(err.sentence) >= sizeof(err.sentence) - 4);
        err_in(&err, "%s", long_text);
        assert_true(text_valid(text_of(err.sentence)));
    }
}

static void a_sentence_that_just_fits_is_whole(void **state)
{
    char text[256];
    struct err err;

    (void)state;
    memset(text, 'y', sizeof(text) - 1);
    memcpy(text + 252, "哨", 4);
    err_fatal(&err, "c", "%s", text);
    assert_string_equal(err.sentence, text);
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(err_kind_name(ERR_NONE), "none");
    assert_string_equal(err_kind_name(ERR_RETRY), "retry");
    assert_string_equal(err_kind_name(ERR_REJECT), "reject");
    assert_string_equal(err_kind_name(ERR_FATAL), "fatal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_maker_fills_its_kind_and_returns_false),
        cmocka_unit_test(nobody_needs_to_ask_why),
        cmocka_unit_test(
            a_place_stands_before_the_sentence_and_changes_no_more),
        cmocka_unit_test(what_is_too_long_is_cut_at_a_code_point),
        cmocka_unit_test(a_sentence_that_just_fits_is_whole),
        cmocka_unit_test(kinds_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
