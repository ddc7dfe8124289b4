/* file.c - reads files and folders. */
#include "services/baodao/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536

bool cli_stream_read(FILE *in, struct buf *out, struct err *err)
{
    size_t size;

    while ((size = fread(buf_reserve(out, PIECE), 1, PIECE, in)) > 0)
        out->size += size;
    return !ferror(in) ||
           err_fatal(err, "no_file", "reading: %s", strerror(errno));
}

bool cli_file_read(const char *folder, const char *name, struct buf *out,
                   struct err *err)
{
    char path[PATH_MAX];
    FILE *in;
    bool done;

    snprintf(path, sizeof(path), "%s%s%s", folder, name ? "/" : "",
             name ? name : "");
    in = fopen(path, "re");
    if (!in)
        return err_fatal(err, "no_file", "%s: %s", path, strerror(errno));
    done = cli_stream_read(in, out, err) || err_in(err, "%s", path);
    fclose(in);
    return done;
}

static bool ends(const char *name, const char *ending)
{
    size_t size = strlen(name), last = strlen(ending);

    return size > last && strcmp(name + size - last, ending) == 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add(struct cli_names *names, const char *name)
{
    names->items =
        realloc(names->items, (names->count + 1) * sizeof(*names->items));
    if (!names->items || !(names->items[names->count++] = strdup(name)))
        abort();
}

bool cli_files_list(const char *folder, const char *ending,
                    struct cli_names *ret_names, struct err *err)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    if (!dir)
        return err_fatal(err, "no_file", "%s: %s", folder, strerror(errno));
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && ends(entry->d_name, ending))
            add(ret_names, entry->d_name);
    closedir(dir);
    if (ret_names->count > 0)
        qsort(ret_names->items, ret_names->count, sizeof(*ret_names->items),
              compare);
    return true;
}

void cli_names_cleanup(struct cli_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}
