"""What an operations team lives with: pauses, drains, dead letters in groups,
readers rewound, and a doctor who says why nothing moves."""
import json
import shutil
import subprocess
import threading
import time
import unittest

from tests.stage import Stage, client
from tests.stage.cell import postgres_bin
from tests.stage.servers import TOP

from . import faults
from .faults import HOME
from .reader import Reader

ALONE = True    # it looks at rates
PLACE = TOP / "build" / "test" / "operate"
RESIDENT = "resident//r-17"
DAEMONS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1",
           "gateway-1")


def setUpModule():
    global stage
    stage = Stage(PLACE, test_clock=faults.BORN, daemons=DAEMONS,
                  settings={"intake": {"SESSION_MS": 6000}})
    unittest.addModuleCleanup(stage.stop)
    stage.start()


class Operate(unittest.TestCase):
    def baodao(self, *words, **more):
        return stage.baodao(*words, **more).stdout

    def refused(self, sentence, *words, code=1):
        done = stage.baodao(*words, check=False)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.returncode, code)

    def put(self, lines):
        faults.put(stage, lines, self.id()).wait(60)

    def queues(self, topic):
        return [q for q in faults.lag(stage) if q["topic"] == topic]

    def folded(self):
        faults.quiet(stage)

    def acts(self, verb):
        return stage.sql("SELECT who, subject, why FROM log.act WHERE verb ="
                         " '%s' ORDER BY act" % verb)

    def ready(self, name):
        try:
            return client.request(stage.daemon(name).side, "GET", "/readyz")
        except OSError:
            return 0, {}, b""


class Pauses(Operate):
    def tearDown(self):
        stage.baodao("resume", "intake")
        stage.daemon("intake-1").launch()
        self.folded()

    def say(self, count, first=0):
        """Issues, put into Kafka without waiting for their fold."""
        for n in range(first, first + count):
            one = faults.issue(n)
            stage.baodao("send", one["type"], "--id", one["id"], "--actor",
                         one["actor"], input=json.dumps(one["data"]))

    def lag(self):
        return sum(q["lag"] for q in self.queues("issue.commands"))

    def stands(self, name="intake-1"):
        stage.wait(lambda: self.ready(name)[0] == 503, 10, "a pause")

    def test_a_paused_program_folds_nothing_says_by_whom_and_stays(self):
        stage.baodao("pause", "intake", "--why", "数据核对")
        self.stands()
        said = self.ready("intake-1")[2].decode()
        self.assertIn("paused by", said)
        self.assertIn("数据核对", said)
        self.say(3)
        ends = len(stage.daemon("intake-1").exits)
        time.sleep(8)       # longer than its session with the group
        self.assertEqual(self.lag(), 3)
        for q in self.queues("issue.commands"):
            self.assertEqual((q["state"], q["owner"]), ("paused", "intake-1"))
        self.assertIn("数据核对", self.baodao("lag"))
        stage.baodao("resume", "intake")
        self.folded()
        self.assertEqual(self.ready("intake-1")[0], 200)
        self.assertEqual(len(stage.daemon("intake-1").exits), ends)
        self.assertIn(("intake", "数据核对"),
                      [act[1:] for act in self.acts("pause")])
        self.assertIn("intake", [act[1] for act in self.acts("resume")])

    def stood(self, number):
        return sum(f.get("fact") == "stands_still" and f["partition"] == number
                   for f in stage.logs("intake-1"))

    def test_one_partition_stands_while_the_others_go_on(self):
        self.say(2, 100)    # two homes, perhaps two partitions
        self.folded()
        held = max(self.queues("issue.commands"), key=lambda q: q["messages"])
        number = held["partition"]
        before = self.stood(number)
        stage.baodao("pause", "intake/%d" % number, "--why", "样例")
        stage.wait(lambda: self.stood(number) > before, 10, "a stand")
        self.say(8, 200)
        stage.wait(lambda: all(q["lag"] == 0 or q["partition"] == number
                               for q in self.queues("issue.commands")),
                   20, "the others")
        behind = self.queues("issue.commands")[number]
        self.assertGreater(behind["lag"], 0)
        self.assertEqual(behind["next_offset"], held["next_offset"])
        self.assertEqual(self.ready("intake-1")[0], 200)
        stage.baodao("resume", "intake/%d" % number)
        self.folded()
        faults.assert_log(self, stage)

    def test_a_worker_that_takes_over_stands_still_at_once(self):
        stage.baodao("pause", "intake", "--why", "样例")
        self.stands()
        daemon = stage.daemon("intake-1")
        daemon.stop()
        self.say(3, 300)
        daemon.launch()
        stage.wait(lambda: b"paused by" in self.ready("intake-1")[2], 30,
                   "the pause to be known")
        self.assertEqual(self.lag(), 3)
        stage.baodao("resume", "intake")
        self.folded()

    def test_a_drain_folds_what_was_there_and_no_more(self):
        stage.baodao("pause", "intake", "--why", "样例")
        self.stands()
        self.say(4, 400)
        before = {q["partition"]: q["high"]
                  for q in self.queues("issue.commands")}
        stage.baodao("drain", "intake", "--why", "停机")
        self.say(4, 500)
        stage.wait(lambda: all(q["state"] == "drained" for q in
                               self.queues("issue.commands")), 20, "a drain")
        self.stands()
        self.assertEqual({q["partition"]: q["next_offset"]
                          for q in self.queues("issue.commands")
                          if q["high"]},
                         {p: high for p, high in before.items() if high})
        self.assertEqual(self.lag(), 4)
        stage.baodao("resume", "intake")
        self.folded()
        faults.assert_log(self, stage)

    def test_a_paused_type_is_refused_at_the_gateway_with_503(self):
        token = self.baodao("token", "--role", "resident", "--person",
                            "r-17").strip()
        body = {"home": HOME, "title": "路灯不亮", "text": "三天了"}

        def ask():
            return stage.http("POST", "/v1/issues", token, body)
        stage.baodao("pause", "--type", "issue.raise", "--why", "系统升级")
        stage.wait(lambda: ask()[0] == 503, 10, "a refusal")
        status, headers, problem = ask()
        self.assertEqual((status, problem["reason"]), (503, "paused"))
        self.assertIn("系统升级", problem["detail"])
        self.assertIn("retry-after", headers)
        self.assertIn("issue.raise paused", self.baodao("lag"))
        stage.baodao("resume", "--type", "issue.raise")
        stage.wait(lambda: ask()[0] == 202, 10, "an answer")
        self.folded()

    def test_a_pause_wants_a_reason_and_something_that_is_there(self):
        self.refused("--why", "pause", "intake", code=2)
        self.refused("nobody has ever folded", "pause", "intak", "--why", "x")
        self.refused("nobody has ever folded", "drain", "intake/9", "--why",
                     "x")
        self.refused("there is no command", "pause", "--type", "issue.shout",
                     "--why", "x")
        self.refused("say which", "resume", code=2)

    def test_rates_are_what_moved_between_two_looks(self):
        rows = [json.loads(line) for line in self.baodao(
            "lag", "--over", "1", "--json").splitlines()]
        self.assertEqual({row["in_per_second"] for row in rows}, {0})
        self.assertEqual({row["drain_seconds"] for row in rows}, {0})


class Doctor(Operate):
    """Each ailment is fired by a fault, or by the rows that one leaves."""

    def doctor(self, **settings):
        """{check: its line}, and the exit code."""
        done = subprocess.run(
            [stage.bin / "baodao", "doctor", "--json"], timeout=90,
            env={**stage.environment("baodao_operator"), **settings},
            capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        wrong = [one["check"] for one in lines if one["health"] == "wrong"]
        self.assertEqual(done.returncode, 1 if wrong else 0, done.stderr)
        return {one["check"]: one for one in lines}

    def wrong(self, found):
        return {name for name, one in found.items()
                if one["health"] == "wrong"}

    def fires(self, spoil, mend, check, detail, **settings):
        """Spoiled by SQL, the doctor says so; mended, it is well again."""
        stage.sql(spoil)
        try:
            found = self.doctor(**settings)
        finally:
            stage.sql(mend)
        self.assertIn(detail, found[check].get("detail", ""), found[check])
        self.assertTrue(found[check]["next"] and found[check]["zh"])

    def psql(self, sql):
        """A session that says this and stays."""
        session = subprocess.Popen(
            [postgres_bin() / "psql", "-X", "-q", stage.conninfo("postgres")],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, text=True)
        session.stdin.write(sql + "\n")
        session.stdin.flush()

        def end():
            session.kill()
            session.wait()
            session.stdin.close()
        self.addCleanup(end)

    def test_a_cell_that_is_well_is_said_to_be(self):
        stage.wait(lambda: not self.wrong(self.doctor()), 30, "a well cell")
        found = self.doctor()
        self.assertEqual(self.wrong(found), set(), found)
        self.assertEqual(found["retention"]["health"], "unknown")
        self.assertIn("all is well", self.baodao("doctor"))

    def test_rows_that_faults_leave_are_read(self):
        place = "WHERE topic = 'ledger.commands'"
        pulse = ("INSERT INTO log.pulse VALUES ('%s', 'track', now() + '%s',"
                 " NULL, 0, '')")
        gone = "DELETE FROM log.pulse WHERE instance = 'odd-1'"
        letter = ("INSERT INTO log.dead_letter SELECT 'ledger', 'x.commands',"
                  " 0, %d, test_clock, '%s', 'home', 'said', '', '', ''"
                  " FROM log.cell")
        no_letter = "DELETE FROM log.dead_letter WHERE topic = 'x.commands'"
        for spoil, mend, check, detail in (
                ("UPDATE log.consumer SET starts = 4 " + place,
                 "UPDATE log.consumer SET starts = 0 " + place,
                 "deaths", "ledger.commands/0 at offset"),
                (letter % (1, "deadly"), no_letter, "deaths", "was set aside"),
                ("SELECT pg_create_physical_replication_slot('archive', true)",
                 "SELECT pg_drop_replication_slot('archive')", "archive",
                 "nobody takes it"),
                (letter % (2, "malformed"), no_letter, "letters",
                 "malformed home: 1 in the last hour"),
                (pulse % ("odd-1", "1 min"), gone, "clocks",
                 "the clock of odd-1 is"),
                ("UPDATE log.consumer SET published = published - 1 " + place,
                 "UPDATE log.consumer SET published = published + 1 " + place,
                 "unpublished", "ledger.commands/0"),
                ("INSERT INTO log.entry SELECT 'ffffffff-ffff-4fff-8fff-"
                 "ffffffffffff', 'track', 't', 0, 1, gen_random_uuid(), '',"
                 " NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, now(), NULL,"
                 " '', ''", "DELETE FROM log.entry_rest", "months",
                 "1 rows of the log lie in no month"),
                ("INSERT INTO gateway.pause SELECT 'issue.urge', 'op-1', now(),"
                 " 'x'", "DELETE FROM gateway.pause", "pauses",
                 "issue.urge at the gateway by op-1"),
        ):
            with self.subTest(check + " " + detail):
                self.fires(spoil, mend, check, detail)
        self.assertEqual(self.wrong(self.doctor()), set())

    def test_a_clock_that_is_behind_is_told_from_a_death(self):
        done = threading.Event()

        def beat():
            while not done.is_set():
                stage.sql("INSERT INTO log.pulse VALUES ('late-1', 'track',"
                          " clock_timestamp() - interval '1 min', NULL, 0, '')"
                          " ON CONFLICT (instance) DO UPDATE SET wall ="
                          " excluded.wall")
                time.sleep(0.3)
        thread = threading.Thread(target=beat)
        thread.start()
        try:
            stage.wait(lambda: stage.sql("SELECT 1 FROM log.pulse WHERE instance"
                                         " = 'late-1'"), 10, "a first beat")
            found = self.doctor()
        finally:
            done.set()
            thread.join()
            stage.sql("DELETE FROM log.pulse WHERE instance = 'late-1'")
        self.assertRegex(found["clocks"]["detail"],
                         "the clock of late-1 is 6[01] s behind")

    def test_who_blocks_whom_in_postgresql_is_told(self):
        self.psql("BEGIN; LOCK TABLE public.migration;")
        time.sleep(1)
        self.psql("SELECT count(*) FROM public.migration;")
        time.sleep(11)
        found = self.doctor()
        self.assertIn("has been idle in a transaction",
                      found["sessions"]["detail"])
        self.assertIn("waits for pid", found["locks"]["detail"])

    def test_a_slow_answer_is_told(self):
        self.psql("BEGIN; LOCK TABLE log.consumer; SELECT pg_sleep(2); COMMIT;")
        time.sleep(0.5)
        self.assertIn("a small question took",
                      self.doctor()["slow"]["detail"])

    def test_an_alarm_that_nobody_rings_is_told(self):
        issue = faults.issue(900)
        self.put([issue])
        stage.baodao("pause", "intake", "--why", "样例")
        try:
            where = "WHERE issue = '%s'" % issue["id"]
            due, = stage.sql("SELECT next_due FROM intake.issue " + where)[0]
            self.fires("UPDATE intake.issue SET next_due = next_due -"
                       " interval '30 days' " + where,
                       "UPDATE intake.issue SET next_due = '%s' %s" % (
                           due, where), "alarms", "intake.issue was due at")
        finally:
            stage.baodao("resume", "intake")

    def test_a_worker_that_is_gone_and_what_waits_for_it_are_told(self):
        ledger = stage.daemon("ledger-1")
        ledger.stop()
        try:
            stage.sql("UPDATE log.pulse SET wall = wall - interval '1 min'"
                      " WHERE instance = 'ledger-1'")
            stage.baodao("send", "ledger.reverse", "--actor", "reviewer//v-1",
                         input=json.dumps({"entry": faults.new_id(1),
                                           "why": "样例"}))
            found = self.doctor()
        finally:
            ledger.start()
        self.assertIn("ledger.commands/0 was last held by ledger-1",
                      found["owners"]["detail"])
        self.assertIn("ledger.commands/0: 1 messages wait",
                      found["stuck"]["detail"])
        self.folded()

    def test_a_version_that_a_worker_lacks_is_told(self):
        folder = PLACE / "newer"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TOP / "schemas" / "reference", folder)
        with open(folder / "weights.csv", "a") as file:
            file.write("operate.test,1,\n")
        stage.baodao("reference", "load", folder)
        stage.baodao("time", "advance", "5m")
        self.folded()
        self.assertEqual(self.wrong(self.doctor()), set())
        self.fires("INSERT INTO log.pulse VALUES ('odd-1', 'track', now(),"
                   " NULL, 1, '')", "DELETE FROM log.pulse WHERE instance ="
                   " 'odd-1'", "reference", "odd-1 has version 1, 2 is valid")

    def test_a_disk_that_is_nearly_full_is_told(self):
        place = PLACE / "small"
        place.mkdir(exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs",
                           place], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("only root can mount a small disk")
        try:
            (place / "ballast").write_bytes(b"x" * 1000 * 1024)
            found = self.doctor(KEYS=str(place))
        finally:
            subprocess.run(["umount", place], check=True)
        self.assertIn("0 MiB are left", found["disk"]["detail"])

    def test_a_cell_without_topics_workers_and_data_is_told_so(self):
        stage.sql("CREATE DATABASE bare", dbname="postgres")
        at = {"CELL": "bare",
              "POSTGRES": stage.conninfo("postgres", "bare")}

        def baodao(*words):
            subprocess.run([stage.bin / "baodao", *words], check=True,
                           env={**stage.environment("postgres"), **at},
                           capture_output=True, timeout=60)

        def sql(query):
            stage.sql(query, dbname="bare")
        baodao("migrate", "--district=530103")
        found = self.doctor(**at)
        self.assertIn("bare.issue.commands is not there",
                      found["partitions"]["detail"])
        self.assertIn("no version at all", found["reference"]["detail"])
        baodao("topics", "create", "--retention-days=1")
        baodao("backed-up", "/backups/monday")
        self.assertEqual(stage.sql("SELECT verb, subject FROM log.act",
                                   dbname="bare"),
                         [("backup", "/backups/monday")])
        sql("INSERT INTO log.act SELECT gen_random_uuid(), now() -"
            " n * interval '3 days', 'op', 'backup', '', '', ''"
            " FROM generate_series(1, 2) AS n")
        stage.wait(lambda: "match.commands/0" in self.doctor(**at)["never"]
                   .get("detail", ""), 30, "the new topics to have leaders")
        found = self.doctor(**at)
        self.assertEqual(found["topics"]["health"], "well", found)
        self.assertIn("no slot", found["archive"]["detail"])
        self.assertIn("keeps 24 h, backups lie 72 h",
                      found["retention"]["detail"])
        sql("UPDATE log.cell SET test_clock = now()")
        self.assertIn("LogAppendTime, this cell needs CreateTime",
                      self.doctor(**at)["topics"]["detail"])

    def test_an_archive_that_has_lost_wal_is_told(self):
        stage.sql("SELECT pg_create_physical_replication_slot('archive', true)")
        try:
            stage.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
            stage.sql("SELECT pg_reload_conf()")
            for _ in range(3):
                stage.sql("SELECT pg_logical_emit_message(true, '', 'x')")
                stage.sql("SELECT pg_switch_wal()")
            stage.sql("CHECKPOINT")
            self.assertIn("its slot has lost WAL",
                          self.doctor()["archive"]["detail"])
        finally:
            stage.sql("SELECT pg_drop_replication_slot('archive')")
            stage.sql("ALTER SYSTEM RESET max_slot_wal_keep_size")
            stage.sql("SELECT pg_reload_conf()")

    def test_zz_engines_that_are_gone_are_told(self):
        stage.redis.end()
        try:
            self.assertIn("redis", self.wrong(self.doctor()))
        finally:
            stage.redis.start()
        stage.postgres.stop()
        try:
            self.assertEqual(self.wrong(self.doctor()), {"postgres"})
        finally:
            stage.postgres.start()
        self.assertEqual(self.wrong(self.doctor(KAFKA="127.0.0.1:1")),
                         {"kafka"})
        self.folded()


class Rewind(Operate):
    TOPIC = "issue.events"

    def setUp(self):
        self.group = self.id().rpartition("_")[2]

    def reader(self):
        return Reader(stage.facts()["servers"]["kafka"]["address"], self.group,
                      "panlong." + self.TOPIC)

    def read(self, count):
        one = self.reader()
        try:
            return one.read(count)
        finally:
            one.close()

    def rewind(self, *words):
        return self.baodao("rewind", self.group, self.TOPIC, *words)

    def test_readers_read_again_what_a_dry_run_has_announced(self):
        self.put([faults.issue(n) for n in range(700, 705)])
        before = self.read(5)
        self.assertGreaterEqual(before, 5)
        self.assertEqual(self.read(0), 0)
        tried = self.rewind("--to", "0")
        self.assertIn("a dry run", tried)
        self.assertEqual(sum(int(line.split()[-1]) for line in
                             tried.splitlines()[1:7]
                             if line.split()[-1] != "-"), before)
        self.assertEqual(self.read(0), 0)
        self.rewind("--to", "0", "--yes", "--why", "屏幕重建")
        self.assertEqual(self.read(before), before)
        self.assertIn((self.group + "/panlong." + self.TOPIC, "屏幕重建"),
                      [act[1:] for act in self.acts("rewind")])

    def test_an_instant_is_where_its_messages_begin(self):
        stage.baodao("time", "advance", "2h")
        since = stage.baodao("time").stdout.split()[0]
        stage.baodao("time", "advance", "1m")
        self.put([faults.issue(n) for n in range(720, 723)])
        self.read(1)
        self.rewind("--to", since, "--yes", "--why", "x")
        again = self.read(3)
        self.assertEqual(again, int(stage.sql(
            "SELECT count(*) FROM log.entry WHERE topic = '%s' AND at >= '%s'"
            % (self.TOPIC, since))[0][0]))
        self.assertGreaterEqual(again, 3)

    def test_who_lives_or_is_a_worker_is_not_moved(self):
        self.put([faults.issue(740)])
        member = self.reader()
        try:
            self.assertGreaterEqual(member.read(1), 1)
            self.refused("living members: stop them first", "rewind",
                         self.group, self.TOPIC, "--to", "0")
        finally:
            member.close()
        self.refused("is a worker", "rewind", "panlong.intake",
                     "issue.commands", "--to", "0")
        self.refused("--why", "rewind", self.group, self.TOPIC, "--to", "0",
                     "--yes", code=2)
        self.refused("there is no topic", "rewind", self.group, "x.events",
                     "--to", "0")
        self.refused("--to is an offset, or an instant", "rewind", self.group,
                     self.TOPIC, "--to", "yesterday", code=2)


class DeadLetters(Operate):
    def die(self, count):
        """Commands whose bodies lack what is required."""
        self.put([{"type": "issue.raise", "key": HOME, "actor": RESIDENT,
                   "id": faults.new_id(n), "raw": "{}"}
                  for n in range(count)])

    def groups(self):
        return [line.split()[:4] for line in
                self.baodao("dead", "groups").splitlines()]

    def letters(self):
        return stage.sql("SELECT partition, \"offset\", encode(value, 'escape'),"
                         " code, field FROM log.dead_letter WHERE topic ="
                         " 'issue.commands' ORDER BY at, partition,"
                         " \"offset\"")

    def test_a_group_is_counted_said_again_slowly_and_dropped(self):
        self.die(4)
        before = self.letters()
        self.assertEqual(len(before), 4)
        code, field = before[0][3:]
        self.assertIn(["issue.commands", code, field, "4"], self.groups())
        self.assertEqual(self.baodao("dead", "show", "issue.commands",
                                     *before[0][:2], "--raw"), "{}")
        self.refused("--why", "dead", "replay-group", "issue.commands", code,
                     code=2)
        began = time.monotonic()
        self.baodao("dead", "replay-group", "issue.commands", code, "--rate",
                    "2", "--why", "重试")
        self.assertGreaterEqual(time.monotonic() - began, 1.9)
        self.folded()
        after = self.letters()
        self.assertEqual(len(after), 4)     # they die anew, where they are now
        self.assertFalse({row[:2] for row in after}
                         & {row[:2] for row in before})
        self.assertEqual(len([a for a in self.acts("dead.replay")
                              if a[2] == "重试"]), 4)
        stage.sql("UPDATE log.dead_letter SET value = decode(repeat('00',"
                  " 1000001), 'hex') WHERE (partition, \"offset\") = (%s, %s)"
                  % after[0][:2])
        self.refused("issue.commands %s %s, after" % after[0][:2], "dead",
                     "replay-group", "issue.commands", code, "--why", "重试")
        self.folded()
        self.baodao("dead", "drop-group", "issue.commands", code, field,
                    "--why", "测试数据")
        self.assertEqual(self.letters(), [])
        self.assertEqual(len([a for a in self.acts("dead.drop")
                              if a[2] == "测试数据"]), 4)
