/* start.c - settings, keys, schemas and connections of a worker. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fsm.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/io/supervise.h"
#include "common/work/worker.h"

/* clang-format off */
static const struct setting settings[] = {
    { "CELL", SETTING_TEXT, AT(struct worker_settings, cell), NULL,
      "the cell's name: prefix of its topics" },
    { "KAFKA", SETTING_TEXT, AT(struct worker_settings, brokers), NULL,
      "brokers, host:port with commas" },
    { "POSTGRES", SETTING_TEXT, AT(struct worker_settings, postgres), NULL,
      "conninfo of this service's role" },
    { "KEYS", SETTING_TEXT, AT(struct worker_settings, keys), NULL,
      "folder of the cell's keys" },
    { "SCHEMAS", SETTING_TEXT, AT(struct worker_settings, schemas), "schemas",
      "folder of messages/" },
    { "SIDE", SETTING_TEXT, AT(struct worker_settings, side), "",
      "host:port of /livez /readyz /metrics" },
    { "INSTANCE", SETTING_TEXT, AT(struct worker_settings, instance), "",
      "name of this copy, the same after a restart" },
    { "LOG_LEVEL", SETTING_TEXT, AT(struct worker_settings, log_level),
      "info", "debug, info, warn or error" },
    { "BATCH_MAX", SETTING_INT, AT(struct worker_settings, batch_max), "1000",
      "messages in a batch at most" },
    { "BATCH_KBYTES", SETTING_INT, AT(struct worker_settings, batch_kbytes),
      "1024", "kilobytes in a batch at most" },
    { "SESSION_MS", SETTING_INT, AT(struct worker_settings, session_ms),
      "10000", "silence after which Kafka gives our partitions away" },
    { "LINGER_MS", SETTING_INT, AT(struct worker_settings, linger_ms), "10",
      "how long the producer waits for company" },
    { 0 },
};

/* clang-format on */

/* ---- connections ---- */

static struct pg *open_pg(struct worker *w, struct err *err)
{
    const struct service *s = w->service;
    const struct pg_stmt *lists[16] = { work_statements };
    struct pg *pg = NULL;
    size_t n = 1;

    for (size_t i = 0; s->statements && s->statements[i] && n < 14; i++)
        lists[n++] = s->statements[i];
    if (s->due)
        lists[n++] = s->due;
    return pg_open(w->set.postgres, w->set.instance, lists, &pg, err) ? pg
                                                                      : NULL;
}

/*
 * A statement is planned once for arrays of any length, and for tables that
 * have grown since: by their indexes. For arrays of one, PostgreSQL would plan
 * anew each time, which costs more than it saves.
 */
static const char sql_generic[] =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";

bool worker_connect(struct worker *w, struct err *err)
{
    worker_disconnect(w);
    w->control = open_pg(w, err);
    if (!w->control)
        return false;
    if (!pg_exec(w->control, "SET lock_timeout = '1s'", err))
        return false;
    w->pg = open_pg(w, err);
    metric_set(&metrics.postgres_up, w->pg != NULL);
    return w->pg && pg_exec(w->pg, sql_generic, err);
}

void worker_disconnect(struct worker *w)
{
    if (w->pg)
        pg_close(w->pg);
    if (w->control)
        pg_close(w->control);
    w->pg = NULL;
    w->control = NULL;
    metric_set(&metrics.postgres_up, 0);
}

/* ---- start ---- */

static bool load_schemas(struct worker *w, struct err *err)
{
    const struct route *routes = w->service->routes;
    char folder[512];
    size_t count = 0;

    while (routes[count].type)
        count++;
    snprintf(folder, sizeof(folder), "%s/messages", w->set.schemas);
    w->schemas = calloc(count, sizeof(*w->schemas));
    if (!w->schemas)
        abort();
    for (size_t i = 0; i < count; i++) {
        if (!schema_load(folder, routes[i].type, routes[i].fields,
                         &w->schemas[i], err))
            return false;
    }
    return true;
}

static bool read_keys(struct worker *w, struct err *err)
{
    uint8_t derive[KEY_SIZE];

    if (!key_read(w->set.keys, "chain", w->keys.chain, err) ||
        !key_read(w->set.keys, "body", w->keys.body, err) ||
        !key_read(w->set.keys, "derive", derive, err))
        return false;
    uuid_derive_key(derive);
    return true;
}

static bool open_kafka(struct worker *w, struct err *err)
{
    static char group[TOPIC_SIZE];
    const struct kafka_in_settings in = {
        .brokers = w->set.brokers,
        .group = w->replay ? NULL : group,
        .instance = w->set.instance,
        .session_ms = w->set.session_ms,
        .topic = w->topic,
        .assigned = take_over,
        .revoked = give_up,
        .context = w,
    };
    const struct kafka_out_settings out = {
        .brokers = w->set.brokers,
        .linger_ms = w->set.linger_ms,
        .message_timeout_ms = 0, /* no row of the log overtakes another */
        .queue_kbytes = 4096,
        .queue_messages = 2000,
        .bursts = true,
        .delivered = delivered,
        .context = w,
    };

    snprintf(group, sizeof(group), "%s.%s", w->set.cell, w->service->name);
    return kafka_out_open(&out, &w->out, err) &&
           kafka_in_open(&in, &w->in, err);
}

static void print_help(const struct service *service)
{
    AUTO(buf) struct buf out = { 0 };

    buf_print(&out, "usage: baodao-%s [--help | --states | --replay]\n\nSettings:\n",
              service->name);
    settings_print(settings, &out);
    if (service->settings)
        settings_print(service->settings, &out);
    fputs(buf_string(&out), stdout);
}

static void print_states(const struct service *service)
{
    AUTO(buf) struct buf out = { 0 };

    service->states(&out);
    fputs(buf_string(&out), stdout);
}

static bool read_settings(struct worker *w, struct err *err)
{
    static char instance[48];
    const struct service *s = w->service;

    if (!settings_read(settings, &w->set, err) ||
        (s->settings && !settings_read(s->settings, s->settings_into, err)))
        return false;
    if (!w->set.instance[0]) {
        snprintf(instance, sizeof(instance), "%s-1", s->name);
        w->set.instance = instance;
    }
    if (w->set.batch_max < 1 || w->set.batch_max > 10000)
        return err_fatal(err, "bad_setting", "BATCH_MAX lies in 1...10000");
    w->limit = (size_t)w->set.batch_max;
    snprintf(w->topic, sizeof(w->topic), "%s.%s", w->set.cell, s->topic);
    return true;
}

static enum log_level level_of(const char *name)
{
    static const char *const names[] = { "debug", "info", "warn", "error",
                                         NULL };
    int i = name_index(names, text_of(name));

    return i < 0 ? LOG_INFO : (enum log_level)i;
}

/* Buffers of a fetch or a flight are megabytes: they go back at once instead
 * of holding the heap open, and threads share heaps. */
static void bound_heap(void)
{
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_ARENA_MAX, 2);
}

bool worker_start(struct worker *w, int argc, char **argv, int *ret_exit)
{
    struct err err = { 0 };
    const struct service *s = w->service;

    for (int i = 1; i < argc; i++) {
        w->replay = w->replay || strcmp(argv[i], "--replay") == 0;
        if (s->states && strcmp(argv[i], "--states") == 0) {
            print_states(s);
            *ret_exit = EXIT_OK;
            return false;
        }
        if (strcmp(argv[i], "--replay") != 0) {
            print_help(s);
            *ret_exit = strcmp(argv[i], "--help") ? EXIT_USAGE : EXIT_OK;
            return false;
        }
    }
    if (!read_settings(w, &err)) {
        log_start(s->name, "", LOG_INFO);
        log_error(LOG_ERROR, "cannot_start", &err, LOG_END);
        *ret_exit = EXIT_FATAL;
        return false;
    }
    log_start(s->name, w->set.instance, level_of(w->set.log_level));
    supervise_start();
    bound_heap();
    measure_start();
    for (size_t i = 0; i < COUNT_OF(w->batches); i++)
        batch_start(&w->batches[i], s, &w->keys);
    if (!read_keys(w, &err) || !load_schemas(w, &err) ||
        !side_open(w->set.side, &w->side, &err) ||
        (s->start && !s->start(&err)) || !open_kafka(w, &err)) {
        log_error(LOG_ERROR, "cannot_start", &err, LOG_END);
        *ret_exit = EXIT_FATAL;
        return false;
    }
    side_ready(w->side, "not yet assigned");
    return true;
}
