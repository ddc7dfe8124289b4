/*
 * reserve.h - one call to Redis that does many things to the duty sets:
 * lanes counted in, officers out (reserve.lua says what each verb does).
 *
 *     reserve_begin(&r, now_us, NULL);
 *     size_t i = reserve_take(&r, text_of("CGJ"), 2, text_of("+photo"));
 *     if (reserve_run(&r, &answers, err))
 *         first = reserve_officer(&answers, i, 0);
 */
#ifndef BAODAO_DISPATCH_RESERVE_H
#define BAODAO_DISPATCH_RESERVE_H

#include "common/city/duty_key.h"
#include "common/base/slots.h"
#include "common/io/redis.h"
#include "common/io/schema.h"

#define DUTY_STAMPS "duties:stamps"

extern const char reserve_lua[]; /* the text of reserve.lua */

struct words {
    struct text *items;
    size_t count, room;
};

/* { .redis = … } is ready; the rest is of one call. */
struct reserve {
    struct redis *redis;      /* borrowed */
    struct arena arena;       /* of the call that is being put together */
    struct words keys, words; /* owned */
    struct slots offices;
    size_t verbs;
};

/* An officer who can be sent, as PostgreSQL counts. */
struct on_duty {
    struct text officer;
    int64_t open, capacity, last_us; /* last 0: never */
    struct text pools;               /* as pool.h has them */
};

/* A lane whose officer did not sign, or that has none. */
struct passed {
    struct text office;
    struct text lane;   /* its subject: a claim is looked for */
    struct text holder; /* empty: none */
    struct text pools;
};

/* ceiling_percent of capacity, INT_ABSENT none. building: the sets are made
 * anew, marker and stamps do not matter. */
void reserve_begin(struct reserve *r, int64_t now_us, int64_t ceiling_percent,
                   bool building);
void reserve_release(struct reserve *r);

/* Each gives the index of its answer; texts are copied. */
size_t reserve_take(struct reserve *r, struct text office, int64_t count,
                    struct text pools);
/* One other officer than the holder, who is freed then; none while the
 * holder's claim stands. */
size_t reserve_pass(struct reserve *r, const struct passed *lane);
/* An officer of the pool is on the way until then. */
size_t reserve_claim(struct reserve *r, struct text office, struct text lane,
                     struct text officer, int64_t until_us);
size_t reserve_free(struct reserve *r, struct text office, struct text officer);
size_t reserve_set(struct reserve *r, struct text office, int64_t stamp,
                   const struct on_duty *officers, size_t count);
size_t reserve_ready(struct reserve *r);

/* ERR_RETRY: Redis is away, or "not_ready": the marker is missing. */
MUST_CHECK bool reserve_run(struct reserve *r, struct redis_reply *ret_answers,
                            struct err *err);
/* The same in two steps; nothing may be begun in between. */
MUST_CHECK bool reserve_ask(struct reserve *r, struct err *err);
MUST_CHECK bool reserve_answer(struct reserve *r, bool wait, bool *ret_ready,
                               struct redis_reply *ret_answers,
                               struct err *err);
/* The k-th officer of a take; empty when there were not so many. */
struct text reserve_officer(const struct redis_reply *answers, size_t verb,
                            size_t k);

/* Is the marker there? ERR_RETRY when Redis is away. */
MUST_CHECK bool reserve_is_ready(struct reserve *r, bool *ret_ready,
                                 struct err *err);
/* The stamps of all offices, for reserve_set: "duty:CGJ" -> int64_t, in the
 * arena that slots were started with. */
MUST_CHECK bool reserve_stamps(struct reserve *r, struct slots *stamps,
                               struct err *err);
int64_t reserve_stamp(const struct slots *stamps, struct text office);

#endif
