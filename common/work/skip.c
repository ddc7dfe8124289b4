/*
 * skip.c - messages that no fold decides: those that log.skip names, and how
 * one that kills the worker comes to be named.
 *
 * Each take-over raises the partition's `starts` when there is something to
 * fetch, progress and a clean end clear it. After three that came to nothing
 * the partition is under suspicion: such partitions are folded alone, one after
 * the other, one message at a time, nothing decoded ahead and nothing of the
 * others fetched. Only the one whose turn it is can die then, and only its
 * `starts` go on rising: at the second death alone, the fifth in all, the
 * message at next_offset is a dead letter, and its neighbours in other
 * partitions are not suspected for it.
 *
 * One that goes on dying is more than memory holds, as Kafka's client unpacks
 * it or as its dead letter is made: the partition is paused for an operator,
 * who has more memory to give than we.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/work/worker.h"

#define SUSPECT 4    /* starts from which a partition is folded alone */
#define DEADLY 6     /* from which its next message is a dead letter */
#define UNREADABLE 8 /* from which it is paused */
#define IN_HAND 3    /* batches that may have held the one it died of */
#define EMPTY_US (10 * SECOND_US) /* of a turn in which no message comes */

/* clang-format off */
static const char sql_skips[] =
    "SELECT first, last, gap, code, field, sentence FROM log.skip"
    " WHERE topic = $1::text AND partition = $2::int AND last >= $3::bigint"
    " ORDER BY first";
static const char sql_raise[] =
    "UPDATE log.consumer SET starts = starts + $4::int"
    " WHERE topic = $1::text AND partition = $2::int AND epoch = $3::bigint";
static const char sql_pause[] =
    "UPDATE log.consumer SET starts = $4::int, paused = true,"
    " draining = false, drain_to = NULL, paused_by = $5::text,"
    " paused_since = $6::timestamptz, paused_why = $7::text"
    " WHERE topic = $1::text AND partition = $2::int AND epoch = $3::bigint";
/* clang-format on */

static const char unreadable[] =
    "取这里的消息,程序就退出:先调大 MemoryMax / fetching this ends the program:"
    " raise MemoryMax first";

/* ---- what is left out ---- */

static struct skip *add(struct partition *p)
{
    struct skip *bigger =
        realloc(p->skips, (p->skip_count + 1) * sizeof(*bigger));

    if (!bigger)
        abort();
    p->skips = bigger;
    return memset(&p->skips[p->skip_count++], 0, sizeof(*bigger));
}

static bool take_skips(const struct pg_rows *rows, void *context,
                       struct err *err UNUSED)
{
    for (int i = 0; i < rows->count; i++) {
        struct skip *s = add(context);

        s->first = pg_int(rows, i, 0);
        s->last = pg_int(rows, i, 1);
        s->gap = pg_bool(rows, i, 2);
        s->why.kind = ERR_REJECT;
        pg_code(rows, i, 3, s->why.code, sizeof(s->why.code));
        pg_code(rows, i, 4, s->why.field, sizeof(s->why.field));
        pg_code(rows, i, 5, s->why.sentence, sizeof(s->why.sentence));
    }
    return true;
}

bool skips_read(struct worker *w, struct partition *p, struct err *err)
{
    struct pg_params params;

    row_params(w, &params, p->number);
    pg_param_int8(&params, p->kept.next_offset);
    return pg_query(w->control, sql_skips, &params, take_skips, p, err);
}

const struct skip *skip_at(const struct partition *p, int64_t offset)
{
    for (size_t i = 0; i < p->skip_count; i++)
        if (p->skips[i].first <= offset && offset <= p->skips[i].last)
            return &p->skips[i];
    return NULL;
}

void condemn(struct partition *p, int64_t offset, const struct err *why)
{
    struct skip *s = add(p);

    s->first = offset;
    s->last = offset;
    s->why = *why;
    s->why.kind = ERR_REJECT;
}

/* ---- who is suspected ---- */

static bool raise_starts(struct worker *w, struct partition *p, int by,
                         struct err *err)
{
    struct pg_params params;

    row_params(w, &params, p->number);
    pg_param_int8(&params, p->epoch);
    pg_param_int4(&params, by);
    return pg_query(w->control, sql_raise, &params, NULL, NULL, err);
}

static void acquit(struct worker *w, struct partition *p, int starts)
{
    struct err err = { 0 };

    p->raised = 0;
    if (starts > 0 && w->control && !raise_starts(w, p, -starts, &err))
        log_error(LOG_WARN, "starts", &err, LOG_END);
}

void lived(struct worker *w)
{
    if (w->died) /* also when Kafka's client closes: the start counts */
        return;
    pg_close(w->pg); /* its transaction may hold the rows */
    w->pg = NULL;
    for (size_t i = 0; i < w->held; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        acquit(w, p, p->raised);
    }
}

/* Once it is resumed, its next message is tried twice before that is a dead
 * letter. */
static bool pause_unreadable(struct worker *w, struct partition *p,
                             struct err *err)
{
    struct pg_params params;

    row_params(w, &params, p->number);
    pg_param_int8(&params, p->epoch);
    pg_param_int4(&params, SUSPECT);
    pg_param_text(&params, text_of(w->set.instance));
    pg_param_instant(&params, worker_now());
    pg_param_text(&params, text_of(unreadable));
    if (!pg_query(w->control, sql_pause, &params, NULL, NULL, err))
        return false;
    p->wanted_stop = 0;
    log_fact(LOG_ERROR, "unreadable", "partition", LOG_INT(p->number), "offset",
             LOG_INT(p->kept.next_offset), LOG_END);
    return true;
}

bool suspect(struct worker *w, struct partition *p, int starts, int64_t high,
             struct err *err)
{
    int64_t next = p->kept.next_offset;
    int64_t in_hand = IN_HAND * w->set.batch_max;
    struct err why = { 0 };

    if (next >= high) { /* whatever they died of was not here */
        acquit(w, p, starts);
        return true;
    }
    if (starts < SUSPECT) {
        if (!raise_starts(w, p, 1, err))
            return false;
        p->raised = 1;
        starts++;
    }
    if (starts < SUSPECT)
        return true;
    p->suspect_until = high - next < in_hand ? high : next + in_hand;
    log_fact(LOG_WARN, "suspect", "partition", LOG_INT(p->number), "offset",
             LOG_INT(next), "starts", LOG_INT(starts), LOG_END);
    if (starts >= UNREADABLE)
        return pause_unreadable(w, p, err);
    if (starts < DEADLY)
        return true;
    err_reject(&why, "deadly", "",
               "这条消息多次使程序退出 / the program died of it again and "
               "again");
    condemn(p, next, &why);
    return true;
}

bool is_suspect(const struct partition *p, const struct mark *mark)
{
    return mark->next_offset < p->suspect_until;
}

int starts_of(const struct partition *p)
{
    return is_suspect(p, &p->now) ? SUSPECT - 1 : 0;
}

/* One that an operator has stopped comes to its turn when it goes on. */
static bool may_try(const struct partition *p)
{
    return is_suspect(p, &p->kept) && p->kept.next_offset < p->wanted_stop;
}

bool try_suspects(struct worker *w, struct err *err)
{
    if (w->suspect && may_try(w->suspect))
        return true;
    w->suspect = NULL;
    for (size_t i = 0; i < w->held && !w->suspect; i++) {
        struct partition *p = w->partitions[w->numbers[i]];

        if (may_try(p))
            w->suspect = p;
    }
    if (!w->suspect)
        return true;
    w->empty_since_us = 0;
    w->suspect->raised++;
    if (raise_starts(w, w->suspect, 1, err))
        return true;
    w->suspect = NULL;
    return false;
}

/* Below Kafka's end may lie what is no message: a transaction's mark. */
void nothing_came(struct worker *w)
{
    int64_t now_us = instant_monotonic();
    struct partition *p = w->suspect;

    if (!p)
        return;
    if (w->empty_since_us == 0)
        w->empty_since_us = now_us;
    if (now_us - w->empty_since_us < EMPTY_US)
        return;
    log_fact(LOG_WARN, "nothing_came", "partition", LOG_INT(p->number),
             "offset", LOG_INT(p->kept.next_offset), LOG_END);
    p->suspect_until = 0;
    acquit(w, p, p->raised);
}
