/* problem.c - RFC 9457 answers. */
#include "services/gateway/problem.h"

#include <string.h>

#include "common/base/log.h"
#include "common/io/json.h"
#include "services/gateway/request.h"

static const struct {
    unsigned status;
    const char *title;
} titles[] = {
    /* clang-format off */
    { 400, "请求有误 / Bad Request" },
    { 401, "请先登录 / Unauthorized" },
    { 403, "无权 / Forbidden" },
    { 404, "没有 / Not Found" },
    { 405, "方法不对 / Method Not Allowed" },
    { 409, "冲突 / Conflict" },
    { 413, "太大 / Content Too Large" },
    { 415, "类型不对 / Unsupported Media Type" },
    { 422, "内容有误 / Unprocessable Content" },
    { 429, "太多 / Too Many Requests" },
    { 503, "稍后再试 / Service Unavailable" },
    /* clang-format on */
};

static const char *title_of(unsigned status)
{
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "系统错误 / Internal Server Error";
}

void problem_answer(struct request *r, unsigned status, const char *reason,
                    const char *field, const char *detail)
{
    struct json j;
    char type[64];

    snprintf(type, sizeof(type), "urn:baodao:problem:%s", reason);
    buf_reset(&r->answer);
    json_begin(&j, &r->answer);
    json_string(&j, "type", type);
    json_string(&j, "title", title_of(status));
    json_int(&j, "status", status);
    json_string(&j, "detail", detail);
    json_string(&j, "reason", reason);
    json_string_if(&j, "field", field ? field : "");
    if (!uuid_is_nil(&r->command.id))
        json_uuid(&j, "id", &r->command.id);
    json_end(&j);
    if (status == 503)
        request_add_header(r, "Retry-After", "1");
    if (status == 401)
        request_add_header(r, "WWW-Authenticate", "Bearer");
    request_answer(r, status, "application/problem+json");
}

/* Codes that say more than their field; the first prefix that fits. */
static const struct {
    const char *prefix;
    unsigned status;
} codes[] = {
    /* clang-format off */
    { "not_allowed",    403 },
    { "not_yours",      403 },
    { "four_eyes",      403 },
    { "same_person",    403 },
    { "not_your",       403 },
    { "no_such",        404 },
    { "unknown_issue",  404 },
    { "unknown_whistle", 404 },
    { "unknown_lane",   404 },
    { "unknown_match",  404 },
    { "unknown_need",   404 },
    { "unknown_entry",  404 },
    { "illegal",        409 },
    { "malformed",      400 },
    { "id_reused",      409 },
    { "seen_before",    409 },
    { "duplicate_member", 400 },
    { "duplicate",      409 },
    { "bad_state",      409 },
    { "wrong_state",    409 },
    /* clang-format on */
};

unsigned problem_status(const char *code, const char *field)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (strncmp(code, codes[i].prefix, strlen(codes[i].prefix)) == 0)
            return codes[i].status;
    if (!field[0] || strcmp(field, "state") == 0)
        return 409;
    return 422;
}

/* What a schema says, for people; its own sentence follows. */
static const struct {
    const char *code, *chinese;
} words[] = {
    /* clang-format off */
    { "required",         "缺少" },
    { "unknown_field",    "没有这个字段" },
    { "type",             "类型不对" },
    { "minLength",        "太短" },
    { "maxLength",        "太长" },
    { "minimum",          "太小" },
    { "maximum",          "太大" },
    { "minItems",         "太少" },
    { "maxItems",         "太多" },
    { "enum",             "不在可选之列" },
    { "format",           "格式不对" },
    { "malformed",        "不是 JSON" },
    { "duplicate_member", "字段重复" },
    { "out_of_range",     "超出范围" },
    /* clang-format on */
};

static void answer_reject(struct request *r, const struct err *err)
{
    unsigned status = problem_status(err->code, err->field);
    const char *detail = err->sentence;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i].code, err->code) == 0)
            detail = arena_print(&r->arena, "%s %s / %s", err->field,
                                 words[i].chinese, err->sentence)
                         .bytes;
    problem_answer(r, status, err->code, err->field, detail);
}

void problem_from(struct request *r, const struct err *err)
{
    if (err->kind == ERR_FATAL)
        log_error(LOG_ERROR, "failed", err, "path", LOG_TEXT(r->path),
                  LOG_END);
    if (err->kind == ERR_RETRY)
        problem_answer(r, 503, "away", NULL,
                       "系统暂时不可用,请稍后再试 / an engine is away, "
                       "please try again");
    else if (err->kind == ERR_REJECT)
        answer_reject(r, err);
    else
        problem_answer(r, 500, "internal", NULL,
                       "系统出错,已记录 / something is wrong here; it has "
                       "been logged");
}
