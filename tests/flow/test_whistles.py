"""Whistles as a street lives with them: every kind and direction, rounds,
conferences, and officers who are there, away, asleep or on their way."""
import unittest

from tests.stage import Stage
from tests.stage.servers import TOP

from .people import People, types
from .teller import (BORN, CLERK, DISPATCH, DISTRICT, HOME, LEAD, STREET,
                     load_samples)

LIMIT_S = 300
REPORT = {"internal": "备注", "answer": "墙已加固", "contacted": "社区",
          "received_at": "2026-03-02T08:30:00+08:00", "measure": "加固",
          "limit_note": "当日"}
SCORES = {"score_report_in": 90, "score_handling": 90, "score_result": 90}


class Whistles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cell = Stage(TOP / "build" / "test" / "whistles",
                         test_clock=BORN).start()
        cls.addClassCleanup(cls.cell.stop)
        load_samples(cls.cell)
        cls.people = People(cls.cell)
        cls.say, cls.see = cls.people.say, cls.people.see
        cls.refused, cls.until = cls.people.refused, cls.people.until

    # --- what each test uses

    def blow(self, who=CLERK, **more):
        """A whistle that is issued at once; its path."""
        body = {"kind": "emergency", "matter": "E0101", "region": HOME,
                "street": who.split("/")[1], "facts": "围墙倾斜", **more,
                "submit": True}
        return "/v1/whistles/" + self.say(who, "/v1/whistles", body)["id"]

    def lane(self, whistle, office, word="", round=1):
        return "/v1/tasks/%s/%d/%s%s" % (whistle[-36:], round, office, word)

    def held(self, whistle, office, round=1):
        """The lane, once an officer holds it."""
        return self.until(DISPATCH, self.lane(whistle, office, round=round),
                          lambda l: l["holder"], "%s to be held" % office)

    def do(self, whistle, office, judge=CLERK, round=1, who=None):
        """The office does its part, whoever whistled accepts it."""
        who = who or "officer/%s/%s" % (
            office, self.held(whistle, office, round)["holder"])
        for word, body in (("sign", {}), ("contact", {}), ("arrive", {}),
                           ("report", REPORT)):
            self.say(who, self.lane(whistle, office, "/" + word, round), body)
        self.say(judge, self.lane(whistle, office, "/accept", round), SCORES)

    def excuse(self, whistle, *offices, judge=CLERK, round=1):
        for office in offices:
            self.until(judge, self.lane(whistle, office, round=round),
                       lambda l: True, "the lane")
            self.say(judge, self.lane(whistle, office, "/excuse", round),
                     {"reason": "not_needed"})

    def offices(self, whistle):
        seen = self.until(DISPATCH, whistle, lambda w: w["rounds"], "a round")
        return [o["office"] for o in seen["rounds"][-1]["offices"]]

    def duty(self, office, officer, on_duty=True, capacity=4, **more):
        self.say("office_lead/%s/chief" % office,
                 "/v1/offices/%s/duty" % office,
                 {"officer": officer, "name": officer, "on_duty": on_duty,
                  "capacity": capacity, **more})

    def there(self, office, *officers):
        """Waits until these, and nobody else, can be sent."""
        self.cell.wait(lambda: set(self.cell.redis.cli(
            "HKEYS", "duty:%s:of" % office).split()) == set(officers), 20,
            "the duty set of " + office)

    def roster(self, office):
        return [o["officer"] for o in self.see(
            DISPATCH, "/v1/officers?limit=200&office=" + office)["items"]]

    # --- kinds and directions

    def test_the_wall_takes_eight_rounds_and_the_last_sees_them_all(self):
        wall = self.blow(lead="CGJ", facts="老墙第一次倾斜")
        for round in range(1, 8):
            self.do(wall, "CGJ", round=round)
            self.people.state(CLERK, wall, "closed")
            last = {"lead": "RFB", "facts": "第八次"} if round == 7 else {}
            self.say(CLERK, wall + "/again", last)
        self.refused(CLERK, wall + "/again", {}, "illegal_transition")
        chief = "office_lead/RFB/chief"
        seen = self.until(chief, wall, lambda w: len(w["rounds"]) == 8,
                          "eight rounds")
        self.assertEqual([r["round"] for r in seen["rounds"]],
                         list(range(1, 9)))
        self.assertEqual({r["offices"][0]["answer"]
                          for r in seen["rounds"][:7]}, {"墙已加固"})
        self.assertEqual({r["facts"] for r in seen["rounds"][:7]},
                         {"老墙第一次倾斜"})
        self.assertEqual(seen["rounds"][7]["facts"], "第八次")
        self.assertEqual(types(seen).count("whistle.issued"), 8)
        self.assertNotIn("备注", str(seen))
        self.people.hidden("office_lead/WLJ/chief", wall)

    def test_ten_offices_come_to_one_whistle(self):
        called = ["CGJ", "GAFJ", "JJDD", "SCJG", "ZJJ", "STHJ", "SWJ", "YJJ",
                  "JTYS", "MZJ"]
        whistle = self.blow(lead=called[0], assists=called[1:])
        self.assertEqual(sorted(self.offices(whistle)), sorted(called))
        holders = {self.held(whistle, office)["holder"] for office in called}
        self.assertEqual(len(holders), 10)
        for office in called[1:]:
            self.excuse(whistle, office)
        self.do(whistle, called[0])
        self.people.state(CLERK, whistle, "closed")

    def test_a_department_calls_a_department_and_judges_it(self):
        chief = "office_lead/CGJ/chief"
        whistle = self.blow(chief, lead="GAFJ")
        self.do(whistle, "GAFJ", judge=chief)
        self.people.state(chief, whistle, "closed")
        self.refused(chief, "/v1/whistles", {
            "kind": "emergency", "matter": "E0101", "region": HOME,
            "street": "CGJ", "facts": "x", "lead": "CGJ", "submit": True},
            "calls_itself")

    def test_a_department_calls_a_street(self):
        chief = "office_lead/SWJ/chief"
        whistle = self.blow(chief, lead=STREET)
        self.do(whistle, STREET, judge=chief, who=CLERK)
        self.people.state(chief, whistle, "closed")
        self.refused(CLERK, "/v1/whistles", {
            "kind": "emergency", "matter": "E0101", "region": HOME,
            "street": STREET, "facts": "x", "lead": DISTRICT, "submit": True},
            "wrong_direction")

    def test_four_eyes_and_a_draft_that_comes_back(self):
        twin = "street_lead/%s/zhao-lei" % STREET
        whistle = self.blow(kind="enforcement", lead="CGJ")
        self.refused(twin, whistle + "/approve", {}, "same_person")
        self.refused(CLERK, whistle + "/approve", {}, "not_allowed")
        self.say(LEAD, whistle + "/redraft", {"note": "请写清楚"})
        self.say(CLERK, whistle + "/submit", {"facts": "北墙倾斜 8 厘米"})
        self.say(LEAD, whistle + "/approve")
        self.assertEqual(self.see(LEAD, whistle)["facts"], "北墙倾斜 8 厘米")
        other = self.blow(kind="priority", lead="CGJ")
        self.say(LEAD, other + "/reject", {"reason": "facts_missing"})
        self.assertEqual(self.see(CLERK, other)["state"], "rejected")
        self.say(LEAD, whistle + "/cancel", {"why": "已自行拆除"})

    # --- conferences, one office more, the district

    def test_a_conference_comes_to_each_of_its_outcomes(self):
        guest = "office_lead/WLJ/chief"
        for outcome, state in (("resume", "issued"), ("closed", "closed"),
                               ("cancelled", "cancelled")):
            whistle = self.blow(lead="CGJ")
            self.people.hidden(guest, whistle)
            self.say(CLERK, whistle + "/confer",
                     {"offices": ["CGJ", "WLJ"], "place": "街道会议室"})
            self.refused(CLERK, whistle + "/cancel", {"why": "x"},
                         "illegal_transition")
            self.assertEqual(self.see(guest, whistle)["state"], "conference")
            self.say(CLERK, whistle + "/conclude", {
                "minutes": "议定三条", "came": ["CGJ"], "outcome": outcome})
            seen = self.people.state(guest, whistle, state)
            said = next(e["data"] for e in seen["timeline"]
                        if e["type"] == "whistle.concluded")
            self.assertEqual((said["came"], said["minutes"]),
                             (["CGJ"], "议定三条"))
            if state != "issued":
                self.until(DISPATCH, self.lane(whistle, "CGJ"),
                           lambda l: not l["open"], "its lane to end")

    def test_the_first_receiver_adds_an_office_and_asks_the_district(self):
        first, second = "office_lead/CGJ/chief", "office_lead/ZJJ/chief"
        whistle = self.blow(lead="CGJ", assists=["ZJJ"])
        self.refused(second, whistle + "/add_lane", {"office": "SFJ"},
                     "not_yours")
        self.say(first, whistle + "/add_lane", {"office": "SFJ"})
        self.assertEqual(self.held(whistle, "SFJ")["role"], "added")
        self.say(first, whistle + "/escalate", {"why": "产权不清"})
        asked = self.see(DISPATCH, "/v1/whistles?escalated=true")["items"]
        self.assertIn(whistle[-36:], [w["whistle"] for w in asked])

    # --- officers

    def test_who_does_not_sign_is_passed_over_and_the_desk_told(self):
        whistle = self.blow(lead="FGJ")
        first = self.held(whistle, "FGJ")["holder"]
        self.cell.baodao("time", "advance", "6m")
        lane = self.until(DISPATCH, self.lane(whistle, "FGJ"),
                          lambda l: l["holder"] not in (None, first),
                          "the next officer")
        handed = [e["data"] for e in lane["timeline"]
                  if e["type"] == "task.handed"]
        self.assertEqual([(h["from"], h["why"]) for h in handed],
                         [(first, "unsigned_half")])
        told = self.see("office_lead/FGJ/chief", whistle)
        self.assertIn(("FGJ", first), [
            (e["data"]["office"], e["data"]["officer"])
            for e in told["timeline"] if e["type"] == "whistle.passed_over"])

    def test_a_team_is_called_its_lane_claimed_handed_over_taken_back(self):
        whistle = self.blow(lead="BBT")
        path = self.lane(whistle, "BBT")
        desk = self.until(DISPATCH, "/v1/tasks?holder=desk&office=BBT&open="
                          "true", lambda p: p["items"], "a lane at the desk")
        self.assertIn(path[len("/v1/tasks/"):],
                      [lane["task"] for lane in desk["items"]])
        self.say("officer/BBT/bbt-01", path + "/claim")
        self.refused("officer/BBT/bbt-02", path + "/claim", {}, "held")
        self.refused("officer/BBT/bbt-02", path + "/hand_over",
                     {"to": "bbt-02"}, "not_holder")
        self.duty("BBT", "bbt-away", on_duty=False)
        for to, why in (("nobody", "no_such_officer"),
                        ("cgj-01", "no_such_officer"),
                        ("bbt-away", "not_on_duty")):
            problem = self.refused("officer/BBT/bbt-01", path + "/hand_over",
                                   {"to": to}, why)
            self.assertEqual(problem["field"], "to")
        self.say("officer/BBT/bbt-01", path + "/hand_over", {"to": "bbt-02"})
        self.say("office_lead/BBT/chief", path + "/take_back")
        self.say("office_lead/BBT/chief", path + "/hand_over",
                 {"to": "bbt-01"})
        seen = self.see(DISPATCH, path)
        self.assertEqual(seen["holder"], "bbt-01")
        self.assertEqual([e["data"]["why"] for e in seen["timeline"]
                          if e["type"] == "task.handed"],
                         ["claimed", "handed_over", "taken_back",
                          "handed_over"])
        self.do(whistle, "BBT")
        self.people.state(CLERK, whistle, "closed")

    def test_a_claim_that_comes_to_nothing_lapses(self):
        whistle = self.blow(lead="BBT")
        path = self.lane(whistle, "BBT")
        self.until(DISPATCH, path, lambda l: True, "the lane")
        self.say("officer/BBT/bbt-01", path + "/claim")
        self.cell.baodao("time", "advance", "16m")

        def handed(lane):
            """bbt-02 may have been passed over since."""
            return [one["data"]["why"] for one in lane["timeline"]
                    if one["type"] == "task.handed"
                    and one["data"]["holder"] == "bbt-02"]
        lane = self.until(DISPATCH, path, handed, "another officer", 40)
        self.assertIn(handed(lane)[0], ("claim_lapsed", "unsigned_half"))

    def test_with_nobody_on_duty_the_desk_holds_it_until_someone_comes(self):
        for officer in self.roster("XFB"):
            self.duty("XFB", officer, on_duty=False)
        self.there("XFB")
        whistle = self.blow(lead="XFB")
        path = self.lane(whistle, "XFB")
        desk = self.until(DISPATCH, "/v1/tasks?holder=desk&office=XFB",
                          lambda p: p["items"], "the desk")["items"]
        self.assertIn(path[len("/v1/tasks/"):], [l["task"] for l in desk])
        self.duty("XFB", "xfb-new")
        self.assertEqual(self.held(whistle, "XFB")["holder"], "xfb-new")

    def test_the_night_roster_takes_over_when_its_shift_begins(self):
        today = self.see(DISPATCH, "/v1/tasks?limit=1")["at"][:10]
        self.cell.baodao("time", "to", today + "T10:00+08:00")
        for officer in self.roster("WLJ"):
            self.duty("WLJ", officer, on_duty=False)
        self.duty("WLJ", "wlj-night", shift="night")
        self.there("WLJ")
        whistle = self.blow(lead="WLJ", kind="priority")
        self.say(LEAD, whistle + "/approve")
        path = self.lane(whistle, "WLJ")
        self.until(DISPATCH, path, lambda l: True, "the lane")
        self.assertIsNone(self.see(DISPATCH, path)["holder"])
        self.cell.baodao("time", "to", today + "T17:31+08:00")
        self.assertEqual(self.held(whistle, "WLJ")["holder"], "wlj-night")

    def test_who_is_placed_in_the_grid_for_the_line_comes_first(self):
        placed = "530103005001"
        clerk = "street_clerk/530103005000/he-ping"
        self.duty("ZRZY", "zrzy-grid", capacity=1, place=placed,
                  line="governance")
        self.there("ZRZY", "zrzy-grid", *(
            o["officer"] for o in self.see(
                DISPATCH, "/v1/officers?limit=200&office=ZRZY")["items"]
            if o["on_duty"]))
        for region, found in ((placed, True), (placed, True),
                              ("530103005002", False)):
            whistle = self.blow(clerk, region=region, lead="ZRZY")
            holder = self.until(
                DISPATCH, self.lane(whistle, "ZRZY"),
                lambda l: l["holder"], "an officer")["holder"]
            # the second time others are less busy
            self.assertEqual(holder == "zrzy-grid", found, region)

    # --- judged

    def test_the_whistle_rate_is_a_band_that_the_street_sees(self):
        street, clerk = "530103008000", "street_clerk/530103008000/li-na"
        region = "530103008001"
        rate = "/v1/whistle-rates?street=" + street
        self.blow(clerk, region=region)
        self.assertEqual(self.see(clerk, rate)["items"][0]["band"], None)
        for band in ("too_many", "in_band"):
            for _ in range(1 if band == "too_many" else 19):
                self.say(clerk, "/v1/issues", {
                    "home": region, "title": "路灯", "text": "路灯不亮"})
            item = self.see(clerk, rate)["items"][0]
            self.assertEqual(item["band"], band, item)
        self.assertEqual((item["issued"], item["received"], item["percent"]),
                         (1, 20, 5.0))
        self.assertEqual(self.see(CLERK, rate)["items"], [])

    # --- all of it

    def test_z_verify_has_nothing_to_say(self):
        self.until("operator//ops", "/v1/queues",
                   lambda p: all(q["lag"] == 0 for q in p["items"]),
                   "the queues to be empty")
        done = self.cell.baodao("verify")
        self.assertEqual(done.stdout + done.stderr, "")
