/*
 * doctor.c - the looks, one after another: engines first, then what they
 * tell. Nothing of ours is changed.
 */
#include "services/baodao/doctor.h"

#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/redis.h"
#include "services/baodao/topics.h"

#define LOOK_US (2 * SECOND_US)
#define BEHIND_US (4 * SECOND_US)
#define SLOW_US (SECOND_US / 5)
#define STUCK_S 10
#define ANSWER_MS 5000

/* ---- writing down ---- */

void doctor_says(struct doctor *d, const char *name, const char *format, ...)
{
    int i = ailment_find(text_of(name));
    char said[300];
    va_list args;

    if (i < 0)
        return;
    va_start(args, format);
    vsnprintf(said, sizeof(said), format, args);
    va_end(args);
    buf_print(&d->details[i], "%s%s", d->details[i].size > 0 ? "; " : "", said);
    d->health[i] = WRONG;
}

void doctor_cannot(struct doctor *d, const char *name, const char *why)
{
    int i = ailment_find(text_of(name));

    if (i < 0 || d->health[i] == WRONG)
        return;
    d->health[i] = UNKNOWN;
    buf_print(&d->details[i], "%s", why);
}

void doctor_cleanup(struct doctor *d)
{
    for (int i = 0; i < AILMENTS_MAX; i++)
        buf_release(&d->details[i]);
    kafka_admin_close(d->admin);
}

/* ---- PostgreSQL ---- */

static void look_at_postgres(struct doctor *d)
{
    int64_t began_us, one;
    struct err err = {0};

    if (!cli_cell(d->cli, &err)) {
        doctor_says(d, "postgres", "%s", err.sentence);
        return;
    }
    d->has_postgres = true;
    began_us = instant_monotonic();
    if (!cli_ask_int(d->cli, "SELECT count(*) FROM log.consumer", NULL, &one,
                     &err))
        doctor_says(d, "slow", "%s", err.sentence);
    else if (instant_monotonic() - began_us > SLOW_US)
        doctor_says(d, "slow", "a small question took %lld ms",
                    (long long)(instant_monotonic() - began_us) / 1000);
}

static bool take_ailments(const struct pg_rows *rows, void *context,
                          struct err *err)
{
    struct doctor *d = context;
    char name[32];

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct text detail = pg_text(rows, i, 1);

        pg_code(rows, i, 0, name, sizeof(name));
        doctor_says(d, name, "%.*s", TEXT_PRINT(detail));
    }
    return true;
}

static void ask_ailments(struct doctor *d)
{
    struct pg_params params = {0};
    struct err err = {0};

    pg_param_instant(&params, cli_now(d->cli));
    pg_param_instant(&params, instant_now());
    if (!pg_query(d->cli->pg,
                  "SELECT ailment, detail FROM operate.ailments($1, $2)",
                  &params, take_ailments, d, &err))
        doctor_says(d, "postgres", "%s", err.sentence);
}

/* ---- Kafka ---- */

static void name_topics(struct doctor *d)
{
    for (const struct cli_topic *t = cli_topics; t->commands; t++)
        cli_topic_name(d->cli->name, t->commands,
                       d->topics[d->topic_count++].name);
    d->command_count = d->topic_count;
    for (const struct cli_topic *t = cli_topics; t->commands; t++)
        cli_topic_name(d->cli->name, t->events,
                       d->topics[d->topic_count++].name);
}

static void judge_partitions(struct doctor *d, const struct kafka_topic_state *t,
                             int32_t wanted)
{
    if (t->partitions == 0)
        doctor_says(d, "partitions", "%s is not there", t->name);
    else if (t->partitions != wanted)
        doctor_says(d, "partitions", "%s has %d partitions, not %d", t->name,
                    (int)t->partitions, (int)wanted);
    if (t->offline > 0)
        doctor_says(d, "partitions", "%s: %d without a leader", t->name,
                    (int)t->offline);
    if (t->behind > 0)
        doctor_says(d, "partitions", "%s: %d with replicas behind", t->name,
                    (int)t->behind);
}

static void look_at_kafka(struct doctor *d)
{
    struct err err = {0};
    int brokers;

    name_topics(d);
    if (!cli_need(d->cli->kafka, "KAFKA", &err) ||
        !kafka_admin_open(d->cli->kafka, &d->admin, &err) ||
        !kafka_admin_topics(d->admin, d->topics, d->topic_count, ANSWER_MS,
                            &brokers, &err)) {
        doctor_says(d, "kafka", "%s: %s", d->cli->kafka, err.sentence);
        return;
    }
    d->has_kafka = true;
    for (size_t i = 0; i < d->topic_count; i++)
        judge_partitions(d, &d->topics[i],
                         cli_topics[i % d->command_count].partitions);
}

/* A cell's time is on its messages: of the broker, or of who sent them. */
static void look_at_topics(struct doctor *d)
{
    const char *wanted =
        d->cli->test_clock_us == INSTANT_NONE ? "LogAppendTime" : "CreateTime";
    struct err err = {0};

    if (!kafka_admin_configs(d->admin, d->topics, d->topic_count, &err)) {
        doctor_says(d, "topics", "%s", err.sentence);
        return;
    }
    for (size_t i = 0; i < d->topic_count; i++)
        if (d->topics[i].partitions > 0 &&
            strcmp(d->topics[i].timestamps, wanted) != 0)
            doctor_says(d, "topics",
                        "%s: message.timestamp.type is %s, this cell needs %s",
                        d->topics[i].name, d->topics[i].timestamps, wanted);
}

/* ---- Redis ---- */

static void look_at_redis(struct doctor *d)
{
    const struct text words[] = {TEXT("PING")};
    struct redis_reply reply;
    struct err err = {0};
    struct redis *redis;

    if (!d->cli->redis[0]) {
        doctor_cannot(d, "redis", "REDIS is not set");
        return;
    }
    redis = redis_new(d->cli->redis, 2000);
    if (!redis_call(redis, words, 1, &reply, &err))
        doctor_says(d, "redis", "%s: %s", d->cli->redis, err.sentence);
    redis_free(redis);
}

/* ---- what moves between two looks ---- */

static bool take_pulses(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct doctor *d = context;

    (void)err;
    for (int i = 0; i < rows->count && i < DOCTOR_PULSES; i++) {
        struct doctor_pulse *p = &d->pulses[i];
        char instance[48];

        pg_code(rows, i, 0, instance, sizeof(instance));
        p->before_us = strcmp(instance, p->instance) == 0 ? p->wall_us
                                                          : INSTANT_NONE;
        memcpy(p->instance, instance, sizeof(instance));
        p->wall_us = pg_instant(rows, i, 1);
        d->pulse_count = (size_t)i + 1;
    }
    return true;
}

static bool look_twice(struct doctor *d, struct err *err)
{
    static const char pulses[] =
        "SELECT instance, wall FROM log.pulse ORDER BY instance";

    if (!cli_kafka(d->cli, err) || !queues_read(d->cli, &d->before, err) ||
        !pg_query(d->cli->pg, pulses, NULL, take_pulses, d, err))
        return false;
    usleep(LOOK_US);
    return queues_read(d->cli, &d->now, err) &&
           pg_query(d->cli->pg, pulses, NULL, take_pulses, d, err);
}

/* Who pulses between the looks lives, whatever its clock says. */
static void judge_pulses(struct doctor *d)
{
    int64_t now_us = instant_now();

    for (size_t i = 0; i < d->pulse_count; i++) {
        const struct doctor_pulse *p = &d->pulses[i];

        if (p->before_us != INSTANT_NONE && p->before_us != p->wall_us &&
            now_us - p->wall_us > BEHIND_US)
            doctor_says(d, "clocks", "the clock of %s is %lld s behind ours",
                        p->instance,
                        (long long)(now_us - p->wall_us) / SECOND_US);
    }
}

static void judge_queue(struct doctor *d, const struct queue *was,
                        const struct queue *is)
{
    bool late = d->cli->test_clock_us != INSTANT_NONE ||
                queue_lag_s(is, cli_now(d->cli)) > STUCK_S;

    if (is->next < 0)
        doctor_says(d, "never", "%s/%d, %lld messages wait", is->topic,
                    (int)is->partition, (long long)queue_lag(is));
    else if (queue_lag(was) > 0 && was->next == is->next && late &&
             !queue_state(is)[0])
        doctor_says(d, "stuck", "%s/%d: %lld messages wait at offset %lld",
                    is->topic, (int)is->partition, (long long)queue_lag(is),
                    (long long)is->next);
    if (was->published < was->seq && was->published == is->published)
        doctor_says(d, "unpublished", "%s/%d: %lld rows of the log",
                    is->topic, (int)is->partition,
                    (long long)(is->seq - is->published));
}

/* Is what was folded still there? Marks are read before rows, so that a mark
 * is compared with the rows of the look before. */
static void judge_topics(struct doctor *d)
{
    bool anew[QUEUES_MAX];
    struct err err = {0};

    if (!queues_prove(d->cli, &d->now, anew, &err))
        doctor_cannot(d, "lost", err.sentence);
    for (size_t i = 0; i < d->now.count; i++) {
        const struct queue *q = &d->now.items[i];

        if (d->before.items[i].next > q->high)
            doctor_says(d, "lost", "%s/%d: %lld is next, Kafka ends at %lld",
                        q->topic, (int)q->partition, (long long)q->next,
                        (long long)q->high);
        else if (anew[i])
            doctor_says(d, "lost", "%s/%d: what lies before offset %lld is "
                        "not what was folded", q->topic, (int)q->partition,
                        (long long)q->next);
        else if (q->next >= 0 && q->next < q->low)
            doctor_says(d, "gap", "%s/%d: %lld is next, Kafka begins at %lld",
                        q->topic, (int)q->partition, (long long)q->next,
                        (long long)q->low);
    }
}

static void look_at_queues(struct doctor *d)
{
    struct err err = {0};

    if (!look_twice(d, &err)) {
        doctor_says(d, "partitions", "%s", err.sentence);
        return;
    }
    judge_pulses(d);
    judge_topics(d);
    for (size_t i = 0; i < d->now.count; i++)
        judge_queue(d, &d->before.items[i], &d->now.items[i]);
}

/* ---- disks ---- */

bool disk_is_full(uint64_t blocks, uint64_t available)
{
    return blocks > 0 && available < blocks / 10;
}

static void look_at_disk(struct doctor *d, const char *what, const char *path)
{
    struct statvfs disk;

    if (statvfs(path, &disk) == 0 && disk_is_full(disk.f_blocks, disk.f_bavail))
        doctor_says(d, "disk", "%s (%s): %llu MiB are left", path, what,
                    (unsigned long long)disk.f_bavail * disk.f_frsize >> 20);
}

static bool take_path(const struct pg_rows *rows, void *context,
                      struct err *err)
{
    char path[512];

    (void)err;
    pg_code(rows, 0, 0, path, sizeof(path));
    look_at_disk(context, "PostgreSQL", path);
    return true;
}

static void look_at_disks(struct doctor *d)
{
    struct err err = {0};

    look_at_disk(d, "KEYS", d->cli->keys);
    look_at_disk(d, "here", ".");
    if (d->has_postgres &&
        !pg_query(d->cli->pg, "SELECT operate.data_directory()", NULL,
                  take_path, d, &err))
        doctor_cannot(d, "disk", err.sentence);
}

/* ---- backups ---- */

/* The longest time that a restore would have to fold again. */
static void look_at_retention(struct doctor *d)
{
    struct pg_params params = {0};
    struct err err = {0};
    int64_t apart_s = -1;

    pg_param_instant(&params, cli_now(d->cli));
    if (!cli_ask_int(d->cli,
                     "SELECT extract(epoch FROM max(apart))::bigint FROM"
                     " (SELECT coalesce(lead(at) OVER (ORDER BY at), $1) - at"
                     "         AS apart FROM log.act WHERE verb = 'backup'"
                     "   ORDER BY at DESC LIMIT 2) AS a"
                     " HAVING count(*) > 0",
                     &params, &apart_s, &err) ||
        apart_s < 0) {
        doctor_cannot(d, "retention",
                      "no backup is known: `baodao backed-up PLACE` after each");
        return;
    }
    for (size_t i = 0; i < d->command_count; i++)
        if (d->topics[i].retention_ms > 0 &&
            d->topics[i].retention_ms / 1000 < apart_s)
            doctor_says(d, "retention", "%s keeps %lld h, backups lie %lld h "
                        "apart", d->topics[i].name,
                        (long long)d->topics[i].retention_ms / 3600000,
                        (long long)apart_s / 3600);
}

void doctor_look(struct doctor *d)
{
    look_at_postgres(d);
    look_at_kafka(d);
    look_at_redis(d);
    if (d->has_postgres)
        ask_ailments(d);
    if (d->has_postgres && d->has_kafka) {
        look_at_topics(d);
        look_at_queues(d);
        look_at_retention(d);
    }
    look_at_disks(d);
}
