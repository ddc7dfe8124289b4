/*
 * oracle.h - rules that anybody can check: one JSON object a line in, one out.
 *
 * An oracle is a row of the table in cmd_oracle.c; tests/store/test_oracle.py
 * shows what it reads and writes. It asks the very functions that the workers
 * ask.
 */
#ifndef BAODAO_CLI_ORACLE_H
#define BAODAO_CLI_ORACLE_H

#include <jansson.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/city/calendar.h"

/* What earlier lines have told: calendars by name, the latest first. */
struct oracle {
    struct arena line;  /* of the line at hand */
    struct arena arena; /* owns what follows */
    struct oracle_calendar {
        struct oracle_calendar *next;
        struct text name;
        struct calendar calendar;
    } *calendars;
};

/* The answer to a case without its id, a new reference; NULL: the line only
 * told something. An error is an answer: oracle_refuse(). */
typedef json_t *oracle_answer(struct oracle *o, json_t *line);

/* {"error": code} and, as the code asks for it, "field" or "date". */
json_t *oracle_refuse(const struct err *err);

/* NULL when there is no oracle of this name. */
oracle_answer *oracle_find(const char *name);
/* Appends what the oracle says to a line, with its newline; nothing to a line
 * that is blank or only tells. */
void oracle_line(struct oracle *o, oracle_answer *answer, struct text line,
                 struct buf *out);
void oracle_cleanup(struct oracle *o);

/* ---- members of a line; null is as absent ---- */

json_t *oracle_member(json_t *object, const char *name);
/* False when it is not a whole number; absent: *ret stays. */
MUST_CHECK bool oracle_int(json_t *object, const char *name, int64_t *ret);
/* Index of a word in a table of names; absent: *ret stays. */
MUST_CHECK bool oracle_word(json_t *object, const char *name,
                            const char *const *names, int *ret);
/* "2026-03-02"; false also when absent. */
MUST_CHECK bool oracle_date(json_t *object, const char *name, int32_t *ret);

/* oracle_calendar.c: a calendar line is kept; NULL, or why it cannot be. */
json_t *oracle_keep_calendar(struct oracle *o, json_t *told);
/* NULL when none of this name was told. */
const struct calendar *oracle_calendar(const struct oracle *o, json_t *name);

/* oracle_clock.c, oracle_allot.c */
oracle_answer oracle_clock, oracle_allot;

#endif
