/* base_log_test.c - log lines are JSON, whatever they hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/log.h"

/* Standard error goes into a file between these two. */
static FILE *caught;
static int real_stderr;

static void catch_lines(void)
{
    caught = tmpfile();
    assert_non_null(caught);
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    assert_int_equal(dup2(fileno(caught), STDERR_FILENO), STDERR_FILENO);
}

/* What was written, in an array that the next call overwrites. */
static const char *caught_lines(void)
{
    static char lines[8192];
    size_t size;

    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    rewind(caught);
    size = fread(lines, 1, sizeof(lines) - 1, caught);
    fclose(caught);
    lines[size] = '\0';
    return lines;
}

static json_t *caught_object(void)
{
    const char *line = caught_lines();
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

    if (!object)
        fail_msg("%s in %s", error.text, line);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    return object;
}

static void assert_member(json_t *object, const char *name, const char *value)
{
    const char *found = json_string_value(json_object_get(object, name));

    assert_non_null(found);
    assert_string_equal(found, value);
}

static void a_line_says_when_who_and_what(void **state)
{
    int64_t at_us = 0;
    json_t *object;

    (void)state;
    log_start("intake", "intake-1", LOG_INFO);
    catch_lines();
    log_fact(LOG_INFO, "took_over", "partition", LOG_INT(3), "epoch",
             LOG_INT(INT64_MIN), "topic", LOG_STR("issue.commands"), "key",
             LOG_TEXT(TEXT("530103003001")), "nothing", LOG_STR(NULL), LOG_END);
    object = caught_object();
    assert_member(object, "level", "info");
    assert_member(object, "service", "intake");
    assert_member(object, "instance", "intake-1");
    assert_member(object, "fact", "took_over");
    assert_member(object, "topic", "issue.commands");
    assert_member(object, "key", "530103003001");
    assert_int_equal(json_integer_value(json_object_get(object, "partition")),
                     3);
    assert_true(json_integer_value(json_object_get(object, "epoch")) ==
                INT64_MIN);
    assert_true(json_is_null(json_object_get(object, "nothing")));
    assert_true(instant_parse(
        text_of(json_string_value(json_object_get(object, "at"))), &at_us));
    assert_true(instant_now() - at_us < 60 * SECOND_US);
    json_decref(object);
}

static void what_must_be_escaped_comes_back_as_it_was(void **state)
{
    char all[128] = "街\"\\";
    size_t size = strlen(all);
    json_t *object;

    (void)state;
    for (int c = 1; c < 0x80 && size + 1 < sizeof(all); c++)
        if (c < 0x20 || c == 0x7f || c == '/' || c == '<')
            all[size++] = (char)c;
    log_start("a \"service\"\n", "i", LOG_INFO);
    catch_lines();
    log_fact(LOG_WARN, "odd", "all", LOG_STR(all), "na\"me", LOG_INT(1),
             LOG_END);
    object = caught_object();
    assert_member(object, "all", all);
    assert_member(object, "service", "a \"service\"\n");
    assert_int_equal(json_integer_value(json_object_get(object, "na\"me")), 1);
    json_decref(object);
}

static void bytes_that_are_no_text_do_not_break_the_line(void **state)
{
    json_t *object;

    (void)state;
    log_start("s", "i", LOG_INFO);
    catch_lines();
    log_fact(LOG_INFO, "odd", "cut", LOG_TEXT(TEXT("a\xe5\x93")), "nul",
             LOG_TEXT(TEXT("x\0y")), "empty",
             LOG_TEXT(((struct text){NULL, 0})), LOG_END);
    object = json_loads(caught_lines(), JSON_ALLOW_NUL, NULL);
    assert_non_null(object);
    assert_member(object, "cut", "a\xef\xbf\xbd\xef\xbf\xbd");
    assert_int_equal(json_string_length(json_object_get(object, "nul")), 3);
    assert_member(object, "empty", "");
    json_decref(object);
}

static void an_error_stands_in_its_line_with_more_fields(void **state)
{
    struct err err;
    json_t *object;

    (void)state;
    log_start("s", "i", LOG_INFO);
    err_reject(&err, "not_signed", "lane", "sign \"first\"");
    catch_lines();
    log_error(LOG_ERROR, "refused", &err, "offset", LOG_INT(12), LOG_END);
    object = caught_object();
    assert_member(object, "level", "error");
    assert_member(object, "kind", "reject");
    assert_member(object, "code", "not_signed");
    assert_member(object, "field", "lane");
    assert_member(object, "sentence", "sign \"first\"");
    assert_int_equal(json_integer_value(json_object_get(object, "offset")), 12);
    json_decref(object);
}

static void lines_below_the_least_level_are_dropped(void **state)
{
    struct err err;

    (void)state;
    err_retry(&err, "x", "y");
    log_start("s", "i", LOG_WARN);
    catch_lines();
    log_fact(LOG_DEBUG, "a", LOG_END);
    log_fact(LOG_INFO, "b", LOG_END);
    log_error(LOG_INFO, "c", &err, LOG_END);
    assert_string_equal(caught_lines(), "");
    catch_lines();
    log_fact(LOG_WARN, "d", LOG_END);
    assert_non_null(strstr(caught_lines(), "\"fact\":\"d\"}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_who_and_what),
        cmocka_unit_test(what_must_be_escaped_comes_back_as_it_was),
        cmocka_unit_test(bytes_that_are_no_text_do_not_break_the_line),
        cmocka_unit_test(an_error_stands_in_its_line_with_more_fields),
        cmocka_unit_test(lines_below_the_least_level_are_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
