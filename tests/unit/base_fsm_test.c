/* base_fsm_test.c - machines as tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/fsm.h"

enum { SHUT, OPEN, LOST };
enum { PULL, PUSH, LOSE };

static const char *const states[] = {"shut", "open", "lost", NULL};
static const char *const verbs[] = {"pull", "push", "lose", NULL};
static const struct fsm_edge edges[] = {
    {SHUT, PULL, OPEN},
    {OPEN, PUSH, SHUT},
    {OPEN, LOSE, LOST},
};
static const struct fsm door = {"door", states, verbs, edges, COUNT_OF(edges)};

static void a_step_goes_where_its_edge_leads(void **state)
{
    (void)state;
    for (int from = SHUT; from <= LOST; from++) {
        for (int on = PULL; on <= LOSE; on++) {
            int wanted = -1;
            int to = -1;
            struct err err;

            for (size_t i = 0; i < COUNT_OF(edges); i++)
                if (edges[i].from == from && edges[i].on == on)
                    wanted = edges[i].to;
            assert_int_equal(fsm_step(&door, from, on, &to, &err), wanted >= 0);
            assert_int_equal(fsm_allows(&door, from, on), wanted >= 0);
            assert_int_equal(to, wanted);
        }
    }
}

static void a_refusal_names_the_state_and_what_is_allowed(void **state)
{
    static const struct {
        int from, on;
        const char *sentence;
    } cases[] = {
        {SHUT, PUSH, "a door that is shut cannot take push; allowed now: pull"},
        {OPEN, PULL,
         "a door that is open cannot take pull; allowed now: push, lose"},
        {LOST, PULL,
         "a door that is lost cannot take pull; allowed now: nothing"},
        {9, 9, "a door that is ? cannot take ?; allowed now: nothing"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = {0};
        int to = 77;

        assert_false(fsm_step(&door, cases[i].from, cases[i].on, &to, &err));
        assert_int_equal(to, 77);
        assert_int_equal(err.kind, ERR_REJECT);
        assert_string_equal(err.code, "illegal_transition");
        assert_string_equal(err.field, "state");
        assert_string_equal(err.sentence, cases[i].sentence);
        assert_false(fsm_step(&door, cases[i].from, cases[i].on, &to, NULL));
    }
}

static void a_vowel_takes_its_article(void **state)
{
    const struct fsm issue = {"issue", states, verbs, edges, 0};
    struct err err;
    int to;

    (void)state;
    assert_false(fsm_step(&issue, SHUT, PULL, &to, &err));
    assert_int_equal(strncmp(err.sentence, "an issue that ", 14), 0);
}

static void a_long_list_leaves_out_what_does_not_fit(void **state)
{
    static const char *const many[] = {
        "a_verb_of_just_over_forty_letters_for_this_1",
        "a_verb_of_just_over_forty_letters_for_this_2",
        "a_verb_of_just_over_forty_letters_for_this_3",
        "a_verb_of_just_over_forty_letters_for_this_4",
        "no",
        NULL,
    };
    const struct fsm_edge all[] = {{0, 0, 0}, {0, 1, 0}, {0, 2, 0}, {0, 3, 0}};
    const struct fsm long_one = {"x", states, many, all, COUNT_OF(all)};
    struct err err;
    int to;

    (void)state;
    assert_false(fsm_step(&long_one, 0, 4, &to, &err));
    assert_non_null(strstr(err.sentence, "this_3"));
    assert_null(strstr(err.sentence, "this_4"));
}

static void the_table_prints_as_markdown(void **state)
{
    AUTO(buf) struct buf out = {0};

    (void)state;
    fsm_print(&door, &out);
    assert_string_equal(buf_string(&out), "| door is | on | becomes |\n"
                                          "|---|---|---|\n"
                                          "| shut | pull | open |\n"
                                          "| open | push | shut |\n"
                                          "| open | lose | lost |\n");
}

static void a_word_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_int_equal(name_index(states, TEXT("open")), OPEN);
    assert_int_equal(name_index(states, TEXT("lost")), LOST);
    assert_int_equal(name_index(states, TEXT("ope")), -1);
    assert_int_equal(name_index(states, TEXT("opened")), -1);
    assert_int_equal(name_index(states, TEXT("")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_goes_where_its_edge_leads),
        cmocka_unit_test(a_refusal_names_the_state_and_what_is_allowed),
        cmocka_unit_test(a_vowel_takes_its_article),
        cmocka_unit_test(a_long_list_leaves_out_what_does_not_fit),
        cmocka_unit_test(the_table_prints_as_markdown),
        cmocka_unit_test(a_word_is_found_by_its_whole_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
