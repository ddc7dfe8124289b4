/*
 * schema_suite_test.c - the official JSON-Schema-Test-Suite (draft 2020-12,
 * the files of our keywords) against schema_fill.
 *
 * A group whose schema we refuse to load is "outside"; each must stand in the
 * list below with the reason, and each of the list must still be outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/attr.h"
#include "common/io/schema.h"

#define SUITE "tests/unit/json-schema-suite/"

static const char *const files[] = {
    "additionalProperties",
    "boolean_schema",
    "const",
    "defs",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "properties",
    "ref",
    "required",
    "type",
    "format/date",
    "format/date-time",
    "format/uuid",
};

struct listed {
    const char *file, *group;
    const char *test; /* NULL: the whole group */
    const char *why;
    bool met;
};

/* clang-format off */

static struct listed outside[] = {
    { "additionalProperties",
      "additionalProperties being false does not allow other "
      "properties",
      NULL, "keyword patternProperties", false },
    { "additionalProperties", "non-ASCII pattern with additionalProperties",
      NULL, "keyword patternProperties", false },
    { "additionalProperties",
      "additionalProperties does not look in applicators",
      NULL, "keyword allOf", false },
    { "additionalProperties", "additionalProperties with propertyNames",
      NULL, "keyword propertyNames", false },
    { "additionalProperties", "dependentSchemas with additionalProperties",
      NULL, "keyword dependentSchemas", false },
    { "const", "nul characters in strings",
      NULL, "NUL in text", false },
    { "defs", "validate definition against metaschema",
      NULL, "$ref to another site", false },
    { "enum", "nul characters in strings",
      NULL, "NUL in text", false },
    { "items", "items and subitems",
      NULL, "keyword prefixItems", false },
    { "items", "prefixItems with no additional items allowed",
      NULL, "keyword prefixItems", false },
    { "items", "items does not look in applicators, valid case",
      NULL, "keyword allOf", false },
    { "items", "prefixItems validation adjusts the starting index for items",
      NULL, "keyword prefixItems", false },
    { "items", "items with heterogeneous array",
      NULL, "keyword prefixItems", false },
    { "properties", "properties, patternProperties, additionalProperties "
      "interaction",
      NULL, "keyword patternProperties", false },
    { "ref", "relative pointer ref to array",
      NULL, "keyword prefixItems", false },
    { "ref", "remote ref, containing refs itself",
      NULL, "$ref to another site", false },
    { "ref", "Recursive references between schemas",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "ref creates new scope when adjacent to keywords",
      NULL, "keyword unevaluatedProperties", false },
    { "ref", "refs with relative uris and defs",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "relative refs with absolute uris and defs",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "$id must be resolved against nearest parent, not just "
      "immediate parent",
      NULL, "keyword allOf", false },
    { "ref", "order of evaluation: $id and $ref",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "order of evaluation: $id and $anchor and $ref",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "simple URN base URI with $ref via the URN",
      NULL, "keyword $comment", false },
    { "ref", "simple URN base URI with JSON pointer",
      NULL, "keyword $comment", false },
    { "ref", "URN base URI with NSS",
      NULL, "keyword $comment", false },
    { "ref", "URN base URI with r-component",
      NULL, "keyword $comment", false },
    { "ref", "URN base URI with q-component",
      NULL, "keyword $comment", false },
    { "ref", "URN base URI with URN and JSON pointer ref",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "URN base URI with URN and anchor ref",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "URN ref with nested pointer ref",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "ref to if",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "ref to then",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "ref to else",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "ref with absolute-path-reference",
      NULL, "$ref to an $id or $anchor", false },
    { "ref", "empty tokens in $ref json-pointer",
      NULL, "keyword allOf", false },
};

/* Cases that we judge otherwise, on purpose: instants are from 1970 on, and
 * have no leap second (instant.h). */
static struct listed otherwise[] = {
    { "format/date-time", "validation of date-time strings",
      "a valid date-time string",
      "before 1970", false },
    { "format/date-time", "validation of date-time strings",
      "a valid date-time string without second fraction",
      "before 1970", false },
    { "format/date-time", "validation of date-time strings",
      "a valid date-time string with plus offset",
      "before 1970", false },
    { "format/date-time", "validation of date-time strings",
      "a valid date-time with a leap second, UTC",
      "leap second", false },
    { "format/date-time", "validation of date-time strings",
      "a valid date-time with a leap second, with minus offset",
      "leap second", false },
    { "format/date-time", "validation of date-time strings",
      "case-insensitive T and Z",
      "before 1970", false },
};

/* clang-format on */

static int groups, cases, groups_outside, cases_outside, cases_otherwise;
static int faults;

static bool is_listed(struct listed *list, size_t count, const char *file,
                      const char *group, const char *test)
{
    for (size_t i = 0; i < count; i++) {
        struct listed *l = &list[i];

        if (strcmp(l->file, file) == 0 && strcmp(l->group, group) == 0 &&
            (!test || strcmp(l->test, test) == 0)) {
            l->met = true;
            return true;
        }
    }
    return false;
}

/* As in the file: 16 digits print the suite's numbers as they were read. */
static char *bytes_of(const json_t *value)
{
    char *bytes = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(16));

    assert_non_null(bytes);
    return bytes;
}

static void run_case(const struct schema *s, const char *file,
                     const char *group, const json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "description"));
    bool valid = json_is_true(json_object_get(test, "valid"));
    char *bytes = bytes_of(json_object_get(test, "data"));
    AUTO(arena) struct arena arena = {0};
    struct err err = {0};
    bool taken = schema_fill(s, text_of(bytes), false, &arena, NULL, &err);

    cases++;
    if (is_listed(otherwise, COUNT_OF(otherwise), file, group, name)) {
        cases_otherwise++;
        valid = !valid;
    }
    if (taken != valid) {
        faults++;
        print_error("%s: %s: %s: %s is %s (%s)\n", file, group, name, bytes,
                    taken ? "taken" : "refused", err.sentence);
    }
    free(bytes);
}

static void run_group(const char *file, const json_t *group)
{
    const char *name = json_string_value(json_object_get(group, "description"));
    json_t *tests = json_object_get(group, "tests");
    char *bytes = bytes_of(json_object_get(group, "schema"));
    AUTO(schema) struct schema *s = NULL;
    struct err err = {0};
    bool loaded = schema_compile(text_of(bytes), NULL, NULL, &s, &err);
    bool expected = !is_listed(outside, COUNT_OF(outside), file, name, NULL);

    free(bytes);
    groups++;
    if (loaded != expected) {
        faults++;
        print_error("%s: %s: is %s (%s)\n", file, name,
                    loaded ? "not outside" : "outside", err.sentence);
    }
    if (!loaded) {
        groups_outside++;
        cases_outside += (int)json_array_size(tests);
        return;
    }
    for (size_t i = 0; i < json_array_size(tests); i++)
        run_case(s, file, name, json_array_get(tests, i));
}

static void run_file(const char *file)
{
    char path[256];
    json_t *all;

    snprintf(path, sizeof(path), SUITE "%s.json", file);
    all = json_load_file(path, JSON_ALLOW_NUL, NULL);
    assert_non_null(all);
    for (size_t i = 0; i < json_array_size(all); i++)
        run_group(file, json_array_get(all, i));
    json_decref(all);
}

static void find_unmet(const struct listed *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].met)
            continue;
        faults++;
        print_error("%s: %s: is listed, but was not met\n", list[i].file,
                    list[i].group);
    }
}

static void every_case_of_our_keywords_is_judged_as_the_suite_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        run_file(files[i]);
    find_unmet(outside, COUNT_OF(outside));
    find_unmet(otherwise, COUNT_OF(otherwise));
    print_message("JSON-Schema-Test-Suite: %d groups, %d cases run, %d of "
                  "them judged otherwise; outside: %d groups, %d cases\n",
                  groups, cases, cases_otherwise, groups_outside,
                  cases_outside);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_case_of_our_keywords_is_judged_as_the_suite_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
