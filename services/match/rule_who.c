/* rule_who.c - whose word counts: the publisher's side, the partner itself. */
#include "common/city/actor.h"
#include "services/match/match.h"

static bool has_role(const struct decision *d, unsigned roles)
{
    int role = role_of(d->message->actor.role);

    return role >= 0 && roles & 1U << role;
}

bool need_on_side(const struct decision *d, struct text need_office,
                  const char *region, struct err *err)
{
    static const unsigned everywhere = 1U << ROLE_WORKER | 1U << ROLE_OPERATOR |
                                       1U << ROLE_DISTRICT_DISPATCH |
                                       1U << ROLE_DISTRICT_LEAD;
    struct text office = d->message->actor.office;
    char code[REGION_SIZE];

    if (has_role(d, everywhere))
        return true;
    if (office.size > 0 && text_equal(office, need_office))
        return true;
    if (text_copy(office, code, sizeof(code)) &&
        region_level_of(code) != REGION_NONE && region_holds(code, region))
        return true;
    return err_reject(err, "not_yours", "actor",
                      "不在本单位辖区 / only the publisher's side may: %.*s, "
                      "or who answers for %s",
                      TEXT_PRINT(need_office), region);
}

bool partner_is_self(const struct decision *d, const struct uuid *partner,
                     struct err *err)
{
    struct uuid self;

    if (!has_role(d, 1U << ROLE_PARTNER))
        return true;
    if (uuid_parse(d->message->actor.office, &self) &&
        uuid_equal(&self, partner))
        return true;
    return err_reject(err, "not_yours", "actor",
                      "不是本合伙人的匹配 / this is another partner's");
}
