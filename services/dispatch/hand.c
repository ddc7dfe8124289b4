/* hand.c - finds open lanes without an officer and sends one by task.hand. */
#include "services/dispatch/hand.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/base/metric.h"
#include "common/work/service.h"
#include "services/dispatch/allot.h"
#include "services/dispatch/pool.h"

#define HANDS_MAX 500
#define SENT_MAX 4096
#define POOLS_MAX 256

static struct metric handed = METRIC_COUNTER(
    "baodao_allot_handed_total", "lanes handed to an officer afterwards");

/* What was sent lately, by the last bytes of its id. */
static struct uuid sent[SENT_MAX];

void hand_start(void)
{
    metric_register(&handed);
}

static const char sql_lanes[] =
    "SELECT l.whistle, l.round, l.office, l.officer,"
    " CASE WHEN l.officer IS NULL THEN 'allotted'"
    "      WHEN l.officer = c.claimed_by THEN 'claim_lapsed'"
    "      WHEN l.officer = c.passed_over THEN 'unsigned_half'"
    "      ELSE 'gone' END, w.matter, w.region"
    " FROM track.open_lane l"
    " JOIN dispatch.call c USING (whistle, round, office)"
    " JOIN dispatch.whistle w ON w.id = l.whistle"
    " LEFT JOIN dispatch.officer h"
    " ON h.office = l.office AND h.officer = l.officer"
    " WHERE l.state = 'assigned' AND c.partition = ANY ($2::int4[])"
    /* A pool's lanes wait to be claimed until half of their time is gone. */
    " AND CASE WHEN l.officer IS NULL"
    "     THEN c.half OR l.office <> ALL ($4::text[])"
    "     ELSE l.officer IN (c.passed_over, c.claimed_by)"
    "     OR h.officer IS NOT NULL AND NOT (" OFFICER_AVAILABLE(
        "h", "$3") ") END"
                   " AND EXISTS (SELECT FROM dispatch.officer o"
                   "      WHERE o.office = l.office"
                   "      AND o.officer IS DISTINCT FROM l.officer"
                   "      AND " OFFICER_AVAILABLE(
                       "o", "$3") ")"
                                  " ORDER BY l.since, l.whistle, l.office"
                                  " LIMIT 500";

struct hand {
    struct uuid id, whistle;
    int64_t round;
    struct text office, previous, why, subject;
    size_t verb;
};

struct hands {
    struct reserve *reserve; /* borrowed */
    struct arena *arena;
    size_t found; /* also those that were sent a moment ago */
    size_t count;
    struct hand items[HANDS_MAX];
};

/*
 * The same for the same want within a minute, so that asking again before
 * track has folded it changes nothing. Its time is now's, not the whistle's:
 * track refuses what is over 90 days old.
 */
static struct uuid hand_id(const struct hand *h)
{
    struct uuid cause = uuid_first(worker_now() / MINUTE_US * MINUTE_US);
    struct digest_state s;
    struct digest digest;

    digest_begin(&s, NULL);
    digest_field(&s, h->whistle.bytes, sizeof(h->whistle.bytes));
    digest_int(&s, h->round);
    digest_text(&s, h->office);
    digest_text(&s, h->previous);
    digest_end(&s, &digest);
    memcpy(cause.bytes + 6, digest.bytes, sizeof(cause.bytes) - 6);
    return uuid_derive("task.commands", &cause, 0);
}

static struct uuid *sent_place(const struct uuid *id)
{
    return &sent[((size_t)id->bytes[14] << 8 | id->bytes[15]) % SENT_MAX];
}

static void ask_for(struct hands *all, struct hand *h, struct text matter,
                    struct text region)
{
    struct arena *a = all->arena;
    char whistle[UUID_TEXT_SIZE];
    struct passed lane = {
        .office = h->office,
        .holder = h->previous,
        .pools = pools_of_lane(a, city_reference.at(worker_now()),
                               arena_text(a, matter).bytes,
                               arena_text(a, region).bytes),
    };

    uuid_print(&h->whistle, whistle);
    h->subject = arena_print(a, "%s/%lld/%s", whistle, (long long)h->round,
                             h->office.bytes);
    lane.lane = h->subject;
    h->verb = reserve_pass(all->reserve, &lane);
}

static bool take_lanes(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct hands *all = context;

    (void)err;
    all->found = (size_t)rows->count;
    for (int i = 0; i < rows->count && all->count < HANDS_MAX; i++) {
        struct hand *h = &all->items[all->count];

        *h = (struct hand){
            .whistle = pg_uuid(rows, i, 0),
            .round = pg_int(rows, i, 1),
            .office = arena_text(all->arena, pg_text(rows, i, 2)),
            .previous = pg_null(rows, i, 3)
                            ? text_of("")
                            : arena_text(all->arena, pg_text(rows, i, 3)),
            .why = arena_text(all->arena, pg_text(rows, i, 4)),
        };
        h->id = hand_id(h);
        if (uuid_equal(sent_place(&h->id), &h->id))
            continue;
        ask_for(all, h, pg_text(rows, i, 5), pg_text(rows, i, 6));
        all->count++;
    }
    return true;
}

/* Another officer is another command: after a restart the choice may differ. */
static struct uuid hand_to(const struct hand *h, struct text officer)
{
    struct digest digest;
    uint32_t n;

    digest_of(NULL, officer.bytes, officer.size, &digest);
    memcpy(&n, digest.bytes, sizeof(n));
    return uuid_derive("task.commands", &h->id, n);
}

static bool send_hand(const struct hand *h, struct text officer,
                      struct err *err)
{
    AUTO(buf) struct buf data = {0};
    struct uuid id = hand_to(h, officer);
    char whistle[UUID_TEXT_SIZE];
    struct json j;

    uuid_print(&h->whistle, whistle);
    json_begin(&j, &data);
    json_uuid(&j, "whistle", &h->whistle);
    json_int(&j, "round", h->round);
    json_text(&j, "office", h->office);
    json_text(&j, "officer", officer);
    json_text(&j, "why", h->why);
    json_end(&j);
    return worker_send("task.commands", text_of(whistle), "task.hand", &id,
                       h->subject, buf_text(&data), err);
}

static bool send_hands(struct hands *all, const struct redis_reply *answers,
                       struct err *err)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct hand *h = &all->items[i];
        struct text officer = reserve_officer(answers, h->verb, 0);

        if (officer.size == 0) { /* a claim stands: no need to look soon */
            all->found -= text_is(h->why, "claim_lapsed");
            continue;
        }
        if (!send_hand(h, officer, err))
            return false;
        *sent_place(&h->id) = h->id;
        metric_add(&handed, 1);
    }
    return true;
}

static void put_pools(struct pg_array *pools)
{
    const struct reference *now = city_reference.at(worker_now());
    const char *codes[POOLS_MAX];
    size_t count = now ? reference_pools(now, codes, COUNT_OF(codes)) : 0;

    for (size_t i = 0; i < count; i++)
        pg_put_string(pools, codes[i]);
}

bool hand_look(struct reserve *reserve, struct pg *pg,
               const int32_t *partitions, size_t count, size_t *ret_found,
               struct err *err)
{
    AUTO(arena) struct arena arena = {0};
    AUTO(pg_array) struct pg_array mine = PG_ARRAY(PG_INT4);
    AUTO(pg_array) struct pg_array shifts = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array pools = PG_ARRAY(PG_TEXT);
    struct hands *all = arena_give(&arena, sizeof(*all));
    struct pg_params params = {.count = 0};
    struct redis_reply answers;

    all->reserve = reserve;
    all->arena = &arena;
    for (size_t i = 0; i < count; i++)
        pg_put_int(&mine, partitions[i]);
    pg_param_instant(&params, worker_now());
    pg_param_array(&params, &mine);
    allot_put_shifts(&shifts);
    pg_param_array(&params, &shifts);
    put_pools(&pools);
    pg_param_array(&params, &pools);
    allot_begin(reserve, false);
    if (!pg_query(pg, sql_lanes, &params, take_lanes, all, err))
        return false;
    if (all->count > 0 && (!reserve_run(reserve, &answers, err) ||
                           !send_hands(all, &answers, err)))
        return false;
    *ret_found = all->found;
    return true;
}
