"""Messages that nobody should send: poison, repeats, very late and misrouted
ones."""
import uuid

from tests.flow import faults

from .fault import Fault
from .faults_daemons import wait_for

TYPES = {"intake": "issue.raise", "dispatch": "whistle.draft",
         "track": "task.sign", "match": "need.publish",
         "ledger": "ledger.post"}
LATE_MS = 100 * 86400 * 1000
FOLDED_S = 60


def poison(service, rng):
    """Bytes that are no message of this worker; its key is its id."""
    one = faults.new_id(rng.randrange(1000))
    return {"type": TYPES[service], "id": one, "key": one,
            "actor": faults.CLERK, "raw": rng.choice(
                ('{"kind":', "[]", '{"kind":7,"kind":8}', "报到"))}


class OfWords(Fault):
    """Lines for `baodao replay`; said again when nothing came of them,
    because an engine was away too."""

    seconds = (1, 2)

    @classmethod
    def subject(cls, target):
        return "words"

    def strike(self):
        self.lines = self.make()
        self.nemesis.say_lines(self.lines)

    def bite(self):
        for _ in range(3):
            if wait_for(self.count, FOLDED_S):
                return self.sentence % self.count()
            self.nemesis.say_lines(self.lines)
        return ""

    def in_ids(self):
        return ", ".join("'%s'" % line["id"] for line in self.lines)


class Poison(OfWords):
    name, targets, sentence = "poison", tuple(TYPES), "%d dead letters"

    def make(self):
        lines = [poison(self.target, self.rng) for _ in range(3)]
        self.nemesis.poison.update(line["id"] for line in lines)
        return lines

    def count(self):
        return self.ask("SELECT count(*) FROM log.dead_letter WHERE"
                        " convert_from(key, 'UTF8') IN (%s)" % self.in_ids(),
                        0)


class Misrouted(Poison):
    """Types that go to every partition by its number, under another key."""
    name, targets = "misrouted", ("intake", "track")

    def make(self):
        lines = super().make()
        for line in lines:
            line.update(raw="{}", headers={"ce_type": "reference.changed"})
        return lines

    def count(self):
        return self.ask("SELECT count(*) FROM log.dead_letter WHERE code ="
                        " 'misrouted' AND convert_from(key, 'UTF8') IN (%s)"
                        % self.in_ids(), 0)


class Repeated(OfWords):
    """The same command many times: it takes effect, or is refused, once."""
    name, sentence = "repeated", "%d repeats left out"
    SEEN = "SELECT sum(seen) FROM log.consumer WHERE service = 'ledger'"

    def make(self):
        self.before = self.ask(self.SEEN, 0)
        return [faults.post(0)] * 5

    def count(self):
        return self.ask(self.SEEN, 0) - self.before


class Late(OfWords):
    """Ids of a hundred days ago."""
    name, sentence = "very late", "%d refused as too old"

    def make(self):
        lines = [faults.post(n) for n in range(3)]
        for line in lines:
            line["id"] = older(line["id"])
        return lines

    def count(self):
        return self.ask("SELECT count(*) FROM log.entry WHERE type ="
                        " 'ledger.refused' AND data LIKE '%%too_old%%'"
                        " AND cause IN (%s)" % self.in_ids(), 0)


def older(one):
    """The id of a command that was made long before."""
    number = uuid.UUID(one).int
    return str(uuid.UUID(int=number - (LATE_MS << 80)))


FAULTS = (Poison, Misrouted, Repeated, Late)
