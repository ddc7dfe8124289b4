/*
 * gateway - HTTP on one side, Kafka and views on the other.
 *
 *     POST  ->  rights, schema, seal  ->  *.commands  ->  202, or the outcome
 *     GET   <-  views of PostgreSQL
 *     SSE   <-  *.events
 *
 * What can be asked stands in routes.c.
 */
#include <microhttpd.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/setting.h"
#include "common/io/supervise.h"
#include "services/gateway/client.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operate.h"
#include "services/gateway/outcome.h"
#include "services/gateway/pool.h"
#include "services/gateway/produce.h"
#include "services/gateway/rewind.h"
#include "services/gateway/request.h"
#include "services/gateway/session.h"
#include "services/gateway/sse.h"
#include "services/gateway/watch.h"

#define IN(member) AT(struct gateway, member)

static const struct setting settings[] = {
    /* clang-format off */
    { "CELL", SETTING_TEXT, IN(name), NULL, "name of the cell: topic prefix" },
    { "KAFKA", SETTING_TEXT, IN(kafka), NULL, "brokers, host:port,…" },
    { "POSTGRES", SETTING_TEXT, IN(postgres), NULL,
      "conninfo, role baodao_gateway" },
    { "KEYS", SETTING_TEXT, IN(keys_folder), NULL,
      "folder with derive, body, token, box.pub" },
    { "SCHEMAS", SETTING_TEXT, IN(schemas), "schemas",
      "folder with messages/ and openapi.yaml" },
    { "SIDE", SETTING_TEXT, IN(side_at), "",
      "address of /livez /readyz /metrics" },
    { "INSTANCE", SETTING_TEXT, IN(instance), "gateway-1",
      "name of this process in the log" },
    { "LISTEN", SETTING_TEXT, IN(listen), "127.0.0.1:8080",
      "address of the HTTP side; TLS at a proxy" },
    { "BOARD", SETTING_TEXT, IN(board), "services/gateway/board",
      "folder of the board's files" },
    { "CONNECTIONS_MAX", SETTING_INT, IN(limits.connections), "2000",
      "connections at most; more wait in the kernel" },
    { "IDLE_S", SETTING_INT, IN(limits.idle_s), "60",
      "seconds that a connection may be silent" },
    { "RECEIVE_S", SETTING_INT, IN(limits.receive_s), "30",
      "seconds in which a request must be here whole" },
    { "COMMANDS_MAX", SETTING_INT, IN(limits.commands), "1000",
      "commands in hand; over it 503" },
    { "COMMAND_WAIT_MS", SETTING_INT, IN(limits.command_ms), "2000",
      "how long Kafka may owe an acknowledgement; over it 503" },
    { "WAITS_MAX", SETTING_INT, IN(limits.waits), "1000",
      "commands that wait for their outcome; over it 202 at once" },
    { "READS_MAX", SETTING_INT, IN(limits.reads), "200",
      "reads in hand; over it 503" },
    { "READ_WAIT_MS", SETTING_INT, IN(limits.read_ms), "1000",
      "how long a read may wait for a connection; over it 503" },
    { "STREAMS_MAX", SETTING_INT, IN(limits.streams), "1000",
      "streams of events; over it 503" },
    { "STREAM_KBYTES", SETTING_INT, IN(limits.stream_kbytes), "64",
      "events that wait for a slow listener; over it we hang up" },
    { "MEMORY_KBYTES", SETTING_INT, IN(limits.memory_kbytes), "65536",
      "bodies, answers and streams in memory; over it 503" },
    { 0 },
    /* clang-format on */
};

static bool read_keys(struct gateway *g, struct err *err)
{
    uint8_t derive[KEY_SIZE];

    if (!key_read(g->keys_folder, "derive", derive, err) ||
        !key_read(g->keys_folder, "body", g->keys.body, err) ||
        !key_read(g->keys_folder, "token", g->keys.token, err) ||
        !key_read(g->keys_folder, "box.pub", g->keys.box, err))
        return false;
    uuid_derive_key(derive);
    sodium_memzero(derive, sizeof(derive));
    return true;
}

static bool open_kafka(struct gateway *g, struct err *err)
{
    const struct kafka_in_settings in = { .brokers = g->kafka,
                                          .session_ms = 10000 };
    const struct kafka_out_settings out = {
        .brokers = g->kafka,
        .linger_ms = 2,
        .message_timeout_ms = 10000,
        .queue_kbytes = 16384,
        .queue_messages = 20000,
        .delivered = produce_delivered,
        .context = g,
    };

    return kafka_in_open(&in, &g->in, err) &&
           kafka_out_open(&out, &g->out, err) &&
           watch_open(g->kafka, g->name, &g->watch, err);
}

static bool open_all(struct gateway *g, struct err *err)
{
    admit_start(g);
    client_start();
    loop_metrics();
    request_metrics();
    sse_metrics();
    pool_metrics();
    g->sessions = sessions_open();
    g->outcomes = outcomes_open();
    return read_keys(g, err) && produce_open(g, err) &&
           operate_open(err) &&
           side_open(g->side_at, &g->side, err) && open_kafka(g, err) &&
           gateway_run(g, err);
}

static void close_all(struct gateway *g)
{
    pool_close(g->pool);
    kafka_out_close(g->out, 0); /* gateway_run has waited */
    if (g->daemon)
        MHD_stop_daemon(g->daemon);
    rewind_close(g);
    watch_close(g->watch);
    kafka_in_close(g->in, 500);
    if (g->epoll > 0)
        close(g->epoll);
    operate_close();
    produce_close();
    outcomes_close(g->outcomes);
    sessions_close(g->sessions);
    side_close(g->side);
}

static int print_help(void)
{
    AUTO(buf) struct buf out = { 0 };

    buf_print(&out, "baodao-gateway: HTTP for a cell; settings:\n");
    settings_print(settings, &out);
    fputs(buf_string(&out), stdout);
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    static struct gateway g;
    struct err err = { 0 };
    bool fine;

    if (argc > 1)
        return strcmp(argv[1], "--help") == 0 ? print_help() : EXIT_USAGE;
    supervise_start();
    log_start("gateway", "", LOG_INFO);
    fine = settings_read(settings, &g, &err);
    if (fine)
        log_start("gateway", g.instance, LOG_INFO);
    fine = fine && open_all(&g, &err);
    if (!fine)
        log_error(LOG_ERROR, "ended", &err, LOG_END);
    close_all(&g);
    return fine ? EXIT_OK : EXIT_FATAL;
}
