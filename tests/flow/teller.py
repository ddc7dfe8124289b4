"""What tells a story: who is in it, what a step is, lanes of its whistle."""
from dataclasses import dataclass
from fractions import Fraction

from tests.stage.servers import TOP

from .people import People

SAMPLES = TOP / "schemas" / "reference" / "sample"
BORN = "2026-03-02T08:30+08:00"     # a Monday
DISTRICT, STREET, HOME = "530103", "530103003000", "530103003001"
OTHER_STREET = "530103004000"

RESIDENT = "resident//li-xiuying"
COMMUNITY = "community/%s/wang-min" % HOME
CLERK = "street_clerk/%s/zhao-lei" % STREET
LEAD = "street_lead/%s/chen-gang" % STREET
OTHER_CLERK = "street_clerk/%s/sun-li" % OTHER_STREET
DISPATCH = "district_dispatch/%s/liu-yang" % DISTRICT
OPERATOR = "operator//ops"


@dataclass
class Step:
    """What happened, for people: when, in Chinese, in English."""
    at: str
    zh: str
    en: str

    def __str__(self):
        return "  %s  %s\n               %s" % (self.at, self.zh, self.en)


@dataclass
class Part:
    """A heading of the story."""
    zh: str
    en: str

    def __str__(self):
        return "\n%s / %s" % (self.zh, self.en)


def check(actual, expected, what):
    if actual != expected:
        raise AssertionError("%s: %r, expected %r" % (what, actual, expected))


def held(page):
    """The lanes of a page that have an officer."""
    return [lane for lane in page["items"] if lane["holder"]]


def load_samples(cell):
    """Rosters and partners, as a new cell has them at its birth."""
    for path in sorted(SAMPLES.glob("*.ndjson")):
        cell.baodao("replay", path)


class Teller:
    """Holds what every part of a story uses; whistle is the one it is
    about."""

    def __init__(self, cell):
        self.cell, self.people = cell, People(cell)
        self.say, self.see = self.people.say, self.people.see
        self.clock, self.whistle = BORN, None

    def step(self, zh, en):
        return Step(self.clock[5:16].replace("T", " "), zh, en)

    def time_is(self, clock):
        self.cell.baodao("time", "to", clock)
        self.clock = clock

    def lane(self, office, who=DISPATCH):
        return self.see(who, self.lane_path(office))

    def lane_path(self, office, word=""):
        return "/v1/tasks/%s/1/%s%s" % (self.whistle, office, word)

    def holder(self, office):
        """Who holds the office's lane now, as one who speaks."""
        return "officer/%s/%s" % (office, self.lane(office)["holder"])

    def at_lane(self, who, office, word, body=None, state=None):
        """Says a word about a lane and looks at what it is then."""
        self.say(who, self.lane_path(office, "/" + word), body)
        lane = self.lane(office)
        if state:
            check(lane["state"], state, "%s after %s" % (office, word))
        return lane

    def least_loaded(self, office):
        """Officers of whom none has less open for their capacity."""
        officers = self.see(DISPATCH, "/v1/officers?limit=200&office="
                            + office)["items"]
        lanes = self.see(DISPATCH, "/v1/tasks?limit=200&open=true&office="
                         + office)["items"]
        load = {o["officer"]: Fraction(
                    sum(l["holder"] == o["officer"] for l in lanes),
                    o["capacity"])
                for o in officers if o["on_duty"] and not o["on_leave"]}
        return {o for o in load if load[o] == min(load.values())}
