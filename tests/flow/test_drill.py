"""Engines lose what they held. Kafka, messages or a topic: the workers stop
and say what to do, an operator does it, and all flows. PostgreSQL, all since a
moment: the workers fold it again."""
import os
import shutil
import signal
import subprocess
import unittest

from tests.chaos.wire import Topics
from tests.stage import shared_stage
from tests.stage.servers import TOP

from . import faults, kafka_admin

LIMIT_S = 240
# Of a consumer's row what the log decides. What is published again is folded
# as a repeat, which moves the other counters.
CHAINS = ("SELECT topic, partition, seq, hash, number_day, number_last,"
          " refused, dead FROM log.consumer ORDER BY 1, 2")
WORKERS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1")
WHY = "演习:机房断电"


class Kafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = shared_stage("skip", test_clock=faults.BORN)

    def sent(self, count, topic, make=faults.whistle):
        """Messages of which nothing but what precedes this topic is folded."""
        lines = [make(n) for n in range(count)]
        before = self.high(topic)
        feeding = faults.put(self.stage, lines, self.id())
        self.stage.wait(lambda: self.high(topic) >= before + count, 60,
                        "all to wait in " + topic)
        feeding.send_signal(signal.SIGTERM)     # it waits for the fold
        feeding.wait(20)
        return lines

    def high(self, topic):
        return sum(q["high"] for q in self.queues(topic))

    def queues(self, topic):
        return [q for q in faults.lag(self.stage) if q["topic"] == topic]

    def said(self, daemon, code):
        """The sentence with which it stopped or waits."""
        lines = [line.get("sentence", "") for line in self.stage.logs(daemon)
                 if line.get("code") == code]
        return lines and lines[-1]

    def acts(self, verb):
        return self.stage.sql("SELECT subject, who, why, detail FROM log.act"
                              " WHERE verb = '%s'" % verb)

    def test_a_gap_stops_its_worker_until_a_person_accepts_it(self):
        stage, daemon = self.stage, self.stage.daemon("dispatch-1")
        daemon.stop()
        whistles = self.sent(60, "whistle.commands")
        q = max(self.queues("whistle.commands"), key=lambda q: q["lag"])
        place = ("whistle.commands", str(q["partition"]))
        self.assertGreater(q["lag"], 4)
        gone = q["next_offset"] + 3
        self.assertEqual(kafka_admin.delete_records(
            stage, *place[:1], q["partition"], gone), gone)
        daemon.launch()
        stage.wait(lambda: self.said("dispatch-1", "offset_below_low"), 30,
                   "dispatch to stop")
        self.assertIn("offsets accept-gap whistle.commands %s" % place[1],
                      self.said("dispatch-1", "offset_below_low"))
        stage.wait(lambda: 1 in daemon.exits, 10, "its exit")
        stage.baodao("offsets", "accept-gap", *place, "--why", WHY)
        daemon.wait_ready(60)
        faults.quiet(stage)
        self.assertEqual(stage.sql(
            "SELECT first, last, gap, by_whom, sentence FROM log.skip"
            " WHERE topic = '%s' AND partition = %s" % place),
            [(str(gone - 3), str(gone - 1), "t", "operator", WHY)])
        self.assertEqual(self.acts("offsets.accept-gap"), [
            ("/".join(place), "operator", WHY,
             "%d...%d" % (gone - 3, gone - 1))])
        ids = ",".join("'%s'" % one["id"] for one in whistles)
        self.assertEqual(faults.number(
            stage, "SELECT count(*) FROM dispatch.whistle"
            " WHERE id IN (%s)" % ids), len(whistles) - 3)
        faults.verify(self, stage)
        again = stage.baodao("offsets", "accept-gap", *place, "--why", WHY,
                             check=False)
        self.assertIn("nothing is missing", again.stderr)

    def test_a_lost_topic_stops_its_worker_until_a_person_adopts_it(self):
        stage, track = self.stage, self.stage.daemon("track-1")
        before = [faults.whistle(n) for n in range(30)]
        faults.done(stage, faults.put(stage, before))
        letters = stage.sql("SELECT count(*) FROM log.dead_letter")
        track.send(signal.SIGSTOP)
        whistles = before + self.sent(30, "task.commands")
        self.assertEqual(kafka_admin.delete_topics(
            stage, "task.commands", "whistle.events"), [0, 0])
        track.send(signal.SIGCONT)
        stage.wait(lambda: self.said("track-1", "no_topic"), 60,
                   "track to find no topic")
        self.assertIn("topics adopt task.commands",
                      self.said("track-1", "no_topic"))
        awake = self.adopt("task.commands")
        self.assertIn("first stop all workers", awake.stderr)
        for name in WORKERS:
            stage.daemon(name).stop()
        for topic in ("task.commands", "whistle.events"):
            stage.wait(lambda: self.adopt(topic).returncode == 0, 30,
                       topic + " to be adopted", every=1)
        for name in WORKERS:
            stage.daemon(name).launch()
        for name in WORKERS:
            stage.daemon(name).wait_ready(60)
        faults.quiet(stage)
        faults.assert_lanes(self, stage, {one["id"] for one in whistles})
        faults.verify(self, stage)
        self.assertEqual(letters, stage.sql(
            "SELECT count(*) FROM log.dead_letter"))
        self.assertEqual(self.in_kafka("whistle.events"), {
            row[0] for row in stage.sql("SELECT id::text FROM log.entry"
                                        " WHERE topic = 'whistle.events'")})
        self.assertEqual([row[:3] for row in self.acts("topics.adopt")], [
            (topic, "operator", WHY)
            for topic in ("task.commands", "whistle.events")])
        self.assertIn("is not lost", self.adopt_asleep("task.commands"))

    def test_a_topic_made_anew_is_known_though_it_has_outgrown_its_offset(
            self):
        stage, ledger = self.stage, self.stage.daemon("ledger-1")
        topic = "ledger.commands"
        posts = [faults.post(n) for n in range(9)]
        faults.done(stage, faults.put(stage, posts))
        ledger.stop()
        folded = self.queues(topic)[0]["next_offset"]
        self.assertEqual(kafka_admin.delete_topics(stage, topic), [0])
        stage.wait(lambda: stage.baodao("topics", "create", check=False)
                   .returncode == 0 and self.high(topic) == 0, 30,
                   "a new " + topic, every=1)
        posts += self.sent(folded + 5, topic, faults.post)
        ledger.launch()
        stage.wait(lambda: self.said("ledger-1", "topic_anew"), 30,
                   "ledger to stop")
        self.assertIn("topics adopt " + topic,
                      self.said("ledger-1", "topic_anew"))
        stage.wait(lambda: 1 in ledger.exits, 10, "its exit")
        self.assertEqual(self.queues(topic)[0]["next_offset"], folded)
        doctor = stage.baodao("doctor", check=False).stdout
        self.assertIn("%s/0: what lies before offset %d" % (topic, folded),
                      doctor)
        for name in WORKERS:
            stage.daemon(name).stop()
        stage.wait(lambda: self.adopt(topic).returncode == 0, 30,
                   topic + " to be adopted", every=1)
        for name in WORKERS:
            stage.daemon(name).launch()
        for name in WORKERS:
            stage.daemon(name).wait_ready(60)
        faults.quiet(stage)
        ids = ",".join("'%s'" % one["id"] for one in posts)
        self.assertEqual(faults.number(
            stage, "SELECT count(DISTINCT cause) FROM log.entry"
            " WHERE cause IN (%s)" % ids), len(posts))
        faults.verify(self, stage)
        self.assertIn("is not lost", self.adopt_asleep(topic))

    def adopt(self, topic):
        return self.stage.baodao("topics", "adopt", topic, "--why", WHY,
                                 check=False)

    def adopt_asleep(self, topic):
        """What it says when nothing is wrong."""
        for name in WORKERS:
            self.stage.daemon(name).stop()
        said = []
        self.stage.wait(
            lambda: said.append(self.adopt(topic).stderr)
            or "first stop" not in said[-1], 30, "an answer", every=1)
        for name in WORKERS:
            self.stage.daemon(name).start()
        return said[-1]

    def in_kafka(self, topic):
        kafka = Topics(self.stage.facts()["servers"]["kafka"]["address"])
        name = "%s.%s" % (self.stage.facts()["cell"], topic)
        try:
            return {record.header("ce_id").decode()
                    for partition in kafka.partitions(name)
                    for record in kafka.read(name, partition)}
        finally:
            kafka.close()


RESTORE = """
restore_command = 'cp %(archive)s/%%f %%p || cp %(archive)s/%%f.partial %%p'
recovery_target_time = '%(moment)s'
recovery_target_action = 'promote'
"""


class PostgreSQL(unittest.TestCase):
    """By README's commands: a base backup, and the WAL since."""

    def test_restored_to_a_moment_catches_up_to_the_bytes_of_who_never_failed(
            self):
        stage = shared_stage("skip", test_clock=faults.BORN)
        self.archive(stage)
        self.storm(stage)
        backup = self.back_up(stage.postgres)
        behind = faults.digests(stage)
        self.storm(stage)
        then, moment = faults.digests(stage), self.now(stage)
        self.storm(stage)
        twin = self.kept(stage)
        self.assertEqual(len({str(d) for d in (behind, then, twin[0])}), 3)
        self.archived(stage)
        for daemon in stage.daemons.values():
            daemon.stop()
        stage.postgres.kill()
        self.restore(stage.postgres, backup, moment)
        stage.wait(lambda: stage.sql("SELECT pg_is_in_recovery()") == [("f",)],
                   60, "PostgreSQL to come to that moment")
        self.assertEqual(faults.digests(stage), then)
        for daemon in stage.daemons.values():
            daemon.launch()
        for daemon in stage.daemons.values():
            daemon.wait_ready(60)
        faults.quiet(stage)
        self.assertEqual(self.kept(stage), twin)
        faults.verify(self, stage)

    def storm(self, stage):
        poison = faults.whistle(0)
        poison["raw"] = str(poison.pop("data"))
        lines = [make(n) for n in range(40)
                 for make in (faults.whistle, faults.issue, faults.need,
                              faults.post)]
        faults.done(stage, faults.put(stage, [*lines, poison]))

    def kept(self, stage):
        tables = faults.digests(stage)
        del tables["(SELECT"]
        return tables, stage.sql(CHAINS)

    def now(self, stage):
        return stage.sql("SELECT clock_timestamp()")[0][0]

    def words(self, postgres, program, *words):
        return [postgres.bin / program, "-h", postgres.home, "-p",
                str(postgres.PORT), "-U", "postgres", *words]

    def options(self, postgres):
        ids = {"user": postgres.user, "group": postgres.user,
               "extra_groups": []} if postgres.user else {}
        return {"cwd": "/", "stdout": subprocess.DEVNULL,
                "stderr": subprocess.DEVNULL, **ids}

    def run_at(self, postgres, *words):
        subprocess.run(self.words(postgres, *words), check=True, timeout=60,
                       **self.options(postgres))

    def archive(self, stage):
        """Its WAL goes elsewhere as it is written."""
        postgres = stage.postgres
        place = postgres.home / "archive"
        place.mkdir()
        if postgres.user:
            shutil.chown(place, postgres.user)
        script = shutil.copy(TOP / "docker" / "postgresql-archive.sh",
                             postgres.home)     # where its user may read
        receiver = subprocess.Popen(
            [script, place],
            env={**os.environ, "PGHOST": str(postgres.home),
                 "PGPORT": str(postgres.PORT), "PGUSER": "postgres"},
            **self.options(postgres))
        self.addCleanup(receiver.wait)
        self.addCleanup(receiver.kill)
        stage.wait(lambda: stage.sql(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'archive'"
            " AND active"), 30, "the archive to begin")

    def archived(self, stage):
        """All that is committed so far."""
        end, = stage.sql("SELECT pg_current_wal_flush_lsn()")[0]
        stage.wait(lambda: stage.sql(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'archive'"
            " AND restart_lsn >= '%s'" % end), 30, "the archive", every=0.2)

    def back_up(self, postgres):
        place = postgres.home / "backup"
        self.run_at(postgres, "pg_basebackup", "-D", place,
                    "--checkpoint=fast")
        return place

    def restore(self, postgres, backup, moment):
        shutil.rmtree(postgres.data)
        backup.rename(postgres.data)
        with open(postgres.data / "postgresql.auto.conf", "a") as conf:
            conf.write(RESTORE % {"archive": postgres.home / "archive",
                                  "moment": moment})
        (postgres.data / "recovery.signal").touch()
        postgres.start()
