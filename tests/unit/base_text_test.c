/* base_text_test.c - slices: UTF-8, numbers, cuts and copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

static void utf_8_is_valid_exactly_as_rfc_3629_says(void **state)
{
    static const struct {
        struct text bytes;
        bool valid;
    } cases[] = {
        {TEXT(""), true},
        {TEXT("whistle"), true},
        {TEXT("街道吹哨，部门报到"), true},
        {TEXT("a\0b"), false},
        {TEXT("12345678\0"), false},
        {TEXT("1234\0005678"), false},
        {TEXT("\x7f"), true},
        {TEXT("\x80"), false},
        {TEXT("\xbf"), false},
        {TEXT("\xc0\x80"), false},
        {TEXT("\xc1\xbf"), false},
        {TEXT("\xc2\x80"), true},
        {TEXT("\xdf\xbf"), true},
        {TEXT("\xdf"), false},
        {TEXT("\xc2\x20"), false},
        {TEXT("\xe0\x9f\xbf"), false},
        {TEXT("\xe0\xa0\x80"), true},
        {TEXT("\xe1\x80"), false},
        {TEXT("\xed\x9f\xbf"), true},
        {TEXT("\xed\xa0\x80"), false},
        {TEXT("\xed\xbf\xbf"), false},
        {TEXT("\xee\x80\x80"), true},
        {TEXT("\xef\xbf\xbf"), true},
        {TEXT("\xf0\x8f\xbf\xbf"), false},
        {TEXT("\xf0\x90\x80\x80"), true},
        {TEXT("\xf4\x8f\xbf\xbf"), true},
        {TEXT("\xf4\x90\x80\x80"), false},
        {TEXT("\xf5\x80\x80\x80"), false},
        {TEXT("\xff"), false},
        {TEXT("\xf0\x9f\x98"), false},
        {TEXT("plain text, then \xe5\x93"), false},
        {TEXT("plain text, then \xe5\x93\xa8 and more"), true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (text_valid(cases[i].bytes) != cases[i].valid)
            fail_msg("row %zu", i);
}

static size_t encode(uint32_t point, char into[4])
{
    if (point < 0x80) {
        into[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        into[0] = (char)(0xc0 | point >> 6);
        into[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        into[0] = (char)(0xe0 | point >> 12);
        into[1] = (char)(0x80 | (point >> 6 & 0x3f));
        into[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | point >> 18);
    into[1] = (char)(0x80 | (point >> 12 & 0x3f));
    into[2] = (char)(0x80 | (point >> 6 & 0x3f));
    into[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

static void every_code_point_but_surrogates_and_nul_is_valid(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x110fff; point++) {
        char bytes[4];
        struct text t = {bytes, encode(point, bytes)};
        bool wanted = point != 0 && point <= 0x10ffff &&
                      (point < 0xd800 || point > 0xdfff);

        if (text_valid(t) != wanted)
            fail_msg("U+%04x", point);
    }
}

/* Looks for each code point of one or two bytes at the front in turn. */
static bool slowly_valid(const char *bytes, size_t size)
{
    while (size > 0) {
        size_t used = 0;

        for (uint32_t point = 1; point < 0x800 && used == 0; point++) {
            char again[4];
            size_t n = encode(point, again);

            if (n <= size && memcmp(again, bytes, n) == 0)
                used = n;
        }
        if (used == 0)
            return false;
        bytes += used;
        size -= used;
    }
    return true;
}

static void random_bytes_are_judged_as_by_the_slow_way(void **state)
{
    unsigned short seed[3] = {1, 2, 3};

    (void)state;
    for (int round = 0; round < 10000; round++) {
        static const char letters[] = "\0ab\x7f\x80\xbf\xc2\xdf\xc1";
        char bytes[12];
        size_t size = (size_t)nrand48(seed) % sizeof(bytes);

        for (size_t i = 0; i < size; i++)
            bytes[i] = letters[(size_t)nrand48(seed) % 9];
        assert_int_equal(text_valid((struct text){bytes, size}),
                         slowly_valid(bytes, size));
    }
}

static void length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_length(TEXT("")), 0);
    assert_int_equal(text_length(TEXT("abc")), 3);
    assert_int_equal(text_length(TEXT("报到")), 2);
    assert_int_equal(text_length(TEXT("é\xf0\x9f\x93\xa3x")), 3);
}

static void a_number_is_whole_and_fits(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"-42", true, -42},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"--1", false, 0},
        {"0x10", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 77;
        bool good = text_int(text_of(cases[i].text), &value);

        if (good != cases[i].good)
            fail_msg("\"%s\"", cases[i].text);
        assert_int_equal(value, good ? cases[i].value : 77);
    }
}

static void texts_are_compared_by_bytes(void **state)
{
    const struct text none = {NULL, 0};

    (void)state;
    assert_true(text_equal(none, TEXT("")));
    assert_true(text_is(none, ""));
    assert_true(text_is(text_of(NULL), ""));
    assert_false(text_is(TEXT("lane"), "lan"));
    assert_false(text_is(TEXT("lan"), "lane"));
    assert_int_equal(text_compare(none, none), 0);
    assert_true(text_compare(none, TEXT("a")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("\xc2\x80"), TEXT("z")) > 0);
    assert_true(text_starts(TEXT("task.sign"), "task."));
    assert_true(text_starts(TEXT("task"), ""));
    assert_true(text_starts(none, ""));
    assert_false(text_starts(TEXT("tas"), "task"));
}

static void a_cut_gives_both_sides(void **state)
{
    struct text rest;
    struct text path = TEXT("whistle/2//office");

    (void)state;
    assert_true(text_is(text_cut(path, '/', &rest), "whistle"));
    assert_true(text_is(rest, "2//office"));
    assert_true(text_is(text_cut(rest, '/', &rest), "2"));
    assert_true(text_is(text_cut(rest, '/', &rest), ""));
    assert_true(text_is(text_cut(rest, '/', &rest), "office"));
    assert_int_equal(rest.size, 0);
    assert_true(text_is(text_cut(rest, '/', &rest), ""));
    assert_true(text_is(text_cut(TEXT("end/"), '/', &rest), "end"));
    assert_int_equal(rest.size, 0);
}

static void a_copy_fits_with_its_zero_or_is_refused(void **state)
{
    char into[5] = "xxxx";

    (void)state;
    assert_true(text_copy(TEXT("four"), into, sizeof(into)));
    assert_string_equal(into, "four");
    assert_false(text_copy(TEXT("fives"), into, sizeof(into)));
    assert_string_equal(into, "");
    assert_true(text_copy((struct text){NULL, 0}, into, 1));
    assert_false(text_copy(TEXT(""), into, 0));
}

static void joined_texts_are_cut_off_where_the_room_ends(void **state)
{
    const struct text parts[] = { TEXT("ab"), { NULL, 0 }, TEXT("cde") };
    char room[5];

    (void)state;
    assert_true(text_is(text_join(room, sizeof(room), parts, 3), "abcd"));
    assert_string_equal(room, "abcd");
    assert_true(text_is(text_join(room, sizeof(room), parts, 2), "ab"));
    assert_true(text_is(text_join(room, sizeof(room), NULL, 0), ""));
}

static void a_number_is_printed_to_its_ends(void **state)
{
    char room[INT_TEXT_SIZE];

    (void)state;
    assert_true(text_is(int_print(0, room), "0"));
    assert_true(text_is(int_print(-10, room), "-10"));
    assert_true(text_is(int_print(INT64_MAX, room), "9223372036854775807"));
    assert_true(text_is(int_print(INT64_MIN, room), "-9223372036854775808"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf_8_is_valid_exactly_as_rfc_3629_says),
        cmocka_unit_test(every_code_point_but_surrogates_and_nul_is_valid),
        cmocka_unit_test(random_bytes_are_judged_as_by_the_slow_way),
        cmocka_unit_test(length_counts_code_points),
        cmocka_unit_test(a_number_is_whole_and_fits),
        cmocka_unit_test(a_number_is_printed_to_its_ends),
        cmocka_unit_test(texts_are_compared_by_bytes),
        cmocka_unit_test(joined_texts_are_cut_off_where_the_room_ends),
        cmocka_unit_test(a_cut_gives_both_sides),
        cmocka_unit_test(a_copy_fits_with_its_zero_or_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
