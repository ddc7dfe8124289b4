/*
 * instant.h - points in time: microseconds since 1970-01-01 UTC, in int64_t
 * variables that end in _us. People's time is UTC+08:00 fixed (rules.md §1).
 */
#ifndef BAODAO_BASE_INSTANT_H
#define BAODAO_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/text.h"

#define INSTANT_NONE INT64_MIN /* no such instant: SQL NULL, JSON null */
#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

#define INSTANT_TEXT_SIZE 40
#define DATE_TEXT_SIZE 16

/*
 * RFC 3339 with any offset or Z, seconds optional in input ("T08:30+08:00"),
 * fraction of 1-9 digits cut to microseconds; years 1970-9999. False when it
 * is not one (also 24:00, Feb 30, second 60).
 */
MUST_CHECK bool instant_parse(struct text t, int64_t *ret_us);
/* "2026-03-02T00:30:00Z"; a fraction only when there is one. */
void instant_print(int64_t at_us, char into[INSTANT_TEXT_SIZE]);
/* "2026-03-02T08:30:00+08:00": as people read it. */
void instant_print_shanghai(int64_t at_us, char into[INSTANT_TEXT_SIZE]);

/*
 * A civil date is a day number: days since 1970-01-01 in Shanghai.
 */
int32_t date_of(int64_t at_us);
int64_t date_start_us(int32_t day); /* its 00:00 in Shanghai */
int date_weekday(int32_t day);      /* 0 = Monday ... 6 = Sunday */
MUST_CHECK bool date_parse(struct text t, int32_t *ret_day); /* "2026-03-02" */
void date_print(int32_t day, char into[DATE_TEXT_SIZE]);
void date_civil(int32_t day, int *ret_year, int *ret_month, int *ret_day);
int32_t date_from_civil(int year, int month, int day);

/* The wall clock. Not for rules: a rule is given its time. */
int64_t instant_now(void);
/* Monotonic, for durations and deadlines. */
int64_t instant_monotonic(void);

#endif
