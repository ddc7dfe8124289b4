/*
 * messages_test.c - every schema in schemas/messages has examples; each good
 * one is taken, each bad one refused for exactly what it says.
 */
#include "tests/unit/decide.h"

#include "common/io/schema.h"

#define FOLDER "schemas/messages"

struct fault {
    char why[65], field[257];
    struct text data;
};
static const struct field fault_fields[] = {
    F_CODE(struct fault, why),
    F_CODE(struct fault, field),
    F_RAW(struct fault, data),
    {0},
};
static const char fault_schema[] =
    "{\"type\":\"object\",\"required\":[\"why\",\"field\",\"data\"],"
    "\"properties\":{\"why\":{\"type\":\"string\",\"maxLength\":16},"
    "\"field\":{\"type\":\"string\",\"maxLength\":64},\"data\":{}}}";

/* Calls check for each file of a folder. */
static int each_example(const char *folder,
                        void (*check)(const struct schema *, struct text,
                                      const char *))
{
    DIR *dir = opendir(folder);
    int count = 0;

    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        AUTO(buf) struct buf body = {0};
        struct schema *s = NULL;
        struct err err = {0};
        char path[512], type[256];

        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        trial_read(path, &body);
        snprintf(type, sizeof(type), "%s", e->d_name);
        *strchr(strchr(type, '.') + 1, '.') = '\0';
        if (!schema_load(FOLDER, type, NULL, &s, &err))
            fail_msg("%s: %s", type, err.sentence);
        check(s, buf_text(&body), path);
        schema_free(s);
        count++;
    }
    closedir(dir);
    return count;
}

static void check_good(const struct schema *s, struct text json,
                       const char *path)
{
    AUTO(arena) struct arena arena = {0};
    struct err err = {0};

    if (!schema_fill(s, json, true, &arena, NULL, &err))
        fail_msg("%s: %s %s", path, err.field, err.sentence);
}

static void check_bad(const struct schema *s, struct text json,
                      const char *path)
{
    AUTO(arena) struct arena arena = {0};
    struct schema *wrapper = NULL;
    struct fault fault;
    struct err err = {0};

    assert_true(schema_compile(text_of(fault_schema), NULL, fault_fields,
                               &wrapper, &err));
    if (!schema_fill(wrapper, json, true, &arena, &fault, &err))
        fail_msg("%s: %s %s", path, err.field, err.sentence);
    if (schema_fill(s, fault.data, true, &arena, NULL, &err))
        fail_msg("%s was taken", path);
    if (strcmp(err.code, fault.why) != 0 || strcmp(err.field, fault.field) != 0)
        fail_msg("%s: %s at %s: %s", path, err.code, err.field, err.sentence);
    schema_free(wrapper);
}

static void each_good_example_is_taken(void **state)
{
    (void)state;
    assert_true(each_example(FOLDER "/examples/good", check_good) > 130);
}

static void each_bad_example_is_refused_for_what_it_says(void **state)
{
    (void)state;
    assert_true(each_example(FOLDER "/examples/bad", check_bad) > 130);
}

/* type.1.json stands in the folder. */
static void assert_example(const char *folder, const char *type)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s.1.json", folder, type);
    f = fopen(path, "r");
    if (!f)
        fail_msg("%s is missing", path);
    else
        fclose(f);
}

static void each_schema_has_a_good_and_a_bad_example(void **state)
{
    DIR *dir = opendir(FOLDER);
    int count = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        char *end = strstr(e->d_name, ".json");

        if (!end || strcmp(e->d_name, "common.json") == 0)
            continue;
        *end = '\0';
        assert_example(FOLDER "/examples/good", e->d_name);
        assert_example(FOLDER "/examples/bad", e->d_name);
        count++;
    }
    closedir(dir);
    assert_true(count > 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_good_example_is_taken),
        cmocka_unit_test(each_bad_example_is_refused_for_what_it_says),
        cmocka_unit_test(each_schema_has_a_good_and_a_bad_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
