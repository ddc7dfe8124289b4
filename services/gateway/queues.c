/* queues.c - consumer rows beside Kafka's marks. */
#include "services/gateway/queues.h"

#include "common/base/instant.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"
#include "services/gateway/session.h"
#include "services/gateway/view.h"
#include "services/gateway/watch.h"

enum { LIST };
const struct pg_stmt queues_stmts[] = {
    /*
     * Lag in seconds: how long ago the last message was said that is folded;
     * 0 when nothing waits. dead: what lies there to be looked at.
     */
    [LIST] = { "queues_list",
"SELECT json_build_object('at', $1::timestamptz, 'items', coalesce(json_agg(q ORDER BY q.topic, q.partition), '[]'))::text"
"  FROM (SELECT c.topic, c.partition, c.service, c.next_offset, m.high,"
"               greatest(m.high - c.next_offset, 0) AS lag,"
"               CASE WHEN m.high > c.next_offset"
"                    THEN greatest(extract(epoch FROM $1 - c.at), 0)::bigint"
"                    WHEN m.high IS NOT NULL THEN 0 END AS lag_seconds,"
"               c.at, c.messages, c.refused, c.seen, c.dead, c.fenced,"
"               c.epoch, c.paused, c.draining, c.owner,"
"               CASE WHEN c.draining THEN c.drain_to END AS drain_to,"
"               c.paused_by, c.paused_since, c.paused_why,"
"               (SELECT count(*) FROM log.dead_letter d WHERE d.topic = c.topic"
"                   AND d.partition = c.partition) AS dead_letters"
"          FROM log.consumer c"
"          LEFT JOIN (SELECT * FROM unnest($2::text[], $3::int[], $4::bigint[])"
"                         AS m(topic, partition, high)) m"
"            ON m.topic = c.topic AND m.partition = c.partition) q" },
    { 0 },
};

static void list_marks(struct request *r, struct pg_array *topics,
                       struct pg_array *partitions, struct pg_array *highs)
{
    struct watch *w = r->gateway->watch;

    for (int t = 0; t < WATCH_COMMANDS; t++) {
        int count = watch_partitions(w, watch_commands[t]);

        for (int i = 0; i < count; i++) {
            int64_t high = watch_high(w, t, i);

            pg_put_string(topics, watch_commands[t]);
            pg_put_int(partitions, i);
            if (high < 0)
                pg_put_null(highs);
            else
                pg_put_int(highs, high);
        }
    }
}

static void put_array(struct request *r, struct pg_array *array)
{
    pg_param_text(&r->ask.params,
                  arena_text(&r->arena, pg_array_finish(array)));
}

void queues_put_marks(struct request *r)
{
    AUTO(pg_array) struct pg_array topics = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array partitions = PG_ARRAY(PG_INT4);
    AUTO(pg_array) struct pg_array highs = PG_ARRAY(PG_INT8);

    list_marks(r, &topics, &partitions, &highs);
    put_array(r, &topics);
    put_array(r, &partitions);
    put_array(r, &highs);
}

void queues_start(struct request *r)
{
    if (!session_sees_all(r)) {
        problem_answer(r, 403, "not_allowed", "actor",
                       "只有区级、审计和运维可看 / for the district, auditors "
                       "and operators");
        return;
    }
    r->ask = (struct pool_ask){ .actor = text_of(r->session.wire),
                                .statement = &queues_stmts[LIST],
                                .take = view_take,
                                .done = view_done,
                                .context = r };
    pg_param_instant(&r->ask.params, gateway_now(r->gateway));
    queues_put_marks(r);
    pool_ask(r->gateway->pool, &r->ask);
}
