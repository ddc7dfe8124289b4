/* messages.h - what the ledger is told, decoded: one struct a type. */
#ifndef BAODAO_LEDGER_MESSAGES_H
#define BAODAO_LEDGER_MESSAGES_H

#include "common/io/schema.h"

struct ledger_post {
    struct uuid match;
    struct text member;
    char rule[129];
    struct text activity;
    int64_t minutes;
    int64_t served; /* the end of the service */
    struct text reviewer;
};

struct ledger_reverse {
    struct uuid entry;
    struct text why;
};

struct ledger_reference {
    int64_t version;
};

extern const struct field ledger_post_fields[];
extern const struct field ledger_reverse_fields[];
extern const struct field ledger_reference_fields[];

#endif
