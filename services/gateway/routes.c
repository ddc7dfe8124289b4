/* routes.c - the table of what can be asked, and how a path is matched. */
#include "services/gateway/routes.h"

#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/id.h"
#include "services/gateway/explain.h"
#include "services/gateway/files.h"
#include "services/gateway/groups.h"
#include "services/gateway/health.h"
#include "services/gateway/letters.h"
#include "services/gateway/operate.h"
#include "services/gateway/outcome.h"
#include "services/gateway/produce.h"
#include "services/gateway/queues.h"
#include "services/gateway/rewind.h"
#include "services/gateway/sse.h"
#include "services/gateway/view.h"

#define ISSUE "issue.commands"
#define WHISTLE "whistle.commands"
#define TASK "task.commands"
#define MATCH "match.commands"
#define LEDGER "ledger.commands"
#define PROGRAM "/v1/consumers/{program}"
#define LETTERS "/v1/dead-letters/{topic}"
#define LETTER LETTERS "/{partition}/{offset}"
#define LANE "/v1/tasks/{whistle}/{round}/{office}"

#define SAY(path_, type_, topic_, key_)                                       \
    { .method = "POST", .path = path_, .start = produce_start,                \
      .type = type_, .topic = topic_, .key = key_ }
#define MAKE(path_, type_, topic_, key_, creates_)                            \
    { .method = "POST", .path = path_, .start = produce_start,                \
      .type = type_, .topic = topic_, .key = key_, .creates = creates_ }
#define SHOW(path_, view_)                                                    \
    { .method = "GET", .path = path_, .start = view_start, .view = &view_,    \
      .class = ADMIT_READ }
#define DO(path_, start_, deed_)                                              \
    { .method = "POST", .path = path_, .start = start_, .deed = &deed_,       \
      .class = ADMIT_OPERATE, .operators = true }
#define FILE_AT(path_)                                                        \
    { .method = "GET", .path = path_, .start = files_start, .open = true,     \
      .class = ADMIT_FILE }

const struct http_route http_routes[] = {
    /* clang-format off */
    /* what people say */
    MAKE("/v1/issues", "issue.raise", ISSUE, KEY_HOME, "/v1/issues/"),
    SAY("/v1/issues/{issue}/accept",   "issue.accept",   ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/decline",  "issue.decline",  ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/ask",      "issue.ask",      ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/supply",   "issue.supply",   ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/merge",    "issue.merge",    ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/route",    "issue.route",    ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/handle",   "issue.handle",   ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/callback", "issue.callback", ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/reopen",   "issue.reopen",   ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/urge",     "issue.urge",     ISSUE, KEY_ISSUE),
    SAY("/v1/issues/{issue}/void",     "issue.void",     ISSUE, KEY_ISSUE),

    MAKE("/v1/whistles", "whistle.draft", WHISTLE, KEY_SELF, "/v1/whistles/"),
    SAY("/v1/whistles/{whistle}/submit",   "whistle.submit",   WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/approve",  "whistle.approve",  WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/reject",   "whistle.reject",   WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/redraft",  "whistle.redraft",  WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/cancel",   "whistle.cancel",   WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/confer",   "whistle.confer",   WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/conclude", "whistle.conclude", WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/again",    "whistle.again",    WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/add_lane", "whistle.add_lane", WHISTLE, KEY_PATH),
    SAY("/v1/whistles/{whistle}/escalate", "whistle.escalate", WHISTLE, KEY_PATH),
    SAY("/v1/offices/{office}/duty",       "office.duty",      WHISTLE, KEY_PATH),
    SAY("/v1/offices/{office}/leave",      "office.leave",     WHISTLE, KEY_PATH),

    SAY(LANE "/claim",     "task.claim",     TASK, KEY_PATH),
    SAY(LANE "/hand_over", "task.hand_over", TASK, KEY_COLLEAGUE),
    SAY(LANE "/take_back", "task.take_back", TASK, KEY_PATH),
    SAY(LANE "/sign",    "task.sign",    TASK, KEY_PATH),
    SAY(LANE "/contact", "task.contact", TASK, KEY_PATH),
    SAY(LANE "/arrive",  "task.arrive",  TASK, KEY_PATH),
    SAY(LANE "/start",   "task.start",   TASK, KEY_PATH),
    SAY(LANE "/complete_stage", "task.complete_stage", TASK, KEY_PATH),
    SAY(LANE "/report",  "task.report",  TASK, KEY_PATH),
    SAY(LANE "/return",  "task.return",  TASK, KEY_PATH),
    SAY(LANE "/rule",    "task.rule",    TASK, KEY_PATH),
    SAY(LANE "/accept",  "task.accept",  TASK, KEY_PATH),
    SAY(LANE "/rework",  "task.rework",  TASK, KEY_PATH),
    SAY(LANE "/excuse",  "task.excuse",  TASK, KEY_PATH),
    SAY(LANE "/suspend", "task.suspend", TASK, KEY_PATH),
    SAY(LANE "/resume",  "task.resume",  TASK, KEY_PATH),
    SAY(LANE "/extend",  "task.extend",  TASK, KEY_PATH),
    SAY(LANE "/grant",   "task.grant",   TASK, KEY_PATH),
    SAY(LANE "/deny",    "task.deny",    TASK, KEY_PATH),

    SAY("/v1/partners", "partner.register", MATCH, KEY_DISTRICT),
    MAKE("/v1/needs", "need.publish", MATCH, KEY_DISTRICT, "/v1/needs/"),
    SAY("/v1/needs/{need}/withdraw", "need.withdraw", MATCH, KEY_DISTRICT),
    MAKE("/v1/offers", "offer.publish", MATCH, KEY_DISTRICT, "/v1/offers/"),
    SAY("/v1/matches/{match}/accept",  "match.accept",  MATCH, KEY_DISTRICT),
    SAY("/v1/matches/{match}/decline", "match.decline", MATCH, KEY_DISTRICT),
    SAY("/v1/matches/{match}/serve",   "match.serve",   MATCH, KEY_DISTRICT),
    SAY("/v1/matches/{match}/deliver", "match.deliver", MATCH, KEY_DISTRICT),
    SAY("/v1/matches/{match}/rate",    "match.rate",    MATCH, KEY_DISTRICT),
    SAY("/v1/entries/{entry}/reverse", "ledger.reverse", LEDGER, KEY_DISTRICT),

    /* what people look at */
    SHOW("/v1/issues",             view_issues),
    SHOW("/v1/issues/{issue}",     view_issue),
    SHOW("/v1/whistles",           view_whistles),
    SHOW("/v1/whistles/{whistle}", view_whistle),
    SHOW("/v1/tasks",              view_tasks),
    SHOW(LANE,                     view_task),
    { .method = "GET", .path = LANE "/clock", .start = explain_start,
      .class = ADMIT_READ },
    SHOW("/v1/needs",              view_needs),
    SHOW("/v1/needs/{need}",       view_need),
    SHOW("/v1/offers",             view_offers),
    SHOW("/v1/offers/{offer}",     view_offer),
    SHOW("/v1/matches",            view_matches),
    SHOW("/v1/matches/{match}",    view_match),
    SHOW("/v1/partners",           view_partners),
    SHOW("/v1/officers",           view_officers),
    SHOW("/v1/whistle-rates",      view_whistle_rates),
    SHOW("/v1/beans/{member}",     view_beans),
    SHOW("/v1/summary",            view_summary),
    { .method = "GET", .path = "/v1/queues", .start = queues_start,
      .class = ADMIT_READ },
    { .method = "GET", .path = "/v1/commands/{command}",
      .start = outcome_start, .class = ADMIT_READ },
    { .method = "GET", .path = "/v1/events", .start = sse_start,
      .class = ADMIT_STREAM },

    /* what operators look at and do */
    { .method = "GET", .path = "/v1/doctor", .start = health_start,
      .class = ADMIT_OPERATE, .operators = true },
    { .method = "GET", .path = "/v1/dead-letters", .start = view_start,
      .view = &view_groups, .class = ADMIT_READ, .operators = true },
    { .method = "GET", .path = LETTERS, .start = view_start,
      .view = &view_letters, .class = ADMIT_READ, .operators = true },
    { .method = "GET", .path = LETTER, .start = letters_start,
      .class = ADMIT_OPERATE, .operators = true },
    DO(LETTER "/drop",              operate_drop, deed_drop),
    DO(LETTER "/replay",            letters_replay, deed_replay),
    DO(LETTER "/edit",              letters_replay, deed_edit),
    DO(LETTERS "/drop",             operate_drop_group, deed_drop_group),
    DO(LETTERS "/replay",           groups_replay, deed_replay_group),
    DO(PROGRAM "/pause",            operate_steer, deed_pause),
    DO(PROGRAM "/resume",           operate_steer, deed_resume),
    DO(PROGRAM "/drain",            operate_drain, deed_drain),
    DO("/v1/readers/{group}/rewind", rewind_start, deed_rewind),
    DO("/v1/types/{type}/pause",    operate_type, deed_pause_type),
    DO("/v1/types/{type}/resume",   operate_type, deed_resume_type),

    /* files */
    FILE_AT("/v1/openapi.json"),
    FILE_AT("/v1/messages/{file}"),
    FILE_AT("/"),
    FILE_AT("/board/{file}"),
    { 0 },
    /* clang-format on */
};

static bool next_segment(struct text *path, struct text *ret_segment)
{
    if (path->size == 0 || path->bytes[0] != '/')
        return false;
    path->bytes++;
    path->size--;
    *ret_segment = (struct text){ path->bytes, 0 };
    while (path->size > 0 && path->bytes[0] != '/') {
        ret_segment->size++;
        path->bytes++;
        path->size--;
    }
    return true;
}

static const struct {
    const char *name;
    int64_t least, most;
} numbers[] = {
    { "round", 1, 9999 },
    { "partition", 0, INT32_MAX },
    { "offset", 0, INT64_MAX },
};

static bool is_word(struct text name)
{
    static const char *const words[] = { "office", "member",  "file",
                                         "topic",  "program", "type", "group" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_is(name, words[i]))
            return true;
    return false;
}

/* Written in one way only. */
static bool is_number(struct text segment, int64_t least, int64_t most)
{
    int64_t value;

    return text_int(segment, &value) && value >= least && value <= most &&
           segment.bytes[0] >= '0' &&
           (segment.bytes[0] != '0' || segment.size == 1);
}

/* Values that are not ids: what is not one needs no look-up to be unknown. */
static bool take_value(struct text name, struct text segment,
                       struct arena *arena, struct path_value *ret)
{
    char canonical[UUID_TEXT_SIZE];
    struct uuid id;

    *ret = (struct path_value){ name.bytes, name.size, segment, false };
    if (is_word(name))
        return segment.size > 0 && segment.size <= 64;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        ret->number = text_is(name, numbers[i].name);
        if (ret->number)
            return is_number(segment, numbers[i].least, numbers[i].most);
    }
    if (!uuid_parse(segment, &id))
        return false;
    uuid_print(&id, canonical);
    ret->text = arena_text(arena, text_of(canonical));
    return true;
}

static bool match_path(const char *pattern, struct text path,
                       struct arena *arena,
                       struct path_value values[PATH_VALUES_MAX],
                       size_t *ret_count)
{
    struct text left = text_of(pattern), expected, got;
    size_t count = 0;

    while (left.size > 0) {
        if (!next_segment(&left, &expected) || !next_segment(&path, &got))
            return false;
        if (expected.size == 0 || expected.bytes[0] != '{') {
            if (!text_equal(expected, got))
                return false;
            continue;
        }
        expected.bytes++;
        expected.size -= 2;
        if (!take_value(expected, got, arena, &values[count++]))
            return false;
    }
    *ret_count = count;
    return path.size == 0;
}

static void add_method(char allow[32], const char *method)
{
    size_t used = strlen(allow);

    if (!strstr(allow, method))
        snprintf(allow + used, 32 - used, "%s%s", used > 0 ? ", " : "",
                 method);
}

enum route_found route_find(const char *method, struct text path,
                            struct arena *arena,
                            const struct http_route **ret_route,
                            struct path_value values[PATH_VALUES_MAX],
                            size_t *ret_count, char allow[32])
{
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    allow[0] = '\0';
    for (const struct http_route *r = http_routes; r->method; r++) {
        if (!match_path(r->path, path, arena, values, ret_count))
            continue;
        if (strcmp(r->method, method) == 0) {
            *ret_route = r;
            return ROUTE_FOUND;
        }
        add_method(allow, r->method);
    }
    return allow[0] ? ROUTE_OTHER_METHOD : ROUTE_NONE;
}
