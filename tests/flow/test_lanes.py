"""Lanes as a street would know them, on real servers: one spring in Panlong,
told in order; each scenario begins where the clock of the last one stood."""
import shutil
import unittest
from datetime import datetime, timedelta, timezone

from tests.stage import shared_stage
from tests.stage.servers import TOP

from .people import People, types
from .teller import CLERK, DISPATCH, HOME, LEAD, STREET

LIMIT_S = 240
SHANGHAI = timezone(timedelta(hours=8))
PHOTO = {"sha256": "9f" * 32, "name": "现场照片.jpg"}
BORN = "2026-02-10T08:30+08:00"     # a Tuesday; the Festival is 15 to 23


class Lanes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cell = shared_stage("lanes", test_clock=BORN)
        cls.people = People(cls.cell)
        for officer in ("o-1", "o-2"):
            cls.people.say(DISPATCH, "/v1/offices/ZRZY/duty", {
                "officer": officer, "name": "值班员", "on_duty": True,
                "capacity": 5})

    # --- words

    def time_is(self, clock):
        self.cell.baodao("time", "to", clock)

    def blow(self, kind="enforcement", lead="CGJ", assists=(),
             matter="E0101"):
        """A whistle that is issued; its id."""
        answer = self.people.say(CLERK, "/v1/whistles", {
            "kind": kind, "matter": matter, "region": HOME,
            "street": STREET, "facts": "围墙倾斜,随时可能倒塌",
            "lead": lead, "assists": list(assists), "submit": True})
        path = "/v1/whistles/" + answer["id"]
        if kind != "emergency":
            self.people.state(LEAD, path, "awaiting_approval")
            self.people.say(LEAD, path + "/approve", {"note": "同意"})
        self.people.state(LEAD, path, "issued")
        for office in (lead, *assists):
            self.people.until(DISPATCH, self.path(answer["id"], office),
                              lambda lane: lane["open"], "the lane")
        return answer["id"]

    def path(self, whistle, office, word=""):
        return "/v1/tasks/%s/1/%s%s" % (whistle, office, word and "/" + word)

    def lane(self, whistle, office, who=DISPATCH):
        return self.people.see(who, self.path(whistle, office))

    def at(self, who, whistle, office, word, body=None):
        self.people.say(who, self.path(whistle, office, word), body)
        return self.lane(whistle, office)

    def officer(self, office):
        return "officer/%s/o-test" % office

    def arrive(self, whistle, office):
        for word in ("sign", "contact", "arrive"):
            self.at(self.officer(office), whistle, office, word)

    def report(self, whistle, office):
        return self.at(self.officer(office), whistle, office, "report", {
            "internal": "内部说明", "answer": "已加固",
            "received_at": "2026-02-10T09:00:00+08:00",
            "contacted": "李女士", "measure": "加固并设围挡",
            "limit_note": "三日内复核", "attachments": [PHOTO]})

    def due(self, lane, stage):
        """In Shanghai, as people read it."""
        due = {c["stage"]: c["due"] for c in lane["clocks"]}.get(stage)
        return due and self.shanghai(due)

    def shanghai(self, text):
        at = datetime.fromisoformat(text).astimezone(SHANGHAI)
        return at.strftime("%m-%d %H:%M")

    def wait_for(self, whistle, office, predicate, what):
        return self.people.until(DISPATCH, self.path(whistle, office),
                                 predicate, what)

    def steps(self, whistle, office, stage, who=DISPATCH):
        page = self.people.see(who, self.path(whistle, office, "clock"))
        return {c["stage"]: "\n".join(c["steps"])
                for c in page["clocks"]}[stage]

    # --- the spring

    def test_1_a_suspension_over_the_spring_festival(self):
        whistle = self.blow()
        self.arrive(whistle, "CGJ")
        self.assertEqual(self.due(self.lane(whistle, "CGJ"), "resolve"),
                         "03-02 17:30")     # 11-14, 24-28, 2
        self.people.refused(self.officer("CGJ"), self.path(
            whistle, "CGJ", "suspend"), {"reason": "winter",
                                         "review": "2026-02-25"},
            "not_allowed")
        self.time_is("2026-02-12T09:00+08:00")
        lane = self.at(CLERK, whistle, "CGJ", "suspend", {
            "reason": "holiday_stop", "review": "2026-02-25",
            "note": "春节停工"})
        self.assertEqual((lane["hold"], self.due(lane, "resolve")),
                         ("suspended", None))
        self.assertEqual(self.shanghai(lane["review"]), "02-25 00:00")
        self.assertEqual([l["task"] for l in self.people.see(
            DISPATCH, "/v1/tasks?hold=suspended")["items"]],
            [whistle + "/1/CGJ"])
        names = self.people.see(DISPATCH, "/v1/summary")["names"]
        self.assertEqual((names["CGJ"], names[STREET]),
                         ("城管局", "东华街道"))
        self.assertIn("到期待定", self.steps(whistle, "CGJ", "resolve"))
        type(self).suspended = whistle

    def test_2_a_make_up_saturday_counts(self):
        self.time_is("2026-02-13T16:40+08:00")      # a Friday
        whistle = self.blow(lead="ZJJ")
        lane = self.lane(whistle, "ZJJ")
        # the 14th is a Saturday, and worked
        self.assertEqual(self.due(lane, "sign"), "02-14 09:10")
        self.assertEqual(self.due(lane, "arrive"), "02-25 17:30")
        told = self.steps(whistle, "ZJJ", "arrive")
        self.assertIn("调休上班 make-up: 02-14", told)
        self.assertIn("不计 not counted: 02-15..02-23", told)
        self.at(CLERK, whistle, "ZJJ", "excuse", {"reason": "not_needed"})

    def test_3_an_emergency_at_two_in_the_morning_of_a_holiday(self):
        self.time_is("2026-02-17T02:00+08:00")      # New Year's Day
        whistle = self.blow("emergency", lead="GAFJ")
        lane = self.lane(whistle, "GAFJ")
        self.assertEqual([self.due(lane, stage) for stage in (
            "sign", "contact", "arrive", "resolve")], [
            "02-17 02:10", "02-17 02:15", "02-17 02:30", "02-18 02:00"])
        self.time_is("2026-02-17T02:08+08:00")
        self.assertEqual(self.wait_for(
            whistle, "GAFJ", lambda l: l["light"] == "yellow",
            "yellow")["stage"], "sign")
        self.arrive(whistle, "GAFJ")
        self.time_is("2026-02-17T04:00+08:00")
        self.report(whistle, "GAFJ")
        lane = self.at(CLERK, whistle, "GAFJ", "accept", {
            "score_report_in": 100, "score_handling": 95,
            "score_result": 95})
        self.assertEqual((lane["state"], lane["late"]), ("accepted", False))
        self.assertEqual(lane["reports"][0]["attachments"], [PHOTO])
        self.assertIn("昼夜连续计时", self.steps(whistle, "GAFJ", "resolve"))
        self.assertIn("按时", self.steps(whistle, "GAFJ", "resolve"))
        self.people.state(LEAD, "/v1/whistles/" + whistle, "closed")

    def test_4_it_comes_back_by_itself(self):
        whistle = self.suspended
        self.time_is("2026-02-24T23:59+08:00")
        self.assertEqual(self.lane(whistle, "CGJ")["hold"], "suspended")
        self.time_is("2026-02-25T09:00+08:00")
        lane = self.wait_for(whistle, "CGJ", lambda l: not l["hold"],
                             "the lane to come back")
        # covered: 12, 13, 14, 24: four working days later
        self.assertEqual(self.due(lane, "resolve"), "03-06 17:30")
        self.assertIn("task.resumed", types(lane))
        told = self.steps(whistle, "CGJ", "resolve")
        self.assertIn("2026-02-12 09:00 至 2026-02-25 00:00 挂账,不计", told)
        shown = self.cell.baodao("show", "clock", whistle + "/1/CGJ").stdout
        for step in told.splitlines()[:-1]:     # the last one says "now"
            self.assertIn(step, shown)
        self.report(whistle, "CGJ")

    def test_5_an_office_that_never_signs(self):
        self.time_is("2026-02-26T09:00+08:00")
        whistle = self.blow(lead="ZRZY")
        first = self.wait_for(whistle, "ZRZY", lambda l: l["holder"],
                              "an officer")["holder"]
        self.time_is("2026-02-26T09:30+08:00")
        self.wait_for(whistle, "ZRZY", lambda l: l["holder"]
                      and l["holder"] != first, "the next officer")
        self.time_is("2026-02-27T09:00+08:00")
        lane = self.wait_for(whistle, "ZRZY",
                             lambda l: len(l["documents"]) >= 2,
                             "reminder and written supervision")
        sign = [d for d in lane["documents"] if d["stage"] == "sign"]
        self.assertEqual([d["step"] for d in sign], ["urge", "written"])
        for document in sign:
            self.assertRegex(document["number"], r"^督20260\d{3}-\d\d-\d{4}$")
            self.assertIn("自然资源", document["text"])
        self.assertEqual(lane["state"], "assigned")
        self.assertIn("红灯,已超", self.steps(whistle, "ZRZY", "sign"))
        # an illegal step says what is allowed, and by whom
        problem = self.people.refused(
            self.officer("ZRZY"), self.path(whistle, "ZRZY", "arrive"), {},
            "illegal_transition")
        self.assertIn("本单待签收,不能到场;现在可:签收", str(problem))
        self.assertIn("(office called)", str(problem))
        # signed at last: late for good, and told how late
        lane = self.at(self.officer("ZRZY"), whistle, "ZRZY", "sign")
        self.assertTrue(lane["late"])
        self.assertIn("完成,超时", self.steps(whistle, "ZRZY", "sign"))
        self.at(CLERK, whistle, "ZRZY", "excuse", {"reason": "not_needed"})

    def test_6_a_return_war_ended_by_force(self):
        self.time_is("2026-03-02T09:00+08:00")
        whistle = self.blow(lead="CGJ", assists=["ZJJ"])
        back = {"reason": "not_our_duty", "evidence": "三定方案第 7 条"}
        # the lead sees the assist, the assist does not see the lead
        self.assertEqual(self.lane(whistle, "ZJJ", self.officer("CGJ"))
                         ["role"], "assist")
        self.people.hidden(self.officer("ZJJ"), self.path(whistle, "CGJ"))
        self.at("office_lead/ZJJ/q", whistle, "ZJJ", "return", back)
        self.at(DISPATCH, whistle, "ZJJ", "rule", {
            "ruling": "reassign", "to": "ZRZY", "note": "用地问题"})
        self.wait_for(whistle, "ZJJ", lambda l: l["state"] == "reassigned",
                      "the old lane to end")
        self.at("office_lead/ZRZY/w", whistle, "ZRZY", "return", back)
        lane = self.at(DISPATCH, whistle, "ZRZY", "rule", {
            "ruling": "force", "note": "先办后议"})
        self.assertEqual((lane["forced"], lane["hold"]), (True, None))
        self.people.refused("office_lead/ZRZY/w", self.path(
            whistle, "ZRZY", "return"), back, "not_returnable")
        # the lead's report waits for the one that was forced
        self.arrive(whistle, "CGJ")
        self.people.refused(self.officer("CGJ"), self.path(
            whistle, "CGJ", "report"), {
                "internal": "x", "answer": "y", "contacted": "z",
                "received_at": "2026-03-02T09:00:00+08:00", "measure": "m",
                "limit_note": "n"}, "assists_open")
        self.arrive(whistle, "ZRZY")
        self.report(whistle, "ZRZY")
        self.report(whistle, "CGJ")
        for office in ("ZRZY", "CGJ"):
            self.at(CLERK, whistle, office, "accept", {
                "score_report_in": 80, "score_handling": 80,
                "score_result": 80})
        self.people.state(LEAD, "/v1/whistles/" + whistle, "closed")

    def test_7_a_ruling_that_meets_a_report_in_both_orders(self):
        self.time_is("2026-03-04T09:00+08:00")
        back = {"reason": "not_our_duty", "evidence": "三定方案"}
        rule = {"ruling": "reassign", "to": "ZRZY", "note": "改派"}
        # the report comes first: the ruling is refused, force remains
        whistle = self.blow(lead="CGJ", assists=["ZJJ"])
        self.arrive(whistle, "ZJJ")
        self.at("office_lead/ZJJ/q", whistle, "ZJJ", "return", back)
        self.report(whistle, "ZJJ")
        self.people.refused(DISPATCH, self.path(whistle, "ZJJ", "rule"),
                            rule, "illegal_transition")
        lane = self.at(DISPATCH, whistle, "ZJJ", "rule", {
            "ruling": "force", "note": "已回告"})
        self.assertEqual((lane["state"], lane["forced"]), ("reported", True))
        # the ruling comes first: no report is due any more
        whistle = self.blow(lead="CGJ", assists=["ZJJ"])
        self.arrive(whistle, "ZJJ")
        self.at("office_lead/ZJJ/q", whistle, "ZJJ", "return", back)
        self.people.say(DISPATCH, self.path(whistle, "ZJJ", "rule"), rule)
        status, answer = self.people.post(
            self.officer("ZJJ"), self.path(whistle, "ZJJ", "report"), {
                "internal": "x", "answer": "y", "contacted": "z",
                "received_at": "2026-03-02T09:00:00+08:00", "measure": "m",
                "limit_note": "n"})
        self.assertIn(answer["reason"], ("being_reassigned",
                                         "illegal_transition"))
        self.wait_for(whistle, "ZJJ", lambda l: l["state"] == "reassigned",
                      "the old lane to end")
        self.assertTrue(self.lane(whistle, "ZRZY")["open"])

    def test_8_an_extension_and_the_second_one(self):
        self.time_is("2026-03-05T09:00+08:00")
        whistle = self.blow(lead="CGJ")
        self.arrive(whistle, "CGJ")
        for date, who in (("2026-03-25", CLERK), ("2026-03-31", DISPATCH)):
            lane = self.at(self.officer("CGJ"), whistle, "CGJ", "extend", {
                "reason": "parts", "to_date": date})
            self.assertIn(date, lane["extension"])
            if who == DISPATCH:
                self.people.refused(LEAD, self.path(
                    whistle, "CGJ", "grant"), {}, "district_only")
            lane = self.at(who, whistle, "CGJ", "grant", {"note": "同意"})
            self.assertEqual(self.due(lane, "resolve"),
                             date[5:] + " 17:30")
        self.assertIn("准至 2026-03-31",
                      self.steps(whistle, "CGJ", "resolve"))

    def test_8b_a_burst_main_is_fenced_repaired_and_reinstated(self):
        self.time_is("2026-03-09T09:00+08:00")
        whistle = self.blow("emergency", lead="SWJ", matter="E0402")
        who = self.officer("SWJ")
        lane = self.lane(whistle, "SWJ")
        self.assertEqual(self.due(lane, "fence"), "03-09 12:00")
        self.arrive(whistle, "SWJ")
        self.people.refused(who, self.path(whistle, "SWJ", "complete_stage"),
                            {"stage": "repair"}, "other_stage")
        self.time_is("2026-03-09T11:00+08:00")
        lane = self.at(who, whistle, "SWJ", "complete_stage",
                       {"stage": "fence"})
        self.assertEqual(self.due(lane, "repair"), "03-09 19:00")
        self.assertIsNone(self.due(lane, "fence"))
        self.time_is("2026-03-09T19:30+08:00")
        lane = self.wait_for(whistle, "SWJ", lambda l: l["light"] == "red",
                             "red")
        self.assertEqual(lane["stage"], "repair")
        problem = self.people.refused(
            who, self.path(whistle, "SWJ", "report"), {
                "internal": "x", "answer": "y", "contacted": "z",
                "received_at": "2026-03-09T09:00:00+08:00", "measure": "m",
                "limit_note": "n"}, "stage_missing")
        self.assertIn("须先完成修复", str(problem))
        self.at(who, whistle, "SWJ", "complete_stage", {"stage": "repair"})
        lane = self.at(who, whistle, "SWJ", "complete_stage",
                       {"stage": "reinstate"})
        self.assertEqual([(s["stage"], s["on_time"]) for s in lane["stages"]],
                         [("fence", True), ("repair", False),
                          ("reinstate", True)])
        self.assertTrue(lane["late"])
        told = self.steps(whistle, "SWJ", "repair")
        self.assertIn("完成,超时", told)
        self.assertIn(told.splitlines()[0], self.cell.baodao(
            "show", "clock", whistle + "/1/SWJ").stdout)
        self.report(whistle, "SWJ")

    def test_9_a_date_without_calendar_is_named_and_never_guessed(self):
        self.time_is("2026-12-28T09:00+08:00")
        whistle = self.blow(lead="CGJ")
        lane = self.lane(whistle, "CGJ")
        self.assertEqual((lane["gap"], self.due(lane, "resolve")),
                         ("2027-01-01", None))
        self.assertIn("日历缺 2027-01-01",
                      self.steps(whistle, "CGJ", "resolve"))
        gaps = self.people.see(DISPATCH, "/v1/summary")["gaps"]
        self.assertIn("2027-01-01", [g["gap"] for g in gaps])
        self.assertIn("it has no 2027-01-01: 1 lanes wait",
                      self.cell.baodao("doctor", check=False).stdout)
        self.calendar_grows()
        lane = self.wait_for(whistle, "CGJ", lambda l: not l["gap"],
                             "the due to be computed")
        self.assertEqual(self.due(lane, "resolve"), "01-12 17:30")
        self.assertIn("task.rescheduled", types(lane))
        self.assertEqual(self.people.see(DISPATCH, "/v1/summary")["gaps"], [])
        self.assertEqual(self.cell.baodao("verify").stdout, "")

    def calendar_grows(self):
        """The notice of 2027 is out."""
        place = self.cell.dir / "reference"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(TOP / "schemas" / "reference", place)
        weeks = place / "calendar_weeks.csv"
        weeks.write_text(weeks.read_text().replace("2026-12-31", "2027-12-31"))
        with open(place / "holidays.csv", "a", encoding="utf-8") as holidays:
            holidays.write("2027-01-01,holiday,元旦,\n")
        self.cell.baodao("reference", "load", place)


if __name__ == "__main__":
    unittest.main()
