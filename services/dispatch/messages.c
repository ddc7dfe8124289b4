/* messages.c - which member of a message fills which member of its struct. */
#include "services/dispatch/messages.h"

#include "common/city/reference.h"

const char *const whistle_outcome_names[] = {"resume", "closed", "cancelled",
                                             NULL};

const char *const whistle_lane_fact_names[] = {
    "signed",     "unsigned_half", "reported", "accepted",
    "reassigned", "cancelled",     "excused",  "claimed",  NULL,
};

static const struct field office_item[] = {
    {.name = "", .kind = FIELD_CODE, .size = WIRE_OFFICE},
    {0},
};

static const struct field code_item[] = {
    {.name = "", .kind = FIELD_CODE, .size = WIRE_CODE},
    {0},
};

const struct field whistle_draft_fields[] = {
    F_CODE(struct draft_in, kind),
    F_CODE(struct draft_in, matter),
    F_CODE(struct draft_in, region),
    F_CODE(struct draft_in, street),
    F_TEXT(struct draft_in, facts),
    F_TEXT(struct draft_in, tried),
    F_TEXT(struct draft_in, place),
    F_INT(struct draft_in, lng),
    F_INT(struct draft_in, lat),
    F_CODE(struct draft_in, lead),
    F_LIST(struct draft_in, assists, struct wire_office, office_item),
    F_TEXT(struct draft_in, contact),
    F_INSTANT(struct draft_in, meet_at),
    F_TEXT(struct draft_in, meet_place),
    F_UUID(struct draft_in, issue),
    F_CODE(struct draft_in, home),
    F_TEXT(struct draft_in, by),
    F_BOOL(struct draft_in, submit),
    {0},
};

const struct field whistle_submit_fields[] = {
    F_UUID(struct submit_in, whistle),
    F_TEXT(struct submit_in, facts),
    F_TEXT(struct submit_in, tried),
    F_CODE(struct submit_in, lead),
    F_LIST(struct submit_in, assists, struct wire_office, office_item),
    {0},
};

const struct field whistle_approve_fields[] = {
    F_UUID(struct approve_in, whistle),
    F_TEXT(struct approve_in, note),
    {0},
};

const struct field whistle_reject_fields[] = {
    F_UUID(struct reject_in, whistle),
    F_CODE(struct reject_in, reason),
    {0},
};

const struct field whistle_redraft_fields[] = {
    F_UUID(struct redraft_in, whistle),
    F_TEXT(struct redraft_in, note),
    {0},
};

const struct field whistle_cancel_fields[] = {
    F_UUID(struct cancel_in, whistle),
    F_TEXT(struct cancel_in, why),
    {0},
};

const struct field whistle_confer_fields[] = {
    F_UUID(struct confer_in, whistle),
    F_LIST(struct confer_in, offices, struct wire_office, office_item),
    F_TEXT(struct confer_in, place),
    F_INSTANT(struct confer_in, at),
    {0},
};

const struct field whistle_conclude_fields[] = {
    F_UUID(struct conclude_in, whistle),
    F_TEXT(struct conclude_in, minutes),
    F_LIST(struct conclude_in, came, struct wire_office, office_item),
    F_ENUM(struct conclude_in, outcome, whistle_outcome_names),
    {0},
};

const struct field whistle_again_fields[] = {
    F_UUID(struct again_in, whistle),
    F_UUID(struct again_in, issue),
    F_TEXT(struct again_in, facts),
    F_CODE(struct again_in, lead),
    F_LIST(struct again_in, assists, struct wire_office, office_item),
    {0},
};

const struct field whistle_escalate_fields[] = {
    F_UUID(struct escalate_in, whistle),
    F_TEXT(struct escalate_in, why),
    {0},
};

const struct field whistle_lane_fields[] = {
    F_UUID(struct lane_in, whistle),
    F_INT(struct lane_in, round),
    F_CODE(struct lane_in, office),
    F_ENUM(struct lane_in, fact, whistle_lane_fact_names),
    F_CODE(struct lane_in, officer),
    {0},
};

const struct field whistle_add_lane_fields[] = {
    F_UUID(struct add_lane_in, whistle),  F_INT(struct add_lane_in, round),
    F_CODE(struct add_lane_in, office),   F_CODE(struct add_lane_in, replaces),
    F_INSTANT(struct add_lane_in, start), {0},
};

const struct field office_duty_fields[] = {
    F_CODE(struct duty_in, office),
    F_CODE(struct duty_in, officer),
    F_CODE(struct duty_in, name),
    F_BOOL(struct duty_in, on_duty),
    F_INT(struct duty_in, capacity),
    F_LIST(struct duty_in, skills, struct wire_code, code_item),
    F_CODE(struct duty_in, place),
    F_ENUM(struct duty_in, line, work_line_names),
    F_CODE(struct duty_in, shift),
    {0},
};

const struct field office_leave_fields[] = {
    F_CODE(struct leave_in, office),
    F_CODE(struct leave_in, officer),
    F_INSTANT(struct leave_in, from),
    F_INSTANT(struct leave_in, to),
    {0},
};

const struct field dispatch_reference_fields[] = {
    F_INT(struct reference_in, version),
    {0},
};
