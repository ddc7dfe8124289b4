"""The nemesis by itself: its schedule, its proofs' arithmetic, full disks."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from tests.chaos.nemesis import KINDS, schedule, subject
from tests.chaos.watch import Row, Watch
from tests.stage.servers import TOP

SHIM = TOP / "build" / "chaos" / "shim.so"


class Schedule(unittest.TestCase):
    def test_one_seed_is_one_schedule(self):
        self.assertEqual(schedule(7, 300), schedule(7, 300))
        self.assertNotEqual(schedule(7, 300), schedule(8, 300))

    def test_every_kind_strikes_and_no_two_of_one_subject_at_once(self):
        struck = set()
        for seed in range(20):
            for _, strikes in schedule(seed, 300):
                struck |= {strike.kind for strike in strikes}
                self.assertEqual(len({subject(one) for one in strikes}),
                                 len(strikes))
        self.assertEqual(struck, set(KINDS))


class TakeOver(unittest.TestCase):
    def test_is_measured_from_the_kill_to_owner_and_first_batch(self):
        watch = Watch(None)
        watch.samples = [
            (at, {("t", 0): Row("track", "t", 0, epoch, offset, "track-1")})
            for at, epoch, offset in ((1, 1, 5), (2, 1, 6), (3, 2, 6),
                                      (4, 2, 6), (5, 2, 9), (6, 2, 12))]
        self.assertEqual(watch.take_overs("track", 2.5), ([0.5], [2.5]))
        self.assertEqual(watch.take_overs("intake", 2.5), ([], []))


class FullDisk(unittest.TestCase):
    """shim.so, preloaded into a program that appends and overwrites."""

    def run_on(self, place, flag):
        script = "printf more >>'%s/a'; printf x 1<>'%s/a'" % (place, place)
        return subprocess.run(
            ["/bin/sh", "-c", script], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "LC_ALL": "C", "LD_PRELOAD": str(SHIM),
                 "FULL_FLAG": str(flag), "FULL_UNDER": str(place)}).stderr

    def test_nothing_grows_and_what_is_there_may_be_written(self):
        with tempfile.TemporaryDirectory() as place:
            flag, file = Path(place).with_suffix(".full"), Path(place) / "a"
            file.write_text("abc")
            self.assertEqual(self.run_on(place, flag), "")
            self.assertEqual(file.read_text(), "xbcmore")
            flag.touch()
            self.addCleanup(flag.unlink)
            self.assertIn("error", self.run_on(place, flag))
            self.assertEqual(file.read_text(), "xbcmore")
            self.assertEqual(flag.stat().st_size, 1)
