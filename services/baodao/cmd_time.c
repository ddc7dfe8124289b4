/* cmd_time.c - the time of a test-clock cell. */
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/supervise.h"
#include "services/baodao/clock.h"
#include "services/baodao/verbs.h"

#define AWAIT_US (30 * SECOND_US)
/* The gateway tells nobody that it has read the time; it does so each second.
 */
#define GATEWAY_US (1200 * INT64_C(1000))
#define LONGEST_US (3660 * DAY_US)

bool clock_check(const struct cli *cli, struct err *err)
{
    return cli->test_clock_us != INSTANT_NONE ||
           err_reject(err, "no_test_clock", "",
                      "the cell %s runs on the wall clock: its time cannot be "
                      "moved",
                      cli->name);
}

bool clock_set(struct cli *cli, int64_t to_us, struct err *err)
{
    struct pg_params params = {0};

    if (to_us <= cli->test_clock_us)
        return true;
    if (date_of(to_us) != date_of(cli->test_clock_us) &&
        !cli_make_months(cli, to_us, err))
        return false;
    pg_param_instant(&params, to_us);
    if (!pg_query(cli->pg,
                  "UPDATE log.cell SET test_clock = $1 WHERE test_clock < $1",
                  &params, NULL, NULL, err))
        return false;
    cli->test_clock_us = to_us;
    return true;
}

/* Daemons that live and have not taken the time yet; -1: none lives. */
static bool count_late(struct cli *cli, int64_t *ret_late, struct err *err)
{
    struct pg_params params = {0};

    pg_param_instant(&params, cli->test_clock_us);
    return cli_ask_int(
        cli,
        "SELECT CASE WHEN count(*) = 0 THEN -1 ELSE count(*) FILTER"
        "       (WHERE test_clock IS NULL OR test_clock < $1) END"
        "  FROM log.pulse"
        " WHERE wall > clock_timestamp() - interval '10 seconds'",
        &params, ret_late, err);
}

bool clock_await(struct cli *cli, struct err *err)
{
    int64_t began_us = instant_monotonic();
    int64_t late;

    for (;;) {
        int64_t waited_us = instant_monotonic() - began_us;

        if (!count_late(cli, &late, err))
            return false;
        if (late < 0 || (late == 0 && waited_us >= GATEWAY_US))
            return true;
        if (supervise_stopping() || waited_us > AWAIT_US)
            return err_retry(err, "not_taken",
                             "%lld daemons have not taken the time yet",
                             (long long)late);
        usleep(50000);
    }
}

bool clock_span(struct text span, int64_t *ret_us)
{
    static const struct {
        char unit;
        int64_t us;
    } units[] = {
        {'d', DAY_US}, {'h', HOUR_US}, {'m', MINUTE_US}, {'s', SECOND_US}};
    int64_t sum_us = 0, n = -1;

    for (size_t i = 0; i < span.size; i++) {
        char c = span.bytes[i];
        size_t u = 0;

        if (c >= '0' && c <= '9') {
            n = 10 * (n < 0 ? 0 : n) + (c - '0');
            if (n > LONGEST_US / SECOND_US)
                return false;
            continue;
        }
        while (u < COUNT_OF(units) && units[u].unit != c)
            u++;
        if (u == COUNT_OF(units) || n < 0 || n > LONGEST_US / units[u].us)
            return false;
        sum_us += n * units[u].us;
        n = -1;
    }
    *ret_us = sum_us;
    return n < 0 && sum_us > 0 && sum_us <= LONGEST_US;
}

/* ---- verbs ---- */

static bool show(struct cli *cli, struct err *err)
{
    char now[INSTANT_TEXT_SIZE], wall[INSTANT_TEXT_SIZE];

    if (!cli_words(cli, NULL, NULL, 0, 0, err) || !cli_cell(cli, err))
        return false;
    instant_print_shanghai(cli_now(cli), now);
    instant_print_shanghai(instant_now(), wall);
    if (cli->test_clock_us == INSTANT_NONE)
        printf("%s\n", now);
    else
        printf("%s  测试时钟 test clock (wall %s)\n", now, wall);
    return true;
}

static bool move_to(struct cli *cli, int64_t to_us, struct err *err)
{
    char now[INSTANT_TEXT_SIZE];

    if (to_us < cli->test_clock_us)
        return err_reject(err, "backwards", "", "time goes forward only");
    if (!clock_set(cli, to_us, err) || !clock_await(cli, err))
        return false;
    instant_print_shanghai(cli->test_clock_us, now);
    printf("%s\n", now);
    return true;
}

static bool advance(struct cli *cli, struct err *err)
{
    const char *span;
    int64_t span_us;

    if (!cli_words(cli, NULL, &span, 1, 1, err))
        return false;
    if (!clock_span(text_of(span), &span_us))
        return cli_usage(err, "%s is no time span: say 3d, 2h or 90m", span);
    return cli_cell(cli, err) && clock_check(cli, err) &&
           move_to(cli, cli->test_clock_us + span_us, err);
}

static bool to(struct cli *cli, struct err *err)
{
    const char *instant;
    int64_t to_us;

    if (!cli_words(cli, NULL, &instant, 1, 1, err))
        return false;
    if (!instant_parse(text_of(instant), &to_us))
        return cli_usage(err, "%s is no instant: say 2026-03-02T08:30+08:00",
                         instant);
    return cli_cell(cli, err) && clock_check(cli, err) &&
           move_to(cli, to_us, err);
}

bool cmd_time(struct cli *cli, struct err *err)
{
    static const struct cli_sub subs[] = {
        {"show", show}, {"advance", advance}, {"to", to}, {0}};

    return cli_run_sub(cli, subs, true, err);
}
