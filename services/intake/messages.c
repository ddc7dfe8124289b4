/* messages.c - fields of the messages -> members of the structs. */
#include "services/intake/messages.h"

const char *const issue_route_names[] = {"answered", "whistled", "matching",
                                         "self_governed", NULL};
const char *const issue_outcome_names[] = {"closed",  "rejected",  "cancelled",
                                           "expired", "withdrawn", NULL};
/* "-" is never said: contacted has no half. */
const char *const issue_contacted_names[] = {"yes", "-", "no", NULL};
const char *const issue_solved_names[] = {"yes", "partly", "no", NULL};
const char *const issue_satisfied_names[] = {"yes", "basically", "no", NULL};

const struct field issue_raise_fields[] = {
    F_CODE(struct issue_raise, home),
    F_CODE(struct issue_raise, region),
    F_CODE(struct issue_raise, matter),
    F_CODE(struct issue_raise, class),
    F_TEXT(struct issue_raise, title),
    F_TEXT(struct issue_raise, text),
    F_TEXT(struct issue_raise, place),
    F_INT(struct issue_raise, lng),
    F_INT(struct issue_raise, lat),
    F_BOOL(struct issue_raise, confidential),
    F_TEXT(struct issue_raise, sealed),
    F_TEXT(struct issue_raise, name_masked),
    F_TEXT(struct issue_raise, phone_masked),
    {0},
};

const struct field issue_accept_fields[] = {
    F_UUID(struct issue_accept, issue),
    F_CODE(struct issue_accept, matter),
    F_CODE(struct issue_accept, class),
    F_CODE(struct issue_accept, region),
    {0},
};

const struct field issue_decline_fields[] = {
    F_UUID(struct issue_decline, issue),
    F_CODE(struct issue_decline, reason),
    F_TEXT(struct issue_decline, note),
    {0},
};

const struct field issue_ask_fields[] = {
    F_UUID(struct issue_ask, issue),
    F_TEXT(struct issue_ask, question),
    {0},
};

const struct field issue_supply_fields[] = {
    F_UUID(struct issue_supply, issue),
    F_TEXT(struct issue_supply, answer),
    {0},
};

const struct field issue_merge_fields[] = {
    F_UUID(struct issue_merge, issue),
    F_UUID(struct issue_merge, into),
    {0},
};

static const struct field text_items[] = {
    {.name = "", .kind = FIELD_TEXT},
    {0},
};

static const struct field whistle_fields[] = {
    F_CODE(struct issue_whistle, kind),
    F_TEXT(struct issue_whistle, facts),
    F_TEXT(struct issue_whistle, tried),
    F_TEXT(struct issue_whistle, lead),
    F_LIST(struct issue_whistle, assists, struct text, text_items),
    {0},
};

static const struct field need_fields[] = {
    F_TEXT(struct issue_need, title),
    F_LIST(struct issue_need, skills, struct text, text_items),
    F_LIST(struct issue_need, prefers, struct text, text_items),
    F_INSTANT(struct issue_need, from),
    F_INSTANT(struct issue_need, to),
    F_INT(struct issue_need, quantity),
    {0},
};

const struct field issue_route_fields[] = {
    F_UUID(struct issue_route, issue),
    F_ENUM(struct issue_route, route, issue_route_names),
    F_TEXT(struct issue_route, answer),
    F_OBJECT(struct issue_route, whistle, whistle_fields),
    F_OBJECT(struct issue_route, need, need_fields),
    {0},
};

const struct field issue_handle_fields[] = {
    F_UUID(struct issue_handle, issue),
    F_TEXT(struct issue_handle, answer),
    {0},
};

const struct field issue_callback_fields[] = {
    F_UUID(struct issue_callback, issue),
    F_ENUM(struct issue_callback, contacted, issue_contacted_names),
    F_ENUM(struct issue_callback, solved, issue_solved_names),
    F_ENUM(struct issue_callback, satisfied, issue_satisfied_names),
    F_TEXT(struct issue_callback, note),
    {0},
};

const struct field issue_reopen_fields[] = {
    F_UUID(struct issue_reopen, issue),
    F_TEXT(struct issue_reopen, why),
    {0},
};

const struct field issue_urge_fields[] = {
    F_UUID(struct issue_urge, issue),
    F_TEXT(struct issue_urge, note),
    {0},
};

const struct field issue_void_fields[] = {
    F_UUID(struct issue_void, issue),
    F_TEXT(struct issue_void, why),
    {0},
};

const struct field issue_noted_fields[] = {
    F_UUID(struct issue_noted, issue),
    F_TEXT(struct issue_noted, matter),
    F_TEXT(struct issue_noted, region),
    {0},
};

const struct field issue_route_failed_fields[] = {
    F_TEXT(struct issue_route_failed, subject),
    F_TEXT(struct issue_route_failed, command),
    F_TEXT(struct issue_route_failed, code),
    F_TEXT(struct issue_route_failed, sentence),
    {0},
};

const struct field issue_route_done_fields[] = {
    F_UUID(struct issue_route_done, issue),
    F_UUID(struct issue_route_done, route_id),
    F_ENUM(struct issue_route_done, outcome, issue_outcome_names),
    F_TEXT(struct issue_route_done, answer),
    {0},
};

const struct field issue_reference_changed_fields[] = {
    F_INT(struct issue_reference_changed, version),
    {0},
};
