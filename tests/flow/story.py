"""The main job, whole: from a resident's words to departments at the door, a
callback, and a partner's beans. Each step is played over HTTP as the person
whose step it is; what must come of it is asserted here, so that the demo and
the test play the same.

    for step in Story(cell).play():
        print(step)
"""
import json

from tests.stage.client import Events
from tests.stage.process import wait

from .calls import Calls
from .people import types
from .teller import (COMMUNITY, CLERK, DISPATCH, HOME, LEAD, OPERATOR,
                     OTHER_CLERK, OTHER_STREET, RESIDENT, STREET, Part, check,
                     held)

INTERNAL = "内部备注:当事人情绪激动,须两人同去"
ANSWER = "楼顶彩钢棚已依法拆除,建筑垃圾当日清运"


class Story(Calls):
    def play(self):
        """Steps and headings, in order; raises where one goes wrong."""
        self.events = Events(self.cell.listen(),
                             token=self.people.token(DISPATCH))
        try:
            for part in (self.morning, self.raised, self.whistled,
                         self.reported_in, self.closed, self.matched,
                         self.called, self.all_seen):
                yield from part()
        finally:
            self.events.close()

    def morning(self):
        yield Part("零、早上:花名册和合伙人已在册",
                   "0. Morning: rosters and partners are there")
        yield self.step("区里各部门值班人员、合伙人由样例载入",
                        "duty officers and partners come from the samples")
        answer = self.say(OTHER_CLERK, "/v1/whistles", {
            "kind": "emergency", "matter": "P0102", "region": "530103004001",
            "street": OTHER_STREET, "facts": "污水井盖缺失,已有人绊倒",
            "submit": True})
        path = "/v1/whistles/" + answer["id"]
        whistle = self.people.state(OTHER_CLERK, path, "issued")
        self.other = path
        lanes = self.people.until(
            DISPATCH, "/v1/tasks?whistle=" + answer["id"],
            lambda page: len(held(page)) == 2, "two lanes, each with its "
            "officer")["items"]
        self.busy = {lane["office"]: lane["holder"] for lane in lanes}
        check(set(self.busy), {"SWJ", "CGJ"}, "who was called")
        for office, person in self.busy.items():
            for word in ("sign", "contact", "arrive"):
                self.say("officer/%s/%s" % (office, person), "/v1/tasks/%s/1/"
                         "%s/%s" % (answer["id"], office, word))
        yield self.step(
            "联盟街道吹应急 %s,无需审批,直接派给 %s" % (
                whistle["number"], "、".join(sorted(self.busy.values()))),
            "another street blows an emergency whistle: no approval needed, "
            "two officers are there at once")

    def raised(self):
        yield Part("一、居民提出诉求", "1. A resident raises an issue")
        answer = self.say(RESIDENT, "/v1/issues", {
            "home": HOME, "title": "楼顶违规加建彩钢棚",
            "text": "隔壁单元楼顶搭了彩钢棚,刮风时铁皮松动,怕掉下来砸到人",
            "place": "小龙路 18 号 3 栋楼顶", "class": "complex",
            "requester": {"name": "李秀英", "phone": "13800000017"}})
        self.issue = "/v1/issues/" + answer["id"]
        seen = self.see(RESIDENT, self.issue)
        check((seen["state"], seen["stage"]), ("received", "triage"), "raised")
        check(seen["due"][:16], "2026-03-02T02:30", "triage: 2 urgent hours")
        yield self.step(
            "居民 %s(%s)提出 %s:%s" % (
                seen["name_masked"], seen["phone_masked"], seen["number"],
                seen["title"]),
            "a resident raises it: received, triage is due at 10:30; name and "
            "phone are sealed before Kafka")
        self.time_is("2026-03-02T08:35+08:00")
        self.say(COMMUNITY, self.issue + "/accept",
                 {"matter": "E0101", "class": "complex"})
        seen = self.see(COMMUNITY, self.issue)
        check((seen["state"], seen["matter"]), ("accepted", "E0101"), "accept")
        yield self.step("小龙路社区受理,事项“私搭乱建”,15 个自然日内答复",
                        "the community accepts it as unauthorised building")
        self.time_is("2026-03-02T08:40+08:00")
        self.say(COMMUNITY, self.issue + "/route", {
            "route": "whistled", "whistle": {
                "kind": "enforcement", "tried": "社区三次上门劝导无果",
                "facts": "楼顶加建彩钢棚约 60 平方米,无审批手续"}})
        seen = self.people.until(
            COMMUNITY, self.issue, lambda i: i["state"] == "whistled"
            and i["whistle"], "the issue to be whistled")
        self.whistle = seen["whistle"]
        check(types(seen)[:3], ["issue.raised", "issue.accepted",
                                "issue.routed"], "the issue's timeline")
        yield self.step("社区解决不了,请街道吹哨:综合执法哨",
                        "the community cannot solve it: whistled")

    def whistled(self):
        yield Part("二、街道吹哨", "2. The street whistles")
        path = "/v1/whistles/" + self.whistle
        seen = self.people.state(CLERK, path, "awaiting_approval")
        yield self.step("%s 待审批:须街道第二双眼睛" % seen["number"],
                        "drafted; an enforcement whistle needs a second pair "
                        "of eyes")
        twin = "street_lead/%s/wang-min" % STREET
        self.people.refused(twin, path + "/approve", {}, "same_person")
        yield self.step("发起人自己来批:被拒绝(同一人)",
                        "the one who routed it may not approve it: refused")
        self.time_is("2026-03-02T08:45+08:00")
        idle = {office: self.least_loaded(office)
                for office in ("CGJ", "ZRZY", "ZJJ", "GAFJ")}
        self.say(LEAD, path + "/approve", {"note": "同意"})
        seen = self.people.state(LEAD, path, "issued")
        check((seen["round"], types(seen)), (1, [
            "whistle.drafted", "whistle.submitted", "whistle.issued"]),
            "the whistle")
        lanes = self.people.until(
            LEAD, "/v1/tasks?whistle=" + self.whistle,
            lambda page: len(held(page)) == 4, "four lanes, each with its "
            "officer")["items"]
        roles = {lane["office"]: lane["role"] for lane in lanes}
        check(roles, {"CGJ": "lead", "ZRZY": "assist", "ZJJ": "assist",
                      "GAFJ": "assist"}, "the duty list's offices")
        for lane in lanes:
            office = lane["office"]
            check(lane["holder"] in idle[office], True,
                  "%s goes to one of %s" % (office, sorted(idle[office])))
        check(self.busy["CGJ"] in idle["CGJ"], False, "who is busy is passed")
        due = {c["stage"]: c["due"][:16] for c in lanes[0]["clocks"]}
        check(due, {"sign": "2026-03-02T02:00", "contact": "2026-03-03T00:45",
                    "arrive": "2026-03-05T09:30",
                    "resolve": "2026-03-16T09:30"}, "the limits")
        yield self.step(
            "街道领导批准。职责清单:城管局牵头,自然资源、住建、公安协办;"
            "值班员按在手最少先派:" + "、".join(
                "%s→%s" % (l["office"], l["holder"]) for l in lanes),
            "approved and issued: lead and assists by the duty list, each "
            "to its least loaded officer (%s is busy)" % self.busy["CGJ"])
        yield self.step("时钟从吹哨起走:签收 10:00 前,联系 24 小时,"
                        "到场 3 个、办结 10 个工作日",
                        "all clocks run from the whistle, not from signing")

        self.say("street_lead/%s/he-jing" % OTHER_STREET,
                 self.other + "/cancel", {"why": "井盖已由产权单位补装"})
        self.people.state(OTHER_CLERK, self.other, "cancelled")
        self.people.until(
            DISPATCH, "/v1/tasks?open=true&whistle=" + self.other[-36:],
            lambda page: not page["items"], "its lanes to end")
        yield self.step("联盟街道取消应急哨(井盖已补装),两家任务随之结束",
                        "the other street cancels its whistle; its lanes end")

    def reported_in(self):
        yield Part("三、部门报到", "3. Departments report in")
        self.time_is("2026-03-02T09:05+08:00")
        for office in ("CGJ", "GAFJ"):
            who = self.holder(office)
            self.at_lane(who, office, "sign", state="signed")
            self.at_lane(who, office, "contact", {"note": "已电话联系社区"},
                         "contacted")
            yield self.step("%s %s 签收并联系" % (office, who.rpartition("/")[2]),
                            "signed and contacted, in time")
        yield from self.returned_and_forced()
        yield from self.unsigned_turns_red()
        yield from self.on_the_spot()

    def returned_and_forced(self):
        lead = "office_lead/ZJJ/qian-jun"
        lane = self.at_lane(lead, "ZJJ", "return", {
            "reason": "not_our_duty", "evidence": "三定方案第 7 条"},
            "assigned")
        check((lane["hold"], lane["returns"]), ("return", 1), "the return")
        yield self.step("住建局退单:不属本部门职责(计一次)",
                        "one office returns its lane, with a coded reason")
        self.people.refused(LEAD, self.lane_path("ZJJ", "/rule"),
                            {"ruling": "force", "note": "x"}, "not_allowed")
        self.time_is("2026-03-02T09:15+08:00")
        lane = self.at_lane(DISPATCH, "ZJJ", "rule", {
            "ruling": "force", "note": "先办后议"}, "assigned")
        check((lane["ruling"], lane["forced"], lane["hold"]),
              ("force", True, None), "the ruling")
        yield self.step("区指挥中心裁定:强制,先办后议",
                        "the district rules: force; handle first, argue later")
        self.people.refused(lead, self.lane_path("ZJJ", "/return"), {
            "reason": "not_our_duty", "evidence": "再退一次"}, "not_returnable")
        self.at_lane(self.holder("ZJJ"), "ZJJ", "sign", state="signed")
        yield self.step("再退被拒绝;住建局签收", "a second return is refused; "
                        "it signs")

    def unsigned_turns_red(self):
        first = self.lane("ZRZY")["holder"]
        self.time_is("2026-03-02T09:31+08:00")
        lane = self.people.until(
            DISPATCH, self.lane_path("ZRZY"),
            lambda l: l["holder"] not in (None, first), "another officer")
        yield self.step("自然资源分局到签收时限一半仍未签收:%s → %s" % (
            first, lane["holder"]),
            "half of the sign limit gone unsigned: the next officer gets it")
        check(lane["light"], "green", "the light before")
        self.time_is("2026-03-02T10:01+08:00")
        lane = self.people.until(
            DISPATCH, self.lane_path("ZRZY"),
            lambda l: "task.overdue" in types(l)
            and "task.supervised" in types(l), "the lane to be overdue")
        check((lane["light"], lane["stage"]), ("red", "sign"), "the light")
        red = self.see(DISPATCH, "/v1/tasks?light=red&whistle="
                       + self.whistle)["items"]
        check([l["office"] for l in red], ["ZRZY"], "red lanes")
        step = next(e["data"]["step"] for e in lane["timeline"]
                    if e["type"] == "task.supervised")
        check(step, "urge", "the ladder")
        yield self.step("10:00 已过,自然资源分局的灯自己变红,督办:催办",
                        "its light turns red by itself; supervision: urge")
        lane = self.at_lane(self.holder("ZRZY"), "ZRZY", "sign",
                            state="signed")
        check(lane["late"], True, "signed late")
        yield self.step("自然资源分局迟签", "it signs, late, and that stays "
                        "on record")
        for office in ("ZRZY", "ZJJ"):
            self.at_lane(self.holder(office), office, "contact",
                         state="contacted")

    def on_the_spot(self):
        self.time_is("2026-03-03T10:00+08:00")
        for office in ("CGJ", "GAFJ", "ZRZY", "ZJJ"):
            who = self.holder(office)
            self.at_lane(who, office, "arrive", {
                "lng": 102752000, "lat": 25052000}, "arrived")
            self.at_lane(who, office, "start", state="working")
        yield self.step("四个部门到场,开工", "all four are on the spot")
        self.time_is("2026-03-05T16:00+08:00")
        self.people.refused(self.holder("CGJ"),
                            self.lane_path("CGJ", "/report"),
                            self.report_of("CGJ"), "assists_open")
        yield self.step("牵头的城管局想先回告:被拒绝,须待协办单位",
                        "the lead wants to report first: refused, assists are "
                        "still open")
        for office in ("GAFJ", "ZRZY", "ZJJ", "CGJ"):
            self.at_lane(self.holder(office), office, "report",
                         self.report_of(office), "reported")
        lane = self.lane("CGJ")
        check((lane["reports"][0]["answer"], lane["reports"][0]["internal"]),
              (ANSWER, INTERNAL), "the report")
        yield self.step("协办先回告,牵头后回告:公开答复与内部备注分开",
                        "assists report, then the lead: public answer apart "
                        "from the internal note")

    def report_of(self, office):
        return {"internal": INTERNAL, "answer": ANSWER,
                "received_at": "2026-03-02T08:45:00+08:00",
                "contacted": "李女士,3 月 2 日 9 时 05 分",
                "measure": "依法拆除,恢复原状",
                "limit_note": "10 个工作日内办结"}

    def closed(self):
        yield Part("四、街道验收,居民评价",
                   "4. The street accepts, the resident judges")
        self.time_is("2026-03-06T09:30+08:00")
        for office in ("GAFJ", "ZRZY", "ZJJ", "CGJ"):
            lane = self.at_lane(CLERK, office, "accept", {
                "score_report_in": 60 if office == "ZRZY" else 95,
                "score_handling": 90, "score_result": 95, "bonus": 2},
                "accepted")
            check(lane["score"]["result"], 95, "the score")
        yield self.step("街道验收四家并打分(自然资源分局报到分 60)",
                        "the street, not the department, accepts and scores")
        seen = self.people.state(LEAD, "/v1/whistles/" + self.whistle,
                                 "closed")
        yield self.step("最后一家验收,%s 自行关闭" % seen["number"],
                        "with the last lane the round and whistle close")
        seen = self.people.state(COMMUNITY, self.issue, "handled")
        check(seen["due"][:16], "2026-03-09T09:30", "callback: 1 working day")
        self.say(COMMUNITY, self.issue + "/callback", {
            "contacted": "yes", "solved": "yes", "satisfied": "yes"})
        seen = self.people.state(RESIDENT, self.issue, "closed")
        check(types(seen), [
            "issue.raised", "issue.accepted", "issue.routed", "issue.handled",
            "issue.called", "issue.closed"], "the issue's life")
        yield self.step("社区回访:已联系、已解决、满意;%s 办结"
                        % seen["number"],
                        "callback: contacted, solved, satisfied; closed")
        self.nothing_internal_for_the_resident()
        yield self.step("内部备注在居民能看到的地方一处也没有",
                        "the internal note is in nothing the resident sees")

    def nothing_internal_for_the_resident(self):
        self.people.hidden(RESIDENT, self.lane_path("CGJ"))
        pages = [self.see(RESIDENT, path) for path in (
            self.issue, "/v1/issues", "/v1/tasks", "/v1/whistles")]
        shown = json.dumps(pages, ensure_ascii=False)
        check("内部备注" in shown, False, "the resident sees the note")
        check("楼顶违规加建彩钢棚" in shown, True, "the resident sees theirs")

    def matched(self):
        yield Part("五、需求、资源、金豆", "5. A need, a partner, beans")
        answer = self.say(CLERK, "/v1/needs", {
            "title": "小龙路社区独居老人春季照护", "region": HOME,
            "skills": ["elder_care"], "prefers": ["cleaning"], "quantity": 4,
            "from": "2026-03-09T09:00:00+08:00",
            "to": "2026-03-09T12:00:00+08:00"})
        self.need = "/v1/needs/" + answer["id"]
        first = self.proposal(answer["id"])
        terms = first["terms"]
        check(first["score"], sum(t["value"] * t["weight"] for t in terms)
              // sum(t["weight"] for t in terms), "the score by its terms")
        yield self.step(
            "街道发布需求;系统推荐 %s,得分 %d:%s" % (
                first["partner_name"], first["score"], " ".join(
                    "%s %d" % (t["name"], t["value"]) for t in terms)),
            "a street publishes a need; the best partner is proposed, with "
            "reasons")
        self.at_match(first, "decline", {"reason": "no_time"}, "declined")
        second = self.proposal(answer["id"])
        check(second["partner"] != first["partner"], True, "the next one")
        check(second["score"] // 50 <= first["score"] // 50, True,
              "the best was asked first")
        yield self.step("%s 婉拒(时间不合适),改荐 %s,得分 %d" % (
            first["partner_name"], second["partner_name"], second["score"]),
            "it declines, for a coded reason: the next best is proposed")
        self.at_match(second, "accept", {}, "accepted")
        check(self.see(CLERK, self.need)["state"], "matched", "the need")
        self.time_is("2026-03-09T09:00+08:00")
        self.at_match(second, "serve", {}, "serving")
        self.time_is("2026-03-09T12:00+08:00")
        self.at_match(second, "deliver", {"minutes": 180}, "delivered")
        yield self.step("%s 接单、服务、完成(180 分钟)"
                        % second["partner_name"],
                        "it accepts, serves, delivers")
        yield from self.beans(second)

    def proposal(self, need):
        return self.people.until(
            DISPATCH, "/v1/matches?state=proposed&need=" + need,
            lambda page: len(page["items"]) == 1, "a proposal")["items"][0]

    def at_match(self, match, word, body, state):
        who = "partner/%s/boss" % match["partner"]
        path = "/v1/matches/" + match["match"]
        self.say(who, path + "/" + word, body)
        check(self.see(who, path)["state"], state, "the match")

    def beans(self, match):
        path = "/v1/matches/" + match["match"]
        who = "partner/%s/boss" % match["partner"]
        self.say(LEAD, path + "/rate", {"stars": 5})
        seen = self.people.state(who, path, "posted")
        check(seen["beans"], 20, "two hours at most count")
        check(types(seen), ["match.proposed", "match.accepted",
                            "match.serving", "match.delivered", "match.rated",
                            "match.posted"], "the match's life")
        self.people.state(CLERK, self.need, "closed")
        purse = self.see(who, "/v1/beans/" + match["partner"])
        check(purse["available"], 20, "the purse")
        rows = self.cell.sql("SELECT sum(amount), count(*) FROM "
                             "ledger.posting")[0]
        check((rows[0], int(rows[1]) > 0), ("0", True), "sum of postings")
        self.match = match["match"]
        yield self.step("街道五星评价;记金豆 20(每次活动最多两小时);"
                        "全部分录之和为 0",
                        "rated five stars; 20 beans are posted; the sum of "
                        "all postings is zero")

    def all_seen(self):
        yield Part("七、都看得见", "7. All of it seen")
        things = {
            "issue": self.issue, "whistle": "/v1/whistles/" + self.whistle,
            "task": self.lane_path("ZRZY"), "match": "/v1/matches/"
            + self.match}
        events = {event["id"]: (event["type"], path)
                  for path in [*things.values(), self.need]
                  for event in self.see(DISPATCH, path)["timeline"]}
        wait(lambda: set(events) <= {e["id"] for e in self.events.list}, 10,
             "SSE to carry each event of the timelines")
        yield self.step("SSE 收到 %d 条事件,时间线上的 %d 条一条不缺" % (
            len(self.events.list), len(events)),
            "SSE has carried every event of the timelines")
        for kind, path in things.items():
            name = path.split("/", 3)[3]
            shown = self.cell.baodao("show", kind, name).stdout
            for word in types(self.see(DISPATCH, path)):
                check(word in shown, True, "baodao show %s tells %s"
                      % (kind, word))
        yield self.step("baodao show 与 GET 的时间线一致",
                        "baodao show tells the same timelines")
        queues = self.people.until(
            OPERATOR, "/v1/queues",
            lambda page: all(q["lag"] == 0 for q in page["items"]),
            "the queues to be empty")["items"]
        check(sum(q["dead_letters"] for q in queues), 0, "dead letters")
        check({q["lag_seconds"] for q in queues}, {0}, "lag in seconds")
        yield self.step("%d 个队列,积压 0" % len(queues),
                        "every queue is folded: lag 0, no dead letter")
        done = self.cell.baodao("verify")
        check(done.stdout + done.stderr, "", "verify is silent")
        yield self.step("baodao verify 无话可说:账、链、步骤都对",
                        "baodao verify is silent: chains, steps, promises hold")
