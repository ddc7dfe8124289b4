"""A storm day as lines for `baodao replay`: what two weeks brought, on one day.

    python3 -m tests.stage.storm FILE [--part N]

writes FILE (every N-th place of it) and prints what must come of it. The
arrivals are real (schemas/reference/sample/storm/README.md), the rest is
sample data made from a seed: the same words always give the same bytes.

A line is a command with all that it needs, {"wait": true} where what follows
needs that another worker has folded what came before, or a command whose
raw bytes stand in for its data: a mistake that must not stop anybody.
"""
import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from datetime import datetime

from .servers import TOP
from .storm_lanes import Lanes
from .storm_mistakes import make_mistakes, spread
from .storm_script import HOUR, MINUTE, SECOND, Script

REFERENCE = TOP / "schemas" / "reference"
SAMPLE = REFERENCE / "sample" / "storm"
DAY = "2026-03-10"
WHISTLES = 360          # of the whole day; a part has its part
OPENS, LAST = 8 * HOUR, 24 * HOUR - 5 * MINUTE
DECLINES = ("litigation", "petition", "emergency_line", "finished",
            "others_result")


def write(path, part=1, day=DAY):
    """Writes the day, or one place in `part`; gives what is expected:
    {"lines", "waits", "said": {type: n}, "refused": {code: n},
    "dead": {code: n}, "repeated": n, "issues": {state: n},
    "whistles": {state: n}, "lanes": {state: n}}."""
    script = Script(day, seed=part)
    storm = Storm(script, part)
    storm.play()
    script.write(path)
    return storm.expected()


def whistles(count, path, at="2026-03-10T08:00:00+08:00", seed=2):
    """Writes `count` whistles that nobody must approve, of two or three
    offices each, a millisecond apart. Gives {"whistles": n, "lanes": n}."""
    day, clock = at[:10], datetime.fromisoformat(at)
    first = (clock.hour * HOUR + clock.minute * MINUTE
             + clock.second * SECOND)
    script, tables = Script(day, seed), Tables()
    rolls = [(matter, roll) for matter, roll in sorted(tables.duties.items())
             if matter in tables.classes and 2 <= len(roll) <= 3]
    communities = [code for code in sorted(tables.names)
                   if len(code) == 12 and not code.endswith("000")]
    lanes = 0
    for i in range(count):
        matter, roll = rolls[i % len(rolls)]
        region = communities[i % len(communities)]
        street = street_of(region)
        lanes += len(roll)
        script.say(first + i, "whistle.draft", None,
                   "street_clerk/%s/%s" % (street, tables.officers[street][0]),
                   {"kind": "emergency", "matter": matter, "region": region,
                    "street": street, "lead": roll[0], "assists": roll[1:],
                    "facts": "第%d次呼叫(样例)" % (i + 1), "submit": True})
    script.write(path)
    return {"whistles": count, "lanes": lanes}


def street_of(region):
    return region[:9] + "000" if len(region) > 6 else region


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Tables:
    """What the repository says of places, matters, offices and words."""

    def __init__(self):
        self.names = {row["code"]: row["name"]
                      for row in read_csv(REFERENCE / "regions.csv")}
        self.classes = {row["code"]: row["issue_class"]
                        for row in read_csv(REFERENCE / "matters.csv")}
        self.duties = {row["matter"]: [row["lead"], *row["assists"].split()]
                       for row in read_csv(REFERENCE / "duties.csv")}
        self.stages = defaultdict(list)
        for row in read_csv(REFERENCE / "matter_limits.csv"):
            if row["follow"]:
                self.stages[row["code"]].append(row["stage"])
        self.categories = {row["code"]: row
                           for row in read_csv(SAMPLE / "categories.csv")}
        self.places = {(row["district"], row["village"]): row["region"]
                       for row in read_csv(SAMPLE / "places.csv")}
        self.texts = {row["use"]: row["text"]
                      for row in read_csv(SAMPLE / "texts.csv")}
        self.officers = defaultdict(list)
        with open(REFERENCE / "sample" / "rosters.ndjson",
                  encoding="utf-8") as file:
            for line in file:
                duty = json.loads(line)["data"]
                self.officers[duty["office"]].append(duty["officer"])

    def roll(self, matter):
        """Lead and assists: the longest prefix of the matter decides."""
        for size in range(len(matter), -1, -1):
            if matter[:size] in self.duties:
                return self.duties[matter[:size]]
        raise KeyError(matter)


class Issue:
    """One request, and how far its story has come."""

    def __init__(self, id, at, row, home, region):
        self.id, self.row, self.home, self.region = id, row, home, region
        self.street, self.last = street_of(region), at
        self.state, self.closed = "received", None

    def is_open(self, at):
        return self.closed is None or at < self.closed


class Storm:
    """Two weeks' requests, each with a fate of its own."""

    def __init__(self, script, part):
        self.script, self.part, self.tables = script, part, Tables()
        self.issues, self.by_place = [], {}
        self.lanes = Lanes(script, self.tables)
        self.between = script.between

    def play(self):
        arrivals = self.arrivals()
        may = [n for n, (at, row) in enumerate(arrivals)
               if self.may_whistle(at, row)]
        wanted = max(8, WHISTLES // self.part)
        chosen = set(spread(may, wanted))
        for n, (at, row) in enumerate(arrivals):
            issue = self.raise_issue(at, row)
            if n in chosen:
                self.whistled_by_hand(issue)
            else:
                self.fate(issue)
        make_mistakes(self)

    def arrivals(self):
        """(instant, request) in order. What came before the desk opens lies
        there when it does: eight hours become ten minutes."""
        found = []
        for row in read_csv(SAMPLE / "requests.csv"):
            if int(row["place"]) % self.part:
                continue
            hour, minute, second = row["opened_at"][11:19].split(":")
            at = (int(hour) * HOUR + int(minute) * MINUTE
                  + int(second) * SECOND)
            if at < OPENS:
                at = OPENS + at // 48
            found.append((at + self.between(0, 999), row))
        return sorted(found, key=lambda one: one[0])

    def region_of(self, row):
        return self.tables.places[row["district"], row["village"]]

    def may_whistle(self, at, row):
        kind = self.tables.categories[row["category"]]["kind"]
        return kind and at < 14 * HOUR and len(self.region_of(row)) > 6

    # --- words

    def text(self, use):
        return self.tables.texts[use]

    def clerk(self, street, n=0, role="street_clerk"):
        return "%s/%s/%s" % (role, street, self.tables.officers[street][n])

    def desk(self, issue):
        """Who reads it: the community, the street, or the district."""
        if len(issue.region) == 6:
            return "district_dispatch/%s/dispatch-01" % issue.region
        if issue.region == issue.street:
            return self.clerk(issue.street)
        return "community/%s/desk-01" % issue.region

    def resident(self, issue):
        return "resident//sample-" + issue.row["place"]

    # --- the story of one

    def raise_issue(self, at, row):
        region = self.region_of(row)
        home = region if not region.endswith("000") else region[:6]
        category = self.tables.categories[row["category"]]
        place = self.tables.names[region]
        data = {"home": home, "matter": category["matter"],
                "title": category["title"].format(place=place),
                "text": category["text"].format(place=place), "place": place}
        if region != home:
            data["region"] = region
        issue = Issue(None, at, row, home, region)
        issue.raised, issue.matter = data, category["matter"]
        issue.id = self.script.say(at, "issue.raise", home,
                                   self.resident(issue), data)
        self.issues.append(issue)
        return issue

    def step(self, issue, verb, wait, state=None, actor=None, **data):
        """The next thing said of it, `wait` minutes (from, to) later. False
        when the day is over: it stays as it is."""
        at = issue.last + self.between(wait[0] * MINUTE, wait[1] * MINUTE)
        if at > LAST:
            return False
        self.script.say(at, "issue." + verb, issue.home,
                        actor or self.desk(issue), {"issue": issue.id, **data})
        issue.last, issue.state = at, state or issue.state
        if issue.state in ("declined", "merged", "closed", "voided"):
            issue.closed = at
        return True

    def fate(self, issue):
        roll = self.between(1, 1000)
        before = self.by_place.setdefault(
            (issue.row["place"], issue.row["category"], issue.home), issue)
        if roll <= 30:
            self.step(issue, "urge", (5, 60), actor=self.resident(issue),
                      note=self.text("urge_note"))
        if before is not issue and before.is_open(issue.last + HOUR):
            self.step(issue, "merge", (5, 60), "merged", into=before.id)
        elif roll > 960:
            pass                # nobody has come to it yet
        elif roll > 900:
            self.step(issue, "decline", (3, 60), "declined",
                      reason=self.script.random.choice(DECLINES),
                      note=self.text("decline_note"))
        elif roll > 870:
            self.asked(issue)
        else:
            self.taken(issue, roll)

    def asked(self, issue):
        if (self.step(issue, "ask", (3, 30), "needs_info",
                      question=self.text("question"))
                and self.between(0, 1)
                and self.step(issue, "supply", (10, 120), "received",
                              actor=self.resident(issue),
                              answer=self.text("supplied"))):
            self.taken(issue, self.between(1, 700))

    def accept(self, issue, wait):
        return self.step(issue, "accept", wait, "accepted",
                         matter=issue.matter,
                         **{"class": self.tables.classes[issue.matter]})

    def taken(self, issue, roll):
        """Accepted: it gets an answer, helps itself, is whistled, or waits."""
        if not self.accept(issue, (3, 60)):
            return
        kind = self.tables.categories[issue.row["category"]]["kind"]
        if roll > 840:
            lead = ("street_lead" if len(issue.region) > 6
                    else "district_lead")
            if roll > 865:
                self.step(issue, "void", (1, 30), "voided",
                          actor="%s/%s/lead-01" % (lead, issue.street),
                          why=self.text("void_why"))
        elif roll > 820 and kind and len(issue.region) > 6:
            self.whistled_by_route(issue, kind)
        elif roll > 420:
            self.answered(issue, "answered", (2, 60), (5, 180))
        else:
            self.answered(issue, "self_governed", (5, 60), (30, 240))

    def answered(self, issue, route, first, then):
        if (self.step(issue, "route", first, route, route=route,
                      answer=self.text(route))
                and self.step(issue, "handle", then, "handled",
                              answer=self.text("handled"))):
            self.called_back(issue)

    def called_back(self, issue):
        """Four of five are called today; one of six does not answer."""
        roll = self.between(1, 100)
        if roll > 80:
            return
        if roll > 67:
            self.step(issue, "callback", (20, 120), "callback")
        elif roll > 62:
            self.step(issue, "callback", (20, 120), "reopened",
                      contacted="yes", solved="no", satisfied="no",
                      note=self.text("callback_note"))
        else:
            self.step(issue, "callback", (20, 120), "closed",
                      contacted="yes", solved="partly" if roll > 55 else "yes",
                      satisfied="basically" if roll > 40 else "yes")

    def whistled_by_route(self, issue, kind):
        """Its id is the worker's: nobody answers it in this story."""
        if not self.step(issue, "route", (2, 30), "whistled", route="whistled",
                         whistle={"kind": kind, "facts": self.facts(issue),
                                  "tried": self.text("tried")}):
            return
        waits = kind != "emergency"
        self.lanes.whistles["awaiting_approval" if waits else "issued"] += 1
        if not waits:
            self.lanes.states["assigned"] += len(self.tables.roll(
                issue.matter))

    def facts(self, issue):
        return self.text("facts").format(
            place=self.tables.names[issue.region],
            number=issue.row["opened_at"][:10])

    def whistled_by_hand(self, issue):
        """The street itself whistles and answers when all have reported."""
        self.accept(issue, (2, 10))
        self.step(issue, "route", (1, 5), "answered", route="answered",
                  answer=self.text("whistled"))
        kind = self.tables.categories[issue.row["category"]]["kind"]
        ended = self.lanes.play(issue, kind, self.facts(issue))
        if ended:
            issue.last = ended
            if self.step(issue, "handle", (1, 10), "handled",
                         answer=self.text("handled")):
                self.called_back(issue)

    def expected(self):
        script = self.script
        return {"lines": len(script.lines), "waits": script.waits,
                "said": dict(script.said), "refused": dict(script.refused),
                "dead": dict(script.dead), "repeated": script.repeated,
                "issues": dict(Counter(one.state for one in self.issues)),
                "whistles": dict(self.lanes.whistles),
                "lanes": dict(self.lanes.states)}


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("file")
    parser.add_argument("--part", type=int, default=1)
    options = parser.parse_args(words)
    print(json.dumps(write(options.file, options.part), ensure_ascii=False,
                     indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
