/* base_seal_test.c - boxes, values at rest, masks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/base/seal.h"

static uint8_t public_key[KEY_SIZE], secret_key[KEY_SIZE];

static int make_keys(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : crypto_box_keypair(public_key, secret_key);
}

static void a_sealed_box_opens_to_what_went_in(void **state)
{
    char plain[300];

    (void)state;
    memset(plain, 'p', sizeof(plain));
    for (size_t size = 0; size <= sizeof(plain); size += 25) {
        AUTO(buf) struct buf box = {0};
        AUTO(buf) struct buf out = {0};
        struct err err;

        seal_box(public_key, (struct text){plain, size}, &box);
        assert_null(memchr(box.bytes, '=', box.size));
        buf_put_text(&out, TEXT("before "));
        assert_true(
            seal_open(public_key, secret_key, buf_text(&box), &out, &err));
        assert_int_equal(out.size, 7 + size);
        assert_memory_equal(out.bytes, "before ", 7);
        assert_memory_equal(out.bytes + 7, plain, size);
    }
}

static void one_text_is_never_sealed_to_the_same_box(void **state)
{
    AUTO(buf) struct buf one = {0};
    AUTO(buf) struct buf two = {0};

    (void)state;
    seal_box(public_key, TEXT("13800130017"), &one);
    seal_box(public_key, TEXT("13800130017"), &two);
    assert_false(text_equal(buf_text(&one), buf_text(&two)));
}

static void assert_not_opened(const uint8_t *public, const uint8_t *secret,
                              struct text box)
{
    AUTO(buf) struct buf out = {0};
    struct err err = {0};

    assert_false(seal_open(public, secret, box, &out, &err));
    assert_int_equal(err.kind, ERR_REJECT);
    assert_string_equal(err.code, "sealed_wrongly");
    assert_int_equal(out.size, 0);
}

static void a_box_that_was_touched_stays_shut(void **state)
{
    AUTO(buf) struct buf box = {0};

    (void)state;
    seal_box(public_key, TEXT("name and phone"), &box);
    for (size_t i = 0; i < box.size; i++) {
        char was = box.bytes[i];

        box.bytes[i] = was == 'A' ? 'B' : 'A';
        assert_not_opened(public_key, secret_key, buf_text(&box));
        box.bytes[i] = was;
    }
    for (size_t size = 0; size < box.size; size++)
        assert_not_opened(public_key, secret_key,
                          (struct text){box.bytes, size});
    assert_not_opened(public_key, secret_key, TEXT("not base64 at all!"));
}

static void a_box_for_another_cell_stays_shut(void **state)
{
    uint8_t their_public[KEY_SIZE], their_secret[KEY_SIZE];
    AUTO(buf) struct buf box = {0};

    (void)state;
    crypto_box_keypair(their_public, their_secret);
    seal_box(their_public, TEXT("x"), &box);
    assert_not_opened(public_key, secret_key, buf_text(&box));
}

static const uint8_t person[KEY_SIZE] = {1, 2, 3};

static void a_value_is_sealed_the_same_way_each_time(void **state)
{
    AUTO(buf) struct buf one = {0};
    AUTO(buf) struct buf two = {0};
    AUTO(buf) struct buf other = {0};
    AUTO(buf) struct buf out = {0};
    struct err err;

    (void)state;
    seal_value(person, TEXT("row"), TEXT("phone"), 1, TEXT("138"), &one);
    seal_value(person, TEXT("row"), TEXT("phone"), 1, TEXT("138"), &two);
    seal_value(person, TEXT("row"), TEXT("phone"), 2, TEXT("138"), &other);
    assert_true(text_equal(buf_text(&one), buf_text(&two)));
    assert_false(text_equal(buf_text(&one), buf_text(&other)));
    assert_true(seal_value_open(person, TEXT("row"), TEXT("phone"), 1,
                                buf_text(&one), &out, &err));
    assert_true(text_is(buf_text(&out), "138"));
}

static void an_empty_value_comes_back_empty(void **state)
{
    AUTO(buf) struct buf cipher = {0};
    AUTO(buf) struct buf out = {0};
    struct err err;

    (void)state;
    seal_value(person, TEXT("r"), TEXT("c"), 0, text_of(NULL), &cipher);
    assert_true(seal_value_open(person, TEXT("r"), TEXT("c"), 0,
                                buf_text(&cipher), &out, &err));
    assert_int_equal(out.size, 0);
}

/* The second row moves a letter from row to column. */
static void a_value_opens_in_its_own_place_only(void **state)
{
    static const struct {
        const char *row, *column;
        int64_t version;
        bool opens;
    } cases[] = {
        {"row1", "name", 7, true},  {"row", "1name", 7, false},
        {"row2", "name", 7, false}, {"row1", "phone", 7, false},
        {"row1", "name", 8, false},
    };
    AUTO(buf) struct buf cipher = {0};

    (void)state;
    seal_value(person, TEXT("row1"), TEXT("name"), 7, TEXT("李明"), &cipher);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf) struct buf out = {0};
        struct err err;

        if (seal_value_open(person, text_of(cases[i].row),
                            text_of(cases[i].column), cases[i].version,
                            buf_text(&cipher), &out, &err) != cases[i].opens)
            fail_msg("row %zu", i);
        assert_int_equal(out.size, cases[i].opens ? 6 : 0);
    }
}

static void a_touched_value_or_another_key_opens_nothing(void **state)
{
    static const uint8_t stranger[KEY_SIZE] = {3, 2, 1};
    AUTO(buf) struct buf cipher = {0};
    AUTO(buf) struct buf out = {0};
    struct err err = {0};

    (void)state;
    seal_value(person, TEXT("r"), TEXT("c"), 0, TEXT("secret"), &cipher);
    assert_false(seal_value_open(stranger, TEXT("r"), TEXT("c"), 0,
                                 buf_text(&cipher), &out, &err));
    assert_string_equal(err.code, "sealed_wrongly");
    for (size_t i = 0; i < cipher.size; i++) {
        cipher.bytes[i] ^= 1;
        assert_false(seal_value_open(person, TEXT("r"), TEXT("c"), 0,
                                     buf_text(&cipher), &out, &err));
        cipher.bytes[i] ^= 1;
    }
    assert_false(seal_value_open(person, TEXT("r"), TEXT("c"), 0, TEXT("x"),
                                 &out, &err));
    assert_int_equal(out.size, 0);
}

static void a_mask_hides_more_than_it_shows(void **state)
{
    static const struct {
        const char *name, *masked;
    } names[] = {
        {"", ""},        {"李", "*"},
        {"李明", "李*"}, {"张三丰", "张*"},
        {"Anna", "A*"},  {"\xff\xfe", "*"},
        {"é", "*"},      {"\xf0\xa0\xae\xb7野", "\xf0\xa0\xae\xb7*"},
    };
    static const struct {
        const char *phone, *masked;
    } phones[] = {
        {"", ""},
        {"13800130017", "138****0017"},
        {"+8613800130017", "+86****0017"},
        {"63120000", "****0000"},
        {"6312000", "****"},
        {"1", "****"},
        {"１３８００１３００１７", "****"},
    };
    char into[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!text_is(seal_mask_name(text_of(names[i].name), into),
                     names[i].masked))
            fail_msg("name %zu: %s", i, into);
    for (size_t i = 0; i < COUNT_OF(phones); i++)
        if (!text_is(seal_mask_phone(text_of(phones[i].phone), into),
                     phones[i].masked))
            fail_msg("phone %zu: %s", i, into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_box_opens_to_what_went_in),
        cmocka_unit_test(one_text_is_never_sealed_to_the_same_box),
        cmocka_unit_test(a_box_that_was_touched_stays_shut),
        cmocka_unit_test(a_box_for_another_cell_stays_shut),
        cmocka_unit_test(a_value_is_sealed_the_same_way_each_time),
        cmocka_unit_test(an_empty_value_comes_back_empty),
        cmocka_unit_test(a_value_opens_in_its_own_place_only),
        cmocka_unit_test(a_touched_value_or_another_key_opens_nothing),
        cmocka_unit_test(a_mask_hides_more_than_it_shows),
    };

    return cmocka_run_group_tests(tests, make_keys, NULL);
}
