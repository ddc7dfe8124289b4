/*
 * csv_fuzz.c - any bytes as one file of the reference data: never a fault, and
 * a refusal names that file.
 *
 * The first byte chooses the file; the others of schemas/reference/ are as
 * they are, so run it from the top of the checkout:
 *
 *     clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/corpus/csv
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/city/reference.h"

#define FILES COUNT_OF(names)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "limits.csv",     "calendar_weeks.csv", "holidays.csv", "calendar.csv",
    "kinds.csv",      "duties.csv",         "offices.csv",  "regions.csv",
    "matters.csv",    "matter_limits.csv",  "reasons.csv",  "weights.csv",
    "earn_rules.csv", "shifts.csv",
};

static struct reference_file files[FILES];
static struct buf bodies[FILES];

static void read_files(void)
{
    if (bodies[0].size > 0)
        return;
    for (size_t i = 0; i < FILES; i++) {
        char path[128];
        FILE *f;

        snprintf(path, sizeof(path), "schemas/reference/%s", names[i]);
        snprintf(files[i].name, sizeof(files[i].name), "%s", names[i]);
        f = fopen(path, "rb");
        if (!f)
            abort();
        bodies[i].size = fread(buf_reserve(&bodies[i], 1 << 17), 1, 1 << 17, f);
        fclose(f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reference *r = NULL;
    struct err why = {0};
    size_t chosen = size > 0 ? data[0] % FILES : 0;

    if (size == 0)
        return 0;
    read_files();
    for (size_t i = 0; i < FILES; i++)
        files[i].body = buf_text(&bodies[i]);
    files[chosen].body = (struct text){(const char *)data + 1, size - 1};
    if (!reference_build(1, 0, files, FILES, &r, &why) &&
        (why.kind != ERR_REJECT || !text_valid(text_of(why.sentence))))
        abort();
    reference_free(r);
    return 0;
}
