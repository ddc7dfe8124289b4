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

/* Where a refusal's field was said. */
enum problem_place {
    PROBLEM_NOWHERE, /* it is about the state of things */
    PROBLEM_IN_PATH,
    PROBLEM_IN_BODY,
};

/* Answers the request. field may be NULL. */
void problem_answer(struct request *r, unsigned status, const char *reason,
                    const char *field, const char *detail);
/* The status follows from kind, code and field of err. */
void problem_from(struct request *r, const struct err *err);
/*
 * The status of a refusal, by a schema or a worker: 403 who, 404 a thing of
 * the path, 400 no JSON, 422 what was said, 409 how things stand.
 */
unsigned problem_status(const char *code, const char *field,
                        enum problem_place place);

#endif
