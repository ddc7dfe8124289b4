/*
 * sheet.h - a clock explained to people: which days counted, what was
 * paused and granted, when it turns yellow and red, who was late by how much.
 * The arithmetic is the workers' own (clock.h).
 */
#ifndef BAODAO_CITY_SHEET_H
#define BAODAO_CITY_SHEET_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/city/clock.h"
#include "common/city/reference.h"

/* A clock as the records have it. */
struct clock_row {
    struct text stage; /* "resolve"; of a matter: "repair" */
    struct text story; /* clock_item.h; of all stages */
    char kind[CODE_SIZE]; /* whose limit it is: "enforcement" */
    char matter[MATTER_SIZE]; /* whose stage it is; "" of the kind */
    int64_t start_us, stop_us;
    int64_t limits, calendar; /* versions of the reference data */
};

struct clock_sheet {
    struct clock_state state; /* only if it has an answer */
    enum clock_light light;
    int32_t gap;       /* the first missing date, INT32_MIN none */
    bool answered;     /* state holds */
    struct text steps; /* sentences, one a line: Chinese / English */
};

/* As of now, by versions that are loaded (reference_pinned). ERR_FATAL:
 * "no_reference", "bad_row". */
MUST_CHECK bool clock_sheet(const struct clock_row *row, int64_t now_us,
                            struct arena *arena, struct clock_sheet *ret,
                            struct err *err);
/* Fills a row from columns of track.clocks; texts are copied. */
void clock_row_take(const struct pg_rows *rows, int i, struct arena *arena,
                    struct clock_row *ret);

#endif
