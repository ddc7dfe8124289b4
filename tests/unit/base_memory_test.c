/* base_memory_test.c - arenas and buffers. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/base/buf.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 16, 17, 4096, 65536, 1000000};
    AUTO(arena) struct arena a = {0};
    char *pieces[COUNT_OF(sizes)];

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            pieces[i] = arena_give(&a, sizes[i]);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k += 97)
                assert_int_equal(pieces[i][k], 0);
            memset(pieces[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 1; i < COUNT_OF(sizes); i++)
            assert_int_equal(pieces[i][sizes[i] - 1], (int)i + 1);
        assert_true(a.used_bytes >= 1000000);
        arena_reset(&a);
        assert_int_equal(a.used_bytes, 0);
    }
}

/* Kept, each batch would add another. */
static void a_piece_larger_than_a_block_is_freed_at_the_reset(void **state)
{
    AUTO(arena) struct arena a = {0};

    (void)state;
    memset(arena_give(&a, 100000), 1, 100000);
    memset(arena_give(&a, 200000), 2, 200000);
    assert_non_null(a.large);
    arena_reset(&a);
    assert_null(a.large);
}

static void blocks_are_used_again_after_a_reset(void **state)
{
    AUTO(arena) struct arena a = {0};
    void *first;

    (void)state;
    first = arena_give(&a, 100);
    for (int i = 0; i < 100; i++)
        arena_give(&a, 10000);
    arena_reset(&a);
    assert_ptr_equal(arena_give(&a, 100), first);
}

static void copies_are_the_callers_own(void **state)
{
    AUTO(arena) struct arena a = {0};
    char bytes[] = "bean";
    const char *copy;
    struct text kept;

    (void)state;
    copy = arena_copy(&a, bytes, 4);
    kept = arena_text(&a, (struct text){bytes, 4});
    memset(bytes, 'x', 4);
    assert_memory_equal(copy, "bean", 4);
    assert_int_equal(kept.size, 4);
    assert_string_equal(kept.bytes, "bean");
    assert_string_equal(arena_text(&a, (struct text){NULL, 0}).bytes, "");
    assert_non_null(arena_copy(&a, NULL, 0));
    kept = arena_print(&a, "%s-%04d", "哨", 42);
    assert_string_equal(kept.bytes, "哨-0042");
    assert_int_equal(kept.size, 8);
    assert_int_equal(arena_array(&a, 3, sizeof(int64_t)) != NULL, 1);
}

static void a_buffer_grows_and_keeps_what_it_holds(void **state)
{
    AUTO(buf) struct buf b = {0};

    (void)state;
    for (int i = 0; i < 5000; i++)
        buf_print(&b, "%d,", i);
    buf_put_byte(&b, '.');
    assert_memory_equal(b.bytes, "0,1,2,3,", 8);
    assert_memory_equal(b.bytes + b.size - 6, "4999,.", 6);
    assert_int_equal(b.size, 10 * 2 + 90 * 3 + 900 * 4 + 4000 * 5 + 1);
    buf_reset(&b);
    assert_int_equal(b.size, 0);
    assert_true(b.room > 0);
    assert_string_equal(buf_string(&b), "");
}

static void numbers_go_in_network_order(void **state)
{
    static const unsigned char wanted[] = {1, 2, 3,    4,    5,    6,    7,
                                           8, 9, 0xff, 0xfe, 0xfd, 0xfc, 0xfb};
    AUTO(buf) struct buf b = {0};

    (void)state;
    buf_put_be16(&b, 0x0102);
    buf_put_be32(&b, 0x03040506);
    buf_put_be64(&b, UINT64_C(0x070809fffefdfcfb));
    assert_int_equal(b.size, sizeof(wanted));
    assert_memory_equal(b.bytes, wanted, sizeof(wanted));
}

static void a_long_print_fits_at_every_fill(void **state)
{
    (void)state;
    for (size_t fill = 240; fill < 260; fill++) {
        AUTO(buf) struct buf b = {0};

        for (size_t i = 0; i < fill; i++)
            buf_put_byte(&b, 'a');
        buf_print(&b, "%s", "0123456789");
        assert_int_equal(b.size, fill + 10);
        assert_string_equal(buf_string(&b) + fill, "0123456789");
        assert_int_equal(b.size, fill + 10);
    }
}

static void an_empty_buffer_is_an_empty_text(void **state)
{
    AUTO(buf) struct buf b = {0};

    (void)state;
    assert_int_equal(buf_text(&b).size, 0);
    buf_put(&b, NULL, 0);
    buf_put_text(&b, (struct text){NULL, 0});
    assert_null(b.bytes);
    assert_non_null(buf_reserve(&b, 0));
    buf_put_text(&b, TEXT("x"));
    assert_true(text_is(buf_text(&b), "x"));
}

static void a_taken_pointer_leaves_null_behind(void **state)
{
    char *mine = malloc(1);
    char *taken = TAKE(mine);

    (void)state;
    assert_null(mine);
    assert_non_null(taken);
    free(taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(a_piece_larger_than_a_block_is_freed_at_the_reset),
        cmocka_unit_test(blocks_are_used_again_after_a_reset),
        cmocka_unit_test(copies_are_the_callers_own),
        cmocka_unit_test(a_buffer_grows_and_keeps_what_it_holds),
        cmocka_unit_test(numbers_go_in_network_order),
        cmocka_unit_test(a_long_print_fits_at_every_fill),
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(a_taken_pointer_leaves_null_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
