"""The operator's command line on a living cell: what each verb does, what it
refuses, and that `verify` sees what was spoiled."""
import json
import os
import shutil
import subprocess
import time
import unittest
import uuid
from datetime import datetime
from pathlib import Path

from tests.stage import Stage
from tests.stage.servers import TOP

PLACE = TOP / "build" / "test" / "cli"
SAMPLES = TOP / "schemas" / "reference" / "sample"
HOME, STREET = "530103003001", "530103003000"
RESIDENT = "resident//r-17"
CLERK, LEAD = "street_clerk/%s/s-1" % STREET, "street_lead/%s/s-2" % STREET
NAME, PHONE = "欧阳待查", "13887654321"


def uuid7(at):
    value = bytearray(int(at.timestamp() * 1000).to_bytes(6, "big")
                      + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(value)))


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(PLACE, test_clock="2026-03-02T08:30+08:00")
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.start()
        cls.stage.baodao("replay", SAMPLES / "rosters.ndjson")

    # --- what the tests say

    def run_in(self, words, user="baodao_operator", input="", **settings):
        """The command line with other settings: (exit code, out, err)."""
        env = {**self.stage.environment(user), **settings}
        done = subprocess.run([self.stage.bin / "baodao", *map(str, words)],
                              env=env, input=input, capture_output=True,
                              text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def refused(self, words, sentence, code=1, **more):
        got, _, err = self.run_in(words, **more)
        self.assertIn(sentence, err)
        self.assertEqual(got, code, err)

    def send(self, type, data, actor, *words):
        return self.stage.baodao("send", type, "--actor", actor, *words,
                                 input=json.dumps(data)).stdout.strip()

    def replay(self, lines, check=True):
        path = PLACE / "lines.ndjson"
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n"
                                for line in lines))
        return self.stage.baodao("replay", path, check=check)

    def now(self):
        return datetime.fromisoformat(
            self.stage.baodao("time").stdout.split()[0])

    def folded(self):
        self.replay([{"wait": True}])

    def whistle(self):
        """The id of one that is issued to two offices."""
        id = uuid7(self.now())
        self.replay([
            {"type": "whistle.draft", "id": id, "actor": CLERK,
             "data": {"kind": "priority", "matter": "E0505",
                      "region": HOME, "street": STREET, "facts": "样例",
                      "submit": True}},
            {"type": "whistle.approve", "actor": LEAD,
             "data": {"whistle": id}}])
        self.assertEqual(self.stage.sql(
            "SELECT state FROM dispatch.whistle WHERE id = '%s'" % id),
            [("issued",)])
        return id

    # --- a cell's birth

    def test_migrating_again_changes_nothing(self):
        look = "SELECT count(*), max(digest::text) FROM public.migration"
        before = self.stage.sql(look)
        self.assertEqual(self.stage.baodao("migrate", user="postgres").stdout,
                         "")
        self.assertEqual(self.stage.sql(look), before)

    def test_a_migration_that_was_changed_is_refused_by_name(self):
        folder = PLACE / "changed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TOP / "schemas" / "sql", folder / "sql")
        with open(folder / "sql" / "030_track.sql", "a") as file:
            file.write("-- one line more\n")
        self.refused(["migrate"], "030_track.sql was changed",
                     user="postgres", SCHEMAS=str(folder))

    def test_only_a_superuser_migrates(self):
        self.refused(["migrate"], "superuser")

    def test_a_database_of_another_locale_or_cell_is_refused(self):
        self.stage.sql("CREATE DATABASE odd TEMPLATE template0 ENCODING 'UTF8'"
                       " LC_COLLATE 'C' LC_CTYPE 'C'", dbname="postgres")
        self.refused(["migrate"], "C.UTF-8",
                     POSTGRES=self.stage.conninfo("postgres", "odd"))
        self.refused(["lag"], "is of the cell panlong", CELL="guandu")

    def test_a_cell_without_a_test_clock_keeps_the_wall_clock(self):
        self.stage.sql("CREATE DATABASE wall", dbname="postgres")
        at = self.stage.conninfo("postgres", "wall")
        code, _, err = self.run_in(["migrate", "--district=530103"],
                                   POSTGRES=at, CELL="wall")
        self.assertEqual(code, 0, err)
        self.refused(["time", "advance", "1h"], "wall clock", POSTGRES=at,
                     CELL="wall")
        self.refused(["migrate", "--test-clock=2026-03-02T08:30+08:00"],
                     "without a test clock", POSTGRES=at, CELL="wall")

    def test_the_months_of_the_log_lie_around_the_cells_time(self):
        months = {name for name, in self.stage.sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'log.entry'::regclass")}
        for month in ("2025_12", "2026_03", "2026_06"):
            self.assertIn("log.entry_" + month, months)
        self.assertEqual(self.stage.sql(
            "SELECT count(*) FROM log.entry_rest"), [("0",)])

    def test_what_lay_in_the_rest_moves_into_its_month(self):
        self.stage.sql(
            "BEGIN;"
            "INSERT INTO log.entry SELECT log.first_id('2031-05-05'), service,"
            " source_topic, 9999, seq, cause, cause_digest, topic, key, type,"
            " subject, version, actor, scope, reply, at, data, digest, hash"
            " FROM log.entry LIMIT 1;"
            "SELECT log.make_months('2031-05-01');"
            "DO $$ BEGIN ASSERT (SELECT partition = 9999 FROM"
            " log.entry_2031_05); ASSERT NOT EXISTS (SELECT FROM"
            " log.entry_rest); END $$; ROLLBACK")

    # --- reference data

    def test_a_fault_in_reference_data_is_named_and_nothing_is_loaded(self):
        folder = PLACE / "faulty"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TOP / "schemas" / "reference", folder)
        path = folder / "limits.csv"
        path.write_text(path.read_text() + "issue,triage,many,,,\n")
        before = self.stage.baodao("reference", "show").stdout
        self.refused(["reference", "load", folder], "limits.csv:")
        self.assertEqual(self.stage.baodao("reference", "show").stdout,
                         before)

    def test_a_new_version_begins_later_and_every_partition_hears_of_it(self):
        folder = PLACE / "newer"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TOP / "schemas" / "reference", folder)
        with open(folder / "weights.csv", "a") as file:
            file.write("cli.test,1,\n")
        self.refused(["reference", "load", folder, "--at",
                      self.now().isoformat()], "60 s ahead")
        counts = ("SELECT topic || partition, messages FROM log.consumer")
        before = dict(self.stage.sql(counts))
        self.stage.baodao("reference", "load", folder)
        self.folded()
        for place, count in self.stage.sql(counts):
            self.assertGreater(int(count), int(before[place]), place)
        self.assertEqual(self.stage.sql(
            "SELECT max(version) FROM reference.version WHERE valid_from >="
            " (SELECT test_clock + interval '60 s' FROM log.cell)"), [("2",)])
        self.assertIn("is the same", self.stage.baodao(
            "reference", "load", folder).stdout)

    # --- commands

    def test_a_token_opens_the_gateway_and_is_kept_as_a_hash(self):
        token = self.stage.baodao("token", "--role", "operator", "--person",
                                  "op-1").stdout.strip()
        self.assertEqual(self.stage.http("GET", "/v1/queues", token)[0], 200)
        self.assertEqual(self.stage.sql(
            "SELECT count(*) FROM gateway.token WHERE position("
            "'%s'::bytea IN hash) > 0 OR name = '%s'" % (token, token)),
            [("0",)])
        self.refused(["token", "--role", "worker"], "no person is a worker", 2)

    def test_what_is_sent_is_folded_and_its_requester_is_sealed(self):
        id = self.send("issue.raise", {
            "home": HOME, "title": "路灯不亮", "text": "三天了",
            "requester": {"name": NAME, "phone": PHONE}}, RESIDENT)
        self.folded()
        self.assertEqual(self.stage.sql(
            "SELECT home, name_masked, phone_masked FROM intake.issue"
            " WHERE issue = '%s'" % id), [(HOME, "欧*", "138****4321")])
        for path in (self.stage.dir / "kafka").rglob("*.log"):
            bytes = path.read_bytes()
            self.assertNotIn(NAME.encode(), bytes)
            self.assertNotIn(PHONE.encode(), bytes)
        return id

    def test_what_does_not_fit_is_not_sent(self):
        for type, data, sentence, code in (
                ("issue.raise", {"home": HOME, "titel": "x"}, "titel", 1),
                ("issue.shout", {}, "there is no command issue.shout", 1),
                ("issue.raised", {}, "there is no command issue.raised", 1),
                ("issue.urge", {"issue": str(uuid.uuid4())}, "not known", 1)):
            self.refused(["send", type, "--actor", RESIDENT], sentence, code,
                         input=json.dumps(data))
        self.refused(["send", "issue.urge"], "no JSON", input="{")
        self.refused(["send"], "usage: baodao send", 2)

    def test_a_replay_moves_the_clock_and_sums_up(self):
        start = self.now()
        issue = uuid7(start)
        at = start.replace(hour=start.hour + 1).isoformat()
        raise_ = {"type": "issue.raise", "id": issue, "actor": RESIDENT,
                  "time": at, "data": {"home": HOME, "title": "x",
                                       "text": "y"}}
        done = self.replay([
            raise_, raise_,
            {"type": "issue.urge", "actor": RESIDENT,
             "data": {"issue": issue}},
            {"wait": True},
            {"type": "issue.accept", "actor": RESIDENT,
             "data": {"issue": issue, "matter": "E0108",
                      "class": "ordinary"}},
            {"type": "issue.raise", "key": HOME, "actor": RESIDENT,
             "raw": "{\"home\":"},
            {"type": "issue.raise", "key": HOME, "actor": RESIDENT,
             "raw_base64": "AP8=", "headers": {"ce_type": "issue.shout"}},
        ])
        words = [line.split() for line in done.stdout.splitlines()]
        self.assertIn(["issue.raise", "4"], words)
        self.assertTrue(any(line[:3] == ["issue.accept", "not_allowed", "1"]
                            for line in words), done.stdout)
        for code in ("malformed", "unknown_type"):
            self.assertTrue(any(line[:3] == ["issue.commands", code, "1"]
                                for line in words), done.stdout)
        self.assertEqual(self.now().isoformat(), at)
        self.assertEqual(self.stage.sql(
            "SELECT version FROM intake.issue WHERE issue = '%s'" % issue),
            [("2",)])

    def test_a_replay_stops_at_the_line_that_is_wrong(self):
        done = self.replay([{"wait": True}, {"type": "issue.raise",
                                             "data": {"home": 1}}], False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 2: ", done.stderr)

    # --- looking

    def test_a_whistle_is_shown_with_its_lanes_and_a_number_finds_it(self):
        id = self.whistle()
        number, = self.stage.sql(
            "SELECT number FROM dispatch.whistle WHERE id = '%s'" % id)[0]
        shown = self.stage.baodao("show", "whistle", number).stdout
        for part in (id, "已吹哨 (issued)", "whistle.drafted",
                     "task.assigned", "1/JJDD", "1/CGJ"):
            self.assertIn(part, shown)
        whole = json.loads(self.stage.baodao("show", "task", id + "/1/CGJ",
                                             "--json").stdout)
        self.assertEqual(whole["row"]["state"], "assigned")
        self.assertEqual(whole["timeline"][0]["type"], "task.assigned")
        self.refused(["show", "whistle", str(uuid.uuid4())], "there is no")

    def test_lag_counts_what_a_stopped_worker_leaves(self):
        ledger = self.stage.daemon("ledger-1")
        ledger.stop()
        try:
            self.send("ledger.reverse", {"entry": str(uuid.uuid4()),
                                         "why": "样例"}, "reviewer//v-1")
            rows = [json.loads(line) for line in
                    self.stage.baodao("lag", "--json").stdout.splitlines()]
            self.assertEqual(len(rows), 20)
            self.assertEqual([row["lag"] for row in rows
                              if row["topic"] == "ledger.commands"], [1])
            self.refused(["verify"], "quiet cell")
        finally:
            ledger.start()
        self.folded()

    def test_events_are_tailed_with_their_data(self):
        id = self.test_what_is_sent_is_folded_and_its_requester_is_sealed()
        code, out, _ = self.run_in(["tail", "--topic", "issue.events", "--all",
                                    "--count", "1"])
        self.assertEqual(code, 0)
        self.assertIn("issue.", out)
        self.assertEqual(len(out.splitlines()), 1)
        self.assertTrue(id)

    def test_anchors_are_the_heads_of_the_chains(self):
        path = PLACE / "anchors"
        path.unlink(missing_ok=True)
        self.folded()
        self.stage.baodao("anchor", path)
        heads = {(row["topic"], str(row["partition"]), row["hash"])
                 for row in map(json.loads, path.read_text().splitlines())}
        self.assertEqual(heads, set(self.stage.sql(
            "SELECT topic, partition, encode(hash, 'hex')"
            " FROM log.consumer")))

    def test_time_advances_for_every_daemon(self):
        before = self.now()
        self.stage.baodao("time", "advance", "90m")
        self.assertEqual((self.now() - before).total_seconds(), 5400)
        self.assertEqual(self.stage.sql(
            "SELECT DISTINCT p.test_clock = c.test_clock FROM log.pulse p,"
            " log.cell c WHERE p.wall > now() - interval '10 s'"), [("t",)])
        self.refused(["time", "to", before.isoformat()], "forward only")

    def test_dispatch_rebuilds_what_rebuild_forgets(self):
        def rebuilt():
            return sum(fact.get("fact") == "duties_rebuilt"
                       for fact in self.stage.logs("dispatch-1"))
        before = rebuilt()
        self.stage.baodao("rebuild")
        self.stage.wait(lambda: rebuilt() > before, 20, "a rebuild")

    # --- dead letters

    def dead(self):
        """Where a new one lies that can be put right."""
        self.replay([{"type": "issue.raise", "key": HOME, "actor": RESIDENT,
                      "id": uuid7(self.now()), "raw": "{}"}])
        return self.stage.sql(
            "SELECT topic, partition, \"offset\" FROM log.dead_letter"
            " ORDER BY at DESC, \"offset\" DESC LIMIT 1")[0]

    def acts(self, place):
        """What was done to it, by whom and why."""
        return self.stage.sql("SELECT verb, who, why FROM log.act WHERE"
                              " subject = '%s/%s/%s'" % place)

    def test_a_dead_letter_that_is_edited_takes_effect_under_a_new_id(self):
        place = self.dead()
        self.assertIn("required",
                      self.stage.baodao("dead", "show", *place).stdout)
        (PLACE / "edited").write_text(json.dumps(
            {"home": HOME, "title": "改好了", "text": "x"}))
        id = self.stage.baodao("dead", "replay", *place, "--edit",
                               PLACE / "edited").stdout.strip()
        self.folded()
        self.assertEqual(self.stage.sql(
            "SELECT title FROM intake.issue WHERE issue = '%s'" % id),
            [("改好了",)])
        self.assertEqual(self.acts(place), [("dead.edit", "operator", "")])
        self.refused(["dead", "show", *place], "no dead letter lies at")

    def test_a_dead_letter_is_dropped_only_with_a_reason(self):
        place = self.dead()
        self.refused(["dead", "drop", *place], "--why", 2)
        self.stage.baodao("dead", "drop", *place, "--why", "样例")
        self.assertEqual(self.acts(place),
                         [("dead.drop", "operator", "样例")])

    def test_a_dead_letter_that_is_replayed_keeps_its_bytes_and_id(self):
        place = self.dead()
        look = ("SELECT value, headers FROM log.dead_letter WHERE topic = '%s'"
                " AND partition = %s AND \"offset\" %s")
        before = self.stage.sql(look % (*place[:2], "= " + place[2]))
        self.stage.baodao("dead", "replay", *place)
        self.folded()
        self.assertEqual(self.stage.sql(look % (*place[:2], "> " + place[2])),
                         before)

    # --- what must hold

    def spoiled(self, spoil, mend, sentence):
        self.stage.sql(spoil)
        try:
            self.refused(["verify"], sentence)
        finally:
            self.stage.sql(mend)

    def test_verify_names_what_was_spoiled(self):
        id = self.whistle()
        self.folded()
        self.stage.baodao("verify")
        row = ("log.entry SET %s WHERE source_topic = 'task.commands'"
               " AND cause = (SELECT id FROM log.entry WHERE type ="
               " 'task.assign' AND subject = '" + id + "') AND %s")
        lane = "track.lane SET %s WHERE whistle = '" + id + "' AND office = '%s'"
        case = "dispatch.whistle SET state = '%s' WHERE id = '" + id + "'"
        for spoil, mend, sentence in (
                (row % ("data = data || ' '", "data LIKE '{%}'"),
                 row % ("data = rtrim(data)", "true"),
                 "its data were changed"),
                (row % ("subject = subject || '/'", "type = 'task.assigned'"),
                 row % ("subject = rtrim(subject, '/')",
                        "type = 'task.assigned'"),
                 "its hash does not follow"),
                (row % ("seq = seq + 1000000", "data IS NOT NULL"),
                 row % ("seq = seq - 1000000", "data IS NOT NULL"),
                 "is missing"),
                (lane % ("office = 'FGJ'", "CGJ"),
                 lane % ("office = 'CGJ'", "FGJ"),
                 "one lane for each office called"),
                (lane % ("role = 'added'", "CGJ"),
                 lane % ("role = 'assist'", "CGJ"),
                 "dispatch and track agree"),
                (case % "closed", case % "issued",
                 "is open while a lane of its round is"),
                ("log.consumer SET published = published - 1 WHERE topic ="
                 " 'task.commands' AND partition = 0",
                 "log.consumer SET published = published + 1 WHERE topic ="
                 " 'task.commands' AND partition = 0", "quiet"),
        ):
            with self.subTest(sentence):
                self.spoiled("UPDATE " + spoil, "UPDATE " + mend, sentence)
        self.spoiled("INSERT INTO ledger.account VALUES ('member/x', 1, 7)",
                     "DELETE FROM ledger.account WHERE account = 'member/x'",
                     "an account holds the sum of its postings")
        self.assertEqual(self.stage.baodao("verify").stdout, "")

    def test_zz_verify_finds_a_step_that_went_missing(self):
        track = self.stage.daemon("track-1")
        self.folded()
        track.stop()
        id = uuid7(self.now())
        self.send("whistle.draft", {
            "kind": "priority", "matter": "E0505", "region": HOME,
            "street": STREET, "facts": "样例", "submit": True}, CLERK,
            "--id", id)
        self.send("whistle.approve", {"whistle": id}, LEAD)

        def waiting():
            return [row for row in map(json.loads, self.stage.baodao(
                "lag", "--json").stdout.splitlines())
                if row["topic"] == "task.commands" and row["lag"] == 1]
        row, = self.stage.wait(waiting, 20, "a task.assign")
        self.stage.sql("UPDATE log.consumer SET next_offset = %d WHERE topic ="
                       " 'task.commands' AND partition = %d"
                       % (row["high"], row["partition"]))
        track.start()
        self.folded()
        self.refused(["verify"], "a command between workers is folded:"
                                 " task.assign")


if __name__ == "__main__":
    unittest.main()
