/* problem.c - RFC 9457 answers. */
#include "services/gateway/problem.h"

#include <string.h>

#include "common/base/log.h"
#include "common/io/json.h"
#include "services/gateway/gateway.h"
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
        request_add_header(r, "Retry-After", "%lld",
                           (long long)admit_retry_after(r->gateway));
    if (status == 401)
        request_add_header(r, "WWW-Authenticate", "Bearer");
    request_answer(r, status, "application/problem+json");
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

/* NULL when the code is no schema's. */
static const char *word_of(const char *code)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i].code, code) == 0)
            return words[i].chinese;
    return NULL;
}

static bool begins(const char *code, const char *with)
{
    return strncmp(code, with, strlen(with)) == 0;
}

unsigned problem_status(const char *code, const char *field,
                        enum problem_place place)
{
    if (strcmp(code, "malformed") == 0 ||
        strcmp(code, "duplicate_member") == 0)
        return 400;
    if (strcmp(field, "actor") == 0)
        return 403;
    if (place == PROBLEM_IN_PATH &&
        (begins(code, "unknown_") || begins(code, "no_such") ||
         begins(code, "not_found")))
        return 404;
    return word_of(code) || place == PROBLEM_IN_BODY ? 422 : 409;
}

/* By the field's first name: "requester" of "requester.phone". */
static enum problem_place place_of(const struct request *r,
                                   const char *field)
{
    size_t size = strcspn(field, ".[");
    char quoted[72];

    for (size_t i = 0; i < r->value_count; i++)
        if (r->values[i].name_size == size &&
            memcmp(r->values[i].name, field, size) == 0)
            return PROBLEM_IN_PATH;
    snprintf(quoted, sizeof(quoted), "\"%.*s\"", (int)size, field);
    return size > 0 && memmem(r->body.bytes, r->body.size, quoted,
                              strlen(quoted))
               ? PROBLEM_IN_BODY
               : PROBLEM_NOWHERE;
}

static void answer_reject(struct request *r, const struct err *err)
{
    const char *word = word_of(err->code);
    const char *detail = err->sentence;

    if (word)
        detail = arena_print(&r->arena, "%s %s / %s", err->field, word,
                             err->sentence)
                     .bytes;
    problem_answer(r,
                   problem_status(err->code, err->field,
                                  place_of(r, err->field)),
                   err->code, err->field, detail);
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
