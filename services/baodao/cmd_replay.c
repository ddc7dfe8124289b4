/*
 * cmd_replay.c - commands from a file at full speed, a line each:
 *
 *     {"type":"task.sign", "id":…, "key":…, "actor":…, "time":…, "data":…}
 *     {"wait":true}                  until all before it is folded
 *
 * Instead of data a line may have raw (a string) or raw_base64, bytes that
 * nobody checks, and headers beside either, which stand over ours: so that
 * mistakes can be replayed too.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/io/supervise.h"
#include "services/baodao/clock.h"
#include "services/baodao/replay.h"
#include "services/baodao/say.h"
#include "services/baodao/verbs.h"

#define LINE_MAX_BYTES (1 << 20)
#define PATIENCE_S 30
/* A clock that is moved for each line would be all that is done. */
#define CLOCK_US (100 * INT64_C(1000))

struct replay {
    struct cli *cli;
    struct saying say;
    FILE *in;
    char *line; /* owned */
    size_t room;
    int64_t number;         /* of the line */
    int64_t at_us;          /* of the last line, rising */
    int64_t clock_moved_us; /* monotonic */
    struct progress progress;
    struct tally tally;
    char actor[96];
};

static void replay_cleanup(struct replay *r)
{
    saying_cleanup(&r->say);
    tally_release(&r->tally);
    free(r->line);
    if (r->in)
        fclose(r->in);
}

/* ---- time ---- */

static bool take_time(struct replay *r, const char *time, struct err *err)
{
    int64_t at_us;
    bool new_day;

    if (r->cli->test_clock_us == INSTANT_NONE || !time)
        return true;
    if (!instant_parse(text_of(time), &at_us))
        return err_reject(err, "malformed", "time", "%s is no instant", time);
    if (at_us <= r->at_us)
        return true;
    r->at_us = at_us;
    new_day = date_of(at_us) != date_of(r->cli->test_clock_us);
    if (!new_day && instant_monotonic() - r->clock_moved_us < CLOCK_US)
        return true;
    if (!clock_set(r->cli, at_us, err))
        return false;
    r->clock_moved_us = instant_monotonic(); /* the commit took its time */
    return true;
}

/* ---- waiting ---- */

static void tell_waiting(int64_t waiting)
{
    static int64_t told_us;

    if (progress_is_due(&told_us))
        progress_line("waits until all is folded: %lld messages to go",
                      (long long)waiting);
}

static bool wait_folded(struct replay *r, struct err *err)
{
    return saying_finish(&r->say, err) &&
           (r->cli->test_clock_us == INSTANT_NONE ||
            clock_set(r->cli, r->at_us, err)) &&
           queues_wait(r->cli, PATIENCE_S, tell_waiting, err);
}

/* ---- a line ---- */

/* A string member; NULL when absent. */
static bool string_of(const json_t *line, const char *name, const char **ret,
                      struct err *err)
{
    const json_t *value = json_object_get(line, name);

    *ret = json_string_value(value);
    return !value || *ret ||
           err_reject(err, "malformed", name, "%s must be a string", name);
}

static bool take_raw(struct replay *r, const json_t *line, struct said *c,
                     struct err *err)
{
    const json_t *raw = json_object_get(line, "raw");
    const json_t *base64 = json_object_get(line, "raw_base64");
    size_t size = json_string_length(base64);
    char *bytes;

    c->data = json_object_get(line, "data");
    c->headers = json_object_get(line, "headers");
    if (json_is_string(raw)) {
        c->raw = json_string_value(raw);
        c->raw_size = json_string_length(raw);
    } else if (json_is_string(base64)) {
        bytes = arena_give(&r->tally.line, size + 1);
        if (sodium_base642bin(
                (unsigned char *)bytes, size, json_string_value(base64), size,
                NULL, &c->raw_size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
            return err_reject(err, "malformed", "raw_base64", "is no base64");
        c->raw = bytes;
    }
    return c->data || c->raw ||
           err_reject(err, "malformed", "data", "neither data nor raw");
}

static bool open_line(struct replay *r, const json_t *line, struct said *c,
                      struct err *err)
{
    const char *id;

    if (!string_of(line, "type", &c->type, err) ||
        !string_of(line, "id", &id, err) ||
        !string_of(line, "key", &c->key, err) ||
        !string_of(line, "actor", &c->actor, err) ||
        !string_of(line, "reply", &c->reply, err) ||
        !string_of(line, "time", &c->time, err))
        return false;
    if (!c->type)
        return err_reject(err, "malformed", "type", "the line has no type");
    if (id && !uuid_parse(text_of(id), &c->id))
        return err_reject(err, "malformed", "id", "%s is no UUID", id);
    if (!c->actor)
        c->actor = r->actor;
    return take_raw(r, line, c, err) && take_time(r, c->time, err);
}

/* The issue may be on its way still: once all is folded it is known. */
static bool say(struct replay *r, struct said *c, struct err *err)
{
    struct err why = {0};

    c->at_us = r->at_us;
    if (saying_say(&r->say, c, &why))
        return true;
    if (strcmp(why.code, "no_key") == 0)
        return wait_folded(r, err) && saying_say(&r->say, c, err);
    *err = why;
    return false;
}

static bool replay_json(struct replay *r, const json_t *line, struct err *err)
{
    struct said c = {0};

    arena_reset(&r->tally.line);
    if (json_is_true(json_object_get(line, "wait")))
        return wait_folded(r, err);
    if (!open_line(r, line, &c, err) || !say(r, &c, err))
        return false;
    tally_count(&r->tally, c.type);
    return true;
}

static bool replay_line(struct replay *r, size_t size, struct err *err)
{
    json_error_t why;
    json_t *line;
    bool done;

    if (size > LINE_MAX_BYTES)
        return err_reject(err, "too_large", "", "the line is over 1 MiB");
    line = json_loadb(r->line, size, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(line)) {
        json_decref(line);
        return err_reject(err, "malformed", "", "no JSON object: %s",
                          line ? "another value" : why.text);
    }
    done = replay_json(r, line, err);
    json_decref(line);
    return done;
}

static bool replay_all(struct replay *r, struct err *err)
{
    ssize_t size;

    while ((size = getline(&r->line, &r->room, r->in)) >= 0) {
        r->number++;
        r->progress.done_bytes += size;
        if (supervise_stopping())
            return err_fatal(err, "stopped", "stopped by a signal");
        if (size > 1 && !replay_line(r, (size_t)size, err))
            return err_in(err, "line %lld", (long long)r->number);
        progress_tell(&r->progress, (int64_t)r->say.sent);
    }
    return !ferror(r->in) ||
           err_fatal(err, "no_file", "reading: %s", strerror(errno));
}

/* ---- the verb ---- */

static bool open_file(struct replay *r, const char *path, struct err *err)
{
    struct stat found;

    r->in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!r->in)
        return err_fatal(err, "no_file", "%s: %s", path, strerror(errno));
    if (fstat(fileno(r->in), &found) == 0)
        r->progress.all_bytes = found.st_size;
    r->progress.began_us = instant_monotonic();
    snprintf(r->actor, sizeof(r->actor), "operator//%s", cli_person(r->cli));
    return true;
}

bool cmd_replay(struct cli *cli, struct err *err)
{
    struct replay r = {.cli = cli};
    const char *path;
    bool done;

    if (!cli_words(cli, NULL, &path, 1, 1, err) || !cli_cell(cli, err) ||
        !cli_kafka(cli, err))
        return false;
    r.at_us = cli_now(cli);
    done = open_file(&r, path, err) && saying_open(cli, &r.say, err) &&
           tally_begin(cli, &r.tally, err) && replay_all(&r, err) &&
           wait_folded(&r, err);
    if (done) {
        progress_end(&r.progress, (int64_t)r.say.sent);
        done = tally_print(cli, &r.tally, err);
    }
    replay_cleanup(&r);
    return done;
}
