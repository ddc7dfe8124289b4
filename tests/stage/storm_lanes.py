"""Whistles of the storm day, from draft to the last lane accepted."""
from collections import Counter

from .storm_script import MINUTE, SECOND

QUARTER = 15 * MINUTE
SKETCH = 18             # every so many whistles one is stopped, two ways


class Lanes:
    """The people of streets and offices, whistle by whistle.

    A street drafts at the end of a quarter of an hour and the offices sign in
    the next: so one wait a quarter is enough for all of them.
    """

    def __init__(self, script, tables):
        self.script, self.tables = script, tables
        self.whistles, self.states = Counter(), Counter()
        self.all = []

    def play(self, issue, kind, facts):
        """Gives the instant when its last lane was accepted; None when it
        was stopped before."""
        whistle = Whistle(self, issue, kind)
        self.all.append(whistle)
        whistle.draft(facts)
        fate = len(self.all) % SKETCH
        if kind == "emergency":
            whistle.issued = whistle.drafted
        elif fate == 7:
            return whistle.reject()
        else:
            whistle.approve()
        if fate == 11:
            return whistle.cancel()
        self.whistles["closed"] += 1
        self.states["accepted"] += len(whistle.roll)
        return whistle.run()


class Whistle:
    """One of them."""

    def __init__(self, lanes, issue, kind):
        self.lanes, self.issue, self.kind = lanes, issue, kind
        self.script, self.street = lanes.script, issue.street
        self.between, self.texts = lanes.script.between, lanes.tables.texts
        self.officers = lanes.tables.officers
        self.roll = lanes.tables.roll(issue.matter)
        self.issued, self.signed, self.working = None, {}, {}

    # --- the street

    def clerk(self):
        return "street_clerk/%s/%s" % (self.street,
                                       self.officers[self.street][0])

    def lead(self):
        return "street_lead/%s/%s" % (self.street,
                                      self.officers[self.street][1])

    def draft(self, facts):
        end = (self.issue.last // QUARTER + 1) * QUARTER
        self.drafted = end - self.between(70 * SECOND, 180 * SECOND)
        if self.drafted <= self.issue.last:
            self.drafted += QUARTER
        self.by_lead = len(self.lanes.all) % SKETCH == 3
        self.id = self.script.say(
            self.drafted, "whistle.draft", None,
            self.lead() if self.by_lead else self.clerk(),
            {"kind": self.kind, "matter": self.issue.matter,
             "region": self.issue.region, "street": self.street,
             "facts": facts, "tried": self.texts["tried"],
             "lead": self.roll[0], "assists": self.roll[1:], "submit": True})

    def say(self, at, verb, actor, **more):
        self.script.say(at, "whistle." + verb, self.id, actor,
                        {"whistle": self.id, **more.pop("data", {})}, **more)

    def approve(self):
        """Never by whom drafted it: then the district's eyes are the second
        pair."""
        approver = self.lead()
        if self.by_lead:
            self.say(self.drafted + SECOND, "approve", approver,
                     refused="same_person")
            approver = "district_dispatch/%s/dispatch-01" % self.street[:6]
        self.issued = self.drafted + self.between(5 * SECOND, 60 * SECOND)
        self.say(self.issued, "approve", approver,
                 data={"note": self.texts["approve_note"]})

    def reject(self):
        self.say(self.drafted + 40 * SECOND, "reject",
                 "district_dispatch/%s/dispatch-01" % self.street[:6],
                 data={"reason": "street_can_solve"})
        self.lanes.whistles["rejected"] += 1

    def cancel(self):
        self.say(self.issued + self.between(1 * MINUTE, 10 * MINUTE),
                 "cancel", self.clerk(),
                 data={"why": self.texts["cancel_why"]})
        self.lanes.whistles["cancelled"] += 1
        self.lanes.states["cancelled"] += len(self.roll)

    # --- the offices

    def officer(self, office):
        own = self.officers[office]
        return "officer/%s/%s" % (office, own[len(self.lanes.all) % len(own)])

    def task(self, at, verb, office, actor=None, refused=None, **data):
        """All of a whistle lie in one partition: only what first needs its
        lanes waits for them."""
        self.script.say(at, "task." + verb, self.id,
                        actor or self.officer(office),
                        {"whistle": self.id, "round": 1, "office": office,
                         **data}, after=self.issued, refused=refused)
        return at

    def later(self, at, least, most):
        return at + self.between(least * MINUTE, most * MINUTE)

    def go(self, office):
        """Signs, calls, drives there, begins."""
        due = (self.issued // QUARTER + 1) * QUARTER
        late = self.between(1, 10) == 1
        at = self.signed[office] = self.task(
            self.later(due, *((65, 90) if late else (0, 12))), "sign", office,
            note=self.texts["sign_note"])
        at = self.task(self.later(at, 2, 15), "contact", office,
                       note=self.texts["contact_note"])
        at = self.task(self.later(at, 5, 40), "arrive", office,
                       note=self.texts["arrive_note"])
        self.working[office] = self.task(self.later(at, 1, 5), "start", office)

    def report(self, at, office):
        return self.task(
            at, "report", office, internal=self.texts["internal"],
            answer=self.texts["answer"],
            received_at=self.script.time(self.signed[office]),
            contacted=self.texts["contacted"], measure=self.texts["measure"],
            limit_note=self.texts["limit_note"])

    def accept(self, at, office):
        return self.task(at, "accept", office, self.clerk(),
                         score_report_in=self.between(80, 100),
                         score_handling=self.between(70, 100),
                         score_result=self.between(70, 100),
                         note=self.texts["accept_note"])

    def rework(self, at, office):
        at = self.task(at, "rework", office, self.clerk(),
                       why=self.texts["rework_why"])
        at = self.task(self.later(at, 5, 20), "start", office)
        return self.report(self.later(at, 10, 40), office)

    def run(self):
        """All offices at once; the lead reports last."""
        for office in self.roll:
            self.go(office)
        ends, last = [], self.working[self.roll[0]]
        for office in self.roll[1:]:
            at = self.report(self.later(self.working[office], 20, 120), office)
            last = max(last, at)
            ends.append(self.accept(self.later(at, 5, 40), office))
        for stage in self.lanes.tables.stages[self.issue.matter]:
            last = self.task(self.later(last, 5, 20), "complete_stage",
                             self.roll[0], stage=stage)
        at = self.report(self.later(last, 5, 60), self.roll[0])
        if self.between(1, 20) == 1:
            at = self.rework(self.later(at, 2, 10), self.roll[0])
        ends.append(self.accept(self.later(at, 5, 40), self.roll[0]))
        return max(ends)
