/* instant.c - instants and civil dates: print, parse, count; pure. */
#include "common/base/instant.h"

#include <string.h>

#define SHANGHAI_US (8 * HOUR_US)
#define LAST_YEAR 9999
#define DAYS_PER_ERA 146097 /* 400 years */

/* Days from 1970-01-01 to any instant, and the microseconds into that day;
 * the offset is added last, since an instant may stand at the range's end. */
static int32_t split(int64_t at_us, int64_t offset_us, int64_t *into_day_us)
{
    int64_t day = at_us / DAY_US;
    int64_t rest = at_us % DAY_US + offset_us;

    while (rest < 0) {
        rest += DAY_US;
        day--;
    }
    if (rest >= DAY_US) {
        rest -= DAY_US;
        day++;
    }
    *into_day_us = rest;
    return (int32_t)day;
}

int32_t date_of(int64_t at_us)
{
    int64_t into_day_us;

    return split(at_us, SHANGHAI_US, &into_day_us);
}

int64_t date_start_us(int32_t day)
{
    return day * DAY_US - SHANGHAI_US;
}

int date_weekday(int32_t day)
{
    int64_t since_monday = ((int64_t)day + 3) % 7; /* 1970: a Thursday */

    return (int)(since_monday < 0 ? since_monday + 7 : since_monday);
}

/*
 * The Gregorian calendar repeats every 400 years, and a year counted from
 * March has its leap day last; so both ways are a few divisions, no tables.
 */
int32_t date_from_civil(int year, int month, int day)
{
    int64_t y = month > 2 ? year : (int64_t)year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (int32_t)(era * DAYS_PER_ERA + day_of_era - 719468);
}

void date_civil(int32_t day, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = (int64_t)day + 719468; /* from 0000-03-01 */
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = z - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / (DAYS_PER_ERA - 1)) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    *ret_day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *ret_month = (int)(month_from_march < 10 ? month_from_march + 3
                                             : month_from_march - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

/* Appends n with at least `width` digits. */
static char *put_number(char *p, int width, int64_t n)
{
    char digits[20];
    int count = 0;

    if (n < 0) {
        *p++ = '-';
        n = -n;
    }
    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0 || count < width);
    while (count > 0)
        *p++ = digits[--count];
    return p;
}

/* The same for 0 to 99, which most are. */
static char *put_two(char *p, int n)
{
    p[0] = (char)('0' + n / 10);
    p[1] = (char)('0' + n % 10);
    return p + 2;
}

static char *put_date(char *p, int32_t day)
{
    int year, month, day_of_month;

    date_civil(day, &year, &month, &day_of_month);
    if (year >= 0 && year <= LAST_YEAR)
        p = put_two(put_two(p, year / 100), year % 100);
    else
        p = put_number(p, 4, year);
    *p++ = '-';
    p = put_two(p, month);
    *p++ = '-';
    return put_two(p, day_of_month);
}

void date_print(int32_t day, char into[DATE_TEXT_SIZE])
{
    *put_date(into, day) = '\0';
}

static void print(int64_t at_us, int64_t offset_us, const char *zone,
                  char *into)
{
    int64_t us;
    char *p = put_date(into, split(at_us, offset_us, &us));
    int second = (int)(us / SECOND_US);
    int rest = (int)(us % SECOND_US);

    *p++ = 'T';
    p = put_two(p, second / 3600);
    *p++ = ':';
    p = put_two(p, second / 60 % 60);
    *p++ = ':';
    p = put_two(p, second % 60);
    if (rest != 0) {
        *p++ = '.';
        p = put_two(put_two(put_two(p, rest / 10000), rest / 100 % 100),
                    rest % 100);
        while (p[-1] == '0')
            p--;
    }
    memcpy(p, zone, strlen(zone) + 1);
}

void instant_print(int64_t at_us, char into[INSTANT_TEXT_SIZE])
{
    print(at_us, 0, "Z", into);
}

void instant_print_shanghai(int64_t at_us, char into[INSTANT_TEXT_SIZE])
{
    print(at_us, SHANGHAI_US, "+08:00", into);
}

/* Takes exactly `width` digits from the front of t. */
static bool take_number(struct text *t, size_t width, int *ret_n)
{
    int n = 0;

    if (t->size < width)
        return false;
    for (size_t i = 0; i < width; i++) {
        if (t->bytes[i] < '0' || t->bytes[i] > '9')
            return false;
        n = n * 10 + (t->bytes[i] - '0');
    }
    *t = (struct text){t->bytes + width, t->size - width};
    *ret_n = n;
    return true;
}

/* Takes one byte that is c, where upper and lower case are the same. */
static bool take_byte(struct text *t, char c)
{
    char found;

    if (t->size == 0)
        return false;
    found = t->bytes[0];
    if (c >= 'A' && c <= 'Z' && found >= 'a' && found <= 'z')
        found = (char)(found - 'a' + 'A');
    if (found != c)
        return false;
    *t = (struct text){t->bytes + 1, t->size - 1};
    return true;
}

static int days_in_month(int year, int month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month == 2)
        return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool take_date(struct text *t, int32_t *ret_day)
{
    int year, month, day;

    if (!take_number(t, 4, &year) || !take_byte(t, '-') ||
        !take_number(t, 2, &month) || !take_byte(t, '-') ||
        !take_number(t, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return false;
    *ret_day = date_from_civil(year, month, day);
    return true;
}

bool date_parse(struct text t, int32_t *ret_day)
{
    int32_t day;

    if (!take_date(&t, &day) || t.size != 0)
        return false;
    *ret_day = day;
    return true;
}

static bool take_fraction(struct text *t, int64_t *us)
{
    int64_t unit = SECOND_US / 10;
    int digits = 0;
    int digit;

    while (take_number(t, 1, &digit)) {
        *us += digit * unit;
        unit /= 10;
        digits++;
    }
    return digits >= 1 && digits <= 9;
}

static bool take_time(struct text *t, int64_t *us)
{
    int hour, minute;
    int second = 0;

    if (!take_number(t, 2, &hour) || !take_byte(t, ':') ||
        !take_number(t, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *us += hour * HOUR_US + minute * MINUTE_US;
    if (!take_byte(t, ':'))
        return true;
    if (!take_number(t, 2, &second) || second > 59)
        return false;
    *us += second * SECOND_US;
    return !take_byte(t, '.') || take_fraction(t, us);
}

static bool take_zone(struct text *t, int64_t *us)
{
    int hour, minute;
    int64_t sign;

    if (take_byte(t, 'Z'))
        return true;
    if (take_byte(t, '+'))
        sign = 1;
    else if (take_byte(t, '-'))
        sign = -1;
    else
        return false;
    if (!take_number(t, 2, &hour) || !take_byte(t, ':') ||
        !take_number(t, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *us -= sign * (hour * HOUR_US + minute * MINUTE_US);
    return true;
}

/*
 * The years hold for the instant in UTC, so that what was read can be printed
 * and read again whatever its offset was.
 */
bool instant_parse(struct text t, int64_t *ret_us)
{
    const int64_t end_us = date_from_civil(LAST_YEAR + 1, 1, 1) * DAY_US;
    int32_t day;
    int64_t us;

    if (!take_date(&t, &day) || !take_byte(&t, 'T'))
        return false;
    us = day * DAY_US;
    if (!take_time(&t, &us) || !take_zone(&t, &us) || t.size != 0)
        return false;
    if (us < 0 || us >= end_us)
        return false;
    *ret_us = us;
    return true;
}
