/* file.h - whole files and the names in a folder. */
#ifndef BAODAO_CLI_FILE_H
#define BAODAO_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/err.h"

/* Appends a file's bytes; name may be NULL: the path is folder alone.
 * ERR_FATAL "no_file" names it. */
MUST_CHECK bool cli_file_read(const char *folder, const char *name,
                              struct buf *out, struct err *err);
/* Appends all that a stream still gives. */
MUST_CHECK bool cli_stream_read(FILE *in, struct buf *out, struct err *err);

struct cli_names {
    char **items; /* owned, sorted by bytes */
    size_t count;
};
/* The files of a folder whose names end so, but for hidden ones. */
MUST_CHECK bool cli_files_list(const char *folder, const char *ending,
                               struct cli_names *ret_names, struct err *err);
void cli_names_cleanup(struct cli_names *names);

#endif
