/* reserve.c - puts the words of reserve.lua together and reads its answers. */
#include "services/dispatch/reserve.h"

#include <stdlib.h>
#include <string.h>

#define DUTY "duty:"
#define CLAIM "claim:"

/* The script is part of the program: a worker needs no file beside it. */
__asm__(".pushsection .rodata\n"
        ".global reserve_lua\n"
        "reserve_lua:\n"
        ".incbin \"services/dispatch/reserve.lua\"\n"
        ".byte 0\n"
        ".popsection\n");

static struct redis_script script = {.source = reserve_lua};

/* ---- putting together ---- */

static void add(struct words *w, struct text word)
{
    if (w->count == w->room) {
        w->room = w->room > 0 ? 2 * w->room : 64;
        w->items = reallocarray(w->items, w->room, sizeof(*w->items));
        if (!w->items)
            abort();
    }
    w->items[w->count++] = word;
}

static void add_int(struct reserve *r, int64_t n)
{
    add(&r->words, arena_print(&r->arena, "%lld", (long long)n));
}

void reserve_begin(struct reserve *r, int64_t now_us, int64_t ceiling_percent,
                   bool building)
{
    arena_reset(&r->arena);
    slots_start(&r->offices, &r->arena);
    r->keys.count = r->words.count = r->verbs = 0;
    add(&r->keys, TEXT(DUTY_MARKER));
    add(&r->keys, TEXT(DUTY_STAMPS));
    add_int(r, now_us);
    add(&r->words, building ? TEXT("build") : TEXT("-"));
    if (ceiling_percent == INT_ABSENT)
        add(&r->words, TEXT(""));
    else
        add_int(r, ceiling_percent);
}

void reserve_release(struct reserve *r)
{
    arena_release(&r->arena);
    free(r->keys.items);
    free(r->words.items);
    *r = (struct reserve){0};
}

/* Names the office's key, once a call. */
static void add_office(struct reserve *r, struct text office)
{
    bool is_new;
    int64_t *number = slots_get(&r->offices, office.bytes, office.size,
                                sizeof(*number), &is_new);

    if (is_new) {
        add(&r->keys, arena_print(&r->arena, DUTY "%.*s", TEXT_PRINT(office)));
        *number = (int64_t)r->keys.count; /* Lua counts from 1 */
    }
    add_int(r, *number);
}

static void add_pools(struct reserve *r, struct text pools)
{
    size_t at = r->words.count;
    int64_t count = 0;

    add(&r->words, TEXT(""));
    for (struct text rest = pools; rest.size > 0; count++)
        add(&r->words, arena_text(&r->arena, text_cut(rest, ' ', &rest)));
    r->words.items[at] = arena_print(&r->arena, "%lld", (long long)count);
}

size_t reserve_take(struct reserve *r, struct text office, int64_t count,
                    struct text pools)
{
    add(&r->words, TEXT("take"));
    add_office(r, office);
    add_int(r, count);
    add_pools(r, pools);
    return r->verbs++;
}

size_t reserve_pass(struct reserve *r, const struct passed *lane)
{
    add(&r->words, TEXT("pass"));
    add_office(r, lane->office);
    add(&r->words, arena_print(&r->arena, CLAIM "%.*s", TEXT_PRINT(lane->lane)));
    add(&r->words, arena_text(&r->arena, lane->holder));
    add_pools(r, lane->pools);
    return r->verbs++;
}

size_t reserve_claim(struct reserve *r, struct text office, struct text lane,
                     struct text officer, int64_t until_us)
{
    add(&r->words, TEXT("claim"));
    add_office(r, office);
    add(&r->words, arena_print(&r->arena, CLAIM "%.*s", TEXT_PRINT(lane)));
    add(&r->words, arena_text(&r->arena, officer));
    add_int(r, until_us);
    return r->verbs++;
}

size_t reserve_free(struct reserve *r, struct text office, struct text officer)
{
    add(&r->words, TEXT("free"));
    add_office(r, office);
    add(&r->words, arena_text(&r->arena, officer));
    return r->verbs++;
}

size_t reserve_set(struct reserve *r, struct text office, int64_t stamp,
                   const struct on_duty *officers, size_t count)
{
    add(&r->words, TEXT("set"));
    add_office(r, office);
    add_int(r, stamp);
    add_int(r, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        add(&r->words, arena_text(&r->arena, officers[i].officer));
        add_int(r, officers[i].open);
        add_int(r, officers[i].capacity);
        add_int(r, officers[i].last_us);
        add(&r->words, arena_text(&r->arena, officers[i].pools));
    }
    return r->verbs++;
}

size_t reserve_ready(struct reserve *r)
{
    add(&r->words, TEXT("ready"));
    return r->verbs++;
}

/* ---- asking ---- */

static bool check_ready(const struct redis_reply *answers, struct err *err)
{
    if (redis_is_nil(answers))
        return err_retry(err, "not_ready", "redis: the duty sets are gone");
    return true;
}

bool reserve_run(struct reserve *r, struct redis_reply *ret_answers,
                 struct err *err)
{
    return redis_eval(r->redis, &script, r->keys.items, r->keys.count,
                      r->words.items, r->words.count, ret_answers, err) &&
           check_ready(ret_answers, err);
}

bool reserve_ask(struct reserve *r, struct err *err)
{
    return redis_eval_ask(r->redis, &script, r->keys.items, r->keys.count,
                          r->words.items, r->words.count, err);
}

bool reserve_answer(struct reserve *r, bool wait, bool *ret_ready,
                    struct redis_reply *ret_answers, struct err *err)
{
    if (redis_answer(r->redis, wait, ret_ready, ret_answers, err))
        return !*ret_ready || check_ready(ret_answers, err);
    *ret_ready = true;
    return strcmp(err->code, "redis_noscript") == 0 &&
           reserve_run(r, ret_answers, err);
}

struct text reserve_officer(const struct redis_reply *answers, size_t verb,
                            size_t k)
{
    struct redis_reply given = redis_item(answers, verb);
    struct redis_reply officer = redis_item(&given, k);

    return redis_text(&officer);
}

bool reserve_is_ready(struct reserve *r, bool *ret_ready, struct err *err)
{
    const struct text words[] = {TEXT("EXISTS"), TEXT(DUTY_MARKER)};
    struct redis_reply reply;

    if (!redis_call(r->redis, words, COUNT_OF(words), &reply, err))
        return false;
    *ret_ready = redis_int(&reply) == 1;
    return true;
}

bool reserve_stamps(struct reserve *r, struct slots *stamps, struct err *err)
{
    const struct text words[] = {TEXT("HGETALL"), TEXT(DUTY_STAMPS)};
    struct redis_reply reply;

    if (!redis_call(r->redis, words, COUNT_OF(words), &reply, err))
        return false;
    for (size_t i = 0; i + 1 < redis_count(&reply); i += 2) {
        struct redis_reply key = redis_item(&reply, i);
        struct redis_reply value = redis_item(&reply, i + 1);
        struct text name = redis_text(&key);
        int64_t *stamp =
            slots_get(stamps, name.bytes, name.size, sizeof(*stamp), NULL);

        *stamp = redis_int(&value);
    }
    return true;
}

int64_t reserve_stamp(const struct slots *stamps, struct text office)
{
    struct text key =
        arena_print(stamps->arena, DUTY "%.*s", TEXT_PRINT(office));
    const int64_t *stamp = slots_find(stamps, key.bytes, key.size);

    return stamp ? *stamp : 0;
}
