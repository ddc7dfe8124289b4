/*
 * alarm.c - once a second: the cell's time, what is due (sooner while more is
 * due than was asked for), signs of life.
 *
 * An alarm only says "look": clock.passed, sent to our own topic. The rule
 * judges by its own `at`. None is sent while those sent before are unfolded.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/work/worker.h"

#define ALARMS_AT_MOST 500
#define ALARM_LAG_US (5 * SECOND_US)
#define ALARM_PATIENCE_US (10 * SECOND_US)
#define MARK_US (SECOND_US / 10)
#define LOOK_US (5 * SECOND_US)

/* clang-format off */
const struct field clock_passed_fields[] = {
    F_TEXT(struct clock_passed, subject),
    F_INSTANT(struct clock_passed, due),
    F_INT(struct clock_passed, look),
    { 0 },
};

static const char sql_pulse[] =
    "INSERT INTO log.pulse (instance, service, wall, test_clock, reference,"
    " partitions) VALUES ($1::text, $2::text, $3::timestamptz,"
    " $4::timestamptz, $5::bigint, $6::text)"
    " ON CONFLICT (instance) DO UPDATE SET wall = excluded.wall,"
    " test_clock = excluded.test_clock, reference = excluded.reference,"
    " partitions = excluded.partitions";
static const char sql_cell[] =
    "SELECT l.test_clock, clock_timestamp(), (SELECT coalesce(max(version), 0)"
    " FROM reference.version), c.partition,"
    " log.stop_at(c.paused, c.draining, c.drain_to), c.paused_by,"
    " to_char(c.paused_since AT TIME ZONE interval '08:00',"
    " 'YYYY-MM-DD HH24:MI'), c.paused_why"
    " FROM log.cell l LEFT JOIN log.consumer c ON c.topic = $1::text"
    " AND c.partition = ANY ($2::int[]) ORDER BY c.partition";
/* clang-format on */

/* ---- pulse ---- */

static void take_pause(struct worker *w, const struct pg_rows *rows, int i)
{
    struct text by = pg_text(rows, i, 5), since = pg_text(rows, i, 6),
                why = pg_text(rows, i, 7);
    struct partition *p =
        pg_null(rows, i, 3) ? NULL : w->partitions[pg_int(rows, i, 3)];

    if (!p)
        return;
    pause_hear(p, pg_null(rows, i, 4), pg_int(rows, i, 4));
    if (!pg_null(rows, i, 4))
        snprintf(w->pause_said, sizeof(w->pause_said),
                 "paused by %.*s since %.*s: %.*s", TEXT_PRINT(by),
                 TEXT_PRINT(since), TEXT_PRINT(why));
}

static bool take_cell(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    struct worker *w = context;

    if (rows->count == 0)
        return err_retry(err, "no_cell", "log.cell is empty: `baodao migrate`");
    w->test_clock = !pg_null(rows, 0, 0);
    if (w->test_clock)
        w->clock_us = pg_instant(rows, 0, 0);
    metric_set(&metrics.skew, instant_now() - pg_instant(rows, 0, 1));
    w->reference_seen = pg_int(rows, 0, 2);
    for (int i = 0; i < rows->count; i++)
        take_pause(w, rows, i);
    return true;
}


static bool read_cell(struct worker *w, struct err *err)
{
    AUTO(pg_array) struct pg_array numbers = PG_ARRAY(PG_INT4);
    struct pg_params p = { 0 };

    for (size_t i = 0; i < w->held; i++)
        pg_put_int(&numbers, w->numbers[i]);
    pg_param_text(&p, text_of(w->service->topic));
    pg_param_array(&p, &numbers);
    return pg_query(w->control, sql_cell, &p, take_cell, w, err);
}

static bool write_pulse(struct worker *w, struct err *err)
{
    AUTO(buf) struct buf held = { 0 };
    struct pg_params p = { 0 };

    for (size_t i = 0; i < w->held; i++)
        buf_print(&held, "%s%d", i ? " " : "", (int)w->numbers[i]);
    pg_param_text(&p, text_of(w->set.instance));
    pg_param_text(&p, text_of(w->service->name));
    pg_param_instant(&p, instant_now());
    if (w->test_clock)
        pg_param_instant(&p, w->clock_us);
    else
        pg_param_null(&p);
    pg_param_int8(&p, w->service->reference ? w->service->reference->loaded()
                                            : 0);
    pg_param_text(&p, text_of(buf_string(&held)));
    return pg_query(w->control, sql_pulse, &p, NULL, NULL, err);
}

/* ---- what is due ---- */

/* derive(topic, (due, subject, look), 0): the same look is the same id. */
static struct uuid alarm_id(struct worker *w, struct text subject,
                            int64_t due_us, int64_t look)
{
    struct uuid cause = uuid_first(due_us);
    struct digest_state s;
    struct digest d;

    digest_begin(&s, NULL);
    digest_text(&s, subject);
    digest_int(&s, due_us);
    digest_int(&s, look);
    digest_end(&s, &d);
    memcpy(cause.bytes + 6, d.bytes, sizeof(cause.bytes) - 6);
    return uuid_derive(w->service->topic, &cause, 0);
}

static bool take_due(const struct pg_rows *rows, void *context,
                     struct err *err)
{
    struct worker *w = context;
    AUTO(buf) struct buf data = { 0 };
    int64_t oldest_us = worker_now();
    int again = 0;

    for (int i = 0; i < rows->count; i++) {
        if (pg_instant(rows, i, 3) < oldest_us)
            oldest_us = pg_instant(rows, i, 3);
        again += pg_int(rows, i, 4) > 0;
    }
    metric_set(&metrics.overdue, worker_now() - oldest_us);
    /* Our clock may be hours ahead: looks in vain have a second each. */
    w->alarms_more = rows->count == ALARMS_AT_MOST && again < rows->count / 2;
    for (int i = 0; i < rows->count; i++) {
        struct text subject = pg_text(rows, i, 2);
        int64_t due_us = pg_instant(rows, i, 3), look = pg_int(rows, i, 4);
        struct uuid id = alarm_id(w, subject, due_us, look);
        struct json j;

        buf_reset(&data);
        json_begin(&j, &data);
        json_text(&j, "subject", subject);
        json_instant(&j, "due", due_us);
        json_int(&j, "look", look);
        json_end(&j);
        if (!worker_send(w->service->topic, pg_text(rows, i, 1),
                         "clock.passed", &id, subject, buf_text(&data), err))
            return err->kind == ERR_RETRY; /* the next second will do */
        w->alarms_waiting++;
        metric_add(&metrics.alarms, 1);
    }
    return true;
}

/* Far behind, an alarm would only stand in the queue. */
static bool lags(const struct worker *w)
{
    for (size_t i = 0; i < w->held; i++) {
        const struct partition *p = w->partitions[w->numbers[i]];
        int64_t high = kafka_in_high(w->in, w->topic, p->number);

        if (high > p->kept.next_offset &&
            worker_now() - p->kept.at_us > ALARM_LAG_US &&
            high - p->kept.next_offset > ALARMS_AT_MOST)
            return true;
    }
    return false;
}

/* A partition that stands still would not fold them. */
static void put_moving(const struct worker *w, struct pg_array *a)
{
    for (size_t i = 0; i < w->held; i++)
        if (w->partitions[w->numbers[i]]->stop_at == INT64_MAX)
            pg_put_int(a, w->numbers[i]);
}

static bool ask_due(struct worker *w, struct err *err)
{
    AUTO(pg_array) struct pg_array numbers = PG_ARRAY(PG_INT4);
    struct pg_params p = { 0 };

    w->alarms_more = false;
    put_moving(w, &numbers);
    if (!w->service->due || numbers.count == 0 || w->replay)
        return true;
    if (w->alarms_waiting > 0 && instant_monotonic() < w->alarm_at_us)
        return true;
    if (lags(w))
        return true;
    w->alarms_waiting = 0;
    w->alarm_at_us = instant_monotonic() + ALARM_PATIENCE_US;
    pg_param_array(&p, &numbers);
    pg_param_instant(&p, worker_now());
    pg_param_int4(&p, ALARMS_AT_MOST);
    return pg_call(w->control, w->service->due, &p, take_due, w, err);
}

/* A hundred thousand may be due in one minute: the next are asked for when
 * those before are folded, not a second later. What people say meanwhile lies
 * between them in the log, and waits for so many at most. */
static bool ask_more(struct worker *w, struct err *err)
{
    return !w->alarms_more || w->alarms_waiting > 0 || !w->control ||
           ask_due(w, err);
}

void alarm_folded(struct worker *w, const struct batch *b)
{
    for (size_t i = 0; i < b->count && w->alarms_waiting > 0; i++)
        w->alarms_waiting -= text_is(b->messages[i].type, "clock.passed");
}

/* While nothing is in hand: a batch holds the consumer rows, and marks them
 * itself. */
static bool mark_idle(struct worker *w, struct err *err)
{
    static int64_t next_us;

    if (decided_any(w) || !w->control || instant_monotonic() < next_us)
        return true;
    next_us = instant_monotonic() + MARK_US;
    return mark_published(w, err);
}

/* Lag tools ask Kafka how far a group is; we never do. */
static void tell_offsets(struct worker *w)
{
    struct kafka_partition list[PARTITIONS_MAX] = { 0 };
    size_t count = 0;

    for (size_t i = 0; i < w->held && !w->replay; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        if (p->told_offset == p->kept.next_offset)
            continue;
        p->told_offset = p->kept.next_offset;
        memcpy(list[count].topic, w->topic, sizeof(w->topic));
        list[count].partition = p->number;
        list[count++].offset = p->told_offset;
    }
    if (count > 0)
        kafka_in_commit(w->in, list, count);
}

/* Kafka's client says nothing when a topic that it reads is deleted; who has
 * nothing to do looks whether it is still there. */
static bool look_idle(struct worker *w, struct err *err)
{
    static int64_t next_us;
    struct err why = { 0 };

    if (decided_any(w) || w->held == 0 || instant_monotonic() < next_us ||
        !kafka_out_connected(w->out))
        return true;
    next_us = instant_monotonic() + LOOK_US;
    if (find_topic(w, &why) || strcmp(why.code, "no_topic") != 0)
        return true;
    *err = why;
    return false;
}

/* Who has nothing to decide is ready for what comes; a version that cannot
 * be read is decide's to complain about. */
static void refresh_reference(struct worker *w)
{
    const struct reference_hooks *hooks = w->service->reference;
    struct err ignored = { 0 };

    if (hooks && !decided_any(w) && hooks->loaded() < w->reference_seen &&
        !hooks->refresh(w->control, w->reference_seen, &ignored))
        log_error(LOG_DEBUG, "reference", &ignored, LOG_END);
}

bool pulse(struct worker *w, struct err *err)
{
    if (!mark_idle(w, err) || !look_idle(w, err) || !ask_more(w, err))
        return false;
    if (instant_monotonic() < w->pulse_at_us)
        return true;
    w->pulse_at_us = instant_monotonic() + SECOND_US;
    side_alive(w->side);
    measure(w);
    tell_offsets(w);
    if (!w->control)
        return true;
    if (!read_cell(w, err) || !write_pulse(w, err) || !ask_due(w, err))
        return false;
    pause_say(w);
    refresh_reference(w);
    if (!w->replay && w->service->idle && w->held > 0)
        w->service->idle();
    return true;
}

/* ---- what a service may ask ---- */

struct pg *worker_control(void)
{
    return the_worker->control;
}

int64_t worker_now(void)
{
    return the_worker->test_clock ? the_worker->clock_us : instant_now();
}

const int32_t *worker_partitions(size_t *ret_count)
{
    *ret_count = the_worker->held;
    return the_worker->numbers;
}
