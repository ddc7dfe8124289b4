"""What track answers."""
from .model import CALLED, DISTRICT, NOTHING, STREET, Unknown

AFTER = {"signed", "contacted", "arrived", "working", "rework"}
ENDED = {"accepted", "reassigned", "cancelled", "excused"}
# word: who may say it, whose it is, from which states to which, what is said
WORDS = {
    "sign": (CALLED, "office", {"assigned"}, "signed", "task.signed"),
    "contact": (CALLED, "office", {"signed"}, "contacted", "task.contacted"),
    "arrive": (CALLED, "office", {"signed", "contacted"}, "arrived",
               "task.arrived"),
    "start": (CALLED, "office", AFTER - {"working"}, "working",
              "task.started"),
    "report": (CALLED, "office", AFTER, "reported", "task.reported"),
    "accept": (STREET, "street", {"reported"}, "accepted", "task.accepted"),
    "rework": (STREET, "street", {"reported"}, "rework", "task.reworked"),
}
# word: what must have been done before
NEEDS = {"arrive": {"contacted"}, "start": {"contacted", "arrived"},
         "report": {"contacted", "arrived"}}


class Lane:
    __slots__ = ("state", "role", "region", "street", "done")

    def __init__(self, assign, lane):
        self.state, self.role, self.done = "assigned", lane["role"], set()
        self.region, self.street = assign["region"], assign["street"]


class Lanes:
    """Rounds of whistles: (whistle, round) -> office -> lane; None: one of
    which the model has lost track."""
    THING = "lane"
    TABLE = ("SELECT whistle || '/' || round || '/' || office, state"
             " FROM track.lane")

    def __init__(self, tables):
        self.tables, self.rounds = tables, {}

    def states(self):
        return {"%s/%d/%s" % (*place, office): lane.state
                for place, lanes in self.rounds.items() if lanes
                for office, lane in lanes.items()}

    def forget(self, said):
        place = (said.data.get("whistle"), said.data.get("round"))
        if said.type == "clock.passed" or said.type == "reference.changed":
            return              # clocks take no lane to another state
        if place in self.rounds:
            self.rounds[place] = None

    def say(self, said):
        word = said.type.partition(".")[2]
        if said.type == "task.assign":
            return self.assign(said)
        if said.type == "task.cancel":
            return self.cancel(said)
        if said.type == "task.hand":        # Redis chooses: no rule does
            return {NOTHING, "task.handed", "no_such_lane"}
        if word not in WORDS:
            raise Unknown()
        return self.word(said, word)

    def assign(self, said):
        data = said.data
        place = (data["whistle"], data["round"])
        lanes = self.rounds.setdefault(place, {})
        if lanes is None or any("replaces" in lane for lane in data["lanes"]):
            raise Unknown()
        fresh = [lane for lane in data["lanes"] if lane["office"] not in lanes]
        for lane in fresh:
            lanes[lane["office"]] = Lane(data, lane)
        return "task.assigned" if fresh else NOTHING

    def cancel(self, said):
        lanes = self.rounds[said.data["whistle"], said.data["round"]]
        if lanes is None:
            raise Unknown()
        open = [lane for lane in lanes.values() if lane.state not in ENDED]
        for lane in open:
            lane.state = "cancelled"
        return "task.cancelled" if open else {"whistle.lane"}

    def word(self, said, word):
        roles, owner, states, to, event = WORDS[word]
        if said.role not in roles:
            return "not_allowed"
        place = (said.data["whistle"], said.data["round"])
        if said.key != said.data["whistle"]:
            raise Unknown()
        lanes = self.rounds.get(place, {})
        if lanes is None:
            raise Unknown()
        office = said.data["office"]
        lane = lanes.get(office)
        if not lane:
            return "no_such_lane"
        whose = office if owner == "office" else lane.street
        if said.office != whose and not (said.role in DISTRICT
                                         and said.holds(lane.region)):
            return "other_office"
        if lane.state not in states:
            return "illegal_transition"
        if NEEDS.get(word, set()) - lane.done:
            return "stage_missing"
        if word == "report" and lane.role == "lead" and any(
                other.state not in ENDED | {"reported"}
                for name, other in lanes.items() if name != office):
            return "assists_open"
        lane.state = to
        lane.done.add(to)
        return event
