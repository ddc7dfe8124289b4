/* messages.c - which member of a message goes where in its struct. */
#include "services/match/messages.h"

const char *const partner_kind_names[] = {
    "institution",
    "market",
    "social_org",
    NULL,
};
const char *const partner_brand_names[] = {
    "party",
    "property",
    "charity",
    NULL,
};

static const struct field word_items[] = {
    {.name = "", .kind = FIELD_TEXT},
    {0},
};
static const struct field region_items[] = {
    {.name = "", .kind = FIELD_CODE, .size = REGION_BYTES},
    {0},
};
static const struct field uuid_items[] = {
    {.name = "", .kind = FIELD_UUID},
    {0},
};
static const struct field window_fields[] = {
    F_INSTANT(struct window_said, from),
    F_INSTANT(struct window_said, to),
    {0},
};

const struct field partner_register_fields[] = {
    F_UUID(struct partner_register, partner),
    F_TEXT(struct partner_register, name),
    F_ENUM(struct partner_register, kind, partner_kind_names),
    F_ENUM(struct partner_register, brand, partner_brand_names),
    F_LIST(struct partner_register, skills, struct text, word_items),
    F_LIST(struct partner_register, serves, struct region_said, region_items),
    F_CODE(struct partner_register, home),
    F_LIST(struct partner_register, windows, struct window_said, window_fields),
    F_INT(struct partner_register, capacity),
    F_INT(struct partner_register, commitment),
    F_RAW(struct partner_register, enabled),
    {0},
};

const struct field need_publish_fields[] = {
    F_TEXT(struct need_publish, title),
    F_CODE(struct need_publish, region),
    F_LIST(struct need_publish, skills, struct text, word_items),
    F_LIST(struct need_publish, prefers, struct text, word_items),
    F_LIST(struct need_publish, conflicts, struct uuid, uuid_items),
    F_INSTANT(struct need_publish, from),
    F_INSTANT(struct need_publish, to),
    F_INT(struct need_publish, quantity),
    F_BOOL(struct need_publish, enforcement),
    F_UUID(struct need_publish, issue),
    F_CODE(struct need_publish, home),
    F_TEXT(struct need_publish, text),
    {0},
};

const struct field need_withdraw_fields[] = {
    F_UUID(struct need_withdraw, need),
    F_TEXT(struct need_withdraw, why),
    {0},
};

const struct field offer_publish_fields[] = {
    F_UUID(struct offer_publish, partner),
    F_TEXT(struct offer_publish, title),
    F_LIST(struct offer_publish, skills, struct text, word_items),
    F_INT(struct offer_publish, quantity),
    F_INSTANT(struct offer_publish, from),
    F_INSTANT(struct offer_publish, to),
    F_CODE(struct offer_publish, region),
    {0},
};

const struct field match_word_fields[] = {
    F_UUID(struct match_word, match),
    F_TEXT(struct match_word, note),
    {0},
};

const struct field match_decline_fields[] = {
    F_UUID(struct match_decline, match),
    F_CODE(struct match_decline, reason),
    F_TEXT(struct match_decline, note),
    {0},
};

const struct field match_deliver_fields[] = {
    F_UUID(struct match_deliver, match),
    F_INT(struct match_deliver, minutes),
    F_TEXT(struct match_deliver, note),
    {0},
};

const struct field match_rate_fields[] = {
    F_UUID(struct match_rate, match),
    F_INT(struct match_rate, stars),
    F_TEXT(struct match_rate, note),
    {0},
};

const struct field match_post_done_fields[] = {
    F_TEXT(struct match_post_done, subject),
    F_TEXT(struct match_post_done, code),
    F_TEXT(struct match_post_done, sentence),
    F_INT(struct match_post_done, beans),
    {0},
};

const struct field match_reference_fields[] = {
    F_INT(struct reference_changed, version),
    {0},
};
