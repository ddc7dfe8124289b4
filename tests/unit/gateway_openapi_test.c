/* gateway_openapi_test.c - schemas/openapi.yaml says what the routes do. */
#include <jansson.h>
#include <string.h>

#include "services/gateway/routes.h"
#include "tests/unit/must.h"

static json_t *load(const char *path)
{
    json_error_t why;
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &why);

    if (!file)
        fail_msg("%s: %s", path, why.text);
    return file;
}

static json_t *openapi;

static int open_file(void **state)
{
    (void)state;
    openapi = load("schemas/openapi.yaml");
    return 0;
}

static int close_file(void **state)
{
    (void)state;
    json_decref(openapi);
    return 0;
}

static const char *small(const char *method)
{
    return strcmp(method, "POST") == 0 ? "post" : "get";
}

static void every_route_is_described(void **state)
{
    json_t *paths = json_object_get(openapi, "paths");

    (void)state;
    for (const struct http_route *r = http_routes; r->method; r++) {
        json_t *path = json_object_get(paths, r->path);
        json_t *one = json_object_get(path, small(r->method));

        if (!one)
            fail_msg("%s %s", r->method, r->path);
        if (r->type)
            assert_string_equal(
                json_string_value(json_object_get(one, "operationId")),
                r->type);
    }
}

static bool is_route(const char *path, const char *method)
{
    for (const struct http_route *r = http_routes; r->method; r++)
        if (strcmp(r->path, path) == 0 &&
            strcmp(small(r->method), method) == 0)
            return true;
    return false;
}

static void what_is_described_is_a_route(void **state)
{
    json_t *paths = json_object_get(openapi, "paths"), *path, *one;
    const char *name, *method;

    (void)state;
    json_object_foreach(paths, name, path) {
        json_object_foreach(path, method, one) {
            if (!is_route(name, method))
                fail_msg("%s %s", method, name);
        }
    }
}

/* Is a member of a message one of the path's values? */
static bool is_in_path(const char *path, const char *name)
{
    char braced[64];

    snprintf(braced, sizeof(braced), "{%s}", name);
    return strstr(path, braced) != NULL;
}

/* The gateway makes these itself of requester. */
static bool is_ours(const char *name)
{
    return strcmp(name, "sealed") == 0 || strcmp(name, "name_masked") == 0 ||
           strcmp(name, "phone_masked") == 0;
}

static bool holds(json_t *list, const char *name)
{
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        if (strcmp(json_string_value(item), name) == 0)
            return true;
    }
    return false;
}

static void compare_body(const struct http_route *r, json_t *body)
{
    char path[128];
    json_t *message, *property;
    json_t *described = json_object_get(body, "properties");
    const char *name;

    snprintf(path, sizeof(path), "schemas/messages/%s.json", r->type);
    message = load(path);
    json_object_foreach(json_object_get(message, "properties"), name,
                        property) {
        bool sent = !is_in_path(r->path, name) && !is_ours(name);
        bool required = sent &&
                        holds(json_object_get(message, "required"), name);

        if (!json_object_get(described, name) != !sent ||
            holds(json_object_get(body, "required"), name) != required)
            fail_msg("%s: %s", r->type, name);
    }
    json_object_foreach(described, name, property) {
        if (!json_object_get(json_object_get(message, "properties"), name) &&
            strcmp(name, "requester") != 0)
            fail_msg("%s: no %s", r->type, name);
    }
    json_decref(message);
}

static void bodies_have_the_members_of_their_messages(void **state)
{
    json_t *bodies = json_object_get(
        json_object_get(openapi, "components"), "requestBodies");

    (void)state;
    for (const struct http_route *r = http_routes; r->method; r++) {
        json_t *content, *body;

        if (!r->type)
            continue;
        content = json_object_get(json_object_get(bodies, r->type),
                                  "content");
        body = json_object_get(json_object_get(content, "application/json"),
                               "schema");
        if (!body)
            fail_msg("%s has no body", r->type);
        compare_body(r, body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(what_is_described_is_a_route),
        cmocka_unit_test(bodies_have_the_members_of_their_messages),
    };

    return cmocka_run_group_tests(tests, open_file, close_file);
}
