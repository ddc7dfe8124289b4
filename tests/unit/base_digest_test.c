/* base_digest_test.c - keyed digests, and the key files of a cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/digest.h"
#include "common/base/seal.h"

static const char *const key_files[] = {"chain", "derive",  "body",
                                        "token", "box.pub", "box.sec"};

static void counting_key(uint8_t key[KEY_SIZE])
{
    for (size_t i = 0; i < KEY_SIZE; i++)
        key[i] = (uint8_t)i;
}

static void assert_digest(const struct digest *d, const char *hex)
{
    char text[DIGEST_HEX_SIZE];

    digest_print(d, text);
    assert_string_equal(text, hex);
}

/* Made by Python's hashlib.blake2b(digest_size=32). */
static void digests_are_the_ones_on_record(void **state)
{
    uint8_t key[KEY_SIZE];
    struct digest d;

    (void)state;
    counting_key(key);
    digest_of(NULL, "", 0, &d);
    assert_digest(&d, "0e5751c026e543b2e8ab2eb06099daa1"
                      "d1e5df47778f7787faab45cdf12fe3a8");
    digest_of(NULL, "abc", 3, &d);
    assert_digest(&d, "bddd813c634239723171ef3fee98579b"
                      "94964e3bb1cb3e427262c8c068d52319");
    digest_of(key, "abc", 3, &d);
    assert_digest(&d, "d63a32d3e44738d7907f964316c241ad"
                      "aba0abfeabc32349677578a15a203f7f");
}

static void a_link_of_fields_is_the_one_on_record(void **state)
{
    uint8_t key[KEY_SIZE];
    struct digest previous = {{0}};
    struct digest_state s;
    struct digest d;
    char long_field[200];

    (void)state;
    counting_key(key);
    memset(long_field, 'x', sizeof(long_field));
    digest_begin(&s, key);
    digest_field(&s, previous.bytes, DIGEST_SIZE);
    digest_text(&s, TEXT("intake"));
    digest_null(&s);
    digest_text(&s, text_of(NULL));
    digest_int(&s, -2);
    digest_field(&s, long_field, sizeof(long_field));
    digest_end(&s, &d);
    assert_digest(&d, "e16f2d3956ea438bbfd0fb3e68980b7d"
                      "6797a51d88f7d3be98f5ee986e664cfe");
}

/* Each row is a list of fields, "-" a NULL; no two rows may meet. */
static void no_two_lists_of_fields_give_one_digest(void **state)
{
    static const char *const lists[][4] = {
        {"a", "b", NULL},     {"ab", "", NULL},
        {"", "ab", NULL},     {"ab", NULL},
        {"a", "", "b", NULL}, {"", NULL},
        {"-", NULL},          {NULL},
        {"", "", NULL},       {"-", "ab", NULL},
        {"ab", "-", NULL},    {"a", "b", "-", NULL},
    };
    struct digest found[COUNT_OF(lists)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct digest_state s;

        digest_begin(&s, NULL);
        for (size_t k = 0; lists[i][k]; k++) {
            if (strcmp(lists[i][k], "-") == 0)
                digest_null(&s);
            else
                digest_text(&s, text_of(lists[i][k]));
        }
        digest_end(&s, &found[i]);
        for (size_t k = 0; k < i; k++)
            if (digest_equal(&found[i], &found[k]))
                fail_msg("lists %zu and %zu", i, k);
    }
}

static void a_printed_digest_is_read_and_nothing_else(void **state)
{
    char text[DIGEST_HEX_SIZE + 1];
    struct digest d, back;

    (void)state;
    digest_of(NULL, "abc", 3, &d);
    digest_print(&d, text);
    assert_true(digest_parse(text_of(text), &back));
    assert_true(digest_equal(&d, &back));
    text[5] = 'g';
    assert_false(digest_parse(text_of(text), &back));
    digest_print(&d, text);
    assert_false(digest_parse((struct text){text, 63}, &back));
    memcpy(text + 64, "0", 2);
    assert_false(digest_parse(text_of(text), &back));
    assert_false(digest_parse(text_of(""), &back));
    assert_true(digest_equal(&d, &back));
}

struct folder {
    char path[64];
};

static int make_folder(void **state)
{
    struct folder *f = calloc(1, sizeof(*f));

    snprintf(f->path, sizeof(f->path), "%s/baodao-keys-XXXXXX", P_tmpdir);
    *state = f;
    return mkdtemp(f->path) ? 0 : -1;
}

static char *in_folder(const struct folder *f, const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", f->path, name);
    return path;
}

static int remove_folder(void **state)
{
    struct folder *f = *state;

    for (size_t i = 0; i < COUNT_OF(key_files); i++)
        unlink(in_folder(f, key_files[i]));
    rmdir(f->path);
    free(f);
    return 0;
}

static void keys_are_made_for_their_owner_alone(void **state)
{
    const struct folder *f = *state;
    struct err err;

    assert_true(keys_create(f->path, &err));
    for (size_t i = 0; i < COUNT_OF(key_files); i++) {
        mode_t wanted = strcmp(key_files[i], "box.pub") == 0 ? 0644 : 0600;
        uint8_t key[KEY_SIZE];
        struct stat found;

        assert_int_equal(stat(in_folder(f, key_files[i]), &found), 0);
        assert_int_equal(found.st_mode & 0777, wanted);
        assert_int_equal(found.st_size, KEY_SIZE);
        assert_true(key_read(f->path, key_files[i], key, &err));
    }
}

static void keys_that_exist_are_never_overwritten(void **state)
{
    const struct folder *f = *state;
    uint8_t before[COUNT_OF(key_files)][KEY_SIZE];
    uint8_t after[KEY_SIZE];
    struct err err;

    assert_true(keys_create(f->path, &err));
    for (size_t i = 0; i < COUNT_OF(key_files); i++)
        assert_true(key_read(f->path, key_files[i], before[i], &err));
    unlink(in_folder(f, "token"));
    unlink(in_folder(f, "box.pub"));
    assert_true(keys_create(f->path, &err));
    for (size_t i = 0; i < COUNT_OF(key_files); i++) {
        bool remade = strcmp(key_files[i], "token") == 0;

        assert_true(key_read(f->path, key_files[i], after, &err));
        assert_int_equal(memcmp(before[i], after, KEY_SIZE) == 0, !remade);
    }
}

static void the_box_files_belong_together(void **state)
{
    const struct folder *f = *state;
    AUTO(buf) struct buf box = {0};
    AUTO(buf) struct buf plain = {0};
    uint8_t public[KEY_SIZE], secret[KEY_SIZE];
    struct err err;

    assert_true(keys_create(f->path, &err));
    assert_true(key_read(f->path, "box.pub", public, &err));
    assert_true(key_read(f->path, "box.sec", secret, &err));
    seal_box(public, TEXT("138"), &box);
    assert_true(seal_open(public, secret, buf_text(&box), &plain, &err));
    assert_true(text_is(buf_text(&plain), "138"));
}

static void assert_bad_key(const struct folder *f, const char *name)
{
    uint8_t key[KEY_SIZE] = {77};
    struct err err = {0};

    assert_false(key_read(f->path, name, key, &err));
    assert_int_equal(err.kind, ERR_FATAL);
    assert_string_equal(err.code, "bad_key");
    assert_non_null(strstr(err.sentence, name));
    assert_int_equal(key[0], 77);
}

static void a_key_file_that_is_not_right_is_named(void **state)
{
    const struct folder *f = *state;
    struct err err;

    assert_bad_key(f, "chain");
    assert_true(keys_create(f->path, &err));
    assert_int_equal(chmod(in_folder(f, "chain"), 0640), 0);
    assert_bad_key(f, "chain");
    assert_int_equal(chmod(in_folder(f, "derive"), 0604), 0);
    assert_bad_key(f, "derive");
    assert_int_equal(truncate(in_folder(f, "body"), 31), 0);
    assert_bad_key(f, "body");
    assert_int_equal(truncate(in_folder(f, "token"), 33), 0);
    assert_bad_key(f, "token");
    unlink(in_folder(f, "box.sec"));
    assert_int_equal(mkdir(in_folder(f, "box.sec"), 0700), 0);
    assert_bad_key(f, "box.sec");
    rmdir(in_folder(f, "box.sec"));
}

static void a_folder_that_cannot_be_made_is_an_error(void **state)
{
    struct err err = {0};

    (void)state;
    assert_false(keys_create("/dev/null/keys", &err));
    assert_int_equal(err.kind, ERR_FATAL);
    assert_string_equal(err.code, "bad_key");
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_ones_on_record),
        cmocka_unit_test(a_link_of_fields_is_the_one_on_record),
        cmocka_unit_test(no_two_lists_of_fields_give_one_digest),
        cmocka_unit_test(a_printed_digest_is_read_and_nothing_else),
        IN_FOLDER(keys_are_made_for_their_owner_alone),
        IN_FOLDER(keys_that_exist_are_never_overwritten),
        IN_FOLDER(the_box_files_belong_together),
        IN_FOLDER(a_key_file_that_is_not_right_is_named),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
