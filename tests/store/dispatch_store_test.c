/* dispatch_store_test.c - whistles, calls and officers are saved and loaded by
 * the statements of dispatch, on the schema that its migration makes. */
#include "tests/store/pg_store.h"
#include "tests/unit/dispatch_trial.h"

static const struct pg_stmt edges[] = {
    {"t_begin", "BEGIN"}, {"t_commit", "COMMIT"}, {0}};
static struct pg *pg;

static const char roles[] =
    "DO $$ DECLARE r text; BEGIN"
    " FOREACH r IN ARRAY ARRAY['dispatch', 'operator'] LOOP"
    "  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'baodao_' || r)"
    "  THEN EXECUTE format('CREATE ROLE %I', 'baodao_' || r); END IF;"
    " END LOOP; END $$";

static int setup(void **state)
{
    static const struct pg_stmt *const lists[] = {
        edges, whistle_load_statements, whistle_save_statements, NULL};
    AUTO(buf) struct buf sql = {0};

    trial_read("schemas/sql/020_dispatch.sql", &sql);
    trial_read("schemas/sql/021_dispatch_rounds.sql", &sql);
    trial_read("schemas/sql/022_dispatch_roster.sql", &sql);
    pg = open_plain();
    MUST(pg_exec(pg, roles, err));
    MUST(pg_exec(pg, buf_string(&sql), err));
    pg_close(pg);
    MUST(pg_open(conninfo(), "dispatch_store_test", lists, &pg, err));
    return begin_reference(state);
}

static int teardown(void **state)
{
    MUST(pg_exec(pg, "DROP SCHEMA dispatch CASCADE", err));
    pg_close(pg);
    return end_reference(state);
}

/* ---- a batch to and fro ---- */

static bool save(struct trial *t, struct err *err)
{
    struct err ignored;

    if (!pg_send(pg, &edges[0], NULL, NULL, NULL, err) ||
        !whistles_save(&t->batch, pg, err) ||
        !pg_send(pg, &edges[1], NULL, NULL, NULL, err) || !pg_launch(pg, err))
        return false;
    if (land(pg, err) == PG_LANDED)
        return true;
    if (!pg_exec(pg, "ROLLBACK", &ignored))
        fail_msg("%s", ignored.sentence);
    return false;
}

/* A new batch with one message, as the loop would load it. */
static struct trial *load(const char *type, const void *in)
{
    struct trial *t = begin();

    t->message.type = text_of(type);
    t->message.in = (void *)in;
    t->message.verdict = VERDICT_DECIDE;
    t->batch.messages = &t->message;
    t->batch.count = 1;
    MUST(whistles_load(&t->batch, pg, err));
    MUST(pg_launch(pg, err));
    MUST(land(pg, err) == PG_LANDED);
    return t;
}

#define T(text) TEXT_PRINT(text)

static void print_calls(struct buf *out, const struct whistle *w)
{
    for (const struct call *c = w->calls; c; c = c->next)
        buf_print(out, "\n%d %.*s %d %d '%.*s' '%.*s'", (int)c->round,
                  T(c->office), c->role, c->open, T(c->passed_over),
                  T(c->replaces));
}

/* All that a whistle's rows hold, as text. */
static const char *dump(struct trial *t)
{
    const struct whistle *w = the_whistle(t);
    struct buf out = {0};
    const char *all;

    buf_print(&out, "%.*s v%d p%d s%d %.*s %.*s %.*s %.*s %.*s", T(w->id_text),
              (int)w->version, w->partition, w->state, T(w->number), T(w->kind),
              T(w->matter), T(w->region), T(w->street));
    buf_print(&out, " '%.*s' '%.*s' '%.*s' %lld %lld '%.*s' '%.*s'",
              T(w->facts), T(w->tried), T(w->place), (long long)w->lng,
              (long long)w->lat, T(w->lead), T(w->assists));
    buf_print(&out, " '%.*s' %lld '%.*s' %d '%.*s'", T(w->contact),
              (long long)w->meet_at_us, T(w->meet_place),
              uuid_is_nil(&w->issue), T(w->home));
    buf_print(&out, " '%.*s' '%.*s' '%.*s' '%.*s' r%d '%.*s' %lld",
              T(w->drafted_by), T(w->submitted_by), T(w->approved_by),
              T(w->reason), (int)w->round, T(w->round_facts),
              (long long)w->reference_version);
    buf_print(&out, " %lld %lld %lld", (long long)w->drafted_at_us,
              (long long)w->issued_at_us, (long long)w->ended_at_us);
    buf_print(&out, " '%.*s' '%.*s' %lld", T(w->conferred), T(w->escalation),
              (long long)w->escalated_at_us);
    print_calls(&out, w);
    all = arena_text(&t->batch.arena, buf_text(&out)).bytes;
    buf_release(&out);
    return all;
}

static struct trial *save_and_load(struct trial *t)
{
    static struct plain named;
    struct trial *next;

    named.whistle = id_of(WHISTLE);
    MUST(save(t, err));
    next = load("whistle.approve", &named);
    assert_string_equal(dump(next), dump(t));
    trial_free(t);
    return next;
}

/* The whole life of a case, saved and loaded after each step. */
static void a_case_is_the_same_after_each_step(void **state)
{
    struct wire_office assists[] = {{"CGJ"}, {"SWJ"}};
    struct draft_in in = a_draft();
    struct again_in again = {
        .whistle = id_of(WHISTLE), .issue = id_of(ISSUE), .facts = TEXT("又来")};
    struct escalate_in ask = {id_of(WHISTLE), TEXT("意见不一")};
    struct confer_in confer = {
        .whistle = id_of(WHISTLE), .offices = {assists, 2}, .at = INSTANT_NONE};
    struct submit_in better = {
        .whistle = id_of(WHISTLE), .facts = TEXT("三处"), .lead = "GDJ",
        .assists = {assists, 2}};
    struct redraft_in back = {id_of(WHISTLE), TEXT("写清楚")};
    struct trial *t = begin();

    (void)state;
    in.issue = id_of(ISSUE);
    assert_true(text_copy(TEXT(COMMUNITY), in.home, sizeof(in.home)));
    assert_true(text_copy(TEXT("GDJ"), in.lead, sizeof(in.lead)));
    in.assists = (struct list){assists, 2};
    in.tried = TEXT("劝导");
    in.lng = 102720000;
    in.lat = -25;
    in.meet_at = t->message.at_us + 5;
    say_draft(t, &in, CLERK);
    t = save_and_load(t);
    assert_true(say_plain(t, "whistle.submit", CLERK, whistle_submit));
    t = save_and_load(t);
    assert_true(say(t, "whistle.redraft", LEAD, whistle_redraft, &back));
    assert_true(say(t, "whistle.submit", CLERK, whistle_submit, &better));
    t = save_and_load(t);
    assert_true(say_plain(t, "whistle.approve", LEAD, whistle_approve));
    t = save_and_load(t);
    assert_true(say(t, "whistle.escalate", CLERK, whistle_escalate, &ask));
    assert_true(say(t, "whistle.confer", CLERK, whistle_confer, &confer));
    t = save_and_load(t);
    assert_true(say_conclude(t, OUTCOME_RESUME));
    assert_true(say_lane(t, 1, "GDJ", FACT_UNSIGNED_HALF));
    t = save_and_load(t);
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, 1, "CGJ", FACT_ACCEPTED));
    t = save_and_load(t);
    assert_true(say_lane(t, 1, "SWJ", FACT_EXCUSED));
    t = save_and_load(t);
    assert_true(say(t, "whistle.again", INTAKE, whistle_again, &again));
    t = save_and_load(t);
    assert_int_equal(the_whistle(t)->round, 2);
    assert_int_equal(whistle_open_calls(the_whistle(t), 2), 3);
    trial_free(t);
}

/* Scope and order of offices do not tell how the batches were cut. */
static void what_is_said_does_not_depend_on_the_batch(void **state)
{
    struct trial *one = begin_issued(false), *loaded;

    (void)state;
    MUST(pg_exec(pg, "TRUNCATE dispatch.whistle, dispatch.call", err));
    loaded = save_and_load(begin_issued(false));
    assert_true(say_lane(one, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(one, 1, "CGJ", FACT_ACCEPTED));
    assert_true(say_lane(loaded, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(loaded, 1, "CGJ", FACT_ACCEPTED));
    assert_true(text_equal(one->said[0].data, loaded->said[0].data));
    assert_true(text_equal(one->said[0].scope, loaded->said[0].scope));
    assert_int_equal(one->said[0].version, loaded->said[0].version);
    trial_free(one);
    trial_free(loaded);
}

static void a_row_that_another_changed_is_fatal(void **state)
{
    struct trial *t;
    struct err why = {0};

    (void)state;
    MUST(pg_exec(pg, "TRUNCATE dispatch.whistle, dispatch.call", err));
    t = save_and_load(begin_issued(false));
    MUST(pg_exec(pg, "UPDATE dispatch.whistle SET version = version + 1", err));
    assert_true(say_lane(t, 1, "GDJ", FACT_ACCEPTED));
    assert_true(say_lane(t, 1, "CGJ", FACT_ACCEPTED));
    assert_false(save(t, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "lost_row");
    trial_free(t);
}

static void the_roster_is_kept(void **state)
{
    struct wire_code skills[] = {{"night"}, {"drone"}};
    struct duty_in duty = {"CGJ", "c-1", "李雯", true, 4, {skills, 2},
                           COMMUNITY, 3, "night"};
    struct leave_in leave = {"CGJ", "c-1", HOUR_US, DAY_US};
    struct trial *t = begin();
    struct officer *o;

    (void)state;
    trial_is(t, WHISTLE, "CGJ");
    assert_true(say(t, "office.duty", "operator//op", office_duty, &duty));
    MUST(save(t, err));
    trial_free(t);
    t = load("office.leave", &leave);
    trial_is(t, WHISTLE, "CGJ");
    assert_true(say(t, "office.leave", "operator//op", office_leave, &leave));
    MUST(save(t, err));
    trial_free(t);
    t = load("office.duty", &duty);
    o = officer_find(t->batch.state, TEXT("CGJ"), TEXT("c-1"));
    assert_non_null(o);
    assert_true(text_is(o->name, "李雯"));
    assert_true(text_is(o->skills, "night,drone"));
    assert_true(text_is(o->place, COMMUNITY));
    assert_true(text_is(o->line, "governance"));
    assert_true(text_is(o->shift, "night"));
    assert_int_equal(o->version, 2);
    assert_int_equal(o->capacity, 4);
    assert_true(o->on_duty);
    assert_int_equal(o->leave_from_us, HOUR_US);
    assert_int_equal(o->leave_to_us, DAY_US);
    trial_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_the_same_after_each_step),
        cmocka_unit_test(what_is_said_does_not_depend_on_the_batch),
        cmocka_unit_test(a_row_that_another_changed_is_fatal),
        cmocka_unit_test(the_roster_is_kept),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
