"""The gateway as a client sees it: who may ask, what is refused and how, what
Kafka is given, what comes back. Rules of the workers are tested elsewhere."""
import hashlib
import json
import os
import signal
import socket
import time
import unittest
import uuid
from pathlib import Path

from tests.stage import Stage
from tests.stage.process import StageError

PLACE = Path("build/test/http")
HOME, OTHER_HOME = "530103003001", "530103004001"
ISSUE = {"home": HOME, "title": "路灯不亮", "text": "小区门口的灯三天没亮了"}
PEOPLE = {
    "resident": ("resident", "", "r-17"),
    "neighbour": ("resident", "", "r-18"),
    "community": ("community", HOME, "c-1"),
    "street": ("street_clerk", "530103003000", "s-1"),
    "other_street": ("street_clerk", "530103004000", "s-2"),
    "district": ("district_dispatch", "530103", "d-1"),
}


def uuid7():
    """An id of now: the newest version is not in Python's library yet."""
    value = bytearray(int(time.time() * 1000).to_bytes(6, "big")
                      + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(value)))


def make_token(stage, name, expires="1 day"):
    role, office, person = PEOPLE[name]
    key = (stage.dir / "keys" / "token").read_bytes()
    digest = hashlib.blake2b(name.encode(), key=key, digest_size=32)
    stage.sql("INSERT INTO gateway.token VALUES ('\\x%s', '%s', '%s', '%s',"
              " '%s', now(), now() + interval '%s')"
              % (digest.hexdigest(), role, office, person, name, expires))


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(PLACE, daemons=("intake-1", "gateway-1")).start()
        cls.addClassCleanup(cls.stage.stop)
        for name in PEOPLE:
            make_token(cls.stage, name)

    def get(self, path, who="district"):
        return self.stage.http("GET", path, token=who)

    def post(self, path, body, who="resident", **headers):
        sent = {name.replace("_", "-"): value
                for name, value in headers.items()}
        return self.stage.http("POST", path, token=who, body=body,
                               headers=sent)

    def raise_issue(self, who="resident", **members):
        status, _, answer = self.post("/v1/issues", {**ISSUE, **members}, who,
                                      Prefer="wait=20")
        self.assertEqual(status, 201, answer)
        return answer["id"]

    def refused(self, answer, status, reason, field=None):
        """The answer is a problem that says so."""
        got, headers, body = answer
        self.assertEqual((got, body.get("reason"), body.get("field")),
                         (status, reason, field), body)
        self.assertEqual(headers["content-type"], "application/problem+json")
        self.assertTrue(body["detail"])

    # --- who may ask

    def test_without_a_known_token_nobody_is_let_in(self):
        for token in (None, "nobody", "Bearer", "x" * 200):
            answer = self.stage.http("GET", "/v1/issues", token=token)
            self.refused(answer, 401, "no_token", "Authorization")
            self.assertEqual(answer[1]["www-authenticate"], "Bearer")

    def test_a_token_ends_when_it_expires(self):
        PEOPLE["late"] = ("resident", "", "r-19")
        make_token(self.stage, "late", expires="-1 second")
        self.refused(self.get("/v1/issues", "late"), 401, "no_token",
                     "Authorization")

    def test_a_role_says_only_what_is_its_own_to_say(self):
        path = "/v1/issues/%s/accept" % uuid7()
        self.refused(self.post(path, {}, "resident"), 403, "not_allowed",
                     "actor")
        self.refused(self.get("/v1/queues", "street"), 403, "not_allowed",
                     "actor")

    def test_people_see_their_own_and_their_regions_issues(self):
        issue = self.raise_issue()
        sees = {who: self.get("/v1/issues/" + issue, who)[0]
                for who in PEOPLE if who != "late"}
        self.assertEqual(sees, {
            "resident": 200, "neighbour": 404, "community": 200,
            "street": 200, "other_street": 404, "district": 200})
        for who, status in sees.items():
            listed = [i["issue"]
                      for i in self.get("/v1/issues", who)[2]["items"]]
            self.assertEqual(issue in listed, status == 200, who)

    def test_a_confidential_requester_is_shown_to_the_district_alone(self):
        issue = self.raise_issue(confidential=True, requester={
            "name": "李小四", "phone": "13812340017"})
        masks = {who: self.get("/v1/issues/" + issue, who)[2]["name_masked"]
                 for who in ("resident", "community", "street", "district")}
        self.assertIsNone(masks["community"])
        self.assertIsNone(masks["street"])
        self.assertTrue(masks["district"].startswith("李"))
        self.assertTrue(masks["resident"].startswith("李"))

    # --- what is asked

    def test_what_is_wrong_is_named_by_its_field(self):
        cases = [
            ({**ISSUE, "zzz": 1}, 422, "unknown_field", "zzz"),
            ({"home": HOME, "text": "x"}, 422, "required", "title"),
            ({**ISSUE, "title": "长" * 101}, 422, "maxLength", "title"),
            ({**ISSUE, "sealed": "A"}, 422, "unknown_field", "sealed"),
            ({**ISSUE, "requester": {"name": "李"}}, 422, "required",
             "requester.phone"),
            ('{"home":', 400, "malformed", "home"),
            ('{"home":"a","home":"b"}', 400, "duplicate_member", "home"),
        ]
        for body, status, reason, field in cases:
            self.refused(self.post("/v1/issues", body), status, reason, field)

    def test_wrong_addresses_methods_and_bodies_have_their_own_status(self):
        self.refused(self.get("/v1/nothing"), 404, "no_such_page")
        answer = self.stage.http("DELETE", "/v1/issues", token="resident")
        self.refused(answer, 405, "wrong_method", "method")
        self.assertEqual(answer[1]["allow"], "POST, GET")
        self.refused(self.post("/v1/issues", "a=1", Content_Type="text/plain"),
                     415, "not_json", "Content-Type")
        self.refused(self.post("/v1/issues", " " * 65537), 413, "too_large",
                     "body")
        self.refused(self.get("/v1/issues?colour=red"), 400,
                     "unknown_parameter", "colour")
        self.refused(self.get("/v1/issues?limit=201"), 400, "bad_parameter",
                     "limit")

    def talk(self, text):
        """What the gateway answers to these bytes, and whether it hung up."""
        host, port = self.stage.listen().split(":")
        with socket.create_connection((host, int(port)), 5) as line:
            line.settimeout(2)
            line.sendall(text)
            got = b""
            try:
                while more := line.recv(65536):
                    got += more
            except TimeoutError:
                return got, False
            return got, True

    def test_a_request_that_can_be_read_in_two_ways_ends_the_line(self):
        post, end = b"POST /v1/issues HTTP/1.1\r\nHost: a\r\n", b"\r\n"
        for text in (
                post + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
                post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"
                       b"\r\n0\r\n\r\n",
                post + b"Content-Length : 2\r\n\r\n{}",
                post + b"Transfer-Encoding: gzip\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + end,
                b"GET / HTTP/1.1\r\n" + end,
                b"GET /a%00b HTTP/1.1\r\nHost: a\r\n" + end,
                b"GET http://b/ HTTP/1.1\r\nHost: a\r\n" + end):
            got, closed = self.talk(text)
            self.assertTrue(got.startswith(b"HTTP/1.1 400"), text)
            self.assertTrue(closed, text)

    def test_every_answer_forbids_sniffing_framing_and_keeping(self):
        for path in ("/", "/v1/issues", "/v1/nothing", "/v1/openapi.json"):
            headers = self.get(path)[1]
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["cache-control"], "no-store")
            self.assertIn("default-src 'none'",
                          headers["content-security-policy"])

    # --- what comes back

    def test_202_names_a_command_whose_outcome_can_be_asked_for(self):
        status, _, answer = self.post("/v1/issues", ISSUE)
        self.assertEqual((status, answer["status"]), (202, "accepted"))
        found = self.stage.wait(
            lambda: (a := self.get(answer["href"], "resident"))[0] == 200
            and a[2], 20, "the command's outcome")
        self.assertEqual((found["status"], found["type"]),
                         ("done", "issue.raised"))

    def test_wait_gives_what_was_made_and_where_it_is(self):
        status, headers, answer = self.post("/v1/issues", ISSUE,
                                            Prefer="wait=20")
        self.assertEqual((status, answer["type"]), (201, "issue.raised"))
        path = headers["location"]
        status, _, issue = self.get(path, "resident")
        self.assertEqual((status, issue["state"]), (200, "received"))
        self.assertEqual([e["type"] for e in issue["timeline"]],
                         ["issue.raised"])

    def test_a_refusal_is_a_problem_with_the_workers_words(self):
        issue = self.raise_issue()
        status, _, body = self.post("/v1/issues/%s/handle" % issue,
                                    {"answer": "好了"}, "community",
                                    Prefer="wait=20")
        self.assertIn(status, (409, 422), body)
        self.assertTrue(body["reason"] and body["detail"])

    def test_the_same_key_is_the_same_command(self):
        for key in (uuid7(), "my-own-key-%s" % uuid7()):
            first = self.post("/v1/issues", ISSUE, Prefer="wait=20",
                              Idempotency_Key=key)
            again = self.post("/v1/issues", ISSUE, Prefer="wait=20",
                              Idempotency_Key=key)
            self.assertEqual(first[2]["id"], again[2]["id"])
            self.assertEqual((first[0], again[0]), (201, 201))
            other = self.post("/v1/issues", {**ISSUE, "title": "别的"},
                              Prefer="wait=20", Idempotency_Key=key)
            self.refused(other, 409, "id_reused", "Idempotency-Key")
            self.assertEqual(self.count(first[2]["id"]), 1)

    def test_a_key_that_cannot_be_mapped_is_answered_without_an_id(self):
        answer = self.post("/v1/issues", ISSUE, Idempotency_Key="k" * 201)
        self.refused(answer, 400, "bad_key", "Idempotency-Key")
        self.assertNotIn("id", answer[2])
        grant = "%s INSERT ON gateway.idempotency %s baodao_gateway"
        self.stage.sql(grant % ("REVOKE", "FROM"))
        self.addCleanup(self.stage.sql, grant % ("GRANT", "TO"))
        answer = self.post("/v1/issues", ISSUE, Idempotency_Key="no such key")
        self.assertGreaterEqual(answer[0], 500)
        self.assertNotIn("id", answer[2])

    def count(self, issue):
        return int(self.stage.sql("SELECT count(*) FROM intake.issue"
                                  " WHERE issue = '%s'" % issue)[0][0])

    def test_a_list_goes_on_where_the_page_ended(self):
        issues = [self.raise_issue() for _ in range(3)]
        seen, path = [], "/v1/issues?limit=2"
        while path:
            page = self.get(path)[2]
            self.assertLessEqual(len(page["items"]), 2)
            seen += [i["issue"] for i in page["items"]]
            path = page["next"] and "/v1/issues?limit=2&after=" + page["next"]
        self.assertEqual(seen, sorted(set(seen), reverse=True))
        self.assertLessEqual(set(issues), set(seen))

    # --- what is heard

    def test_events_reach_whose_scope_they_are_and_nobody_else(self):
        with self.stage.events("street") as near, \
                self.stage.events("other_street") as far:
            issue = self.raise_issue()
            event = near.wait(lambda e: e["data"].get("subject") == issue)
            self.raise_issue(home=OTHER_HOME)
            far.wait(lambda e: e["event"] == "issue.raised")
            self.assertEqual(event["event"], "issue.raised")
            self.assertEqual(set(event["data"]),
                             {"id", "type", "subject", "version"})
            self.assertNotIn(issue, [e["data"]["subject"] for e in far.list])

    def test_who_reads_fast_hears_all_that_comes_at_once(self):
        """More at once than the gateway holds for a stream."""
        intake = self.stage.daemon("intake-1")
        with self.stage.events("district") as near:
            intake.send(signal.SIGSTOP)
            try:
                for _ in range(1000):
                    self.assertEqual(self.post("/v1/issues", ISSUE)[0], 202)
            finally:
                intake.send(signal.SIGCONT)
            self.stage.wait(lambda: len(near.list) >= 1000, 20,
                            "a thousand events")
        self.assertEqual(self.stage.metrics("gateway-1")[
            "baodao_streams_dropped_total"], 0)

    def test_queues_say_how_far_a_worker_is_behind(self):
        self.raise_issue()
        rows = self.get("/v1/queues")[2]["items"]
        self.assertEqual(len([r for r in rows
                              if r["topic"] == "issue.commands"]), 6)
        self.stage.wait(lambda: sum(
            r["lag"] or 0 for r in self.get("/v1/queues")[2]["items"]) == 0,
            20, "no lag")

    # --- what lies beneath

    def test_the_database_tells_the_gateway_nothing_about_nobody(self):
        self.raise_issue()
        for table in ("view.issue", "view.entry"):
            with self.assertRaisesRegex(StageError, "app.actor is not set"):
                self.stage.sql("SELECT count(*) FROM " + table,
                               user="baodao_gateway")

    def test_the_gateways_role_writes_nowhere_but_at_home(self):
        tables = self.stage.sql(
            "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n"
            " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v')"
            " AND n.nspname !~ '^pg_|^information_schema'"
            " AND (has_table_privilege('baodao_gateway', c.oid, 'INSERT')"
            "   OR has_table_privilege('baodao_gateway', c.oid, 'UPDATE')"
            "   OR has_table_privilege('baodao_gateway', c.oid, 'DELETE'))")
        self.assertEqual(tables, [("gateway.idempotency",)])

    def test_openapi_and_its_schemas_are_served(self):
        document = self.get("/v1/openapi.json")[2]
        self.assertEqual(document["openapi"], "3.1.0")
        bodies = document["components"]["requestBodies"].values()
        refs = {p.get("$ref", "#") for b in bodies for p in
                b["content"]["application/json"]["schema"]["properties"]
                .values()}
        files = {ref.partition("#")[0] for ref in refs} - {""}
        self.assertGreater(len(files), 30)
        for name in files:
            self.assertEqual(self.get("/v1/" + name)[0], 200, name)

    def test_the_gateway_answers_as_openapi_says(self):
        document = self.get("/v1/openapi.json")[2]
        for path, methods in document["paths"].items():
            for method, one in methods.items():
                self.compare(path, method, one)

    def compare(self, path, method, one):
        values = {"round": "1", "office": "CGJ", "member": "m",
                  "file": "board.css"}
        for name in [part[1:-1] for part in path.split("/")
                     if part.startswith("{")]:
            path = path.replace("{%s}" % name, values.get(name, uuid7()))
        if path == "/v1/events":
            return  # it does not end; heard above
        status, headers, _ = self.stage.http(
            method.upper(), path, token="district",
            body={} if method == "post" else None)
        known = one["responses"]
        self.assertTrue({str(status), "%dXX" % (status // 100)} & set(known),
                        (method, path, status))
        if status >= 400:
            self.assertEqual(headers["content-type"],
                             "application/problem+json")
        self.assertNotEqual(status, 405, path)


if __name__ == "__main__":
    unittest.main()
