/* fits.h - whatever a service says fits schemas/messages/ to the letter. */
#ifndef BAODAO_TESTS_FITS_H
#define BAODAO_TESTS_FITS_H

#include "common/io/schema.h"
#include "tests/unit/decide.h"

/* Compiled when first used, and kept: a walk says each type a thousand times.
 * Ends with the program. */
static inline const struct schema *fits_schema(struct text type)
{
    static struct {
        char type[64];
        struct schema *schema;
    } kept[64];
    struct err err = {0};
    size_t i = 0;

    while (kept[i].schema && !text_is(type, kept[i].type))
        assert_true(++i < COUNT_OF(kept));
    if (kept[i].schema)
        return kept[i].schema;
    assert_true(text_copy(type, kept[i].type, sizeof(kept[i].type)));
    if (!schema_load("schemas/messages", kept[i].type, NULL, &kept[i].schema,
                     &err))
        fail_msg("%s: %s", kept[i].type, err.sentence);
    return kept[i].schema;
}

/* All that the last message made its service say; unknown members refused. */
static inline void assert_fits(const struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        AUTO(arena) struct arena arena = {0};
        const struct record *r = &t->said[i];
        struct err err = {0};

        if (!schema_fill(fits_schema(r->type), r->data, true, &arena, NULL,
                         &err))
            fail_msg("%.*s: %s %s %s in %.*s", TEXT_PRINT(r->type), err.code,
                     err.field, err.sentence, TEXT_PRINT(r->data));
    }
}

/* trial_say() and assert_fits(). */
static inline bool trial_says(struct trial *t, const char *type,
                              const char *actor, decide_function *decide,
                              const void *in)
{
    bool taken = trial_say(t, type, actor, decide, in);

    assert_fits(t);
    return taken;
}

#endif
