/* words.c - one table of codes and their Chinese. */
#include "services/baodao/words.h"

#include "common/base/attr.h"

static const struct {
    const char *code, *word;
} words[] = {
    /* clang-format off */
    /* what was said */
    { "issue.raised", "提出" },          { "issue.noted", "计入热点" },
    { "issue.accepted", "受理" },        { "issue.declined", "不予受理" },
    { "issue.asked", "请补充" },         { "issue.supplied", "已补充" },
    { "issue.merged", "并单" },          { "issue.routed", "分派" },
    { "issue.unrouted", "退回分派" },    { "issue.handled", "办结" },
    { "issue.called", "回访" },          { "issue.closed", "关闭" },
    { "issue.reopened", "重开" },        { "issue.urged", "催办" },
    { "issue.voided", "作废" },          { "issue.overdue", "超时" },
    { "issue.hot_spot", "热点督办" },    { "issue.refused", "拒绝" },
    { "whistle.drafted", "拟哨" },       { "whistle.submitted", "送审" },
    { "whistle.rejected", "审核不通过" },{ "whistle.redrafted", "退回修改" },
    { "whistle.issued", "吹哨" },        { "whistle.cancelled", "取消" },
    { "whistle.conferred", "会商" },     { "whistle.concluded", "会商结束" },
    { "whistle.lane_added", "加派" },    { "whistle.closed", "结案" },
    { "whistle.refused", "拒绝" },       { "office.duty_set", "排班" },
    { "office.leave_set", "请假" },
    { "task.assigned", "派单" },         { "task.handed", "指派经办" },
    { "task.signed", "签收" },           { "task.contacted", "联系" },
    { "task.arrived", "到场" },          { "task.started", "开工" },
    { "task.stage_completed", "完成阶段" },
    { "task.reported", "回告" },         { "task.returned", "申请退单" },
    { "task.ruled", "裁定" },            { "task.unruled", "待重新裁定" },
    { "task.reassigned", "改派" },       { "task.accepted", "验收" },
    { "task.reworked", "返工" },         { "task.excused", "免办" },
    { "task.cancelled", "取消" },        { "task.yellow", "黄灯" },
    { "task.overdue", "红灯" },          { "task.supervised", "督办" },
    { "task.rescheduled", "改期" },      { "task.refused", "拒绝" },
    { "task.suspended", "挂账" },        { "task.resumed", "恢复" },
    { "task.extension_asked", "申请延期" },
    { "task.extended", "准予延期" },
    { "task.extension_denied", "不予延期" },
    { "partner.registered", "登记" },    { "need.published", "发布需求" },
    { "need.waiting", "待匹配" },        { "need.matched", "已匹配" },
    { "need.reopened", "重新匹配" },     { "need.expired", "需求过期" },
    { "need.withdrawn", "撤回" },        { "need.closed", "需求完成" },
    { "offer.published", "发布供给" },   { "offer.expired", "供给过期" },
    { "match.proposed", "推荐" },        { "match.accepted", "接受" },
    { "match.declined", "谢绝" },        { "match.expired", "未答复" },
    { "match.serving", "服务中" },       { "match.delivered", "已交付" },
    { "match.rated", "评价" },           { "match.posted", "记豆" },
    { "match.post_refused", "未能记豆" },{ "match.failed", "未成" },
    { "match.rescheduled", "改期" },     { "match.refused", "拒绝" },
    { "ledger.posted", "入账" },         { "ledger.reversed", "冲销" },
    { "ledger.expired", "过期" },        { "ledger.refused", "拒绝" },
    /* states */
    { "received", "已收到" },            { "needs_info", "待补充" },
    { "declined", "不予受理" },          { "merged", "已并单" },
    { "accepted", "已受理" },            { "deliberating", "议事中" },
    { "decided", "已议定" },             { "answered", "已答复" },
    { "whistled", "已吹哨" },            { "matching", "匹配中" },
    { "self_governed", "自治处理" },     { "handled", "已办结" },
    { "callback", "待回访" },            { "closed", "已关闭" },
    { "reopened", "已重开" },            { "voided", "已作废" },
    { "draft", "草稿" },                 { "awaiting_approval", "待审核" },
    { "issued", "已吹哨" },              { "conference", "会商中" },
    { "rejected", "审核不通过" },        { "cancelled", "已取消" },
    { "assigned", "待签收" },            { "signed", "已签收" },
    { "contacted", "已联系" },           { "arrived", "已到场" },
    { "working", "办理中" },             { "reported", "已回告" },
    { "rework", "返工中" },              { "reassigned", "已改派" },
    { "excused", "已免办" },             { "proposed", "待答复" },
    { "serving", "服务中" },             { "delivered", "已交付" },
    { "rated", "已评价" },               { "posted", "已记豆" },
    { "failed", "未成" },                { "expired", "已过期" },
    /* who speaks */
    { "resident", "居民" },              { "community", "社区" },
    { "street_clerk", "街道经办" },      { "street_lead", "街道负责人" },
    { "officer", "经办人" },             { "office_lead", "部门负责人" },
    { "district_dispatch", "区指挥中心" }, { "district_lead", "区领导" },
    { "partner", "合作方" },             { "reviewer", "评审" },
    { "auditor", "审计" },               { "operator", "运维" },
    { "worker", "系统" },
    /* clang-format on */
};

struct text words_of(struct text code)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_is(code, words[i].code))
            return text_of(words[i].word);
    return code;
}
