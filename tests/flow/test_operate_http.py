"""What an operator asks and does over HTTP: the same as with `baodao`, for the
console. Rights in SQL are tried in tests/store/test_rights.py."""
import base64
import json
import signal
import subprocess
import threading
import time
import unittest

from tests.stage import Stage, client
from tests.stage.servers import TOP

from . import faults
from .faults import HOME
from .reader import Reader

PLACE = TOP / "build" / "test" / "operate_http"
OPERATOR = "operator//op-1"
DAEMONS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1",
           "gateway-1")
ISSUE = {"home": HOME, "title": "路灯不亮", "text": "三天了"}
LETTERS = "/v1/dead-letters/issue.commands"
LETTER = LETTERS + "/%d/%d"


def setUpModule():
    global stage, tokens
    stage = Stage(PLACE, test_clock=faults.BORN, daemons=DAEMONS)
    unittest.addModuleCleanup(stage.stop)
    stage.start()
    tokens = {
        "operator": token("operator", "op-1"),
        "resident": token("resident", "r-17"),
        "auditor": token("auditor", "a-1"),
    }


def token(role, person):
    return stage.baodao("token", "--role", role, "--person",
                        person).stdout.strip()


class OverHttp(unittest.TestCase):
    def get(self, path, who="operator"):
        return stage.http("GET", path, tokens[who])

    def post(self, path, body=None, who="operator"):
        return stage.http("POST", path, tokens[who], body or {})

    def did(self, path, verb, subject, body=None):
        """The deed is done, and the act that it answers with is in log.act."""
        status, _, answer = self.post(path, body)
        self.assertEqual(status, 200, answer)
        self.assertEqual(
            stage.sql("SELECT who, verb, subject, why FROM log.act WHERE act ="
                      " '%s'" % answer["act"]),
            [(OPERATOR, verb, subject, (body or {}).get("why", ""))])
        return answer

    def refused(self, answer, status, reason, field=None):
        got, headers, body = answer
        self.assertEqual((got, body.get("reason"), body.get("field")),
                         (status, reason, field), body)
        self.assertEqual(headers["content-type"], "application/problem+json")
        self.assertRegex(body["detail"], "[\u4e00-\u9fff]")

    def queues(self, topic="issue.commands"):
        return [q for q in faults.lag(stage) if q["topic"] == topic]

    def acts(self):
        return stage.sql("SELECT count(*) FROM log.act")[0][0]


class Rights(OverHttp):
    def test_nobody_but_an_operator_is_let_in_and_nothing_is_done(self):
        before = self.acts()
        for who in ("resident", "auditor"):
            for path in ("/v1/doctor", "/v1/dead-letters",
                         "/v1/dead-letters/issue.commands", LETTER % (0, 0)):
                self.refused(self.get(path, who), 403, "not_allowed", "actor")
            for path in ("/v1/consumers/intake/pause",
                         "/v1/consumers/intake/resume",
                         "/v1/consumers/intake/drain",
                         "/v1/types/issue.raise/pause",
                         "/v1/types/issue.raise/resume",
                         LETTER % (0, 0) + "/drop",
                         LETTER % (0, 0) + "/replay",
                         LETTER % (0, 0) + "/edit",
                         LETTERS + "/drop", LETTERS + "/replay",
                         "/v1/readers/screens/rewind"):
                self.refused(self.post(path, {"why": "x"}, who), 403,
                             "not_allowed", "actor")
        self.assertEqual(self.acts(), before)


class Doctor(OverHttp):
    def doctor(self, *who):
        status, _, answer = self.get("/v1/doctor", *who)
        self.assertEqual(status, 200, answer)
        return {one["check"]: one for one in answer["items"]}

    def cli(self):
        done = subprocess.run(
            [stage.bin / "baodao", "doctor", "--json"], timeout=90,
            env=stage.environment("baodao_operator"), capture_output=True,
            text=True)
        return {one["check"]: one for one in map(json.loads,
                                                 done.stdout.splitlines())}

    def wrong(self):
        return {name for name, one in self.doctor().items()
                if one["health"] == "wrong"}

    def test_it_tells_what_the_doctor_of_the_terminal_tells(self):
        stage.wait(lambda: not self.wrong(), 30, "a well cell")
        stage.sql("UPDATE log.consumer SET starts = 4 WHERE topic ="
                  " 'ledger.commands'")
        self.addCleanup(stage.sql, "UPDATE log.consumer SET starts = 0 WHERE"
                        " topic = 'ledger.commands'")
        here, there = self.doctor(), self.cli()
        self.assertEqual(list(here), list(there))
        self.assertEqual(here["deaths"], there["deaths"])
        self.assertEqual(here["deaths"]["health"], "wrong")
        for name, one in here.items():
            if one["health"] != "unknown":
                self.assertEqual(one, there[name], name)
        self.assertEqual({name for name, one in here.items()
                          if one["health"] == "unknown"},
                         {"redis", "slow", "disk", "partitions", "topics",
                          "lost", "gap", "stuck", "unpublished", "retention"})

    def test_a_partition_that_nobody_ever_folded_is_told(self):
        row = "log.consumer WHERE topic = 'ledger.commands' AND partition = 0"
        stage.sql("CREATE TABLE public.kept AS SELECT * FROM " + row)
        stage.daemon("ledger-1").stop()
        try:
            stage.sql("DELETE FROM " + row)
            self.assertIn("ledger.commands/0, at most",
                          self.doctor()["never"]["detail"])
        finally:
            stage.sql("INSERT INTO log.consumer SELECT * FROM public.kept;"
                      " DROP TABLE public.kept")
            stage.daemon("ledger-1").start()

    def test_zz_engines_that_are_gone_are_told_or_not_known(self):
        tokens["new"] = token("operator", "night")
        self.doctor("new")      # the gateway knows it for 30 s
        stage.postgres.stop()
        try:
            found = self.doctor("new")
        finally:
            stage.postgres.start()
        self.assertEqual(found["postgres"]["health"], "wrong")
        self.assertEqual(found["kafka"]["health"], "well")
        self.assertEqual({one["health"] for name, one in found.items()
                          if name not in ("postgres", "kafka")}, {"unknown"})


class Pauses(OverHttp):
    def tearDown(self):
        self.post("/v1/consumers/intake/resume")
        faults.quiet(stage)

    def state(self):
        return {q["partition"]: q.get("state") for q in self.queues()}

    def stands(self):
        """The worker has heard of it."""
        def ready():
            return client.request(stage.daemon("intake-1").side, "GET",
                                  "/readyz")[0]
        stage.wait(lambda: ready() == 503, 10, "a pause")

    def say(self, count, first):
        for n in range(first, first + count):
            one = faults.issue(n)
            stage.baodao("send", one["type"], "--id", one["id"], "--actor",
                         one["actor"], input=json.dumps(one["data"]))

    def test_a_program_stands_still_and_goes_on(self):
        answer = self.did("/v1/consumers/intake/pause", "pause", "intake",
                          {"why": "数据核对"})
        self.assertEqual({q["topic"] for q in answer["items"]},
                         {"issue.commands"})
        self.assertEqual(set(self.state().values()), {"paused"})
        self.stands()
        self.say(2, 0)
        time.sleep(2)
        self.assertEqual(sum(q["lag"] for q in self.queues()), 2)
        self.did("/v1/consumers/intake/resume", "resume", "intake")
        faults.quiet(stage)
        self.assertNotIn("paused", self.state().values())

    def test_one_partition_stands_alone(self):
        self.did("/v1/consumers/intake/pause", "pause", "intake/1",
                 {"why": "样例", "partition": 1})
        self.assertEqual([p for p, state in self.state().items()
                          if state == "paused"], [1])
        self.did("/v1/consumers/intake/resume", "resume", "intake/1",
                 {"partition": 1})
        self.assertNotIn("paused", self.state().values())

    def test_a_drain_goes_up_to_what_kafka_held_when_it_was_asked(self):
        # Not over HTTP: that would have the gateway look at Kafka's ends.
        stage.baodao("pause", "intake", "--why", "样例")
        self.stands()
        self.say(4, 100)
        answer = self.did("/v1/consumers/intake/drain", "drain", "intake",
                          {"why": "停机"})
        ends = {q["partition"]: q["high"] for q in self.queues()}
        self.assertEqual({q["partition"]: q["stop_at"]
                          for q in answer["items"]}, ends)
        self.say(2, 200)
        stage.wait(lambda: set(self.state().values()) == {"drained"}, 20,
                   "a drain")
        self.assertEqual(sum(q["lag"] for q in self.queues()), 2)

    def test_a_type_is_refused_and_taken_again(self):
        def ask():
            return self.post("/v1/issues", ISSUE, "resident")
        self.did("/v1/types/issue.raise/pause", "pause", "issue.raise",
                 {"why": "系统升级"})
        stage.wait(lambda: ask()[0] == 503, 10, "a refusal")
        problem = ask()[2]
        self.assertIn("系统升级", problem["detail"])
        self.assertIn(OPERATOR, problem["detail"])
        self.did("/v1/types/issue.raise/resume", "resume", "issue.raise")
        stage.wait(lambda: ask()[0] == 202, 10, "an answer")

    def test_what_is_not_whole_or_not_there_is_refused_without_an_act(self):
        before = self.acts()
        pause = "/v1/consumers/intake/pause"
        self.refused(self.post(pause), 422, "required", "why")
        self.refused(self.post(pause, {"why": ""}), 422, "required", "why")
        self.refused(self.post(pause, {"why": "x" * 201}), 422, "maxLength",
                     "why")
        self.refused(self.post(pause, {"why": "x", "whom": "y"}), 422,
                     "unknown_field", "whom")
        self.refused(self.post("/v1/types/issue.raise/pause",
                               {"why": "x", "partition": 1}), 422,
                     "unknown_field", "partition")
        self.refused(self.post("/v1/consumers/intak/pause", {"why": "x"}),
                     404, "not_found")
        self.refused(self.post(pause, {"why": "x", "partition": 9}), 404,
                     "not_found")
        self.refused(self.post("/v1/types/issue.shout/pause", {"why": "x"}),
                     404, "no_such_type", "type")
        self.refused(self.post(LETTER % (0, 10 ** 9) + "/drop", {"why": "x"}),
                     404, "not_found")
        self.refused(self.post(LETTER % (0, 10 ** 9) + "/replay"), 404,
                     "not_found")
        self.assertEqual(self.acts(), before)


class DeadLetters(OverHttp):
    def die(self, count, raw="{}"):
        """Commands that no worker can read; where they lie."""
        faults.put(stage, [
            {"type": "issue.raise", "key": HOME, "actor": "resident//r-17",
             "id": faults.new_id(n), "raw": raw}
            for n in range(count)], self.id()).wait(60)
        faults.quiet(stage)
        return self.letters()

    def letters(self):
        return [(int(p), int(o)) for p, o in stage.sql(
            "SELECT partition, \"offset\" FROM log.dead_letter WHERE topic ="
            " 'issue.commands' ORDER BY 1, 2")]

    def tearDown(self):
        faults.quiet(stage)    # what was said again may die anew
        stage.sql("DELETE FROM log.dead_letter")

    def test_they_are_counted_by_reason_and_listed_page_by_page(self):
        places = self.die(3)
        self.assertEqual(len(places), 3)
        group, = self.get("/v1/dead-letters")[2]["items"]
        self.assertEqual((group["topic"], group["code"], group["count"]),
                         ("issue.commands", "required", 3))
        self.assertTrue(group["first"] <= group["last"] and
                        group["sentence"])
        listed, path = [], "/v1/dead-letters/issue.commands?limit=2"
        after = ""
        while after is not None:
            page = self.get(path + (after and "&after=" + after))[2]
            self.assertLessEqual(len(page["items"]), 2)
            listed += [(one["partition"], one["offset"])
                       for one in page["items"]]
            after = page["next"]
        self.assertEqual(listed, places)
        self.assertEqual(self.get("/v1/dead-letters/issue.commands?code=x")[2]
                         ["items"], [])
        self.refused(self.get("/v1/dead-letters/issue.commands?after=x"),
                     400, "bad_parameter")

    def test_one_is_shown_with_its_envelope_and_text(self):
        place, = self.die(1, '{"text": "三天了"}')
        status, _, one = self.get(LETTER % place)
        self.assertEqual(status, 200)
        self.assertEqual((one["value"], one["key"], one["code"]),
                         ('{"text": "三天了"}', HOME, "required"))
        headers = {h["name"]: h["value"] for h in one["headers"]}
        self.assertEqual(headers["ce_type"], "issue.raise")
        self.assertEqual(headers["ce_actor"], "resident//r-17")
        stage.sql("UPDATE log.dead_letter SET value = '\\xff00'")
        self.assertEqual(base64.b64decode(
            self.get(LETTER % place)[2]["value"]["base64"]), b"\xff\0")

    def test_one_that_no_gateway_holds_is_told_and_left_out(self):
        large, small = self.die(2)
        stage.sql("UPDATE log.dead_letter SET value = convert_to(repeat('x',"
                  " 1000001), 'UTF8') WHERE (partition, \"offset\") = (%d, %d)"
                  % large)
        for answer in (self.get(LETTER % large),
                       self.post(LETTER % large + "/replay")):
            self.refused(answer, 422, "too_large")
            self.assertRegex(answer[2]["detail"], r"100\d{4} bytes")
        answer = self.did(LETTERS + "/replay", "dead.replay-group",
                          "issue.commands/required",
                          self.group("required", rate=1000))
        self.assertEqual(answer["letters"], 1)
        faults.quiet(stage)
        self.assertIn(large, self.letters())
        self.assertNotIn(small, self.letters())
        self.did(LETTER % large + "/drop", "dead.drop",
                 "issue.commands/%d/%d" % large, {"why": "太大"})

    def test_one_is_dropped(self):
        first, second = self.die(2)
        self.did(LETTER % first + "/drop", "dead.drop",
                 "issue.commands/%d/%d" % first, {"why": "测试数据"})
        self.assertEqual(self.letters(), [second])
        self.refused(self.get(LETTER % first), 404, "not_found")
        self.refused(self.post(LETTER % second + "/drop"), 422, "required",
                     "why")

    def test_one_is_said_again_byte_by_byte(self):
        place, = self.die(1)
        bytes_of = ("SELECT key, value, headers, \"offset\" FROM"
                    " log.dead_letter")
        before, = stage.sql(bytes_of)
        self.did(LETTER % place + "/replay", "dead.replay",
                 "issue.commands/%d/%d" % place)
        faults.quiet(stage)
        after, = stage.sql(bytes_of)        # it died anew, where it is now
        self.assertEqual(after[:3], before[:3])
        self.assertGreater(int(after[3]), int(before[3]))

    def test_one_that_can_be_read_now_takes_effect_once(self):
        place, = self.die(1)
        id, = [h["value"] for h in self.get(LETTER % place)[2]["headers"]
               if h["name"] == "ce_id"]
        stage.sql("UPDATE log.dead_letter SET value = convert_to('%s',"
                  " 'UTF8')" % json.dumps(ISSUE, ensure_ascii=False))
        self.did(LETTER % place + "/replay", "dead.replay",
                 "issue.commands/%d/%d" % place, {"why": "已修复"})
        faults.quiet(stage)
        self.assertEqual(self.letters(), [])
        self.assertEqual(stage.sql("SELECT count(*) FROM intake.issue WHERE"
                                   " issue = '%s'" % id), [("1",)])
        faults.assert_log(self, stage)

    def test_one_is_edited_and_said_again_as_another_message(self):
        place, = self.die(1)
        subject = "issue.commands/%d/%d" % place
        id, = [h["value"] for h in self.get(LETTER % place)[2]["headers"]
               if h["name"] == "ce_id"]
        for body, field in (({"value": ISSUE}, "why"),
                            ({"why": "补全"}, "value")):
            self.refused(self.post(LETTER % place + "/edit", body), 422,
                         "required", field)
        status, headers, answer = self.post(
            LETTER % place + "/edit", {"why": "补全", "value": ISSUE})
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.did_act(answer["act"]),
                         [(OPERATOR, "dead.edit", subject, "补全")])
        edited = headers["location"].removeprefix("/v1/commands/")
        faults.quiet(stage)
        self.assertEqual(self.letters(), [])
        self.assertEqual(stage.sql(
            "SELECT issue, title FROM intake.issue WHERE issue IN"
            " ('%s', '%s')" % (id, edited)), [(edited, ISSUE["title"])])
        self.assertEqual(self.get(headers["location"], "resident")[0], 200)
        faults.assert_log(self, stage)

    def did_act(self, act):
        return stage.sql("SELECT who, verb, subject, why FROM log.act WHERE"
                         " act = '%s'" % act)

    def acts_of(self, verb):
        return sorted(stage.sql("SELECT subject, who, why FROM log.act WHERE"
                                " verb = '%s' AND why = '%s'"
                                % (verb, self.id())))

    def group(self, code, **more):
        return {"code": code, "why": self.id(), **more}

    def test_a_group_is_dropped_and_no_other(self):
        places = self.die(3)
        other, = set(self.die(1, "[]")) - set(places)
        self.refused(self.post(LETTERS + "/drop", {"why": "x"}), 422,
                     "required", "code")
        answer = self.did(LETTERS + "/drop", "dead.drop-group",
                          "issue.commands/required", self.group("required"))
        self.assertEqual((answer["letters"], answer["left"]), (3, 0))
        self.assertEqual(self.letters(), [other])
        self.assertEqual(self.acts_of("dead.drop"), sorted(
            ("issue.commands/%d/%d" % place, OPERATOR, self.id())
            for place in places))
        self.refused(self.post(LETTERS + "/drop", self.group("required")),
                     404, "not_found")

    def test_a_group_is_said_again_at_a_limited_rate(self):
        places = self.die(8)
        other, = set(self.die(1, "[]")) - set(places)
        stage.sql("UPDATE log.dead_letter SET value = convert_to('%s', 'UTF8')"
                  " WHERE code = 'required'"
                  % json.dumps(ISSUE, ensure_ascii=False))
        began = time.monotonic()
        answer = self.did(LETTERS + "/replay", "dead.replay-group",
                          "issue.commands/required",
                          self.group("required", rate=4))
        self.assertGreater(time.monotonic() - began, 7 / 4)
        self.assertEqual((answer["letters"], answer["left"]), (8, 0))
        faults.quiet(stage)
        self.assertEqual(self.letters(), [other])
        self.assertEqual(self.acts_of("dead.replay"), sorted(
            ("issue.commands/%d/%d" % place, OPERATOR, self.id())
            for place in places))
        faults.assert_log(self, stage)

    def test_what_dies_anew_is_said_once_and_stays(self):
        self.die(3)
        answer = self.did(LETTERS + "/replay", "dead.replay-group",
                          "issue.commands/required",
                          self.group("required", rate=1000))
        self.assertEqual(answer["letters"], 3)
        faults.quiet(stage)
        self.assertEqual(len(self.letters()), 3)

    def test_a_group_takes_no_longer_than_its_request(self):
        self.die(14)
        answer = self.did(LETTERS + "/replay", "dead.replay-group",
                          "issue.commands/required",
                          self.group("required", rate=1))
        self.assertLess(answer["letters"], 14)
        self.assertGreater(answer["letters"], 0)

    def test_a_group_takes_no_more_than_the_gateway_may_hold(self):
        self.die(7, "{%s}" % (900000 * " "))
        answer = self.did(LETTERS + "/replay", "dead.replay-group",
                          "issue.commands/required",
                          self.group("required", rate=1000))
        self.assertEqual(answer["letters"], 5)      # of 4 MiB


class Rewind(OverHttp):
    TOPIC = "issue.events"
    PATH = "/v1/readers/screens/rewind"

    def reader(self):
        return Reader(stage.facts()["servers"]["kafka"]["address"], "screens",
                      "panlong." + self.TOPIC)

    def read(self, count):
        one = self.reader()
        try:
            return one.read(count)
        finally:
            one.close()

    def body(self, **more):
        return {"topic": self.TOPIC, "to": "0", **more}

    def test_readers_read_again_what_a_dry_run_has_announced(self):
        faults.done(stage, faults.put(
            stage, [faults.issue(n) for n in range(700, 705)], self.id()))
        before, acts = self.read(5), self.acts()
        status, _, tried = self.post(self.PATH, self.body())
        self.assertEqual((status, tried["moved"]), (200, False), tried)
        self.assertEqual(sum(q.get("again", 0) for q in tried["items"]),
                         before)
        self.assertEqual((self.read(0), self.acts()), (0, acts))
        self.refused(self.post(self.PATH, self.body(move=True)), 422,
                     "required", "why")
        done = self.did(self.PATH, "rewind", "screens/panlong." + self.TOPIC,
                        self.body(move=True, why="屏幕重建"))
        self.assertEqual((done["moved"], done["items"]),
                         (True, tried["items"]))
        self.assertEqual(self.read(before), before)

    def test_a_gateway_ends_in_time_although_kafka_owes_it_an_answer(self):
        gateway, answers = stage.daemon("gateway-1"), []
        askings = [threading.Thread(target=lambda: answers.append(
            self.post(self.PATH, self.body()))) for _ in range(7)]
        stage.kafka.send(signal.SIGSTOP)
        try:
            for asking in askings:
                asking.start()
            stage.wait(lambda: len(answers) == 3, 10, "too many to be refused")
            gateway.stop()      # raises when it must be forced
            for asking in askings:
                asking.join()
        finally:
            stage.kafka.send(signal.SIGCONT)
            gateway.start(60)
        for answer in answers[:3]:
            self.refused(answer, 503, "busy")
        for answer in answers[3:]:
            self.refused(answer, 503, "stopping")

    def test_who_lives_or_is_a_worker_is_not_moved(self):
        acts, member = self.acts(), self.reader()
        try:
            member.read(0, 5)
            self.refused(self.post(self.PATH, self.body(move=True, why="x")),
                         409, "has_members")
        finally:
            member.close()
        self.refused(self.post("/v1/readers/panlong.intake/rewind",
                               self.body(move=True, why="x")),
                     409, "worker", "group")
        for body, reason, field in (
                (self.body(topic="x.events"), "no_topic", "topic"),
                (self.body(to="yesterday"), "format", "to"),
                ({"to": "0"}, "required", "topic")):
            self.refused(self.post(self.PATH, body), 422, reason, field)
        self.assertEqual(self.acts(), acts)


if __name__ == "__main__":
    unittest.main()
