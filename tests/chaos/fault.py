"""What every fault has in common."""
import random

from tests.stage.process import StageError


class Fault:
    """Strikes, lasts for some seconds and is healed; then bite() gives the
    sentence that proves from outside that it bit, or "".

    name: in the table of bites. targets: what it may be aimed at.
    seconds: how long it lasts, from, to. often: in a deck. subject(): two
    faults of one subject are never at work at once.
    """

    name, targets, seconds, often = "", (None,), (2, 6), 1

    def __init__(self, nemesis, target, seconds, seed):
        self.nemesis, self.stage = nemesis, nemesis.stage
        self.watch = nemesis.watch
        self.target, self.lasts_s = target, seconds
        self.rng = random.Random(seed)
        self.struck_at = 0

    @classmethod
    def subject(cls, target):
        return target

    def strike(self):
        raise NotImplementedError

    def look(self):
        """Called twice a second while it lasts."""

    def bitten(self):
        """Not yet: it lasts on, for some seconds more."""
        return True

    def heal(self):
        """A StageError here is a broken promise, not a fault without bite."""

    def bite(self):
        raise NotImplementedError

    def ask(self, query, default=None):
        """One number from PostgreSQL; the default while it is away."""
        try:
            return int(self.stage.sql(query, seconds=15)[0][0] or 0)
        except (StageError, OSError, IndexError, ValueError):
            return default
        except Exception as late:   # subprocess.TimeoutExpired
            if type(late).__name__ != "TimeoutExpired":
                raise
            return default


def count_in(path, words):
    """How often the words stand in a log."""
    try:
        return path.read_bytes().count(words.encode())
    except OSError:
        return 0
