"""What a worker survives: lost offsets, a long sleep, poison, engines gone."""
import base64
import signal
import sys
import time
import unittest

from tests.stage import client, shared_stage, wait
from tests.stage.servers import TOP

from . import faults

WHISTLES = 1000
LIMIT_S = 120
ROSTERS = TOP / "schemas" / "reference" / "sample" / "rosters.ndjson"


def the_stage():
    """Sessions are short, so that a stopped worker is soon given up. The
    rosters are there; said again, they are repeats."""
    stage = shared_stage(
        "faults", test_clock=faults.BORN,
        settings={name: {"SESSION_MS": 2000, "BATCH_MAX": 200}
                  for name in ("intake", "dispatch", "track")})
    stage.baodao("replay", ROSTERS)
    return stage


class AWorker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = the_stage()

    def storm(self, count=WHISTLES):
        """Whistles on their way; what is said must come out right."""
        whistles = [faults.whistle(n) for n in range(count)]
        return whistles, faults.put(self.stage, whistles, self.id())

    def folded(self, whistles, feeding):
        faults.done(self.stage, feeding, LIMIT_S)
        faults.assert_exact(self, self.stage, whistles)

    def test_tells_kafkas_group_how_far_it_is(self):
        self.folded(*self.storm())
        cell = self.stage
        for name, topic in (("dispatch", "whistle"), ("track", "task")):
            topic = topic + ".commands"
            folded = {q["partition"]: q["next_offset"]
                      for q in faults.lag(cell) if q["topic"] == topic}
            cell.wait(lambda: {p: n for p, n in faults.committed(
                cell, "panlong." + name, "panlong." + topic,
                len(folded)).items() if n > 0}
                == {p: n for p, n in folded.items() if n > 0},
                10, "Kafka to know how far %s is" % name)

    def test_needs_no_offsets_of_kafkas_group(self):
        whistles, feeding = self.storm()
        for name in ("dispatch", "track"):
            daemon = self.stage.daemon(name + "-1")
            daemon.stop()
            try:
                self.drop_group("panlong." + name)
            finally:
                daemon.start(60)
        self.folded(whistles, feeding)

    def drop_group(self, group):
        """A static member leaves by its session's end alone."""
        said = []

        def dropped():
            said.append(faults.delete_group(self.stage, group))
            return said[-1] != faults.NON_EMPTY
        wait(dropped, 30, "group %s to be empty" % group, every=0.2)
        self.assertEqual(said[-1], 0)

    def test_that_slept_past_its_session_changes_nothing_and_exits_75(self):
        stage, slept = self.stage, self.stage.daemon("dispatch-1")
        other = stage.add("dispatch-2")
        fenced = self.fenced()
        exits = len(slept.exits)
        other.start(60)
        whistles, feeding = self.storm(5000)
        faults.stop_amid_batch(stage, "dispatch-1")
        stage.wait(lambda: self.all_owned_by("dispatch-2"), 40,
                   "dispatch-2 to take over")
        slept.send(signal.SIGCONT)
        stage.wait(lambda: len(slept.exits) > exits, 20, "an exit")
        self.assertEqual(slept.exits[exits], 75)
        self.assertIn("fenced", [line.get("fact")
                                 for line in stage.logs("dispatch-1")])
        self.assertGreater(self.fenced(), fenced)
        other.stop()
        slept.wait_ready(60)
        self.folded(whistles, feeding)

    def fenced(self):
        return faults.number(self.stage, "SELECT sum(fenced) FROM"
                             " log.consumer WHERE service = 'dispatch'")

    def all_owned_by(self, owner):
        return self.stage.sql(
            "SELECT DISTINCT owner FROM log.consumer"
            " WHERE service = 'dispatch'") == [(owner,)]

    def test_sets_a_poisoned_message_aside_and_folds_the_others(self):
        raw = b'{"kind":"emergency","facts":"\xff\xfe","x":1\x00,"y":2}'
        poison = faults.whistle(0)
        del poison["data"]
        poison["raw_base64"] = base64.b64encode(raw).decode()
        whistles = [faults.whistle(n) for n in range(50)]
        before = self.letters()
        feeding = faults.put(self.stage,
                             whistles[:25] + [poison] + whistles[25:])
        self.folded(whistles, feeding)
        self.assertEqual(self.letters() - before,
                         {(raw.hex(), poison["key"])})

    def test_halves_a_batch_until_what_postgresql_refuses_stands_alone(self):
        stage = self.stage
        issues = [faults.issue(n) for n in range(100)]
        issues[50]["data"]["title"] = "数据库不收的诉求"
        key = issues[50]["key"]
        before = faults.number(stage, "SELECT count(*) FROM intake.issue")
        retries = stage.metrics("intake-1")["baodao_retries_total"]
        stage.sql("ALTER TABLE intake.issue ADD CONSTRAINT refusal CHECK"
                  " (title <> '数据库不收的诉求')")
        self.addCleanup(stage.sql, "ALTER TABLE intake.issue"
                        " DROP CONSTRAINT refusal")
        faults.done(stage, faults.put(stage, issues, "halved"))
        self.assertEqual(faults.number(
            stage, "SELECT count(*) FROM intake.issue"), before + 99)
        self.assertEqual(stage.sql(
            "SELECT convert_from(key, 'UTF8') FROM log.dead_letter"
            " WHERE code = '23514'"), [(key,)])
        self.assertGreater(
            stage.metrics("intake-1")["baodao_retries_total"], retries)
        faults.verify(self, stage)

    def letters(self):
        return set(self.stage.sql(
            "SELECT encode(value, 'hex'), convert_from(key, 'UTF8')"
            " FROM log.dead_letter"))

    def test_waits_while_postgresql_is_gone_and_loses_nothing(self):
        daemons = [one for one in self.stage.daemons.values()
                   if one.running()]
        exits = [list(daemon.exits) for daemon in daemons]
        self.pause("true")
        self.stage.wait(lambda: client.request(
            self.stage.daemon("dispatch-1").side, "GET", "/readyz")[0] == 503,
            10, "dispatch to stand still")
        whistles, feeding = self.storm(3000)
        self.stage.wait(lambda: self.waiting() >= len(whistles), 60,
                        "the whistles to wait in Kafka")
        feeding.terminate()     # it asks PostgreSQL too
        self.pause("false")
        faults.stop_amid_batch(self.stage, "dispatch-1")
        self.stage.postgres.stop("immediate")
        self.stage.daemon("dispatch-1").send(signal.SIGCONT)
        time.sleep(3)
        self.stage.postgres.start()
        self.folded(whistles, feeding)
        for daemon in daemons:
            daemon.wait_ready(30)
        self.assertEqual([daemon.exits for daemon in daemons], exits)

    def test_ends_in_time_although_kafka_takes_nothing(self):
        stage, daemon = self.stage, self.stage.daemon("dispatch-1")
        whistles, feeding = self.storm()
        faults.stop_amid_batch(stage, "dispatch-1")
        stage.kafka.send(signal.SIGSTOP)
        try:
            daemon.send(signal.SIGCONT)
            stage.wait(self.unpublished, 30, "a batch that Kafka lacks")
            stage.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE application_name = 'dispatch-1'")
            time.sleep(1)   # it awaits Kafka before it goes on
            daemon.stop()   # raises when it must be forced
        finally:
            stage.kafka.send(signal.SIGCONT)
        daemon.start(60)
        self.folded(whistles, feeding)

    def unpublished(self):
        return faults.number(self.stage, "SELECT sum(seq - published) FROM"
                             " log.consumer WHERE service = 'dispatch'")

    def pause(self, value):
        self.stage.sql("UPDATE log.consumer SET paused = %s"
                       " WHERE service = 'dispatch'" % value)

    def waiting(self):
        return sum(queue["lag"] for queue in faults.lag(self.stage)
                   if queue["topic"] == "whistle.commands")


class Redis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = the_stage()

    def unheld(self):
        return faults.number(self.stage, "SELECT count(*) FROM track.lane"
                             " WHERE open AND holder IS NULL")

    def test_may_die_amid_a_storm_and_all_are_allotted_on_its_return(self):
        stage = self.stage
        whistles = [faults.whistle(n) for n in range(WHISTLES)]
        refused = self.refused()
        feeding = faults.put(stage, whistles)
        stage.redis.kill()
        feeding.wait(LIMIT_S)
        faults.quiet(stage)
        self.assertGreater(self.unheld(), 0)
        began = time.monotonic()
        stage.redis.start()
        stage.wait(lambda: self.unheld() == 0, 60, "all to be allotted")
        print("     all allotted %.1f s after Redis's return"
              % (time.monotonic() - began), file=sys.__stdout__)
        faults.quiet(stage)
        self.assertEqual(self.refused(), refused)
        faults.assert_exact(self, stage, whistles)

    def refused(self):
        return faults.number(self.stage,
                             "SELECT sum(refused) FROM log.consumer")

    def test_emptied_changes_no_row_and_is_counted_anew(self):
        stage = self.stage
        faults.done(stage, faults.put(
            stage, [faults.whistle(n) for n in range(200)]))
        stage.wait(lambda: self.unheld() == 0, 60, "all to be allotted")
        faults.quiet(stage)
        before = faults.digests(stage)
        self.assertGreaterEqual(sum(self.in_postgres().values()), 400)
        stage.redis.cli("FLUSHALL")
        self.counted_again()
        key = stage.redis.cli("--scan", "--pattern", "*duty:*:of").split()[0]
        officer, counts = stage.redis.cli("HGETALL", key).splitlines()[:2]
        stage.redis.cli("HSET", key, officer,
                        "77 " + counts.partition(" ")[2])
        stage.baodao("rebuild")
        self.counted_again()
        self.assertEqual(faults.digests(stage), before)

    def counted_again(self):
        self.assertNotEqual(self.in_redis(), self.in_postgres())
        self.stage.wait(lambda: self.in_redis() == self.in_postgres(), 30,
                        "dispatch to count again")

    def in_postgres(self):
        """Open lanes by officer."""
        return {row[:2]: int(row[2]) for row in self.stage.sql(
            "SELECT office, officer, count(*) FROM track.open_lane"
            " WHERE officer IS NOT NULL GROUP BY 1, 2")}

    def in_redis(self):
        found = {}
        for key in self.stage.redis.cli("--scan", "--pattern",
                                        "*duty:*:of").splitlines():
            flat = self.stage.redis.cli("HGETALL", key).splitlines()
            for officer, counts in zip(flat[::2], flat[1::2]):
                if counts.split()[0] != "0":
                    found[key.split(":")[-2], officer] = int(
                        counts.split()[0])
        return found
