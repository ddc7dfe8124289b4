/*
 * messages.h - what match is told, decoded: one struct a type.
 *
 * Texts point into the message or the batch's arena. Lists of codes hold
 * struct text.
 */
#ifndef BAODAO_MATCH_MESSAGES_H
#define BAODAO_MATCH_MESSAGES_H

#include "common/io/schema.h"

/* Bytes of schemas/messages/common.json: 4 * maxLength + 1. */
#define REGION_BYTES 61
#define REASON_BYTES 129

enum partner_kind { PARTNER_INSTITUTION, PARTNER_MARKET, PARTNER_SOCIAL_ORG };
enum partner_brand { BRAND_PARTY, BRAND_PROPERTY, BRAND_CHARITY };
extern const char *const partner_kind_names[];
extern const char *const partner_brand_names[];

struct window_said {
    int64_t from, to;
};

struct region_said {
    char code[REGION_BYTES];
};

struct partner_register {
    struct uuid partner;
    struct text name;
    int kind, brand;
    struct list skills; /* struct text */
    struct list serves; /* struct region_said */
    char home[REGION_BYTES];
    struct list windows; /* struct window_said */
    int64_t capacity, commitment;
    struct text enabled; /* "false", else enabled */
};

struct need_publish {
    struct text title;
    char region[REGION_BYTES];
    struct list skills, prefers; /* struct text */
    struct list conflicts;       /* struct uuid: partners */
    int64_t from, to, quantity;
    bool enforcement;
    struct uuid issue; /* nil: none */
    char home[REGION_BYTES];
    struct text text;
};

struct need_withdraw {
    struct uuid need;
    struct text why;
};

struct offer_publish {
    struct uuid partner;
    struct text title;
    struct list skills;
    int64_t quantity, from, to;
    char region[REGION_BYTES];
};

/* match.accept and match.serve */
struct match_word {
    struct uuid match;
    struct text note;
};

struct match_decline {
    struct uuid match;
    char reason[REASON_BYTES];
    struct text note;
};

struct match_deliver {
    struct uuid match;
    int64_t minutes;
    struct text note;
};

struct match_rate {
    struct uuid match;
    int64_t stars;
    struct text note;
};

/* The ledger's answer; code is empty when it has posted. */
struct match_post_done {
    struct text subject; /* the match */
    struct text code, sentence;
    int64_t beans;
};

struct reference_changed {
    int64_t version;
};

extern const struct field partner_register_fields[];
extern const struct field need_publish_fields[];
extern const struct field need_withdraw_fields[];
extern const struct field offer_publish_fields[];
extern const struct field match_word_fields[];
extern const struct field match_decline_fields[];
extern const struct field match_deliver_fields[];
extern const struct field match_rate_fields[];
extern const struct field match_post_done_fields[];
extern const struct field match_reference_fields[];

#endif
