/*
 * messages.h - the commands that dispatch takes, as plain structs.
 *
 * Filled by schema_fill() from the tables in messages.c; sizes follow
 * schemas/messages/common.json (4 bytes a code point and the zero).
 */
#ifndef BAODAO_DISPATCH_MESSAGES_H
#define BAODAO_DISPATCH_MESSAGES_H

#include "common/io/schema.h"

#define WIRE_REGION 61
#define WIRE_OFFICE 97
#define WIRE_MATTER 49
#define WIRE_CODE 129
#define WIRE_PERSON 257
#define WIRE_NAME 161

/* An item of a list of codes. */
struct wire_office {
    char code[WIRE_OFFICE];
};
struct wire_code {
    char code[WIRE_CODE];
};

struct draft_in {
    char kind[WIRE_CODE];
    char matter[WIRE_MATTER];
    char region[WIRE_REGION];
    char street[WIRE_OFFICE]; /* the issuing office */
    struct text facts, tried, place;
    int64_t lng, lat; /* 1e-6 degrees; INT_ABSENT */
    char lead[WIRE_OFFICE];
    struct list assists; /* struct wire_office */
    struct text contact, meet_place;
    int64_t meet_at;
    struct uuid issue; /* nil: not from an issue */
    char home[WIRE_REGION];
    struct text by; /* who stands behind a worker's draft: ce_actor's form */
    bool submit;
};

/* Every command below begins with its whistle: load.c counts on it. */
struct submit_in {
    struct uuid whistle;
    /* of a draft that came back: what is better now; empty: as it was */
    struct text facts, tried;
    char lead[WIRE_OFFICE];
    struct list assists; /* struct wire_office */
};
struct approve_in {
    struct uuid whistle;
    struct text note;
};
struct reject_in {
    struct uuid whistle;
    char reason[WIRE_CODE];
};
struct redraft_in {
    struct uuid whistle;
    struct text note;
};
struct cancel_in {
    struct uuid whistle;
    struct text why;
};
struct confer_in {
    struct uuid whistle;
    struct list offices; /* struct wire_office */
    struct text place;
    int64_t at;
};

enum outcome { OUTCOME_RESUME, OUTCOME_CLOSED, OUTCOME_CANCELLED };
extern const char *const whistle_outcome_names[];

struct conclude_in {
    struct uuid whistle;
    struct text minutes;
    struct list came; /* struct wire_office */
    int outcome;      /* enum outcome */
};
struct again_in {
    struct uuid whistle;
    struct uuid issue; /* nil: a person's press */
    struct text facts;
    char lead[WIRE_OFFICE]; /* empty, and no assists: as last time */
    struct list assists;    /* struct wire_office */
};
struct escalate_in {
    struct uuid whistle;
    struct text why;
};

enum lane_fact {
    FACT_SIGNED,
    FACT_UNSIGNED_HALF,
    FACT_REPORTED,
    FACT_ACCEPTED,
    FACT_REASSIGNED,
    FACT_CANCELLED,
    FACT_EXCUSED,
    FACT_CLAIMED,
};
extern const char *const whistle_lane_fact_names[];

struct lane_in {
    struct uuid whistle;
    int64_t round;
    char office[WIRE_OFFICE];
    int fact; /* enum lane_fact */
    char officer[WIRE_PERSON];
};
struct add_lane_in {
    struct uuid whistle;
    int64_t round; /* INT_ABSENT, no replaces, no start: a person's wish */
    char office[WIRE_OFFICE];
    char replaces[WIRE_OFFICE];
    int64_t start;
};

struct duty_in {
    char office[WIRE_OFFICE];
    char officer[WIRE_PERSON];
    char name[WIRE_NAME];
    bool on_duty;
    int64_t capacity;
    struct list skills; /* struct wire_code */
    char place[WIRE_REGION];
    int line; /* of work_line_names; -1 none */
    char shift[WIRE_CODE];
};
struct leave_in {
    char office[WIRE_OFFICE];
    char officer[WIRE_PERSON];
    int64_t from, to;
};

struct reference_in {
    int64_t version;
};

extern const struct field whistle_draft_fields[], whistle_submit_fields[],
    whistle_approve_fields[], whistle_reject_fields[], whistle_redraft_fields[],
    whistle_cancel_fields[], whistle_confer_fields[], whistle_conclude_fields[],
    whistle_again_fields[], whistle_lane_fields[], whistle_add_lane_fields[],
    whistle_escalate_fields[],
    office_duty_fields[], office_leave_fields[], dispatch_reference_fields[];

#endif
