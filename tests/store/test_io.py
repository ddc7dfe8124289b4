"""common/io against the real servers: runs the programs tests/store/*_test.c,
which the Makefile builds beside the daemons."""
import os
import subprocess
import unittest
from pathlib import Path

from tests.stage import Stage
from tests.stage.run import CHECKED

PLACE = Path("build/test/io")
HERE = Path(__file__).resolve().parent


class Neighbours(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(PLACE, daemons=(), birth=()).start()
        cls.addClassCleanup(cls.stage.stop)
        cls.folder = cls.stage.bin.parent / "store"

    def run_program(self, name):
        done = subprocess.run(
            [self.folder / name], timeout=100, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **CHECKED,
                 "TEST_PG": self.stage.conninfo("postgres", "postgres"),
                 "TEST_KAFKA": self.stage.kafka.address})
        self.assertEqual(done.returncode, 0, done.stdout)


def add_test(name):
    def test(self):
        self.run_program(name)
    setattr(Neighbours, "test_" + name.removesuffix("_test"), test)


for source in sorted(HERE.glob("*_test.c")):
    add_test(source.stem)
