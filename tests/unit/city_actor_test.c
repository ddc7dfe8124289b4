/* city_actor_test.c - regions by their codes, and who may say what. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/city/actor.h"
#include "common/city/region.h"

static void the_shape_of_a_code_tells_its_level(void **state)
{
    static const struct {
        const char *code;
        enum region_level level;
    } cases[] = {
        {"530103", REGION_DISTRICT},
        {"530103003000", REGION_STREET},
        {"530103003001", REGION_COMMUNITY},
        {"530103003001007", REGION_GRID},
        {"", REGION_NONE},
        {"5301", REGION_NONE},
        {"53010x", REGION_NONE},
        {"530103000000", REGION_NONE},
        {"53010300300", REGION_NONE},
        {"5301030030010", REGION_NONE},
        {"530103003001007 ", REGION_NONE},
        {"CGJ", REGION_NONE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (region_level_of(cases[i].code) != cases[i].level)
            fail_msg("%s", cases[i].code);
}

static void a_region_lies_in_those_above_it(void **state)
{
    static const struct {
        const char *code;
        enum region_level level;
        const char *up; /* NULL: it is above that level */
    } cases[] = {
        {"530103003001007", REGION_GRID, "530103003001007"},
        {"530103003001007", REGION_COMMUNITY, "530103003001"},
        {"530103003001007", REGION_STREET, "530103003000"},
        {"530103003001007", REGION_DISTRICT, "530103"},
        {"530103003000", REGION_STREET, "530103003000"},
        {"530103003000", REGION_COMMUNITY, NULL},
        {"530103", REGION_DISTRICT, "530103"},
        {"530103", REGION_STREET, NULL},
        {"530103003001", REGION_NONE, NULL},
        {"CGJ", REGION_DISTRICT, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char up[REGION_SIZE] = "";

        assert_int_equal(region_up(cases[i].code, cases[i].level, up),
                         cases[i].up != NULL);
        assert_string_equal(up, cases[i].up ? cases[i].up : "");
    }
}

static void holding_goes_by_prefix_and_only_downwards(void **state)
{
    static const struct {
        const char *outer, *inner;
        bool holds;
    } cases[] = {
        {"530103", "530103003001", true},
        {"530103", "530103", true},
        {"530103003000", "530103003001007", true},
        {"530103003000", "530103003000", true},
        {"530103003000", "530103004001", false},
        {"530103003001", "530103003000", false},
        {"530103003001", "530103003002", false},
        {"530103003001", "530103003001007", true},
        {"530103003001007", "530103003001", false},
        {"530102", "530103003001", false},
        {"CGJ", "530103003001", false},
        {"530103", "CGJ", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (region_holds(cases[i].outer, cases[i].inner) != cases[i].holds)
            fail_msg("%s and %s", cases[i].outer, cases[i].inner);
}

static void who_may_say_what(void **state)
{
    static const struct {
        const char *type, *role;
        bool may;
    } cases[] = {
        {"issue.raise", "resident", true},
        {"issue.raise", "auditor", false},
        {"issue.accept", "community", true},
        {"issue.accept", "resident", false},
        {"issue.callback", "resident", false},
        {"whistle.draft", "street_clerk", true},
        {"whistle.draft", "worker", true},
        {"whistle.draft", "resident", false},
        {"whistle.approve", "street_clerk", false},
        {"whistle.approve", "street_lead", true},
        {"task.assign", "worker", true},
        {"task.assign", "operator", false},
        {"task.sign", "officer", true},
        {"task.sign", "partner", false},
        {"task.rule", "district_dispatch", true},
        {"task.rule", "office_lead", false},
        {"task.accept", "street_lead", true},
        {"task.accept", "officer", false},
        {"match.accept", "partner", true},
        {"match.accept", "community", false},
        {"match.rate", "partner", false},
        {"ledger.post", "worker", true},
        {"ledger.post", "reviewer", false},
        {"clock.passed", "worker", true},
        {"clock.passed", "operator", false},
        {"reference.changed", "operator", true},
        {"issue.raise", "king", false},
        {"issue.raise", "", false},
        {"nonsense", "worker", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct actor actor = {.role = text_of(cases[i].role)};
        struct err why = {0};

        if (actor_may(text_of(cases[i].type), &actor, &why) != cases[i].may)
            fail_msg("%s by %s", cases[i].type, cases[i].role);
        if (!cases[i].may) {
            assert_int_equal(why.kind, ERR_REJECT);
            assert_string_equal(why.code, "not_allowed");
            assert_string_equal(why.field, "actor");
        }
    }
}

static void the_refusal_says_who_may(void **state)
{
    struct message m = {.type = TEXT("task.rule"),
                        .actor = {.role = TEXT("officer")}};
    struct err why;

    (void)state;
    assert_false(actor_allow(&m, &why));
    assert_non_null(strstr(why.sentence, "district_dispatch, district_lead"));
    m.actor.role = TEXT("district_lead");
    assert_true(actor_allow(&m, &why));
}

static void a_role_is_found_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(role_of(TEXT("auditor")), ROLE_AUDITOR);
    assert_int_equal(role_of(TEXT("emperor")), -1);
    assert_null(role_names[ROLE_COUNT]);
    for (int role = 0; role < ROLE_COUNT; role++)
        assert_int_equal(role_of(text_of(role_names[role])), role);
}

/* ---- the types that services take ---- */

/* Each `{ "thing.verb",` behind "struct route" in a file. */
static size_t check_routes(const char *path)
{
    static char source[1 << 18];
    FILE *f = fopen(path, "rb");
    size_t size, found = 0;
    const char *at;

    if (!f)
        return 0;
    size = fread(source, 1, sizeof(source) - 1, f);
    source[size] = '\0';
    fclose(f);
    at = strstr(source, "struct route ");
    while (at && (at = strstr(at, "{")) != NULL) {
        char type[64];

        at++;
        if (sscanf(at, " \"%63[a-z_.0-9]\"", type) != 1 || !strchr(type, '.'))
            continue;
        found++;
        if (actor_roles(text_of(type)) == 0)
            fail_msg("%s takes %s, which nobody may say", path, type);
    }
    return found;
}

static void every_type_that_has_a_route_has_its_roles(void **state)
{
    DIR *services = opendir("services");
    size_t found = 0;

    (void)state;
    if (!services)
        skip();
    for (struct dirent *e; (e = readdir(services)) != NULL;) {
        char path[300];

        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "services/%s/main.c", e->d_name);
        found += check_routes(path);
    }
    closedir(services);
    print_message("%zu routes\n", found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shape_of_a_code_tells_its_level),
        cmocka_unit_test(a_region_lies_in_those_above_it),
        cmocka_unit_test(holding_goes_by_prefix_and_only_downwards),
        cmocka_unit_test(who_may_say_what),
        cmocka_unit_test(the_refusal_says_who_may),
        cmocka_unit_test(a_role_is_found_by_its_name),
        cmocka_unit_test(every_type_that_has_a_route_has_its_roles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
