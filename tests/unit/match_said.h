/* match_said.h - whatever match and ledger say is held against its schema. */
#ifndef BAODAO_TESTS_MATCH_SAID_H
#define BAODAO_TESTS_MATCH_SAID_H

#include "common/io/schema.h"
#include "tests/unit/decide.h"

/* All that the last message made its service say. */
static inline void assert_fits(const struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        AUTO(arena) struct arena arena = {0};
        char type[64];
        struct schema *s = NULL;
        struct err err = {0};

        assert_true(text_copy(t->said[i].type, type, sizeof(type)));
        if (!schema_load("schemas/messages", type, NULL, &s, &err) ||
            !schema_fill(s, t->said[i].data, true, &arena, NULL, &err))
            fail_msg("%s: %s %s %s in %.*s", type, err.code, err.field,
                     err.sentence, TEXT_PRINT(t->said[i].data));
        schema_free(s);
    }
}

/* trial_say() and, where it was not refused, assert_fits(). */
static inline bool say(struct trial *t, const char *type, const char *actor,
                       decide_function *decide, const void *in)
{
    bool taken = trial_say(t, type, actor, decide, in);

    if (taken)
        assert_fits(t);
    return taken;
}

#endif
