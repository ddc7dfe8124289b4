/* base_id_test.c - UUIDs: new, derived, printed, parsed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/id.h"

#define NOON_US INT64_C(1772424000123456)

static int order_of(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int variant_of(const struct uuid *id)
{
    return id->bytes[8] >> 6;
}

static struct uuid parsed(const char *text)
{
    struct uuid id;

    assert_true(uuid_parse(text_of(text), &id));
    return id;
}

static void
new_ids_grow_while_the_clock_stands_steps_back_and_goes(void **state)
{
    int64_t at_us = NOON_US;
    struct uuid last = uuid_new(at_us);

    (void)state;
    for (int i = 0; i < 30000; i++) {
        struct uuid id;

        if (i % 1000 == 0)
            at_us += 1500;
        if (i % 7000 == 6999)
            at_us -= 60 * 1000000;
        id = uuid_new(at_us);
        assert_true(order_of(&last, &id) < 0);
        assert_int_equal(uuid_version(&id), 7);
        assert_int_equal(variant_of(&id), 2);
        last = id;
    }
}

static void a_new_id_tells_its_millisecond(void **state)
{
    int64_t at_us = NOON_US + INT64_C(3600000000);
    struct uuid id = uuid_new(at_us);

    (void)state;
    assert_int_equal(uuid_time_us(&id), at_us / 1000 * 1000);
}

/* Its low bits are chance: two runs of ids share none of them. */
static void new_ids_are_not_guessed_from_their_neighbours(void **state)
{
    int64_t at_us = NOON_US + INT64_C(7200000000);
    struct uuid a = uuid_new(at_us);
    struct uuid b = uuid_new(at_us);
    struct uuid c = uuid_new(at_us + 1000);

    (void)state;
    assert_true(memcmp(a.bytes + 12, b.bytes + 12, 4) != 0);
    assert_true(memcmp(b.bytes + 6, c.bytes + 6, 10) != 0);
}

/* Made by Python's hashlib.blake2b over the framed fields. */
static void derived_ids_are_the_ones_on_record(void **state)
{
    static const char cause[] = "018f3c2a-1b00-7abc-8def-0123456789ab";
    static const char nil[] = "00000000-0000-0000-0000-000000000000";
    static const struct {
        uint8_t key_step; /* the key is 0, step, 2 step ... */
        const char *topic, *cause;
        uint32_t n;
        const char *id;
    } cases[] = {
        {0, "whistle.commands", cause, 0,
         "018f3c2a-1b00-89e5-928c-113aa0a58270"},
        {0, "whistle.commands", cause, 1,
         "018f3c2a-1b00-81a8-b8fb-c4ba6863e1dd"},
        {0, "task.commands", cause, 0, "018f3c2a-1b00-85ab-85e0-95c5bd50ac51"},
        {0, "whistle.commands", nil, UINT32_MAX,
         "00000000-0000-8cdf-9bf6-a2d09e3e0b19"},
        {1, "whistle.commands", cause, 0,
         "018f3c2a-1b00-8d12-9d52-eaf2c0091a16"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct uuid from = parsed(cases[i].cause);
        uint8_t key[32];
        char text[UUID_TEXT_SIZE];
        struct uuid id;

        for (size_t k = 0; k < sizeof(key); k++)
            key[k] = (uint8_t)(k * cases[i].key_step);
        uuid_derive_key(key);
        id = uuid_derive(cases[i].topic, &from, cases[i].n);
        uuid_print(&id, text);
        assert_string_equal(text, cases[i].id);
        uuid_derive_key((const uint8_t[32]){0});
    }
}

/* Of 4,000 ids each free bit is set in about half, the fixed ones always. */
static void derived_bits_are_even_but_for_time_version_and_variant(void **state)
{
    struct uuid cause = uuid_new(NOON_US);
    int set[128] = {0};

    (void)state;
    for (uint32_t n = 0; n < 4000; n++) {
        struct uuid id = uuid_derive("t", &cause, n);

        assert_memory_equal(id.bytes, cause.bytes, 6);
        assert_int_equal(uuid_version(&id), 8);
        assert_int_equal(variant_of(&id), 2);
        for (int bit = 0; bit < 128; bit++)
            set[bit] += id.bytes[bit / 8] >> (7 - bit % 8) & 1;
    }
    for (int bit = 52; bit < 128; bit++)
        if (bit != 64 && bit != 65 && (set[bit] < 1800 || set[bit] > 2200))
            fail_msg("bit %d: %d of 4000", bit, set[bit]);
}

static void a_derived_id_depends_on_each_of_its_causes(void **state)
{
    struct uuid cause = parsed("018f3c2a-1b00-7abc-8def-0123456789ab");
    struct uuid other = parsed("018f3c2a-1b00-7abc-8def-0123456789aa");
    struct uuid a = uuid_derive("topic", &cause, 3);
    struct uuid same = uuid_derive("topic", &cause, 3);
    struct uuid b = uuid_derive("topic", &other, 3);
    struct uuid c = uuid_derive("topix", &cause, 3);
    struct uuid d = uuid_derive("topic", &cause, 4);

    (void)state;
    assert_true(uuid_equal(&a, &same));
    assert_false(uuid_equal(&a, &b));
    assert_false(uuid_equal(&a, &c));
    assert_false(uuid_equal(&a, &d));
}

static void only_the_canonical_form_is_read(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"018f3c2a-1b00-7abc-8def-0123456789ab", true},
        {"018F3C2A-1B00-7ABC-8DEF-0123456789AB", true},
        {"00000000-0000-0000-0000-000000000000", true},
        {"", false},
        {"018f3c2a-1b00-7abc-8def-0123456789a", false},
        {"018f3c2a-1b00-7abc-8def-0123456789abc", false},
        {"018f3c2a1b007abc8def0123456789ab", false},
        {"{18f3c2a-1b00-7abc-8def-0123456789ab", false},
        {"018f3c2a-1b00-7abc-8def-0123456789ag", false},
        {"018f3c2a-1b00-7abc-8def_0123456789ab", false},
        {"018f3c2-a1b00-7abc-8def-0123456789ab", false},
        {"018f3c2a-1b00-7abc-8def-0123456789 b", false},
        {"--------------------------------+---", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct uuid id = {{9}};

        if (uuid_parse(text_of(cases[i].text), &id) != cases[i].good)
            fail_msg("\"%s\"", cases[i].text);
        if (!cases[i].good)
            assert_int_equal(id.bytes[0], 9);
    }
}

static void what_is_printed_is_read_and_one_wrong_byte_is_not(void **state)
{
    unsigned short seed[3] = {7, 8, 9};

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[UUID_TEXT_SIZE];
        struct uuid id, back;
        size_t at;

        for (size_t i = 0; i < sizeof(id.bytes); i++)
            id.bytes[i] = (uint8_t)nrand48(seed);
        uuid_print(&id, text);
        back = parsed(text);
        assert_true(uuid_equal(&id, &back));
        at = (size_t)nrand48(seed) % (UUID_TEXT_SIZE - 1);
        text[at] = (char)(text[at] == '-' ? 'a' : '-');
        assert_false(uuid_parse(text_of(text), &back));
    }
}

static void the_first_id_of_an_instant_is_below_all_others_of_it(void **state)
{
    struct uuid first = uuid_first(NOON_US);
    struct uuid cause = uuid_new(NOON_US + INT64_C(9000000000));
    struct uuid first_of_cause = uuid_first(uuid_time_us(&cause));
    struct uuid next = uuid_first(uuid_time_us(&cause) + 1000);
    struct uuid derived = uuid_derive("t", &cause, 0);
    struct uuid before_time = uuid_first(-5);

    (void)state;
    assert_int_equal(uuid_time_us(&first), NOON_US / 1000 * 1000);
    assert_true(order_of(&first_of_cause, &cause) < 0);
    assert_true(order_of(&first_of_cause, &derived) < 0);
    assert_true(order_of(&derived, &next) < 0);
    assert_true(order_of(&cause, &next) < 0);
    assert_true(uuid_is_nil(&before_time));
    assert_false(uuid_is_nil(&first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            new_ids_grow_while_the_clock_stands_steps_back_and_goes),
        cmocka_unit_test(a_new_id_tells_its_millisecond),
        cmocka_unit_test(new_ids_are_not_guessed_from_their_neighbours),
        cmocka_unit_test(derived_ids_are_the_ones_on_record),
        cmocka_unit_test(
            derived_bits_are_even_but_for_time_version_and_variant),
        cmocka_unit_test(a_derived_id_depends_on_each_of_its_causes),
        cmocka_unit_test(only_the_canonical_form_is_read),
        cmocka_unit_test(what_is_printed_is_read_and_one_wrong_byte_is_not),
        cmocka_unit_test(the_first_id_of_an_instant_is_below_all_others_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
