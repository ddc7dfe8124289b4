"""The same topics folded again, elsewhere, in other batches: the same bytes."""
import subprocess
import unittest

from tests.stage import shared_stage

from . import faults
from .story import Story
from .teller import BORN, load_samples

LIMIT_S = 240
WORKERS = ("intake", "dispatch", "track", "match", "ledger")


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
        stage.sql("CREATE DATABASE " + dbname, dbname="postgres")
        self.run_program(stage, dbname, "postgres", "baodao", "migrate",
                         "--test-clock=" + BORN, "--district=530103")
        self.run_program(stage, dbname, "baodao_operator", "baodao",
                         "reference", "load",
                         stage.facts()["schemas"] + "/reference")
        for service in WORKERS:
            self.run_program(stage, dbname, "baodao_" + service,
                             "baodao-" + service, "--replay",
                             BATCH_MAX=str(size))
        return faults.digests(stage, dbname=dbname)

    def run_program(self, stage, dbname, user, program, *words, **more):
        env = {**stage.environment(user), **more,
               "POSTGRES": stage.conninfo(user, dbname)}
        done = subprocess.run([stage.bin / program, *words], env=env,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, "%s %s\n%s" % (
            program, " ".join(words), (done.stdout + done.stderr)[-3000:]))
