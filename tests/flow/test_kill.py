"""Each worker is killed in the midst of a storm, with a batch open."""
import os
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.stage import Stage
from tests.stage.servers import TOP

from . import faults

# A checked build is six times slower: 20,000 whistles took it 165 s.
CHECKED = "san" in Path(os.environ.get("BAODAO_BIN", "")).parts
WHISTLES = int(os.environ.get("KILL_WHISTLES", 5000 if CHECKED else 20000))
WORKERS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1")
LIMIT_S = 400


def others(n):
    """Beside every fifth whistle: one for each of the other workers."""
    return [] if n % 5 else [make(n) for make in (faults.issue, faults.need,
                                                  faults.post)]


class EachWorkerIsKilledOnce(unittest.TestCase):
    def test_nothing_is_lost_or_doubled_when_killed_with_a_batch_open(self):
        with Stage(TOP / "build" / "test" / "kill", test_clock=faults.BORN,
                   daemons=WORKERS) as stage:
            whistles = [faults.whistle(n) for n in range(WHISTLES)]
            # Every worker has something to do as long as the storm lasts.
            lines = [line for n, one in enumerate(whistles)
                     for line in (one, *others(n))]
            feeding = faults.put(stage, lines)
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda name: self.kill_amid_batch(stage, name),
                              WORKERS))
            faults.done(stage, feeding)
            faults.assert_exact(self, stage, whistles)
            for rows in ("intake.issue", "match.need",
                         "log.entry WHERE type = 'ledger.refused'"):
                self.assertEqual(
                    faults.number(stage, "SELECT count(*) FROM " + rows),
                    WHISTLES // 5, rows)

    def kill_amid_batch(self, stage, name):
        daemon = stage.daemon(name)
        before = daemon.restarts
        faults.stop_amid_batch(stage, name)
        daemon.kill()
        daemon.wait_restart(before, seconds=60)
        self.assertEqual(daemon.exits[-1], -9)
