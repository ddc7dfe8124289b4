/* allot.c - see allot.h; the conversation with Redis is in reserve.c. */
#include "services/dispatch/allot.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/metric.h"
#include "services/dispatch/demand.h"
#include "services/dispatch/hand.h"
#include "services/dispatch/reserve.h"
#include "services/dispatch/right.h"
#include "services/dispatch/whistle.h"

#define DEADLINE_MS 50
#define RIGHT_EVERY_US (5 * MINUTE_US)
#define LOOK_EVERY_US (15 * SECOND_US) /* for lanes without a holder … */
#define LOOK_FOR_US (5 * SECOND_US)    /* … each turn after a reason to, */
#define LOOK_SHARE 20                  /* but a twentieth of the time at most */
#define HELD_MAX 256

struct allot_settings allot_settings;

const struct setting allot_setting_table[] = {
    {"REDIS", SETTING_TEXT, AT(struct allot_settings, redis), "",
     "socket of Redis; empty: lanes go out without officers"},
    {0},
};

static struct metric failures =
    METRIC_COUNTER("baodao_allot_failures_total", "calls to Redis that failed");

static struct metric up = METRIC_GAUGE(
    "baodao_redis_up", "1 while Redis answers within its deadline");
static struct metric desk = METRIC_GAUGE(
    "baodao_desk_lanes", "lanes that waited for an officer, at the last look");

static struct allotment {
    struct reserve reserve;
    char shifts[SHIFTS_MAX * 8]; /* that were on, as idle saw them last */
    int64_t looked_us, look_until_us, look_next_us; /* monotonic */
    int64_t righted_us;               /* the cell's time */
    bool right_due;
    bool away;
    struct batch *asking; /* whose answer is to come; NULL: none's */
    int32_t held[HELD_MAX]; /* partitions, as idle saw them last */
    size_t held_count;
} self;

bool allot_start(struct err *err)
{
    (void)err;
    demands_start();
    hand_start();
    metric_register(&failures);
    right_start();
    metric_register(&up);
    metric_register(&desk);
    if (allot_settings.redis && allot_settings.redis[0])
        self.reserve.redis = redis_new(allot_settings.redis, DEADLINE_MS);
    else
        metric_set(&up, METRIC_ABSENT);
    self.right_due = true;
    return true;
}

static void look_soon(void)
{
    self.look_until_us = instant_monotonic() + LOOK_FOR_US;
}

/* Seldom enough not to wait for the share. */
static void look_at_once(void)
{
    look_soon();
    self.look_next_us = 0;
}

static void failed(const struct err *why)
{
    metric_add(&failures, 1);
    metric_set(&up, 0);
    if (!self.away)
        log_error(LOG_WARN, "redis_away", why, LOG_END);
    self.away = true;
    look_soon();
}

static void answered(void)
{
    metric_set(&up, 1);
    if (!self.away)
        return;
    log_fact(LOG_INFO, "redis_back", LOG_END);
    self.away = false;
    look_at_once();
}

static const struct reference *reference_now(void)
{
    return city_reference.at(worker_now());
}

void allot_begin(struct reserve *r, bool building)
{
    const struct reference *now = reference_now();

    reserve_begin(r, worker_now(),
                  now ? reference_weight_or(now, "allot.ceiling_percent",
                                            INT_ABSENT)
                      : INT_ABSENT,
                  building);
}

static size_t shifts_now(const char *codes[SHIFTS_MAX])
{
    const struct reference *now = reference_now();

    return now ? reference_shifts_on(now, worker_now(), codes, SHIFTS_MAX) : 0;
}

void allot_put_shifts(struct pg_array *shifts)
{
    const char *codes[SHIFTS_MAX];
    size_t count = shifts_now(codes);

    for (size_t i = 0; i < count; i++)
        pg_put_string(shifts, codes[i]);
}

/* ---- after the commit ---- */

/* An answer must not be taken for another's. Its batch may be gone: what was
 * committed is then said from the log, without holders. */
static void finish_asked(void)
{
    const struct dispatch_state *s = self.asking ? self.asking->state : NULL;
    struct redis_reply unused;
    struct err why;
    bool ready;

    if (s && s->asked)
        (void)allot_batch(self.asking, true);
    else if (s && !reserve_answer(&self.reserve, true, &ready, &unused, &why))
        failed(&why);
    self.asking = NULL;
}

static void note_reasons(const struct dispatch_state *s)
{
    if (s->roster_changed) {
        self.right_due = true;
        look_at_once();
    }
    if (s->passed_over)
        look_soon();
}

/* What lanes that were there before have come to. */
static void put_moves(const struct dispatch_state *s)
{
    for (const struct freed *f = s->freed; f; f = f->next)
        (void)reserve_free(&self.reserve, f->office, f->officer);
    for (const struct claimed *c = s->claimed; c; c = c->next)
        (void)reserve_claim(&self.reserve, c->office, c->lane, c->officer,
                            c->until_us);
}

static void go_without(const struct dispatch_state *s, const struct err *why)
{
    failed(why);
    demands_unmet(s);
}

/* False: there is nothing to wait for. */
static bool ask_for(struct batch *batch)
{
    struct dispatch_state *s = batch->state;
    struct err why;

    finish_asked();
    s->asked = true;
    note_reasons(s);
    if (!self.reserve.redis || (!s->wanted && !s->freed && !s->claimed))
        return false;
    allot_begin(&self.reserve, false);
    put_moves(s);
    demands_put(batch, &self.reserve);
    if (!reserve_ask(&self.reserve, &why)) {
        go_without(s, &why);
        return false;
    }
    self.asking = batch;
    return true;
}

bool allot_batch(struct batch *batch, bool wait)
{
    struct dispatch_state *s = batch->state;
    struct redis_reply answers;
    struct err why;
    bool ready, ok;

    if (s->asked ? self.asking != batch : !ask_for(batch))
        return true;
    ok = reserve_answer(&self.reserve, wait, &ready, &answers, &why);
    if (ok && !ready)
        return false;
    self.asking = NULL;
    if (!ok) {
        go_without(s, &why);
        return true;
    }
    answered();
    demands_meet(batch, &answers);
    return true;
}

/* ---- between batches ---- */

/* A take-over: counts may be those of a predecessor that fell. */
static void note_partitions(void)
{
    size_t count;
    const int32_t *held = worker_partitions(&count);

    if (count > HELD_MAX)
        count = HELD_MAX;
    if (count == self.held_count &&
        (count == 0 || memcmp(held, self.held, count * sizeof(*held)) == 0))
        return;
    if (count > 0)
        memcpy(self.held, held, count * sizeof(*held));
    self.held_count = count;
    self.right_due = true;
    look_at_once();
}

/* Another shift has come: other officers are there. */
static void note_shifts(void)
{
    const char *codes[SHIFTS_MAX];
    size_t count = shifts_now(codes), used = 0;
    char on[sizeof(self.shifts)] = "";

    for (size_t i = 0; i < count && used < sizeof(on); i++)
        used += (size_t)snprintf(on + used, sizeof(on) - used, "%s,", codes[i]);
    if (strcmp(on, self.shifts) == 0)
        return;
    memcpy(self.shifts, on, sizeof(on));
    self.right_due = true;
    look_at_once();
}

static bool keep_right(struct pg *pg, struct err *err)
{
    int64_t now_us = worker_now();
    bool ready;

    if (!reserve_is_ready(&self.reserve, &ready, err))
        return false;
    answered();
    if (ready && !self.right_due && now_us - self.righted_us < RIGHT_EVERY_US)
        return true;
    if (!ready)
        look_at_once();
    if (!right_set(&self.reserve, pg, !ready, err))
        return false;
    self.right_due = false;
    self.righted_us = now_us;
    return true;
}

/* What fails here is tried again a second later; it may be PostgreSQL's or
 * Kafka's fault too. */
static void idle_failed(const struct err *why)
{
    bool retry = why->kind == ERR_RETRY;

    if (retry && strncmp(why->code, "redis_", 6) == 0) {
        failed(why);
        return;
    }
    log_error(retry ? LOG_WARN : LOG_ERROR, "allot_failed", why, LOG_END);
    look_soon();
}

static void lanes_found(size_t found)
{
    metric_set(&desk, (int64_t)found);
    if (found > 0)
        look_soon();
}

void allot_idle(void)
{
    int64_t now_us = instant_monotonic();
    struct pg *pg = worker_control();
    struct err why = {0};
    size_t found;

    finish_asked();
    note_partitions();
    note_shifts();
    if (!self.reserve.redis || !pg || self.held_count == 0)
        return;
    if (!keep_right(pg, &why)) {
        idle_failed(&why);
        return;
    }
    now_us = instant_monotonic();
    if (now_us < self.look_next_us || (now_us >= self.look_until_us &&
                                       now_us - self.looked_us < LOOK_EVERY_US))
        return;
    self.looked_us = now_us;
    if (!hand_look(&self.reserve, pg, self.held, self.held_count, &found, &why))
        idle_failed(&why);
    else
        lanes_found(found);
    self.look_next_us =
        now_us + LOOK_SHARE * (instant_monotonic() - now_us);
}
