"""common/io against the real servers: runs the programs tests/store/*_test.c,
which the Makefile builds beside the daemons; and each service's load and save,
whose n-th call fails (nth.c)."""
import os
import subprocess
import unittest
from pathlib import Path

from tests.stage import Stage
from tests.stage.run import CHECKED
from tests.stage.stage import BIRTH

PLACE = Path("build/test/io")
HERE = Path(__file__).resolve().parent
LIMIT_S = 400    # nth.c lives some 200 lives, each with its connection


class Neighbours(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        birth = [step for step in BIRTH if step[0][0] != "topics"]
        cls.stage = Stage(PLACE, daemons=(), birth=birth).start()
        cls.addClassCleanup(cls.stage.stop)
        cls.folder = cls.stage.bin.parent / "store"
        cls.stage.sql((HERE / "nth.sql").read_text())

    def run_program(self, name, *words, **settings):
        done = subprocess.run(
            [self.folder / name, *words], timeout=LIMIT_S - 5, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **CHECKED, **settings})
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)

    def run_io(self, name):
        self.run_program(
            name, TEST_PG=self.stage.conninfo("postgres", "postgres"),
            TEST_KAFKA=self.stage.kafka.address)

    def run_nth(self, service):
        settings = self.stage.settings_of("baodao_" + service)
        self.run_program("nth-" + service, HERE / "nth" / (service + ".ndjson"),
                         **settings | {"REDIS": ""},
                         ADMIN=self.stage.conninfo("postgres"))


def add_test(run, name, argument):
    def test(self):
        run(self, argument)
    setattr(Neighbours, "test_" + name, test)


for source in sorted(HERE.glob("*_test.c")):
    add_test(Neighbours.run_io, source.stem.removesuffix("_test"), source.stem)
for lines in sorted((HERE / "nth").glob("*.ndjson")):
    add_test(Neighbours.run_nth, "nth_call_of_" + lines.stem, lines.stem)
