/*
 * problem.h - refusals over HTTP: RFC 9457, Chinese first.
 *
 *     { "type": "urn:baodao:problem:not_signed", "title": "冲突 / Conflict",
 *       "status": 409, "detail": "…", "reason": "not_signed",
 *       "field": "state" }
 */
#ifndef BAODAO_GATEWAY_PROBLEM_H
#define BAODAO_GATEWAY_PROBLEM_H

#include "common/base/err.h"

struct request;

/* Answers the request. field may be NULL. */
void problem_answer(struct request *r, unsigned status, const char *reason,
                    const char *field, const char *detail);
/* The status follows from kind and code of err. */
void problem_from(struct request *r, const struct err *err);
/* The status of a refusal by a worker or a schema. */
unsigned problem_status(const char *code, const char *field);

#endif
