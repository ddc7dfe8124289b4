/* schema_number_test.c - numbers of JSON by value, without rounding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/attr.h"
#include "common/io/schema_number.h"

/* Ascending; those of one row are the same. */
static const char *const ladder[][4] = {
    {"-1e1000000000000000000000"},
    {"-9.727837981879871e27"},
    {"-9.727837981879871e26", "-972783798187987100000000000"},
    {"-18446744073709551616"},
    {"-18446744073709551615"},
    {"-9223372036854775808", "-9223372036854775808.0"},
    {"-10", "-1e1", "-0.1e2", "-10.0"},
    {"-1.5"},
    {"-1e-400"},
    {"0", "-0", "0.00e5", "-0e-7"},
    {"1e-1000000000000000000000"},
    {"0.0012", "1.2e-3", "12E-4", "0.00120"},
    {"0.1"},
    {"0.1000000000000000000000000000001"},
    {"1", "1.0", "10e-1", "0.01e+2"},
    {"1.01"},
    {"9007199254740992"},
    {"9007199254740993", "9007199254740993.0"},
    {"9223372036854775807", "922337203685477580.7e1"},
    {"9223372036854775808"},
    {"1e400", "10e399"},
};

static void numbers_are_ordered_by_their_exact_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ladder) * 4; i++) {
        for (size_t j = 0; j < COUNT_OF(ladder) * 4; j++) {
            const char *x = ladder[i / 4][i % 4];
            const char *y = ladder[j / 4][j % 4];
            struct number a, b;
            int order, wanted = (i / 4 > j / 4) - (i / 4 < j / 4);

            if (!x || !y)
                continue;
            a = number_of(text_of(x));
            b = number_of(text_of(y));
            order = number_compare(&a, &b);
            if ((order > 0) - (order < 0) != wanted)
                fail_msg("%s and %s: %d", x, y, order);
        }
    }
}

/* clang-format off */
static const struct {
    const char *lexeme;
    bool integer, fits;
    int64_t n;
} integers[] = {
    { "0",                     true,  true,  0           },
    { "-0.0",                  true,  true,  0           },
    { "1.0",                   true,  true,  1           },
    { "1e2",                   true,  true,  100         },
    { "12.50e1",               true,  true,  125         },
    { "-120e-1",               true,  true,  -12         },
    { "1.5",                   false, false, 0           },
    { "1e-1",                  false, false, 0           },
    { "9223372036854775807.0", true,  true,  INT64_MAX   },
    { "-9223372036854775808",  true,  true,  INT64_MIN   },
    { "-92233720368547758080e-1", true, true, INT64_MIN  },
    { "9223372036854775808",   true,  false, 0           },
    { "1e19",                  true,  false, 0           },
    { "1e99999999999999999999999", true, false, 0        },
    { "1e-99999999999999999999999", false, false, 0      },
};
/* clang-format on */

static void a_number_without_a_fraction_is_an_integer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        struct number a = number_of(text_of(integers[i].lexeme));
        int64_t n = 0;

        if (number_is_integer(&a) != integers[i].integer ||
            number_int(&a, &n) != integers[i].fits || n != integers[i].n)
            fail_msg("%s: %lld", integers[i].lexeme, (long long)n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_ordered_by_their_exact_value),
        cmocka_unit_test(a_number_without_a_fraction_is_an_integer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
