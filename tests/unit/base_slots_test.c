/* base_slots_test.c - a batch's aggregates by key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/id.h"
#include "common/base/slots.h"

#define MANY 20000

struct thing {
    uint32_t number;
    char rest[20];
};

static struct uuid key_of(uint32_t i)
{
    struct uuid key = uuid_first(1772411400000000);

    memcpy(key.bytes + 12, &i, sizeof(i));
    return key;
}

static void many_keys_are_found_and_kept_in_order(void **state)
{
    AUTO(arena) struct arena arena = {0};
    struct slots s;

    (void)state;
    slots_start(&s, &arena);
    for (uint32_t i = 0; i < MANY; i++) {
        struct uuid key = key_of(i * 7919 % MANY);
        bool is_new = false;
        struct thing *t = slots_get(&s, &key, sizeof(key), sizeof(*t), &is_new);

        assert_true(is_new);
        assert_int_equal(t->number, 0);
        t->number = i + 1;
    }
    assert_int_equal(s.count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        struct uuid key = key_of(i * 7919 % MANY);
        bool is_new = true;
        struct thing *t = slots_get(&s, &key, sizeof(key), sizeof(*t), &is_new);

        assert_false(is_new);
        assert_int_equal(t->number, i + 1);
        assert_ptr_equal(s.items[i].thing, t);
        assert_memory_equal(s.items[i].key, &key, sizeof(key));
        assert_ptr_equal(slots_find(&s, &key, sizeof(key)), t);
    }
    assert_int_equal(s.count, MANY);
}

static void what_was_never_put_is_not_found(void **state)
{
    AUTO(arena) struct arena arena = {0};
    struct slots s;

    (void)state;
    slots_start(&s, &arena);
    assert_null(slots_find(&s, "a", 1));
    slots_put(&s, "a", 1, &s);
    assert_null(slots_find(&s, "b", 1));
    assert_null(slots_find(&s, "a\0", 2));
    assert_null(slots_find(&s, "", 0));
}

/* So many that they meet in the table; lengths around the eight bytes that
 * are hashed at once are among them. */
static void keys_that_differ_in_length_alone_are_different(void **state)
{
    AUTO(arena) struct arena arena = {0};
    struct slots s;
    char key[1000];

    (void)state;
    memset(key, '5', sizeof(key));
    slots_start(&s, &arena);
    for (size_t size = 0; size < sizeof(key); size++)
        slots_put(&s, key, size, &key[size]);
    assert_int_equal(s.count, sizeof(key));
    for (size_t size = 0; size < sizeof(key); size++)
        assert_ptr_equal(slots_find(&s, key, size), &key[size]);
}

static void a_put_replaces_and_keeps_the_place(void **state)
{
    AUTO(arena) struct arena arena = {0};
    struct slots s;
    int one, two, three;

    (void)state;
    slots_start(&s, &arena);
    slots_put(&s, "first", 5, &one);
    slots_put(&s, "second", 6, &two);
    slots_put(&s, "first", 5, &three);
    assert_int_equal(s.count, 2);
    assert_ptr_equal(s.items[0].thing, &three);
    assert_ptr_equal(slots_find(&s, "first", 5), &three);
}

static void the_key_is_a_copy(void **state)
{
    AUTO(arena) struct arena arena = {0};
    char key[] = "office";
    struct slots s;

    (void)state;
    slots_start(&s, &arena);
    slots_put(&s, key, 6, &s);
    key[0] = 'x';
    assert_ptr_equal(slots_find(&s, "office", 6), &s);
    assert_null(slots_find(&s, key, 6));
}

static void after_a_reset_it_starts_empty(void **state)
{
    AUTO(arena) struct arena arena = {0};
    struct slots s;

    (void)state;
    for (int batch = 0; batch < 3; batch++) {
        arena_reset(&arena);
        slots_start(&s, &arena);
        assert_int_equal(s.count, 0);
        assert_null(slots_find(&s, "k", 1));
        slots_get(&s, "k", 1, 8, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_keys_are_found_and_kept_in_order),
        cmocka_unit_test(what_was_never_put_is_not_found),
        cmocka_unit_test(keys_that_differ_in_length_alone_are_different),
        cmocka_unit_test(a_put_replaces_and_keeps_the_place),
        cmocka_unit_test(the_key_is_a_copy),
        cmocka_unit_test(after_a_reset_it_starts_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
