/* match_messages_test.c - the schemas of match and ledger fit their tables,
 * take the good examples and refuse the bad by keyword and field. */
#include <glob.h>

#include "services/ledger/messages.h"
#include "services/match/messages.h"
#include "tests/unit/decide.h"
#include "tests/unit/must.h"

#define FOLDER "schemas/messages"

/* clang-format off */
static const struct {
    const char *type;
    const struct field *fields; /* NULL: an event, nobody fills a struct */
    size_t size;
} types[] = {
    { "partner.register", partner_register_fields, sizeof(struct partner_register) },
    { "need.publish",     need_publish_fields,     sizeof(struct need_publish) },
    { "need.withdraw",    need_withdraw_fields,    sizeof(struct need_withdraw) },
    { "offer.publish",    offer_publish_fields,    sizeof(struct offer_publish) },
    { "match.accept",     match_word_fields,       sizeof(struct match_word) },
    { "match.serve",      match_word_fields,       sizeof(struct match_word) },
    { "match.decline",    match_decline_fields,    sizeof(struct match_decline) },
    { "match.deliver",    match_deliver_fields,    sizeof(struct match_deliver) },
    { "match.rate",       match_rate_fields,       sizeof(struct match_rate) },
    { "match.post_done",  match_post_done_fields,  sizeof(struct match_post_done) },
    { "reference.changed", match_reference_fields, sizeof(struct reference_changed) },
    { "ledger.post",      ledger_post_fields,      sizeof(struct ledger_post) },
    { "ledger.reverse",   ledger_reverse_fields,   sizeof(struct ledger_reverse) },
    { "reference.changed", ledger_reference_fields, sizeof(struct ledger_reference) },
    { "partner.registered", NULL, 0 }, { "need.published", NULL, 0 },
    { "need.waiting", NULL, 0 },       { "need.matched", NULL, 0 },
    { "need.reopened", NULL, 0 },      { "need.closed", NULL, 0 },
    { "need.expired", NULL, 0 },       { "need.withdrawn", NULL, 0 },
    { "offer.published", NULL, 0 },    { "offer.expired", NULL, 0 },
    { "match.proposed", NULL, 0 },     { "match.rescheduled", NULL, 0 },
    { "match.accepted", NULL, 0 },     { "match.declined", NULL, 0 },
    { "match.expired", NULL, 0 },      { "match.failed", NULL, 0 },
    { "match.serving", NULL, 0 },      { "match.delivered", NULL, 0 },
    { "match.rated", NULL, 0 },        { "match.post_refused", NULL, 0 },
    { "match.posted", NULL, 0 },       { "match.refused", NULL, 0 },
    { "ledger.posted", NULL, 0 },      { "ledger.reversed", NULL, 0 },
    { "ledger.expired", NULL, 0 },     { "ledger.refused", NULL, 0 },
};
/* clang-format on */

/* A file of examples/bad. */
struct bad {
    char why[129], field[257];
    struct text data;
};
static const struct field bad_fields[] = {
    F_CODE(struct bad, why),
    F_CODE(struct bad, field),
    F_RAW(struct bad, data),
    {0},
};
static struct schema *bad_schema;

static void try_good(const struct schema *s, struct arena *arena,
                     struct text json, void *into, const char *path)
{
    struct err err = {0};

    if (!schema_fill(s, json, true, arena, into, &err))
        fail_msg("%s: %s %s %s", path, err.code, err.field, err.sentence);
}

static void try_bad(const struct schema *s, struct arena *arena,
                    struct text json, void *into, const char *path)
{
    struct err err = {0};
    struct bad bad;

    try_good(bad_schema, arena, json, &bad, path);
    if (schema_fill(s, bad.data, true, arena, into, &err))
        fail_msg("%s was taken", path);
    if (strcmp(err.code, bad.why) != 0 || strcmp(err.field, bad.field) != 0)
        fail_msg("%s: %s at %s", path, err.code, err.field);
}

/* How many examples of a type there were. */
static size_t try_all(const struct schema *s, const char *type, size_t size,
                      bool good)
{
    AUTO(arena) struct arena arena = {0};
    void *into = size > 0 ? arena_give(&arena, size) : NULL;
    char pattern[256];
    glob_t found;
    size_t count;

    snprintf(pattern, sizeof(pattern), FOLDER "/examples/%s/%s.[0-9].json",
             good ? "good" : "bad", type);
    if (glob(pattern, 0, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        AUTO(buf) struct buf file = {0};

        trial_read(found.gl_pathv[i], &file);
        (good ? try_good : try_bad)(s, &arena, buf_text(&file), into,
                                    found.gl_pathv[i]);
    }
    count = found.gl_pathc;
    globfree(&found);
    return count;
}

static void every_type_has_examples_and_they_are_judged_rightly(void **state)
{
    (void)state;
    MUST(schema_compile(
        TEXT("{\"type\":\"object\",\"required\":[\"why\",\"field\",\"data\"],"
             "\"properties\":{\"why\":{\"type\":\"string\",\"maxLength\":32},"
             "\"field\":{\"type\":\"string\",\"maxLength\":64},"
             "\"data\":{}}}"),
        NULL, bad_fields, &bad_schema, err));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct schema *s = NULL;

        MUST(schema_load(FOLDER, types[i].type, types[i].fields, &s, err));
        if (try_all(s, types[i].type, types[i].size, true) == 0 ||
            try_all(s, types[i].type, types[i].size, false) == 0)
            fail_msg("%s: no good or no bad example", types[i].type);
        schema_free(s);
    }
    schema_free(bad_schema);
}

/* What a new cell plays at its birth. */
static void the_sample_partners_are_what_the_schema_takes(void **state)
{
    AUTO(arena) struct arena arena = {0};
    AUTO(buf) struct buf file = {0};
    struct schema *s = NULL;
    struct text rest;
    int count = 0;

    (void)state;
    MUST(schema_load(FOLDER, "partner.register", partner_register_fields, &s,
                     err));
    trial_read("schemas/reference/sample/partners.ndjson", &file);
    rest = buf_text(&file);
    while (rest.size > 0) {
        struct text line = text_cut(rest, '\n', &rest);
        const char *data = strstr(line.bytes, "\"data\":");
        struct partner_register in;

        assert_non_null(data);
        data += 7;
        line.size -= (size_t)(data - line.bytes) + 1;
        line.bytes = data;
        MUST(schema_fill(s, line, true, &arena, &in, err));
        count++;
    }
    assert_true(count >= 20);
    schema_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_examples_and_they_are_judged_rightly),
        cmocka_unit_test(the_sample_partners_are_what_the_schema_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
