/* demand.c - see demand.h. */
#include "services/dispatch/demand.h"

#include "common/base/metric.h"

static struct metric reserved = METRIC_COUNTER(
    "baodao_allot_reserved_total", "lanes that went out with an officer");
static struct metric without = METRIC_COUNTER(
    "baodao_allot_without_total", "lanes that went out without an officer");

void demands_start(void)
{
    metric_register(&reserved);
    metric_register(&without);
}

/* What a batch wants of one office, in one order of pools. */
struct demand {
    struct text office, pools;
    int64_t count, given;
    size_t verb;
};

static struct demand *demand_of(struct slots *demands, struct text office,
                                struct text pools)
{
    struct text key = arena_join(
        demands->arena, (const struct text[]){ office, TEXT("|"), pools }, 3);

    return slots_get(demands, key.bytes, key.size, sizeof(struct demand),
                     NULL);
}

static void count_demand(struct slots *demands, struct wanted *w)
{
    struct text rest = w->offices;
    size_t count = 1, i = 0;

    for (size_t at = 0; at < rest.size; at++)
        count += rest.bytes[at] == ',';
    w->demands = arena_array(demands->arena, count, sizeof(struct demand *));
    while (rest.size > 0) {
        struct text office = text_cut(rest, ',', &rest);
        struct demand *d = demand_of(demands, office, w->pools);

        d->office = office;
        d->pools = w->pools;
        d->count++;
        w->demands[i++] = d;
    }
}

/* "CGJ=li;GAJ=wang": the offices that had somebody. */
static struct text holders_of(struct arena *arena, const struct wanted *w,
                              const struct redis_reply *answers)
{
    struct text holders = text_of(""), rest = w->offices;

    for (size_t i = 0; rest.size > 0; i++) {
        struct text office = text_cut(rest, ',', &rest);
        struct demand *d = w->demands[i];
        struct text officer =
            reserve_officer(answers, d->verb, (size_t)d->given++);

        metric_add(officer.size > 0 ? &reserved : &without, 1);
        if (officer.size > 0)
            holders = arena_join(
                arena,
                (const struct text[]){ holders,
                                       text_of(holders.size > 0 ? ";" : ""),
                                       office, TEXT("="), officer },
                5);
    }
    return holders;
}

/* Records and wants were made in one order. */
void demands_meet(struct batch *b, const struct redis_reply *answers)
{
    const struct wanted *wanted = ((struct dispatch_state *)b->state)->wanted;

    for (size_t i = 0; i < b->record_count && wanted; i++) {
        struct record *r = &b->records[i];

        if (!text_is(r->type, "task.assign") ||
            !text_equal(r->subject, wanted->subject))
            continue;
        r->holders = holders_of(&b->arena, wanted, answers);
        wanted = wanted->next;
    }
}

void demands_put(struct batch *batch, struct reserve *r)
{
    struct dispatch_state *s = batch->state;

    slots_start(&s->demands, &batch->arena);
    for (struct wanted *w = s->wanted; w; w = w->next)
        count_demand(&s->demands, w);
    for (size_t i = 0; i < s->demands.count; i++) {
        struct demand *d = s->demands.items[i].thing;

        d->verb = reserve_take(r, d->office, d->count, d->pools);
    }
}

void demands_unmet(const struct dispatch_state *s)
{
    for (size_t i = 0; i < s->demands.count; i++)
        metric_add(&without,
                   ((struct demand *)s->demands.items[i].thing)->count);
}
