/* replay.c - progress of a replay, and its sum. */
#include "services/baodao/replay.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "services/baodao/table.h"

/* ---- progress ---- */

void progress_line(const char *format, ...)
{
    bool tty = isatty(STDERR_FILENO);
    va_list args;

    if (tty)
        fputs("\r\033[K", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    if (!tty)
        fputc('\n', stderr);
}

bool progress_is_due(int64_t *told_us)
{
    int64_t now_us = instant_monotonic();
    int64_t every_us = (isatty(STDERR_FILENO) ? 1 : 5) * SECOND_US;

    if (*told_us == 0) /* nothing to say of what is short */
        *told_us = now_us;
    if (now_us - *told_us < every_us)
        return false;
    *told_us = now_us;
    return true;
}

static double seconds_since(int64_t began_us)
{
    return (double)(instant_monotonic() - began_us + 1) / SECOND_US;
}

void progress_tell(struct progress *p, int64_t sent)
{
    double s = seconds_since(p->began_us), part;

    if (!progress_is_due(&p->told_us))
        return;
    if (p->all_bytes == 0) {
        progress_line("%lld commands, %.0f/s", (long long)sent,
                      (double)sent / s);
        return;
    }
    part = (double)p->done_bytes / (double)p->all_bytes;
    progress_line("%lld commands, %.0f %%, %.0f/s, %.0f s left",
                  (long long)sent, 100 * part, (double)sent / s, s / part - s);
}

void progress_end(struct progress *p, int64_t sent)
{
    double s = seconds_since(p->began_us);

    progress_line("%lld commands in %.1f s, %.0f/s, all folded",
                  (long long)sent, s, (double)sent / s);
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
}

/* ---- the sum ---- */

bool tally_begin(struct cli *cli, struct tally *t, struct err *err)
{
    slots_start(&t->types, &t->arena);
    return queues_read(cli, &t->before, err);
}

void tally_count(struct tally *t, const char *type)
{
    int64_t *count =
        slots_get(&t->types, type, strlen(type), sizeof(*count), NULL);

    ++*count;
}

static void print_sent(const struct tally *t)
{
    AUTO(table) struct table table = TABLE("发出 sent", "#count");

    for (size_t i = 0; i < t->types.count; i++) {
        const struct slot *slot = &t->types.items[i];

        table_text(&table, (struct text){slot->key, slot->key_size});
        table_int(&table, *(const int64_t *)slot->thing);
    }
    table_print(&table, stdout);
}

static bool take_counts(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct table *table = context;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        table_text(table, pg_text(rows, i, 0));
        table_text(table, pg_text(rows, i, 1));
        table_int(table, pg_int(rows, i, 2));
        table_text(table, pg_text(rows, i, 3));
    }
    if (rows->count > 0)
        table_print(table, stdout);
    return true;
}

/* $1 text[], $2 int[], $3 bigint[]: partitions and where they stood. */
static bool print_since(struct cli *cli, const struct tally *t, bool by_seq,
                        const char *sql, struct table *table, struct err *err)
{
    AUTO(pg_array) struct pg_array topics = PG_ARRAY(PG_TEXT);
    AUTO(pg_array) struct pg_array partitions = PG_ARRAY(PG_INT4);
    AUTO(pg_array) struct pg_array places = PG_ARRAY(PG_INT8);
    struct pg_params params = {0};

    for (size_t i = 0; i < t->before.count; i++) {
        pg_put_string(&topics, t->before.items[i].topic);
        pg_put_int(&partitions, t->before.items[i].partition);
        pg_put_int(&places,
                   by_seq ? t->before.items[i].seq : t->before.items[i].high);
    }
    pg_param_array(&params, &topics);
    pg_param_array(&params, &partitions);
    pg_param_array(&params, &places);
    return pg_query(cli->pg, sql, &params, take_counts, table, err);
}

bool tally_print(struct cli *cli, struct tally *t, struct err *err)
{
    AUTO(table)
    struct table refused = TABLE("拒绝 refused", "code", "#count", "sentence");
    AUTO(table)
    struct table dead =
        TABLE("死信 dead letters", "code", "#count", "sentence");

    print_sent(t);
    return print_since(cli, t, true,
                       "SELECT d->>'command', d->>'code', count(*),"
                       "       min(d->>'sentence')"
                       "  FROM unnest($1::text[], $2::int[], $3::bigint[])"
                       "       AS b(topic, partition, seq)"
                       "  JOIN log.entry e ON e.source_topic = b.topic"
                       "   AND e.partition = b.partition AND e.seq > b.seq"
                       " CROSS JOIN LATERAL (SELECT e.data::json AS d) j"
                       " WHERE e.type LIKE '%.refused'"
                       " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
                       &refused, err) &&
           print_since(cli, t, false,
                       "SELECT d.topic, d.code, count(*), min(d.sentence)"
                       "  FROM unnest($1::text[], $2::int[], $3::bigint[])"
                       "       AS b(topic, partition, high)"
                       "  JOIN log.dead_letter d ON d.topic = b.topic"
                       "   AND d.partition = b.partition"
                       "   AND d.\"offset\" >= b.high"
                       " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
                       &dead, err);
}

void tally_release(struct tally *t)
{
    arena_release(&t->arena);
    arena_release(&t->line);
}
