/*
 * setting.h - settings from the environment through one table.
 *
 *     static const struct setting settings[] = {
 *         { "BATCH_MAX", SETTING_INT, AT(struct my, batch_max), "1000",
 *           "messages in a batch at most" },
 *         { 0 },
 *     };
 */
#ifndef BAODAO_BASE_SETTING_H
#define BAODAO_BASE_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/err.h"

enum setting_kind {
    SETTING_TEXT, /* const char *, borrowed from the environment or table */
    SETTING_INT,  /* int64_t */
    SETTING_BOOL, /* bool: 0 1 false true no yes */
};

#define AT(type, member) offsetof(type, member)

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t at;            /* where in the struct */
    const char *standard; /* default; NULL: must be set */
    const char *help;
};

/* ERR_FATAL "bad_setting" with the name as field. Never prints a value. */
MUST_CHECK bool settings_read(const struct setting *table, void *into,
                              struct err *err);
/* One line a setting for --help. */
void settings_print(const struct setting *table, struct buf *out);

#endif
