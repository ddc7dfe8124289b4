/*
 * messages.h - what intake is told, decoded: one struct a type.
 *
 * Every command about an issue that exists begins with its id: load.c relies
 * on it. Texts point into the message or the batch's arena.
 */
#ifndef BAODAO_INTAKE_MESSAGES_H
#define BAODAO_INTAKE_MESSAGES_H

#include "common/io/schema.h"

/* Bytes of schemas/messages/common.json: 4 * maxLength + 1. */
#define REGION_BYTES 61
#define OFFICE_BYTES 97
#define MATTER_BYTES 49
#define CODE_BYTES 129

enum issue_route_name {
    ROUTE_ANSWERED,
    ROUTE_WHISTLED,
    ROUTE_MATCHING,
    ROUTE_SELF_GOVERNED,
};
extern const char *const issue_route_names[];

enum issue_outcome {
    OUTCOME_CLOSED,
    OUTCOME_REJECTED,
    OUTCOME_CANCELLED,
    OUTCOME_EXPIRED,
    OUTCOME_WITHDRAWN,
};
extern const char *const issue_outcome_names[];

/* Answers of a callback; -1 is no answer. */
enum issue_answer { ANSWER_YES, ANSWER_HALF, ANSWER_NO };
extern const char *const issue_contacted_names[]; /* yes - no */
extern const char *const issue_solved_names[];    /* yes partly no */
extern const char *const issue_satisfied_names[]; /* yes basically no */

struct issue_raise {
    char home[REGION_BYTES], region[REGION_BYTES];
    char matter[MATTER_BYTES], class[CODE_BYTES];
    struct text title, text, place;
    int64_t lng, lat;
    bool confidential;
    struct text sealed, name_masked, phone_masked;
};

struct issue_accept {
    struct uuid issue;
    char matter[MATTER_BYTES], class[CODE_BYTES], region[REGION_BYTES];
};

struct issue_decline {
    struct uuid issue;
    char reason[CODE_BYTES];
    struct text note;
};

struct issue_ask {
    struct uuid issue;
    struct text question;
};

struct issue_supply {
    struct uuid issue;
    struct text answer;
};

struct issue_merge {
    struct uuid issue, into;
};

struct issue_whistle {
    char kind[CODE_BYTES];
    struct text facts, tried, lead;
    struct list assists; /* struct text */
};

struct issue_need {
    struct text title;
    struct list skills, prefers; /* struct text */
    int64_t from, to, quantity;
};

struct issue_route {
    struct uuid issue;
    int route; /* enum issue_route_name */
    struct text answer;
    struct issue_whistle whistle; /* kind "": absent */
    struct issue_need need;       /* title empty: absent */
};

struct issue_handle {
    struct uuid issue;
    struct text answer;
};

struct issue_callback {
    struct uuid issue;
    int contacted, solved, satisfied; /* enum issue_answer */
    struct text note;
};

struct issue_reopen {
    struct uuid issue;
    struct text why;
};

struct issue_urge {
    struct uuid issue;
    struct text note;
};

struct issue_void {
    struct uuid issue;
    struct text why;
};

struct issue_noted {
    struct uuid issue;
    struct text matter, region;
};

struct issue_route_failed {
    struct text subject, command, code, sentence;
};

struct issue_route_done {
    struct uuid issue, route_id;
    int outcome; /* enum issue_outcome */
    struct text answer;
};

struct issue_reference_changed {
    int64_t version;
};

extern const struct field issue_raise_fields[], issue_accept_fields[],
    issue_decline_fields[], issue_ask_fields[], issue_supply_fields[],
    issue_merge_fields[], issue_route_fields[], issue_handle_fields[],
    issue_callback_fields[], issue_reopen_fields[], issue_urge_fields[],
    issue_void_fields[], issue_noted_fields[], issue_route_failed_fields[],
    issue_route_done_fields[], issue_reference_changed_fields[];

#endif
