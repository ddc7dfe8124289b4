/* city_csv_test.c - each way in which a file of the reference data can be
 * wrong is named by file, line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/city/reference_csv.h"
#include "tests/unit/city_reference_test.h"

/* ---- the reader ---- */

struct pair {
    char word[8];
    int64_t number, later;
};

static const struct csv_column columns[] = {
    CSV_CELL(CSV_TEXT, pair, word, false),
    CSV_CELL(CSV_INT, pair, number, false),
    CSV_CELL(CSV_LATER_INT, pair, later, false),
};

/* "word=number;" of each row, or the field of the refusal. */
static void print_pairs(const char *body, char *into, size_t size)
{
    struct csv csv;
    struct err why = {0};
    bool more = true;
    size_t used = 0;
    bool ok = csv_open(&csv, "p.csv", text_of(body), columns, 3, &why);

    into[0] = '\0';
    while (ok && more) {
        struct pair row = {0};

        ok = csv_next(&csv, &row, &more, &why);
        if (ok && more)
            used += (size_t)snprintf(into + used, size - used, "%s=%lld;",
                                     row.word,
                                     (long long)(row.number + row.later));
    }
    csv_close(&csv);
    if (!ok)
        snprintf(into, size, "%s", why.field);
}

static void rfc_4180_is_read_as_it_says(void **state)
{
    static const struct {
        const char *body, *pairs;
    } cases[] = {
        {"word,number\na,1\nb,2\n", "a=1;b=2;"},
        {"word,number\na,1\nb,2", "a=1;b=2;"},
        {"word,number\r\na,1\r\nb,2\r\n", "a=1;b=2;"},
        {"number,word\n1,a\n", "a=1;"},
        {"x,number,y,word\n9,1,,a\n", "a=1;"},
        {"\xef\xbb\xbfword,number\na,1\n", "a=1;"},
        {"word,number\n\"a,b\",1\n", "a,b=1;"},
        {"word,number\n\"a\"\"b\",1\n", "a\"b=1;"},
        {"word,number\n\"a\nb\",1\nc,2\n", "a\nb=1;c=2;"},
        {"word,number\n\"\",\n", "=0;"},
        {"word,number\n,\n", "=0;"},
        {"\"word\",\"number\"\na,1\n", "a=1;"},
        {"word,number\n", ""},
        {"word,number\n街,1\n", "街=1;"},
        {"word,later,number\na,10,1\nb,,1\n", "a=11;b=1;"},
        /* refused */
        {"", "p.csv:1:word"},
        {"word\n", "p.csv:1:number"},
        {"word,word,number\n", "p.csv:1:word"},
        {"word,number\na\n", "p.csv:2:number"},
        {"word,number\na,1,2\n", "p.csv:2:?"},
        {"word,number\n\na,1\n", "p.csv:2:number"},
        {"word,number\na,x\n", "p.csv:2:number"},
        {"word,number\na,-1\n", "p.csv:2:number"},
        {"word,number\na,99999999999999999999\n", "p.csv:2:number"},
        {"word,number\nabcdefgh,1\n", "p.csv:2:word"},
        {"word,number\n\"a\nb\",1\n\"c,2\n", "p.csv:4:word"},
        {"word,number\n\"a\"b,1\n", "p.csv:2:word"},
        {"word,number\na\"b\",1\n", "p.csv:2:word"},
        {"word,number\na,\xff\n", "p.csv:1:?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char pairs[128];

        print_pairs(cases[i].body, pairs, sizeof(pairs));
        if (strcmp(pairs, cases[i].pairs) != 0)
            fail_msg("case %zu: %s, not %s", i, pairs, cases[i].pairs);
    }
}

/* ---- the files ---- */

/* clang-format off */
static const struct {
    const char *file, *from, *to, *field;
} mistakes[] = {
    { "regions.csv", "530103001000,", "53010300100,", ":3:code" },
    { "regions.csv", "530103001000,拓东街道,street",
      "530103001000,拓东街道,community", ":3:code" },
    { "regions.csv", "530103001000,拓东街道,street",
      "530103001000,拓东街道,village", ":3:level" },
    { "regions.csv", "530103002000,", "530103001000,", ":4:code" },
    { "regions.csv", "街道,street,530103,", "街道,street,530102,",
      ":3:parent" },
    { "regions.csv", "街道,street,530103,,,",
      "街道,street,530103,2026-02-30,,", ":3:valid_from" },
    { "regions.csv", "街道,street,530103,,,",
      "街道,street,530103,2026-02-03,2026-02-03,", ":3:valid_to" },
    { "regions.csv", "街道,street,530103,,,",
      "街道,street,530103,,2026-02-03,530103099000", ":3:successor" },
    { "offices.csv", "ZZB,", "Z/B,", ":2:code" },
    { "offices.csv", "ZZB,", "RSJ,", ":3:code" },
    { "offices.csv", "ZZB,", "530103,", ":2:code" },
    { "offices.csv", "department,530103,no", "department,530102,no",
      ":2:region" },
    { "offices.csv", "department,530103,no", "bureau,530103,no", ":2:kind" },
    { "offices.csv", "department,530103,no", "department,530103,maybe",
      ":2:catch_all" },
    { "offices.csv", "department,530103,no", "department,530103,yes",
      ":8:catch_all" },
    { "offices.csv", "530103,yes", "530103,no", ":1:catch_all" },
    { "matters.csv", "A,utilities", "A,unheard_of", ":2:issue_class" },
    { "matters.csv", "P0102,", "P0101,", ":3:code" },
    { "matters.csv", ",minor_zh,", ",minor_cn,", ":1:minor_zh" },
    { "matter_limits.csv", "E0101,", "E9101,", ":2:code" },
    { "matter_limits.csv", "working_hour", "urgent_working_hour",
      ":2:unit" },
    { "matter_limits.csv", "urge:100 written:200 joint:300 bulletin:400,1",
      "urge:100 written:200 joint:300 bulletin:400,2", ":18:follow" },
    { "matter_limits.csv", ",repair,", ",fence,", ":19:follow" },
    { "duties.csv", ",530103,CGJ,,", ",530103,XXX,,", ":2:lead" },
    { "duties.csv", "P01,530103,CGJ,ZJJ", "P01,530103,CGJ,ZZZ",
      ":3:assists" },
    { "duties.csv", "P01,530103,CGJ,ZJJ", "P01,530103,CGJ,CGJ",
      ":3:assists" },
    { "duties.csv", "P01,530103,CGJ,ZJJ", "P01,530103,CGJ,ZJJ  SWJ",
      ":3:assists" },
    { "duties.csv", "P01,530103,CGJ,ZJJ",
      "P01,530103,CGJ,ZJJ SWJ RSJ FGJ CZJ SFJ MZJ WJJ YJJ", ":3:assists" },
    { "duties.csv", "P01,530103,", "P01,530103999000,", ":3:region" },
    { "duties.csv", "P01,530103,", "P7,530103,", ":3:matter" },
    { "duties.csv", "P01,530103,", "P02,530103,", ":16:matter" },
    { "kinds.csv", "sign contact arrive", "sign contact depart",
      ":2:required_stages" },
    { "kinds.csv", "sign contact arrive", "sign contact triage",
      ":2:required_stages" },
    { "kinds.csv", "street_clerk", "street_sweeper", ":2:issue_roles" },
    { "kinds.csv", ",哨,yes,", ",哨,no,", ":2:approve_roles" },
    { "offices.csv", "530103,no,least", "530103,no,chance", ":2:allot" },
    { "duties.csv", ",CGJ,,governance", ",CGJ,,football", ":2:line" },
    { "shifts.csv", "09:00-12:00", "9-12", ":2:hours" },
    { "shifts.csv", ",working,", ",busy,", ":2:days" },
    { "shifts.csv", "night,", "day,", ":3:code" },
    { "kinds.csv", "street>department", "street>moon", ":2:directions" },
    { "limits.csv", "emergency,sign,minute", "emergency,sign,fortnight",
      ":2:unit" },
    { "limits.csv", "emergency,sign,minute,10", "emergency,sign,minute,0",
      ":2:limit" },
    { "limits.csv", "minute,10,rolling", "minute,10,next_day",
      ":2:counting" },
    { "limits.csv", "rolling,,80", "rolling,noon,80", ":2:day_end" },
    { "limits.csv", "rolling,,80", "rolling,,101", ":2:yellow_percent" },
    { "limits.csv", "urge:100 written:200", "urge:200 written:100",
      ":2:ladder" },
    { "limits.csv", "urge:100 written:200", "urge=100", ":2:ladder" },
    { "limits.csv", "emergency,contact", "emergency,sign", ":3:stage" },
    { "limits.csv", "match,confirm", "marriage,confirm", ":27:kind" },
    { "reasons.csv", "petition,", "litigation,", ":3:code" },
    { "weights.csv", "skill,20", "skill,many", ":2:value" },
    { "weights.csv", "match.weights.near", "match.weights.skill",
      ":3:name" },
    { "earn_rules.csv", ",10,120,", ",,120,", ":2:beans" },
    { "earn_rules.csv", "year_end,1", "year_end,", ":2:expires_n" },
    { "earn_rules.csv", "year_end,1", "at_once,1", ":2:expires" },
    { "calendar.csv", "420", "0", ":2:day_minutes" },
    { "calendar.csv", "monday", "someday", ":2:makeup_as" },
    { "calendar.csv", "\npanlong,420,monday\n",
      "\npanlong,420,monday\nnight,60,monday\n", ":3:name" },
    { "calendar_weeks.csv", "2026-12-31", "2027-12-31", ":2:to" },
    { "calendar_weeks.csv", "2026-12-31", "2018-12-31", ":2:to" },
    { "calendar_weeks.csv", "2026-12-31,", "2026-12-32,", ":2:to" },
    { "calendar_weeks.csv", "12:00 13:30", "12:00 11:30", ":2:monday" },
    { "calendar_weeks.csv", "09:00", "9:00", ":2:monday" },
    { "calendar_weeks.csv", "\n2019", "\n2020-01-01,2020-02-01,,,,,,,\n2019",
      ":3:from" },
    { "holidays.csv", "2019-02-02,", "2019-01-01,", ":3:date" },
    { "holidays.csv", "holiday", "feast", ":2:kind" },
    { "holidays.csv", "元旦,\n", "元旦,09:00-12:00\n", ":2:hours" },
    { "holidays.csv", "2019-02-02,workday,春节,\n",
      "2019-02-02,workday,春节,12:00-09:00\n", ":3:hours" },
};
/* clang-format on */

static void each_mistake_is_named_by_file_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct reference_set set;
        struct reference *r = NULL;
        struct err why = {0};
        char field[96];

        reference_read(&set);
        reference_change(&set, mistakes[i].file, mistakes[i].from,
                         mistakes[i].to);
        snprintf(field, sizeof(field), "%s%s", mistakes[i].file,
                 mistakes[i].field);
        if (reference_build(1, 0, set.files, REFERENCE_FILES, &r, &why))
            fail_msg("case %zu: %s is taken", i, field);
        if (why.kind != ERR_REJECT || strcmp(why.code, "bad_csv") != 0 ||
            strcmp(why.field, field) != 0)
            fail_msg("case %zu: %s, not %s: %s", i, why.field, field,
                     why.sentence);
        reference_release(&set);
    }
}

static void each_file_must_be_there(void **state)
{
    struct reference_set set;

    (void)state;
    reference_read(&set);
    for (size_t i = 0; i < REFERENCE_FILES; i++) {
        struct reference *r = NULL;
        struct err why = {0};
        char name[64];

        memcpy(name, set.files[i].name, sizeof(name));
        memcpy(set.files[i].name, "README.md", sizeof("README.md"));
        assert_false(
            reference_build(1, 0, set.files, REFERENCE_FILES, &r, &why));
        assert_string_equal(why.field, name);
        memcpy(set.files[i].name, name, sizeof(name));
    }
    reference_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4180_is_read_as_it_says),
        cmocka_unit_test(each_mistake_is_named_by_file_line_and_column),
        cmocka_unit_test(each_file_must_be_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
