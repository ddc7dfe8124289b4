"""Engines lose what they held: the workers stop and say what to do, an
operator does it, and all flows."""
import signal
import unittest

from tests.stage import shared_stage

from . import faults, kafka_admin

LIMIT_S = 240
WHY = "演习:机房断电"


class Kafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = shared_stage("skip", test_clock=faults.BORN)

    def sent(self, count, topic):
        """Whistles of which nothing but what precedes this topic is folded."""
        whistles = [faults.whistle(n) for n in range(count)]
        feeding = faults.put(self.stage, whistles, self.id())
        self.stage.wait(lambda: self.lag(topic) >= count, 60,
                        "all to wait in " + topic)
        feeding.send_signal(signal.SIGTERM)     # it waits for the fold
        feeding.wait(20)
        return whistles

    def lag(self, topic):
        return sum(q["lag"] for q in self.queues(topic))

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
