/* messages.h - the commands of track as plain structs, and their tables. */
#ifndef BAODAO_TRACK_MESSAGES_H
#define BAODAO_TRACK_MESSAGES_H

#include "common/io/schema.h"
#include "services/track/lane.h"

struct task_assign {
    struct uuid whistle;
    int64_t round;
    char number[LANE_CODE_SIZE];
    char kind[LANE_CODE_SIZE];
    char matter[LANE_MATTER_SIZE];
    char region[LANE_REGION_SIZE];
    char street[LANE_OFFICE_SIZE];
    int64_t reference_version;
    int64_t start;     /* when the whistle was issued or the return ruled */
    struct uuid issue; /* nil: none */
    struct list lanes; /* of struct task_call */
};
struct task_call {
    char office[LANE_OFFICE_SIZE];
    int role; /* enum lane_role */
    char replaces[LANE_OFFICE_SIZE];
};
extern const struct field task_assign_fields[];

struct task_hand {
    struct lane_name lane;
    char officer[LANE_PERSON_SIZE];
    int why;
};
enum task_hand_why {
    HAND_ALLOTTED,
    HAND_UNSIGNED_HALF,
    HAND_GONE,
    HAND_CLAIM_LAPSED,
    HAND_CLAIMED, /* these three are people's own */
    HAND_OVER,
    HAND_BACK,
};
extern const char *const task_hand_whys[];
extern const struct field task_hand_fields[];

/* task.claim, hand_over and take_back. */
struct task_hold {
    struct lane_name lane;
    char to[LANE_PERSON_SIZE]; /* hand_over */
    struct text note;
};
extern const struct field task_claim_fields[], task_hand_over_fields[];

struct task_cancel {
    struct uuid whistle;
    int64_t round;
    struct text why;
};
extern const struct field task_cancel_fields[];

/* The standard reply to whistle.add_lane. */
struct task_reassign_failed {
    struct text subject;
    struct text code, sentence;
};
extern const struct field task_reassign_failed_fields[];

struct reference_changed {
    int64_t version;
};
extern const struct field task_reference_changed_fields[];

/* task.sign, contact, arrive and start. */
struct task_stage {
    struct lane_name lane;
    int64_t lng, lat; /* arrive; INT_ABSENT: not said */
    struct text note;
};
extern const struct field task_sign_fields[]; /* contact too */
extern const struct field task_arrive_fields[];
extern const struct field task_start_fields[];

struct task_complete {
    struct lane_name lane;
    char stage[LANE_CODE_SIZE]; /* the one that is done */
    struct text note;
};
extern const struct field task_complete_fields[];

struct task_report {
    struct lane_name lane;
    struct text internal, answer;
    int64_t received_at;
    struct text contacted, measure, limit_note;
    struct text attachments; /* JSON, empty: none */
};
extern const struct field task_report_fields[];

struct task_return {
    struct lane_name lane;
    char reason[LANE_CODE_SIZE];
    struct text evidence;
};
extern const struct field task_return_fields[];

struct task_rule {
    struct lane_name lane;
    int ruling; /* enum lane_ruling */
    char to[LANE_OFFICE_SIZE];
    struct text note;
};
extern const struct field task_rule_fields[];

struct task_accept {
    struct lane_name lane;
    int64_t score_report_in, score_handling, score_result;
    int64_t bonus, deduction; /* INT_ABSENT: none */
    struct text note;
};
extern const struct field task_accept_fields[];

struct task_rework {
    struct lane_name lane;
    struct text why;
};
extern const struct field task_rework_fields[];

struct task_excuse {
    struct lane_name lane;
    char reason[LANE_CODE_SIZE];
    struct text note;
};
extern const struct field task_excuse_fields[];

struct task_suspend {
    struct lane_name lane;
    char reason[LANE_CODE_SIZE];
    int32_t review; /* the date on which it comes back */
    struct text note;
};
extern const struct field task_suspend_fields[];

struct task_extend {
    struct lane_name lane;
    char reason[LANE_CODE_SIZE];
    int32_t to_date; /* of limits that count dates; INT32_MIN: none */
    int64_t add;     /* of the others, units; INT_ABSENT: none */
    struct text note;
};
extern const struct field task_extend_fields[];

/* task.resume, grant and deny. */
struct task_note {
    struct lane_name lane;
    struct text note;
};
extern const struct field task_note_fields[];

#endif
