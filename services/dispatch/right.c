/* right.c - the duty sets as PostgreSQL counts: made anew, or set right. */
#include "services/dispatch/right.h"

#include "common/base/log.h"
#include "common/base/metric.h"
#include "services/dispatch/allot.h"
#include "services/dispatch/hand.h"
#include "services/dispatch/pool.h"
#include "services/dispatch/whistle.h"

static struct metric drift = METRIC_GAUGE(
    "baodao_duty_drift_lanes", "lanes that Redis had miscounted, last time");
static struct metric rebuilds = METRIC_COUNTER(
    "baodao_duty_rebuilds_total", "times the duty sets were made anew");

void right_start(void)
{
    metric_register(&drift);
    metric_register(&rebuilds);
}

static const char sql_counts[] =
    "SELECT o.office, o.officer, o.capacity::int8, " OFFICER_AVAILABLE(
        "o", "$2") ","
             " count(l.office), max(l.since), o.place, o.line, o.skills"
             " FROM dispatch.officer o LEFT JOIN track.open_lane l"
             " ON l.office = o.office AND l.officer = o.officer"
             " GROUP BY o.office, o.officer ORDER BY o.office, o.officer";

/* What the rows are turned into. */
struct counts {
    struct reserve *reserve;
    struct slots stamps;
};

static struct text maybe(const struct pg_rows *rows, int row, int column)
{
    return pg_null(rows, row, column) ? text_of("")
                                      : pg_text(rows, row, column);
}

/* Rows of one office follow each other; each office becomes one `set`. */
static bool take_counts(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    const struct counts *counts = context;
    const struct slots *stamps = &counts->stamps;
    struct on_duty *there =
        arena_array(stamps->arena, (size_t)rows->count, sizeof(*there));
    size_t count = 0;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct text office = pg_text(rows, i, 0);

        if (pg_bool(rows, i, 3))
            there[count++] = (struct on_duty){
                .officer = pg_text(rows, i, 1),
                .open = pg_int(rows, i, 4),
                .capacity = pg_int(rows, i, 2),
                .last_us = pg_null(rows, i, 5) ? 0 : pg_instant(rows, i, 5),
                .pools = pools_of_officer(stamps->arena, maybe(rows, i, 6),
                                          maybe(rows, i, 7),
                                          maybe(rows, i, 8)),
            };
        if (i + 1 < rows->count && text_equal(pg_text(rows, i + 1, 0), office))
            continue;
        (void)reserve_set(counts->reserve, office,
                          reserve_stamp(stamps, office), there, count);
        count = 0;
    }
    return true;
}

static void note_drift(const struct redis_reply *answers, size_t offices)
{
    int64_t all = 0;

    for (size_t i = 0; i < offices; i++) {
        struct redis_reply one = redis_item(answers, i);

        all += redis_int(&one) > 0 ? redis_int(&one) : 0;
    }
    metric_set(&drift, all);
}

bool right_set(struct reserve *reserve, struct pg *pg, bool building,
               struct err *err)
{
    AUTO(arena) struct arena arena = {0};
    AUTO(pg_array) struct pg_array shifts = PG_ARRAY(PG_TEXT);
    struct counts counts = {.reserve = reserve};
    struct pg_params params = {.count = 0};
    struct redis_reply answers;
    size_t offices;

    slots_start(&counts.stamps, &arena);
    if (!reserve_stamps(reserve, &counts.stamps, err))
        return false;
    allot_begin(reserve, building);
    pg_param_instant(&params, worker_now());
    allot_put_shifts(&shifts);
    pg_param_array(&params, &shifts);
    if (!pg_query(pg, sql_counts, &params, take_counts, &counts, err))
        return false;
    offices = reserve->verbs;
    if (building)
        (void)reserve_ready(reserve);
    if (!reserve_run(reserve, &answers, err))
        return false;
    note_drift(&answers, offices);
    if (building) {
        metric_add(&rebuilds, 1);
        log_fact(LOG_INFO, "duties_rebuilt", "offices", LOG_INT(offices),
                 LOG_END);
    }
    return true;
}
