/* gateway_guard_test.c - what another server might read differently is
 * refused. */
#include <string.h>

#include "services/gateway/guard.h"
#include "tests/unit/must.h"

#define H(n, v) { { n, sizeof(n) - 1 }, { v, sizeof(v) - 1 } }

struct headers_case {
    const char *why;
    struct guard_header headers[4];
    const char *field; /* NULL: accepted */
};

static const struct headers_case header_cases[] = {
    { "a plain request", { H("Host", "a"), H("Accept", "*/*") }, NULL },
    { "a body with a length", { H("Host", "a"), H("Content-Length", "12") },
      NULL },
    { "a chunked body", { H("Host", "a"), H("Transfer-Encoding", "chunked") },
      NULL },
    { "no host", { H("Accept", "*/*") }, "Host" },
    { "two hosts", { H("Host", "a"), H("host", "b") }, "Host" },
    { "two lengths",
      { H("Host", "a"), H("Content-Length", "1"), H("Content-Length", "1") },
      "Content-Length" },
    { "a length beside chunks",
      { H("Host", "a"), H("Content-Length", "1"),
        H("Transfer-Encoding", "chunked") },
      "Content-Length" },
    { "a length with a sign", { H("Host", "a"), H("Content-Length", "+1") },
      "Content-Length" },
    { "an unknown coding", { H("Host", "a"), H("Transfer-Encoding", "gzip") },
      "Transfer-Encoding" },
    { "a name with a space", { H("Host", "a"), H("Content-Length ", "1") },
      "headers" },
    { "a value with a line feed", { H("Host", "a"), H("X-A", "a\nb") },
      "headers" },
    { "two tokens",
      { H("Host", "a"), H("Authorization", "Bearer a"),
        H("authorization", "Bearer b") },
      "Authorization" },
};

static void a_request_that_can_be_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(header_cases); i++) {
        const struct headers_case *c = &header_cases[i];
        struct err err = { 0 };
        size_t count = 0;

        while (count < 4 && c->headers[count].name.bytes)
            count++;
        if (guard_headers(c->headers, count, true, &err) != !c->field)
            fail_msg("%s: %s", c->why, err.sentence);
        if (c->field)
            assert_string_equal(err.field, c->field);
    }
}

static void http_1_0_needs_no_host(void **state)
{
    (void)state;
    MUST(guard_headers(NULL, 0, false, err));
}

static void a_target_is_plain_and_whole(void **state)
{
    static const struct {
        const char *target;
        bool fine;
    } cases[] = {
        { "/", true },
        { "/v1/issues?state=received&after=%E5%93%A8", true },
        { "/v1/tasks/a/1/CGJ", true },
        { "/a%00b", false },
        { "/a%41", false },
        { "/a?b=%00", false },
        { "/a?b=%0", false },
        { "/a?b=%zz", false },
        { "/a//b", false },
        { "/../etc/passwd", false },
        { "/board/.git", false },
        { "/a\\b", false },
        { "http://elsewhere/", false },
        { "*", false },
        { "", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (guard_target(text_of(cases[i].target), NULL) != cases[i].fine)
            fail_msg("%s", cases[i].target);
}

static void a_very_long_target_is_refused(void **state)
{
    char target[3000];

    (void)state;
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    assert_false(
        guard_target((struct text){ target, sizeof(target) }, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_that_can_be_read_in_two_ways_is_refused),
        cmocka_unit_test(http_1_0_needs_no_host),
        cmocka_unit_test(a_target_is_plain_and_whole),
        cmocka_unit_test(a_very_long_target_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
