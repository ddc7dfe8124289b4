/* schema_number.c - compares numbers of JSON as decimals, without rounding. */
#include "common/io/schema_number.h"

/* An exponent beyond this is as good as any other. */
#define EXPONENT_MAX INT64_C(1000000000000)

/*
 * 0.DIGITS * 10^exponent, where DIGITS begins and ends with a digit that is
 * not 0 (a point may stand inside); zero has no digits.
 */
struct decimal {
    bool negative;
    const char *digits, *end;
    int64_t count; /* digits, without the point */
    int64_t exponent;
};

struct number number_of(struct text lexeme)
{
    struct number a = {.lexeme = lexeme};

    a.small = text_int(lexeme, &a.n);
    return a;
}

static int64_t exponent_of(const char *p, const char *end)
{
    bool negative = *p == '-';
    int64_t n = 0;

    if (*p == '-' || *p == '+')
        p++;
    for (; p < end; p++)
        if (n < EXPONENT_MAX)
            n = n * 10 + (*p - '0');
    return negative ? -n : n;
}

static struct decimal decimal_of(struct text t)
{
    const char *end = t.bytes + t.size;
    const char *p = t.bytes + (*t.bytes == '-');
    struct decimal d = {.negative = *t.bytes == '-'};
    int64_t place = 0;            /* of the next digit, 0 = leftmost */
    int64_t point = -1, lead = 0; /* places of the point, the first digit */

    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            point = place;
            continue;
        }
        if (*p != '0') {
            if (!d.digits) {
                d.digits = p;
                lead = place;
            }
            d.end = p + 1;
            d.count = place - lead + 1;
        }
        place++;
    }
    if (!d.digits)
        return (struct decimal){0};
    d.exponent = (point < 0 ? place : point) - lead;
    if (p < end)
        d.exponent += exponent_of(p + 1, end);
    return d;
}

/* The next digit of d, 0 behind the last. */
static int next_digit(struct decimal *d)
{
    if (d->digits < d->end && *d->digits == '.')
        d->digits++;
    return d->digits < d->end ? *d->digits++ - '0' : 0;
}

static int compare_magnitudes(struct decimal a, struct decimal b)
{
    if (a.count == 0 || b.count == 0)
        return (a.count > 0) - (b.count > 0);
    if (a.exponent != b.exponent)
        return a.exponent < b.exponent ? -1 : 1;
    while (a.digits < a.end || b.digits < b.end) {
        int x = next_digit(&a);
        int y = next_digit(&b);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

int number_compare(const struct number *a, const struct number *b)
{
    struct decimal x, y;
    int order;

    if (a->small && b->small)
        return (a->n > b->n) - (a->n < b->n);
    x = decimal_of(a->lexeme);
    y = decimal_of(b->lexeme);
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    order = compare_magnitudes(x, y);
    return x.negative ? -order : order;
}

bool number_is_integer(const struct number *a)
{
    struct decimal d;

    if (a->small)
        return true;
    d = decimal_of(a->lexeme);
    return d.count == 0 || d.count <= d.exponent;
}

bool number_int(const struct number *a, int64_t *ret_n)
{
    struct decimal d;
    int64_t n = 0;

    if (a->small) {
        *ret_n = a->n;
        return true;
    }
    d = decimal_of(a->lexeme);
    if (d.count > d.exponent || d.exponent > 19)
        return false;
    for (int64_t i = 0; i < d.exponent; i++) {
        int digit = next_digit(&d);

        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, d.negative ? -digit : digit, &n))
            return false;
    }
    *ret_n = n;
    return true;
}
