"""What happens where a step between two workers cannot be taken: the refusal
side of each row of architecture.md's table, on real Kafka."""
import json
import unittest

from tests.stage import Stage
from tests.stage.process import wait
from tests.stage.servers import TOP

from .people import People
from .teller import (BORN, CLERK, COMMUNITY, DISPATCH, HOME, LEAD, STREET,
                     load_samples)

LIMIT_S = 120
ISSUE = {"home": HOME, "title": "楼道堆物", "text": "楼道里堆满了旧家具"}
WINDOW = {"from": "2026-03-03T09:00:00+08:00",
          "to": "2026-03-03T12:00:00+08:00"}
REPORT = {"internal": "无", "answer": "已办结", "contacted": "社区",
          "received_at": "2026-03-02T08:30:00+08:00", "measure": "清理",
          "limit_note": "当日"}


class Steps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cell = Stage(TOP / "build" / "test" / "steps",
                         test_clock=BORN).start()
        cls.addClassCleanup(cls.cell.stop)
        load_samples(cls.cell)
        cls.people = People(cls.cell)
        cls.say, cls.see = cls.people.say, cls.people.see

    # --- what each test uses

    def send(self, worker, type, data, *words):
        """A command of a worker; its id."""
        return self.cell.baodao(
            "send", type, "--actor", "worker/%s/" % worker, *words,
            input=json.dumps(data)).stdout.strip()

    def said(self, command):
        """[(type, data)] that a command has led to; [(None, None)] when it
        was folded and nothing came of it."""
        rows = wait(lambda: self.cell.sql(
            "SELECT type, data FROM log.entry WHERE cause = '%s'"
            " ORDER BY seq" % command), 20, command + " to be folded")
        return [(row[0], row[1] and json.loads(row[1])) for row in rows]

    def nothing(self, command):
        self.assertEqual(self.said(command), [(None, None)])

    def issue(self, route):
        """A path of an issue that was sent on this route."""
        path = "/v1/issues/" + self.say(COMMUNITY, "/v1/issues", ISSUE)["id"]
        self.say(COMMUNITY, path + "/accept",
                 {"matter": "E0101", "class": "ordinary"})
        self.say(COMMUNITY, path + "/route", route)
        return path

    def whistled(self):
        """An issue and its whistle, which calls CGJ and ZJJ at once."""
        path = self.issue({"route": "whistled", "whistle": {
            "kind": "emergency", "facts": "堆物堵了消防通道", "lead": "CGJ",
            "assists": ["ZJJ"]}})
        whistle = self.people.until(
            COMMUNITY, path, lambda i: i["whistle"], "a whistle")["whistle"]
        self.lanes(whistle, 2)
        return path, whistle

    def lanes(self, whistle, count):
        page = self.people.until(
            DISPATCH, "/v1/tasks?whistle=" + whistle,
            lambda page: sum(l["holder"] is not None
                             for l in page["items"]) == count,
            "%d lanes with officers" % count)
        return {lane["office"]: lane for lane in page["items"]}

    def lane(self, whistle, office, word="", round=1):
        return "/v1/tasks/%s/%d/%s%s" % (whistle, round, office, word)

    def come_back(self, path, code):
        """The issue is accepted again, and shows why."""
        seen = self.people.until(
            COMMUNITY, path, lambda i: i["reason"] == code,
            "the issue to come back for " + code)
        self.assertEqual(seen["state"], "accepted")
        self.assertTrue(seen["note"])
        self.assertEqual(seen["timeline"][-1]["type"], "issue.unrouted")

    # --- issue -> whistle, need

    def test_a_whistle_that_cannot_be_drafted_brings_the_issue_back(self):
        path = self.issue({"route": "whistled", "whistle": {
            "kind": "enforcement", "facts": "x", "lead": "NOSUCH"}})
        self.come_back(path, "unknown_office")

    def test_a_next_round_that_cannot_be_blown_brings_the_issue_back(self):
        path, whistle = self.whistled()
        issue = path.rpartition("/")[2]
        again = self.send(
            "intake", "whistle.again",
            {"whistle": whistle, "issue": issue, "facts": "还是堵着"},
            "--reply", "issue.commands|%s|issue.route_failed|%s"
            % (HOME, issue))
        self.assertEqual(self.said(again)[0][0], "issue.route_failed")
        self.come_back(path, "illegal_transition")

    def test_a_need_that_cannot_be_published_brings_the_issue_back(self):
        path = self.issue({"route": "matching", "need": {
            "title": "清运旧家具", "skills": ["moving"], "quantity": 1,
            "from": "2026-03-01T09:00:00+08:00",
            "to": "2026-03-01T12:00:00+08:00"}})
        self.come_back(path, "window_over")

    def test_an_accepted_issue_is_counted_whoever_it_is(self):
        self.nothing(self.send(
            "intake", "issue.noted",
            {"issue": "019cabf3-af40-7000-8000-000000000001",
             "matter": "E0101", "region": STREET}, "--key", STREET))

    # --- whistle -> lanes

    def test_a_repeated_assignment_changes_no_lane(self):
        _, whistle = self.whistled()
        before = self.lanes(whistle, 2)
        data = self.cell.sql(
            "SELECT data FROM log.entry WHERE type = 'task.assign'"
            " AND subject = '%s'" % whistle)[0][0]
        self.nothing(self.send("dispatch", "task.assign", json.loads(data)))
        self.assertEqual(self.lanes(whistle, 2), before)

    def test_a_signed_lane_stays_with_its_officer(self):
        _, whistle = self.whistled()
        before = self.lanes(whistle, 2)["ZJJ"]
        self.say("officer/ZJJ/" + before["holder"],
                 self.lane(whistle, "ZJJ", "/sign"))
        self.nothing(self.send("dispatch", "task.hand", {
            "whistle": whistle, "round": 1, "office": "ZJJ",
            "officer": "zjj-08", "why": "unsigned_half"}))
        self.assertEqual(self.lanes(whistle, 2)["ZJJ"]["holder"],
                         before["holder"])

    def test_a_cancelled_round_tells_again_how_its_lanes_ended(self):
        path, whistle = self.whistled()
        self.say(CLERK, self.lane(whistle, "ZJJ", "/excuse"),
                 {"reason": "not_needed"})
        self.say(LEAD, "/v1/whistles/%s/cancel" % whistle, {"why": "已自清"})
        self.people.state(DISPATCH, self.lane(whistle, "CGJ"), "cancelled")
        told = self.said(self.send("dispatch", "task.cancel", {
            "whistle": whistle, "round": 1, "why": "再说一次"}))
        self.assertEqual(
            sorted((type, data["office"], data["fact"])
                   for type, data in told),
            [("whistle.lane", "CGJ", "cancelled"),
             ("whistle.lane", "ZJJ", "excused")])
        self.people.until(COMMUNITY, path,
                          lambda i: i["state"] == "accepted",
                          "the issue to come back")

    # --- lanes -> whistle

    def test_an_office_that_cannot_be_added_leaves_the_return_unruled(self):
        _, whistle = self.whistled()
        self.say("office_lead/ZJJ/qian", self.lane(whistle, "ZJJ", "/return"),
                 {"reason": "not_our_duty", "evidence": "三定方案"})
        dispatch = self.cell.daemon("dispatch-1")
        dispatch.stop()
        try:
            self.send("track", "whistle.add_lane", {
                "whistle": whistle, "round": 1, "office": "GAFJ",
                "replaces": "CGJ", "start": "2026-03-02T08:30:00+08:00"})
            self.say(DISPATCH, self.lane(whistle, "ZJJ", "/rule"),
                     {"ruling": "reassign", "to": "GAFJ", "note": "归公安"})
            self.assertEqual(
                self.see(DISPATCH, self.lane(whistle, "ZJJ"))["ruling"],
                "reassign")
        finally:
            dispatch.start()
        seen = self.people.until(
            DISPATCH, self.lane(whistle, "ZJJ"),
            lambda l: l["timeline"][-1]["type"] == "task.unruled",
            "the return to be unruled")
        self.assertEqual((seen["hold"], seen["ruling"], seen["open"]),
                         ("return", None, True))
        self.assertEqual(seen["timeline"][-1]["data"]["code"], "in_round")

    def test_a_lane_that_dispatch_never_called_is_fatal_then_set_aside(self):
        dispatch = self.cell.daemon("dispatch-1")
        before = dispatch.restarts
        command = self.send("track", "whistle.lane", {
            "whistle": "019cabf3-af40-7000-8000-00000000dead", "round": 1,
            "office": "CGJ", "fact": "signed"})
        dead = wait(lambda: self.cell.sql(
            "SELECT code FROM log.dead_letter WHERE"
            " position('%s' in encode(headers, 'escape')) > 0" % command),
            60, "the message to be a dead letter")
        self.assertEqual(dead, [("deadly",)])
        self.assertGreaterEqual(dispatch.restarts - before, 5)
        dispatch.wait_ready()
        self.whistled()

    # --- back to the issue

    def test_a_repeated_end_of_a_route_is_harmless(self):
        path, whistle = self.whistled()
        issue = path.rpartition("/")[2]
        for office in ("ZJJ", "CGJ"):
            self.say(CLERK, self.lane(whistle, office, "/excuse"),
                     {"reason": "not_needed"})
        before = self.people.state(COMMUNITY, path, "handled")
        for outcome in ("closed", "cancelled"):
            self.nothing(self.send("dispatch", "issue.route_done", {
                "issue": issue, "route_id": whistle, "outcome": outcome}))
        self.assertEqual(self.see(COMMUNITY, path)["version"],
                         before["version"])

    # --- match -> ledger

    def test_beans_that_are_refused_leave_the_match_rated_with_the_reason(self):
        need = self.say(CLERK, "/v1/needs", {
            "title": "换锁", "region": HOME, "skills": ["locksmith"],
            "quantity": 1, **WINDOW})["id"]
        match = self.people.until(
            DISPATCH, "/v1/matches?state=proposed&need=" + need,
            lambda page: page["items"], "a proposal")["items"][0]
        path, partner = "/v1/matches/" + match["match"], match["partner"]
        for word, body in (("accept", {}), ("serve", {}),
                           ("deliver", {"minutes": 60})):
            self.say("partner/%s/boss" % partner, "%s/%s" % (path, word),
                     body)
        self.say("street_clerk/%s/%s" % (STREET, partner), path + "/rate",
                 {"stars": 5})
        seen = self.people.until(DISPATCH, path, lambda m: m["post_code"],
                                 "the ledger's refusal")
        self.assertEqual((seen["state"], seen["post_code"], seen["beans"]),
                         ("rated", "reviewer_is_beneficiary", None))
        self.say(LEAD, path + "/rate", {"stars": 4})
        seen = self.people.state(DISPATCH, path, "posted")
        self.assertEqual((seen["beans"], seen["post_code"]), (10, None))
