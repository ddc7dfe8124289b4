"""make chaos [SEED=n] [MINUTES=5] [OLD=git-ref]

Load, and a nemesis that breaks everything by seed; then all is healed, and
once it is quiet the checker looks whether the promises held.

    GREEN    they held                                              exit 0
    RED      one did not                                            exit 1
    INVALID  a fault did not bite: the run proves nothing           exit 3
"""
import argparse
import random
import secrets
import sys
import time

from tests.flow.faults import BORN
from tests.stage.process import StageError, wait
from tests.stage.servers import TOP

from . import old
from .checker import check, settle
from .load import Load
from .nemesis import Nemesis, schedule
from .stage import ChaosStage
from .watch import Watch

GREEN, RED, INVALID = 0, 1, 3
VERDICTS = {GREEN: "GREEN", RED: "RED", INVALID: "INVALID"}
HEALED_S = 180
SHOWN = 40      # violations


class Run:
    """One run: run() gives the verdict; `reasons` say why."""

    def __init__(self, seed, minutes, say):
        self.seed, self.minutes, self.say = seed, minutes, say
        self.reasons = []

    def run(self):
        self.say("chaos: SEED=%s MINUTES=%g" % (self.seed, self.minutes))
        place, what = old.build()
        self.say("chaos: the old build is %s" % what)
        with ChaosStage(TOP / "build" / "test" / "chaos",
                        bin=TOP / "build" / "bin", test_clock=BORN) as stage:
            verdict = self.on(stage, place)
        self.tell(verdict)
        return verdict

    def on(self, stage, place):
        watch = Watch(stage).start()
        load = Load(stage, random.Random(self.seed), self.say)
        load.start()
        self.nemesis = Nemesis(
            stage, watch, schedule(self.seed, 60 * self.minutes), place,
            self.say)
        try:
            self.nemesis.run()
        finally:
            load.stop()
        broken = [*self.nemesis.broken, *self.look(stage, load),
                  *stage.crashes()]
        watch.stop()
        self.reasons = broken or self.nemesis.idle
        return RED if broken else INVALID if self.reasons else GREEN

    def look(self, stage, load):
        """Quiet, then the violations."""
        began = time.monotonic()
        try:
            wait(stage.well, HEALED_S, "all to be well", every=0.5)
            settle(stage, HEALED_S)
        except StageError as error:
            return [str(error), *late_queues(stage)]
        self.say("chaos: quiet %.0f s after healing"
                 % (time.monotonic() - began))
        return check(stage, load, self.nemesis.poison)

    def tell(self, verdict):
        for line in self.nemesis.table():
            self.say(line)
        for name, alone in (("", False), (" alone", True)):
            owned, folded = map(quantiles, self.nemesis.take_overs(alone))
            self.say("take-over after kill -9%s: %s; first batch: %s"
                     % (name, owned, folded))
        for reason in self.reasons[:SHOWN]:
            self.say("  " + reason)
        if len(self.reasons) > SHOWN:
            self.say("  and %d more" % (len(self.reasons) - SHOWN))
        self.say("chaos: %s  SEED=%s MINUTES=%g" % (
            VERDICTS[verdict], self.seed, self.minutes))


def late_queues(stage):
    """What is not folded or published, for people."""
    try:
        return ["%s/%s: next %s, row %s, published %s, owner %s" % tuple(row)
                for row in stage.sql(
                    "SELECT topic, partition, next_offset, seq, published,"
                    " owner FROM log.consumer ORDER BY 1, 2")]
    except StageError as error:
        return [str(error)]


def quantiles(seconds):
    if not seconds:
        return "none"
    return "p50 %.1f s, p99 %.1f s, of %d partitions" % (
        seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)],
        len(seconds))


def main(words):
    parser = argparse.ArgumentParser(prog="python3 -m tests.chaos",
                                     usage=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args(words)
    seed = secrets.randbelow(10 ** 6) if options.seed is None else options.seed
    began = time.monotonic()
    return Run(seed, options.minutes, lambda line: print(
        "%5.1f s  %s" % (time.monotonic() - began, line), flush=True)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
