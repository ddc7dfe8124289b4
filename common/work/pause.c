/*
 * pause.c - partitions that stand still, by an operator's word or while
 * another is suspected alone (skip.c), and the worker keeps its place in the
 * group and folds the others.
 *
 * log.consumer says from which offset on nothing is folded; fence, pulse and
 * take-over hear it. It is taken between gathers alone: a message that was
 * let go must be fetched again before the next one of its partition. What
 * stands from a take-over on is not even fetched: the program may die of that.
 */
#include <string.h>

#include "common/base/log.h"
#include "common/work/worker.h"

void pause_hear(struct partition *p, bool is_null, int64_t stop_at)
{
    p->wanted_stop = is_null ? INT64_MAX : stop_at;
}

static int64_t stop_of(const struct worker *w, const struct partition *p)
{
    return w->suspect && w->suspect != p ? 0 : p->wanted_stop;
}

bool pause_begins(const struct worker *w, struct partition *p)
{
    p->stop_at = stop_of(w, p);
    p->overran = p->gathered_offset >= p->stop_at;
    return p->overran;
}

static struct kafka_partition place_of(const struct worker *w,
                                       const struct partition *p)
{
    struct kafka_partition k = { .partition = p->number,
                                 .offset = fetch_offset(p) };

    memcpy(k.topic, w->topic, sizeof(w->topic));
    return k;
}

static bool stand(struct worker *w, struct partition *p, struct err *err)
{
    struct kafka_partition k = place_of(w, p);

    if (!kafka_in_pause(w->in, &k, 1, true, err))
        return false;
    p->standing = true;
    backlog_cut(w, p->number, p->stop_at);
    log_fact(LOG_INFO, "stands_still", "partition", LOG_INT(p->number),
             "offset", LOG_INT(p->gathered_offset), LOG_END);
    return true;
}

/* On from where it was gathered up to: what came behind it was let go. */
static bool go_on(struct worker *w, struct partition *p, struct err *err)
{
    struct kafka_partition k = place_of(w, p);

    backlog_cut(w, p->number, 0);
    if (!kafka_in_pause(w->in, &k, 1, false, err) ||
        !kafka_in_seek(w->in, &k, err))
        return false;
    p->standing = false;
    p->overran = false;
    log_fact(LOG_INFO, "goes_on", "partition", LOG_INT(p->number), "offset",
             LOG_INT(k.offset), LOG_END);
    return true;
}

static bool pause_one(struct worker *w, struct partition *p, struct err *err)
{
    int64_t stop_at = stop_of(w, p);

    if (p->stop_at != stop_at) {
        if ((p->standing || p->overran) && !go_on(w, p, err))
            return false;
        p->stop_at = stop_at;
    }
    if (!p->standing && (p->overran || p->gathered_offset >= p->stop_at))
        return stand(w, p, err);
    return true;
}

static size_t count_standing(const struct worker *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->held; i++)
        count += w->partitions[w->numbers[i]]->standing;
    return count;
}

bool pause_turn(struct worker *w, struct err *err)
{
    size_t before = count_standing(w);

    /* A turn is over when nothing of it is in hand: it dies of that or not. */
    if ((!w->suspect || batch_waiting(w) == 0) && !try_suspects(w, err))
        return false;
    for (size_t i = 0; i < w->held; i++)
        if (!pause_one(w, w->partitions[w->numbers[i]], err))
            return false;
    if (count_standing(w) < before) /* what folds is ready */
        pause_say(w);
    return true;
}

bool pause_holds(const struct worker *w)
{
    for (size_t i = 0; i < w->held; i++)
        if (w->partitions[w->numbers[i]]->wanted_stop != INT64_MAX)
            return true;
    return false;
}

void pause_say(struct worker *w)
{
    bool all = count_standing(w) == w->held;

    if (w->held > 0 && !w->unassigned)
        side_ready(w->side, all ? w->pause_said : NULL);
}
