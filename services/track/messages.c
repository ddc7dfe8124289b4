/* messages.c - which member of a message fills which member of a struct. */
#include "services/track/messages.h"

/* The members of struct lane_name, which begins the struct. */
#define F_LANE                                                                 \
    F_UUID(struct lane_name, whistle), F_INT(struct lane_name, round),         \
        F_CODE(struct lane_name, office)

const char *const task_hand_whys[] = {
    "allotted", "unsigned_half", "gone",       "claim_lapsed",
    "claimed",  "handed_over",   "taken_back", NULL,
};

static const struct field call_fields[] = {
    F_CODE(struct task_call, office),
    F_ENUM(struct task_call, role, lane_roles),
    F_CODE(struct task_call, replaces),
    {0},
};

const struct field task_assign_fields[] = {
    F_UUID(struct task_assign, whistle),
    F_INT(struct task_assign, round),
    F_CODE(struct task_assign, number),
    F_CODE(struct task_assign, kind),
    F_CODE(struct task_assign, matter),
    F_CODE(struct task_assign, region),
    F_CODE(struct task_assign, street),
    F_INT(struct task_assign, reference_version),
    F_INSTANT(struct task_assign, start),
    F_UUID(struct task_assign, issue),
    F_LIST(struct task_assign, lanes, struct task_call, call_fields),
    {0},
};

const struct field task_hand_fields[] = {
    F_LANE,
    F_CODE(struct task_hand, officer),
    F_ENUM(struct task_hand, why, task_hand_whys),
    {0},
};

const struct field task_claim_fields[] = {
    F_LANE,
    F_TEXT(struct task_hold, note),
    {0},
};

const struct field task_hand_over_fields[] = {
    F_LANE,
    F_CODE(struct task_hold, to),
    F_TEXT(struct task_hold, note),
    {0},
};

const struct field task_cancel_fields[] = {
    F_UUID(struct task_cancel, whistle),
    F_INT(struct task_cancel, round),
    F_TEXT(struct task_cancel, why),
    {0},
};

const struct field task_reassign_failed_fields[] = {
    F_TEXT(struct task_reassign_failed, subject),
    F_TEXT(struct task_reassign_failed, code),
    F_TEXT(struct task_reassign_failed, sentence),
    {0},
};

const struct field task_reference_changed_fields[] = {
    F_INT(struct reference_changed, version),
    {0},
};

const struct field task_sign_fields[] = {
    F_LANE,
    F_TEXT(struct task_stage, note),
    {0},
};

const struct field task_arrive_fields[] = {
    F_LANE,
    F_INT(struct task_stage, lng),
    F_INT(struct task_stage, lat),
    F_TEXT(struct task_stage, note),
    {0},
};

const struct field task_start_fields[] = {
    F_LANE,
    {0},
};

const struct field task_complete_fields[] = {
    F_LANE,
    F_CODE(struct task_complete, stage),
    F_TEXT(struct task_complete, note),
    {0},
};

const struct field task_report_fields[] = {
    F_LANE,
    F_TEXT(struct task_report, internal),
    F_TEXT(struct task_report, answer),
    F_INSTANT(struct task_report, received_at),
    F_TEXT(struct task_report, contacted),
    F_TEXT(struct task_report, measure),
    F_TEXT(struct task_report, limit_note),
    F_RAW(struct task_report, attachments),
    {0},
};

const struct field task_return_fields[] = {
    F_LANE,
    F_CODE(struct task_return, reason),
    F_TEXT(struct task_return, evidence),
    {0},
};

const struct field task_rule_fields[] = {
    F_LANE,
    F_ENUM(struct task_rule, ruling, lane_rulings),
    F_CODE(struct task_rule, to),
    F_TEXT(struct task_rule, note),
    {0},
};

const struct field task_accept_fields[] = {
    F_LANE,
    F_INT(struct task_accept, score_report_in),
    F_INT(struct task_accept, score_handling),
    F_INT(struct task_accept, score_result),
    F_INT(struct task_accept, bonus),
    F_INT(struct task_accept, deduction),
    F_TEXT(struct task_accept, note),
    {0},
};

const struct field task_rework_fields[] = {
    F_LANE,
    F_TEXT(struct task_rework, why),
    {0},
};

const struct field task_excuse_fields[] = {
    F_LANE,
    F_CODE(struct task_excuse, reason),
    F_TEXT(struct task_excuse, note),
    {0},
};

const struct field task_suspend_fields[] = {
    F_LANE,
    F_CODE(struct task_suspend, reason),
    F_DATE(struct task_suspend, review),
    F_TEXT(struct task_suspend, note),
    {0},
};

const struct field task_extend_fields[] = {
    F_LANE,
    F_CODE(struct task_extend, reason),
    F_DATE(struct task_extend, to_date),
    F_INT(struct task_extend, add),
    F_TEXT(struct task_extend, note),
    {0},
};

const struct field task_note_fields[] = {
    F_LANE,
    F_TEXT(struct task_note, note),
    {0},
};
