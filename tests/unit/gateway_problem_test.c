/* gateway_problem_test.c - which HTTP status a refusal is. */
#include "services/gateway/problem.h"
#include "tests/unit/must.h"

static void a_refusal_has_the_status_of_what_it_is_about(void **state)
{
    static const struct {
        const char *code, *field;
        enum problem_place place;
        unsigned status;
    } cases[] = {
        { "not_allowed", "actor", PROBLEM_NOWHERE, 403 },
        { "same_person", "actor", PROBLEM_NOWHERE, 403 },
        { "unknown_issue", "issue", PROBLEM_IN_PATH, 404 },
        { "no_such_lane", "office", PROBLEM_IN_PATH, 404 },
        { "assists_open", "office", PROBLEM_IN_PATH, 409 },
        { "illegal_transition", "state", PROBLEM_NOWHERE, 409 },
        { "id_reused", "Idempotency-Key", PROBLEM_NOWHERE, 409 },
        { "already_rated", "match", PROBLEM_IN_PATH, 409 },
        { "unknown_reason", "reason", PROBLEM_IN_BODY, 422 },
        { "unknown_issue", "into", PROBLEM_IN_BODY, 422 },
        { "required", "title", PROBLEM_NOWHERE, 422 },
        { "unknown_field", "zzz", PROBLEM_IN_BODY, 422 },
        { "malformed", "home", PROBLEM_IN_BODY, 400 },
        { "duplicate_member", "home", PROBLEM_IN_BODY, 400 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (problem_status(cases[i].code, cases[i].field, cases[i].place) !=
            cases[i].status)
            fail_msg("%s of %s", cases[i].code, cases[i].field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_has_the_status_of_what_it_is_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
