/* rule_earn.c - rules.md §4: minutes into beans, caps, expiry. */
#include "common/base/instant.h"
#include "services/ledger/earn.h"

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t beans_of(const struct earn_rule *rule, int64_t minutes)
{
    return rule->beans_per_hour > 0 ? minutes * rule->beans_per_hour / 60
                                    : rule->beans;
}

static int32_t last_of_month(int year, int month)
{
    return month == 12 ? date_from_civil(year + 1, 1, 1) - 1
                       : date_from_civil(year, month + 1, 1) - 1;
}

/* The same day n months on, or that month's last day. */
static int32_t months_on(int32_t date, int64_t n)
{
    int year, month, day, count;
    int32_t last;

    date_civil(date, &year, &month, &day);
    count = month - 1 + (int)n;
    year += count / 12;
    month = count % 12 + 1;
    last = last_of_month(year, month);
    return lesser(date_from_civil(year, month, 1) + day - 1, last);
}

int64_t ledger_expiry(const struct earn_rule *rule, int64_t served_us)
{
    int32_t date = date_of(served_us);
    int year, month, day;

    switch (rule->expiry) {
    case EXPIRES_YEAR_END:
        date_civil(date, &year, &month, &day);
        return date_start_us(
            date_from_civil(year + (int)rule->expires_n + 1, 1, 1));
    case EXPIRES_MONTHS:
        return date_start_us(months_on(date, rule->expires_n) + 1);
    default:
        return INSTANT_NONE;
    }
}

static bool check(const struct earn_rule *rule, const struct earn_claim *claim,
                  const struct earn_tally *tally, struct err *err)
{
    if (!rule)
        return err_reject(err, "no_rule", "rule",
                          "没有这条记豆规则 / there is no such earn rule");
    if (claim->served_us > claim->at_us)
        return err_reject(err, "not_yet_served", "served",
                          "服务尚未结束 / the service ends in the future");
    if (text_equal(claim->reviewer, claim->member))
        return err_reject(err, "reviewer_is_beneficiary", "reviewer",
                          "评价人不得是受益人 / the reviewer is the member");
    if (tally->duplicate)
        return err_reject(
            err, "duplicate", "activity",
            "同日同活动已记豆 / posted already for this activity and date");
    if (claim->minutes < 1)
        return err_reject(err, "bad_minutes", "minutes",
                          "服务时长须大于零 / minutes must be over 0");
    if (beans_of(rule, claim->minutes) < 1)
        return err_reject(err, "too_short", "minutes",
                          "时长不足一豆 / too short to make a bean");
    return true;
}

/* Cuts what to what is left of a cap; 0 is no cap. */
static void cut(int64_t *what, int64_t cap, int64_t used, enum earn_cut bit,
                unsigned *cuts)
{
    int64_t left = cap > used ? cap - used : 0;

    if (cap == 0 || *what <= left)
        return;
    *what = left;
    *cuts |= bit;
}

static void count(const struct earn_rule *rule, const struct earn_caps *caps,
                  const struct earn_claim *claim,
                  const struct earn_tally *tally, struct earning *got)
{
    int64_t times = 1;

    got->minutes = claim->minutes;
    if (rule->beans_per_hour > 0)
        cut(&got->minutes, rule->max_minutes, tally->minutes, EARN_CUT_ACTIVITY,
            &got->cut);
    else
        cut(&times, rule->max_times, tally->times, EARN_CUT_ACTIVITY,
            &got->cut);
    got->beans = times * beans_of(rule, got->minutes);
    cut(&got->beans, caps->day, tally->day_beans, EARN_CUT_DAY, &got->cut);
    cut(&got->beans, caps->month, tally->month_beans, EARN_CUT_MONTH,
        &got->cut);
}

bool ledger_earn(const struct earn_rule *rule, const struct earn_caps *caps,
                 const struct earn_claim *claim, const struct earn_tally *tally,
                 struct earning *ret, struct err *err)
{
    struct earning got = {0};

    if (!check(rule, claim, tally, err))
        return false;
    count(rule, caps, claim, tally, &got);
    if (got.beans < 1)
        return err_reject(err, "cap", "minutes",
                          "已达上限 / nothing is left under the caps");
    got.expires_us = ledger_expiry(rule, claim->served_us);
    if (got.expires_us != INSTANT_NONE && got.expires_us <= claim->at_us)
        return err_reject(
            err, "already_expired", "served",
            "按服务日期计已过期 / beans of that date have expired");
    *ret = got;
    return true;
}
