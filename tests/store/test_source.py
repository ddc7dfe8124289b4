"""What the source may not hold: reference data in C, the world in a rule."""
import csv
import re
import subprocess
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RULES = re.compile(r"(rule_\w+|clock\w*|calendar|region|decide|record)\.o$")
# What a pure function may not ask: time, chance, files, sockets.
WORLD = re.compile(
    r"^(clock_gettime|gettimeofday|time|instant_now|instant_monotonic|"
    r"getrandom|rand|random|randombytes\w*|uuid_new|open|fopen|read|write|"
    r"printf|puts|fputs|socket|send|recv|poll|getenv|sleep|usleep|nanosleep|"
    r"pg_\w+|rd_kafka\w*|redis\w*|kafka_out\w*|kafka_in\w*)$")


def sources():
    return [path for folder in ("common", "services")
            for path in (TOP / folder).rglob("*.[ch]")]


def codes(name, column):
    with open(TOP / "schemas/reference" / name, encoding="utf-8") as rows:
        return {row[column] for row in csv.DictReader(rows)}


class Source(unittest.TestCase):
    def test_no_rule_imports_time_chance_or_the_outside(self):
        rules = [path for path in (TOP / "build").glob("*/**/*.o")
                 if RULES.search(path.name)
                 and path.relative_to(TOP / "build").parts[1]
                 in ("common", "services")]
        self.assertGreater(len(rules), 20, "no rule objects: built nothing?")
        for rule in rules:
            names = subprocess.run(["nm", "-u", rule], capture_output=True,
                                   text=True, check=True).stdout.split()
            bad = [name for name in names if WORLD.match(name)]
            self.assertEqual(bad, [], rule)

    def test_c_names_no_region_office_or_matter(self):
        words = codes("regions.csv", "code") | codes("matters.csv", "code") \
            | {code for code in codes("offices.csv", "code")}
        self.assertGreater(len(words), 250)
        for path in sources():
            text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
            quoted = set(re.findall(r'"([^"\n]*)"', text))
            self.assertEqual(quoted & words, set(), path)

    def test_folds_know_no_wall_clock_sequence_or_chance(self):
        for path in sorted((TOP / "schemas/sql").glob("0[0-5]*.sql")):
            text = re.sub(r"--.*", "", path.read_text()).lower()
            for word in ("now()", "current_timestamp", "gen_random",
                         "serial", "create sequence", "nextval"):
                self.assertNotIn(word, text, path.name)

    def test_files_are_short(self):
        for path in sources():
            count = path.read_text().count("\n")
            self.assertLessEqual(count, 400, path)

    def test_each_broken_build_of_the_checkers_test_can_be_made(self):
        patches = sorted((TOP / "tests" / "chaos" / "mutants").glob("*.patch"))
        self.assertTrue(patches)
        for patch in patches:
            with self.subTest(patch.name):
                done = subprocess.run(
                    ["patch", "-s", "-p1", "--dry-run", "-i", patch], cwd=TOP,
                    capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
