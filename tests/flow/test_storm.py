"""A twentieth of the storm day: what comes out is what was foretold."""
import json
import tempfile
import unittest
from pathlib import Path

from tests.stage import Stage, storm
from tests.stage.servers import TOP

PART = 20
DIR = TOP / "build" / "test" / "storm"
SAMPLES = TOP / "schemas" / "reference" / "sample"


class TheStormDay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(DIR, test_clock="2026-03-10T07:30+08:00")
        cls.addClassCleanup(cls.stage.stop)
        cls.stage.start()
        cls.stage.baodao("replay", SAMPLES / "rosters.ndjson")
        with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
            cls.expected = storm.write(file.name, PART)
            cls.sum = cls.stage.baodao("replay", file.name,
                                       seconds=300).stdout

    def count(self, query):
        return {key: int(number) for key, number in self.stage.sql(query)}

    def in_states(self, table):
        return self.count("SELECT state, count(*) FROM %s GROUP BY 1" % table)

    def test_every_issue_stands_where_its_story_left_it(self):
        self.assertEqual(self.in_states("intake.issue"),
                         self.expected["issues"])

    def test_every_whistle_and_lane_ends_as_told(self):
        self.assertEqual(self.in_states("dispatch.whistle"),
                         self.expected["whistles"])
        self.assertEqual(self.in_states("track.lane"), self.expected["lanes"])

    def test_every_mistake_is_refused_for_its_own_reason(self):
        self.assertEqual(
            self.count("SELECT data::json->>'code', count(*) FROM log.entry"
                       " WHERE type LIKE '%.refused' GROUP BY 1"),
            self.expected["refused"])
        for code in self.expected["refused"]:
            self.assertIn(code, self.sum)

    def test_what_cannot_be_read_is_kept_and_nothing_else(self):
        self.assertEqual(
            self.count("SELECT code, count(*) FROM log.dead_letter"
                       " GROUP BY 1"), self.expected["dead"])

    def test_a_command_said_twice_is_seen_again_and_does_nothing(self):
        self.assertEqual(
            self.stage.sql("SELECT sum(seen) FROM log.consumer"),
            [(str(self.expected["repeated"]),)])

    def test_verify_has_nothing_to_say(self):
        self.assertEqual(self.stage.baodao("verify").stdout, "")

    def test_verify_reads_no_log_over_for_each_of_its_rows(self):
        """Else a log of a million rows takes it days."""
        for setting in ("session_preload_libraries = 'auto_explain'",
                        "auto_explain.log_min_duration = 0"):
            self.stage.sql("ALTER ROLE baodao_operator SET " + setting)
        self.addCleanup(self.stage.sql, "ALTER ROLE baodao_operator RESET ALL")
        self.stage.baodao("verify")
        told = (DIR / "log" / "postgres.log").read_text()
        plan = told.rpartition("NOT EXISTS (SELECT FROM log.entry r")[2]
        self.assertIn("Hash Anti Join", plan.partition(" LOG: ")[0])


class TheLinesOfAStorm(unittest.TestCase):
    """The whole day, unplayed."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "storm.ndjson"
            cls.expected = storm.write(path)
            cls.text = path.read_text(encoding="utf-8")
            storm.write(path)
            cls.again = path.read_text(encoding="utf-8")
            cls.calls = storm.whistles(200, path)
            cls.called = path.read_text(encoding="utf-8").splitlines()

    def test_the_day_is_a_storm(self):
        self.assertGreaterEqual(sum(self.expected["issues"].values()), 5000)
        self.assertGreaterEqual(self.expected["whistles"]["closed"], 300)

    def test_all_is_said_in_order_between_eight_and_midnight(self):
        times = [line["time"] for line in map(json.loads,
                                              self.text.splitlines())
                 if "time" in line]
        self.assertEqual(times, sorted(times))
        self.assertGreaterEqual(times[0][11:], "08:00")
        self.assertEqual({time[:10] for time in times}, {storm.DAY})

    def test_the_same_words_give_the_same_bytes(self):
        self.assertEqual(self.text, self.again)

    def test_plain_whistles_call_two_or_three_offices_each(self):
        lines = [line["data"] for line in map(json.loads, self.called)
                 if "data" in line]
        calls = [1 + len(data["assists"]) for data in lines]
        self.assertEqual((len(calls), sum(calls)),
                         (self.calls["whistles"], self.calls["lanes"]))
        self.assertEqual(set(calls), {2, 3})
