/*
 * files.c - a few small files, read when they are asked for.
 *
 * A name has no slash and no leading dot: route and guard see to it.
 */
#include "services/gateway/files.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

#define FILE_MAX (1024 * 1024)

static const struct {
    const char *ending, *type;
} types[] = {
    /* clang-format off */
    { ".html", "text/html; charset=utf-8" },
    { ".css",  "text/css; charset=utf-8" },
    { ".js",   "text/javascript; charset=utf-8" },
    { ".svg",  "image/svg+xml" },
    { ".json", "application/json" },
    { ".yaml", "application/json" }, /* openapi.yaml is JSON as well */
    /* clang-format on */
};

static const char *type_of(const char *path)
{
    size_t size = strlen(path);

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        size_t ending = strlen(types[i].ending);

        if (size > ending &&
            strcmp(path + size - ending, types[i].ending) == 0)
            return types[i].type;
    }
    return NULL;
}

static bool read_all(int file, struct buf *out)
{
    struct stat found;
    ssize_t got = 1;

    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) ||
        found.st_size > FILE_MAX)
        return false;
    while (got > 0) {
        got = read(file, buf_reserve(out, 65536), 65536);
        if (got > 0)
            out->size += (size_t)got;
    }
    return got == 0;
}

static void answer_file(struct request *r, const char *path)
{
    const char *type = type_of(path);
    int file = type ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    bool done = file >= 0 && read_all(file, &r->answer);

    if (file >= 0)
        close(file);
    if (done)
        request_answer(r, 200, type);
    else
        problem_answer(r, 404, "no_such_file", NULL,
                       "没有这个文件 / there is no such file");
}

void files_start(struct request *r)
{
    const struct gateway *g = r->gateway;
    struct text name = request_path_value(r, "file");
    char path[PATH_MAX];

    if (text_is(r->path, "/v1/openapi.json"))
        snprintf(path, sizeof(path), "%s/openapi.yaml", g->schemas);
    else if (text_starts(r->path, "/v1/messages/"))
        snprintf(path, sizeof(path), "%s/messages/%.*s", g->schemas,
                 TEXT_PRINT(name));
    else
        snprintf(path, sizeof(path), "%s/%.*s", g->board,
                 name.size > 0 ? (int)name.size : 10,
                 name.size > 0 ? name.bytes : "index.html");
    answer_file(r, path);
}
