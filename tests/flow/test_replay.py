"""The same topics folded again, elsewhere, in other batches: the same bytes."""
import unittest

from tests.stage import shared_stage

from . import faults
from .again import fold_again
from .story import Story
from .teller import BORN, load_samples

LIMIT_S = 240


class Replay(unittest.TestCase):
    def test_other_batch_sizes_give_the_same_rows_ids_and_hashes(self):
        stage = shared_stage("replay", test_clock=BORN)
        load_samples(stage)
        for _ in Story(stage).play():
            pass
        live = self.storm(stage)
        for size in (1, 1000):
            with self.subTest(batch=size):
                self.assertEqual(self.folded_again(stage, size), live)

    def storm(self, stage):
        """Whistles, issues, a repeat and a poisoned one; what they made."""
        whistles = [faults.whistle(n) for n in range(300)]
        issues = [faults.issue(n) for n in range(100)]
        poison = {**faults.whistle(0), "raw": "{"}
        del poison["data"]
        faults.done(stage, faults.put(
            stage, issues + whistles + [poison] + whistles[:20]))
        live = faults.digests(stage)
        self.assertGreater(int(live["track.lane"][0]), 600)
        self.assertEqual(live["log.dead_letter"][0], "1")
        return live

    def folded_again(self, stage, size):
        dbname = "replay_%d" % size
        fold_again(stage, dbname, BATCH_MAX=str(size))
        return faults.digests(stage, dbname=dbname)
