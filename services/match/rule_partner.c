/* rule_partner.c - a partner is registered, or registered anew. */
#include "common/base/instant.h"
#include "services/match/match.h"

static bool check_window(const struct window_said *w, struct err *err)
{
    if (w->from < w->to)
        return true;
    return err_reject(err, "bad_window", "windows",
                      "时段须先始后终 / a window must begin before it ends");
}

bool match_region(const struct decision *d, const char *code, const char *field,
                  struct err *err)
{
    if (reference_region(d->reference, code))
        return true;
    return err_reject(err, "unknown_region", field,
                      "没有这个区划代码 / no region has the code %s", code);
}

static bool check(const struct decision *d, const struct partner_register *in,
                  struct err *err)
{
    const struct region_said *serves = in->serves.items;
    const struct window_said *windows = in->windows.items;

    if (!match_region(d, in->home, "home", err) ||
        !need_on_side(d, text_of(""), in->home, err))
        return false;
    for (size_t i = 0; i < in->serves.count; i++)
        if (!match_region(d, serves[i].code, "serves", err))
            return false;
    for (size_t i = 0; i < in->windows.count; i++)
        if (!check_window(&windows[i], err))
            return false;
    return true;
}

/* What matches hold now cannot be taken from under them. */
static bool check_held(const struct partner *p, int64_t capacity,
                       int64_t commitment, struct err *err)
{
    int64_t busy = p->capacity - p->capacity_left;
    int64_t drawn = p->commitment - p->commitment_left;

    if (capacity < busy)
        return err_reject(err, "capacity_in_use", "capacity",
                          "已有%lld项在办 / %lld are held by open matches",
                          (long long)busy, (long long)busy);
    if (commitment < drawn)
        return err_reject(err, "commitment_in_use", "commitment",
                          "已兑现%lld / %lld are drawn already",
                          (long long)drawn, (long long)drawn);
    return true;
}

static void copy_lists(struct decision *d, struct partner *p,
                       const struct partner_register *in)
{
    const struct region_said *serves = in->serves.items;
    const struct window_said *windows = in->windows.items;
    char(*codes)[REGION_SIZE] =
        arena_array(d->arena, in->serves.count, sizeof(*codes));
    struct window *open =
        arena_array(d->arena, in->windows.count, sizeof(*open));

    for (size_t i = 0; i < in->serves.count; i++)
        snprintf(codes[i], sizeof(codes[i]), "%.15s", serves[i].code);
    for (size_t i = 0; i < in->windows.count; i++)
        open[i] = (struct window){windows[i].from, windows[i].to};
    p->serves =
        (struct regions){(const char(*)[REGION_SIZE])codes, in->serves.count};
    p->windows = (struct windows){open, in->windows.count};
    p->skills = (struct texts){in->skills.items, in->skills.count};
}

bool partner_registered(struct decision *d, const void *message,
                        struct err *err)
{
    const struct partner_register *in = message;
    struct match_state *state = d->state;
    int64_t commitment = in->commitment == INT_ABSENT ? 0 : in->commitment;
    struct partner *p =
        slots_find(&state->partners, &in->partner, sizeof(in->partner));

    if (!check(d, in, err) ||
        (p && !check_held(p, in->capacity, commitment, err)))
        return false;
    if (!p) {
        p = slots_get(&state->partners, &in->partner, sizeof(in->partner),
                      sizeof(*p), NULL);
        p->id = in->partner;
        p->last_served_us = INSTANT_NONE;
    }
    p->name = in->name;
    p->kind = in->kind;
    p->brand = in->brand;
    snprintf(p->home, sizeof(p->home), "%.15s", in->home);
    copy_lists(d, p, in);
    p->active = !text_is(in->enabled, "false");
    p->capacity_left += in->capacity - p->capacity;
    p->capacity = in->capacity;
    p->commitment_left += commitment - p->commitment;
    p->commitment = commitment;
    partner_say(d, p, "partner.registered");
    return true;
}
