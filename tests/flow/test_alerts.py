"""The alert rules: each fires on its fault and names its paragraph of the
runbook. test_metrics.py looks whether daemons tell what they ask for."""
import re
import subprocess
import unittest

from tests.stage.servers import TOP

PLACE = TOP / "docker" / "prometheus"
RULES = (PLACE / "baodao.rules.yml").read_text()
BOOK = (PLACE / "README.md").read_text()
ALERTS = re.findall(r"- alert: (\w+)", RULES)
PARTS = ("**意思**", "**先看**", "**处理**", "**叫人**")


def promtool(*words):
    done = subprocess.run(["promtool", *words], cwd=PLACE,
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def paragraphs():
    return dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", BOOK, re.M | re.S))


class Alerts(unittest.TestCase):
    def test_promtool_reads_configuration_and_rules(self):
        code, said = promtool("check", "config", "prometheus.yml")
        self.assertEqual(code, 0, said)

    def test_each_fires_on_its_fault_and_is_silent_without_it(self):
        code, said = promtool("test", "rules", "baodao.test.yml")
        self.assertEqual(code, 0, said)
        cases = re.findall(r"alertname: (\w+)\n.*\n +exp_alerts:( \[\])?",
                           (PLACE / "baodao.test.yml").read_text())
        for alert in ALERTS:
            self.assertIn((alert, ""), cases, "never seen to fire")
            self.assertIn((alert, " []"), cases, "never seen to be silent")

    def test_each_has_one_paragraph_and_each_paragraph_its_alert(self):
        self.assertEqual(len(ALERTS), len(set(ALERTS)))
        self.assertEqual(sorted(paragraphs()), sorted(ALERTS))
        self.assertEqual(
            re.findall(r"runbook: docker/prometheus/README.md#(\w+)", RULES),
            [alert.lower() for alert in ALERTS])

    def test_each_paragraph_says_what_to_do_and_whom_to_wake(self):
        for name, text in paragraphs().items():
            places = [text.find(part) for part in PARTS]
            self.assertNotIn(-1, places, name)
            self.assertEqual(places, sorted(places), name)
            self.assertRegex(text, r"\n\*[A-Z]", name + " in English")


if __name__ == "__main__":
    unittest.main()
