"""Alerts as they come in life: a real Prometheus over a stage, and the real
fault of each. Waits and thresholds are shortened, the rules are not."""
import base64
import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest
import urllib.parse
from pathlib import Path

from tests.flow import faults
from tests.flow.people import People
from tests.stage import Stage
from tests.stage.cell import postgres_bin
from tests.stage.client import request
from tests.stage.process import Process, free_port, wait

ALONE = True    # alerts fire on states that last
LIMIT_S = 240
PLACE = Path("build/test/alerts")
RULES = Path("docker/prometheus/baodao.rules.yml")
WHO = "community/530103003001/li"
ISSUE = {"home": "530103003001", "title": "路灯不亮", "text": "三天没亮了"}
SOONER = (                      # as the rules have it, as it is here
    (r"for: \d+m", "for: 0s"),
    (r"baodao_lag_seconds\) > 120", "baodao_lag_seconds) > 3"),
    (r"baodao_unpublished_seconds\) > 30", "baodao_unpublished_seconds) > 1"),
    (r"\[2m\]\)\) > 0.5", "[2m])) > 0.001"),
)


def shorten(rules):
    for pattern, instead in SOONER:
        rules, times = re.subn(pattern, instead, rules)
        assert times, pattern
    return rules

BORN = 'process_start_time_seconds{service="match"}'


class Watcher(Process):
    """A Prometheus that reads the stage's daemons once a second."""

    def __init__(self, stage):
        super().__init__("prometheus", stage.dir / "log" / "prometheus.log")
        self.dir = stage.dir / "prometheus"
        self.address = "127.0.0.1:%d" % free_port()
        subprocess.run(["rm", "-rf", self.dir], check=True)
        self.dir.mkdir()
        (self.dir / "rules.yml").write_text(shorten(RULES.read_text()))
        (self.dir / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s",
                       "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "baodao", "static_configs": [
                {"targets": [daemon.side],
                 "labels": {"service": name.rpartition("-")[0]}}
                for name, daemon in stage.daemons.items()]}]}))
        self.spawn(["prometheus", "--config.file", self.dir / "prometheus.yml",
                    "--storage.tsdb.path", self.dir / "data",
                    "--web.listen-address", self.address])

    def ask(self, path):
        status, _, body = request(self.address, "GET", "/api/v1/" + path)
        return json.loads(body)["data"] if status == 200 else None

    def value(self, query):
        """Of the one series that it finds; 0 if there is none."""
        try:
            found = self.ask("query?query=" + urllib.parse.quote(query))
        except OSError:
            return 0
        return float(found["result"][0]["value"][1]) \
            if found and found["result"] else 0

    def scraped(self):
        """How many daemons answered at the last look."""
        return self.value("sum(up)")

    def firing(self):
        """{(alert, service)}"""
        return {(one["labels"]["alertname"], one["labels"].get("service"))
                for one in self.ask("alerts")["alerts"]
                if one["state"] == "firing"}

    def wait(self, alert, service, seconds=90):
        wait(lambda: (alert, service) in self.firing(), seconds,
             "%s of %s; firing are %s" % (alert, service, self.firing()), 0.3)


class Fired(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(PLACE, settings={
            "gateway": {"COMMAND_WAIT_MS": 300}}).start()
        cls.addClassCleanup(cls.stage.stop)
        cls.prometheus = Watcher(cls.stage)
        cls.addClassCleanup(cls.prometheus.end)
        cls.people = People(cls.stage)
        cls.people.say(WHO, "/v1/issues", ISSUE)
        wait(lambda: cls.prometheus.scraped() == len(cls.stage.daemons), 60,
             "Prometheus to have read all daemons", every=0.3)

    def fires(self, *which):
        for alert, service in which:
            self.prometheus.wait("Baodao" + alert, service)

    def ends(self, *which):
        for alert, service in which:
            wait(lambda: ("Baodao" + alert, service)
                 not in self.prometheus.firing(), 60,
                 "%s of %s to end" % (alert, service), 0.3)

    def raise_issue(self, seconds=30):
        return self.stage.http("POST", "/v1/issues", self.people.token(WHO),
                               ISSUE, seconds=seconds)[0]

    def test_1_a_healthy_cell_is_silent(self):
        wait(lambda: not self.prometheus.firing(), 60, "silence", every=0.3)

    def test_2_a_message_that_cannot_be_read(self):
        poison = faults.issue(0)
        del poison["data"]
        poison["raw_base64"] = base64.b64encode(b"\x00{").decode()
        faults.put(self.stage, [poison], "poison").wait(60)
        self.fires(("DeadLetters", "intake"))

    def test_3_redis_goes(self):
        self.stage.redis.stop()
        self.addCleanup(self.stage.redis.start)
        self.fires(("RedisAway", "dispatch"))

    def test_4_somebody_pauses_ledger_and_another_dies_again_and_again(self):
        self.stage.sql("UPDATE log.consumer SET paused = true"
                       " WHERE topic = 'ledger.commands'")
        self.addCleanup(self.stage.sql, "UPDATE log.consumer SET paused ="
                        " false WHERE topic = 'ledger.commands'")
        match = self.stage.daemon("match-1")
        for _ in range(5):
            before = match.restarts
            match.kill()
            match.wait_restart(before)
            wait(lambda: self.prometheus.value(BORN) ==
                 self.stage.metrics("match-1")["process_start_time_seconds"],
                 30, "match to be seen", 0.3)
        self.fires(("Paused", "ledger"), ("Restarting", "match"))

    def test_5_a_lock_holds_intake(self):
        psql = subprocess.Popen(
            [postgres_bin() / "psql", "-X", "-q", self.stage.conninfo("postgres"),
             "-c", "BEGIN; LOCK TABLE intake.issue IN EXCLUSIVE MODE;"
             " SELECT pg_sleep(60)"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(psql.wait)
        self.addCleanup(self.stage.sql, "SELECT pg_terminate_backend(pid) FROM"
                        " pg_stat_activity WHERE query LIKE '%pg_sleep(60)'"
                        " AND pid <> pg_backend_pid()")
        self.stage.wait(lambda: self.stage.sql(
            "SELECT 1 FROM pg_locks WHERE mode = 'ExclusiveLock' AND"
            " granted AND relation = 'intake.issue'::regclass"), 10,
            "the lock")
        self.assertEqual(self.raise_issue(), 202)
        self.fires(("Lag", "intake"))

    def test_6_postgresql_goes(self):
        self.stage.postgres.stop()
        self.addCleanup(self.stage.postgres.start)
        self.fires(*(("PostgresAway", name) for name in
                     ("intake", "dispatch", "track", "gateway")))

    def test_7_kafka_sleeps_and_the_gateway_sheds(self):
        pid = self.stage.kafka.pid
        os.kill(pid, signal.SIGSTOP)
        waker = threading.Timer(8, os.kill, (pid, signal.SIGCONT))
        waker.start()
        self.addCleanup(waker.join)
        first = threading.Thread(target=self.raise_issue)
        first.start()
        self.addCleanup(first.join)
        time.sleep(1)
        self.assertEqual(self.raise_issue(), 503)
        self.fires(("Unpublished", "gateway"), ("Shedding", "gateway"))

    def test_8_kafka_goes(self):
        self.stage.kafka.stop()
        self.addCleanup(self.stage.kafka.start)
        self.fires(("KafkaAway", "gateway"), ("KafkaAway", "track"))

    def test_9_a_daemon_is_gone_and_what_came_back_is_silent_again(self):
        self.stage.daemon("track-1").stop()
        self.addCleanup(self.stage.daemon("track-1").start)
        self.fires(("Down", "track"))
        self.ends(("KafkaAway", "gateway"), ("PostgresAway", "gateway"))


if __name__ == "__main__":
    unittest.main()
