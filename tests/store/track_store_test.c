/* track_store_test.c - lanes are saved and loaded by the statements of track,
 * on the schema that its migration makes. */
#include "tests/store/pg_store.h"
#include "services/track/story.h"
#include "tests/unit/track_trial.h"

static struct pg *pg;

static const char roles[] =
    "DO $$ DECLARE r text; BEGIN"
    " FOREACH r IN ARRAY ARRAY['track', 'dispatch', 'operator'] LOOP"
    "  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'baodao_' || r)"
    "  THEN EXECUTE format('CREATE ROLE %I', 'baodao_' || r); END IF;"
    " END LOOP; END $$";

static int setup(void **state)
{
    const struct pg_stmt *all[24] = {NULL};
    AUTO(buf) struct buf sql = {0};
    size_t n = 0;

    track_setup(state);
    all[n++] = stmts;
    all[n++] = lanes_due;
    trial_read("schemas/sql/030_track.sql", &sql);
    trial_read("schemas/sql/031_lane_story.sql", &sql);
    trial_read("schemas/sql/033_report_attachments.sql", &sql);
    trial_read("schemas/sql/091_matter_stages.sql", &sql);
    pg = open_plain();
    MUST(pg_exec(pg, roles, err));
    MUST(pg_exec(pg, buf_string(&sql), err));
    pg_close(pg);
    for (size_t i = 0; lane_statements[i]; i++)
        all[n++] = lane_statements[i];
    MUST(pg_open(conninfo(), "track_store_test", all, &pg, err));
    return 0;
}

static int teardown(void **state)
{
    MUST(pg_exec(pg, "DROP SCHEMA track CASCADE", err));
    pg_close(pg);
    return track_teardown(state);
}

/* ---- a batch to and fro ---- */

static bool save(struct trial *t, struct err *err)
{
    if (!pg_send(pg, &stmts[BEGIN], NULL, NULL, NULL, err) ||
        !lanes_save(&t->batch, pg, err) ||
        !pg_send(pg, &stmts[COMMIT], NULL, NULL, NULL, err) ||
        !pg_launch(pg, err))
        return false;
    if (land(pg, err) == PG_LANDED)
        return true;
    assert_true(pg_exec(pg, "ROLLBACK", NULL));
    return false;
}

/* A new batch with one message of this key, as the loop would load it. */
static struct trial *load(const char *key, bool every_partition)
{
    struct trial *t = trial_new(&track_service, track_reference);

    trial_is(t, WHISTLE, WHISTLE);
    t->route.every_partition = every_partition;
    t->message.route = &t->route;
    t->message.record.key = text_of(key);
    t->message.record.partition = t->partition.number;
    t->message.verdict = VERDICT_DECIDE;
    t->batch.messages = &t->message;
    t->batch.count = 1;
    MUST(lanes_load(&t->batch, pg, err));
    MUST(pg_launch(pg, err));
    MUST(land(pg, err) == PG_LANDED);
    t->message.record.key = text_of(WHISTLE);
    return t;
}

/* All that a row holds, as text. */
static const char *dump(struct trial *t, const char *office)
{
    const struct lane *l = lane_in(t, office);
    struct text all;

    if (!l)
        return "none";
    all = arena_print(
        &t->batch.arena,
        "%d %s %s %s %s %s %d %lld %lld v%lld s%d h%d %s c%lld g%d l%d f%d "
        "r%d w%d %s %.*s %d %s %s o%d e%lld n%lld k%d",
        l->partition, l->number, l->kind, l->matter, l->region, l->street,
        l->role, (long long)l->start_us, (long long)l->reference_version,
        (long long)l->version, l->state, l->hold, l->holder,
        (long long)l->calendar_version, l->gap, l->late, l->forced, l->returns,
        l->reworks, l->return_reason, TEXT_PRINT(l->evidence), l->ruling,
        l->ruling_to, l->excuse, l->open, (long long)l->ended_us,
        (long long)l->next_due_us, l->look);
    all = arena_print(&t->batch.arena, "%s %s z%lld %s %d", all.bytes,
                      story_print(&l->story, &t->batch.arena).bytes,
                      (long long)l->review_us, l->stage, l->stage_late);
    for (int i = 0; i < LANE_CLOCKS; i++)
        all = arena_print(&t->batch.arena, "%s\n%lld %lld %lld %lld %d",
                          all.bytes, (long long)l->clocks[i].start_us,
                          (long long)l->clocks[i].yellow_us,
                          (long long)l->clocks[i].due_us,
                          (long long)l->clocks[i].stop_us, l->clocks[i].passed);
    return all.bytes;
}

static struct trial *save_and_load(struct trial *t)
{
    struct trial *next;

    MUST(save(t, err));
    next = load(WHISTLE, false);
    assert_string_equal(dump(next, LEAD), dump(t, LEAD));
    assert_string_equal(dump(next, ASSIST), dump(t, ASSIST));
    assert_string_equal(dump(next, "GAFJ"), dump(t, "GAFJ"));
    next->message.at_us = t->message.at_us;
    next->partition = t->partition;
    trial_free(t);
    return next;
}

static int64_t number(const char *sql)
{
    int64_t n = -1;

    MUST(pg_query(pg, sql, NULL, take_int, &n, err));
    return n;
}

static void look(struct trial *t, const char *office)
{
    struct lane_name name = lane_called(office);
    const struct clock_passed in = {
        .subject = lane_subject(&t->batch.arena, &name),
    };

    MUST_SAY(t, "clock.passed", "worker/track/", &in);
}

static void count_what_was_kept(void)
{
    assert_int_equal(number("SELECT count(*)::int8 FROM track.report"), 2);
    assert_int_equal(number("SELECT sum(handling)::int8 FROM track.score"), 90);
    assert_int_equal(number("SELECT count(*)::int8 FROM track.lane WHERE open"),
                     0);
    assert_int_equal(number("SELECT count(*)::int8 FROM track.document"
                            " WHERE number LIKE '督20260302-03-%' AND"
                            " words LIKE '催办%'"),
                     2);
    MUST(pg_exec(pg, "TRUNCATE track.lane, track.report, track.score,"
                     " track.document", err));
}

/* The whole life of three lanes, saved and loaded after each step. */
static void each_step_comes_back_as_it_was_saved(void **state)
{
    const struct task_rule rule = rule_in(ASSIST, LANE_TO_OTHER, "GAFJ");
    const struct task_return back = return_in(ASSIST);
    const struct task_rework again = {lane_called(LEAD), TEXT("再办")};
    const struct task_excuse excuse = {lane_called("GAFJ"), "not_needed",
                                       TEXT("")};
    const struct task_accept accept = accept_in(LEAD);
    const struct task_suspend suspend = suspend_in(LEAD, "2026-03-20");
    const struct task_extend extend = extend_in(LEAD, "2026-03-20");
    const struct task_note note = {lane_called(LEAD), TEXT("同意")};
    struct task_call call = {
        .office = "GAFJ", .role = LANE_ADDED, .replaces = ASSIST};
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");

    (void)state;
    t = save_and_load(t);
    trial_at(t, "2026-03-02T10:20+08:00");
    look(t, LEAD);
    track_arrive(t, LEAD);
    t = save_and_load(t);
    MUST_SAY(t, "task.return", OFFICER_OF(ASSIST), &back);
    t = save_and_load(t);
    MUST_SAY(t, "task.rule", DISTRICT, &rule);
    t = save_and_load(t);
    assert_true(track_assign(t, "enforcement", t->message.at_us, &call, 1));
    MUST_SAY(t, "task.excuse", CLERK, &excuse);
    t = save_and_load(t);
    MUST_SAY(t, "task.suspend", CLERK, &suspend);
    t = save_and_load(t);
    MUST_SAY(t, "task.resume", CLERK, &note);
    MUST_SAY(t, "task.extend", OFFICER_OF(LEAD), &extend);
    t = save_and_load(t);
    MUST_SAY(t, "task.grant", CLERK, &note);
    t = save_and_load(t);
    track_report(t, LEAD);
    t = save_and_load(t);
    MUST_SAY(t, "task.rework", CLERK, &again);
    track_report(t, LEAD);
    MUST_SAY(t, "task.accept", CLERK, &accept);
    t = save_and_load(t);
    trial_free(t);
    count_what_was_kept();
}

/* The matter's stages: the one that runs in the lane, those done beside it. */
static void stages_of_a_matter_come_back_as_they_were_saved(void **state)
{
    static const char *const stages[] = {"fence", "repair", "reinstate"};
    struct task_complete in = {lane_called(LEAD), "", TEXT("")};
    struct trial *t;

    (void)state;
    track_matter = "E0402";
    t = track_issued("emergency", "2026-03-02T08:40+08:00");
    track_matter = "E0101";
    t = save_and_load(t);
    track_arrive(t, LEAD);
    trial_at(t, "2026-03-02T11:50+08:00");
    for (size_t i = 0; i < COUNT_OF(stages); i++) {
        assert_string_equal(lane_in(t, LEAD)->stage, stages[i]);
        memcpy(in.stage, stages[i], strlen(stages[i]) + 1);
        MUST_SAY(t, "task.complete_stage", OFFICER_OF(LEAD), &in);
        t = save_and_load(t);
    }
    trial_free(t);
    assert_int_equal(number("SELECT count(*)::int8 FROM track.stage"), 3);
    assert_int_equal(number("SELECT count(*)::int8 FROM track.stage"
                            " WHERE stage = 'fence' AND stop > due"), 1);
    MUST(pg_exec(pg, "TRUNCATE track.lane, track.stage, track.document", err));
}

static void a_lane_that_lives_and_ends_in_one_batch_is_whole(void **state)
{
    struct trial *t = track_issued("emergency", "2026-03-02T08:40+08:00");
    const struct task_accept accept = accept_in(ASSIST);

    (void)state;
    trial_at(t, "2026-03-02T09:20+08:00");
    look(t, ASSIST);
    track_arrive(t, ASSIST);
    track_report(t, ASSIST);
    MUST_SAY(t, "task.accept", CLERK, &accept);
    look(t, LEAD);
    t = save_and_load(t);
    trial_free(t);
    MUST(pg_exec(pg, "TRUNCATE track.lane, track.report, track.score", err));
}

static void a_row_of_another_version_is_our_own_fault(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    const struct task_stage sign = stage_in(LEAD);
    struct err why = {0};

    (void)state;
    t = save_and_load(t);
    MUST_SAY(t, "task.sign", OFFICER_OF(LEAD), &sign);
    MUST(pg_exec(pg, "UPDATE track.lane SET version = 7", err));
    assert_false(save(t, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "version");
    assert_int_equal(number("SELECT count(*)::int8 FROM track.lane"
                            " WHERE state = 'assigned'"),
                     2);
    trial_free(t);
    MUST(pg_exec(pg, "TRUNCATE track.lane", err));
}

static bool take_due(const struct pg_rows *rows, void *context, struct err *err)
{
    (void)context;
    (void)err;
    assert_int_equal(rows->count, 2);
    assert_int_equal(pg_int(rows, 0, 0), 3);
    assert_true(text_is(pg_text(rows, 0, 1), WHISTLE));
    assert_true(text_starts(pg_text(rows, 0, 2), WHISTLE "/1/"));
    assert_int_equal(pg_int(rows, 0, 4), 0);
    return true;
}

static void what_is_due_and_what_is_open_is_found(void **state)
{
    struct trial *t = track_issued("enforcement", "2026-03-02T08:40+08:00");
    AUTO(pg_array) struct pg_array partitions = PG_ARRAY(PG_INT4);
    struct pg_params params = {0};
    int64_t due_us = lane_in(t, LEAD)->next_due_us;

    (void)state;
    MUST(save(t, err));
    trial_free(t);
    pg_put_int(&partitions, 3);
    pg_param_array(&params, &partitions);
    pg_param_instant(&params, due_us);
    pg_param_int4(&params, 10);
    MUST(pg_call(pg, lanes_due, &params, take_due, NULL, err));
    t = load("#3", true);
    assert_non_null(lane_in(t, LEAD));
    assert_non_null(lane_in(t, ASSIST));
    trial_free(t);
    MUST(pg_exec(pg, "SET ROLE baodao_dispatch", err));
    assert_int_equal(number("SELECT count(*)::int8 FROM track.open_lane"
                            " WHERE officer = 'o-CGJ-1'"),
                     1);
    assert_false(pg_exec(pg, "SELECT 1 FROM track.lane", NULL));
    MUST(pg_exec(pg, "RESET ROLE", err));
    MUST(pg_exec(pg, "TRUNCATE track.lane", err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_comes_back_as_it_was_saved),
        cmocka_unit_test(stages_of_a_matter_come_back_as_they_were_saved),
        cmocka_unit_test(a_lane_that_lives_and_ends_in_one_batch_is_whole),
        cmocka_unit_test(a_row_of_another_version_is_our_own_fault),
        cmocka_unit_test(what_is_due_and_what_is_open_is_found),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
