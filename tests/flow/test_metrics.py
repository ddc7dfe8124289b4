"""What each daemon tells Prometheus: promtool has nothing to say against it,
and what it tells is so."""
import re
import subprocess
import unittest

from tests.flow.people import People
from tests.flow.test_alerts import BOOK, RULES
from tests.stage import shared_stage
from tests.stage.client import request

WHO = "community/530103003001/li"


def page_of(stage, name):
    address = stage.facts()["daemons"][name]["side"]
    status, headers, page = request(address, "GET", "/metrics")
    assert status == 200 and "version=0.0.4" in headers["content-type"]
    return page.decode()


def families(page):
    """Name -> type, of all that the page explains; a name twice fails."""
    found = {}
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name not in found, "%s is explained twice" % name
            found[name] = kind
    return found


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = shared_stage()
        cls.people = People(cls.stage)

    def names(self):
        return list(self.stage.facts()["daemons"])

    def test_promtool_finds_nothing_in_any_page(self):
        for name in self.names():
            done = subprocess.run(
                ["promtool", "check", "metrics"], text=True,
                input=page_of(self.stage, name), capture_output=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr),
                             (0, ""), name)

    def test_everybody_tells_build_memory_time_and_engines(self):
        for name in self.names():
            page = self.stage.metrics(name)
            self.assertEqual(page["baodao_postgres_up"], 1, name)
            self.assertEqual(page["baodao_kafka_up"], 1, name)
            self.assertGreater(page["process_resident_memory_bytes"], 1e6)
            self.assertLess(abs(page["baodao_clock_skew_seconds"]), 5, name)
            self.assertTrue(any(key.startswith("baodao_build_info{version=")
                                for key in page), name)

    def owning(self, name):
        """Its page, if it owns all there are; it measures once a second."""
        page = self.stage.metrics(name)
        owned = sum(value for key, value in page.items()
                    if key.startswith("baodao_owned{"))
        return page if owned == page["baodao_partitions"] > 0 else None

    def test_each_partition_has_one_owner_and_its_lag(self):
        for name in self.names():
            if name.startswith("gateway"):
                continue
            page = self.stage.wait(
                lambda: self.owning(name), 20,
                "%s to measure what it has taken over" % name)
            for what in ("messages", "seconds"):
                self.assertEqual(
                    sum(key.startswith("baodao_lag_%s{partition=" % what)
                        for key in page), page["baodao_partitions"], name)

    def test_a_command_is_seen_in_the_histograms_it_went_through(self):
        before = self.count()
        self.people.say(WHO, "/v1/issues", {
            "home": "530103003001", "title": "路灯不亮",
            "text": "小区门口的灯三天没亮了"})
        after = self.count()
        for key, value in before.items():
            self.assertGreater(after[key], value, key)

    def count(self):
        gateway = self.stage.metrics("gateway-1")
        intake = self.stage.metrics("intake-1")
        return {
            "answer": gateway['baodao_http_request_seconds_count'
                              '{route="command",status="2xx"}'],
            "acknowledged": gateway["baodao_publish_ack_seconds_count"],
            "commands": gateway["baodao_commands_total"],
            "batches": intake["baodao_batch_seconds_count"],
            "messages": intake["baodao_batch_messages_sum"],
        }

    def test_no_name_has_two_kinds(self):
        kinds = {}
        for name in self.names():
            for family, kind in families(page_of(self.stage, name)).items():
                self.assertEqual(kinds.setdefault(family, kind), kind, family)
                self.assertEqual(family.endswith("_total"),
                                 kind == "counter", family)

    def test_the_commands_of_the_runbook_are_there(self):
        known = self.stage.baodao("help").stdout
        for verb in set(re.findall(r"`baodao (\w+)", BOOK)):
            self.assertRegex(known, r"\n  baodao %s\b" % verb)

    def test_what_the_alert_rules_ask_for_is_told(self):
        told = set()
        for name in self.names():
            told |= set(families(page_of(self.stage, name)))
        for name in set(re.findall(r"\b(?:baodao|process)_\w+", RULES)):
            self.assertIn(name.removesuffix("_bucket"), told)


if __name__ == "__main__":
    unittest.main()
