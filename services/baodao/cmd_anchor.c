/* cmd_anchor.c - heads of the chains: what another host keeps, so that nobody
 * can write the log anew from one of them on. */
#include <errno.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/io/json.h"
#include "services/baodao/verbs.h"

struct anchor {
    const struct cli *cli;
    FILE *to;
    int64_t wall_us;
};

static void put_head(const struct anchor *a, const struct pg_rows *rows, int i)
{
    AUTO(buf) struct buf line = {0};
    char hex[DIGEST_HEX_SIZE] = "";
    struct text hash = pg_text(rows, i, 3);
    struct digest digest;
    struct json j;

    if (hash.size == DIGEST_SIZE) {
        memcpy(digest.bytes, hash.bytes, DIGEST_SIZE);
        digest_print(&digest, hex);
    }
    json_begin(&j, &line);
    json_instant(&j, "time", a->wall_us);
    json_string(&j, "cell", a->cli->name);
    json_text(&j, "topic", pg_text(rows, i, 0));
    json_int(&j, "partition", pg_int(rows, i, 1));
    json_int(&j, "seq", pg_int(rows, i, 2));
    json_string(&j, "hash", hex);
    json_end(&j);
    fprintf(a->to, "%s\n", buf_string(&line));
}

static bool take_heads(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    (void)err;
    for (int i = 0; i < rows->count; i++)
        put_head(context, rows, i);
    return true;
}

static bool write_heads(struct cli *cli, FILE *to, struct err *err)
{
    struct anchor a = {cli, to, instant_now()};

    return cli_cell(cli, err) &&
           pg_query(cli->pg,
                    "SELECT topic, partition, seq, hash FROM log.consumer"
                    " ORDER BY topic, partition",
                    NULL, take_heads, &a, err) &&
           (fflush(to) == 0 || err_fatal(err, "anchor", "cannot be written"));
}

bool cmd_anchor(struct cli *cli, struct err *err)
{
    const char *path;
    bool done;
    FILE *to;

    if (!cli_words(cli, NULL, &path, 0, 1, err))
        return false;
    if (!path)
        return write_heads(cli, stdout, err);
    to = fopen(path, "ae");
    if (!to)
        return err_fatal(err, "anchor", "%s: %s", path, strerror(errno));
    done = write_heads(cli, to, err);
    if (fclose(to) != 0 && done)
        return err_fatal(err, "anchor", "%s: %s", path, strerror(errno));
    return done;
}
