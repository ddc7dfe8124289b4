/*
 * cmd_offsets.c - messages that Kafka deleted before they were folded: a
 * person accepts that they are gone, and every fold passes over them.
 */
#include "services/baodao/act.h"
#include "services/baodao/topics.h"
#include "services/baodao/verbs.h"

struct gap {
    const char *topic, *why;
    int64_t partition;
    int64_t first, last; /* offsets, both ends inside */
    char service[16];    /* "": the partition has no row */
};

static void put_place(const struct gap *g, struct pg_params *params)
{
    pg_param_text(params, text_of(g->topic));
    pg_param_int4(params, (int32_t)g->partition);
}

/* ---- where it lies ---- */

static bool take_begin(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    struct gap *g = context;

    if (rows->count == 0)
        return err_reject(err, "no_partition", "",
                          "nobody folds %s/%lld yet: look at baodao lag",
                          g->topic, (long long)g->partition);
    pg_code(rows, 0, 0, g->service, sizeof(g->service));
    g->first = pg_int(rows, 0, 1);
    return true;
}

/* Behind a gap that was accepted and not yet passed over. */
static bool find(struct cli *cli, struct gap *g, struct err *err)
{
    struct pg_params params = {0};
    char name[CLI_TOPIC_SIZE];
    int64_t low, high;

    put_place(g, &params);
    cli_topic_name(cli->name, g->topic, name);
    if (!pg_query(cli->pg,
                  "SELECT c.service, greatest(c.next_offset, max(s.last) + 1)"
                  "  FROM log.consumer c LEFT JOIN log.skip s ON s.gap"
                  "   AND s.topic = c.topic AND s.partition = c.partition"
                  "   AND c.next_offset BETWEEN s.first AND s.last"
                  " WHERE c.topic = $1 AND c.partition = $2"
                  " GROUP BY c.service, c.next_offset",
                  &params, take_begin, g, err) ||
        !kafka_in_marks(cli->in, name, (int32_t)g->partition, &low, &high, err))
        return false;
    g->last = low - 1;
    return g->first < low ||
           err_reject(err, "no_gap", "",
                      "nothing is missing in %s/%lld: %lld is next, Kafka "
                      "begins at %lld; start %s",
                      g->topic, (long long)g->partition, (long long)g->first,
                      (long long)low, g->service);
}

/* ---- and that it is accepted ---- */

static bool insert(struct cli *cli, const struct gap *g, struct err *err)
{
    struct pg_params params = {0};

    put_place(g, &params);
    pg_param_int8(&params, g->first);
    pg_param_int8(&params, g->last);
    pg_param_text(&params, text_of(g->service));
    pg_param_text(&params, text_of(g->why));
    pg_param_text(&params, text_of(cli_person(cli)));
    pg_param_instant(&params, cli_now(cli));
    return pg_query(cli->pg,
                    "INSERT INTO log.skip (topic, partition, first, last,"
                    " service, sentence, by_whom, at, gap, code, field)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true, 'gap',"
                    " '')",
                    &params, NULL, NULL, err);
}

static bool accept_gap(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {{.name = "why"}, {0}};
    struct gap g = {0};
    const char *words[2];
    char place[128], count[64];
    struct act act = {
        .verb = "offsets.accept-gap", .subject = place, .detail = count};

    if (!cli_words(cli, options, words, 2, 2, err) ||
        !cli_int(words[1], "the partition", 0, INT32_MAX, &g.partition, err))
        return false;
    g.topic = words[0];
    g.why = act.why = options[0].value;
    if (!g.why || !g.why[0])
        return cli_usage(err, "say --why it is accepted");
    if (!cli_cell(cli, err) || !cli_kafka(cli, err) || !find(cli, &g, err))
        return false;
    snprintf(place, sizeof(place), "%s/%lld", g.topic, (long long)g.partition);
    snprintf(count, sizeof(count), "%lld...%lld", (long long)g.first,
             (long long)g.last);
    if (!pg_exec(cli->pg, "BEGIN", err) || !insert(cli, &g, err) ||
        !act_log(cli, &act, err) || !pg_exec(cli->pg, "COMMIT", err))
        return false;
    printf("%s: %s 不再等待 / passed over, %lld messages; start %s\n", place,
           count, (long long)(g.last - g.first + 1), g.service);
    return true;
}

bool cmd_offsets(struct cli *cli, struct err *err)
{
    static const struct cli_sub subs[] = {{"accept-gap", accept_gap}, {0}};

    return cli_run_sub(cli, subs, false, err);
}
