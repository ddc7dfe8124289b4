/*
 * routes.h - the one table of what can be asked over HTTP.
 */
#ifndef BAODAO_GATEWAY_ROUTES_H
#define BAODAO_GATEWAY_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/text.h"
#include "services/gateway/admit.h"

#define PATH_VALUES_MAX 4

struct request;
struct view;
struct deed;

/* Where a command's Kafka key comes from. */
enum key_rule {
    KEY_NONE,     /* no command */
    KEY_HOME,     /* the member home of the body */
    KEY_ISSUE,    /* the home of the path's issue: looked up */
    KEY_SELF,     /* the command's own id: it creates */
    KEY_PATH,     /* the path's first value */
    KEY_DISTRICT, /* the cell's district */
    KEY_COLLEAGUE, /* the path's first; `to` must be on the office's roster */
};

struct http_route {
    const char *method;
    const char *path; /* "/v1/issues/{issue}/accept" */
    void (*start)(struct request *r);
    bool open; /* no token is asked for */
    enum admit_class class;
    /* of a command */
    const char *type;
    const char *topic; /* without the cell's prefix */
    enum key_rule key;
    const char *creates; /* Location of what it creates, before the id */
    /* of a view */
    const struct view *view;
    /* of an operator */
    bool operators; /* for nobody else */
    const struct deed *deed;
};

/* A value out of the path, in its canonical form. */
struct path_value {
    const char *name; /* "issue"; size is in name_size */
    size_t name_size;
    struct text text;
    bool number;
};

extern const struct http_route http_routes[]; /* ends with a NULL method */

enum route_found { ROUTE_NONE, ROUTE_OTHER_METHOD, ROUTE_FOUND };

/*
 * The route of a method and path. Ids become lower-case, numbers plain:
 * values point into buffers of the arena. ROUTE_OTHER_METHOD: the path is
 * known, *ret_allow gets the methods ("GET, POST").
 */
struct arena;
enum route_found route_find(const char *method, struct text path,
                            struct arena *arena,
                            const struct http_route **ret_route,
                            struct path_value values[PATH_VALUES_MAX],
                            size_t *ret_count, char allow[32]);

#endif
