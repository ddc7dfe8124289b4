/*
 * log.h - one JSON line a fact, on standard error.
 *
 *     log_fact(LOG_INFO, "took_over", "partition", LOG_INT(3),
 *              "epoch", LOG_INT(7), LOG_END);
 *     {"at":"…Z","level":"info","service":"intake","fact":"took_over",…}
 *
 * Only work/ and services log; never a person's data, never a secret.
 */
#ifndef BAODAO_BASE_LOG_H
#define BAODAO_BASE_LOG_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Fields come as (name, kind, value) by the macros; LOG_END closes. */
enum log_kind { LOG_KIND_INT = 1, LOG_KIND_STRING, LOG_KIND_TEXT };
#define LOG_INT(n) LOG_KIND_INT, (int64_t)(n)
#define LOG_STR(s) LOG_KIND_STRING, (const char *)(s)
#define LOG_TEXT(t) LOG_KIND_TEXT, (struct text)(t)
#define LOG_END ((const char *)0)

/* service and instance stand in every line; lines under `least` are dropped. */
void log_start(const char *service, const char *instance,
               enum log_level least);
void log_fact(enum log_level level, const char *fact, ...);
/* An error with its kind, code, field and sentence; more fields may follow. */
void log_error(enum log_level level, const char *fact, const struct err *err,
               ...);

#endif
