/* city_reference_test.h - the rows of schemas/reference/ as files in memory,
 * and the same with a line of them changed. */
#ifndef BAODAO_TESTS_CITY_REFERENCE_TEST_H
#define BAODAO_TESTS_CITY_REFERENCE_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/city/reference.h"
#include "tests/unit/must.h"

static const char *const reference_names[] = {
    "regions.csv",    "holidays.csv",      "calendar.csv", "calendar_weeks.csv",
    "matters.csv",    "matter_limits.csv", "offices.csv",  "duties.csv",
    "kinds.csv",      "limits.csv",        "reasons.csv",  "weights.csv",
    "earn_rules.csv", "shifts.csv",
};
#define REFERENCE_FILES COUNT_OF(reference_names)

struct reference_set {
    struct reference_file files[REFERENCE_FILES];
    struct buf bodies[REFERENCE_FILES];
};

static inline void read_whole(const char *name, struct buf *into)
{
    char path[128];
    FILE *f;
    size_t size;

    snprintf(path, sizeof(path), "schemas/reference/%s", name);
    f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: run from the top of the checkout", path);
    do {
        size = fread(buf_reserve(into, 65536), 1, 65536, f);
        into->size += size;
    } while (size > 0);
    fclose(f);
}

static inline void reference_point(struct reference_set *set, size_t i)
{
    set->files[i].body = buf_text(&set->bodies[i]);
}

static inline void reference_read(struct reference_set *set)
{
    *set = (struct reference_set){0};
    for (size_t i = 0; i < REFERENCE_FILES; i++) {
        snprintf(set->files[i].name, sizeof(set->files[i].name), "%s",
                 reference_names[i]);
        read_whole(reference_names[i], &set->bodies[i]);
        reference_point(set, i);
    }
}

static inline void reference_release(struct reference_set *set)
{
    for (size_t i = 0; i < REFERENCE_FILES; i++)
        buf_release(&set->bodies[i]);
}

/* Replaces the first occurrence of a piece in a file; it must be there. */
static inline void reference_change(struct reference_set *set, const char *file,
                                    const char *from, const char *to)
{
    for (size_t i = 0; i < REFERENCE_FILES; i++) {
        struct buf old = set->bodies[i];
        const char *found;

        if (strcmp(reference_names[i], file) != 0)
            continue;
        found = strstr(buf_string(&old), from);
        if (!found)
            fail_msg("%s has no %s", file, from);
        set->bodies[i] = (struct buf){0};
        buf_put(&set->bodies[i], old.bytes, (size_t)(found - old.bytes));
        buf_put(&set->bodies[i], to, strlen(to));
        found += strlen(from);
        buf_put(&set->bodies[i], found, old.size - (size_t)(found - old.bytes));
        buf_release(&old);
        reference_point(set, i);
        return;
    }
    fail_msg("there is no file %s", file);
}

#endif
