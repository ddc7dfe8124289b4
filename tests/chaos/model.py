"""What must be answered to each command: the rules once more, from the
design's pages, for the words that the load says.

Folding Kafka's order takes away what concurrency leaves open: of two who said
the same at the same time the one whose command came first is right. What the
model does not know it does not judge: a word that it was not taught, or any
word about a thing of which such a word was said before.

A refusal is its code ("not_yours"), an effect the type of an event
("task.signed") or NOTHING. A set where more than one is right.
"""
import csv
import json
import uuid
from collections import Counter

from .rows import rows

NOTHING = ""
OLDEST_MS = 90 * 86400 * 1000       # of an id, before its message's instant
ANYTHING = None
DESK = ("community", "street_clerk", "street_lead", "district_dispatch")
STREET = ("street_clerk", "street_lead")
CALLED = ("officer", "office_lead", "community", *STREET)
DISTRICT = ("district_dispatch", "district_lead")


class Said:
    """A command as a rule sees it."""
    __slots__ = ("id", "type", "key", "data", "partition", "rows", "role",
                 "office", "person")

    def __init__(self, fold, record, group):
        self.id = record.header("ce_id").decode()
        self.type = record.header("ce_type").decode()
        self.key = (record.key or b"").decode()
        self.data = json.loads(record.value)
        self.partition, self.rows = fold.partition, group
        self.role, self.office, self.person = (
            record.header("ce_actor").decode() + "//").split("/")[:3]

    def holds(self, region):
        """The actor's office is that region or one above it."""
        return holds(self.office, region)

    @property
    def made_ms(self):
        return uuid.UUID(self.id).int >> 80

    @property
    def is_district(self):
        return self.role in DISTRICT


def holds(outer, inner):
    if not outer.isdigit() or len(outer) not in (6, 12, 15):
        return False
    part = outer[:9] if len(outer) == 12 and outer.endswith("000") else outer
    return inner.startswith(part) and len(inner) >= len(outer)


class Tables:
    """What the reference data names."""

    def __init__(self, folder):
        self.regions = names(folder, "regions.csv")
        self.matters = names(folder, "matters.csv")
        self.offices = names(folder, "offices.csv") | self.regions
        self.kinds = {row["code"]: row for row in read(folder, "kinds.csv")}
        self.reasons = {(row["list"], row["code"])
                        for row in read(folder, "reasons.csv")}


def read(folder, name):
    with open(folder / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(folder, name):
    return {row["code"] for row in read(folder, name)}


class Unknown(Exception):
    """The model was not taught this, or has lost track of the thing."""


class Model:
    """Each worker's rules are an object with `say(said)`, which gives what is
    right and takes the step; `forget(said)`, after which it judges the thing
    no more; `states()`, thing -> state, of those that it knows."""

    def __init__(self, schemas):
        from .rules_issue import Issues
        from .rules_lane import Lanes
        from .rules_match import Ledger, Needs
        from .rules_whistle import Whistles
        tables = Tables(schemas / "reference")
        self.rules = {"issue.commands": Issues(tables),
                      "whistle.commands": Whistles(tables),
                      "task.commands": Lanes(tables),
                      "match.commands": Needs(tables),
                      "ledger.commands": Ledger()}
        self.judged = Counter()

    def fold(self, fold, record, group, refused):
        """The next command that had an effect or was refused."""
        rules, said = self.rules[fold.topic], Said(fold, record, group)
        try:
            right = ("too_old" if said.made_ms < fold.at_us // 1000 - OLDEST_MS
                     else rules.say(said))
        except (Unknown, KeyError):
            right = ANYTHING
        self.judged[right is not ANYTHING] += 1
        if right is ANYTHING:
            rules.forget(said)
            return
        right = {right} if isinstance(right, str) else right
        got = refused or {(row.type or b"").decode() for row in group}
        if not right & ({got} if refused else got):
            fold.found("model", "%s %s at offset %d of %s by %s/%s: %s, but "
                       "right is %s", said.type, said.id, record.offset, fold,
                       said.role, said.office, refused or sorted(got),
                       " or ".join(sorted(right)) or "nothing")
            rules.forget(said)

    def __str__(self):
        return "the model has judged %d commands of %d" % (
            self.judged[True], self.judged[True] + self.judged[False])

    def check_states(self, stage, found):
        """Where each thing must stand after all that was said."""
        for rules in self.rules.values():
            if not rules.TABLE:
                continue
            ours, seen = rules.states(), 0
            for thing, state in rows(stage, rules.TABLE):
                right = ours.get(thing.decode())
                seen += right is not None
                if right and state.decode() != right:
                    found("model", "%s %s is %s, it must be %s",
                          rules.THING, thing.decode(), state.decode(), right)
            if seen < len(ours):
                found("model", "%d of %d things that must be there are not: "
                      "%s", len(ours) - seen, len(ours), rules.THING)
