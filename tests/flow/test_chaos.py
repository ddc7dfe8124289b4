"""Two minutes of chaos with a fresh seed, which it prints. Release builds:
libfaketime and sanitizers do not mix."""
import secrets
import sys
import unittest

from tests.chaos.__main__ import GREEN, INVALID, VERDICTS, Run

MINUTES = 2
ALONE = True    # three brokers, and faults that bite within seconds
LIMIT_S = 1500


class Chaos(unittest.TestCase):
    def test_two_minutes_of_it_break_no_promise(self):
        verdict, said = self.one_run()
        if verdict == INVALID:  # it proved nothing: another one has to
            verdict, said = self.one_run()
        if verdict != GREEN:
            self.fail(VERDICTS[verdict] + "\n" + "\n".join(said))

    def one_run(self):
        said = []
        seed = secrets.randbelow(10 ** 6)
        print("     make chaos SEED=%d MINUTES=%d" % (seed, MINUTES),
              file=sys.__stdout__, flush=True)
        return Run(seed, MINUTES, said.append).run(), said
