/* gateway_body_test.c - what a client sends, and what Kafka is given. */
#include <sodium.h>
#include <string.h>

#include "common/base/seal.h"
#include "common/city/requester.h"
#include "services/gateway/body.h"
#include "tests/unit/must.h"

static uint8_t public_key[KEY_SIZE], secret_key[KEY_SIZE];

static int open_all(void **state)
{
    (void)state;
    if (sodium_init() < 0)
        return 1;
    crypto_box_keypair(public_key, secret_key);
    return requester_open("schemas/messages", NULL) ? 0 : 1;
}

static int close_all(void **state)
{
    (void)state;
    requester_close();
    return 0;
}

static void values_of_the_path_become_members(void **state)
{
    static const struct path_value values[] = {
        { "whistle", 7, { "w-1", 3 }, false },
        { "round", 5, { "2", 1 }, true },
    };
    static const struct {
        const char *body, *merged;
    } cases[] = {
        { "{\"note\":1}", "{\"whistle\":\"w-1\",\"round\":2,\"note\":1}" },
        { "{}", "{\"whistle\":\"w-1\",\"round\":2}" },
        { " { } ", "{\"whistle\":\"w-1\",\"round\":2} " },
        { "", "{\"whistle\":\"w-1\",\"round\":2}" },
        { "[1]", "[1]" },
        { "{", "{\"whistle\":\"w-1\",\"round\":2" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf) struct buf out = { 0 };

        body_merge(text_of(cases[i].body), values, COUNT_OF(values), &out);
        assert_string_equal(buf_string(&out), cases[i].merged);
    }
}

static bool seal(const char *body, struct buf *out, struct err *err)
{
    AUTO(arena) struct arena arena = { 0 };

    return requester_seal(text_of(body), public_key, &arena, out, err);
}

static void a_requester_leaves_the_gateway_sealed(void **state)
{
    AUTO(buf) struct buf out = { 0 };
    AUTO(buf) struct buf plain = { 0 };
    const char *box, *end;

    (void)state;
    MUST(seal("{\"a\":1 , \"requester\" : {\"name\":\"李小四\","
              "\"phone\":\"13812340017\"}, \"b\":2}",
              &out, err));
    buf_string(&out);
    assert_null(strstr(out.bytes, "小四"));
    assert_null(strstr(out.bytes, "1234"));
    assert_null(strstr(out.bytes, "requester"));
    assert_non_null(strstr(out.bytes, "{\"a\":1 , \"sealed\":\""));
    assert_non_null(strstr(out.bytes, "\"name_masked\":\"李"));
    assert_non_null(strstr(out.bytes, "0017\", \"b\":2}"));
    box = strstr(out.bytes, "\"sealed\":\"") + 10;
    end = strchr(box, '"');
    MUST(seal_open(public_key, secret_key,
                   (struct text){ box, (size_t)(end - box) }, &plain, err));
    assert_non_null(strstr(
        buf_string(&plain),
        "{\"name\":\"李小四\",\"phone\":\"13812340017\",\"key\":\""));
}

static void a_body_without_a_requester_stays_as_it_is(void **state)
{
    AUTO(buf) struct buf out = { 0 };

    (void)state;
    MUST(seal("{\"a\": [1, \"requester\"]}", &out, err));
    assert_string_equal(buf_string(&out), "{\"a\": [1, \"requester\"]}");
}

static void a_wrong_requester_is_refused_by_its_field(void **state)
{
    static const struct {
        const char *body, *code, *field;
    } cases[] = {
        { "{\"requester\":{\"name\":\"李\"}}", "required",
          "requester.phone" },
        { "{\"requester\":{\"name\":\"李\",\"phone\":\"110\"}}", "minLength",
          "requester.phone" },
        { "{\"requester\":{\"name\":\"李\",\"phone\":\"my phone\"}}",
          "bad_phone", "requester.phone" },
        { "{\"requester\":{\"name\":\"李\",\"phone\":\"13800000000\","
          "\"age\":3}}",
          "unknown_field", "requester.age" },
        { "{\"requester\":7}", "type", "requester" },
        { "{\"sealed\":\"AAAA\"}", "unknown_field", "sealed" },
        { "{\"name_masked\":\"李*\"}", "unknown_field", "sealed" },
        { "{\"requester\":", "malformed", "requester" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf) struct buf out = { 0 };
        struct err err = { 0 };

        assert_false(seal(cases[i].body, &out, &err));
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field, cases[i].field);
    }
}

static void white_space_between_tokens_does_not_change_the_digest(
    void **state)
{
    static const uint8_t key[KEY_SIZE] = { 7 };
    struct digest a, b, c;

    (void)state;
    requester_digest(text_of("{\"a\": \"x \\\" y\",\n\"b\":1}"), key, &a);
    requester_digest(text_of("{ \"a\":\"x \\\" y\",\"b\" : 1 }"), key, &b);
    requester_digest(text_of("{\"a\":\"x\\\" y\",\"b\":1}"), key, &c);
    assert_true(digest_equal(&a, &b));
    assert_false(digest_equal(&a, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_path_become_members),
        cmocka_unit_test(a_requester_leaves_the_gateway_sealed),
        cmocka_unit_test(a_body_without_a_requester_stays_as_it_is),
        cmocka_unit_test(a_wrong_requester_is_refused_by_its_field),
        cmocka_unit_test(
            white_space_between_tokens_does_not_change_the_digest),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
