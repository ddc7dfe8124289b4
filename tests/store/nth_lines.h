/*
 * nth_lines.h - commands out of a file, as if they came from partition 0:
 *
 *     {"before":true,"at":"…","type":"…","id":"…","key":"…","actor":"…",
 *      "holders":"…","data":{…}}
 *
 * Those with `before` are there when the batch that fails begins. The n-th
 * line has offset n - 1. "sealed":"@" becomes a box that intake can open.
 */
#ifndef BAODAO_TESTS_NTH_LINES_H
#define BAODAO_TESTS_NTH_LINES_H

#include <stddef.h>

#include "common/io/kafka_in.h"

void nth_lines_read(const char *path, const char *keys);
size_t nth_lines_count(void);
size_t nth_lines_before(void); /* how many */
struct kafka_record nth_line(size_t i);

#endif
