/*
 * save.c - what the batch changed: one statement a table.
 *
 * A new lane is inserted as it was born; one that went on within the same
 * batch is updated too (rare but in a replay). Asserts that each row still had
 * the version that was loaded.
 */
#include <string.h>

#include "common/work/batch.h"
#include "services/track/sheet.h"
#include "services/track/story.h"

/* clang-format off */
static const struct pg_stmt lane_insert[] = {
    { "lane_insert",
    "INSERT INTO track.lane (whistle, round, office, partition, number, kind,"
    " matter, region, street, issue, role, reference_version, start, holder,"
    " calendar_version, sign_start, sign_yellow, sign_due, contact_start,"
    " contact_yellow, contact_due, arrive_start, arrive_yellow, arrive_due,"
    " resolve_start, resolve_yellow, resolve_due, gap, forced, next_due,"
    " stage, stage_start, stage_yellow, stage_due,"
    " version, state, marks, late, returns, reworks, open, look)"
    " SELECT unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]),"
    " unnest($4::int[]), unnest($5::text[]), unnest($6::text[]),"
    " unnest($7::text[]), unnest($8::text[]), unnest($9::text[]),"
    " unnest($10::uuid[]), unnest($11::text[]), unnest($12::bigint[]),"
    " unnest($13::timestamptz[]), unnest($14::text[]), unnest($15::bigint[]),"
    " unnest($16::timestamptz[]), unnest($17::timestamptz[]),"
    " unnest($18::timestamptz[]), unnest($19::timestamptz[]),"
    " unnest($20::timestamptz[]), unnest($21::timestamptz[]),"
    " unnest($22::timestamptz[]), unnest($23::timestamptz[]),"
    " unnest($24::timestamptz[]), unnest($25::timestamptz[]),"
    " unnest($26::timestamptz[]), unnest($27::timestamptz[]),"
    " unnest($28::date[]), unnest($29::bool[]), unnest($30::timestamptz[]),"
    " unnest($31::text[]), unnest($32::timestamptz[]),"
    " unnest($33::timestamptz[]), unnest($34::timestamptz[]), 1, 'assigned',"
    " 0, false, 0, 0, true, 0" },
    { 0 },
};

static const struct pg_stmt lane_update[] = {
    { "lane_update",
    "UPDATE track.lane l SET version = u.version, state = u.state,"
    " hold = u.hold, holder = u.holder, calendar_version = u.calendar_version,"
    " sign_yellow = u.c0y, sign_due = u.c0d, sign_stop = u.c0s,"
    " contact_yellow = u.c1y, contact_due = u.c1d, contact_stop = u.c1s,"
    " arrive_yellow = u.c2y, arrive_due = u.c2d, arrive_stop = u.c2s,"
    " resolve_yellow = u.c3y, resolve_due = u.c3d, resolve_stop = u.c3s,"
    " rework_start = u.c4t, rework_yellow = u.c4y, rework_due = u.c4d,"
    " rework_stop = u.c4s, accept_start = u.c5t, accept_yellow = u.c5y,"
    " accept_due = u.c5d, accept_stop = u.c5s, rule_start = u.c6t,"
    " rule_yellow = u.c6y, rule_due = u.c6d, rule_stop = u.c6s,"
    " stage_start = u.c7t, stage_yellow = u.c7y, stage_due = u.c7d,"
    " stage_stop = u.c7s, stage = u.stage, stage_late = u.stage_late,"
    " marks = u.marks, gap = u.gap, late = u.late, forced = u.forced,"
    " returns = u.returns, reworks = u.reworks,"
    " return_reason = u.return_reason, evidence = u.evidence,"
    " ruling = u.ruling, ruling_to = u.ruling_to, excuse = u.excuse,"
    " ended = u.ended, open = u.ended IS NULL, next_due = u.next_due,"
    " look = u.look, story = u.story, review = u.review FROM unnest("
    "$1::uuid[], $2::int[], $3::text[], $4::bigint[], $5::bigint[],"
    " $6::text[], $7::text[], $8::text[], $9::bigint[],"
    " $10::timestamptz[], $11::timestamptz[], $12::timestamptz[],"
    " $13::timestamptz[], $14::timestamptz[], $15::timestamptz[],"
    " $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],"
    " $19::timestamptz[], $20::timestamptz[], $21::timestamptz[],"
    " $22::timestamptz[], $23::timestamptz[], $24::timestamptz[],"
    " $25::timestamptz[], $26::timestamptz[], $27::timestamptz[],"
    " $28::timestamptz[], $29::timestamptz[], $30::timestamptz[],"
    " $31::timestamptz[], $32::timestamptz[], $33::timestamptz[],"
    " $34::timestamptz[], $35::timestamptz[], $36::timestamptz[],"
    " $37::timestamptz[], $38::bigint[], $39::date[], $40::bool[],"
    " $41::bool[], $42::int[], $43::int[], $44::text[], $45::text[],"
    " $46::text[], $47::text[], $48::text[], $49::timestamptz[],"
    " $50::timestamptz[], $51::int[], $52::text[], $53::timestamptz[],"
    " $54::text[], $55::bool[])"
    " AS u(whistle, round, office, was, version, state, hold, holder,"
    " calendar_version, c0y, c0d, c0s, c1y, c1d, c1s, c2y, c2d, c2s,"
    " c3y, c3d, c3s, c4t, c4y, c4d, c4s, c5t, c5y, c5d, c5s,"
    " c6t, c6y, c6d, c6s, c7t, c7y, c7d, c7s, marks, gap, late, forced, returns, reworks,"
    " return_reason, evidence, ruling, ruling_to, excuse, ended, next_due,"
    " look, story, review, stage, stage_late)"
    " WHERE l.whistle = u.whistle AND l.round = u.round"
    " AND l.office = u.office AND l.version = u.was" },
    { 0 },
};

static const struct pg_stmt report_insert[] = {
    { "lane_report_insert",
    "INSERT INTO track.report (whistle, round, office, n, at, officer,"
    " internal, answer, received, contacted, measure, limit_note,"
    " attachments)"
    " SELECT unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]),"
    " unnest($4::int[]), unnest($5::timestamptz[]), unnest($6::text[]),"
    " unnest($7::text[]), unnest($8::text[]), unnest($9::timestamptz[]),"
    " unnest($10::text[]), unnest($11::text[]), unnest($12::text[]),"
    " unnest($13::text[])" },
    { 0 },
};

static const struct pg_stmt score_insert[] = {
    { "lane_score_insert",
    "INSERT INTO track.score (whistle, round, office, at, officer, report_in,"
    " handling, result, bonus, deduction, note)"
    " SELECT unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]),"
    " unnest($4::timestamptz[]), unnest($5::text[]), unnest($6::int[]),"
    " unnest($7::int[]), unnest($8::int[]), unnest($9::int[]),"
    " unnest($10::int[]), unnest($11::text[])" },
    { 0 },
};
static const struct pg_stmt document_insert[] = {
    { "lane_document_insert",
    "INSERT INTO track.document (number, whistle, round, office, stage, step,"
    " at, due, words)"
    " SELECT unnest($1::text[]), unnest($2::uuid[]), unnest($3::int[]),"
    " unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),"
    " unnest($7::timestamptz[]), unnest($8::timestamptz[]),"
    " unnest($9::text[])" },
    { 0 },
};
static const struct pg_stmt stage_insert[] = {
    { "lane_stage_insert",
    "INSERT INTO track.stage (whistle, round, office, stage, start, due, stop)"
    " SELECT unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]),"
    " unnest($4::text[]), unnest($5::timestamptz[]),"
    " unnest($6::timestamptz[]), unnest($7::timestamptz[])" },
    { 0 },
};
/* clang-format on */

const struct pg_stmt *const lane_statements[] = {
    lane_load_named, lane_load_open, lane_insert,     lane_update,
    report_insert,   score_insert,   document_insert, stage_insert, NULL,
};

/* ---- lanes ---- */

static void put_birth(struct sheet *s, const struct lane *lane)
{
    begin_row(s);
    put_name(s, &lane->name);
    put_int(s, lane->partition);
    put_code(s, lane->number);
    put_code(s, lane->kind);
    put_code(s, lane->matter);
    put_code(s, lane->region);
    put_code(s, lane->street);
    pg_put_uuid_or_null(column(s, PG_UUID), &lane->issue);
    put_code(s, lane_roles[lane->role]);
    put_big(s, lane->reference_version);
    put_instant(s, lane->start_us);
    put_code(s, lane->holder);
    put_big(s, lane->calendar_version);
    for (int i = 0; i < LANE_CLOCK_REWORK; i++) {
        put_instant(s, lane->clocks[i].start_us);
        put_instant(s, lane->clocks[i].yellow_us);
        put_instant(s, lane->clocks[i].due_us);
    }
    pg_put_date(column(s, PG_DATE), lane->gap);
    put_bool(s, lane->forced);
    put_instant(s, lane->next_due_us);
    put_code(s, lane->stage);
    put_instant(s, lane->clocks[LANE_CLOCK_STAGE].start_us);
    put_instant(s, lane->clocks[LANE_CLOCK_STAGE].yellow_us);
    put_instant(s, lane->clocks[LANE_CLOCK_STAGE].due_us);
}

static void put_clocks(struct sheet *s, const struct lane *lane)
{
    for (int i = 0; i < LANE_CLOCKS; i++) {
        if (i >= LANE_CLOCK_REWORK)
            put_instant(s, lane->clocks[i].start_us);
        put_instant(s, lane->clocks[i].yellow_us);
        put_instant(s, lane->clocks[i].due_us);
        put_instant(s, lane->clocks[i].stop_us);
    }
}

static int64_t marks_of(const struct lane *lane)
{
    int64_t marks = 0;

    for (int i = 0; i < LANE_CLOCKS; i++)
        marks |= (int64_t)lane->clocks[i].passed << (4 * i);
    return marks;
}

static void put_change(struct sheet *s, const struct lane *lane,
                       struct arena *arena)
{
    begin_row(s);
    put_name(s, &lane->name);
    put_big(s, lane->saved_version ? lane->saved_version : 1);
    put_big(s, lane->version);
    put_code(s, lane_states[lane->state]);
    put_code(s, lane_holds[lane->hold]);
    put_code(s, lane->holder);
    put_big(s, lane->calendar_version);
    put_clocks(s, lane);
    put_big(s, marks_of(lane));
    pg_put_date(column(s, PG_DATE), lane->gap);
    put_bool(s, lane->late);
    put_bool(s, lane->forced);
    put_int(s, lane->returns);
    put_int(s, lane->reworks);
    put_code(s, lane->return_reason);
    put_text(s, lane->evidence);
    put_code(s, lane_rulings[lane->ruling]);
    put_code(s, lane->ruling_to);
    put_code(s, lane->excuse);
    put_instant(s, lane->ended_us);
    put_instant(s, lane->next_due_us);
    put_int(s, lane->look);
    put_text(s, story_print(&lane->story, arena));
    put_instant(s, lane->review_us);
    put_code(s, lane->stage);
    put_bool(s, lane->stage_late);
}

/* The fence made this worker their only writer: another version is a fault
 * of ours. */
static bool all_were_there(const struct pg_rows *rows, void *context,
                           struct err *err)
{
    const int64_t *wanted = context;

    if (rows->affected == *wanted)
        return true;
    return err_fatal(err, "version",
                     "%lld of %lld lanes had the version "
                     "that was loaded",
                     (long long)rows->affected, (long long)*wanted);
}

static bool save_lanes(struct batch *batch, struct pg *pg, struct err *err)
{
    const struct lane_batch *b = batch->state;
    AUTO(sheet) struct sheet births = {0};
    AUTO(sheet) struct sheet changes = {0};

    for (size_t i = 0; i < b->cases.count; i++) {
        const struct lane_case *c = b->cases.items[i].thing;

        for (const struct lane *lane = c->first; lane; lane = lane->next) {
            bool is_new = lane->saved_version == 0;

            if (is_new)
                put_birth(&births, lane);
            if (is_new ? lane->version > 1 || lane->look > 0 : lane->changed)
                put_change(&changes, lane, &batch->arena);
        }
    }
    return send(pg, lane_insert, &births, NULL, NULL, err) &&
           send(pg, lane_update, &changes, all_were_there,
                arena_copy(&batch->arena, &changes.rows, sizeof(changes.rows)),
                err);
}

/* ---- reports and scores ---- */

static bool save_reports(const struct lane_batch *b, struct pg *pg,
                         struct err *err)
{
    AUTO(sheet) struct sheet s = {0};

    for (const struct lane_report *r = b->reports; r; r = r->next) {
        begin_row(&s);
        put_name(&s, &r->lane->name);
        put_int(&s, r->n);
        put_instant(&s, r->at_us);
        put_text(&s, r->officer);
        put_words(&s, r->internal);
        put_words(&s, r->answer);
        put_instant(&s, r->received_at_us);
        put_words(&s, r->contacted);
        put_words(&s, r->measure);
        put_words(&s, r->limit_note);
        put_text(&s, r->attachments);
    }
    return send(pg, report_insert, &s, NULL, NULL, err);
}

static bool save_scores(const struct lane_batch *b, struct pg *pg,
                        struct err *err)
{
    AUTO(sheet) struct sheet s = {0};

    for (const struct lane_score *c = b->scores; c; c = c->next) {
        begin_row(&s);
        put_name(&s, &c->lane->name);
        put_instant(&s, c->at_us);
        put_text(&s, c->officer);
        put_int(&s, c->report_in);
        put_int(&s, c->handling);
        put_int(&s, c->result);
        put_int(&s, c->bonus);
        put_int(&s, c->deduction);
        put_text(&s, c->note);
    }
    return send(pg, score_insert, &s, NULL, NULL, err);
}

static bool save_documents(const struct lane_batch *b, struct pg *pg,
                           struct err *err)
{
    AUTO(sheet) struct sheet s = {0};

    for (const struct lane_document *doc = b->documents; doc; doc = doc->next) {
        begin_row(&s);
        put_text(&s, doc->number);
        put_name(&s, &doc->lane->name);
        put_code(&s, doc->stage);
        put_code(&s, doc->step);
        put_instant(&s, doc->at_us);
        put_instant(&s, doc->due_us);
        put_text(&s, doc->text);
    }
    return send(pg, document_insert, &s, NULL, NULL, err);
}

static bool save_stages(const struct lane_batch *b, struct pg *pg,
                        struct err *err)
{
    AUTO(sheet) struct sheet s = {0};

    for (const struct lane_stage *done = b->stages; done; done = done->next) {
        begin_row(&s);
        put_name(&s, &done->lane->name);
        put_code(&s, done->stage);
        put_instant(&s, done->start_us);
        put_instant(&s, done->due_us);
        put_instant(&s, done->stop_us);
    }
    return send(pg, stage_insert, &s, NULL, NULL, err);
}

bool lanes_save(struct batch *batch, struct pg *pg, struct err *err)
{
    const struct lane_batch *b = batch->state;

    return save_lanes(batch, pg, err) && save_reports(b, pg, err) &&
           save_scores(b, pg, err) && save_documents(b, pg, err) &&
           save_stages(b, pg, err);
}
