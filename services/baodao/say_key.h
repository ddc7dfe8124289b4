/* say_key.h - where a command goes: its topic, key and subject by its type. */
#ifndef BAODAO_CLI_SAY_KEY_H
#define BAODAO_CLI_SAY_KEY_H

#include "services/baodao/say.h"

struct place {
    struct text topic, key, subject; /* in the arena */
};

/*
 * ERR_REJECT "no_key" when the data do not say it and c->key is NULL, or when
 * the issue is not known (yet).
 */
MUST_CHECK bool say_place(struct saying *s, const struct said *c,
                          struct place *ret_place, struct err *err);

/* Homes of issues that this process raised or looked up; a fixed size. */
struct homes *homes_new(void);
void homes_free(struct homes *homes);

#endif
