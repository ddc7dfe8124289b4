/* messages.c - which member of a message goes where in its struct. */
#include "services/ledger/messages.h"

const struct field ledger_post_fields[] = {
    F_UUID(struct ledger_post, match),    F_TEXT(struct ledger_post, member),
    F_CODE(struct ledger_post, rule),     F_TEXT(struct ledger_post, activity),
    F_INT(struct ledger_post, minutes),   F_INSTANT(struct ledger_post, served),
    F_TEXT(struct ledger_post, reviewer), {0},
};

const struct field ledger_reverse_fields[] = {
    F_UUID(struct ledger_reverse, entry),
    F_TEXT(struct ledger_reverse, why),
    {0},
};

const struct field ledger_reference_fields[] = {
    F_INT(struct ledger_reference, version),
    {0},
};
