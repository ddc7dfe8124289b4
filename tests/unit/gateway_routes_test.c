/* gateway_routes_test.c - the table of routes, and who hears which event. */
#include <string.h>

#include "common/base/arena.h"
#include "common/city/actor.h"
#include "services/gateway/routes.h"
#include "services/gateway/sse.h"
#include "tests/unit/must.h"

#define ID "018f0000-0000-7000-8000-0000000000aa"

static enum route_found find(const char *method, const char *path,
                             const struct http_route **ret_route,
                             char values[256], char allow[32])
{
    AUTO(arena) struct arena arena = { 0 };
    struct path_value found[PATH_VALUES_MAX];
    size_t count = 0;
    enum route_found result =
        route_find(method, text_of(path), &arena, ret_route, found, &count,
                   allow);
    size_t used = 0;

    values[0] = '\0';
    for (size_t i = 0; result == ROUTE_FOUND && i < count; i++)
        used += (size_t)snprintf(values + used, 256 - used, "%s%.*s",
                                 i > 0 ? " " : "", TEXT_PRINT(found[i].text));
    return result;
}

static void a_path_leads_to_its_command(void **state)
{
    static const struct {
        const char *method, *path, *type, *values;
    } cases[] = {
        { "POST", "/v1/issues", "issue.raise", "" },
        { "POST", "/v1/issues/018F0000-0000-7000-8000-0000000000AA/accept",
          "issue.accept", ID },
        { "POST", "/v1/tasks/" ID "/12/CGJ/sign", "task.sign",
          ID " 12 CGJ" },
        { "POST", "/v1/offices/CGJ/duty", "office.duty", "CGJ" },
        { "POST", "/v1/matches/" ID "/rate", "match.rate", ID },
    };
    const struct http_route *route;
    char values[256], allow[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(find(cases[i].method, cases[i].path, &route, values,
                              allow),
                         ROUTE_FOUND);
        assert_string_equal(route->type, cases[i].type);
        assert_string_equal(values, cases[i].values);
    }
}

static void what_is_no_path_of_ours_is_not_found(void **state)
{
    static const char *const paths[] = {
        "/v1/issues/", "/v1/issues/7/accept", "/v1/issues/" ID "/explode",
        "/v1/tasks/" ID "/01/CGJ/sign", "/v1/tasks/" ID "/0/CGJ/sign",
        "/v2/issues", "/v1", "/board/",
        "/v1/dead-letters/issue.commands/01/0/drop",
        "/v1/dead-letters/issue.commands/2147483648/0/drop",
        "/v1/dead-letters/issue.commands/0/-1/drop",
        "/v1/consumers//pause",
    };
    const struct http_route *route;
    char values[256], allow[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (find("POST", paths[i], &route, values, allow) != ROUTE_NONE)
            fail_msg("%s", paths[i]);
}

static void a_letter_has_a_place(void **state)
{
    const struct http_route *route;
    char values[256], allow[32];

    (void)state;
    assert_int_equal(find("POST",
                          "/v1/dead-letters/issue.commands/0/"
                          "9223372036854775807/drop",
                          &route, values, allow),
                     ROUTE_FOUND);
    assert_string_equal(values, "issue.commands 0 9223372036854775807");
}

/* What has a deed is for operators. */
static void no_deed_is_for_others(void **state)
{
    int deeds = 0;

    (void)state;
    for (const struct http_route *r = http_routes; r->method; r++) {
        deeds += r->deed != NULL;
        if (r->deed && (!r->operators || r->open))
            fail_msg("%s", r->path);
    }
    assert_int_equal(deeds, 11);
}

static void another_method_names_the_ones_there_are(void **state)
{
    const struct http_route *route;
    char values[256], allow[32];

    (void)state;
    assert_int_equal(find("DELETE", "/v1/issues", &route, values, allow),
                     ROUTE_OTHER_METHOD);
    assert_string_equal(allow, "POST, GET");
    assert_int_equal(find("HEAD", "/v1/issues", &route, values, allow),
                     ROUTE_FOUND);
}

static void every_command_in_the_table_may_be_said_by_people(void **state)
{
    (void)state;
    for (const struct http_route *r = http_routes; r->method; r++) {
        if (!r->type)
            continue;
        if (!(actor_roles(text_of(r->type)) & ~(1U << ROLE_WORKER)))
            fail_msg("%s", r->type);
        assert_non_null(r->topic);
        assert_int_not_equal(r->key, KEY_NONE);
    }
}

static void an_office_hears_of_its_region_and_its_own_lanes(void **state)
{
    static const struct {
        const char *scope, *office;
        bool hears;
    } cases[] = {
        { "530103003001,CGJ", "CGJ", true },
        { "530103003001,CGJ", "GAJ", false },
        { "530103003001,CGJ", "530103003000", true },
        { "530103003001,CGJ", "530103003001", true },
        { "530103003001,CGJ", "530103003002", false },
        { "530103003001,CGJ", "530103004000", false },
        { "530103003000", "530103003001", true },
        { "530103003001", "", false },
        { "", "CGJ", false },
        { "CGJX", "CGJ", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (sse_in_scope(text_of(cases[i].scope), text_of(cases[i].office)) !=
            cases[i].hears)
            fail_msg("%s by %s", cases[i].scope, cases[i].office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_to_its_command),
        cmocka_unit_test(what_is_no_path_of_ours_is_not_found),
        cmocka_unit_test(a_letter_has_a_place),
        cmocka_unit_test(no_deed_is_for_others),
        cmocka_unit_test(another_method_names_the_ones_there_are),
        cmocka_unit_test(every_command_in_the_table_may_be_said_by_people),
        cmocka_unit_test(an_office_hears_of_its_region_and_its_own_lanes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
