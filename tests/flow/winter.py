"""The hard cases, as a prologue to the story: a wall that takes eight rounds,
ten offices at once, a return war, a ruling that meets a report, a suspension
over the Spring Festival, a make-up Saturday, two in the morning of a holiday,
an office that never signs. Leaves no lane open."""
from datetime import datetime, timedelta, timezone

from .calls import FIRST, Calls
from .people import types
from .teller import CLERK, DISPATCH, HOME, LEAD, Part, check

BORN = "2026-02-10T08:30+08:00"     # a Tuesday; the Festival is 15 to 23
SHANGHAI = timezone(timedelta(hours=8))
TEN = ["CGJ", "GAFJ", "JJDD", "SCJG", "ZJJ", "STHJ", "SWJ", "YJJ", "JTYS",
       "MZJ"]
REPORT = {"internal": "备注", "answer": "墙已加固", "contacted": "社区",
          "received_at": BORN, "measure": "加固", "limit_note": "当日"}
SCORES = {"score_report_in": 95, "score_handling": 90, "score_result": 90}
BACK = {"reason": "not_our_duty", "evidence": "三定方案第 7 条"}


class Winter(Calls):
    def play(self):
        self.clock = BORN
        yield Part("难办的几件事", "What is hard about it")
        for scene in (self.wall, self.ten, self.report_first, self.war,
                      self.put_aside, self.make_up_saturday, self.at_two,
                      self.back_again, self.never_signed):
            yield from scene()

    # --- words

    def street(self, **body):
        """A whistle of CLERK's street, issued."""
        path = self.blow(CLERK, **{"region": HOME, "facts": "围墙倾斜",
                                   **body})
        if body.get("kind", "emergency") != "emergency":
            self.say(LEAD, path + "/approve", {"note": "同意"})
        self.people.state(CLERK, path, "issued")
        return path

    def held(self, path, office, round=1):
        return self.of(path, office, lambda lane: lane["holder"], round)

    def do(self, path, office, *words, round=1):
        """The office's words, by who holds the lane."""
        who = "officer/%s/%s" % (office,
                                 self.held(path, office, round)["holder"])
        for word in words:
            self.say(who, self.at(path, office, "/" + word, round),
                     REPORT if word == "report" else {})
        return self.of(path, office, lambda lane: True, round)

    def refused(self, who, path, office, word, body, reason):
        self.people.refused(who, self.at(path, office, "/" + word), body,
                            reason)

    def due(self, lane, stage):
        due = {c["stage"]: c["due"] for c in lane["clocks"]}.get(stage)
        return due and datetime.fromisoformat(due).astimezone(
            SHANGHAI).strftime("%m-%d %H:%M")

    # --- scenes

    def wall(self):
        path = self.street(lead="CGJ", facts="老墙第一次倾斜")
        for round in range(1, 8):
            self.do(path, "CGJ", "sign", "contact", "arrive", "report",
                    round=round)
            self.say(CLERK, self.at(path, "CGJ", "/accept", round), SCORES)
            self.people.state(CLERK, path, "closed")
            self.say(CLERK, path + "/again",
                     {"facts": "第八次,地基下沉"} if round == 7 else {})
        seen = self.people.until(FIRST, path, lambda w: len(w["rounds"]) == 8,
                                 "eight rounds")
        check({r["offices"][0]["answer"] for r in seen["rounds"][:7]},
              {"墙已加固"}, "what the eighth round sees of the others")
        self.excused(path, CLERK, "CGJ", round=8)
        yield self.step("一堵老墙吹了八轮哨,第八轮看得到前七轮的答复",
                        "a wall takes eight rounds; the eighth sees what came "
                        "of the seven")

    def ten(self):
        path = self.street(lead=TEN[0], assists=TEN[1:])
        holders = {self.held(path, office)["holder"] for office in TEN}
        check(len(holders), 10, "ten officers")
        self.excused(path, CLERK, *TEN)
        yield self.step("一哨叫十家:十家各有承办人,免办后自行结案",
                        "ten offices in one whistle, an officer each; with "
                        "the last lane it closes")

    def report_first(self):
        path = self.street(lead="CGJ", assists=["ZJJ"])
        self.do(path, "ZJJ", "sign", "contact", "arrive")
        self.say("office_lead/ZJJ/q", self.at(path, "ZJJ", "/return"), BACK)
        self.do(path, "ZJJ", "report")
        self.refused(DISPATCH, path, "ZJJ", "rule", {
            "ruling": "reassign", "to": "ZRZY", "note": "改派"},
            "illegal_transition")
        self.say(DISPATCH, self.at(path, "ZJJ", "/rule"),
                 {"ruling": "force", "note": "已回告"})
        self.excused(path, CLERK, "ZJJ", "CGJ")
        yield self.step("裁定遇上回告,回告在先:改派被拒绝,只能维持",
                        "a ruling meets a report that came first: reassign is "
                        "refused, force remains")

    def war(self):
        path = self.street(lead="CGJ", assists=["ZJJ"])
        self.do(path, "ZJJ", "sign", "contact", "arrive")
        self.say("office_lead/ZJJ/q", self.at(path, "ZJJ", "/return"), BACK)
        self.say(DISPATCH, self.at(path, "ZJJ", "/rule"), {
            "ruling": "reassign", "to": "ZRZY", "note": "用地问题"})
        status, answer = self.people.post(
            "officer/ZJJ/zjj-01", self.at(path, "ZJJ", "/report"), REPORT)
        check(answer.get("reason") in ("being_reassigned",
                                       "illegal_transition"), True,
              "a report after the ruling")
        yield self.step("裁定在先:回告被拒绝,改派自然资源分局",
                        "the ruling comes first: no report is due any more")
        self.of(path, "ZRZY", lambda lane: True)
        self.say("office_lead/ZRZY/w", self.at(path, "ZRZY", "/return"), BACK)
        self.say(DISPATCH, self.at(path, "ZRZY", "/rule"),
                 {"ruling": "force", "note": "先办后议"})
        self.refused("office_lead/ZRZY/w", path, "ZRZY", "return", BACK,
                     "not_returnable")
        self.excused(path, CLERK, "ZRZY", "CGJ")
        yield self.step("它也退单:区裁定强制,先办后议,不得再退",
                        "it returns too: the return war ends by force")

    def put_aside(self):
        self.time_is("2026-02-12T09:00+08:00")
        self.aside = path = self.street(kind="enforcement", lead="CGJ")
        lane = self.do(path, "CGJ", "sign", "contact", "arrive")
        before = self.due(lane, "resolve")
        self.say(CLERK, self.at(path, "CGJ", "/suspend"), {
            "reason": "holiday_stop", "review": "2026-02-25",
            "note": "春节停工"})
        lane = self.of(path, "CGJ", lambda lane: lane["hold"])
        check((lane["hold"], self.due(lane, "resolve")), ("suspended", None),
              "the lane put aside")
        yield self.step("春节停工,挂账到 2 月 25 日:原定 %s 办结,到期待定"
                        % before, "suspended over the Spring Festival: the "
                        "clock stands still, what was used is kept")

    def make_up_saturday(self):
        self.time_is("2026-02-13T16:40+08:00")
        path = self.street(kind="enforcement", lead="ZJJ")
        lane = self.held(path, "ZJJ")
        check((self.due(lane, "sign"), self.due(lane, "arrive")),
              ("02-14 09:10", "02-25 17:30"), "dues over a worked Saturday")
        self.excused(path, CLERK, "ZJJ")
        yield self.step("周五 16:40 吹哨:一个工作时到调休的周六 09:10",
                        "whistled on a Friday at 16:40: one working hour ends "
                        "on the make-up Saturday at 09:10")

    def at_two(self):
        self.time_is("2026-02-17T02:00+08:00")
        path = self.street(lead="GAFJ", facts="燃气味,疑似泄漏")
        lane = self.held(path, "GAFJ")
        check([self.due(lane, s) for s in ("sign", "arrive", "resolve")],
              ["02-17 02:10", "02-17 02:30", "02-18 02:00"], "urgent dues")
        self.do(path, "GAFJ", "sign", "contact", "arrive", "report")
        self.say(CLERK, self.at(path, "GAFJ", "/accept"), SCORES)
        self.people.state(CLERK, path, "closed")
        yield self.step("大年初一凌晨两点的应急哨:10 分钟签收,昼夜计时",
                        "an emergency at 02:00 of New Year's Day: 10 minutes "
                        "to sign, counted day and night")

    def back_again(self):
        self.time_is("2026-02-25T09:00+08:00")
        lane = self.of(self.aside, "CGJ", lambda lane: not lane["hold"])
        check("task.resumed" in types(lane), True, "it came back by itself")
        told = self.cell.baodao("show", "clock", "%s/1/CGJ"
                                % self.aside[-36:]).stdout
        check("2026-02-12 09:00 至 2026-02-25 00:00 挂账,不计" in told, True,
              "the sentence")
        yield self.step("到复核日自行恢复,办结顺延到 %s"
                        % self.due(lane, "resolve"),
                        "back by itself on its review date, its due moved by "
                        "what the suspension covered")
        self.excused(self.aside, CLERK, "CGJ")

    def never_signed(self):
        self.time_is("2026-02-26T09:00+08:00")
        path = self.street(kind="enforcement", lead="ZRZY")
        first = self.held(path, "ZRZY")["holder"]
        self.time_is("2026-02-27T09:00+08:00")
        lane = self.of(path, "ZRZY", lambda lane: len(lane["documents"]) >= 2
                       and lane["holder"] != first)
        check([d["step"] for d in lane["documents"] if d["stage"] == "sign"],
              ["urge", "written"], "the ladder")
        check((lane["state"], lane["light"]), ("assigned", "red"), "the lane")
        yield self.step("从不签收的单位:%s → %s,红灯,%s" % (
            first, lane["holder"], "、".join(
                d["number"] for d in lane["documents"])),
            "an office that never signs: the next officer, red, an urge and "
            "a written supervision with their numbers")
        self.excused(path, CLERK, "ZRZY")
